"""What servers tell of a model: read from their own words, and asked for over sockets."""

from __future__ import annotations

import json
import time

import pytest

from chatwidget._transports.models.facts import ModelFacts
from chatwidget._transports.models.reported import fetch_model_info
from tests.contract.run import run

WORDS = "word " * 200


def served(**places):
    """A server whose places answer with these values; it keeps where it was asked."""
    asked = []

    async def get(url):
        asked.append(url)
        value = places.get(url.rpartition("/")[2])
        return b"" if value is None else json.dumps(value).encode()

    return get, asked


def entry(**values) -> dict:
    return {"object": "list", "data": [{"id": "other", "context_length": 9}, {"id": "m", **values}]}


@pytest.mark.parametrize(
    ("places", "facts"),
    [
        ({"models": entry()}, ModelFacts()),
        ({"models": entry(max_model_len=4096)}, ModelFacts(4096)),
        ({"models": entry(context_window=131072)}, ModelFacts(131072)),
        (
            {
                "models": entry(
                    context_length=9000,
                    top_provider={"context_length": 8000},
                    pricing={"prompt": "0.00000125", "completion": "0.00001"},
                )
            },
            ModelFacts(8000, (1.25, 10.0)),
        ),
        ({"models": entry(pricing={"prompt": "-1", "completion": "-1"})}, ModelFacts()),
        ({"models": entry(pricing={"prompt": "0", "completion": "0"})}, ModelFacts(None, (0.0, 0.0))),
        (
            {"models": entry(owned_by="library"), "ps": {"models": [{"name": "m:latest", "context_length": 4096}]}},
            ModelFacts(4096),
        ),
        ({"models": entry(owned_by="library"), "ps": {"models": []}}, ModelFacts()),
        (
            {
                "models": {"data": [{"id": "/models/q.gguf", "owned_by": "llamacpp", "meta": {"n_ctx_train": 131072}}]},
                "props": {"default_generation_settings": {"n_ctx": 2048}},
            },
            ModelFacts(2048),
        ),
        (
            {"models": {"data": [{"id": "/models/q.gguf", "owned_by": "llamacpp", "meta": {"n_ctx_train": 131072}}]}},
            ModelFacts(131072),
        ),
        ({"models": {"data": [{"id": 1}, {"id": "m", "context_length": "many"}, 7]}}, ModelFacts()),
        ({"models": ["m"]}, ModelFacts()),
        ({}, ModelFacts()),
    ],
)
def test_what_is_told(places, facts):
    get, asked = served(**places)
    assert run(fetch_model_info("m", "http://h/v1", get)) == facts
    assert asked[0] == "http://h/v1/models"


def test_lm_studio_tells_what_a_model_was_loaded_with():
    async def get(url):
        if url == "http://h/api/v0/models":
            return json.dumps(entry(max_context_length=32768, loaded_context_length=4096)).encode()
        return json.dumps(entry(owned_by="organization_owner")).encode()

    assert run(fetch_model_info("m", "http://h/v1/", get)) == ModelFacts(4096)


# Over sockets


def history(turns: int) -> list[dict]:
    return [{"role": role, "content": f"{n} {WORDS}"} for n in range(turns) for role in ("user", "assistant")]


def tell(server, **values) -> None:
    server.list_models(json.dumps(entry(**values)).encode())


def until(condition) -> None:
    """Wait for what happens in the background, after an answer."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def looks(server) -> int:
    return len([request for request in server.requests if request.path == "/v1/models"])


def test_the_limit_is_asked_for_before_much_is_sent(chats, server):
    tell(server, max_model_len=2000)
    chat = chats("m", base_url=server.base_url, messages=history(5))
    reply = chat.ask("now", max_tokens=100)
    assert chat.context_window == 2000
    assert reply.left_out.count == 4
    chat.ask("again", max_tokens=100)
    assert looks(server) == 1


def test_little_waits_for_nothing_and_it_is_looked_up_after(chats, server):
    tell(server, max_model_len=2000, pricing={"prompt": "0.000001", "completion": "0.000002"})
    chat = chats("m", base_url=server.base_url)
    chat._chat.session.attach_view()
    chat.ask("hi")
    until(lambda: chat.context_window == 2000)
    chat.ask("again")
    assert chat.context_window == 2000
    assert looks(server) == 1


def test_what_you_give_holds(chats, server):
    tell(server, max_model_len=2000)
    chat = chats("m", base_url=server.base_url, messages=history(5), context_window=100_000)
    assert chat.ask("now").left_out is None
    assert chat.context_window == 100_000


def test_a_server_that_does_not_tell_is_asked_no_more(chats, server):
    server.list_models(b"nothing here", 404)
    chat = chats("m", base_url=server.base_url)
    for _ in range(3):
        chat.ask("hi")
    assert chat.context_window is None
    assert looks(server) <= 1


def test_another_model_is_looked_up_anew(chats, server):
    tell(server, max_model_len=2000)
    chat = chats("m", base_url=server.base_url, messages=history(5))
    chat.ask("now")
    server.list_models(json.dumps({"data": [{"id": "other", "max_model_len": 3000}]}).encode())
    chat.model = "other"
    chat.ask("now")
    assert chat.context_window == 3000
    assert looks(server) == 2
