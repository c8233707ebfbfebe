"""Conversations as files: exact both ways, unknown keys kept, and nothing taken from a broken one."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget._comm.protocol import snapshot
from chatwidget._conversation.messages import Delta, Message, Status, Timings, ToolCallDelta, Usage
from chatwidget._conversation.serialize import FORMAT, VERSION, from_dict, from_json, to_dict, to_json
from chatwidget._conversation.tree import Conversation
from chatwidget._errors import ConversationError

TREE = {
    "format": FORMAT,
    "version": VERSION,
    "active": "q1",
    "messages": [
        {
            "id": "q1",
            "parent": None,
            "active": "a2",
            "message": {"role": "user", "content": [{"type": "text", "text": "Hi 🌍"}]},
            "status": "complete",
        },
        {
            "id": "a1",
            "parent": "q1",
            "active": None,
            "message": {"role": "assistant", "content": "Hel"},
            "status": "interrupted",
            "error": "The answer was cut off.",
        },
        {
            "id": "a2",
            "parent": "q1",
            "active": None,
            "message": {"role": "assistant", "content": "Hello"},
            "status": "complete",
            "reasoning": "A greeting.",
            "finish_reason": "stop",
            "model": "m",
            "usage": {"prompt_tokens": 3, "completion_tokens": None, "total_tokens": 5},
            "timings": {"started": 1.5, "first_token": 0.25, "duration": None},
        },
    ],
}

TRUE = True
"""As a value in a file."""


def changed(path, value):
    """TREE with `value` at `path`, or without what is there where value is `...`."""
    tree = copy.deepcopy(TREE)
    place = tree
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return tree


def entry(message_id, parent=None, active=None):
    return {"id": message_id, "parent": parent, "active": active, "message": {"role": "user", "content": "x"}}


def tree(*entries, active=None):
    return {"format": FORMAT, "version": VERSION, "active": active, "messages": list(entries)}


BROKEN = {
    "a list": ([], "must be a JSON object"),
    "nothing": (None, "must be a JSON object"),
    "another file": ({"cells": [], "nbformat": 4}, "format"),
    "no format": (changed(["format"], ...), "format"),
    "newer": (changed(["version"], 2), "newer release"),
    "no version": (changed(["version"], ...), "version None"),
    "version as text": (changed(["version"], "1"), "version '1'"),
    "no messages": (changed(["messages"], ...), "messages must be a list"),
    "messages by id": (changed(["messages"], {}), "messages must be a list"),
    "a text as entry": (changed(["messages", 1], "a1"), r"messages\[1\] must be a JSON object"),
    "no id": (changed(["messages", 1, "id"], ...), r"messages\[1\]: id must be non-empty text .* not None"),
    "empty id": (changed(["messages", 1, "id"], ""), r"messages\[1\]: id"),
    "number as id": (changed(["messages", 1, "id"], 7), r"messages\[1\]: id"),
    "list as id": (changed(["messages", 1, "id"], []), r"messages\[1\]: id"),
    "duplicate id": (changed(["messages", 1, "id"], "q1"), r"messages\[1\]: id .* not 'q1'"),
    "unknown parent": (changed(["messages", 1, "parent"], "q9"), r"messages\[1\]: its parent 'q9'"),
    "own parent": (changed(["messages", 1, "parent"], "a1"), "its parent 'a1' does not come before"),
    "later parent": (changed(["messages", 1, "parent"], "a2"), "its parent 'a2' does not come before"),
    "list as parent": (changed(["messages", 1, "parent"], ["q1"]), r"messages\[1\]: its parent"),
    "two parents in a circle": (tree(entry("a", "b"), entry("b", "a")), r"messages\[0\]: its parent 'b'"),
    "unknown active": (changed(["active"], "q9"), "active message 'q9'"),
    "active elsewhere": (changed(["active"], "a1"), "active message 'a1' does not follow"),
    "active upwards": (changed(["messages", 1, "active"], "q1"), "'q1' does not follow 'a1'"),
    "active itself": (changed(["messages", 1, "active"], "a1"), "'a1' does not follow 'a1'"),
    "active beside": (changed(["messages", 1, "active"], "a2"), "'a2' does not follow 'a1'"),
    "number as active": (changed(["active"], 0), "active message 0"),
    "dict as active": (changed(["active"], {}), "active message"),
    "no message": (changed(["messages", 0, "message"], ...), r"messages\[0\]: message must be a dict"),
    "unknown role": (changed(["messages", 0, "message", "role"], "bot"), r"messages\[0\]: message: role"),
    "list as role": (changed(["messages", 0, "message", "role"], []), r"messages\[0\]: message: role"),
    "number as content": (changed(["messages", 0, "message", "content"], 1), r"messages\[0\]: message: content"),
    "unknown status": (changed(["messages", 2, "status"], "fine"), r"messages\[2\]: status must be one of .* 'fine'"),
    "null as status": (changed(["messages", 2, "status"], None), r"messages\[2\]: status"),
    "list as status": (changed(["messages", 2, "status"], []), r"messages\[2\]: status"),
    "number as reasoning": (changed(["messages", 2, "reasoning"], 1), r"messages\[2\]: reasoning must be text"),
    "list as error": (changed(["messages", 1, "error"], []), r"messages\[1\]: error must be text"),
    "dict as model": (changed(["messages", 2, "model"], {}), r"messages\[2\]: model must be text"),
    "truth as reason": (changed(["messages", 2, "finish_reason"], TRUE), r"finish_reason must be text"),
    "list as usage": (changed(["messages", 2, "usage"], []), r"messages\[2\]: usage must be a JSON object"),
    "text as usage": (changed(["messages", 2, "usage"], ""), r"messages\[2\]: usage must be a JSON object"),
    "text as tokens": (changed(["messages", 2, "usage", "total_tokens"], "5"), "total_tokens must be"),
    "truth as tokens": (changed(["messages", 2, "usage", "total_tokens"], TRUE), "total_tokens must be"),
    "a fraction of a token": (
        changed(["messages", 2, "usage", "total_tokens"], 1.5),
        "total_tokens must be a whole number",
    ),
    "tokens below zero": (changed(["messages", 2, "usage", "total_tokens"], -1), "total_tokens must be"),
    "text as seconds": (
        changed(["messages", 2, "timings", "duration"], "1"),
        r"timings\.duration must be a number of at least 0, not '1'",
    ),
    "number as timings": (changed(["messages", 2, "timings"], 3), r"messages\[2\]: timings must be a JSON object"),
    "not a number": (changed(["messages", 2, "timings", "duration"], float("nan")), "cannot be sent as JSON"),
}

UNREADABLE = {
    "empty": "",
    "prose": "Dear diary",
    "truncated": json.dumps(TREE)[:-7],
    "two values": "{}{}",
    "deep": "[" * 100_000,
    "deep and whole": "[" * 100_000 + "]" * 100_000,
    "deep inside": json.dumps(TREE)[:-1] + ', "extra": ' + "[" * 50_000 + "]" * 50_000 + "}",
    "no bytes": b"",
    "zeros": b"\0\0\0\0",
    "not UTF-8": b'{"format": "\xff"}',
    "a picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "a huge number": '{"version": ' + "9" * 10_000 + "}",
    "beyond a float": json.dumps(TREE)[:-1] + ', "extra": -1e999}',
    "infinite": json.dumps(TREE)[:-1] + ', "extra": Infinity}',
    "not a number": json.dumps(TREE)[:-1] + ', "extra": [NaN]}',
}


# Exact


def test_a_file_is_written_as_it_was_read():
    assert to_dict(from_dict(TREE)) == TREE
    assert json.loads(to_json(from_json(json.dumps(TREE)))) == TREE


def test_all_of_a_message_is_read():
    conversation = from_dict(TREE)
    assert conversation.path == ["q1", "a2"]
    assert conversation.siblings("a2") == ["a1", "a2"]
    assert conversation["a2"] == Message(
        "a2",
        {"role": "assistant", "content": "Hello"},
        reasoning="A greeting.",
        finish_reason="stop",
        model="m",
        usage=Usage(3, None, 5),
        timings=Timings(1.5, 0.25, None),
    )
    assert (conversation["a1"].status, conversation["a1"].error) == (Status.INTERRUPTED, "The answer was cut off.")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_file_may_come_as_bytes(encoding):
    assert to_dict(from_json(json.dumps(TREE, ensure_ascii=False).encode(encoding))) == TREE


@pytest.mark.parametrize("indent", [None, 2])
def test_the_text_is_ascii_and_reads_back_equal(indent):
    text = to_json(from_dict(TREE), indent=indent)
    assert text.isascii()
    assert to_json(from_json(text), indent=indent) == text


def test_an_empty_conversation_is_a_file_too():
    empty = Conversation()
    assert to_dict(empty) == {"format": FORMAT, "version": VERSION, "active": None, "messages": []}
    assert to_dict(from_dict(to_dict(empty))) == to_dict(empty)


def test_a_reply_saved_while_it_streamed_is_read_as_interrupted():
    conversation = Conversation()
    reply = conversation.begin()
    conversation.apply(reply, Delta(content="Hel", tool_calls=(ToolCallDelta(0, "1", "f", "{"),)))
    loaded = from_json(to_json(conversation))
    assert loaded[reply].status is Status.INTERRUPTED
    assert loaded[reply].content == "Hel"
    assert loaded[reply].tool_calls[0].arguments == "{"


@pytest.mark.parametrize("key", ["reasoning", "finish_reason", "model", "error", "usage", "timings"])
def test_what_may_be_left_out_may_be_null(key):
    loaded = from_dict(changed(["messages", 2, key], None))
    assert key not in to_dict(loaded)["messages"][2]


def test_a_conversation_that_was_read_goes_on():
    conversation = from_dict(TREE)
    heard = []
    conversation.listen(heard.append)
    conversation.switch("a1")
    conversation.add("more", id="q2")
    assert conversation.path == ["q1", "a1", "q2"]
    assert heard


def test_a_long_conversation_is_no_deep_one():
    conversation = Conversation({"role": "user", "content": str(number)} for number in range(20_000))
    assert from_json(to_json(conversation)).messages == conversation.messages


def test_a_message_after_a_branch_may_stand_anywhere_after_its_parent():
    depth_first = tree(entry("a", None, "b"), entry("b", "a"), entry("c"), entry("d", "a"), active="a")
    loaded = from_dict(depth_first)
    assert loaded.path == ["a", "b"]
    assert loaded.siblings("b") == ["b", "d"]


# Unknown keys


def test_unknown_keys_are_kept_where_they_were():
    tree = copy.deepcopy(TREE)
    strange = {"nested": [1, None, {"deep": "ü"}]}
    tree["title"] = strange
    tree["messages"][0]["starred"] = strange
    tree["messages"][0]["message"]["metadata"] = strange
    tree["messages"][0]["message"]["content"][0]["cache_control"] = strange
    tree["messages"][2]["usage"]["prompt_tokens_details"] = strange
    tree["messages"][2]["timings"]["queued"] = strange
    assert to_dict(from_dict(tree)) == tree
    assert to_dict(from_json(to_json(from_dict(tree)))) == tree


@pytest.mark.parametrize("key", ["usage", "timings"])
def test_unknown_keys_are_kept_where_there_are_no_known_ones(key):
    written = to_dict(from_dict(changed(["messages", 2, key], {"strange": 1})))
    assert written["messages"][2][key]["strange"] == 1
    assert to_dict(from_dict(written)) == written


def test_unknown_keys_outlive_a_change_of_the_message():
    conversation = from_dict(changed(["messages", 2, "usage", "strange"], 1))
    conversation.finish("a2", Status.ERROR, error="observer")
    assert to_dict(conversation)["messages"][2]["usage"]["strange"] == 1


def test_unknown_keys_end_with_what_they_belong_to():
    conversation = from_dict({**TREE, "title": "x"})
    conversation.clear()
    assert "title" not in to_dict(conversation)


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), max_size=8).filter(lambda key: key not in TREE),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        ),
        max_size=3,
    )
)
def test_any_unknown_value_is_kept(extra):
    assert to_dict(from_dict({**TREE, **extra})) == {**TREE, **extra}


# Broken


@pytest.mark.parametrize(("value", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_tree_is_refused_saying_where(value, said):
    with pytest.raises(ConversationError, match=said):
        from_dict(value)


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_conversation_file_is_refused(text):
    with pytest.raises(ConversationError, match=r"not a conversation file|cannot be sent as JSON"):
        from_json(text)


@pytest.mark.parametrize("length", range(0, len(json.dumps(TREE)), 7))
def test_a_file_cut_anywhere_is_refused(length):
    with pytest.raises(ConversationError, match="not JSON"):
        from_json(json.dumps(TREE)[:length])


def places(value, path=()):
    """Every path into a JSON value."""
    items = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


@pytest.mark.parametrize("path", list(places(TREE)), ids=lambda path: ".".join(map(str, path)))
@pytest.mark.parametrize("value", [..., None, True, 0, -1, 1.5, "", "x", [], ["x"], {}, {"x": "y"}], ids=repr)
def test_a_wrong_value_anywhere_is_refused_or_read_into_a_whole_conversation(path, value):
    try:
        conversation = from_dict(changed(path, value))
    except ConversationError:
        return
    written = to_dict(conversation)
    assert to_dict(from_dict(written)) == written
    assert json.dumps(snapshot(conversation, {}, 0, ""), allow_nan=False)
    assert Conversation(conversation.messages).messages == conversation.messages


def test_reading_leaves_what_was_given_alone():
    given = copy.deepcopy(TREE)
    conversation = from_dict(given)
    conversation.clear()
    assert given == TREE


def nested(depth):
    return [nested(depth - 1)] if depth else "x"


@pytest.mark.parametrize(("depth", "is_read"), [(79, True), (80, False), (500, False)])
def test_a_file_holds_messages_as_deep_as_a_conversation_does(depth, is_read):
    given = json.loads(json.dumps(TREE))
    given["messages"][0]["message"]["name"] = nested(depth)
    for read, value in ((from_json, json.dumps(given)), (from_dict, given)):
        if is_read:
            assert read(value)["q1"].data["name"] == nested(depth)
        else:
            with pytest.raises(ConversationError, match="deep"):
                read(value)
    if is_read:
        Conversation([given["messages"][0]["message"]])


@pytest.mark.parametrize(
    ("written", "read"),
    [(r"\ud83d\ude00", "😀"), (r"\uD83D\uDE00", "😀"), (r"\ud83d", "\ufffd"), (r"x\uDE00y", "x\ufffdy")],
)
def test_surrogates_in_a_file_are_joined_or_replaced(written, read):
    text = to_json(Conversation([{"role": "user", "content": "HERE", "name": "HERE"}])).replace("HERE", written)
    (message,) = from_json(text)
    assert (message.text, message.data["name"]) == (read, read)


def test_raw_surrogates_in_a_file_are_replaced():
    text = to_json(Conversation([{"role": "user", "content": "HERE"}]))
    assert from_json(text.replace("HERE", "\ud83d")).messages == from_json(text.replace("HERE", "\ufffd")).messages
