"""The replies of one turn: which one is current, and which messages belong to the turn."""

from __future__ import annotations

import pytest

from chatwidget import Conversation, Delta, Status
from chatwidget._turns.replies import Replies


@pytest.fixture
def conversation():
    conversation = Conversation()
    conversation.add("hi")
    return conversation


@pytest.fixture
def replies(conversation):
    replies = Replies(conversation)
    replies.begin()
    return replies


def roles(conversation) -> list[str]:
    return [message["role"] for message in conversation.messages]


def test_the_id_of_the_first_reply_is_known_before_it_begins(conversation):
    replies = Replies(conversation)
    assert replies.current not in conversation
    replies.begin()
    assert conversation.path[-1] == replies.current
    assert replies.is_empty


def test_a_reply_answers_the_message_that_it_is_to_follow(conversation):
    question = conversation.path[0]
    conversation.add({"role": "assistant", "content": "old"})
    replies = Replies(conversation)
    replies.begin(question)
    assert conversation.path == [question, replies.current]


def test_a_reply_follows_a_round_of_tool_calls(conversation, replies):
    first = replies.current
    conversation.apply(first, Delta(content="one"))
    conversation.finish(first, Status.COMPLETE)
    replies.begin_next()
    assert conversation.path[1:] == [first, replies.current]


def test_a_reply_that_is_closed_is_complete_and_the_next_has_its_sender(conversation, replies):
    first = replies.current
    conversation.sent_by(first, "someone")
    conversation.apply(first, Delta(content="one"))
    replies.close_current()
    assert replies.continue_in("second") == replies.current == "second"
    assert conversation[first].status == Status.COMPLETE
    assert conversation["second"].sender == "someone"


def test_an_empty_reply_that_is_closed_is_removed(conversation, replies):
    first = replies.current
    conversation.sent_by(first, "someone")
    replies.close_current()
    replies.continue_in()
    assert first not in conversation
    assert conversation[replies.current].sender == "someone"


def test_an_empty_last_reply_is_dropped_for_the_one_before(conversation, replies):
    first = replies.current
    conversation.apply(first, Delta(content="one"))
    replies.close_current()
    replies.continue_in()
    replies.drop_empty()
    assert replies.current == first
    assert roles(conversation) == ["user", "assistant"]


def test_an_empty_only_reply_is_not_dropped(conversation, replies):
    replies.drop_empty()
    assert replies.current in conversation


def test_an_empty_reply_after_tool_calls_is_not_dropped_for_one_before_them(conversation, replies):
    """Fails when `begin_next` does not forget the replies sent before."""
    conversation.apply(replies.current, Delta(content="one"))
    replies.close_current()
    replies.continue_in()
    conversation.apply(replies.current, Delta(content="two"))
    conversation.finish(replies.current, Status.COMPLETE)
    replies.begin_next()
    last = replies.current
    replies.drop_empty()
    assert replies.current == last


def test_messages_of_the_turn_are_its_replies_and_all_that_follows(conversation, replies):
    question, first = conversation.path
    conversation.apply(first, Delta(content="one"))
    replies.close_current()
    beside = conversation.add({"role": "user", "content": "beside"})
    replies.continue_in()
    assert [replies.holds(each) for each in (question, first, beside, replies.current)] == [False, True, True, True]
    assert not replies.holds("never there")
