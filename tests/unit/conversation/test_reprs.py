"""Values of a conversation in text: a line each."""

from __future__ import annotations

import pytest

from chatwidget import (
    ChatRequest,
    Citation,
    Conversation,
    Delta,
    DemoModel,
    LeftOut,
    Message,
    Status,
    ToolCall,
    ToolCallDelta,
    Usage,
)

CALL = {"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
REPRS = [
    (Message("1", {"role": "user", "content": "Hello"}), "<Message: user, 'Hello'>"),
    (Message("1", {"role": "user", "content": "a" * 1000}), f"<Message: user, '{'a' * 60}…'>"),
    (Message("1", {"role": "assistant", "content": None, "tool_calls": [CALL]}), "<Message: assistant, calls add>"),
    (
        Message("1", {"role": "assistant", "content": "It", "refusal": None}, status=Status.STOPPED),
        "<Message: assistant, 'It', stopped>",
    ),
    (
        Message("1", {"role": "assistant", "content": ""}, status=Status.ERROR, error="no key"),
        "<Message: assistant, error: no key>",
    ),
    (Message("1", {"role": "assistant", "content": None, "refusal": "No."}), "<Message: assistant, 'No.'>"),
    (Conversation(), "<Conversation: no messages>"),
    (Conversation([{"role": "user", "content": "Hello"}]), "<Conversation: 1 message>"),
    (Delta(), "Delta()"),
    (Delta(content="He"), "Delta(content='He')"),
    (Delta(sound=b"a" * 1000), "Delta()"),
    (ToolCall("1", "add", "{}"), "ToolCall(id='1', name='add', arguments='{}')"),
    (ToolCall("1", "add", "a" * 1000), f"ToolCall(id='1', name='add', arguments='{'a' * 60}…')"),
    (ToolCallDelta(0, name="add"), "ToolCallDelta(index=0, name='add')"),
    (Usage(1, 2, 3), "Usage(prompt_tokens=1, completion_tokens=2, total_tokens=3)"),
    (Usage(), "Usage()"),
    (LeftOut(2), "LeftOut(count=2)"),
    (Citation("https://example.org"), "Citation(url='https://example.org')"),
    (DemoModel(), "DemoModel()"),
    (DemoModel(["Hello!"]), "DemoModel(['Hello!'])"),
    (ChatRequest([{"role": "user", "content": "a"}], "m"), "<ChatRequest: m, 1 message>"),
]


@pytest.mark.parametrize(("value", "text"), REPRS, ids=[text[:40] for _, text in REPRS])
def test_a_repr_is_short(value, text):
    assert repr(value) == text


def test_the_text_of_a_message_is_its_str():
    assert str(Message("1", {"role": "assistant", "content": "It **is**."})) == "It **is**."
    assert str(Message("1", {"role": "assistant", "content": None, "refusal": "No."})) == "No."
    parts = [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "data:,"}}]
    assert str(Message("1", {"role": "user", "content": parts})) == "a"
    assert f"{Delta(content='He')}{Delta(reasoning='Hm')}" == "He"


def test_a_message_in_a_cell_is_safe_markdown_without_its_reasoning():
    content = "It **is** <img src=x> ![](https://example.org/a.png)"
    shown = Message("1", {"role": "assistant", "content": content}, reasoning="Hm")._repr_markdown_()
    assert "**is**" in shown
    assert "<img" not in shown
    assert "![" not in shown
    assert "Hm" not in shown


def test_a_message_with_nothing_to_show_is_shown_by_its_repr():
    assert Message("1", {"role": "assistant", "content": ""})._repr_markdown_() is None


def test_how_it_ended_is_shown():
    message = Message("1", {"role": "assistant", "content": "It"}, status=Status.ERROR, error="The server is gone.")
    assert message._repr_markdown_() == "It\n\n*Failed.*\n\nThe server is gone."
