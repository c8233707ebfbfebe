"""What a question brings along, and what form its answer is to have; what is heard while it is answered."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import math
import time

import pytest
from pydantic import BaseModel

from chatwidget import (
    AnswerFormatError,
    ChatError,
    Conversation,
    ConversationError,
    Delta,
    DemoModel,
    SettingsError,
    Usage,
)
from chatwidget._chat.questions import Question, Questions
from chatwidget._notebook.variables import filled, preview
from chatwidget._runtime.thread_runner import ThreadRunner
from chatwidget._tools.chat_tools import ChatTools
from chatwidget._turns.session import Session
from tests.contract.run import run
from tests.unit.transports.test_function import IMAGE, PIXEL, Figure, Frame


@pytest.fixture
def chat(chats, server):
    return chats("m", base_url=server.base_url)


def said(server):
    return server.chats[-1].json["messages"][-1]["content"]


# Structured answers


class City(BaseModel):
    name: str
    size: int | None = None


@dataclasses.dataclass
class Point:
    x: float
    y: float


SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "sizes": {"type": "array", "items": {"type": "integer"}}},
    "required": ["name"],
}


@pytest.mark.parametrize(
    ("given", "answer", "parsed"),
    [
        (City, '{"name": "Oslo", "size": 7}', City(name="Oslo", size=7)),
        (City, '```json\n{"name": "Oslo", "size": null}\n```', City(name="Oslo")),
        (Point, '{"x": 1, "y": 2.5}', Point(1, 2.5)),
        (SCHEMA, '{"name": "Oslo", "sizes": [1, 2]}', {"name": "Oslo", "sizes": [1, 2]}),
        ({"type": "json_object"}, '{"any": [1]}', {"any": [1]}),
        ({"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}}, '{"name": ""}', {"name": ""}),
    ],
)
def test_an_answer_of_the_form_that_is_asked_for(chat, server, given, answer, parsed):
    server.reply(answer)
    reply = chat.ask("hi", response_format=given)
    assert reply.parsed == parsed
    assert reply.text == answer
    assert server.chats[0].json["response_format"]["type"] in {"json_schema", "json_object"}


def test_the_model_is_held_to_a_class(chat, server):
    server.reply('{"name": "Oslo", "size": 7}')
    run(chat.ask_async("hi", response_format=City))
    schema = server.chats[0].json["response_format"]["json_schema"]
    assert (schema["name"], schema["strict"]) == ("City", True)
    assert schema["schema"]["additionalProperties"] is False
    assert schema["schema"]["required"] == ["name", "size"]
    assert "default" not in schema["schema"]["properties"]["size"]


@pytest.mark.parametrize(
    ("given", "answer", "why"),
    [
        (City, '{"size": 7}', "Field required"),
        (City, "Oslo!", "Invalid JSON"),
        (SCHEMA, "Oslo!", "Expecting value"),
        (SCHEMA, "[1]", "it should be of type object"),
        (SCHEMA, '{"sizes": []}', "it lacks name"),
        (SCHEMA, '{"name": "a", "sizes": [1, "2"]}', r"it\.sizes\[1\] should be of type integer"),
        (SCHEMA, '{"name": true}', "it.name should be of type string"),
    ],
)
def test_an_answer_of_another_form_is_told_with_its_text(chat, server, given, answer, why):
    server.reply(answer)
    with pytest.raises(AnswerFormatError, match=why) as caught:
        chat.ask("hi", response_format=given)
    assert answer in str(caught.value)
    assert (caught.value.reply.text, caught.value.reply.status) == (answer, "complete")


@pytest.mark.parametrize("given", [City, SCHEMA, {"type": "json_object"}])
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (('{"name": "Os', "length"), "cut off at the length limit"),
        (("", "length"), "cut off at the length limit"),
        (({"reasoning_content": "Hm."}, "MAX_TOKENS"), "cut off at the length limit"),
        (('```json\n{"name": "Oslo"', "model_length"), "max_tokens"),
        (('{"name": ', "content_filter"), "content filter"),
        (({"refusal": "I cannot."}, "stop"), "refused"),
        (({"reasoning_content": "Hm."}, "stop"), "only its reasoning"),
    ],
)
def test_why_an_answer_is_not_of_the_form(chat, server, given, answer, why):
    """Fails when `AnswerFormat.parsed` tells what the parser says."""
    delta, finish_reason = answer
    server.reply({"reasoning": "…"}, delta, finish_reason=finish_reason)
    with pytest.raises(AnswerFormatError, match=why) as caught:
        chat.ask("hi", response_format=given)
    assert "JSON" not in str(caught.value).replace(caught.value.reply.text, "")
    assert "EOF" not in str(caught.value)


def test_an_answer_that_is_whole_at_its_greatest_length_is_of_the_form(chat, server):
    server.reply('{"name": "Oslo", "size": 1}', finish_reason="length")
    assert chat.ask("hi", response_format=City).parsed == City(name="Oslo", size=1)


def test_calls_in_place_of_an_answer_are_named(chat, server):
    call = {"index": 0, "id": "a", "function": {"name": "search", "arguments": "{}"}}
    server.reply({"tool_calls": [call]}, finish_reason="tool_calls")
    with pytest.raises(AnswerFormatError, match="called search"):
        chat.ask("hi", response_format=SCHEMA)


@pytest.mark.parametrize("given", [int, {"name": "no schema"}, 3])
def test_what_is_no_form_is_told_before_anything_is_asked(chat, server, given):
    with pytest.raises(SettingsError, match="response_format"):
        chat.ask("hi", response_format=given)
    assert server.chats == []


# Files and values


def test_files_and_values_go_along(chat, server, tmp_path):
    (tmp_path / "plot.png").write_bytes(PIXEL)
    (tmp_path / "notes.txt").write_text("some notes")
    values = [
        tmp_path / "plot.png",
        str(tmp_path / "notes.txt"),
        Figure(),
        Frame3(),
        PIXEL,
        "https://example.org/a.png",
    ]
    chat.ask("what is this?", attachments=values)
    text, png, notes, figure, table, pixel, remote = said(server)
    assert text == {"type": "text", "text": "what is this?"}
    assert png == figure == pixel == {"type": "image_url", "image_url": {"url": IMAGE}}
    assert "some notes" in notes["text"]
    assert table["text"].startswith("Frame3 (Frame3, 3 rows, 2 columns):\n```\nColumns: name, a|b\n")
    assert remote["image_url"]["url"] == "https://example.org/a.png"


class Frame3(Frame):
    def __len__(self):
        return 3


@pytest.mark.parametrize(
    ("value", "error", "why"),
    [("nowhere.png", OSError, "nowhere"), ({"a.xlsx": Frame()}, ConversationError, r"\.csv in place of a\.xlsx")],
)
def test_what_cannot_go_along_is_told(chat, value, error, why):
    with pytest.raises(error, match=why):
        chat.ask("hi", attachments=[value])
    assert chat.messages == []


# Values of the notebook in a question


class Number:
    """A number as numpy has it."""

    dtype, shape = "float64", ()

    def ravel(self):
        raise NotImplementedError

    def __str__(self):
        return "2.5"


class Array:
    dtype, shape, size = "float64", (2, 20), 40

    def __array__(self):
        raise NotImplementedError

    def ravel(self):
        return list(range(40))

    def min(self):
        return 0

    def max(self):
        return 39

    def mean(self):
        return 19.5


def half(x):
    """Half of x."""
    return x / 2


NAMESPACE = {
    "n": 3,
    "x": Number(),
    "name": "Ann",
    "df": Frame(),
    "fig": Figure(),
    "a": Array(),
    "half": half,
    "math": math,
    "d": {"k": 1},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{name} has {n}", "Ann has 3"),
        ("{n + 1}, {len(name)}, {name.upper()}, {d['k']}, { n }", "4, 3, ANN, 1, 3"),
        ("{[i * n for i in range(2)]}", "[0, 3]"),
        ("{d} {x}", "{'k': 1} 2.5"),
    ],
)
def test_names_and_expressions_become_values(text, expected):
    assert filled(text, NAMESPACE, str) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{unknown + other}",
        "{}",
        '{"n": 1}',
        "{n: 1}",
        "{n, name}",
        "{{n}}",
        "x_{n}^{n}",
        r"\frac{n}{n}",
        'f"{n}"'.replace('"{', "{"),
        "{1}",
        "{print}",
        "function () {\n  n\n}",
        "{(n := 5)}",
        "{lambda: n}",
        "if (n) {return n;}",
    ],
)
def test_other_braces_stay(text):
    assert filled(text, NAMESPACE, str) == text


@pytest.mark.parametrize(
    "text",
    [
        "`{name}`",
        "Why does ``f'{name}' or `{n}` `` fail?",
        "over `two\nlines {name}` of one paragraph",
        "# `{name}`\n\n| `{n}` |",
        r"\\`{name}`",
        "```python\nprint({name})\n```",
        "~~~\n{name}\n```\n{n}\n~~~",
        "````md\n```\n{name}\n```\n{n}\n````",
        "```\n{name}\n``` not its end\n{n}\n```",
        "never closed:\n```js\n{name}\n\n{n}",
        "- a list\n\n  ```\n  {name}\n  ```",
        "1. ```\n   {name}\n\n   {n}\n   ```",
        "- > ~~~\n  > {name}\n  > ~~~",
        "> ```sh\n> echo {name}\n> ```",
        "    ```\n    {name}\n    ```",
        "-\t```\n\t{name}\n\t```",
        "```\r\n{name}\r\n```\r\n",
        "print(f'{name}')",
        'log(f"{n}: {name!r}", rf"{n}\\d", F"{name}")',
        """f"it\\"s {name}" and f'{d["k"]} {d['k']}'""",
        'f"""\n{name}\n"{n}"\n"""',
        'fr"{name}" t"{n}"',
    ],
)
def test_braces_in_code_stay(text):
    """Fails when `filled` takes no notice of code."""
    assert filled(text, NAMESPACE, str) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`{n}` is {n}", "`{n}` is 3"),
        ("a ` and {n}", "a ` and 3"),
        ("a ` and {n}\n\nanother `", "a ` and 3\n\nanother `"),
        ("- a ` and {n}\n- another `", "- a ` and 3\n- another `"),
        ("# a ` and {n}\nanother `", "# a ` and 3\nanother `"),
        ("``a` {n}", "``a` 3"),
        (r"\`{n}`", r"\`3`"),
        ("```\n{n}\n```\n{n}", "```\n{n}\n```\n3"),
        ("```\n{n}\n````\n{n}", "```\n{n}\n````\n3"),
        ("```not `a fence`\n{n}", "```not `a fence`\n3"),
        ("> ```\n> {n}\nno longer quoted: {n}", "> ```\n> {n}\nno longer quoted: 3"),
        ("- ```\n  {n}\n\nbelow the list: {n}", "- ```\n  {n}\n\nbelow the list: 3"),
        ("1. ~~~\n   {n}\n2. {n}", "1. ~~~\n   {n}\n2. 3"),
        ("    indented as in a function: {n}", "    indented as in a function: 3"),
        ('half" of {n} and elf"{n}"', 'half" of 3 and elf"3"'),
        ("f'({n}) and f'({n})", "f'(3) and f'(3)"),
        ("f''({n}) = g'", "f''(3) = g'"),
        ("the flag 'f' with {n} and 'g'", "the flag 'f' with 3 and 'g'"),
        ("f'never closed {n}", "f'never closed 3"),
        ('`f"` for {n} and `"`', '`f"` for 3 and `"`'),
        ('"{n}"', '"3"'),
    ],
)
def test_braces_beside_code_are_filled(text, expected):
    assert filled(text, NAMESPACE, str) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\{name} is {name}", "{name} is Ann"),
        (r"\{n + 1}, \{ n }", "{n + 1}, { n }"),
        (r"a\{unknown}", "a{unknown}"),
        (r"`\{name}`", r"`\{name}`"),
        (r"\{n\}, \{n, name\}, \left\{ x", r"\{n\}, \{n, name\}, \left\{ x"),
        (r"\{3} \{a, b} \\{n}", r"\{3} \{a, b} \\{n}"),
    ],
)
def test_a_backslash_keeps_braces(text, expected):
    """Fails when `filled` leaves the backslash, or evaluates what is behind it."""
    assert filled(text, NAMESPACE, str) == expected


@pytest.mark.parametrize("piece", ["`", "``a`", "f'", "f'{", 'f"""', "{", "> ", "- ", "- `\n", "~~~\n", r"\{", "{n} "])
def test_the_time_to_find_braces_stays_in_proportion(piece):
    text = piece * 20_000
    begun = time.process_time()
    filled(text, {"n": 1}, str)
    assert time.process_time() - begun < 2


def test_what_is_long_stands_below():
    text = preview(filled("Look at {df} and {a}, {half}, {math}.", NAMESPACE, str))
    assert text.startswith(
        "Look at `df` and `a`, `half`, `math`.\n\ndf (Frame, 3 rows, 2 columns):\n```\nColumns: name, a|b"
    )
    assert "| 0 | Ann | 0.123457 |" in text
    assert (
        "shape (2, 20), dtype float64\nmin 0, max 39, mean 19.5\nfirst elements: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …"
        in text
    )
    assert 'half (function):\n```\ndef half(x):\n    """Half of x."""\n    return x / 2\n```' in text
    assert "sqrt: Return the square root of x." in text


def test_all_values_together_keep_to_a_budget_and_say_what_is_missing():
    text = preview(filled("{long} {other}", {"long": "x" * 50_000, "other": "y\n" * 50_000}, str, budget=2000))
    assert len(text) < 2300
    assert text.count("more characters not sent") == 2


def test_figures_go_as_images():
    parts = filled("What is {fig}?", NAMESPACE, str)
    assert parts[2] == {"type": "image_url", "image_url": {"url": IMAGE}, "alt": "Figure"}
    assert preview(parts) == "What is `fig`?\n\nfig (Figure):\n```\nSee the image.\n```\n\n[image_url]"


def test_an_expression_that_fails_is_told():
    with pytest.raises(ConversationError, match=r"\{n.upper\(\)\} could not be evaluated: AttributeError"):
        filled("{n.upper()}", NAMESPACE, str)


def test_a_question_has_values_when_it_is_asked_for(chat, server, monkeypatch):
    monkeypatch.setattr("chatwidget._notebook.variables.notebook", lambda: NAMESPACE)
    assert chat.preview("{name}?") == "Ann?"
    assert server.chats == []
    chat.ask("{name}?")
    assert said(server) == "{name}?"
    chat.ask("{name}?", variables=True)
    assert said(server) == "Ann?"
    chat.ask([{"type": "text", "text": "{n}"}], variables=True, attachments=["https://example.org/a.png"])
    assert [part["type"] for part in said(server)] == ["text", "image_url"]
    assert said(server)[0]["text"] == "3"


def test_values_are_apart_in_the_conversation_and_one_text_to_the_model(chat, server, monkeypatch, chats):
    monkeypatch.setattr("chatwidget._notebook.variables.notebook", lambda: NAMESPACE)
    chat.ask("What of {a} and @d?", variables=True)
    text, array, mention = (part["text"] for part in chat.messages[0]["content"])
    assert text == "What of `a` and @d?"
    assert array.startswith("a (Array):\n```\nshape (2, 20)")
    assert mention == "@d (dict):\n```\n{'k': 1}\n```"
    assert said(server) == f"{text}\n\n{array}\n\n{mention}" == chat.preview("What of {a} and @d?")
    # A function may take texts only.
    upper = chats(lambda messages: messages[-1]["content"].upper())
    assert upper.ask("{a}", variables=True).text.startswith("`A`\n\nA (ARRAY):")
    # Parts that a user composed stay as they are.
    own = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    chat.ask(own)
    assert said(server) == own


def test_a_name_that_is_none_is_told_before_anything_is_asked(chat, server, monkeypatch):
    monkeypatch.setattr("chatwidget._notebook.variables.notebook", lambda: NAMESPACE)
    for question in ("{dff}", "@dff", [{"type": "text", "text": "{dff}"}]):
        with pytest.raises(ConversationError, match=r"there is no variable for .dff\}?; did you mean .df\}?\?"):
            chat.ask(question, variables=True)
    assert (chat.messages, server.chats) == ([], [])
    chat.ask("{dff} @dff")
    assert said(server) == "{dff} @dff"


def test_secrets_in_values_are_masked_and_those_that_are_typed_are_not(chats, server, monkeypatch):
    chat = chats("m", base_url=server.base_url, api_key="opaque-1-2-3-4-5-6-7-8-9")
    monkeypatch.setenv("SERVICE_TOKEN", "opaque one")

    class Secrets(Frame3):
        def itertuples(self, **_):
            return iter([(0, "opaque one", "hf_" + "notAReal1Key" * 3)])

    values = {"config": {"password": "hunter2x", "n": 1}, "key": "opaque-1-2-3-4-5-6-7-8-9", "frame": Secrets()}
    monkeypatch.setattr("chatwidget._notebook.variables.notebook", lambda: values)
    question = 'Is {config} or {key} or {frame} right, with password="hunter2x"?'
    chat.ask(question, variables=True, attachments={"table.csv": Secrets()})
    table = chat.messages[0]["content"][-1]["text"]
    assert said(server).endswith(f"\n\n{table}")
    text = said(server).removesuffix(f"\n\n{table}")
    assert text == chat.preview(question)
    assert "Is {'password': '[secret …]', 'n': 1} or [key removed] or `frame` right" in text
    assert text.count("hunter2x") == 1
    assert 'with password="hunter2x"?' in text
    assert "opaque one" not in text + table
    assert "notAReal1Key" not in text + table
    assert "| 0 | [secret …] | [secret …1Key] |" in text
    assert "0,[secret …],[secret …1Key]" in table


# Events


def test_what_happens_is_heard(chat, server):
    heard = {name: [] for name in ("delta", "message", "turn", "error", "tool")}
    ends = [chat.on(name, heard[name].append) for name in heard]
    chat.ask("one two")
    assert "".join(delta.content for delta in heard["delta"]) == "You said: one two"
    assert [(message.role, message.text) for message in heard["message"]] == [
        ("user", "one two"),
        ("assistant", "You said: one two"),
    ]
    assert [reply.status for reply in heard["turn"]] == ["complete"]
    server.reply_error(400, "no")
    with pytest.raises(ChatError):
        chat.ask("again")
    assert [reply.status for reply in heard["turn"]] == ["complete", "error"]
    assert len(heard["error"]) == 1
    chat.update({"role": "tool", "tool_call_id": "c", "content": "3"})
    assert [message.text for message in heard["tool"]] == ["3"]
    counts = {name: len(values) for name, values in heard.items()}
    for end in ends:
        end()
        end()
    chat.ask("unheard")
    assert counts == {name: len(values) for name, values in heard.items()}


def test_a_listener_that_fails_disturbs_nobody(chat, caplog):
    heard = []
    chat.on("delta", lambda _: 1 / 0)
    chat.on("delta", heard.append)
    with caplog.at_level(logging.ERROR):
        assert chat.ask("hi").status == "complete"
    assert heard
    assert "A listener of the event 'delta' failed" in caplog.text
    with pytest.raises(SettingsError, match="delta, message"):
        chat.on("nothing", heard.append)


def test_an_answer_can_be_gone_through_as_it_comes(chat, server):
    async def pieces():
        return [delta async for delta in chat.stream("one two")]

    deltas = run(pieces())
    assert all(isinstance(delta, Delta) for delta in deltas)
    assert "".join(delta.content for delta in deltas) == "You said: one two"
    server.reply("some", drop_after=300)

    async def cut():
        return [delta async for delta in chat.stream("again")]

    with pytest.raises(ChatError):
        run(cut())


def test_leaving_a_stream_stops_the_turn(chat, server):
    gate = server.gate()
    server.reply("first", " second", gate=gate)

    async def leave():
        stream = chat.stream("hi")
        gate.release()
        first = await anext(stream)
        await stream.aclose()
        return first

    assert run(leave()).content == "first"
    server.wait_for_disconnect()
    assert chat.conversation[chat.conversation.path[-1]].status == "stopped"
    assert asyncio.run(chat.ask_async("next")).status == "complete"


# Without a chat


class Interrupted(ThreadRunner):
    """A runner whose next call is interrupted once it has done what it was to do."""

    is_interrupted = False

    def call(self, function):
        result = super().call(function)
        if self.is_interrupted:
            self.is_interrupted = False
            raise KeyboardInterrupt
        return result


@pytest.fixture
def alone():
    """Questions without a chat, their session and their runner."""
    session, runner = Session(Conversation()), Interrupted()
    tools = ChatTools(runner, redact=str, on_change=session.use_tools)
    yield Questions(session, tools, runner, mask=str, on_answered=lambda: None), session, runner
    runner.submit(session.aclose()).result(20)


def test_questions_are_asked_without_a_chat(alone):
    questions, session, runner = alone
    runner.call(lambda: session.connect(DemoModel(["fine"], delay=0)))
    assert questions.ask(Question("hi", params={"temperature": 0})).text == "fine"
    assert questions.retry().text == "fine"


def test_an_interrupt_while_a_turn_begins_stops_it(alone):
    questions, session, runner = alone
    runner.call(lambda: session.connect(DemoModel(["never said"], delay=60)))
    runner.is_interrupted = True
    with pytest.raises(KeyboardInterrupt):
        questions.ask(Question("hi"))
    (_, reply) = runner.call(lambda: list(session.conversation))
    assert (reply.status, session.status) == ("stopped", "ready")


# What it takes


def test_usage_and_cost_are_of_all_answers(chat):
    assert (chat.usage, chat.cost) == (Usage(0, 0, 0), None)
    chat.ask("one two")
    chat.retry()
    assert chat.usage == Usage(2, 8, 10)
    chat.prices = {"m": (1.0, 2.0), "other": (9, 9)}
    assert chat.cost == pytest.approx((2 * 1.0 + 8 * 2.0) / 1e6)
    chat.prices = {"mm": (1, 1)}
    assert chat.cost is None
    for wrong in ({"m": 3}, {"m": (1,)}, {"m": (-1, 1)}):
        with pytest.raises(SettingsError, match="prices"):
            chat.prices = wrong
