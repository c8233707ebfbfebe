"""Answers of OpenAI's Responses API from their bytes. Runs in Pyodide too."""

import json
import random
import re
from pathlib import Path

import pytest

from chatwidget._conversation.messages import IMAGE, Status
from chatwidget._errors import ServerError
from chatwidget._wire.decoder import AnswerDecoder
from chatwidget._wire.responses import RESPONSES
from tests.unit.wire._responses import (
    PNG,
    added,
    body,
    completed,
    done,
    function,
    image,
    message,
    piece,
    replay,
    sent_back,
)

CASES = json.loads((Path(__file__).parents[2] / "cases" / "responses.json").read_text())["cases"]
BODIES = [case for case in CASES if case["http"]["status"] == 200]


def whole(case, key):
    """The text of a case, which is in parts if it is long."""
    parts = case.get(f"{key}_parts")
    return case.get(key, "") if parts is None else "".join(text * times for text, times in parts)


def holds(item, expected):
    return all(item.get(key) == value for key, value in expected.items())


def events_of(case):
    """The events of a case as parsed JSON."""
    lines = whole(case, "body").split("\n")
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]


def without(*endings):
    """A change that leaves out the events whose types end so."""
    return lambda events: [event for event in events if not event["type"].endswith(endings)]


def without_keys(*keys):
    """A change that leaves out keys, wherever they are."""

    def stripped(value):
        if isinstance(value, list):
            return [stripped(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {key: stripped(item) for key, item in value.items() if key not in keys}

    return lambda events: [stripped(event) for event in events]


def with_other_ids(events):
    texts = [re.sub(r'"(msg|rs|fc|ctc|ig)_(\w+)"', rf'"\1_{n}_\2"', json.dumps(e)) for n, e in enumerate(events)]
    return [json.loads(text) for text in texts]


def with_empty_output(events):
    *before, last = events
    return [*before, {**last, "response": {**last["response"], "output": []}}]


INDEXES = ("output_index", "content_index", "summary_index", "sequence_number")
TEXTS_DONE = ("text.done", "refusal.done", "arguments.done", "input.done")
ENDS = ("output_item.done", "response.completed", "response.incomplete")

CHANGES = {
    "nothing announced": without("output_item.added"),
    "no parts": without("_part.added", "_part.done"),
    "no deltas": without(".delta"),
    "no texts done": without(*TEXTS_DONE),
    "no items done": without("output_item.done"),
    "empty output": with_empty_output,
    "no indexes": without_keys("output_index"),
    "no indexes of parts": without_keys("content_index", "summary_index"),
    "all indexes zero": lambda events: [
        event | {"output_index": 0, "content_index": 0, "summary_index": 0} for event in events
    ],
    "other ids": with_other_ids,
    "no ids": without_keys("id", "item_id"),
    "done twice": lambda events: [e for e in events for _ in range(2 if e["type"].endswith(".done") else 1)],
}
TOO_MUCH = [
    # Nothing tells the calls apart, or the reasoning is not told to be done.
    {"nothing announced", "no indexes"},
    {"nothing announced", "all indexes zero"},
    {"no items done", "empty output"},
    # What is not repeated may be missing.
    {"no deltas", "empty output"},
    {"no texts done", "empty output"},
]
REGULAR = [
    case
    for case in BODIES
    if case["id"] in {f"RS{number:02}" for number in (*range(1, 9), 10, *range(17, 22), 27, 28, 31, 33, 37)}
]


def check(case, reply):
    expect = case["expect"]
    got = {
        "status": str(reply.status),
        "text": IMAGE.sub("", reply.markdown).strip() if expect.get("images") else reply.markdown,
        "reasoning": reply.reasoning,
        "refusal": reply.refusal,
        "tool_calls": [{"name": call.name, "arguments": call.arguments} for call in reply.tool_calls],
        "finish_reason": reply.finish_reason,
        "usage": reply.usage and reply.usage.total_tokens,
        "images": len(IMAGE.findall(reply.markdown)),
        "citations": [citation.url or citation.title for citation in reply.citations],
    }
    wanted = {**expect, "text": whole(expect, "text")}
    assert {key: got[key] for key in wanted if key in got} == {key: wanted[key] for key in wanted if key in got}
    assert expect.get("error_contains", "") in (reply.error or "")
    assert expect.get("image_data", "") in reply.markdown
    items = iter(sent_back(reply))
    assert all(any(holds(item, wanted) for item in items) for wanted in expect.get("replay", []))


@pytest.mark.parametrize("cut", [None, 7, "random"])
@pytest.mark.parametrize("case", BODIES, ids=lambda case: case["id"])
def test_shared_case(case, cut):
    check(case, replay(whole(case, "body").encode(), cut, case["http"]["headers"]["content-type"]))


@pytest.mark.parametrize("second", CHANGES)
@pytest.mark.parametrize("first", CHANGES)
def test_any_two_deviations_leave_an_answer_as_it_is(first, second):
    if {first, second} in TOO_MUCH or first > second:
        return
    for case in REGULAR:
        events = events_of(case)
        for name in {first: None, second: None}:
            events = CHANGES[name](events)
        check(case, replay(body(*events)))


@pytest.mark.parametrize("case", REGULAR, ids=lambda case: case["id"])
def test_any_form_of_a_body_will_do(case):
    events = events_of(case)
    check(case, replay(b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in events)))
    nameless = [(event["type"], {key: event[key] for key in event if key != "type"}) for event in events]
    check(case, replay(b"".join(f"event: {kind}\ndata: {json.dumps(event)}\n\n".encode() for kind, event in nameless)))
    check(case, replay(body(*(event for event in events if event["type"].endswith(ENDS)))))
    check(case, replay(body(events[-1], "data: [DONE]")))
    check(case, replay(body(*events[:-1], events[-1] | {"type": "response.done"})))
    check(case, replay(json.dumps(events[-1]["response"]).encode()))
    check(case, replay("\n".join(map(json.dumps, events)).encode()))


def calls(reply):
    return [(call.name, call.arguments) for call in reply.tool_calls]


def test_nothing_is_read_behind_the_end():
    decoder = AnswerDecoder(RESPONSES.reader())
    assert list(decoder.feed(body(piece("a"), completed())))
    assert decoder.done
    assert list(decoder.feed(body(piece("b")))) == []


def test_a_stream_ends_with_done_alone():
    reply = replay(body(piece("a"), "data: [DONE]"))
    assert (reply.status, reply.content, reply.finish_reason) == (Status.COMPLETE, "a", None)


@pytest.mark.parametrize(
    "keep_alive",
    [
        *(": wait", "data:", "data: ping", "data: : keep-alive", "event: keepalive", "event: keepalive\ndata: {"),
        'event: ping\ndata: {"type": "ping', 'data: {"type": "keepalive", "sequence_number": 3}', "data: null",
    ],
)  # fmt: skip
def test_keep_alives_change_nothing(keep_alive):
    reply = replay(body(keep_alive, piece("a"), keep_alive, piece("b"), keep_alive, completed()))
    assert (reply.status, reply.content) == (Status.COMPLETE, "ab")


@pytest.mark.parametrize(
    "event",
    [
        {"type": "error", "code": "x", "message": "overloaded", "param": None},
        {"type": "error", "error": {"type": "x", "code": None, "message": "overloaded"}},
        {"type": "error", "error": "overloaded"},
        {"type": "server_error", "message": "overloaded"},
        {"type": "response.failed", "response": {"status": "failed", "error": {"code": "x", "message": "overloaded"}}},
        {"type": "response.failed", "response": {"status": "failed", "error": {"code": "overloaded"}}},
        {"type": "response.failed", "error": {"message": "overloaded"}, "response": {"status": "failed"}},
        {"type": "response.failed", "message": "overloaded"},
        {"type": "response.completed", "response": {"status": "failed", "error": {"message": "overloaded"}}},
        'data: {"error": {"message": "overloaded", "type": "server_error", "code": 503}}',
        'data: {"error": "overloaded"}',
        'data: {"object": "error", "message": "overloaded", "code": 500}',
        'data: {"detail": "overloaded"}',
        'data: {"status": 503, "title": "overloaded"}',
        "event: error\ndata: overloaded",
        'event: error\ndata: {"message": "overloaded"}',
        "data: upstream overloaded",
    ],
)
def test_an_error_in_the_stream_comes_after_the_text_before_it(event):
    reply = replay(body(piece("partial"), event))
    assert (reply.status, reply.content) == (Status.ERROR, "partial")
    assert "overloaded" in reply.error


def test_a_failure_without_words_says_so():
    reply = replay(body(piece("partial"), {"type": "response.failed", "response": {"status": "failed", "error": None}}))
    assert (reply.status, reply.content) == (Status.ERROR, "partial")
    assert "without saying which" in reply.error


@pytest.mark.parametrize("kind", ["error", "response.failed"])
def test_an_error_about_the_length_says_how_much_fits(kind):
    says = "This model's maximum context length is 8000 tokens, but your messages resulted in 9000 tokens."
    error = {"code": "context_length_exceeded", "message": says}
    reader = RESPONSES.reader()
    with pytest.raises(ServerError) as raised:
        list(reader.chunk({"type": kind, "error": error, "response": {"error": error}}))
    assert (raised.value.code, raised.value.limit, raised.value.asked) == ("too_long", 8000, 9000)


@pytest.mark.parametrize(
    "end",
    [
        {"type": "response.cancelled", "response": {"status": "cancelled"}},
        completed(status="incomplete", incomplete_details={"reason": "steered"}),
    ],
)
def test_an_answer_that_was_ended_is_interrupted(end):
    reply = replay(body(piece("a"), done(function()), end))
    assert (reply.status, reply.content) == (Status.INTERRUPTED, "a")


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_a_whole_response_that_is_not_over_is_no_answer(status):
    value = {"object": "response", "status": status, "output": []}
    assert replay(json.dumps(value).encode(), content_type="application/json").status == Status.INTERRUPTED


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (completed(), "stop"),
        ({"type": "response.completed"}, "stop"),
        (completed(status="completed", incomplete_details={"reason": "max_output_tokens"}), "length"),
        (completed(status="incomplete", incomplete_details={"reason": "max_tokens"}), "length"),
        (completed(status="incomplete", incomplete_details=None), "length"),
        ({"type": "response.incomplete"}, "length"),
        (completed(message("a", status="incomplete")), "length"),
        (completed(function(status="incomplete")), "length"),
        (completed(function()), "tool_calls"),
    ],
)
def test_the_response_says_why_it_ended(end, reason):
    assert replay(body(piece("a"), end)).finish_reason == reason


def test_calls_are_in_the_order_of_the_answer():
    one, two = function("f", id="fc_1"), function("g", call_id="call_2", id="fc_2")
    reply = replay(body(added(two, 1), done(two, 1), added(one, 0), done(one, 0), completed(one, two)))
    assert calls(reply) == [("f", "{}"), ("g", "{}")]


@pytest.mark.parametrize("last", [done, completed])
def test_the_last_whole_word_about_a_call_wins(last):
    pieces = [piece(text, "fc_1", name="function_call_arguments") for text in ('{"a": 1', "}}")]
    right = function(arguments='{"a": 1}', id="fc_1")
    assert calls(replay(body(added({**right, "arguments": ""}), *pieces, last(right), completed()))) == [
        ("f", '{"a": 1}')
    ]


def test_arguments_that_are_only_announced_are_taken():
    assert calls(replay(body(added(function(arguments='{"a": 1}')), completed()))) == [("f", '{"a": 1}')]
    pieces = [piece('{"a": 1}', "call_1", name="function_call_arguments")]
    assert calls(replay(body(added(function(arguments='{"a": 1}')), *pieces, completed()))) == [("f", '{"a": 1}')]


def test_arguments_may_be_an_object():
    assert calls(replay(body(done(function(arguments={"a": "é"})), completed()))) == [("f", '{"a":"é"}')]


def test_alike_calls_are_as_many_as_the_server_says():
    one, two = function(call_id="call_1"), function(call_id="call_2")
    assert len(calls(replay(body(done(one, 0), done(two, 1), completed(one, two))))) == 2
    assert len(calls(replay(body(done(one), done(two), completed(one, two))))) == 2
    assert len(calls(replay(body(completed(one, two))))) == 2


def test_a_text_is_completed_only_where_it_ends():
    texts = [piece("One", "msg_1"), piece("Two", "msg_2", 1)]
    reply = replay(body(*texts, done(message("One!", id="msg_1")), done(message("Two!", id="msg_2"), 1), completed()))
    assert reply.content == "One\n\nTwo!"


def test_an_index_that_counts_the_pieces_changes_nothing():
    pieces = [piece(text, content_index=index) for index, text in enumerate(["I", " am", " I"])]
    for index in (0, 2, 3):
        end = {"type": "response.output_text.done", "item_id": "msg_1", "content_index": index, "text": "I am I."}
        assert replay(body(*pieces, end, done(message("I am I.", id="msg_1")), completed())).content == "I am I."


def test_another_text_at_the_end_is_left_alone():
    assert replay(body(piece("One"), completed(message("Another")))).content == "One"


def test_a_response_with_nothing_but_its_text_is_read():
    assert replay(body(completed(output_text="Hello"))).content == "Hello"


@pytest.mark.parametrize(
    "events",
    [
        [piece("Hm.", "rs_1", name="reasoning_text"), piece("Hm.", "rs_1", name="reasoning_summary_text")],
        [piece("Hm.", "rs_1", name="reasoning")],
        [added({"type": "reasoning", "id": "rs_1", "summary": []}), piece("Hm.", "rs_1")],
        [done({"type": "reasoning", "summary": ["Hm."], "content": [{"type": "reasoning_text", "text": "Hm."}]})],
        [done({"type": "message", "content": [{"type": "reasoning_text", "text": "Hm."}]})],
        [piece("<think>Hm.</think>")],
    ],
)
def test_reasoning_is_read_once_wherever_it_is(events):
    reply = replay(body(*events, piece("Hi", "msg_9", 1), completed()))
    assert (reply.reasoning, reply.content) == ("Hm.", "Hi")


def test_reasoning_of_several_items_is_apart():
    thoughts = [piece("One.", "rs_1", 0, "reasoning_text"), piece("Two.", "rs_2", 1, "reasoning_text")]
    assert replay(body(*thoughts, completed())).reasoning == "One.\n\nTwo."


SVG = "PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+"


def preview(data):
    return {"type": "response.image_generation_call.partial_image", "item_id": "ig_1", "partial_image_b64": data}


def test_a_picture_stands_apart_from_the_texts_around_it():
    reply = replay(body(piece("One"), done(image(PNG), 1), piece("Two", "msg_2", 2), completed()))
    assert reply.markdown == f"One\n\n![image](data:image/png;base64,{PNG})\n\nTwo"


def test_the_last_preview_is_shown_if_the_picture_never_came():
    reply = replay(body(preview("AAAA"), preview(PNG), done(image(None)), completed(image(None))))
    assert reply.markdown == f"![image](data:image/png;base64,{PNG})"


def test_a_vector_graphic_is_never_shown():
    reply = replay(body(preview(SVG), done(image(SVG, output_format="svg")), completed(image(SVG))))
    assert "svg" not in reply.markdown
    assert SVG not in reply.markdown


def test_pictures_of_the_code_interpreter_are_shown_once():
    outputs = [{"type": "logs", "logs": "x"}, {"type": "image", "url": f"data:image/png;base64,{PNG}"}]
    item = {"type": "code_interpreter_call", "id": "ci_1", "code": "plot()", "outputs": outputs}
    reply = replay(body(done(item), completed(item)))
    assert len(IMAGE.findall(reply.markdown)) == 1


@pytest.mark.parametrize(
    ("annotation", "cited"),
    [
        ({"type": "url_citation", "url": "https://a.example", "title": "A"}, ("https://a.example", "A")),
        ({"type": "file_citation", "file_id": "file_1", "filename": "a.pdf", "index": 3}, ("", "a.pdf")),
        ({"type": "file_path", "file_id": "file_1", "index": 3}, ("", "file_1")),
        ({"type": "moon_citation", "url": "https://a.example"}, None),
        (None, None),
    ],
)
def test_citations_are_read_once(annotation, cited):
    event = {"type": "response.output_text.annotation.added", "item_id": "msg_1", "annotation": annotation}
    item = message("a", id="msg_1")
    item["content"][0]["annotations"] = [annotation]
    reply = replay(body(piece("a"), event, done(item), completed(item)))
    assert [(citation.url, citation.title) for citation in reply.citations] == ([cited] if cited else [])


@pytest.mark.parametrize("value", [None, 3, "text", [[]], {"type": []}])
@pytest.mark.parametrize("case", [REGULAR[5], REGULAR[9]], ids=lambda case: case["id"])
def test_events_of_an_odd_shape_are_no_failure_of_ours(case, value):
    """Fails where a reader takes for granted what an event has."""
    events = events_of(case)
    for place, event in enumerate(events):
        for holder in (event, event.get("item"), event.get("part"), event.get("response")):
            for name in holder or ():
                odd = {**holder, name: value}
                key = next((key for key in event if event[key] is holder), None)
                changed = odd if key is None else {**event, key: odd}
                replay(body(*events[:place], "data: " + json.dumps(changed), *events[place + 1 :]))


@pytest.mark.parametrize("number", range(100))
def test_events_in_any_order_are_no_failure_of_ours(number):
    source = random.Random(number)
    events = source.choices([event for case in REGULAR for event in events_of(case)], k=40)
    for key in ("item_id", "output_index", "item", "delta", "response", "part"):
        event = source.choice(events)
        event.pop(key, None)
    replay(body(*events))
