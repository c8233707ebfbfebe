"""The model of a chat that names none, models that end, and what is known of OpenAI's models."""

from __future__ import annotations

import json
import os
import time
import uuid
from datetime import UTC, datetime, timedelta

import openai
import pytest

from chatwidget import ChatError
from chatwidget._transports.models.openai import FACTS, PREFERRED
from tests.providers._openai import openai_at
from tests.server import Reply, completion

JSON = {"content-type": "application/json"}

WORDS = "word " * 200

TODAY = {
    "gpt-6.1-terra": None,
    "gpt-6.1-sol": None,
    "gpt-6-astra": None,
    "gpt-6-sol": None,
    "gpt-6-luna": None,
    "gpt-5.6-terra": None,
    "gpt-5.4-mini": None,
    "gpt-5.1": None,
    "gpt-5-mini": "2026-12-11",
    "gpt-5-nano": "2026-12-11",
    "gpt-4o": None,
    "text-embedding-3-large": None,
    "whisper-1": None,
    "gpt-realtime-2": None,
}
"""OpenAI's list of 2026-11-28, in short: the last days of its models."""

UNKNOWN = {
    "text-embedding-9": None,
    "gpt-9-audio": None,
    "gpt-9-nova": None,
    "gpt-9-nova-2031-01-01": None,
    "gpt-9-nova-pro": None,
    "gpt-8-nova": "2026-01-01",
}
"""A list of which we know no name."""


def day(days: int) -> str:
    return str((datetime.now(UTC) + timedelta(days)).date())


def offer(server, models: dict, **more) -> None:
    """List these models with their last days, the newer the earlier, and answer no other."""
    entries = [
        {"id": name, "object": "model", "created": 2_000_000_000 - at, "shutdown_date": ends, **more.get(name, {})}
        for at, (name, ends) in enumerate(models.items())
    ]
    server.list_models(json.dumps({"object": "list", "data": entries}).encode())
    server.handler = lambda request: answer(request, models)


def answer(request, models) -> Reply:
    name = request.json["model"]
    if name in models:
        return completion(request, [f"I am {name}."])
    said = f"The model `{name}` does not exist or you do not have access to it."
    body = {"error": {"message": said, "type": "invalid_request_error", "param": None, "code": "model_not_found"}}
    return Reply([json.dumps(body).encode()], 404, JSON)


def until(condition) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def asked(server) -> list[str]:
    """The models of all questions. A probe of a key, which may come between, has no messages."""
    return [request.json["model"] for request in server.chats if "messages" in request.json]


def looks(server) -> int:
    return len([request for request in server.requests if request.path == "/v1/models"])


def header(chat) -> str:
    """The model that views show."""
    return chat._runner.call(chat._views.snapshot)["state"]["connection"]["model"]


def notice(chat) -> tuple[str | None, str | None]:
    state = chat._runner.call(chat._views.snapshot)["state"]
    return state["notice"], state["notice_code"]


@pytest.fixture
def key():
    """One that no other test has: what an account has is remembered."""
    return f"test-{uuid.uuid4()}"


@pytest.fixture
def proxy(server, monkeypatch, tmp_path):
    """The variables that put the test server in OpenAI's place."""
    for name in [name for name in os.environ if name.upper().endswith("_PROXY") or name.startswith("SSL_CERT")]:
        monkeypatch.delenv(name)
    with openai_at(server, tmp_path) as environ:
        yield environ


@pytest.fixture
def at_openai(proxy, chats, key, monkeypatch):
    """Makes chats with OpenAI. They are closed before the proxy is."""
    for name, value in {**proxy, "OPENAI_API_KEY": key}.items():
        monkeypatch.setenv(name, value)
    return chats


# Which model is asked


def test_with_todays_list_the_first_preferred_one_answers(at_openai, server):
    offer(server, TODAY)
    chat = at_openai()
    assert chat.ask("hi").content == f"I am {PREFERRED[0]}."
    assert (chat.model, header(chat)) == (PREFERRED[0], PREFERRED[0])
    assert server.requests[0] is server.chats[0]


def test_with_no_name_we_know_the_newest_for_chats_answers(at_openai, server):
    offer(server, UNKNOWN)
    chat = at_openai()
    assert chat.ask("hi").content == "I am gpt-9-nova."
    assert (chat.model, header(chat)) == ("gpt-9-nova", "gpt-9-nova")
    assert chat.ask("again").content == "I am gpt-9-nova."
    assert asked(server) == [PREFERRED[0], "gpt-9-nova", "gpt-9-nova"]
    assert at_openai().model == "gpt-9-nova"


@pytest.mark.parametrize(("days", "at"), [(-3, 1), (0, 1), (60, 1), (61, 0)])
def test_one_that_ends_within_60_days_is_passed_over(at_openai, server, days, at):
    offer(server, {**TODAY, PREFERRED[0]: day(days)})
    chat = at_openai()
    chat.ask("hi")
    until(lambda: chat.model == PREFERRED[at])
    assert chat.ask("again").content == f"I am {PREFERRED[at]}."
    assert (header(chat), at_openai().model) == (PREFERRED[at], PREFERRED[at])


def test_the_list_is_read_once_for_all_chats_with_a_key(at_openai, server):
    offer(server, TODAY)
    for chat in (at_openai(), at_openai()):
        chat.ask("hi")
        chat.ask("again")
        # The next chat may begin before the list has come.
        catalog = chat._chat.connection.transport.catalog
        until(lambda catalog=catalog: catalog.at_hand)
        assert looks(server) == 1
    at_openai(api_key="test-another").ask("hi")
    until(lambda: looks(server) == 2)


def test_a_chat_that_is_shown_knows_before_the_first_question(at_openai, server):
    offer(server, {name: ends for name, ends in TODAY.items() if name not in PREFERRED[:2]})
    chat = at_openai()
    chat._repr_mimebundle_()
    until(lambda: chat.model == PREFERRED[2])
    assert chat.ask("hi").content == f"I am {PREFERRED[2]}."
    assert asked(server) == [PREFERRED[2]]


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_without_a_list_the_first_preferred_one_answers(at_openai, server, status):
    server.list_models(b'{"error": {"message": "no"}}', status)
    chat = at_openai(timeout=20)
    assert chat.ask("hi").status == "complete"
    assert chat.ask("again").status == "complete"
    assert (set(asked(server)), chat.model) == ({PREFERRED[0]}, PREFERRED[0])


def test_a_model_that_was_named_stays(at_openai, server):
    offer(server, {**TODAY, "old-one": day(5)})
    chat = at_openai("old-one")
    chat.ask("hi")
    chat.ask("again")
    assert (set(asked(server)), chat.model) == ({"old-one"}, "old-one")


def test_a_key_alone_answers_at_other_servers_too(chats, server, key, monkeypatch):
    offer(server, UNKNOWN)
    chat = chats(base_url=server.base_url, api_key=key)
    assert chat.ask("hi").content == "I am gpt-9-nova."
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", key)
    assert chats().ask("hi").content == "I am gpt-9-nova."


def test_of_a_client_alone_the_list_decides_too(chats, server, key):
    offer(server, UNKNOWN)
    with openai.OpenAI(api_key=key, base_url=server.base_url) as client:
        chat = chats(client)
        assert chat.ask("hi").content == "I am gpt-9-nova."
        assert header(chat) == "gpt-9-nova"


# Models that end, and models that there are not


@pytest.mark.parametrize(("days", "is_told"), [(0, True), (1, True), (60, True), (61, False), (400, False)])
def test_the_end_of_a_model_in_use_is_told_once(at_openai, server, days, is_told):
    offer(server, {"gpt-4o": day(days), "other": None})
    chat = at_openai("gpt-4o")
    chat.ask("hi")
    until(lambda: looks(server) == 1)
    if not is_told:
        chat.ask("again")
        assert notice(chat) == (None, None)
        return
    until(lambda: notice(chat)[0])
    assert notice(chat) == (f"gpt-4o will be shut down on {day(days)}: choose another model.", "model_ends")
    chat._runner.call(lambda: chat._chat.show_notice(None))
    chat.ask("again")
    assert notice(chat) == (None, None)


REFUSALS = [
    (404, {"error": {"message": "The model `nova-mni` does not exist", "code": "model_not_found"}}),
    (404, {"error": {"message": 'model "nova-mni" not found, try pulling it first', "type": "not_found_error"}}),
    (404, {"detail": "Not Found"}),
    (404, {"error": {"code": "DeploymentNotFound", "message": "The API deployment does not exist."}}),
    (400, {"error": {"message": "Model Not Exist", "type": "invalid_request_error"}}),
    (400, {"error": {"message": "nova-mni is not a valid model ID", "code": 400}}),
    (400, {"error": {"message": "The model `nova-mni` has been decommissioned and is no longer supported."}}),
]


@pytest.mark.parametrize(("status", "body"), REFUSALS)
def test_a_model_that_there_is_not_is_answered_with_those_there_are(chats, server, status, body):
    offer(server, {"nova-mini": None, "nova-large": None, "embed-1": None})
    server.handler = lambda _: Reply([json.dumps(body).encode()], status, JSON)
    chat = chats("nova-mni", base_url=server.base_url)
    with pytest.raises(ChatError) as caught:
        chat.ask("hi")
    said = str(caught.value)
    assert "such as nova-mini" in said
    assert said.count(".") - said.count("`") < 4
    assert (caught.value.reply.error_code, chat.model) == ("model_not_found", "nova-mni")
    state = chat._runner.call(chat._views.snapshot)["state"]
    assert state["models"]["names"] == ["nova-mini", "nova-large", "embed-1"]


def test_a_404_that_is_not_about_the_model_stays_what_it_is(chats, server):
    offer(server, {"m": None, "n": None})
    server.handler = lambda _: Reply([b'{"detail": "Not Found"}'], 404, JSON)
    with pytest.raises(ChatError) as caught:
        chats("m", base_url=server.base_url).ask("hi")
    assert caught.value.reply.error_code == "not_found"


def test_nor_is_a_refusal_for_another_reason(chats, server):
    offer(server, {"m": None, "n": None})
    for said in ("This model does not support tools", "temperature is not supported with this model", "bad request"):
        server.reply_error(400, said)
        with pytest.raises(ChatError) as caught:
            chats("m", base_url=server.base_url).ask("hi")
        assert caught.value.reply.error_code == "rejected"


def test_models_that_are_all_refused_are_not_tried_for_ever(at_openai, server):
    offer(server, {f"chat-{n}": None for n in range(40)})
    server.handler = lambda request: answer(request, {})
    with pytest.raises(ChatError, match="choose another one, such as"):
        at_openai().ask("hi")
    assert len(server.chats) < 10


# What is known of them


def test_openais_models_have_a_price_and_a_limit(at_openai, server):
    offer(server, TODAY)
    chat = at_openai()
    assert chat.context_window == FACTS[PREFERRED[0]].context_window
    chat.ask("hi")
    assert chat.cost > 0
    assert chat._chat.known_prices[PREFERRED[0]] == FACTS[PREFERRED[0]].prices


def test_what_the_list_tells_and_what_the_user_says_come_before_the_table(at_openai, server):
    priced = {"pricing": {"prompt": "0.000007", "completion": "0.00007"}, "context_window": 7000}
    offer(server, TODAY, **{"gpt-4o": priced})
    chat = at_openai("gpt-4o")
    assert chat.context_window == FACTS["gpt-4o"].context_window
    chat.ask("hi")
    until(lambda: chat.context_window == 7000)
    assert chat._chat.known_prices["gpt-4o"] == (7.0, 70.0)
    chat.prices, chat.context_window = {"gpt-4o": (1, 2)}, 5000
    assert (chat._chat.known_prices["gpt-4o"], chat.context_window) == ((1, 2), 5000)


def test_a_long_conversation_is_trimmed_for_openai_without_asking_first(at_openai, server):
    offer(server, TODAY)
    history = [{"role": role, "content": WORDS * 40} for _ in range(20) for role in ("user", "assistant")]
    chat = at_openai("gpt-4o", messages=history)
    assert chat.ask("now", max_tokens=100).left_out.count > 0
    assert server.requests[0] is server.chats[0]
    until(lambda: looks(server) == 1)


def test_the_table_has_what_is_preferred():
    assert set(PREFERRED) <= set(FACTS)
