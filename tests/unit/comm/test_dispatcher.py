"""What a view asks is done, once; what cannot be done is said."""

import asyncio
import base64
import threading
from unittest.mock import ANY

import pytest

from chatwidget import DemoModel, Status
from tests.unit._view import View, whole

pytestmark = pytest.mark.usefixtures("no_settings")

PNG = {"name": "a.png", "mime": "image/png", "data": base64.b64encode(b"\x89PNG").decode()}


class Viewed:
    """A chat with a view that is told of everything."""

    def __init__(self, chat):
        self.chat = chat
        self.sent = []
        self.view = View(chat._runner.call(chat._views.snapshot))
        chat._views._send = self._receive

    def _receive(self, message):
        self.sent.append(message)
        if message["type"] == "patch":
            assert self.view.receive(message) == "applied"

    def say(self, kind, **values):
        self.chat._receive_from_view(self.chat, {"type": kind, **values}, [])

    def ask(self, text, message_id, **more):
        self.say("submit", id=message_id, text=text, **more)
        self.finish()

    def finish(self):
        """Wait until nothing runs."""
        self.chat._runner.wait(self.chat._runner.submit(self._idle()), "")

    async def _idle(self):
        session = self.chat._chat.session
        while session.status not in {"ready", "disconnected"}:
            await session.turns.idle()

    @property
    def snapshot(self):
        """What the kernel would tell a new view, which must be what this one knows."""
        snapshot = whole(self.chat._runner.call(self.chat._views.snapshot))
        assert self.view.snapshot == snapshot
        return snapshot

    @property
    def state(self):
        return self.snapshot["state"]

    @property
    def shown(self):
        return [message["content"] for message in self.snapshot["messages"]]

    @property
    def ids(self):
        return [message["id"] for message in self.snapshot["messages"]]


@pytest.fixture
def viewed(chats):
    return lambda *replies, **options: Viewed(chats(DemoModel(list(replies), delay=0), **options))


class Held:
    """A function whose first answer waits in its middle until released; the others are "next"."""

    def __init__(self):
        self.release = threading.Event()
        self.asked = []

    def __call__(self, messages):
        self.asked.append([message["content"] for message in messages])
        if len(self.asked) > 1:
            yield "next"
            return
        yield "first "
        self.release.wait(10)
        yield "last"


@pytest.fixture
def held(chats):
    """A chat whose answer to "one" is on its way, and how its model is asked."""
    model = Held()
    chat = chats(model)
    heard = threading.Event()
    chat.observe(lambda change: change["new"] == "streaming" and heard.set(), "status")
    viewed = Viewed(chat)
    viewed.say("submit", id="q1", text="one")
    assert heard.wait(10)
    yield viewed, model
    model.release.set()


# Asking


def test_a_question_brings_its_attachments(viewed):
    viewed = viewed("A cat.")
    viewed.ask("What is it?", "q1", attachments=[PNG])
    [question, _] = viewed.chat.messages
    assert question["content"] == [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + PNG["data"]}},
    ]


def test_an_attachment_that_is_broken_is_said_and_nothing_asked(viewed):
    viewed = viewed("no")
    viewed.ask("What is it?", "q1", attachments=[{**PNG, "data": "?"}])
    assert "a.png" in viewed.state["notice"]
    assert viewed.shown == []
    viewed.ask("What is it?", "q1", attachments=[PNG])
    assert viewed.state["notice"] is None
    assert len(viewed.shown) == 2


def test_an_edit_is_a_branch_under_its_own_id_and_counts_once(viewed):
    viewed = viewed("one", "two", "three")
    viewed.ask("a", "q1")
    viewed.ask("b", "q2")
    for _ in range(2):
        viewed.say("edit", id="q3", of="q1", text="c")
        viewed.finish()
    assert viewed.shown == ["c", "three"]
    assert viewed.ids[0] == "q3"
    assert viewed.snapshot["messages"][0]["branch"] == {"index": 1, "count": 2}


def test_an_edit_keeps_the_attachments_unless_it_brings_others(viewed):
    viewed = viewed("one", "two", "three")
    viewed.ask("a", "q1", attachments=[PNG])
    viewed.say("edit", id="q2", of="q1", text="b")
    viewed.finish()
    assert [part["type"] for part in viewed.shown[0]] == ["text", "image_url"]
    viewed.say("edit", id="q3", of="q2", text="c", attachments=[])
    viewed.finish()
    assert viewed.shown[0] == "c"


def test_an_edit_while_an_answer_runs_is_asked_at_once(held):
    viewed, model = held
    viewed.say("submit", id="q2", text="two")
    viewed.say("edit", id="q3", of="q1", text="three")
    viewed.finish()
    assert model.asked == [["one"], ["three"], ["three", "next", "two"]]
    assert viewed.ids[::2] == ["q3", "q2"]
    old = viewed.chat.conversation
    stopped = [node.value() for node in old.nodes() if node.value().status == Status.STOPPED]
    assert [message.content for message in stopped] == ["first "]


@pytest.mark.parametrize("place", [1, 3])
def test_any_answer_can_be_given_anew(viewed, place):
    viewed = viewed("one", "two", "three")
    viewed.ask("a", "q1")
    viewed.ask("b", "q2")
    old = viewed.ids
    for _ in range(2):
        viewed.say("regenerate", id=old[place])
        viewed.finish()
    assert viewed.ids[:place] == old[:place]
    assert viewed.shown[place:] == ["three"]
    assert viewed.snapshot["messages"][place]["branch"] == {"index": 1, "count": 2}
    assert viewed.state["notice"] is None


def test_an_answer_that_runs_can_be_given_anew(held):
    viewed, _ = held
    viewed.say("regenerate", id=viewed.view.messages[1]["id"])
    viewed.finish()
    assert viewed.shown == ["one", "next"]
    assert viewed.snapshot["messages"][1]["branch"] == {"index": 1, "count": 2}


def test_a_first_message_of_the_assistant_can_be_given_anew(viewed):
    viewed = viewed("Hello!", messages=[{"role": "assistant", "content": "Hi!"}])
    viewed.say("regenerate", id=viewed.ids[0])
    viewed.finish()
    assert viewed.shown == ["Hello!"]


@pytest.mark.parametrize(
    "command",
    [
        {"kind": "regenerate", "id": "q1"},
        {"kind": "regenerate", "id": "unknown"},
        {"kind": "edit", "id": "q9", "of": "unknown", "text": "x"},
        {"kind": "switch", "id": "unknown", "index": 0},
        {"kind": "switch", "id": "q1", "index": 1},
        {"kind": "restore"},
        {"kind": "model", "name": ""},
        {"kind": "model", "name": "m"},
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_lost(viewed, command):
    viewed = viewed("one")
    viewed.ask("a", "q1")
    viewed.say(**command)
    viewed.finish()
    assert viewed.state["notice"].endswith(".")
    assert viewed.shown == ["a", "one"]


# Branches, and taking away


def test_versions_are_switched(viewed):
    viewed = viewed("one", "two")
    viewed.ask("a", "q1")
    viewed.say("edit", id="q2", of="q1", text="b")
    viewed.finish()
    viewed.say("switch", id="q2", index=0)
    assert viewed.shown == ["a", "one"]
    viewed.say("switch", id="q2", index=1)
    assert viewed.shown == ["b", "two"]


def test_switching_stops_what_runs_and_what_waits_goes_on(held):
    viewed, model = held
    viewed.say("edit", id="q2", of="q1", text="two")
    viewed.finish()
    model.asked.clear()
    viewed.say("submit", id="q3", text="three")
    viewed.say("submit", id="q4", text="four")
    viewed.say("switch", id="q2", index=0)
    model.release.set()
    viewed.finish()
    assert model.asked[-1] == ["one", "first ", "four"]
    assert viewed.shown[-1] == "next"


def test_a_message_is_removed_with_all_that_follows_and_brought_back(viewed):
    viewed = viewed("one", "two", "three")
    viewed.ask("a", "q1")
    viewed.ask("b", "q2")
    viewed.say("edit", id="q3", of="q2", text="c")
    viewed.finish()
    before = viewed.snapshot["messages"]
    viewed.say("remove", id=viewed.ids[1])
    viewed.say("remove", id=before[1]["id"])
    assert viewed.shown == ["a"]
    assert viewed.state["restorable"]
    viewed.say("restore")
    assert viewed.snapshot["messages"] == before
    assert not viewed.state["restorable"]
    viewed.say("switch", id="q3", index=0)
    assert viewed.shown == ["a", "one", "b", "two"]


def test_clearing_twice_still_brings_all_back(viewed):
    viewed = viewed("one")
    viewed.ask("a", "q1")
    before = viewed.snapshot["messages"]
    viewed.say("clear")
    viewed.say("clear")
    assert viewed.shown == []
    viewed.say("restore")
    assert viewed.snapshot["messages"] == before
    assert viewed.state["notice"] is None


def test_what_was_taken_away_is_gone_when_the_next_turn_begins(viewed):
    viewed = viewed("one", "two")
    viewed.ask("a", "q1")
    viewed.say("clear")
    assert viewed.state["restorable"]
    viewed.ask("b", "q2")
    assert not viewed.state["restorable"]
    viewed.say("restore")
    assert viewed.shown == ["b", "two"]


def test_clearing_in_mid_answer_can_be_undone_with_what_waited(held):
    viewed, model = held
    viewed.say("submit", id="q2", text="two")
    viewed.say("clear")
    assert viewed.shown == []
    assert viewed.state["queue"] == []
    viewed.say("restore")
    viewed.finish()
    assert viewed.shown == ["one", "first ", "two", "next"]
    assert model.asked[-1] == ["one", "first ", "two"]


def test_python_can_bring_back_what_it_took_away(viewed):
    viewed = viewed("one", "two")
    viewed.ask("a", "q1")
    viewed.ask("b", "q2")
    viewed.chat.undo()
    assert viewed.shown == ["a", "one"]
    viewed.chat.restore()
    assert viewed.shown == ["a", "one", "b", "two"]
    viewed.chat.clear()
    viewed.chat.messages = []
    assert not viewed.state["restorable"]


# Settings


def test_setting_up_changes_the_traits_and_the_state(viewed):
    viewed = viewed("one", temperature=1, top_p=0.5)
    viewed.say("setup", values={"system_prompt": "Be brief.", "temperature": None, "max_tokens": 9})
    assert viewed.state["setup"] == {"system_prompt": "Be brief.", "temperature": None, "max_tokens": 9}
    assert viewed.chat.system_prompt == "Be brief."
    assert viewed.chat.params == {"top_p": 0.5, "max_tokens": 9}
    viewed.say("setup", values={"system_prompt": ""})
    assert viewed.chat.system_prompt is None
    assert viewed.chat.params == {"top_p": 0.5, "max_tokens": 9}


def test_the_state_follows_python(viewed):
    viewed = viewed("one", system_prompt="First", temperature=1)
    assert viewed.state["setup"] == {"system_prompt": "First", "temperature": 1, "max_tokens": None}
    viewed.chat.system_prompt = "Second"
    viewed.chat.params = {"max_tokens": 5}
    assert viewed.state["setup"] == {"system_prompt": "Second", "temperature": None, "max_tokens": 5}


def test_the_look_follows_python(viewed):
    viewed = viewed("one", starters=["Hi?"], locale="es", height=400, tool_titles={"f": "*F*"})
    assert viewed.state["look"] == {
        "locale": "es",
        "height": "400px",
        "starters": [{"label": "Hi?", "text": "Hi?"}],
        "titles": {"f": "*F*"},
    }
    viewed.chat.starters, viewed.chat.locale, viewed.chat.height, viewed.chat.tool_titles = [], None, None, {}
    assert viewed.state["look"] == {"locale": None, "height": None, "starters": [], "titles": {}}


@pytest.mark.parametrize(
    ("name", "bad"), [("starters", "Hi?"), ("locale", "<b>"), ("height", "tall"), ("tool_titles", {"f": 3})]
)
def test_a_look_that_cannot_be_is_refused_and_changes_nothing(viewed, name, bad):
    viewed = viewed("one")
    before = viewed.state
    with pytest.raises(ValueError, match=name.partition("_")[0]):
        setattr(viewed.chat, name, bad)
    assert viewed.state == before


def test_another_model_of_the_same_server(chats):
    viewed = Viewed(chats("one", base_url="http://127.0.0.1:9/v1", api_key="canary-key-0123456789abcdef"))
    viewed.say("model", name=" demo ")
    assert viewed.chat.model == "demo"
    connection = viewed.state["connection"]
    assert (connection["kind"], connection["model"], connection["key"]) == ("server", "demo", "…cdef")


# Files, modules, approvals


def test_an_export_is_a_file(viewed):
    viewed = viewed("one")
    viewed.ask("What is it?", "q1")
    came = threading.Event()
    send, viewed.chat._views._send = viewed.chat._views._send, lambda message: (send(message), came.set())
    viewed.say("export", format="markdown")
    assert came.wait(10)
    text = "## User\n\nWhat is it?\n\n## Assistant\n\none\n"
    assert viewed.sent[-1] == {"type": "file", "name": "What-is-it.md", "mime": "text/markdown", "text": text}


def test_a_module_is_sent_when_asked_for(viewed):
    viewed = viewed("one")
    viewed.say("resource", name="math")
    message = viewed.sent[-1]
    assert (message["type"], message["name"]) == ("resource", "math")
    assert "export" in message["text"]


@pytest.mark.parametrize("name", ["widget", "none"])
def test_any_other_file_is_not(viewed, caplog, name):
    viewed = viewed("one")
    viewed.say("resource", name=name)
    assert viewed.sent == []
    assert name in caplog.text


def test_a_person_answers_what_a_tool_call_waits_for(viewed):
    viewed = viewed("one")
    runner, session = viewed.chat._runner, viewed.chat._chat.session
    waiting = runner.submit(session.approvals.ask("c1"))
    runner.call(lambda: None)
    assert viewed.state["approvals"] == ["c1"]
    viewed.say("approve", call="c2", answer="once", reason="")
    assert viewed.state["approvals"] == ["c1"]
    viewed.say("approve", call="c1", answer="refuse", reason="not today")
    assert runner.wait(waiting, "") == ("refuse", "not today")
    assert viewed.state["approvals"] == []


def test_a_stop_that_comes_late_is_for_the_turn_before(held):
    viewed, model = held
    seen = viewed.ids[-1]
    viewed.say("submit", id="q2", text="two")
    viewed.say("stop", last=seen)
    viewed.say("release", id="q2")
    viewed.say("stop", last=seen)
    viewed.finish()
    statuses = [message["status"] for message in viewed.view.messages if message["role"] == "assistant"]
    assert statuses == ["stopped", "complete"]
    assert len(model.asked) == 2


def test_stop_holds_what_views_have_queued_until_it_is_released_or_withdrawn(held):
    viewed, model = held
    for question in ("q2", "q3"):
        viewed.say("submit", id=question, text=question)
    assert [entry["held"] for entry in viewed.state["queue"]] == [False, False]
    viewed.say("stop")
    assert viewed.state["status"] == "ready"
    assert viewed.state["queue"] == [{"id": id, "text": id, "held": True} for id in ("q2", "q3")]
    assert len(model.asked) == 1
    viewed.say("withdraw", id="q2")
    viewed.say("release", id="q3")
    viewed.finish()
    assert viewed.state["queue"] == []
    assert [asked[-1] for asked in model.asked] == ["one", "q3"]


def test_of_what_comes_by_the_page_only_the_urgent_is_done(held):
    viewed, _ = held

    def page_says(**message):
        viewed.chat._runner.call(lambda: viewed.chat._receive_from_page(message))

    for message in ({"type": "clear"}, {"type": "nonsense"}, {"type": "skip", "sender": "s", "number": 1}):
        page_says(**message)
    assert viewed.shown == ["one", "first "]
    assert all(message["type"] != "ack" for message in viewed.sent)
    page_says(type="stop")
    viewed.finish()
    assert viewed.snapshot["messages"][-1]["status"] == "stopped"


def test_stop_refuses_what_waits(held):
    viewed, _ = held
    runner, session = viewed.chat._runner, viewed.chat._chat.session
    waiting = runner.submit(session.approvals.ask("c1"))
    runner.call(lambda: None)
    viewed.say("stop")
    assert runner.wait(waiting, "")[0] == "refuse"
    assert viewed.state["approvals"] == []


def test_what_is_numbered_is_done_once_and_in_order_and_acknowledged(viewed, caplog):
    viewed = viewed("one")

    def say(number, sender="here", **values):
        viewed.say(sender=sender, number=number, **values)
        assert viewed.sent[-1] == {"type": "ack", "sender": sender, "number": ANY, "rev": viewed.view.snapshot["rev"]}
        return viewed.sent[-1]["number"]

    def prompt(text):
        return {"kind": "setup", "values": {"system_prompt": text}}

    assert say(2, **prompt("too early")) == 0
    assert say(1, **prompt("first")) == 1
    assert say(2, **prompt("second")) == 2
    assert say(1, **prompt("late")) == 2
    assert viewed.chat.system_prompt == "second"
    assert say(1, "there", **prompt("third")) == 1
    assert viewed.chat.system_prompt == "third"
    # What cannot be done, or is no command, does not hold up what follows.
    assert say(3, kind="regenerate", id="nobody") == 3
    assert viewed.state["notice"]
    assert say(4, kind="nonsense") == 4
    assert "nonsense" in caplog.text
    assert say(5, kind="skip") == 5
    viewed.say("stop", sender="here")
    assert viewed.sent[-1]["number"] == 5


def test_of_many_senders_the_latest_are_remembered(viewed):
    viewed = viewed("one")
    for number in range(1100):
        viewed.say("skip", sender=f"s{number}", number=1)
    assert len(viewed.chat._dispatcher._done) == 1000
    viewed.say("skip", sender="s1099", number=2)
    assert viewed.sent[-1]["number"] == 2


def test_what_was_spent_is_told_and_priced_at_once(chats, server):
    viewed = Viewed(chats("m", base_url=server.base_url))
    assert viewed.state["spent"] is None
    viewed.ask("Hello", "u1")
    spent = {"prompt_tokens": 1, "completion_tokens": 3, "dollars": None, "is_part": False}
    assert viewed.state["spent"] == spent
    viewed.chat.prices = {"m": (1.0, 2.0)}
    assert viewed.state["spent"] == {**spent, "dollars": 7e-6}
    viewed.chat.model = "n"
    viewed.ask("Hello", "u2")
    assert viewed.state["spent"] == {"prompt_tokens": 2, "completion_tokens": 6, "dollars": 7e-6, "is_part": True}
    viewed.chat.clear()
    assert viewed.state["spent"] is None


def test_prices_of_the_server_are_known_and_yours_come_first(chats, server):
    pricing = b'{"data": [{"id": "m", "pricing": {"prompt": "0.000001", "completion": "0.000002"}}]}'
    server.list_models(pricing)
    viewed = Viewed(chats("m", base_url=server.base_url))
    viewed.chat._chat.session.attach_view()
    viewed.ask("Hello", "u1")
    viewed.chat._runner.wait(viewed.chat._runner.submit(looked_up(viewed.chat)), "")
    assert viewed.chat._chat.known_prices == {"m": (1.0, 2.0)}
    assert viewed.chat.cost == viewed.state["spent"]["dollars"] == 7e-6
    viewed.chat.prices = {"m": (0.0, 1.0)}
    assert viewed.chat.cost == viewed.state["spent"]["dollars"] == 3e-6


async def looked_up(chat):
    """Wait until the server has told what it tells of the model."""
    await asyncio.gather(*chat._chat.session.requests._lookup._tasks)


def test_a_view_hears_how_much_was_left_out(chats, server):
    history = [{"role": role, "content": "word " * 200} for _ in range(5) for role in ("user", "assistant")]
    viewed = Viewed(chats("m", base_url=server.base_url, messages=history, context_window=700, max_tokens=100))
    viewed.ask("Hello", "u1")
    assert viewed.snapshot["messages"][-1]["left_out"] == {"count": 8, "summarized": False}
