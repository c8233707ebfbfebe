"""Answers as servers really send them: the shared cases, and the rules behind them. Runs in Pyodide too."""

import json
from pathlib import Path

import pytest

from chatwidget._conversation.messages import Message, Status
from chatwidget._conversation.tree import Conversation
from chatwidget._errors import ServerError, StreamInterruptedError
from chatwidget._wire.chat_completions.chunks import ChunkReader
from chatwidget._wire.chat_completions.request import request_body
from chatwidget._wire.decoder import AnswerDecoder

CASES = json.loads((Path(__file__).parents[2] / "cases" / "protocol.json").read_text())["cases"]
BODIES = [case for case in CASES if case["http"]["status"] == 200]


def replay(body: bytes | str, content_type: str = "text/event-stream", size: int | None = None) -> Message:
    """The reply that an answer with this body becomes, fed in pieces of `size` bytes."""
    raw = body.encode() if isinstance(body, str) else body
    size = size or len(raw) or 1
    conversation = Conversation()
    reply = conversation.begin()
    decoder = AnswerDecoder(ChunkReader(), content_type)
    status, error = Status.COMPLETE, None
    try:
        for start in range(0, len(raw), size):
            for delta in decoder.feed(raw[start : start + size]):
                conversation.apply(reply, delta)
        for delta in decoder.close():
            conversation.apply(reply, delta)
    except StreamInterruptedError as failure:
        status, error = Status.INTERRUPTED, str(failure)
    except ServerError as failure:
        status, error = Status.ERROR, str(failure)
    return conversation.finish(reply, status, error=error)


def stream(*chunks, done: bool = True) -> str:
    """A body of these chunks: dicts are deltas or whole chunks, text stands as it is."""
    lines = [chunk if isinstance(chunk, str) else f"data: {json.dumps(whole_chunk(chunk))}" for chunk in chunks]
    return "\n\n".join([*lines, "data: [DONE]"] if done else lines) + "\n\n"


def whole_chunk(chunk: dict) -> dict:
    return chunk if "choices" in chunk or "usage" in chunk else {"choices": [{"index": 0, "delta": chunk}]}


def finish(reason: object = "stop", **delta) -> dict:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


def tool(*function, **call) -> dict:
    """A delta with a piece of a tool call; `function` is its name and arguments, as far as they come."""
    return {"tool_calls": [{**call, "function": dict(zip(("name", "arguments"), function, strict=False))}]}


F = {"name": "f", "arguments": "{}"}


def calls(reply: Message) -> list[tuple[str, str]]:
    return [(call.name, call.arguments) for call in reply.tool_calls]


@pytest.mark.parametrize("size", [None, 1, 7, 1000])
@pytest.mark.parametrize("case", BODIES, ids=lambda case: case["id"])
def test_shared_case(case, size):
    reply = replay(case["body"], case["http"]["headers"]["content-type"], size)
    expect = case["expect"]
    got = {
        "status": str(reply.status),
        "text": reply.content,
        "reasoning": reply.reasoning,
        "tool_calls": [{"name": call.name, "arguments": call.arguments} for call in reply.tool_calls],
        "finish_reason": reply.finish_reason,
        "usage": reply.usage and reply.usage.total_tokens,
        "role": reply.role,
    }
    assert {key: got[key] for key in expect if key in got} == {key: expect[key] for key in expect if key in got}
    assert expect.get("error_contains", "") in (reply.error or "")
    if "roundtrip" in expect:
        assert expect["roundtrip"] in reply.data["tool_calls"][0]


@pytest.mark.parametrize(
    "keep_alive",
    [
        *(": ping", "data:", "data: null", 'data: ""', "data: : x", "data: ping", "data: 0", "data: {}", "data: []"),
        *("event: ping\ndata: {}", 'data: {"type": "ping"}', 'data: {"choices": null}', 'data: {"choices": [null]}'),
        'data: {"choices": [{"delta": null}]}',
        'data: {"choices": [{"index": null, "delta": {"role": ""}}]}',
    ],
)
def test_what_says_nothing_changes_nothing(keep_alive):
    reply = replay(stream(keep_alive, {"content": "a"}, keep_alive, finish(), keep_alive))
    assert (reply.status, reply.content) == (Status.COMPLETE, "a")


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"reasoning": "hm", "reasoning_content": "hm"},
        {"reasoning": "hm", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "hm"}]},
        {"reasoning": {"content": "hm"}},
        {"reasoning_content": "", "reasoning": "hm", "content": ""},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]},
    ],
)
def test_reasoning_is_read_once_under_any_name(delta):
    reply = replay(stream(delta, {"content": "a"}, finish()))
    assert (reply.reasoning, reply.content) == ("hm", "a")


@pytest.mark.parametrize(
    "content",
    ["ab", [{"type": "text", "text": "ab"}], [{"type": "text", "text": "a"}, "b"], {"type": "text", "text": "ab"}],
)
def test_content_comes_as_text_or_as_parts(content):
    assert replay(stream({"content": content}, finish())).content == "ab"


def test_refusals_are_kept_apart_from_content():
    reply = replay(stream({"refusal": "I can"}, {"refusal": "not."}, finish()))
    assert (reply.refusal, reply.content) == ("I cannot.", "")


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        # whole at once, and in parts
        ([tool("f", "{}", index=0, id="a")], [("f", "{}")]),
        ([tool(index=0, id="a"), tool("f", index=0), tool(None, "{}", index=0)], [("f", "{}")]),
        # the name again, growing, in parts
        ([tool("fun", index=0, id="a"), tool("fun", "{}", index=0)], [("fun", "{}")]),
        ([tool("get_", index=0, id="a"), tool("time", "{}", index=0)], [("get_time", "{}")]),
        ([tool("get", index=0, id="a"), tool("get_time", index=0)], [("get_time", "")]),
        ([tool("f", '{"a', index=0, id="a"), tool("f", '":1}', index=0, id="a")], [("f", '{"a":1}')]),
        # never an id
        ([tool("f", "{", index=0), tool(None, "}", index=0)], [("f", "{}")]),
        ([tool("f", "{"), tool(None, "}")], [("f", "{}")]),
        # in parallel: by index, interleaved, without index, all under one index with and without ids
        (
            [
                tool("f", "{", index=0, id="a"),
                tool("g", "[", index=1, id="b"),
                tool(None, "}", index=0),
                tool(None, "]", index=1),
            ],
            [("f", "{}"), ("g", "[]")],
        ),
        ([tool("f", "{}", index=0), tool("g", "{}", index=0)], [("f", "{}"), ("g", "{}")]),
        ([{"tool_calls": [{"function": F}, {"function": F}]}], [("f", "{}"), ("f", "{}")]),
        ([tool("f", "{}", index=3, id="a")], [("f", "{}")]),
        ([tool("f", index="0", id="a"), tool(None, "{}", index=0)], [("f", "{}")]),
        # one id for all of them: under indexes of their own, without any, all under one
        (
            [
                tool("f", '{"a":', index=0, id="a"),
                tool("f", "{", index=1, id="a"),
                tool(None, "1}", index=0, id="a"),
                tool(None, "}", index=1, id="a"),
            ],
            [("f", '{"a":1}'), ("f", "{}")],
        ),
        (
            [tool("f", "", index=0, id="a"), tool("g", "", index=1, id="a"), tool(None, "{}", index=1)],
            [("f", ""), ("g", "{}")],
        ),
        ([{"tool_calls": [{"id": "a", "function": F}, {"id": "a", "function": F}]}], [("f", "{}"), ("f", "{}")]),
        ([tool("f", "{}", id="a"), tool("f", '{"b":2}', id="a")], [("f", "{}"), ("f", '{"b":2}')]),
        (
            [tool("f", "{}", index=0, id="a"), tool("g", "", index=0, id="a"), tool(None, "{}", index=0, id="a")],
            [("f", "{}"), ("g", "{}")],
        ),
        # the same id again is no new call as long as nothing else is new
        ([tool("f", '{"a"', index=0, id="a"), tool(None, ":1}", index=1, id="a")], [("f", '{"a":1}')]),
        # odd shapes
        (
            [{"tool_calls": {"index": 0, "id": "a", "function": {"name": "f", "arguments": {"x": "é"}}}}],
            [("f", '{"x":"é"}')],
        ),
        ([{"tool_calls": [None, {"id": "a", "name": "f", "arguments": "{}"}]}], [("f", "{}")]),
        # legacy
        ([{"function_call": {"name": "f", "arguments": ""}}, {"function_call": {"arguments": "{}"}}], [("f", "{}")]),
    ],
)
def test_tool_calls_however_they_come(pieces, expected):
    reply = replay(stream(*pieces, finish("tool_calls")))
    assert calls(reply) == expected
    ids = [call.id for call in reply.tool_calls]
    assert all(ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ('data: {"error": {"message": "overloaded", "code": 529}}', "overloaded"),
        ('data: {"error": "overloaded"}', "overloaded"),
        ('data: {"error": true, "message": "overloaded"}', "overloaded"),
        ('data: {"error": {"code": "overloaded"}}', "overloaded"),
        ('data: {"type": "error", "error": {"type": "x", "message": "overloaded"}}', "overloaded"),
        ('data: {"object": "error", "message": "overloaded", "code": 500}', "overloaded"),
        ('data: {"message": "overloaded", "code": 500}', "overloaded"),
        ('data: {"detail": [{"msg": "overloaded"}]}', "overloaded"),
        ('data: {"base_resp": {"status_code": 1000, "status_msg": "overloaded"}}', "overloaded"),
        ("event: error\ndata: overloaded", "overloaded"),
        ('event: error\ndata: {"message": "overloaded"}', "overloaded"),
        ("data: upstream overloaded", "overloaded"),
        ('data: {"choices": [{"index": 0, "delta": {}, "error": {"message": "overloaded"}}]}', "overloaded"),
        ('data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "error"}]}', "error"),
        ('data: {"choices": [{"index": 0, "del', "not valid JSON"),
    ],
)
def test_an_error_in_mid_stream_keeps_the_text_and_says_what_it_was(event, says):
    reply = replay(stream({"content": "partial"}, event))
    assert (reply.status, reply.content) == (Status.ERROR, "partial")
    assert says in reply.error


@pytest.mark.parametrize("error", [None, "", {}, False, {"message": "", "code": None}])
def test_an_error_that_says_nothing_is_none(error):
    chunk = {"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"}], "error": error}
    assert replay(stream(chunk)).status == Status.COMPLETE


@pytest.mark.parametrize(
    ("body", "content_type", "status", "says"),
    [
        ('{"error": {"message": "no credit"}}', "application/json", Status.ERROR, "no credit"),
        ('{"error": "no credit"}', "text/event-stream", Status.ERROR, "no credit"),
        ('{"detail": "Not Found"}', "application/json", Status.ERROR, "Not Found"),
        ("<html>portal</html>", "", Status.ERROR, "portal"),
        ("Rate limit exceeded", "text/plain", Status.ERROR, "Rate limit exceeded"),
        ('{"choices": [{"mess', "application/json", Status.ERROR, "application/json"),
        ("[]", "application/json", Status.ERROR, "application/json"),
        ("", "text/event-stream", Status.INTERRUPTED, "without an answer"),
        ("", "application/json", Status.INTERRUPTED, "without an answer"),
        (": only a comment\n\n", "text/event-stream", Status.INTERRUPTED, "cut off"),
    ],
)
def test_a_body_without_an_answer_is_never_complete(body, content_type, status, says):
    reply = replay(body, content_type)
    assert reply.status == status
    assert says in reply.error


@pytest.mark.parametrize(
    "content_type", ["text/event-stream", "application/json", "text/plain; charset=x", "", "TEXT/HTML"]
)
def test_the_first_bytes_say_what_a_body_is(content_type):
    whole = {"choices": [{"message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}]}
    assert replay(stream({"content": "a"}, finish()), content_type).content == "a"
    assert replay(json.dumps(whole), content_type).content == "a"
    assert replay("\n\n" + json.dumps(whole), content_type).content == "a"
    lines = [{"choices": [{"delta": {"content": "a"}}]}, finish()]
    assert replay("\n".join(map(json.dumps, lines)), content_type).content == "a"


@pytest.mark.parametrize("reason", ["stop", "length", "content_filter", "eos", "STOP", "end_turn", "tool_calls"])
def test_any_other_finish_reason_is_kept_as_it_is(reason):
    reply = replay(stream({"content": "a"}, finish(reason), done=False))
    assert (reply.status, reply.finish_reason) == (Status.COMPLETE, reason)


@pytest.mark.parametrize("reason", ["abort", "network_error", "insufficient_system_resource"])
def test_a_reason_that_means_unfinished_is_an_interruption(reason):
    assert replay(stream({"content": "a"}, finish(reason))).status == Status.INTERRUPTED


@pytest.mark.parametrize("cut", range(1, 200, 7))
def test_a_stream_cut_before_its_finish_reason_is_interrupted(cut):
    body = stream({"content": "a" * 100}, {"content": "b" * 100}, done=False).encode()
    reply = replay(body[: cut * len(body) // 200])
    assert reply.status == Status.INTERRUPTED
    assert ("a" * 100 + "b" * 100).startswith(reply.content)


def test_a_message_beside_deltas_is_a_repetition():
    chunk = {"choices": [{"index": 0, "delta": {"content": "b"}, "message": {"content": "ab"}}]}
    last = {"choices": [{"index": 0, "delta": {}, "message": {"content": "ab"}, "finish_reason": "stop"}]}
    assert replay(stream({"content": "a"}, chunk, last)).content == "ab"


def test_of_several_answers_the_first_is_shown_whatever_the_order():
    one = {"choices": [{"index": 1, "delta": {"content": "B"}}, {"index": 0, "delta": {"content": "A"}}]}
    two = {"choices": [{"index": 1, "delta": {"content": "B"}}]}
    assert replay(stream(two, one, two, finish())).content == "A"


def test_an_only_answer_with_an_odd_number_is_shown_all_the_same():
    odd = [{"choices": [{"index": 1, "delta": {"content": text}, "finish_reason": None}]} for text in "ab"]
    end = {"choices": [{"index": 1, "delta": {}, "finish_reason": "stop"}]}
    reply = replay(stream(*odd, end))
    assert (reply.content, reply.finish_reason) == ("ab", "stop")


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([{"prompt_tokens": 1, "completion_tokens": 2}], (1, 2, 3)),
        (
            [
                {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
                {"completion_tokens": 5, "total_tokens": 6},
            ],
            (1, 5, 6),
        ),
        ([{"input_tokens": 1.0, "output_tokens": "2"}], (1, 2, 3)),
        ([{"total_tokens": 9}, {"prompt_tokens": None, "total_tokens": None}], (None, None, 9)),
    ],
)
def test_usage_is_the_latest_of_each_count(reports, expected):
    chunks = [{"choices": [], "usage": report} for report in reports]
    usage = replay(stream({"content": "a"}, *chunks, finish())).usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == expected


def test_usage_inside_a_choice_is_found():
    chunk = {
        "choices": [{"index": 0, "delta": {"content": "a"}, "usage": {"total_tokens": 4}, "finish_reason": "stop"}]
    }
    assert replay(stream(chunk)).usage.total_tokens == 4


def test_events_that_one_newline_separates_are_read_too():
    lines = [f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': text}}]})}" for text in "abc"]
    body = "\n".join([*lines, f"data: {json.dumps(finish())}", "data: [DONE]"]) + "\n\n"
    reply = replay(body)
    assert (reply.status, reply.content) == (Status.COMPLETE, "abc")


@pytest.mark.parametrize("nested", ["[" * 200_000, "[" * 200_000 + "]" * 200_000, '{"a":' * 200_000])
def test_deeply_nested_json_is_an_error_not_a_crash(nested):
    assert replay(f"data: {nested}\n\n").status == Status.ERROR
    assert replay(nested, "application/json").status == Status.ERROR


def test_brackets_in_text_are_not_nesting():
    text = '[{"' * 1000 + "\\"
    assert replay(stream({"content": text}, finish())).content == text


def test_a_request_answers_every_tool_call():
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [{"role": "user", "content": "x"}, {"role": "assistant", "content": None, "tool_calls": [call]}]
    sent = request_body(messages, "m", {})["messages"]
    assert sent[-1] == {"role": "tool", "tool_call_id": "a", "content": "This call was not run."}
    answered = [*messages, {"role": "tool", "tool_call_id": "a", "content": "1"}]
    assert request_body(answered, "m", {})["messages"] == answered


def test_parameters_go_into_the_body_as_they_are():
    body = request_body([], "m", {"temperature": 0, "stream_options": {"include_usage": False}, "new_thing": [1]})
    assert (body["temperature"], body["new_thing"]) == (0, [1])
    assert body["stream_options"] == {"include_usage": False}


def unended(*lines: str) -> str:
    return "\n".join(lines)


HEL = f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': 'Hel'}}]})}"
LO = f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': 'lo'}}]})}"
STOP = f"data: {json.dumps(finish())}"
DONE = "data: [DONE]"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "body",
    [
        # every event ends in one newline
        unended(HEL, LO, STOP, DONE, ""),
        unended(HEL, LO, STOP, ""),
        unended(HEL, LO, DONE),
        unended(": hi", HEL, ": hi", "", LO, "event: message", STOP, "id: 3", DONE, ""),
        # the last one does, or in none
        unended(HEL, "", LO, "", STOP, "", DONE, ""),
        unended(HEL, "", LO, "", DONE),
        unended(HEL, "", LO, "", STOP),
        unended(HEL, "", LO, "", STOP, DONE, DONE, LO),
        unended(HEL, "data: ping", LO, "data: : wait", STOP, 'data: {"choices": [], "usage": null}'),
        unended(HEL, "", LO, "", 'data: {"choices": [{', 'data: "index": 0, "finish_reason": "stop"}]}'),
        unended(HEL, "", LO, "", STOP, "", 'data: {"choices": [], "us'),
    ],
)
def test_a_last_event_without_a_blank_line_counts_if_it_is_whole(body, newline):
    for size in (None, 1, 5):
        reply = replay(body.replace("\n", newline), size=size)
        assert (reply.status, reply.content) == (Status.COMPLETE, "Hello")


@pytest.mark.parametrize(
    "last",
    [
        LO[:-1],
        LO[:30],
        "data: [DON",
        "data: [",
        "data:",
        "dat",
        "data: upstream overl",
        "event: error\ndata: over",
        ": hi",
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_last_event_that_is_not_whole_is_a_cut(last, gap):
    reply = replay(HEL + gap + last)
    assert (reply.status, reply.content) == (Status.INTERRUPTED, "Hel")


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_an_error_without_a_blank_line_is_told(gap):
    for last in ('data: {"error": {"message": "overloaded"}}', 'event: error\ndata: {"message": "overloaded"}'):
        reply = replay(HEL + gap + last)
        assert (reply.status, reply.content, reply.error) == (Status.ERROR, "Hel", "overloaded")


def test_lines_of_json_that_were_cut_keep_what_came_before():
    lines = [json.dumps({"choices": [{"delta": {"content": text}}]}) for text in ("Hel\u2028", "lo")]
    reply = replay("\n".join([lines[0], lines[1][:-9]]), "application/x-ndjson")
    assert (reply.status, reply.content) == (Status.INTERRUPTED, "Hel\u2028")
