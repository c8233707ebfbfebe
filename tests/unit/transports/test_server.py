"""A server over an HTTP client that reaches none: what is sent of an API, and what becomes of its answers."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from chatwidget import ChatRequest, ConnectError, ServerError, StreamInterruptedError
from chatwidget._conversation.messages import Delta
from chatwidget._secrets.keys import Secret, conceal_headers
from chatwidget._transports.credentials import Access
from chatwidget._transports.http import HttpResponse
from chatwidget._transports.server import ServerTransport
from chatwidget._wire.api import Api
from tests.contract.run import run

KEY = "test-key-0123456789-abcdefghij"
TENANT = "tenant-0123456789-abcdefghij"


class Reader:
    """Reads numbers as text, up to 0."""

    finish_reason = None
    saw_answer = True
    done = False

    def chunk(self, chunk):
        self.done = chunk == 0
        self.finish_reason = "stop" if self.done else None
        if isinstance(chunk, str):
            raise ServerError(chunk, 418, code="teapot")
        yield Delta(content=str(chunk))

    def end(self):
        return iter(())


NUMBERS = Api(
    path="/numbers",
    headers=lambda key: {"X-Number-Key": key or "none"},
    body=lambda messages, model, params: {"ask": len(messages), "of": model, **params},
    reader=Reader,
    defaults={"base": 10},
)


class Http:
    """Answers each request with the next of `replies`: a status and a body, or an error to raise."""

    base_url = "http://numbers/v1"
    account = None
    max_retries = 0

    def __init__(self, *replies, secret=None, headers=None) -> None:
        self.replies = list(replies)
        self.sent = []
        self.left = 0
        self._access = Access(secret, conceal_headers(headers))

    async def warm(self, path):
        assert path == "/numbers"

    async def aclose(self): ...

    async def access(self):
        return self._access

    @asynccontextmanager
    async def send(self, request):
        self.sent.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        status, *chunks = reply
        try:
            yield HttpResponse(status, {"content-type": "text/event-stream"}, pieces(chunks))
        finally:
            self.left += 1

    async def explain(self, error, path, headers):
        return ConnectError(f"{error} at {path} with {', '.join(headers)}", code="explained")


async def pieces(chunks):
    for chunk in chunks:
        yield chunk


def ask(http, **params):
    async def collect():
        request = ChatRequest([{"role": "user", "content": "x"}], "m", params)
        return "".join([delta.content async for delta in ServerTransport(http, NUMBERS).stream(request)])

    return run(collect())


def test_a_request_and_an_answer_are_the_apis():
    http = Http((200, b"data: 1\n\nda", b"ta: 2\n\ndata: 0\n\ndata: 3\n\n"))
    assert ask(http, more=True, extra_query={"q": 1}, extra_body={"of": "n"}, timeout=None) == "120"
    (request,) = http.sent
    assert (request.path, request.query) == ("/numbers", {"q": 1})
    assert request.body == {"ask": 1, "of": "n", "base": 10, "more": True, "timeout": None}
    assert http.left == 1


def test_headers_of_the_question_come_before_those_of_the_chat_before_those_of_the_api():
    http = Http((200, b"data: 0\n\n"), secret=Secret(KEY), headers={"X-Team": "blue", "x-tenant": "1"})
    ask(http, extra_headers={"X-TENANT": "2"})
    assert http.sent[0].headers == {"X-Number-Key": KEY, "X-Team": "blue", "X-TENANT": "2"}


def test_a_key_that_the_client_sends_itself_is_not_sent_twice():
    http = Http((200, b"data: 0\n\n"))
    http._access = Access(Secret(KEY), is_sent=False)
    ask(http)
    assert http.sent[0].headers == {"X-Number-Key": "none"}


@pytest.mark.parametrize(
    "reply", [(200, f'data: "no {KEY} for {TENANT}"\n\n'.encode()), (418, f"{KEY} {TENANT}".encode())]
)
def test_an_error_keeps_its_cause_and_loses_the_secrets(reply):
    http = Http(reply, secret=Secret(KEY))
    with pytest.raises(ServerError) as caught:
        ask(http, extra_headers={"x-tenant": TENANT})
    assert caught.value.status == 418
    assert caught.value.code == ("teapot" if reply[0] == 200 else None)
    assert KEY not in str(caught.value)
    assert TENANT not in str(caught.value)
    assert http.left == 1


def test_what_is_no_success_is_an_error():
    with pytest.raises(ServerError) as caught:
        ask(Http((304, b"")))
    assert caught.value.status == 304


def test_an_answer_without_its_end_is_cut_off():
    with pytest.raises(StreamInterruptedError):
        ask(Http((200, b"data: 1\n\n")))


def test_a_server_that_is_not_reached_is_explained_by_the_client():
    http = Http(ConnectError("nothing"), headers={"X-Team": "blue"})
    with pytest.raises(ConnectError, match="nothing at /numbers with X-Number-Key, X-Team"):
        ask(http)


def test_a_default_that_the_server_refuses_is_left_out_silently():
    refusal = (400, b'{"error": {"message": "base is not supported", "param": "base"}}')
    http, told = Http(refusal, (200, b"data: 0\n\n")), []

    async def collect():
        request = ChatRequest([], "m", on_notice=told.append)
        return [delta async for delta in ServerTransport(http, NUMBERS).stream(request)]

    run(collect())
    assert [request.body for request in http.sent] == [{"ask": 0, "of": "m", "base": 10}, {"ask": 0, "of": "m"}]
    assert told == []


@pytest.mark.parametrize(
    ("replies", "code"),
    [
        ([(404,), (404,)], "wrong_url"),
        ([(404,), (405,)], "not_found"),
        ([(401, KEY.encode()), (401,)], "wrong_key"),
        ([(403, b"not from here"), (403,)], "forbidden"),
        ([(401,), (400,)], None),
        ([(403,), (422,)], None),
    ],
)
def test_without_a_list_of_models_the_path_for_answers_says_whether_there_is_a_server(replies, code):
    http = Http(*replies, secret=Secret(KEY))
    with pytest.raises(ServerError) as caught:
        run(ServerTransport(http, NUMBERS).models())
    assert caught.value.code == code
    assert KEY not in str(caught.value)
    assert [request.path for request in http.sent] == ["/models", "/numbers"][: len(replies)]


def test_the_models_are_those_of_the_list():
    assert run(ServerTransport(Http((200, b'{"data": [{"id": "a"}, ', b'{"id": "b"}]}')), NUMBERS).models()) == [
        "a",
        "b",
    ]
