"""The SSE decoder against the shared cases, in every cut, and at its bounds. Runs in Pyodide too."""

import base64
import json
import random
from pathlib import Path

import pytest

from chatwidget._errors import ServerError
from chatwidget._wire.sse import MAX_EVENT_BYTES, Event, SSEDecoder

CASES = json.loads((Path(__file__).parents[2] / "cases" / "sse.json").read_text())["cases"]


def decode(chunks: list[bytes]) -> tuple[list[Event], int | None]:
    decoder = SSEDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return events + decoder.close(), decoder.retry


def cuts(body: bytes) -> dict[str, list[list[bytes]]]:
    return {
        "whole": [[body]],
        "bytewise": [[body[i : i + 1] for i in range(len(body))]],
        "two-way": [[body[:i], body[i:]] for i in range(len(body) + 1)],
        "with empty chunks": [[b"", *(piece for i in range(len(body)) for piece in (body[i : i + 1], b""))]],
    }


@pytest.mark.parametrize("kind", ["whole", "bytewise", "two-way", "with empty chunks"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_shared_case(case, kind):
    expected = [Event(**event) for event in case["expected"]], case["expected_retry_ms"]
    for chunks in cuts(base64.b64decode(case["bytes_b64"]))[kind]:
        assert decode(chunks) == expected


@pytest.mark.parametrize("seed", range(50))
def test_any_cut_of_any_mixture_gives_the_same_events(seed):
    rng = random.Random(seed)
    parts = [b"data", b":", b" ", b"\n", b"\r", b"\r\n", b"\xef\xbb\xbf", b"x", b"\xf0\x9f\x98\x80", b"\xff"]
    parts += [b"id", b"\0", b"retry", b"17", b"event"]
    body = b"".join(rng.choices(parts, k=200))
    chunks = []
    rest = body
    while rest:
        size = rng.randint(1, 7)
        chunks.append(rest[:size])
        rest = rest[size:]
    assert decode(chunks) == decode([body])


def test_r22_an_event_of_64_mib_is_accepted():
    [event], _ = decode([b"data: ", b"x" * MAX_EVENT_BYTES, b"\n\n"])
    assert len(event.data) == MAX_EVENT_BYTES


@pytest.mark.parametrize(
    "chunks",
    [
        [b"data: ", b"x" * (MAX_EVENT_BYTES + 1), b"\n\n"],
        [b"data: " + b"x" * MAX_EVENT_BYTES, b"\ndata: y\n\n"],
        [b"x" * (MAX_EVENT_BYTES // 2)] * 3,
        [b": " + b"x" * (MAX_EVENT_BYTES + 20)],
    ],
    ids=["one line", "two lines", "a line without end", "a comment"],
)
def test_r22_a_larger_event_is_an_error_that_says_so(chunks):
    with pytest.raises(ServerError, match="64 MiB"):
        decode(chunks)


def test_events_before_one_that_is_too_large_are_given_first():
    decoder = SSEDecoder()
    body = b"data: ok\n\ndata: " + b"x" * (MAX_EVENT_BYTES + 1) + b"\n\n"
    assert [event.data for event in decoder.feed(body)] == ["ok"]
    with pytest.raises(ServerError):
        decoder.close()


def test_many_small_pieces_of_one_line_are_kept_not_joined():
    decoder = SSEDecoder()
    decoder.feed(b"data: ")
    for _ in range(200_000):
        decoder.feed(b"x")
    [event] = decoder.feed(b"\n\n")
    assert event.data == "x" * 200_000


def test_a_retry_longer_than_any_time_is_ignored():
    assert decode([b"retry: 5\nretry: " + b"9" * 5000 + b"\ndata: x\n\n"])[1] == 5
