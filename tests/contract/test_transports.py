"""One contract, all transports. On CPython: the SDK, a function, the demo. In Pyodide: fetch in place of the SDK.

The SDK and fetch carry two APIs: chat completions, and Anthropic's.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any, TypeVar

import pytest

from chatwidget import (
    ChatRequest,
    ConnectError,
    DemoModel,
    ServerError,
    StreamInterruptedError,
    Transport,
    TransportError,
)
from chatwidget._connection.resolve import for_endpoint, for_function
from chatwidget._secrets.keys import Secret, conceal_headers
from chatwidget._transports.endpoint import Endpoint
from chatwidget._transports.models.facts import ModelFacts
from chatwidget._wire.anthropic import ANTHROPIC
from tests.contract.run import run
from tests.contract.scenarios import ERROR_TEXT, LOST_TEXT, SCENARIOS, Scenario

T = TypeVar("T")

NETWORK = "fetch" if sys.platform == "emscripten" else "openai"
ANTHROPICS = f"{NETWORK}-anthropic"
KINDS = [NETWORK, ANTHROPICS, "function", "demo"]

COMPLETE = [name for name, scenario in SCENARIOS.items() if scenario.ending == "complete"]
FAILURES = [
    (kind, name)
    for kind in KINDS
    for name, scenario in SCENARIOS.items()
    # The demo model follows its script; it can break off, but it reports no errors.
    if scenario.ending == "cut" or (scenario.ending == "error" and kind != "demo")
]


class Over:
    """A transport to the model of each scenario; `left` is set when a function that hangs was left."""

    def __init__(self, kind: str, base_url: str = "") -> None:
        self.kind = kind
        self.base_url = base_url
        self.left = asyncio.Event()
        api = ANTHROPIC if kind == ANTHROPICS else None
        self._network = for_endpoint(Endpoint(base_url), api) if base_url else None

    def to(self, name: str) -> Transport:
        scenario = SCENARIOS[name]
        if self._network is not None:
            return self._network
        return _demo(scenario) if self.kind == "demo" else for_function(self._function(scenario))

    async def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The coroutine's result, in no more than seconds, with everything closed behind it."""
        try:
            async with asyncio.timeout(10):
                return await coroutine
        finally:
            if self._network is not None:
                await self._network.aclose()

    def _function(self, scenario: Scenario):
        async def answer(_messages):
            for piece in scenario.pieces:
                yield piece
            if scenario.ending == "cut":
                raise StreamInterruptedError(LOST_TEXT)
            if scenario.ending == "error":
                raise TransportError(ERROR_TEXT)
            if scenario.ending == "hang":
                try:
                    await asyncio.Event().wait()
                finally:
                    self.left.set()

        return answer


def _demo(scenario: Scenario) -> DemoModel:
    if scenario.ending == "complete":
        return DemoModel([scenario.pieces], delay=0)
    if scenario.ending == "cut":
        return DemoModel([(*scenario.pieces, "never")], delay=0, fail_at=len(scenario.pieces))
    return DemoModel([scenario.pieces + ("more",) * 10_000], delay=0.001)


@pytest.fixture
def over(request: pytest.FixtureRequest) -> Over:
    kind = request.param
    if kind not in {NETWORK, ANTHROPICS}:
        return Over(kind)
    # In the browser the server runs elsewhere, in the process that drives it.
    return Over(kind, os.environ.get("CHATWIDGET_TEST_SERVER") or serving(request.getfixturevalue("server")))


each_transport = pytest.mark.parametrize("over", KINDS, indirect=True)


def ask(name: str, timeout: float | None = None) -> ChatRequest:
    return ChatRequest([{"role": "user", "content": "x"}], name, timeout=timeout)


async def collect(over: Over, name: str, into: list[str], timeout: float | None = None) -> list:  # noqa: ASYNC109 the request's
    deltas = []
    async with aclosing(over.to(name).stream(ask(name, timeout))) as stream:
        async for delta in stream:
            deltas.append(delta)
            into.append(delta.content)
    return deltas


@each_transport
@pytest.mark.parametrize("name", COMPLETE)
def test_the_text_arrives_whole_and_in_pieces(over, name):
    texts = []
    run(over.run(collect(over, name, texts)))
    assert [text for text in texts if text] == list(SCENARIOS[name].pieces)


@pytest.mark.parametrize(("over", "name"), FAILURES, indirect=["over"])
def test_a_failure_comes_as_an_error_after_the_text_before_it(over, name):
    texts = []
    scenario = SCENARIOS[name]
    with pytest.raises(StreamInterruptedError if scenario.ending == "cut" else TransportError) as caught:
        run(over.run(collect(over, name, texts)))
    assert "".join(texts) == "".join(scenario.pieces)
    assert scenario.ending == "cut" or ERROR_TEXT in str(caught.value)


@pytest.mark.parametrize("over", [NETWORK], indirect=True)
@pytest.mark.parametrize("name", ["unended", "unended-sized"])
def test_at_the_end_of_a_body_a_whole_event_counts_without_a_blank_line(over, name):
    """Fails where `AnswerDecoder.close` drops what `SSEDecoder` holds."""
    texts = []
    run(over.run(collect(over, name, texts)))
    assert "".join(texts) == "Hello"


@pytest.mark.parametrize("over", [NETWORK], indirect=True)
@pytest.mark.parametrize("name", ["unended-cut", "unended-short"])
def test_a_connection_lost_after_a_whole_event_without_a_blank_line_is_a_cut(over, name):
    texts = []
    with pytest.raises(StreamInterruptedError):
        run(over.run(collect(over, name, texts)))
    assert "".join(texts) == "Hello"


@each_transport
def test_the_next_request_after_a_failure_works(over):
    async def twice():
        texts = []
        with pytest.raises(StreamInterruptedError):
            await collect(over, "cut", [])
        await collect(over, "plain", texts)
        return texts

    assert "".join(run(over.run(twice()))) == "Hello, world"


@each_transport
def test_turns_at_the_same_time_do_not_mix(over):
    async def both():
        one, two = [], []
        await asyncio.gather(collect(over, "long", one), collect(over, "unicode", two))
        return "".join(one), "".join(two)

    assert run(over.run(both())) == tuple("".join(SCENARIOS[name].pieces) for name in ("long", "unicode"))


@pytest.mark.parametrize("over", [NETWORK, ANTHROPICS], indirect=True)
def test_r02_a_server_that_falls_silent_is_given_up(over):
    """Fails where a transport leaves `request.timeout` out."""

    async def silences():
        texts = []
        with pytest.raises(StreamInterruptedError, match="nothing more before the timeout"):
            await collect(over, "hang", texts, 0.5)
        with pytest.raises(ConnectError, match="did not answer in time") as caught:
            await collect(over, "mute", texts, 0.5)
        assert caught.value.code == "no_answer"
        await collect(over, "slow", texts, 0.5)
        return "".join(texts)

    assert run(over.run(silences())) == "HelloHello"


@pytest.mark.parametrize("over", [NETWORK], indirect=True)
def test_what_a_model_does_not_take_is_sent_otherwise_and_told(over):
    """Fails where a transport asks `respond` of `retry` rather than that of its `ParameterAdapter`."""

    async def ask_twice():
        params, told, texts = {"max_tokens": 9, "temperature": 0.2, "top_k": 1, "reasoning_effort": "low"}, [], []
        request = ChatRequest([{"role": "user", "content": "x"}], "picky", params, on_notice=told.append)
        for _ in range(2):
            deltas = [delta async for delta in over.to("plain").stream(request)]
            texts.append("".join(delta.content for delta in deltas))
        return texts, told

    texts, told = run(over.run(ask_twice()))
    sent = {"max_completion_tokens": 9, "model": "picky", "reasoning_effort": "low", "stream": True}
    assert [json.loads(text) for text in texts] == [sent, sent]
    assert told == [f"picky does not accept {name}, so it was left out." for name in ("temperature", "top_k")]


@pytest.mark.parametrize("over", [NETWORK], indirect=True)
@pytest.mark.parametrize(
    ("model", "shown"), [("stubborn", r"with top_p are not supported for stubborn\)"), ("fickle", ERROR_TEXT)]
)
def test_what_was_left_out_in_vain_is_not_told(over, model, shown):
    """Fails where the notice is not left for the answer to confirm."""
    told = []

    async def fail():
        request = ChatRequest([{"role": "user", "content": "x"}], model, {"top_p": 0.5}, on_notice=told.append)
        for _ in range(2):
            with pytest.raises(ServerError, match=shown):
                _ = [delta async for delta in over.to("plain").stream(request)]

    run(over.run(fail()))
    assert told == []


async def mirrored(endpoint: Endpoint, **params: object) -> dict:
    """What a server sees of a request to `endpoint`."""
    transport = for_endpoint(endpoint)
    request = ChatRequest([{"role": "user", "content": "x"}], "mirror", params)
    try:
        return json.loads("".join([delta.content async for delta in transport.stream(request)]))
    finally:
        await transport.aclose()


@pytest.mark.parametrize("over", [NETWORK], indirect=True)
@pytest.mark.parametrize(
    ("suffix", "query"),
    [
        ("?api-version=preview", [["api-version", "preview"]]),
        ("/?a=b%26c&d=e%20f&g=", [["a", "b&c"], ["d", "e f"], ["g", ""]]),
        ("?tag=1&tag=2#part", [["tag", "1"], ["tag", "2"]]),
        ("/#part", []),
        ("?", []),
    ],
)
def test_l_a_query_in_the_address_comes_after_the_path(over, suffix, query):
    """Fails where a path is put behind the whole address."""
    seen = run(mirrored(Endpoint(over.base_url + suffix)))
    assert (seen["path"], seen["query"]) == ("/v1/chat/completions", query)


@pytest.mark.parametrize("over", [NETWORK], indirect=True)
def test_l_the_models_are_found_behind_a_query(over):
    async def look():
        transport = for_endpoint(Endpoint(f"{over.base_url}?api-version=preview"))
        try:
            return await transport.models(), await transport.describe("told")
        finally:
            await transport.aclose()

    names, facts = run(look())
    assert names == ["told", "untold"]
    assert facts == ModelFacts(4096, (1.0, 2.0))


@pytest.mark.parametrize("over", [NETWORK], indirect=True)
def test_headers_of_a_chat_go_with_each_request(over):
    headers = conceal_headers({"X-Tenant": "blue", "API-Key": "gateway-key\n"})
    seen = run(mirrored(Endpoint(over.base_url, Secret("the-key"), headers)))
    assert seen["headers"] == {"authorization": "Bearer the-key", "x-tenant": "blue", "api-key": "gateway-key"}
    assert seen["body"] == {"model": "mirror", "stream": True, "stream_options": {"include_usage": True}}
    seen = run(mirrored(Endpoint(over.base_url, Secret("the-key"), conceal_headers({"authorization": "Basic abc"}))))
    assert seen["headers"] == {"authorization": "Basic abc"}


@pytest.mark.parametrize("over", [NETWORK], indirect=True)
def test_what_is_extra_means_what_it_means_in_the_sdk(over):
    """Fails where `extra_headers`, `extra_query` or `extra_body` go into the body as they are."""
    endpoint = Endpoint(f"{over.base_url}?a=1&b=2", Secret("the-key"), conceal_headers({"x-team": "blue"}))
    extra = {
        "extra_headers": {"X-Team": "red", "X-Tenant": "7", "AUTHORIZATION": "Bearer other"},
        "extra_query": {"b": "3", "flag": True, "many": [1, "two"], "deep": {"er": None, "est": False}},
        "extra_body": {"temperature": 0.5, "nested": {"a": [1]}},
    }
    seen = run(mirrored(endpoint, temperature=1, **extra))
    assert seen["headers"] == {"authorization": "Bearer other", "x-team": "red", "x-tenant": "7"}
    query = [["a", "1"], ["b", "3"], ["flag", "true"], ["many[]", "1"], ["many[]", "two"], ["deep[est]", "false"]]
    assert sorted(seen["query"]) == sorted(query)
    usual = {"model": "mirror", "stream": True, "stream_options": {"include_usage": True}}
    assert seen["body"] == {**usual, "temperature": 0.5, "nested": {"a": [1]}}
    seen = run(mirrored(endpoint, extra_headers=None, extra_query={}, extra_body=None))
    assert (seen["query"], seen["body"]) == ([["a", "1"], ["b", "2"]], usual)


@pytest.mark.parametrize("over", [NETWORK], indirect=True)
def test_what_a_server_tells_of_its_models(over):
    async def look_at_both():
        return [await over.to("plain").describe(name) for name in ("told", "untold")]

    assert run(over.run(look_at_both())) == [ModelFacts(4096, (1.0, 2.0)), ModelFacts()]


@pytest.mark.parametrize("over", [NETWORK], indirect=True)
def test_what_an_answer_cannot_do_without_is_not_left_out(over):
    request = ChatRequest([{"role": "user", "content": "x"}], "picky", {"tools": [{}], "stream_options": None})

    async def ask_for_tools():
        return [delta async for delta in over.to("plain").stream(request)]

    with pytest.raises(ServerError, match="tools are not supported"):
        run(over.run(ask_for_tools()))


@each_transport
@pytest.mark.parametrize("how", ["leave", "cancel"])
def test_r04_leaving_early_ends_at_once(over, how):
    run(over.run(leave(over) if how == "leave" else cancel(over)))


def test_a_function_hears_that_it_was_left():
    over = Over("function")

    async def cancel_and_hear():
        await cancel(over)
        await over.left.wait()

    run(over.run(cancel_and_hear()))


async def leave(over: Over) -> None:
    async with aclosing(over.to("hang").stream(ask("hang"))) as stream:
        async for delta in stream:
            if delta.content:
                return


async def cancel(over: Over) -> None:
    texts = []
    task = asyncio.ensure_future(collect(over, "hang", texts))
    while not "".join(texts).startswith("Hello"):  # noqa: ASYNC110 what fills it knows of no event
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def serving(server) -> str:
    from tests.contract.serve import serve_scenarios  # noqa: PLC0415 the browser has no such server

    serve_scenarios(server)
    return server.base_url
