"""`@name` in a question from a view: which names there are, what goes along, and that nothing is evaluated."""

from __future__ import annotations

import math
import time

import pytest

from chatwidget import ChatWidget, DemoModel
from chatwidget._notebook.mentions import kind_of, names_of
from chatwidget._notebook.references import mentions
from tests.unit.chat.test_questions import Array, half
from tests.unit.comm.test_dispatcher import Viewed
from tests.unit.transports.test_function import IMAGE, Figure, Frame

pytestmark = pytest.mark.usefixtures("no_settings")


def own():
    """Half of nothing."""


own.__module__ = "__main__"
FIGURE = Figure()
NAMESPACE = {
    "first": 1,
    "df": Frame(),
    "words": ["a", "b"],
    "_private": 2,
    "math": math,
    "half": half,
    "own": own,
    "a": Array(),
    "fig": FIGURE,
    "größe": 3,
}


@pytest.fixture
def namespace(monkeypatch):
    values = dict(NAMESPACE)
    for module in ("_comm.lookups", "_notebook.attach", "_notebook.context", "_notebook.variables"):
        monkeypatch.setattr(f"chatwidget.{module}.notebook", lambda: values, raising=False)
    return values


@pytest.fixture
def viewed(namespace):  # noqa: ARG001 it is set
    chat = ChatWidget(DemoModel(["one", "two", "three"], delay=0))
    yield Viewed(chat)
    chat.close()


def parts(viewed, place=0):
    return viewed.chat.messages[place]["content"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("What is @df?", ["df"]),
        ("@df, (@words) and @df.", ["df", "words"]),
        ("@größe\n@first", ["größe", "first"]),
        ('"@df"', ["df"]),
        ("@math and @half", ["math", "half"]),
        ("me@df.org, @unknown, @df.org, @df.columns, user@df", []),
        ("@_private", ["_private"]),
        ("@__builtins__ @df() @@df /@df \\@df", []),
        ("`@df` and\n```python\n@df\ndef f(): ...\n```", []),
        ("```\n@df", []),
        ("~~~\n@df\n~~~\n@words", ["words"]),
        ("@half\ndef f(): ...", []),
        ("  @half\n  @df\n  class A: ...", []),
        ("Say of\n@df\nall.", ["df"]),
        ("", []),
    ],
)
def test_names_are_found_where_they_are_meant(text, names):
    assert mentions(text, {**NAMESPACE, "__builtins__": {}}) == names


@pytest.mark.parametrize("piece", ["@", "@a", "`", "```", "@a\n", "@a.", " @a\n@", "~~~`", "@" + "a" * 200])
def test_a_long_question_takes_no_time(piece):
    began = time.process_time()
    mentions(piece * (500_000 // len(piece)), {})
    assert time.process_time() - began < 5


def test_data_comes_first_and_what_is_imported_not_at_all():
    chat = ChatWidget("demo")
    names = names_of({**NAMESPACE, "chat": chat})
    chat.close()
    assert [each["name"] for each in names] == ["fig", "a", "df", "größe", "words", "first", "own"]
    kinds = {each["name"]: each["kind"] for each in names}
    assert kinds["df"] == "Frame 3×2"  # noqa: RUF001 a multiplication sign
    assert kinds["words"] == "list (2)"
    assert kinds["first"] == "int"


def test_a_kind_asks_nothing_of_a_foreign_value():
    class Loud:
        def __len__(self):
            raise AssertionError

        def __getattr__(self, name):
            raise AssertionError(name)

    class Wrong:
        @property
        def shape(self):
            raise RuntimeError

    assert (kind_of(Loud()), kind_of(Wrong())) == ("Loud", "Wrong")
    assert [each["name"] for each in names_of({"loud": Loud(), "wrong": Wrong()})] == ["wrong", "loud"]


def test_a_question_brings_the_values_it_names(viewed):
    viewed.ask("What of @df, @first and @nobody?", "q1")
    question, frame, number = parts(viewed)
    assert question == {"type": "text", "text": "What of @df, @first and @nobody?"}
    assert frame["text"].startswith("@df (Frame, 3 rows, 2 columns):\n```\nColumns: name, a|b")
    assert number["text"] == "@first (int):\n```\n1\n```"


def test_braces_around_a_name_bring_its_value_too_and_stay_in_the_text(viewed, namespace):
    viewed.ask("{ first } of {df}, not {df.columns}, `{words}` or \\{a}, and @df", "q1")
    question, number, frame = parts(viewed)
    assert question["text"] == "{ first } of {df}, not {df.columns}, `{words}` or \\{a}, and @df"
    assert number["text"] == "@first (int):\n```\n1\n```"
    assert frame["text"].startswith("@df (Frame, 3 rows, 2 columns):\n```\n")
    namespace["first"] = 2
    viewed.say("edit", id="q2", of="q1", text="{first}")
    viewed.finish()
    assert [part["text"] for part in parts(viewed)] == ["{first}", "@first (int):\n```\n2\n```"]


def test_a_view_is_told_what_names_no_variable_before_it_is_sent(viewed):
    viewed.chat.context = ["wordz"]
    viewed.say("preview", id="p1", text="{dff} of @worda, {df.columns}, {first}, me@df.org and @media", whole=False)
    assert viewed.sent[-1]["mistakes"] == [
        {"written": "{dff}", "nearest": "{df}", "is_name": True},
        {"written": "{df.columns}", "nearest": "{df}", "is_name": False},
        {"written": "@worda", "nearest": "@words", "is_name": True},
        {"written": "wordz", "nearest": "words", "is_name": True},
    ]
    assert [name["name"] for name in viewed.sent[-1]["names"]] == ["first"]


def test_a_question_that_names_nothing_is_text(viewed):
    viewed.ask("me@df.org", "q1")
    assert parts(viewed) == "me@df.org"


def test_an_edit_brings_them_as_they_then_are(viewed, namespace):
    viewed.ask("@fig and @first", "q1", attachments=[{"name": "a.txt", "mime": "text/plain", "data": "YQ=="}])
    assert [part["type"] for part in parts(viewed)] == ["text", "text", "text", "image_url", "text"]
    assert parts(viewed)[3]["image_url"]["url"] == IMAGE
    namespace["first"] = 9
    viewed.say("edit", id="q2", of="q1", text="@first only")
    viewed.finish()
    assert [part["text"] for part in parts(viewed)] == [
        "@first only",
        "a.txt:\n```\na\n```",
        "@first (int):\n```\n9\n```",
    ]
    viewed.say("edit", id="q3", of="q2", text="none")
    viewed.finish()
    assert [part["text"] for part in parts(viewed)] == ["none", "a.txt:\n```\na\n```"]


def test_nothing_that_a_view_sends_is_evaluated(viewed, namespace):
    class Trap:
        touched = False

        def __getitem__(self, key):
            Trap.touched = True

        def __call__(self):
            Trap.touched = True

        @property
        def attribute(self):
            Trap.touched = True

    namespace["trap"] = Trap()
    viewed.ask("{trap()} @trap() @trap.attribute @trap['a'] @{trap()} {trap}", "q1")
    assert not Trap.touched
    assert "{trap()} @trap() @trap.attribute" in str(parts(viewed))


def test_a_question_that_comes_again_reads_nothing_again(viewed, namespace):
    class Counted:
        times = 0

        def __repr__(self):
            Counted.times += 1
            return "counted"

    namespace["counted"] = Counted()
    for _ in range(3):
        viewed.ask("@counted", "q1")
    assert (Counted.times, len(viewed.chat.messages)) == (1, 2)


def test_a_value_that_cannot_be_read_is_said(viewed, namespace):
    class Broken:
        def __repr__(self):
            message = "not now"
            raise RuntimeError(message)

    namespace["broken"] = Broken()
    viewed.ask("@broken", "q1")
    assert "It could not be read: RuntimeError: not now" in parts(viewed)[1]["text"]


def test_secrets_are_masked_and_long_values_cut(viewed, namespace, monkeypatch):
    monkeypatch.setenv("SERVICE_TOKEN", "opaque one")
    namespace.update(config={"password": "hunter2x", "other": "opaque one"}, long="x" * 50_000)
    viewed.ask("@config @long", "q1")
    config, long = (part["text"] for part in parts(viewed)[1:])
    assert "{'password': '[secret …]', 'other': '[secret …]'}" in config
    assert len(long) < 9000
    assert "more characters not sent" in long


def test_a_view_is_told_the_names(viewed):
    viewed.say("complete")
    assert viewed.sent[-1]["type"] == "names"
    assert viewed.sent[-1]["names"][2] == {"name": "df", "kind": "Frame 3×2"}  # noqa: RUF001 as above


def test_a_view_is_told_what_goes_along(viewed):
    viewed.chat.context = ["words"]
    assert viewed.state["context"] == ["words"]
    viewed.say("preview", id="p1", text="What of @df and @nobody?", whole=False)
    kind = [{"name": "df", "kind": "Frame 3×2"}]  # noqa: RUF001 as above
    assert viewed.sent[-1] == {"type": "preview", "id": "p1", "names": kind, "mistakes": [], "text": ""}
    viewed.say("preview", id="p2", text="What of @fig?", whole=True)
    shown = viewed.sent[-1]["text"]
    assert shown == (
        "For reference, the notebook as it is now:\n\n`words`: ['a', 'b']\n\n"
        "@fig (Figure):\n```\nSee the image.\n```\n\n[image_url]"
    )
    viewed.ask("What of @fig?", "q1")
    assert [part.get("text", "[image_url]") for part in parts(viewed)[1:]] == shown.split("\n\n")[2:]
    viewed.say("preview", id="../", text="", whole=True)
    assert viewed.sent[-1]["type"] != "preview"
