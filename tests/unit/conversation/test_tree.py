"""The conversation: a tree with one active path, told to listeners as it changes."""

import copy
import json
import pickle

import pytest

from chatwidget._conversation.changes import Added, Appended, Called, Cut, MessagesChanged, Updated
from chatwidget._conversation.messages import Delta, Status, Timings, ToolCall, ToolCallDelta, Usage
from chatwidget._conversation.tree import Conversation
from chatwidget._errors import ConversationError

FINAL = [status for status in Status if status.is_final]


@pytest.fixture
def conversation():
    """Two turns: q1 a1 q2 a2."""
    conversation = Conversation()
    for turn in "12":
        conversation.add(f"question {turn}", id=f"q{turn}")
        answer(conversation, f"a{turn}", f"answer {turn}")
    return conversation


@pytest.fixture
def heard(conversation):
    """What a listener to `conversation` heard."""
    changes = []
    conversation.listen(changes.append)
    return changes


def answer(conversation, reply_id, text="", status=Status.COMPLETE, after=None):
    conversation.begin(id=reply_id, after=after)
    conversation.apply(reply_id, Delta(content=text))
    return conversation.finish(reply_id, status)


def texts(conversation):
    return [message.text for message in conversation]


# Turns


def test_a_turn_is_a_question_and_its_answer(conversation):
    assert conversation.path == ["q1", "a1", "q2", "a2"]
    assert conversation.messages == [
        {"role": "user", "content": "question 1"},
        {"role": "assistant", "content": "answer 1"},
        {"role": "user", "content": "question 2"},
        {"role": "assistant", "content": "answer 2"},
    ]


def test_ids_are_made_where_none_are_given():
    conversation = Conversation()
    ids = [conversation.add("a"), conversation.add("b"), conversation.begin()]
    assert conversation.path == ids
    assert len(set(ids)) == 3


@pytest.mark.parametrize("write", [lambda c: c.add("x", id="q1"), lambda c: c.begin(id="a2")])
def test_an_id_is_not_given_twice(conversation, write):
    with pytest.raises(ConversationError, match="already"):
        write(conversation)
    assert conversation.path == ["q1", "a1", "q2", "a2"]


def test_a_reply_waits_then_streams_then_ends():
    conversation = Conversation()
    reply = conversation.begin(started=5.0)
    assert conversation[reply].status is Status.WAITING
    conversation.apply(reply, Delta(model="m"))
    assert conversation[reply].status is Status.WAITING
    conversation.apply(reply, Delta(content="x"))
    assert conversation[reply].status is Status.STREAMING
    ended = conversation.finish(reply, Status.COMPLETE)
    assert ended == conversation[reply]
    assert (ended.status, ended.timings.started, ended.model) == (Status.COMPLETE, 5.0, "m")


@pytest.mark.parametrize("status", FINAL)
def test_what_arrived_is_kept_in_every_status(status):
    conversation = Conversation()
    ended = answer(conversation, "a", "partial", status)
    assert (ended.content, ended.status) == ("partial", status)
    assert conversation.messages == [{"role": "assistant", "content": "partial"}]


@pytest.mark.parametrize("status", [Status.STOPPED, Status.INTERRUPTED, Status.ERROR])
def test_a_reply_in_which_nothing_arrived_is_not_sent_to_a_model(status):
    conversation = Conversation()
    answer(conversation, "a", "", status)
    assert conversation.messages == []
    assert conversation.path == ["a"]


def test_a_running_reply_in_which_nothing_arrived_is_not_sent_to_a_model(conversation):
    conversation.begin()
    assert len(conversation.messages) == 4


def test_everything_of_a_stream_is_kept_beside_the_content():
    conversation = Conversation()
    reply = conversation.begin()
    call = ToolCallDelta(0, "call_1", "weather", '{"city":', {"extra_content": 1})
    conversation.apply(reply, Delta(content="Loo", reasoning="Hm", tool_calls=(call,), model="m-1"))
    conversation.apply(reply, Delta(content="king", reasoning="m", tool_calls=(ToolCallDelta(0, arguments='"Åbo"}'),)))
    conversation.apply(reply, Delta(finish_reason="tool_calls", usage=Usage(1, 2, 3)))
    message = conversation.finish(reply, Status.COMPLETE, timings=Timings(1.0, 0.5, 2.0))
    assert message.content == "Looking"
    assert message.reasoning == "Hmm"
    assert message.tool_calls == [ToolCall("call_1", "weather", '{"city":"Åbo"}', {"extra_content": 1})]
    assert (message.finish_reason, message.usage, message.model) == ("tool_calls", Usage(1, 2, 3), "m-1")
    assert message.timings == Timings(1.0, 0.5, 2.0)
    assert conversation.messages == [
        {
            "role": "assistant",
            "content": "Looking",
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"city":"Åbo"}'},
                    "extra_content": 1,
                }
            ],
        }
    ]


def test_content_is_null_where_only_calls_or_a_refusal_came():
    conversation = Conversation()
    reply = conversation.begin()
    conversation.apply(reply, Delta(refusal="No."))
    conversation.finish(reply, Status.COMPLETE)
    assert conversation.messages == [{"role": "assistant", "content": None, "refusal": "No."}]
    assert conversation[reply].content == ""


@pytest.mark.parametrize("indexes", [(0, 1), (1, 0), (7, 3), (-1, 10**12)])
def test_calls_stand_in_the_order_they_came_in_whatever_their_index(indexes):
    conversation = Conversation()
    reply = conversation.begin()
    for index, name in zip(indexes, "ab", strict=True):
        conversation.apply(reply, Delta(tool_calls=(ToolCallDelta(index, name, name),)))
    for index in indexes:
        conversation.apply(reply, Delta(tool_calls=(ToolCallDelta(index, arguments=str(index)),)))
    one, two = (str(index) for index in indexes)
    assert conversation[reply].tool_calls == [ToolCall("a", "a", one), ToolCall("b", "b", two)]


@pytest.mark.parametrize("status", [Status.WAITING, Status.STREAMING])
def test_a_reply_does_not_end_as_running(status):
    conversation = Conversation()
    reply = conversation.begin()
    with pytest.raises(ValueError, match="must end as"):
        conversation.finish(reply, status)
    assert conversation[reply].status is Status.WAITING


@pytest.mark.parametrize("status", [Status.COMPLETE, Status.STOPPED, Status.INTERRUPTED])
def test_a_reply_ends_once(conversation, status):
    with pytest.raises(ValueError, match="already ended"):
        conversation.finish("a2", status)
    with pytest.raises(ConversationError, match="already ended"):
        conversation.apply("a2", Delta(content="x"))


def test_an_ended_reply_may_still_become_an_error(conversation):
    conversation.finish("a2", Status.ERROR, error="the observer failed")
    assert (conversation["a2"].status, conversation["a2"].error) == (Status.ERROR, "the observer failed")
    assert conversation["a2"].content == "answer 2"


@pytest.mark.parametrize(
    "use",
    [
        lambda c: c["nobody"],
        lambda c: c.apply("nobody", Delta(content="x")),
        lambda c: c.finish("nobody", Status.COMPLETE),
        lambda c: c.edit("nobody", "x"),
        lambda c: c.switch("nobody"),
        lambda c: c.remove("nobody"),
        lambda c: c.begin(after="nobody"),
        lambda c: c.siblings("nobody"),
        lambda c: c.parent("nobody"),
    ],
)
def test_an_id_that_is_not_there_is_named(conversation, use):
    with pytest.raises(ConversationError, match="no message nobody"):
        use(conversation)
    assert conversation.path == ["q1", "a1", "q2", "a2"]


# Unicode


def test_a_pair_of_surrogates_may_come_in_two_pieces():
    conversation = Conversation()
    reply = conversation.begin()
    conversation.apply(reply, Delta(content="a\ud83d"))
    assert conversation[reply].content == "a"
    conversation.apply(reply, Delta(reasoning="x"))
    conversation.apply(reply, Delta(content="\ude00b"))
    assert conversation[reply].content == "a😀b"


def test_half_a_pair_at_the_end_becomes_a_replacement_character():
    conversation = Conversation()
    assert answer(conversation, "a", "x\ud83d").content == "x\ufffd"


@pytest.mark.parametrize("key", ["model", "finish_reason"])
def test_what_a_server_names_has_no_lone_surrogates(key):
    conversation = Conversation()
    reply = conversation.begin()
    conversation.apply(reply, Delta(content="x", **{key: "a\ud83d"}))
    assert getattr(conversation[reply], key) == "a\ufffd"


def test_what_a_server_adds_to_a_call_has_no_lone_surrogates():
    conversation = Conversation()
    reply = conversation.begin()
    conversation.apply(reply, Delta(tool_calls=(ToolCallDelta(0, "i\ud83d", "n\ud83d", "", {"x": ["\ud83d"]}),)))
    assert conversation[reply].tool_calls == [ToolCall("i\ufffd", "n\ufffd", "", {"x": ["\ufffd"]})]


def test_an_error_has_no_lone_surrogates():
    conversation = Conversation()
    reply = conversation.begin()
    assert conversation.finish(reply, Status.ERROR, error="\ud83d").error == "\ufffd"


# Branches


def test_an_edit_stands_beside_what_it_edits(conversation):
    conversation.edit("q2", "better", id="q2b")
    assert conversation.path == ["q1", "a1", "q2b"]
    assert conversation.siblings("q2b") == ["q2", "q2b"]
    assert conversation["q2"].content == "question 2"


def test_an_edit_of_the_first_message_begins_another_conversation(conversation):
    conversation.edit("q1", "other", id="q1b")
    assert conversation.path == ["q1b"]
    assert conversation.parent("q1b") is None
    assert conversation.siblings("q1") == ["q1", "q1b"]


def test_an_edit_keeps_what_is_not_edited():
    conversation = Conversation([{"role": "user", "name": "ada", "content": "a"}])
    conversation.edit(conversation.path[0], [{"type": "text", "text": "b"}])
    assert conversation.messages == [{"role": "user", "name": "ada", "content": [{"type": "text", "text": "b"}]}]


def test_a_malformed_edit_changes_nothing(conversation, heard):
    with pytest.raises(ConversationError):
        conversation.edit("q2", 3)
    assert conversation.path == ["q1", "a1", "q2", "a2"]
    assert heard == []


def test_another_reply_stands_beside_the_first(conversation):
    answer(conversation, "a2b", "other", after="q2")
    assert conversation.path == ["q1", "a1", "q2", "a2b"]
    assert conversation.siblings("a2") == ["a2", "a2b"]


def test_switching_brings_back_what_followed(conversation):
    conversation.edit("q1", "other", id="q1b")
    conversation.switch("q1")
    assert conversation.path == ["q1", "a1", "q2", "a2"]


def test_switching_goes_deep(conversation):
    answer(conversation, "a2b", "other", after="q2")
    conversation.edit("q1", "other", id="q1b")
    conversation.switch("a2")
    assert conversation.path == ["q1", "a1", "q2", "a2"]


def test_switching_to_what_is_shown_changes_nothing(conversation, heard):
    conversation.switch("a1")
    assert heard == []


@pytest.mark.parametrize("write", [lambda c: c.begin(after="q2"), lambda c: c.edit("a2", "x")])
def test_nothing_is_put_after_a_message_that_is_not_shown(conversation, write):
    conversation.edit("q1", "other", id="q1b")
    with pytest.raises(ConversationError, match="switch"):
        write(conversation)
    assert conversation.path == ["q1b"]


def test_a_reply_may_stream_where_it_is_not_shown(conversation):
    conversation.begin(id="a2b", after="q2")
    conversation.switch("a2")
    conversation.apply("a2b", Delta(content="hidden"))
    conversation.finish("a2b", Status.COMPLETE)
    assert conversation["a2b"].content == "hidden"
    assert conversation.path == ["q1", "a1", "q2", "a2"]


# Removing


def test_undo_takes_the_last_turn(conversation):
    conversation.undo()
    assert conversation.path == ["q1", "a1"]
    conversation.undo()
    conversation.undo()
    assert conversation.path == []


def test_undo_without_a_question_changes_nothing():
    conversation = Conversation([{"role": "system", "content": "x"}])
    conversation.undo()
    assert len(conversation) == 1


def test_removing_takes_all_that_follows_on_every_branch(conversation):
    answer(conversation, "a2b", "other", after="q2")
    conversation.remove("q2")
    assert conversation.path == ["q1", "a1"]
    assert not any(message_id in conversation for message_id in ("q2", "a2", "a2b"))


def test_removing_what_is_not_shown_leaves_the_path(conversation):
    answer(conversation, "a2b", "other", after="q2")
    conversation.remove("a2")
    assert conversation.path == ["q1", "a1", "q2", "a2b"]
    assert conversation.siblings("a2b") == ["a2b"]


def test_after_a_removal_the_conversation_goes_on(conversation):
    conversation.remove("a2")
    conversation.begin(id="a2c")
    assert conversation.path == ["q1", "a1", "q2", "a2c"]


def test_clearing_takes_everything(conversation):
    conversation.edit("q1", "other")
    conversation.clear()
    assert (conversation.path, conversation.messages, list(conversation.nodes())) == ([], [], [])
    assert "q1" not in conversation


def test_loading_replaces_everything(conversation):
    conversation.load([{"role": "user", "content": "new"}])
    assert texts(conversation) == ["new"]
    assert "q1" not in conversation


@pytest.mark.parametrize("messages", [None, "hi", [{"role": "user", "content": "ok"}, {"role": "bot"}], [3]])
def test_loading_what_are_no_messages_changes_nothing(conversation, heard, messages):
    with pytest.raises(ConversationError):
        conversation.load(messages)
    assert conversation.path == ["q1", "a1", "q2", "a2"]
    assert heard == []


# Reading


def test_messages_are_found_by_id(conversation):
    assert conversation["a1"].content == "answer 1"
    assert "a1" in conversation
    assert "nobody" not in conversation
    assert conversation.parent("a1") == "q1"
    assert conversation.parent("q1") is None


def test_only_the_active_path_is_shown(conversation):
    conversation.edit("q2", "better")
    assert conversation.shows("a1")
    assert not conversation.shows("q2")


def test_every_node_stands_after_its_parent(conversation):
    answer(conversation, "a1b", "other", after="q1")
    order = [node.id for node in conversation.nodes()]
    assert sorted(order) == ["a1", "a1b", "a2", "q1", "q2"]
    assert all(conversation.parent(each) in [None, *order[:place]] for place, each in enumerate(order))


# Listeners


def test_a_listener_hears_a_turn(conversation, heard):
    conversation.add("q", id="q3")
    conversation.begin(id="a3")
    conversation.apply("a3", Delta(content="x🌍", tool_calls=(ToolCallDelta(0, "1", "f", "{"),)))
    conversation.apply("a3", Delta(content="y", tool_calls=(ToolCallDelta(0, arguments="}"),)))
    conversation.apply("a3", Delta())
    conversation.finish("a3", Status.COMPLETE)
    assert heard == [
        Added("q3"),
        MessagesChanged(),
        Added("a3"),
        Updated("a3"),
        Appended("a3", "content", 0, "x🌍"),
        Called("a3", 0, ToolCall("1", "f", "")),
        Appended("a3", "arguments", 0, "{", 0),
        Appended("a3", "content", 3, "y"),
        Appended("a3", "arguments", 1, "}", 0),
        Updated("a3"),
        MessagesChanged(),
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda c: c.edit("q2", "b", id="q2b"), [Cut(2), Added("q2b"), MessagesChanged()]),
        (lambda c: c.undo(), [Cut(2), MessagesChanged()]),
        (lambda c: c.clear(), [Cut(0), MessagesChanged()]),
        (lambda c: c.load([]), [Cut(0), MessagesChanged()]),
        (lambda c: c.finish("a2", Status.ERROR), [Updated("a2"), MessagesChanged()]),
    ],
)
def test_a_listener_hears_what_changed_and_then_that_it_settled(conversation, heard, change, expected):
    change(conversation)
    assert heard == expected


def test_switching_tells_only_what_differs(conversation, heard):
    conversation.edit("q2", "b", id="q2b")
    heard.clear()
    conversation.switch("q2")
    assert heard == [Cut(2), Added("q2"), Added("a2"), MessagesChanged()]


def test_removing_another_version_is_told_to_who_shows_how_many_there_are(conversation):
    answer(conversation, "a2b", "other", after="q2")
    changes = []
    conversation.listen(changes.append)
    conversation.remove("a2")
    assert changes == [Updated("a2b")]


def test_a_change_is_told_after_it_was_made(conversation):
    seen = []
    conversation.listen(lambda change: seen.append((change, texts(conversation)[-1])))
    conversation.add("new", id="q3")
    assert seen == [(Added("q3"), "new"), (MessagesChanged(), "new")]


def test_a_listener_that_left_hears_nothing(conversation):
    changes = []
    leave = conversation.listen(changes.append)
    leave()
    leave()
    conversation.add("x")
    assert changes == []


def test_a_listener_may_leave_while_it_listens(conversation):
    heard_by_other = []
    leave = conversation.listen(lambda _: leave())
    conversation.listen(heard_by_other.append)
    conversation.add("x", id="x")
    assert heard_by_other == [Added("x"), MessagesChanged()]


@pytest.mark.parametrize("failure", [RuntimeError("observer"), SystemExit(3)])
def test_a_failing_listener_keeps_the_change_and_the_others_hear_of_it(conversation, failure):
    def fail(_):
        raise failure

    changes = []
    conversation.listen(fail)
    conversation.listen(changes.append)
    with pytest.raises(type(failure)):
        conversation.add("x", id="x")
    assert changes == [Added("x"), MessagesChanged()]
    assert conversation.path[-1] == "x"


# Copies, and what is handed out


def test_a_copy_has_all_branches_and_is_its_own(conversation):
    conversation.edit("q2", "another", id="q2b")
    answer(conversation, "a2b", "other")
    conversation.switch("a2")
    other = conversation.copy()
    assert (other.path, texts(other)) == (conversation.path, texts(conversation))
    assert other.siblings("q2") == ["q2", "q2b"]
    other.switch("q2b")
    assert other.path == ["q1", "a1", "q2b", "a2b"]
    changes = []
    conversation.listen(changes.append)
    other.add("only there")
    other.remove("q1")
    assert conversation.path == ["q1", "a1", "q2", "a2"]
    assert changes == []


def test_a_copy_ends_what_streams_and_the_stream_goes_on(conversation):
    conversation.add("q", id="q3")
    conversation.begin(id="a3")
    conversation.apply("a3", Delta(content="Hel"))
    other = conversation.copy()
    conversation.apply("a3", Delta(content="lo"))
    assert (other["a3"].text, other["a3"].status) == ("Hel", Status.INTERRUPTED)
    assert conversation.finish("a3", Status.COMPLETE).text == "Hello"


def test_an_empty_conversation_is_copied():
    other = Conversation().copy()
    other.add("x", id="x")
    assert other.path == ["x"]


PARTS = [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]

CHANGES = {
    "a key": lambda data: data.__setitem__("content", "x"),
    "a new key": lambda data: data.update(name="x"),
    "a key less": lambda data: data.pop("content"),
    "all": lambda data: data.clear(),
    "a default": lambda data: data.setdefault("name", "x"),
    "by |=": lambda data: data.__ior__({"name": "x"}),
    "a part": lambda data: data["content"].append({"type": "text", "text": "b"}),
    "a part less": lambda data: data["content"].__delitem__(0),
    "the order": lambda data: data["content"].reverse(),
    "text in a part": lambda data: data["content"][0].__setitem__("text", "b"),
    "deep in a part": lambda data: data["content"][1]["image_url"].popitem(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_message_that_was_handed_out_does_not_change(change):
    conversation = Conversation([{"role": "user", "content": PARTS}])
    (message,) = conversation
    with pytest.raises(TypeError, match=r"conversation\.edit"):
        change(message.data)
    assert message.data == {"role": "user", "content": PARTS}


def test_a_copy_of_what_was_handed_out_changes_as_one_likes():
    (message,) = Conversation([{"role": "user", "content": PARTS}])
    for changed in (copy.deepcopy(message.data), json.loads(json.dumps(message.data))):
        changed["content"][1]["image_url"]["url"] = "x"
        changed["content"].append({})
        changed["name"] = "x"
    assert message.data["content"] == PARTS
    assert copy.copy(message.data) | {"name": "x"} == {**message.data, "name": "x"}
    assert pickle.loads(pickle.dumps(message)) == message


def test_what_a_message_was_made_of_is_not_part_of_it():
    parts = copy.deepcopy(PARTS)
    given = {"role": "user", "content": parts}
    conversation = Conversation([given])
    given["content"] = "x"
    parts[0]["text"] = "x"
    assert conversation.messages == [{"role": "user", "content": PARTS}]


def test_the_reasoning_of_a_message_does_not_change_either():
    conversation = Conversation()
    conversation.begin(id="a")
    conversation.apply("a", Delta(content="x", reasoning_form={"thinking_blocks": [{"type": "thinking"}]}))
    message = conversation.finish("a", Status.COMPLETE)
    with pytest.raises(TypeError):
        message.reasoning_form["thinking_blocks"].append({})
