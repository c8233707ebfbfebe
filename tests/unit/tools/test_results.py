"""What functions give, as a model and a person are shown it."""

import base64
import collections
import dataclasses
import datetime as dt
import json
import pathlib

import pydantic
import pytest

from chatwidget._tools.results import MAX_IMAGE, MAX_TEXT, content_of
from chatwidget._wire.chat_completions.request import request_body
from tests.unit.tools._calls import call, calls, results

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 10


class Model(pydantic.BaseModel):
    a: int = 1


@dataclasses.dataclass
class Data:
    when: dt.date


class Marked:
    def _repr_markdown_(self):
        return "**bold**"


class Html:
    def _repr_html_(self):
        return "<b>"


class Picture:
    def _repr_png_(self):
        return PNG


class PictureInText:
    def _repr_png_(self):
        return base64.b64encode(PNG).decode()


class PictureWithMetadata:
    def _repr_png_(self):
        return PNG, {"width": 1}


class Figure:
    def savefig(self, file, **options):
        assert options["format"] == "png"
        file.write(PNG)


class Axes:
    """As matplotlib has them."""

    figure = Figure()

    def get_xlim(self):
        return (0, 1)


class Number:
    """As numpy has them."""

    shape = ()

    def tolist(self):
        return 7

    def item(self):
        return 7


class NoTime(dt.datetime):
    """As pandas has it: a date that is none."""

    def isoformat(self):
        return "NaT"

    def __repr__(self):
        return "NaT"

    @property
    def year(self):
        return float("nan")


class Frame:
    """As pandas has them."""

    def __init__(self, rows):
        self.rows = rows
        self.shape = (rows, 2)

    def head(self, count):
        return Frame(min(count, self.rows))

    def to_csv(self):
        return "a,b\n" + "1,2\n" * self.rows


class Plain:
    def __repr__(self):
        return "Plain()"


@pytest.mark.parametrize(
    ("value", "content"),
    [
        ("text", "text"),
        ("", ""),
        (None, "Done; there is no result."),
        (True, "true"),
        ({"ñ": [1, 2.5, None]}, '{"ñ": [1, 2.5, null]}'),
        ([], "[]"),
        ([1, "a"], '[1, "a"]'),
        ({"when": dt.date(2026, 1, 2)}, '{"when": "2026-01-02"}'),
        (Model(), '{"a": 1}'),
        ([Model()], '[{"a": 1}]'),
        (Data(dt.date(2026, 1, 2)), '{"when": "2026-01-02"}'),
        ({1: Plain()}, '{"1": "Plain()"}'),
        ([Number()], "[7]"),
        (Number(), "7"),
        (NoTime(2026, 1, 1), "NaT"),
        (collections.deque([1]), "[1]"),
        (pathlib.PurePosixPath("/a"), "/a"),
        ({"table": Frame(1)}, '{"table": "1 row, 2 columns:\\na,b\\n1,2\\n"}'),
        (Plain(), "Plain()"),
        (Marked(), "**bold**"),
        (Html(), "<b>"),
        (Plain, repr(Plain)),
        (b"\0\1", "2 bytes"),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_values_become_text(value, content):
    assert content_of(value) == content


@pytest.mark.parametrize("value", [PNG, Picture(), PictureInText(), PictureWithMetadata(), Figure(), Axes()])
def test_pictures_become_parts(value):
    [part] = content_of(value)
    kind, _, data = part["image_url"]["url"].partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data) == PNG


def test_text_and_pictures_may_be_given_together():
    content = content_of(("a plot", Figure(), {"n": 1}))
    assert [part["type"] for part in content] == ["text", "image_url", "text"]
    assert content[2]["text"] == '{"n": 1}'
    assert content_of(content) == content


def test_a_picture_that_is_too_large_is_named():
    [part] = content_of(PNG + b"x" * MAX_IMAGE)
    assert part["text"] == "[an image of 5.0 MB, too large to show]"


def test_of_long_text_the_middle_is_left_out_and_counted():
    content = content_of("start " + "x" * 100_000 + " end")
    assert content.startswith("start ")
    assert content.endswith(" end")
    assert "[… 80,010 characters left out …]" in content
    assert len(content) < MAX_TEXT + 100


def test_of_a_dataframe_size_and_head_are_shown():
    assert content_of(Frame(2)) == "2 rows, 2 columns:\na,b\n1,2\n1,2\n"
    content = content_of(Frame(1234))
    assert content.startswith("1,234 rows, 2 columns; the first 50 rows:\na,b\n")
    assert content.count("1,2\n") == 50


def test_a_circle_is_shown_as_python_shows_it():
    circle = []
    circle.append(circle)
    assert content_of(circle) == "[[...]]"


def test_pictures_are_sent_where_the_api_takes_them():
    """Fails when `sendable` leaves the parts of tool messages as they are."""
    called = {"role": "assistant", "content": None, "tool_calls": [{"id": c, "function": {"name": "f"}} for c in "ab"]}
    answers = [
        {"role": "tool", "tool_call_id": "a", "content": content_of(("see", Picture()))},
        {"role": "tool", "tool_call_id": "b", "content": content_of(Picture())},
    ]
    sent = request_body([called, *answers, {"role": "user", "content": "so?"}], "m", {})["messages"]
    assert [message["role"] for message in sent] == ["assistant", "tool", "tool", "user"]
    assert sent[1]["content"] == [{"type": "text", "text": "see"}]
    assert isinstance(sent[2]["content"], str)
    assert [part["type"] for part in sent[3]["content"]] == ["text", "image_url", "image_url", "text"]
    without = {"role": "user", "content": sent[3]["content"][:3]}
    assert request_body([called, *answers], "m", {})["messages"] == [*sent[:3], without]
    assert json.dumps(sent)


def test_chat_messages_are_what_the_sdk_takes_pictures_or_not(chat_with, server):
    """Fails when `Conversation.messages` leaves pictures in tool messages."""

    def look() -> list[object]:
        return ["see", Picture()]

    calls(server, call(0, "look"), call(1, "look"))
    server.reply("A picture.")
    chat = chat_with(look)
    chat.ask("What is it?")
    assert [message["role"] for message in chat.messages] == ["user", "assistant", "tool", "tool", "user", "assistant"]
    assert server.chats[1].json["messages"] == chat.messages[:-1]
    assert results(chat) == [[{"type": "text", "text": "see"}]] * 2
    # The view has them where they belong.
    tools = [message for message in chat.conversation if message.role == "tool"]
    assert [part["type"] for part in tools[0].content] == ["text", "image_url"]


def test_the_same_ids_may_be_used_again():
    """Fails when `_answered` looks past the next message that calls tools."""
    called = {"role": "assistant", "content": None, "tool_calls": [{"id": "a", "function": {"name": "f"}}]}
    answer = {"role": "tool", "tool_call_id": "a", "content": "1"}
    sent = request_body([called, called, answer], "m", {})["messages"]
    assert [message["role"] for message in sent] == ["assistant", "tool", "assistant", "tool"]
    assert sent[1]["content"] == "This call was not run."


@pytest.mark.parametrize("arguments", ["", "{", '"text"', "[1]"])
def test_arguments_that_a_server_could_not_read_are_not_sent(arguments):
    """Fails when `_readable` gives every message as it is."""
    called = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": arguments}}],
    }
    sent = request_body([called], "m", {})["messages"]
    assert sent[0]["tool_calls"][0]["function"] == {"name": "f", "arguments": "{}"}
    assert called["tool_calls"][0]["function"]["arguments"] == arguments
