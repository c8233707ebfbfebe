"""The model server does what other tests rely on."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.server import ModelServer, Received, Reply, completion

ASK: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hello there"}]}
STREAM = ASK | {"stream": True}
ORIGIN = {"origin": "http://127.0.0.1:1"}


@pytest.fixture
def client(server: ModelServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.base_url, trust_env=False) as client:
        yield client


def post(client: httpx2.Client, body: dict[str, Any] = STREAM) -> httpx2.Response:
    return client.post("/chat/completions", json=body)


def events(response: httpx2.Response) -> list[Any]:
    blocks = response.text.removesuffix("data: [DONE]\n\n").split("\n\n")
    return [json.loads(block.removeprefix("data: ")) for block in blocks if block]


def text(response: httpx2.Response) -> str:
    choices = [event["choices"] for event in events(response)]
    return "".join(choice[0]["delta"].get("content", "") for choice in choices if choice)


def stream_into(client: httpx2.Client, seen: list[bytes]) -> None:
    with client.stream("POST", "/chat/completions", json=STREAM) as response:
        for data in response.iter_raw():
            seen.append(data)  # noqa: PERF402 - what came before an error must be kept


def connect(server: ModelServer, body: dict[str, Any] = STREAM) -> socket.socket:
    """A bare client that has sent a chat request."""
    client = socket.create_connection(("127.0.0.1", httpx2.URL(server.url).port or 0), timeout=20)
    payload = json.dumps(body).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(payload)}\r\n\r\n"
    client.sendall(head.encode() + payload)
    return client


def read_until(client: socket.socket, marker: bytes) -> bytes:
    seen = b""
    while marker not in seen:
        data = client.recv(65536)
        assert data, seen
        seen += data
    return seen


def read_all(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(65536), b""))


def test_an_unscripted_question_is_echoed(client: httpx2.Client) -> None:
    assert text(post(client)) == "You said: hello there"


def test_without_stream_the_answer_is_one_json_body(server: ModelServer, client: httpx2.Client) -> None:
    server.reply("Hel", "lo")
    answer = post(client, ASK).json()
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "Hello"}
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["usage"]["total_tokens"] == 3


def test_a_stream_ends_with_a_finish_reason_and_done(server: ModelServer, client: httpx2.Client) -> None:
    server.reply("Hel", "lo", finish_reason="length")
    response = post(client)
    assert response.headers["content-type"] == "text/event-stream"
    assert response.text.endswith("data: [DONE]\n\n")
    assert events(response)[-1]["choices"][0]["finish_reason"] == "length"
    assert text(response) == "Hello"


def test_usage_is_sent_when_asked_for(server: ModelServer, client: httpx2.Client) -> None:
    server.reply("a", "b")
    response = post(client, STREAM | {"stream_options": {"include_usage": True}})
    assert events(response)[-1]["usage"] == {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


def test_deltas_may_be_given_raw(server: ModelServer, client: httpx2.Client) -> None:
    call = {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}]}
    server.reply(call, finish_reason="tool_calls")
    assert events(post(client))[1]["choices"][0]["delta"] == call


def test_models_are_listed(client: httpx2.Client) -> None:
    assert [model["id"] for model in client.get("/models").json()["data"]] == ["test-model"]


def test_replies_come_in_the_order_they_were_queued(server: ModelServer, client: httpx2.Client) -> None:
    server.reply_error(500)
    server.reply_error(429, "Slow down", {"Retry-After": "7"})
    server.reply("ok")
    assert post(client).status_code == 500
    limited = post(client)
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")
    assert limited.json()["error"]["message"] == "Slow down"
    assert text(post(client)) == "ok"


def test_a_handler_answers_what_is_not_queued(server: ModelServer, client: httpx2.Client) -> None:
    def count(request: Received) -> Reply:
        return completion(request, [str(len(request.json["messages"]))])

    server.handler = count
    assert text(post(client)) == "1"


def test_a_raw_body_arrives_byte_for_byte(server: ModelServer, client: httpx2.Client) -> None:
    server.reply_raw(b"\xff\x00<html>", status=418, headers={"content-type": "text/html"}, chunk_sizes=2)
    response = post(client)
    assert (response.status_code, response.headers["content-type"]) == (418, "text/html")
    assert response.content == b"\xff\x00<html>"


@pytest.mark.parametrize(("sizes", "chunks"), [(3, [b"abc", b"def", b"g"]), ([1, 4], [b"a", b"bcde", b"fg"])])
def test_a_raw_body_is_cut_as_told(server: ModelServer, sizes: Any, chunks: list[bytes]) -> None:
    server.reply_raw(b"abcdefg", chunk_sizes=sizes)
    with connect(server) as client:
        body = read_until(client, b"0\r\n\r\n").partition(b"\r\n\r\n")[2]
    assert body == b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


@pytest.mark.parametrize("size", range(8))
def test_a_connection_is_dropped_after_any_byte(server: ModelServer, client: httpx2.Client, size: int) -> None:
    server.reply_raw(b"abcdefg", chunk_sizes=3, drop_after=size)
    seen: list[bytes] = []
    with pytest.raises(httpx2.RemoteProtocolError):
        stream_into(client, seen)
    assert b"".join(seen) == b"abcdefg"[:size]
    assert server.wait_for_finish().disconnected_at is None


def test_a_connection_is_dropped_before_any_answer(server: ModelServer) -> None:
    server.reply_nothing()
    with connect(server) as client:
        assert read_all(client) == b""


def test_a_gate_lets_chunks_through_one_by_one(server: ModelServer) -> None:
    gate = server.gate()
    server.reply("one", "two", "three", gate=gate)
    with connect(server) as client:
        for word in (b"one", b"two"):
            gate.release()
            assert word in read_until(client, word + b'"}')
        assert server.chats[0].finished_at is None
        gate.open()
        assert b"three" in read_until(client, b"0\r\n\r\n")


def test_a_delay_comes_between_chunks(server: ModelServer, client: httpx2.Client) -> None:
    server.reply_raw(b"abc", chunk_sizes=1, delay=0.05)
    started = time.monotonic()
    post(client)
    assert time.monotonic() - started >= 0.1


def test_5000_chunks_come_flat_out_each_as_its_own_event(server: ModelServer, client: httpx2.Client) -> None:
    words = [f" {number}" for number in range(5000)]
    server.reply(*words)
    response = post(client)
    assert text(response) == "".join(words)
    assert len(events(response)) == 5002


def test_requests_are_recorded(server: ModelServer, client: httpx2.Client) -> None:
    client.get("/models")
    client.post("/chat/completions", json=ASK, headers={"authorization": "Bearer k"})
    assert [request.path for request in server.requests] == ["/v1/models", "/v1/chat/completions"]
    request = server.wait_for_finish()
    assert request.json == ASK
    assert request.headers["authorization"] == "Bearer k"
    assert request.disconnected_at is None
    assert request.finished_at is not None
    assert request.received_at <= request.finished_at


def test_waiting_in_vain_says_what_did_come(server: ModelServer, client: httpx2.Client) -> None:
    post(client)
    with pytest.raises(TimeoutError, match="Only 1 of 2"):
        server.wait_for_request(2, timeout=0.01)


@pytest.mark.parametrize("delay", [0.0, 0.02], ids=["silent", "slow"])
def test_a_client_that_leaves_is_noticed_at_once(server: ModelServer, delay: float) -> None:
    if delay:
        server.reply(*["x"] * 1000, delay=delay)
    else:
        gate = server.gate()
        server.reply("x", "y", gate=gate)
        gate.release()
    with connect(server) as client:
        read_until(client, b'"x"')
    left = time.monotonic()
    request = server.wait_for_disconnect()
    assert request.disconnected_at is not None
    assert request.disconnected_at - left < 0.2
    assert request.bytes_sent > 0
    assert server.wait_for_finish() is request


def test_a_client_that_leaves_before_the_first_byte_is_noticed(server: ModelServer) -> None:
    server.reply("x", gate=server.gate())
    with connect(server):
        server.wait_for_request()
    assert server.wait_for_disconnect().bytes_sent == 0


def preflight(client: httpx2.Client, headers: str = "authorization, content-type") -> httpx2.Response:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": headers}
    return client.options("/chat/completions", headers=ORIGIN | asked)


def test_browsers_may_send_the_two_usual_headers_from_anywhere(server: ModelServer, client: httpx2.Client) -> None:
    assert preflight(client).status_code == 200
    allowed = client.post("/chat/completions", json=ASK, headers=ORIGIN).headers
    assert allowed["access-control-allow-origin"] == "*"
    assert len(server.preflights) == 1
    assert len(server.chats) == 1


def test_a_preflight_for_other_headers_is_refused_unless_allowed(server: ModelServer, client: httpx2.Client) -> None:
    assert preflight(client, "content-type, x-stainless-lang").status_code == 400
    server.allow(headers=("content-type", "x-stainless-lang"))
    assert preflight(client, "content-type, x-stainless-lang").status_code == 200


def test_origins_may_be_listed_or_cors_be_unknown(server: ModelServer, client: httpx2.Client) -> None:
    server.allow(origins=["http://127.0.0.1:2"])
    assert preflight(client).status_code == 400
    server.allow(origins=[ORIGIN["origin"]], exposed=["retry-after"])
    server.reply_error(429)
    headers = client.post("/chat/completions", json=ASK, headers=ORIGIN).headers
    assert headers["access-control-allow-origin"] == ORIGIN["origin"]
    assert headers["access-control-expose-headers"] == "retry-after"
    server.allow(origins=())
    assert "access-control-allow-origin" not in client.post("/chat/completions", json=ASK, headers=ORIGIN).headers


def test_a_reset_breaks_off_and_forgets(server: ModelServer, client: httpx2.Client) -> None:
    server.reply("held", gate=server.gate())
    server.reply("never sent")
    server.allow(origins=())
    with connect(server) as held:
        server.wait_for_request()
        server.reset()
        assert not read_all(held).endswith(b"0\r\n\r\n")
    assert server.chats == []
    with pytest.raises(httpx2.ConnectError):
        post(client)
    client.base_url = server.base_url
    assert text(post(client)) == "You said: hello there"
    assert preflight(client).status_code == 200
    assert len(server.chats) == 1


def test_it_runs_on_its_own_and_stops_when_told() -> None:
    command = [sys.executable, "-m", "tests.server", "--tokens", "3"]
    with subprocess.Popen(command, cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        assert text(httpx2.post(f"{url}/chat/completions", json=STREAM, trust_env=False)) == " 0 1 2"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
