"""The state that all views share: what it sends, and to whom it says that it is done."""

import pytest

from chatwidget import DemoModel
from chatwidget._comm.view_state import ViewState

pytestmark = pytest.mark.usefixtures("no_settings")


@pytest.fixture
def sent():
    return []


@pytest.fixture
def on_loop(chats):
    runner = chats(DemoModel(["one"], delay=0))._runner
    return runner.call


@pytest.fixture
def views(chats, on_loop, sent):
    chat = chats(DemoModel(["one"], delay=0))._chat
    return on_loop(lambda: ViewState(chat, send=sent.append, look=dict, channel="c"))


def change(views, notice="news"):
    views._chat.show_notice(notice)
    views.refresh()


def test_results_are_sent_before_they_are_acknowledged(views, sent, on_loop):
    on_loop(lambda: (change(views), views.acknowledge("s", 3)))
    assert [message["type"] for message in sent] == ["patch", "ack"]
    assert sent[-1] == {"type": "ack", "sender": "s", "number": 3, "rev": sent[0]["rev"]}


def test_a_view_that_is_up_to_date_gets_a_sign_of_life_and_any_other_a_snapshot(views, sent, on_loop):
    on_loop(lambda: (views.resync(0), views.resync(7)))
    assert sent[0] == {"type": "patch", "rev": 0, "ops": []}
    assert (sent[1]["type"], sent[1]["snapshot"]["rev"]) == ("snapshot", 0)


def test_only_what_has_changed_is_sent(views, sent, on_loop):
    on_loop(lambda: (change(views), views.snapshot(), change(views), views.snapshot()))
    assert [message["ops"] for message in sent] == [[{"op": "state", "values": {"notice": "news"}}]]


def test_nothing_is_sent_after_leaving(views, sent, on_loop):
    on_loop(lambda: (change(views), views.leave(), change(views, "more"), views.acknowledge("s", 1), views.resync(9)))
    assert sent == []
