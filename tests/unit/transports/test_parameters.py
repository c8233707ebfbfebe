"""Which parameters are sent to which server, and what is made of its refusals."""

from __future__ import annotations

import json

import pytest

from chatwidget import ChatRequest, ServerError
from chatwidget._conversation.messages import Delta
from chatwidget._transports.failures.http_status import status_error
from chatwidget._transports.parameters import ParameterAdapter
from tests.contract.run import run


class Server:
    """Refuses with the next of `refusals`, each a status and a body; keeps what it was asked."""

    def __init__(self, *refusals) -> None:
        self.refusals = list(refusals)
        self.asked: list[dict] = []
        self.told: list[str] = []

    async def attempt(self, params):
        self.asked.append(dict(params))
        if not self.refusals:
            return self.answer(), {}
        status, body = self.refusals.pop(0)
        return status_error(status, json.dumps(body).encode(), None), {}

    async def answer(self):
        assert self.told == []
        yield Delta(model="m")
        assert self.told == []
        yield Delta(content="ok")

    def ask(self, known: ParameterAdapter, model="m", **params):
        request = ChatRequest([], model, params, on_notice=self.told.append)
        response = run(text(known, self, request))
        told, self.told = self.told, []
        return response, told


async def text(known, server, request):
    return "".join([delta.content async for delta in await known.answer(server.attempt, request, 0)])


def refusal(message: str, **more) -> tuple[int, dict]:
    return 400, {"error": {"message": message, **more}}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.openai.com/v1", "max_completion_tokens"),
        ("https://api.openai.com.example.org/v1", "max_tokens"),
        ("http://127.0.0.1:11434/v1", "max_tokens"),
    ],
)
def test_the_limit_has_the_name_that_the_server_knows(url, name):
    server = Server()
    server.ask(ParameterAdapter(url), max_tokens=9, temperature=1)
    assert server.asked == [{name: 9, "temperature": 1}]


def test_what_was_learned_holds_for_that_model():
    server, known = Server(refusal("Unsupported value", param="temperature")), ParameterAdapter("http://a")
    _, told = server.ask(known, temperature=0)
    assert told == ["m does not accept temperature, so it was left out."]
    assert server.ask(known, temperature=0) == ("ok", [])
    assert server.ask(known, model="n", temperature=0) == ("ok", [])
    assert server.asked == [{"temperature": 0}, {}, {}, {"temperature": 0}]
    request = ChatRequest([], "n", {"model": "m", "temperature": 0})
    run(text(known, server, request))
    assert server.asked[4] == {"model": "m"}


def test_a_limit_under_either_name_is_refused_but_once():
    words = 'Unknown name "{}": Cannot find field.'
    server = Server(refusal(words.format("max_completion_tokens")), refusal(words.format("max_tokens")))
    _, told = server.ask(ParameterAdapter("http://a"), max_completion_tokens=9)
    assert server.asked == [{"max_completion_tokens": 9}, {"max_tokens": 9}, {}]
    assert told == ["m does not accept max_completion_tokens, so it was left out."]


@pytest.mark.parametrize(
    "message",
    [
        "Unrecognized request argument supplied: reasoning_effort",
        "property 'reasoning_effort' is unsupported, did you mean 'reasoning'?",
        "Model grok does not support parameter reasoningEffort.",
        "`reasoning_effort` is deprecated for this model.",
    ],
)
def test_servers_name_a_parameter_in_many_ways(message):
    server = Server(refusal(message))
    server.ask(ParameterAdapter("http://a"), reasoning_effort="low", top_p=1)
    assert server.asked[1] == {"top_p": 1}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        refusal("Invalid value: 'hgih'. Supported values are: 'low', 'high'.", param="reasoning_effort"),
        refusal("max_tokens is too large: 9. This model supports at most 5 tokens.", param="max_tokens"),
        refusal("This model does not support tools", param="tools"),
        refusal("Something is not supported"),
        refusal("Unrecognized request argument supplied: temprature"),
        (500, {"error": {"message": "temperature is not supported"}}),
    ],
)
def test_any_other_refusal_stays_one(status, body):
    server = Server((status, body))
    with pytest.raises(ServerError):
        server.ask(
            ParameterAdapter("http://a"), reasoning_effort="hgih", max_tokens=9, tools=[], temperature=0, temprature=0
        )
    assert len(server.asked) == 1


def test_a_server_that_refuses_for_ever_is_not_asked_for_ever():
    server = Server(*[refusal("Unsupported", param="temperature")] * 9)
    with pytest.raises(ServerError):
        server.ask(ParameterAdapter("http://a"), temperature=0)
    assert len(server.asked) == 2


ALIKE = "Function tools with reasoning_effort are not supported for m in /v1/chat/completions"


@pytest.mark.parametrize(
    ("second", "shown"),
    [
        (refusal(ALIKE, param="reasoning_effort"), "as asked"),
        (refusal("Unsupported: reasoning_effort"), "as asked"),
        (refusal("Tools are not supported", param="tools"), "Tools"),
        (refusal("This model's maximum context length is 9 tokens, reasoning_effort or not"), "too long"),
        ((401, {"error": {"message": "no key"}}), "no key"),
        ((503, {"error": {"message": "reasoning_effort rests"}}), "rests"),
    ],
)
def test_what_fails_without_a_parameter_as_well_is_neither_told_nor_learned(second, shown):
    server, known = (
        Server(refusal(f"{ALIKE}, as asked", param="reasoning_effort"), second),
        ParameterAdapter("http://a"),
    )
    with pytest.raises(ServerError, match=shown):
        server.ask(known, reasoning_effort="low", tools=[1])
    assert [asked.keys() for asked in server.asked] == [{"reasoning_effort", "tools"}, {"tools"}]
    assert server.told == []
    server.ask(known, reasoning_effort="low")
    assert server.asked[-1] == {"reasoning_effort": "low"}


def test_the_first_of_several_refusals_that_come_again_is_told():
    first, second = refusal("Unsupported: top_p"), refusal("Unsupported: seed")
    server = Server(first, second, refusal("Unsupported: top_p, after all"))
    with pytest.raises(ServerError, match=r"Unsupported: top_p\)"):
        server.ask(ParameterAdapter("http://a"), top_p=0.5, seed=1)
    assert server.asked == [{"top_p": 0.5, "seed": 1}, {"seed": 1}, {}]
    assert server.told == []


RESPONSES_NAMES = {"reasoning_effort": "reasoning.effort", "reasoning_summary": "reasoning.summary"}


def test_a_refused_default_is_left_out_whatever_the_reason():
    known = ParameterAdapter("http://localhost/v1", {"reasoning_summary": "auto"}, RESPONSES_NAMES)
    server = Server(refusal("Your organization must be verified.", param="reasoning.summary", code="unsupported_value"))
    assert server.ask(known) == ("ok", [])
    assert server.asked == [{"reasoning_summary": "auto"}, {}]


def test_a_parameter_that_the_user_set_is_not_left_out_for_any_reason():
    known = ParameterAdapter("http://localhost/v1", {"reasoning_summary": "auto"}, RESPONSES_NAMES)
    server = Server(refusal("Your organization must be verified.", param="reasoning.summary"))
    with pytest.raises(ServerError, match="verified"):
        server.ask(known, reasoning_summary="detailed")


@pytest.mark.parametrize("param", ["reasoning.effort", None])
def test_a_parameter_is_known_by_its_name_in_the_request(param):
    known = ParameterAdapter("http://localhost/v1", {}, RESPONSES_NAMES)
    server = Server(refusal("Unsupported parameter: 'reasoning.effort' is not supported.", param=param))
    assert server.ask(known, reasoning_effort="low") == (
        "ok",
        ["m does not accept reasoning_effort, so it was left out."],
    )
    assert server.asked == [{"reasoning_effort": "low"}, {}]
