"""Which parameters are sent to which server, and what is made of its refusals."""

from __future__ import annotations

import json

import pytest

from chatwidget import ChatRequest, ServerError
from chatwidget._transports._params import Params
from chatwidget._transports._status_text import status_error
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
            return "ok", {}
        status, body = self.refusals.pop(0)
        return status_error(status, json.dumps(body).encode(), None), {}

    def ask(self, known: Params, model="m", **params):
        request = ChatRequest([], model, params, on_notice=self.told.append)
        return run(known.respond(self.attempt, request, 0))


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
    server.ask(Params(url), max_tokens=9, temperature=1)
    assert server.asked == [{name: 9, "temperature": 1}]


def test_what_was_learned_holds_for_that_model():
    server, known = Server(refusal("Unsupported value", param="temperature")), Params("http://a")
    server.ask(known, temperature=0)
    server.ask(known, temperature=0)
    server.ask(known, model="n", temperature=0)
    assert server.asked == [{"temperature": 0}, {}, {}, {"temperature": 0}]
    request = ChatRequest([], "n", {"model": "m", "temperature": 0})
    run(known.respond(server.attempt, request, 0))
    assert server.asked[4] == {"model": "m"}
    assert len(server.told) == 1


def test_a_limit_under_either_name_is_refused_but_once():
    words = 'Unknown name "{}": Cannot find field.'
    server = Server(refusal(words.format("max_completion_tokens")), refusal(words.format("max_tokens")))
    server.ask(Params("http://a"), max_completion_tokens=9)
    assert server.asked == [{"max_completion_tokens": 9}, {"max_tokens": 9}, {}]
    assert server.told == ["m does not take max_completion_tokens: it is asked without."]


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
    server.ask(Params("http://a"), reasoning_effort="low", top_p=1)
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
        server.ask(Params("http://a"), reasoning_effort="hgih", max_tokens=9, tools=[], temperature=0, temprature=0)
    assert len(server.asked) == 1


def test_a_server_that_refuses_for_ever_is_not_asked_for_ever():
    server = Server(*[refusal("Unsupported", param="temperature")] * 9)
    with pytest.raises(ServerError):
        server.ask(Params("http://a"), temperature=0)
    assert len(server.asked) == 2
