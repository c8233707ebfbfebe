"""ChatWidget through the real openai SDK to a real server: keys, retries, errors, clients, connections."""

from __future__ import annotations

import gzip
import json
import ssl
import threading
from pathlib import Path

import httpx2
import openai
import pytest

from chatwidget import ChatError, Status
from tests.contract.run import run

KEY = "test-key-0123456789-abcdefghij"

CASES = json.loads((Path(__file__).parents[2] / "cases" / "protocol.json").read_text())["cases"]


@pytest.fixture
def chat(chats, server):
    return chats("test-model", base_url=server.base_url, api_key=KEY)


def ask(chat):
    """The reply, whatever its status."""
    try:
        return chat.ask("hi")
    except ChatError as error:
        return error.reply


def serve(server, case):
    http = case["http"]
    body = case["body"].encode()
    if http["headers"].get("content-encoding") == "gzip":
        body = gzip.compress(body)
    drop = len(body) if http.get("drop_after_body") else None
    for _ in range(3):
        server.reply_raw(body, status=http["status"], headers=http["headers"], drop_after=drop)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_shared_protocol_case_over_a_socket(chats, server, case):
    serve(server, case)
    expect = case["expect"]
    reply = ask(chats("m", base_url=server.base_url, api_key="sk-test-SECRET-0123456789"))
    assert str(reply.status) == expect["status"]
    assert reply.content == expect.get("text", "")
    assert expect.get("error_contains", "") in (reply.error or "")
    assert expect.get("must_not_contain", "\0") not in repr(reply)


def test_the_request_is_what_the_sdk_would_send(chat, server):
    chat.system_prompt = "be brief"
    chat.params = {"temperature": 0.5, "brand_new_option": {"a": 1}}
    chat.ask([{"type": "text", "text": "¿qué?"}])
    request = server.chats[0]
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["accept-encoding"] == "identity"
    assert request.json == {
        "model": "test-model",
        "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": [{"type": "text", "text": "¿qué?"}]},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "brand_new_option": {"a": 1},
    }


def test_without_a_key_no_authorization_is_sent(chats, server):
    chats("m", base_url=server.base_url).ask("hi")
    assert "authorization" not in server.chats[0].headers


def test_a_key_from_the_environment_goes_to_its_own_server_only(chats, server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    chats("m", base_url=server.base_url).ask("hi")
    assert "authorization" not in server.chats[0].headers
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    chats("m").ask("hi")
    assert server.chats[1].headers["authorization"] == f"Bearer {KEY}"


def test_the_model_from_the_environment_is_used(chats, server, monkeypatch):
    monkeypatch.setenv("CHATWIDGET_MODEL", "from-env")
    chats(base_url=server.base_url).ask("hi")
    assert server.chats[0].json["model"] == "from-env"


def test_usage_model_and_finish_reason_are_kept(chat, server):
    server.reply("Hel", "lo")
    reply = chat.ask("hi")
    assert (reply.finish_reason, reply.model) == ("stop", "test-model")
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens


def test_a_server_error_is_tried_again_as_the_sdk_does(chat, server):
    server.reply_error(500, headers={"retry-after-ms": "1"})
    server.reply_error(429, headers={"retry-after-ms": "1"})
    server.reply("ok")
    assert chat.ask("hi").content == "ok"
    assert len(server.chats) == 3


def test_two_retries_are_all(chat, server):
    for _ in range(3):
        server.reply_error(503, headers={"retry-after-ms": "1"})
    assert ask(chat).status == Status.ERROR
    assert len(server.chats) == 3


def test_a_retry_is_told_while_it_waits(chat, server):
    seen = []
    chat.observe(lambda change: seen.append(change["new"]), "status")
    server.reply_error(429, headers={"retry-after-ms": "1"})
    chat.ask("hi")
    assert seen == ["waiting", "retrying", "streaming", "ready"]


def test_a_fault_of_the_environment_is_told_at_once(chat, server, monkeypatch):
    seen = []
    chat.observe(lambda change: seen.append(change["new"]), "status")
    monkeypatch.setenv("OPENAI_ORG_ID", "\u00e9")
    assert ask(chat).error_code == "environment"
    assert "retrying" not in seen
    assert server.chats == []


def test_a_users_client_is_retried_as_often_as_it_would(chats, server):
    chat = chats(openai.AsyncOpenAI(api_key=KEY, base_url=server.base_url, max_retries=1))
    for _ in range(3):
        server.reply_error(503, headers={"retry-after-ms": "1"})
    assert ask(chat).status == Status.ERROR
    assert len(server.chats) == 2


def test_a_users_own_http_client_stays_open(chats, server):
    http_client = httpx2.AsyncClient(headers={"x-proxy": "yes"})
    chat = chats(openai.AsyncOpenAI(api_key=KEY, base_url=server.base_url, http_client=http_client))
    chat.ask("hi")
    assert server.chats[0].headers["x-proxy"] == "yes"
    run(chat._chat.session.aclose())
    assert not http_client.is_closed
    run(http_client.aclose())


@pytest.mark.parametrize(
    ("status", "says"),
    [(400, "400"), (401, "API key"), (403, "does not allow"), (404, "model name"), (413, "too long"), (422, "422")],
)
def test_an_http_error_is_one_sentence_with_the_servers_words_and_advice(chat, server, status, says):
    server.reply_error(status, "the server's own words")
    reply = ask(chat)
    assert reply.status == Status.ERROR
    assert "the server's own words" in reply.error
    assert says in reply.error


def test_an_error_that_echoes_the_key_is_redacted(chat, server):
    server.reply_error(401, f"Incorrect key {KEY}, or {KEY[:14]}, or {KEY[-12:]}")
    error = ask(chat).error
    assert not any(KEY[start : start + 12] in error for start in range(len(KEY) - 11))


def test_an_error_in_the_stream_that_echoes_the_key_is_redacted(chat, server):
    server.reply_raw(f'data: {{"error": {{"message": "bad key {KEY}"}}}}\n\n'.encode())
    assert KEY not in ask(chat).error


def test_a_server_that_is_not_there_is_named(chats):
    reply = ask(chats("m", base_url="http://127.0.0.1:9/v1", api_key=KEY))
    assert reply.status == Status.ERROR
    assert "127.0.0.1:9" in reply.error
    assert "Nothing answers" in reply.error


def test_a_connection_lost_in_mid_answer_keeps_the_text(chat, server):
    server.reply("one ", "two ", "three", drop_after=450)
    reply = ask(chat)
    assert reply.status == Status.INTERRUPTED
    assert reply.content
    assert "cut off" in reply.error


def test_stop_is_seen_by_the_server(chat, server):
    gate = server.gate()
    server.reply("a", "b", "c", gate=gate)
    heard = threading.Event()
    chat.observe(lambda change: change["new"] == "streaming" and heard.set(), "status")
    thread = threading.Thread(target=chat.ask, args=("hi",))
    thread.start()
    gate.release()
    assert heard.wait(10)
    chat.stop()
    assert server.wait_for_disconnect(timeout=1)
    thread.join(10)
    assert list(chat.conversation)[-1].content == "a"


def test_one_connection_serves_many_turns(chat, server):
    for _ in range(5):
        chat.ask("hi")
    assert len({request.client for request in server.chats}) == 1


def test_a_users_own_client_is_used(chats, server):
    client = openai.AsyncOpenAI(
        api_key=KEY, base_url=server.base_url, default_headers={"x-team": "blue"}, max_retries=0
    )
    chat = chats(client)
    assert chat.ask("hi").content == "You said: hi"
    assert server.chats[0].headers["x-team"] == "blue"
    server.reply_error(500)
    assert ask(chat).status == Status.ERROR
    assert len(server.chats) == 2

    async def elsewhere():
        async with client:
            answer = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
            return answer.choices[0].message.content

    assert run(elsewhere()) == "You said: x"
    assert chat.ask("again").content == "You said: hi\n\nagain"


def test_a_users_own_client_lists_its_models_with_its_key(chats, server):
    chat = chats("m", client=openai.AsyncOpenAI(api_key=KEY, base_url=server.base_url))
    assert chat.models() == ["test-model"]
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"


def test_an_azure_client_is_used(chats, server, monkeypatch):
    monkeypatch.setenv("CHATWIDGET_MODEL", "my-deployment")
    client = openai.AsyncAzureOpenAI(api_key=KEY, api_version="2024-10-21", azure_endpoint=server.url)
    assert chats(client).ask("hi").content == "You said: hi"
    assert server.chats[0].path == "/openai/deployments/my-deployment/chat/completions"
    assert server.chats[0].headers["api-key"] == KEY


def test_the_sdks_own_messages_are_accepted_and_given_back(chats, server):
    answer = openai.types.chat.ChatCompletionMessage(role="assistant", content="from the SDK")
    chat = chats("m", base_url=server.base_url, messages=[{"role": "user", "content": "x"}, answer])
    chat.ask("next")
    sent = openai.OpenAI(api_key=KEY, base_url=server.base_url).chat.completions.create(
        model="m", messages=chat.messages
    )
    assert sent.choices[0].message.content.startswith("You said:")
    assert server.chats[1].json["messages"] == chat.messages


def test_the_certificate_store_is_read_once(chat, monkeypatch):
    """A client takes 19 ms to make, most of it there; one client serves all turns."""
    chat.ask("hi")
    monkeypatch.setattr(ssl, "create_default_context", None)
    chat.ask("hi")


def test_what_a_model_does_not_take_is_told_beside_the_conversation(chat, server):
    server.reply_error(400, "Unsupported value: 'temperature' does not support 0 with this model.")
    assert chat.ask("hi", temperature=0).text == "You said: hi"
    assert chat._chat.notice == "test-model does not accept temperature, so it was left out."
