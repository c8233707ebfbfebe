"""The door for messages of views: what comes through, with which place, and what is looked up for it."""

import pytest

from chatwidget import DemoModel
from chatwidget._comm.commands import Complete, Preview, Stop, Submit
from chatwidget._comm.parse import Envelope, receive

pytestmark = pytest.mark.usefixtures("no_settings")


@pytest.fixture
def chat(chats):
    return chats(DemoModel(["one"], delay=0))._chat


@pytest.fixture
def namespace(monkeypatch):
    values = {"first": 1}
    monkeypatch.setattr("chatwidget._comm.lookups.notebook", lambda: values)
    return values


def test_a_command_has_its_place_or_none():
    assert receive({"type": "stop"}) == Envelope(Stop(), None)
    assert receive({"type": "stop", "sender": "s", "number": 3}) == Envelope(Stop(), ("s", 3))


def test_an_invalid_command_keeps_its_place_so_that_the_next_one_is_done(caplog):
    assert receive({"type": "canary", "sender": "s", "number": 3}) == Envelope(None, ("s", 3))
    assert "dropped" in caplog.text


@pytest.mark.parametrize(
    "content", [None, [], {"type": "canary"}, {"type": "stop", "sender": "s"}, {"type": "stop", "number": 1}]
)
def test_an_invalid_message_is_dropped_with_a_warning(content, caplog):
    assert receive(content) is None
    assert "dropped" in caplog.text


@pytest.mark.parametrize("content", [{"type": "stop"}, {"type": "nothing", "sender": "s", "number": 1}])
def test_most_commands_look_nothing_up(content, chat):
    envelope = receive(content)
    assert envelope.query_notebook(chat) == envelope


@pytest.mark.usefixtures("namespace")
def test_a_command_is_completed_by_what_the_notebook_has(chat):
    names = [{"name": "first", "kind": "int"}]
    assert Complete().query_notebook(chat).names == names
    preview = Preview("p", "What of @first?", whole=False)
    assert preview.query_notebook(chat).context.names == names
    assert preview.query_notebook(chat).context.text == ""
    [part] = Submit("q", "What of @first?").query_notebook(chat).values
    assert part["text"] == "@first (int):\n```\n1\n```"
    assert Submit("q", "first").query_notebook(chat) == Submit("q", "first", values=[])


def test_what_was_looked_up_is_not_in_the_repr(chat, namespace):
    namespace["first"] = "canary"
    assert "canary" not in repr(Submit("q", "What of @first?").query_notebook(chat))
    assert "canary" not in repr(Preview("p", "What of @first?", whole=True).query_notebook(chat))
