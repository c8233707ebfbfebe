"""The Responses API through the real openai SDK, to a real server."""

from __future__ import annotations

import json
from contextlib import aclosing
from pathlib import Path

import openai
import pytest

from chatwidget import ChatRequest
from chatwidget._connection.resolve import for_endpoint
from chatwidget._conversation.messages import IMAGE, Status
from chatwidget._conversation.tree import Conversation
from chatwidget._errors import ServerError, StreamInterruptedError, TransportError
from chatwidget._secrets.keys import Secret
from chatwidget._transports.endpoint import Endpoint
from chatwidget._transports.openai import OpenAIClient
from chatwidget._transports.server import ServerTransport
from chatwidget._wire.responses import RESPONSES
from chatwidget._wire.routes import lacks_responses, needs_responses
from tests.contract.run import run

CASES = json.loads((Path(__file__).parents[2] / "cases" / "responses.json").read_text())["cases"]
KEY = "sk-test-SECRET-0123456789"
QUESTION = [{"role": "user", "content": "Hi"}]


def whole(case, key):
    parts = case.get(f"{key}_parts")
    return case.get(key, "") if parts is None else "".join(text * times for text, times in parts)


def serve(server, case, times=3):
    http, body = case["http"], whole(case, "body").encode()
    drop = len(body) if http.get("drop_after_body") else None
    for _ in range(times):
        server.reply_raw(body, status=http["status"], headers=http["headers"], drop_after=drop)


def ask(transport, **params):
    """The reply, and the error that ended it, if any."""
    return run(_ask(transport, ChatRequest(QUESTION, "m", params)))


async def _ask(transport, request):
    conversation = Conversation()
    reply, status, failure = conversation.begin(), Status.COMPLETE, None
    try:
        async with aclosing(transport.stream(request)) as deltas:
            async for delta in deltas:
                conversation.apply(reply, delta)
    except TransportError as error:
        status = Status.INTERRUPTED if isinstance(error, StreamInterruptedError) else Status.ERROR
        failure = error
    finally:
        await transport.aclose()
    return conversation.finish(reply, status, error=str(failure or "")), failure


def through_sdk(server):
    return for_endpoint(Endpoint(server.base_url, Secret(KEY)), RESPONSES)


def next_step(case, failure):
    """Where to ask next, in the words of the cases."""
    if not isinstance(failure, ServerError):
        return "none"
    if case.get("asked") == "chat_completions":
        return "responses" if needs_responses(failure) else "none"
    return "chat_completions" if lacks_responses(failure) else "none"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_shared_case_over_a_socket(server, case):
    serve(server, case)
    api = None if case.get("asked") == "chat_completions" else RESPONSES
    reply, failure = ask(for_endpoint(Endpoint(server.base_url, Secret(KEY)), api))
    expect = case["expect"]
    assert str(reply.status) == expect["status"]
    assert IMAGE.sub("", reply.markdown).strip() == whole(expect, "text").strip()
    assert expect.get("error_contains", "") in (reply.error or "")
    assert expect.get("must_not_contain", "\0") not in repr(reply) + str(failure)
    step = expect.get("next", "none")
    if step.startswith("same_without"):
        assert [request.json.get("reasoning") for request in server.chats] == [{"summary": "auto"}, None]
    else:
        assert next_step(case, failure) == step


def test_the_request_is_what_a_server_that_stores_nothing_needs(server):
    serve(server, CASES[0], 1)
    reply, _ = ask(through_sdk(server), max_tokens=100, reasoning_effort="low")
    assert reply.content == "Hello"
    request = server.chats[0]
    assert request.path == "/v1/responses"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.json == {
        "model": "m",
        "input": [{"type": "message", "role": "user", "content": "Hi"}],
        "stream": True,
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "reasoning": {"summary": "auto", "effort": "low"},
        "max_output_tokens": 100,
    }


def test_a_users_own_client_asks_by_its_own_function(server):
    serve(server, CASES[0], 1)
    client = openai.AsyncOpenAI(api_key=KEY, base_url=server.base_url)
    reply, _ = ask(ServerTransport(OpenAIClient(client=client), RESPONSES))
    assert reply.content == "Hello"
    assert server.chats[0].json["input"] == [{"type": "message", "role": "user", "content": "Hi"}]
    run(client.close())


@pytest.mark.parametrize(
    ("status", "text", "code", "lacks"),
    [
        (404, "Not Found", None, True),
        (405, "Method Not Allowed", None, True),
        (501, "Not Implemented", None, True),
        (404, "Invalid URL (POST /v1/responses)", None, True),
        (404, "Item with id 'rs_1' not found.", None, False),
        (404, "The model does not exist", "model_not_found", False),
        (400, "Field required: messages", None, True),
        (422, "missing field `messages`", None, True),
        (400, "Unsupported parameter: 'store'", None, False),
        (401, "Not Found", None, False),
        (429, "Too many", None, False),
        (500, "Not Found", None, False),
        (None, "Unexpected endpoint or method. (POST /v1/responses)", None, True),
        (None, "overloaded", None, False),
    ],
)
def test_a_server_without_the_api_is_told_from_one_that_refuses(status, text, code, lacks):
    assert lacks_responses(ServerError(text, status, code=code)) is lacks


@pytest.mark.parametrize(
    ("status", "text", "needs"),
    [
        (400, "Function tools are not supported in /v1/chat/completions. Use /v1/responses.", True),
        (404, "This model is only supported in v1/responses and not in v1/chat/completions.", True),
        (404, "This is not a chat model and thus not supported in the v1/chat/completions endpoint.", True),
        (400, "The chatCompletion operation does not work with the specified model, o3-pro.", True),
        (400, "Unsupported parameter: 'temperature'", False),
        (500, "Please use /v1/responses", False),
    ],
)
def test_chat_completions_says_that_responses_is_needed(status, text, needs):
    assert needs_responses(ServerError(text, status)) is needs
