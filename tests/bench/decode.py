"""How fast an answer is decoded: our bytes-to-deltas against the SDK's own stream of chunks, or of events of Responses.

Both sides go through the same `AsyncOpenAI` client, over the same bytes.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from statistics import median
from time import perf_counter, process_time

import httpx2
import openai

from chatwidget._connection.resolve import for_client
from chatwidget._transports.base import ChatRequest
from chatwidget._transports.openai import OpenAIClient
from chatwidget._transports.server import ServerTransport
from chatwidget._wire.responses import RESPONSES
from tests.bench._report import Row
from tests.bench._server import model_server

EVENTS = 5000
REPEATS = 11
READ_SIZE = 16 * 1024
"""What one read of a socket gives when the server sends flat out."""
MESSAGES = [{"role": "user", "content": "Count"}]
TARGET = 5
TARGET_RESPONSES = 8

Clock = Callable[[], float]
Stream = Callable[[openai.AsyncOpenAI], Awaitable[int]]
Streams = tuple[Stream, Stream]
"""Ours and the SDK's."""


async def ours(client: openai.AsyncOpenAI) -> int:
    """Count the texts that our transport gives."""
    request = ChatRequest(MESSAGES, "test-model")
    return len([delta.content async for delta in for_client(client).stream(request) if delta.content])


async def theirs(client: openai.AsyncOpenAI) -> int:
    """Count the texts that the SDK's stream gives."""
    stream = await client.chat.completions.create(model="test-model", messages=MESSAGES, stream=True)
    texts = [chunk.choices[0].delta.content async for chunk in stream if chunk.choices]
    return len([text for text in texts if text])


async def our_responses(client: openai.AsyncOpenAI) -> int:
    """Count the texts that our transport gives of the Responses API."""
    transport = ServerTransport(OpenAIClient(client=client), RESPONSES)
    request = ChatRequest(MESSAGES, "test-model")
    return len([delta.content async for delta in transport.stream(request) if delta.content])


async def their_responses(client: openai.AsyncOpenAI) -> int:
    """Count the texts that the SDK's stream of typed events gives."""
    stream = await client.responses.create(model="test-model", input="Count", stream=True)
    return len([event.delta async for event in stream if event.type == "response.output_text.delta"])


CHAT: Streams = ours, theirs
OF_RESPONSES: Streams = our_responses, their_responses


def measure() -> Iterator[Row]:
    """Decoding alone, by the size of the reads, and with a real socket before it."""
    for api, streams, events, target in (
        ("", CHAT, [_event(number) for number in range(EVENTS)], TARGET),
        (" Responses,", OF_RESPONSES, _responses_events(), TARGET_RESPONSES),
    ):
        body = b"".join(events)
        reads = [body[start : start + READ_SIZE] for start in range(0, len(body), READ_SIZE)]
        for name, pieces in (("16 kB a read", reads), ("an event a read", events)):
            seconds = asyncio.run(_compare(_in_memory(pieces), streams))
            yield _row(f"decode,{api} from memory, {name}, CPU time", seconds, target)
    with model_server(tokens=EVENTS) as base_url:
        client = _over_loopback(base_url)
        yield _row("decode, over loopback, at the server's pace", asyncio.run(_compare(client, CHAT, perf_counter)))
        client = _over_loopback(base_url)
        yield _row("decode, over loopback, CPU time", asyncio.run(_compare(client, CHAT)))


def _event(number: int) -> bytes:
    chunk = {
        "id": "chatcmpl-test",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "test-model",
        "choices": [{"index": 0, "delta": {"content": f" {number}"}, "finish_reason": None}],
    }
    if number == EVENTS - 1:
        chunk["choices"][0]["finish_reason"] = "stop"
    end = b"data: [DONE]\n\n" if number == EVENTS - 1 else b""
    return b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n" + end


def _responses_events() -> list[bytes]:
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    item = {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": []}
    response = {"id": "resp_1", "object": "response", "model": "test-model", "status": "completed", "output": [item]}
    events = [
        ("response.output_text.delta", {**place, "delta": f" {number}", "logprobs": [], "obfuscation": "x7Qd2"})
        for number in range(EVENTS)
    ]
    return [
        f"event: {kind}\ndata: {json.dumps({'type': kind, 'sequence_number': number, **rest})}\n\n".encode()
        for number, (kind, rest) in enumerate([*events, ("response.completed", {"response": response})])
    ]


class _Pieces(httpx2.AsyncByteStream):
    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


def _in_memory(pieces: Sequence[bytes]) -> openai.AsyncOpenAI:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=_Pieces(pieces))

    http_client = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    return openai.AsyncOpenAI(api_key="k", base_url="http://test/v1", http_client=http_client)


def _over_loopback(base_url: str) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(api_key="k", base_url=base_url, http_client=httpx2.AsyncClient())


async def _compare(client: openai.AsyncOpenAI, streams: Streams, clock: Clock = process_time) -> tuple[float, float]:
    """The median seconds of ours and theirs; of CPU time, as what else the machine does is not their doing."""
    times: dict[Stream, list[float]] = {stream: [] for stream in streams}
    async with client:
        # The first time of each is for what they import and compile then.
        for _ in range(1 + REPEATS):
            for stream, seconds in times.items():
                start = clock()
                count = await stream(client)
                seconds.append(clock() - start)
                assert count == EVENTS, (stream, count)
    mine, base = (median(seconds[1:]) for seconds in times.values())
    return mine, base


def _row(name: str, seconds: tuple[float, float], target: float | None = None) -> Row:
    mine, base = (f"{EVENTS / each:,.0f}/s" for each in seconds)
    ratio = seconds[1] / seconds[0]
    return Row(name, mine, f"SDK {base}", ratio, *((f"at least {target}x", ratio >= target) if target else ()))
