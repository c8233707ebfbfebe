"""Answers of Anthropic's Messages API from their bytes. Runs in Pyodide too."""

import json

import pytest

from chatwidget._conversation.messages import Status, Usage
from chatwidget._conversation.tree import Conversation
from chatwidget._errors import StreamInterruptedError, TransportError
from chatwidget._wire.anthropic import ANTHROPIC
from chatwidget._wire.decoder import AnswerDecoder


def start(index, **block):
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index, kind, **piece):
    return {"type": "content_block_delta", "index": index, "delta": {"type": f"{kind}_delta", **piece}}


ANSWER = [
    {"type": "message_start", "message": {"model": "claude", "usage": {"input_tokens": 3, "output_tokens": 1}}},
    start(0, type="thinking", thinking="", signature=""),
    {"type": "ping"},
    delta(0, "thinking", thinking="Hm, "),
    delta(0, "thinking", thinking="wait."),
    delta(0, "signature", signature="signed"),
    {"type": "content_block_stop", "index": 0},
    start(1, type="text", text=""),
    delta(1, "text", text="¿Qué "),
    delta(1, "brand_new", text="?"),
    delta(1, "text", text="hay? 👩‍👩‍👧"),
    {"type": "content_block_stop", "index": 1},
    start(2, type="tool_use", id="toolu_1", name="price", input={}),
    delta(2, "input_json", partial_json='{"symbol": '),
    delta(2, "input_json", partial_json='"A"}'),
    {"type": "content_block_stop", "index": 2},
    {"type": "brand_new"},
    {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 9}},
    {"type": "message_stop"},
]


def body(*events):
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events).encode()


def replay(raw, size=None):
    """The reply that an answer with this body becomes, fed in pieces of `size` bytes."""
    conversation = Conversation()
    reply = conversation.begin()
    decoder = AnswerDecoder(ANTHROPIC.reader(), "text/event-stream")
    status, error = Status.COMPLETE, None
    size = size or len(raw)
    try:
        for place in range(0, len(raw), size):
            for update in decoder.feed(raw[place : place + size]):
                conversation.apply(reply, update)
        for update in decoder.close():
            conversation.apply(reply, update)
    except StreamInterruptedError as failure:
        status, error = Status.INTERRUPTED, str(failure)
    except TransportError as failure:
        status, error = Status.ERROR, str(failure)
    return conversation.finish(reply, status, error=error)


@pytest.mark.parametrize("size", [None, 1, 7, 100])
def test_an_answer_is_the_same_however_its_bytes_are_cut(size):
    reply = replay(body(*ANSWER), size)
    assert (reply.status, reply.content, reply.reasoning) == (Status.COMPLETE, "¿Qué hay? 👩‍👩‍👧", "Hm, wait.")
    assert (reply.model, reply.finish_reason, reply.usage) == ("claude", "tool_calls", Usage(3, 9, 12))
    assert [(call.id, call.name, call.arguments) for call in reply.tool_calls] == [
        ("toolu_1", "price", '{"symbol": "A"}')
    ]


def test_nothing_is_read_behind_the_end():
    decoder = AnswerDecoder(ANTHROPIC.reader())
    assert list(decoder.feed(body(*ANSWER)))
    assert decoder.done
    assert list(decoder.feed(body(delta(1, "text", text="more")))) == []


def test_an_answer_without_its_end_is_cut_off():
    assert replay(body(*ANSWER[:-2])).status == Status.INTERRUPTED
    assert replay(body(*ANSWER[:-1])).status == Status.COMPLETE


def test_an_error_in_the_stream_comes_after_the_text_before_it():
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    for raw in (body(*ANSWER[:-2], error), body(*ANSWER[:-2]) + f"data: {json.dumps(error)}\n\n".encode()):
        reply = replay(raw)
        assert (reply.status, reply.error, reply.content) == (Status.ERROR, "Overloaded", "¿Qué hay? 👩‍👩‍👧")


@pytest.mark.parametrize("value", [None, 3, [], {}, "text"])
@pytest.mark.parametrize("place", range(len(ANSWER)))
def test_events_of_an_odd_shape_are_no_failure_of_ours(place, value):
    """Fails where a reader takes for granted what an event has."""
    for name in ANSWER[place].keys() - {"type"}:
        events = [*ANSWER[:place], {**ANSWER[place], name: value}, *ANSWER[place + 1 :]]
        assert replay(body(*events)).status in {Status.COMPLETE, Status.INTERRUPTED}


def test_the_key_is_sent_in_anthropics_header():
    assert ANTHROPIC.headers("the-key")["x-api-key"] == "the-key"
    assert ANTHROPIC.headers(None).keys() == ANTHROPIC.headers("x").keys() - {"x-api-key"}
