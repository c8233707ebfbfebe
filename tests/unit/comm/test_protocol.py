"""What kernel and view say to each other, held to the fixtures that the view's own tests read."""

import copy
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget._comm.command import Command
from chatwidget._comm.commands import COMMANDS as DECLARED
from chatwidget._comm.commands import Connect, Edit, Resync, Submit, UpdateModelSettings
from chatwidget._comm.fields import MAX_TEXT_BYTES
from chatwidget._comm.parse import order_of, parse
from chatwidget._comm.protocol import USUAL, op_for, snapshot, view_message
from chatwidget._comm.publisher import PatchBuffer
from chatwidget._content.attachments import Attachment
from chatwidget._conversation.changes import Added, Appended, Called, Cut, MessagesChanged, Updated
from chatwidget._conversation.messages import Delta, Status, Timings, ToolCall, ToolCallDelta, Usage
from chatwidget._conversation.serialize import from_dict
from chatwidget._conversation.tree import Conversation
from chatwidget._secrets.keys import Secret
from tests.unit._view import OP, STATE, Snapshot, View, ViewMessage, whole

WIRE = {path.stem: json.loads(path.read_text("utf-8")) for path in (Path(__file__).parents[2] / "wire").glob("*.json")}
COMMANDS = WIRE["commands"]
PATCHES = WIRE["patches"]
FITTING = [case for case in PATCHES if "expected" in case]


def by_name(case):
    return case["name"]


def written(build):
    """A conversation, and the operations that told of it while `build` wrote it."""
    conversation, ops = Conversation(), []
    conversation.listen(lambda change: ops.append(op_for(change, conversation)))
    build(conversation)
    return conversation, [op for op in ops if op is not None]


# The fixtures


def test_every_file_of_fixtures_is_read_here():
    assert set(WIRE) == {"commands", "conversations", "patches"}
    assert all(WIRE.values())


def read(message):
    """The command in a message, as a view's place in its line allows."""
    order_of(message)
    return parse(message)


@pytest.mark.parametrize("case", COMMANDS, ids=by_name)
def test_command_of_the_fixtures(case):
    if case["valid"]:
        assert isinstance(read(case["message"]), Command)
    else:
        with pytest.raises(ValueError):  # noqa: PT011 that it is refused is all there is to know
            read(case["message"])


def test_each_command_that_is_declared_is_in_the_fixtures():
    assert set(DECLARED) == {case["message"]["type"] for case in COMMANDS if case["valid"]}


@pytest.mark.parametrize("case", WIRE["conversations"], ids=by_name)
def test_a_conversation_that_a_page_gives_back_is_shown_as_before(case):
    conversation = from_dict(case["file"])
    shown = [ViewMessage(**view_message(conversation, message)) for message in conversation]
    # The page knows nothing of other branches, and an answer that was on its way will not come any more.
    expected = [ViewMessage(**{**message, "branch": {"index": 0, "count": 1}}) for message in case["messages"]]
    for message in expected:
        message.status = "interrupted" if message.status == "streaming" else message.status
    assert shown == expected


@pytest.mark.parametrize("case", PATCHES, ids=by_name)
def test_patches_of_the_fixtures(case):
    view = View(case["snapshot"])
    outcomes = [view.receive(patch) for patch in case["patches"]]
    if "expected" in case:
        assert "resync" not in outcomes
        assert view.snapshot == case["expected"]
    else:
        assert outcomes[-1] == case["expect"]


@pytest.mark.parametrize("case", FITTING, ids=by_name)
def test_coalescing_changes_nothing_in_a_view(case):
    view = View(case["snapshot"])
    buffer = PatchBuffer()
    for patch in case["patches"]:
        if patch["rev"] > case["snapshot"]["rev"]:
            for op in copy.deepcopy(patch["ops"]):
                buffer.add(op)
    for op in buffer.take():
        view.apply(op)
    assert {**view.snapshot, "rev": 0} == {**case["expected"], "rev": 0}


def test_messages_have_the_keys_that_the_fixtures_have():
    in_fixtures = {
        frozenset(message) - {"tool_call_id", "sound", "citations", "log"}
        for case in FITTING
        for message in case["expected"]["messages"]
    }
    conversation = Conversation([{"role": "assistant", "content": "x"}])
    assert {frozenset({**USUAL, **view_message(conversation, each)}) for each in conversation} == in_fixtures


def test_what_is_as_usual_is_left_out():
    conversation = Conversation([{"role": "assistant", "content": ""}])
    assert [set(view_message(conversation, each)) for each in conversation] == [{"id", "role"}]


# What a view says


def test_a_question_keeps_its_id_and_text():
    assert parse({"type": "submit", "id": "q-1", "text": " a\n🌍 "}) == Submit("q-1", " a\n🌍 ")


def test_a_question_is_unicode():
    assert parse({"type": "submit", "id": "q", "text": "\ud83d\ude00 \ud83d"}) == Submit("q", "😀 \ufffd")


@pytest.mark.parametrize("char", ["a", "é", "€", "🌍"])
def test_the_longest_question_is_taken_and_a_longer_one_is_not(char):
    size = len(char.encode())
    longest = char * (MAX_TEXT_BYTES // size)
    assert parse({"type": "submit", "id": "q", "text": longest}) == Submit("q", longest)
    with pytest.raises(ValueError, match="8 MiB"):
        parse({"type": "submit", "id": "q", "text": longest + char})


@pytest.mark.parametrize("key", ["base_url", "model", "key"])
def test_a_long_setting_is_refused_too(key):
    message = {"type": "connect", "base_url": "", "model": "", "key": "", key: "x" * (MAX_TEXT_BYTES + 1)}
    with pytest.raises(ValueError, match="8 MiB"):
        parse(message)


def test_settings_are_stripped_and_the_key_is_a_secret():
    command = parse({"type": "connect", "base_url": " http://a/v1 ", "model": "m\n", "key": " k-123456 "})
    assert command == Connect(base_url="http://a/v1", model="m", key=Secret("k-123456"))
    assert "k-123456" not in repr(command)


def test_attachments_come_along():
    sent = {"name": "\ud83d.png", "mime": "image/png", "data": "AAAA", "width": 3}
    [attachment] = parse({"type": "submit", "id": "q", "text": "", "attachments": [sent]}).attachments
    assert attachment == Attachment("\ufffd.png", "image/png", "AAAA")
    assert "AAAA" not in repr(attachment)


def test_an_edit_says_whether_it_speaks_of_attachments():
    message = {"type": "edit", "id": "q2", "of": "q1", "text": "x"}
    assert parse(message) == Edit("q2", "q1", "x", None)
    assert parse({**message, "attachments": []}) == Edit("q2", "q1", "x", ())


def test_attachments_count_towards_the_limit():
    half = {"name": "a", "mime": "", "data": "A" * (MAX_TEXT_BYTES // 2)}
    message = {"type": "submit", "id": "q", "text": "", "attachments": [half, half]}
    assert len(parse(message).attachments) == 2
    with pytest.raises(ValueError, match="8 MiB"):
        parse({**message, "text": "a"})


def test_only_known_settings_are_taken_over():
    message = {"type": "setup", "values": {"system_prompt": "\ud83d", "temperature": None, "__class__": 1}}
    assert parse(message) == UpdateModelSettings({"system_prompt": "\ufffd", "temperature": None})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, True])
def test_a_temperature_is_a_finite_number(value):
    with pytest.raises(ValueError, match="temperature"):
        parse({"type": "setup", "values": {"temperature": value}})


def test_null_as_pyodide_has_it_is_none():
    null = type("JsNull", (), {})()
    assert parse({"type": "setup", "values": {"max_tokens": null}}) == UpdateModelSettings({"max_tokens": None})


def test_an_empty_key_is_none():
    assert parse({"type": "connect", "base_url": "", "model": "", "key": " "}) == Connect()


def test_the_demo_takes_no_settings():
    assert parse({"type": "connect", "demo": True, "base_url": "http://a", "key": 3}) == Connect(demo=True)


@pytest.mark.parametrize("rev", [-1, 0, 2**53])
def test_a_view_may_ask_from_any_rev(rev):
    assert parse({"type": "resync", "rev": rev}) == Resync(rev)


@pytest.mark.parametrize("rev", [-2, 1.0, float("nan"), True, None, "1", [1]])
def test_a_rev_is_a_whole_number(rev):
    with pytest.raises(ValueError, match="rev"):
        parse({"type": "resync", "rev": rev})


@pytest.mark.parametrize(
    "message",
    [
        {"type": "submit", "id": "canary canary", "text": "x"},
        {"type": "submit", "id": "q", "text": ["canary"]},
        {"type": "connect", "base_url": "", "model": 3, "key": "canary"},
        {"type": "connect", "base_url": "", "model": "", "key": ["canary"]},
        ["canary"],
        {"type": "stop" * 1000 + "canary"},
    ],
)
def test_an_error_does_not_repeat_what_was_said(message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 its text is looked at below
        parse(message)
    assert "canary" not in str(caught.value)
    assert len(str(caught.value)) < 200


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
KINDS = st.sampled_from(sorted({str(case["message"]["type"]) for case in COMMANDS if case["valid"]} | {"patch"}))
KEYS = sorted({key for case in COMMANDS if case["valid"] for key in case["message"]} - {"type"})


@given(
    st.fixed_dictionaries(
        {"type": KINDS | ANYTHING},
        optional=dict.fromkeys(KEYS, ANYTHING),
    )
    | ANYTHING
)
def test_any_message_is_a_command_or_a_value_error(message):
    try:
        command = read(message)
    except ValueError:
        return
    assert isinstance(command, Command)


# What a view is told


def test_each_change_is_one_operation():
    conversation = Conversation()
    conversation.add("hi", id="q")
    conversation.begin(id="a")
    assert op_for(Appended("a", "content", 3, "x"), conversation) == {
        "op": "text",
        "id": "a",
        "field": "content",
        "offset": 3,
        "text": "x",
    }
    assert op_for(Appended("a", "arguments", 0, "{", 1), conversation) == {
        "op": "text",
        "id": "a",
        "field": "arguments",
        "call": 1,
        "offset": 0,
        "text": "{",
    }
    assert op_for(Called("a", 0, ToolCall("1", "f", "{}", {"extra": 1})), conversation) == {
        "op": "call",
        "id": "a",
        "call": 0,
        "value": {"id": "1", "name": "f", "arguments": "{}"},
    }
    assert op_for(Cut(1), conversation) == {"op": "cut", "length": 1}
    assert op_for(Added("q"), conversation) == {
        "op": "add",
        "message": view_message(conversation, conversation["q"]),
    }
    assert op_for(MessagesChanged(), conversation) is None


def test_what_stands_beside_the_content_is_told_together():
    conversation = Conversation()
    conversation.begin(id="a")
    conversation.apply("a", Delta(usage=Usage(1, 2, 3), model="m", finish_reason="stop"))
    conversation.finish("a", Status.ERROR, error="why", timings=Timings(9.0, 0.5, 1.5, 0.25))
    assert op_for(Updated("a"), conversation) == {
        "op": "set",
        "id": "a",
        "values": {
            "status": "error",
            "finish_reason": "stop",
            "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
            "model": "m",
            "error": "why",
            "error_code": None,
            "timings": {"first_token": 0.5, "duration": 1.5, "reasoning": 0.25},
            "branch": {"index": 0, "count": 1},
        },
    }


def test_nothing_is_told_of_what_is_not_shown():
    conversation = Conversation()
    conversation.add("q", id="q")
    conversation.begin(id="hidden", after="q")
    conversation.begin(id="shown", after="q")
    for change in (Appended("hidden", "content", 0, "x"), Called("hidden", 0, ToolCall("", "", "")), Updated("hidden")):
        assert op_for(change, conversation) is None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"role": "user", "content": [{"type": "text", "text": "x"}]}, {"content": [{"type": "text", "text": "x"}]}),
        ({"role": "assistant", "content": None, "refusal": "no"}, {"content": "", "refusal": "no"}),
        ({"role": "assistant", "refusal": None}, {"content": "", "refusal": ""}),
        ({"role": "tool", "tool_call_id": "1", "content": "x"}, {"tool_call_id": "1"}),
        ({"role": "tool", "content": "x"}, {"tool_call_id": ""}),
        (
            {"role": "assistant", "function_call": {"name": "f", "arguments": None}},
            {"tool_calls": [{"id": "", "name": "f", "arguments": ""}]},
        ),
        (
            {"role": "assistant", "tool_calls": [{"id": 7, "custom": {"name": "sql", "input": "SELECT"}}, {}]},
            {
                "tool_calls": [
                    {"id": "7", "name": "sql", "arguments": "SELECT"},
                    {"id": "", "name": "", "arguments": ""},
                ]
            },
        ),
    ],
)
def test_a_message_is_shown_as_views_know_it(message, expected):
    conversation = Conversation([message])
    [shown] = (view_message(conversation, each) for each in conversation)
    ViewMessage.model_validate(shown)
    whole = {**USUAL, **shown}
    assert {key: whole[key] for key in expected} == expected


def test_a_version_knows_its_place_among_its_siblings():
    conversation = Conversation()
    conversation.add("a", id="a")
    conversation.edit("a", "b", id="b")
    places = {name: view_message(conversation, conversation[name])["branch"] for name in "ab"}
    assert places == {"a": {"index": 0, "count": 2}, "b": {"index": 1, "count": 2}}


def a_rich_turn(conversation):
    conversation.add("🌍?", id="q")
    conversation.begin(id="a")
    conversation.apply("a", Delta(reasoning="Hm 🤔", model="m"))
    for index in range(2):
        call = ToolCallDelta(index, f"call_{index}", "f", '{"é":')
        conversation.apply("a", Delta(content="🌍", tool_calls=(call,)))
    conversation.apply("a", Delta(content="!", refusal="no", tool_calls=(ToolCallDelta(0, arguments="1}"),)))
    conversation.finish("a", Status.COMPLETE)


def test_a_view_is_told_all_of_a_turn():
    conversation, ops = written(a_rich_turn)
    view = View(snapshot(Conversation(), STATE, 0, "c"))
    for op in ops:
        view.apply(op)
    assert view.snapshot == whole(snapshot(conversation, STATE, 0, "c"))


def test_a_snapshot_is_one():
    conversation, _ = written(a_rich_turn)
    whole = snapshot(conversation, STATE, 7, "channel-1")
    Snapshot.model_validate(whole)
    assert (whole["rev"], whole["channel"], whole["state"]) == (7, "channel-1", STATE)
    assert json.loads(json.dumps(whole)) == whole


# Coalescing


def text_op(text, offset=0, message_id="a", field="content", **more):
    return {"op": "text", "id": message_id, "field": field, "offset": offset, "text": text, **more}


def coalesced(*ops):
    buffer = PatchBuffer()
    for op in ops:
        buffer.add(copy.deepcopy(op))
    taken = buffer.take()
    for op in taken:
        OP.validate_python(op)
    return taken


def test_text_of_one_field_is_joined_at_its_first_offset():
    assert coalesced(text_op("🌍", 3), text_op("b", 5), text_op("c", 6)) == [text_op("🌍bc", 3)]


@pytest.mark.parametrize(
    "other",
    [
        text_op("x", message_id="b"),
        text_op("x", field="reasoning"),
        text_op("x", field="arguments", call=0),
        {"op": "cut", "length": 1},
        {"op": "set", "id": "a", "values": {"status": "streaming"}},
        {"op": "state", "values": {"notice": None}},
    ],
)
def test_text_is_not_joined_across_anything_else(other):
    ops = [text_op("a", 0), other, text_op("b", 1)]
    assert coalesced(*ops) == ops


def test_arguments_of_two_calls_stay_apart():
    ops = [text_op("a", field="arguments", call=0), text_op("b", field="arguments", call=1)]
    assert coalesced(*ops) == ops


def test_states_are_merged_the_last_one_wins():
    ops = [{"op": "state", "values": values} for values in ({"notice": "a", "retry": None}, {"notice": "b"})]
    assert coalesced(*ops) == [{"op": "state", "values": {"notice": "b", "retry": None}}]


def test_what_was_taken_is_gone():
    buffer = PatchBuffer()
    buffer.add(text_op("a"))
    assert buffer.take() == [text_op("a")]
    assert buffer.take() == []
    buffer.add(text_op("b", 1))
    assert buffer.take() == [text_op("b", 1)]


def test_many_pieces_become_one_operation():
    pieces = [f"{number} " for number in range(5_000)]
    offsets = itertools.accumulate(map(len, pieces), initial=0)
    [joined] = coalesced(*map(text_op, pieces, offsets))
    assert joined["text"] == "".join(pieces)
