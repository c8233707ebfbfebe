"""Functions that hear what happens: where they may ask, and that the async ones have run."""

from __future__ import annotations

import asyncio
import functools
import logging
import threading

import pytest

from chatwidget import ChatWidget
from chatwidget._chat.questions import Question
from chatwidget._conversation.messages import ToolCall
from chatwidget._errors import CannotWaitError
from chatwidget._tools.tool import Tool

EVENTS = ["delta", "message", "turn"]
WAYS = {
    "ask": lambda chat: chat.ask("more"),
    "retry": lambda chat: chat.retry(),
    "edit": lambda chat: chat.edit(next(iter(chat.conversation)).id, "other"),
    "follow": lambda chat: chat._chat.questions.follow(Question("more"), print, print),
    "models": lambda chat: chat.models(),
}


@pytest.fixture
def chat():
    chat = ChatWidget(lambda _: ["one ", "two"])
    yield chat
    chat.close()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("event", EVENTS)
def test_where_nothing_may_wait_nothing_is_asked(chat, event, way):
    heard, refused = [], []

    def listener(value):
        heard.append(value)
        with pytest.raises(CannotWaitError, match="; use "):
            WAYS[way](chat)
        refused.append(event)

    chat.ask("first")
    end = chat.on(event, listener)
    expected = {"delta": 2, "message": 2, "turn": 1}[event]
    chat.ask("second")
    end()
    assert len(refused) == len(heard) == expected
    assert [each["content"] for each in chat.messages] == ["first", "one two", "second", "one two"]
    assert len(chat.conversation.siblings(list(chat.conversation)[-1].id)) == 1
    assert chat.status == "ready"


@pytest.mark.parametrize("trait", ["messages", "status"])
def test_observers_of_traits_cannot_wait_either(chat, trait):
    refused = []

    def observer(_):
        with pytest.raises(CannotWaitError):
            chat.ask("more")
        refused.append(trait)

    chat.observe(observer, trait)
    chat.ask("first")
    chat.unobserve_all()
    assert refused
    assert [each["content"] for each in chat.messages] == ["first", "one two"]


def test_a_refused_question_evaluates_nothing(chat):
    opened = []

    class Value:
        def _repr_png_(self):
            opened.append(self)
            return b"\x89PNG\r\n\x1a\n"

    chat.on("turn", lambda _: chat.ask("more", attachments=[Value()]))
    chat.ask("first")
    assert not opened


def test_two_chats_that_ask_each_other_do_not_wait_for_ever():
    failures = []

    def first(messages):
        return other.ask(messages[-1]["content"]).content

    def second(_):
        try:
            chat.ask("back")
        except CannotWaitError as error:
            failures.append(str(error))
        return "from the second"

    chat, other = ChatWidget(first), ChatWidget(second)
    asked = threading.Thread(target=chat.ask, args=("hi",), daemon=True)
    asked.start()
    asked.join(10)
    stuck = asked.is_alive()
    chat.stop()
    assert not stuck
    assert len(failures) == 1
    assert chat.messages[-1]["content"] == "from the second"
    chat.close()
    other.close()


class Callable:
    def __init__(self, heard):
        self.heard = heard

    async def __call__(self, value):
        await asyncio.sleep(0.02)
        self.heard.append(value)


async def _later(heard, value):
    await asyncio.sleep(0.02)
    heard.append(value)


KINDS = {
    "function": lambda heard: functools.partial(_later, heard),
    "lambda": lambda heard: lambda value: _later(heard, value),
    "object": Callable,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["ask", "retry", "send", "stream"])
def test_async_handlers_have_run_when_the_call_returns(chat, kind, way):
    if way == "retry":
        chat.ask("first")
    heard = {event: [] for event in EVENTS}
    for event, values in heard.items():
        chat.on(event, KINDS[kind](values))

    async def streamed():
        return [delta async for delta in chat.stream("hi")]

    match way:
        case "ask":
            chat.ask("hi")
        case "retry":
            chat.retry()
        case "send":
            asyncio.run(chat.ask_async("hi"))
        case "stream":
            asyncio.run(streamed())
    assert [delta.content for delta in heard["delta"]] == ["one ", "two"]
    assert [reply.content for reply in heard["turn"]] == ["one two"]
    assert heard["message"][-1].content == "one two"


def test_plain_handlers_have_run_when_ask_returns(chat):
    heard = []
    chat.on("turn", heard.append)
    for number in range(1, 50):
        chat.ask("hi")
        assert len(heard) == number


def test_async_handlers_run_in_order_and_on_the_loop(chat):
    heard, threads = [], set()

    async def handler(delta):
        await asyncio.sleep(0.05 if not heard else 0)
        threads.add(threading.current_thread().name)
        heard.append(delta.content)

    chat.on("delta", handler)
    chat.ask("hi")
    assert heard == ["one ", "two"]
    assert threads == {"chatwidget"}


@pytest.mark.parametrize("event", EVENTS)
def test_an_async_handler_may_ask_and_await(chat, event):
    answers = []

    async def handler(_):
        if len(chat.messages) < 4:
            answers.append((await chat.ask_async("more")).content)

    chat.on(event, handler)
    asked = threading.Thread(target=chat.ask, args=("hi",), daemon=True)
    asked.start()
    asked.join(10)
    assert not asked.is_alive()
    assert answers[0] == "one two"


def test_an_async_handler_that_fails_is_logged_and_harms_nothing(chat, caplog):
    heard = []

    async def failing(_):
        await asyncio.sleep(0)
        raise ZeroDivisionError

    async def leaving(_):
        raise SystemExit

    for function in (failing, leaving):
        chat.on("turn", function)
    chat.on("turn", functools.partial(_later, heard))
    with caplog.at_level(logging.ERROR):
        assert chat.ask("hi").status == "complete"
        assert chat.ask("again").status == "complete"
    assert len(heard) == 2
    assert "ZeroDivisionError" in caplog.text


def test_the_next_question_does_not_wait_for_handlers(chat):
    let_go = threading.Event()

    async def slow(_):
        await asyncio.to_thread(let_go.wait)

    end = chat.on("turn", slow)
    asked = threading.Thread(target=chat.ask, args=("hi",), daemon=True)
    asked.start()
    while not chat.messages or chat.status != "ready":
        pass
    end()
    assert chat.ask("again").content == "one two"
    assert asked.is_alive()
    let_go.set()
    asked.join(10)
    assert not asked.is_alive()


@pytest.mark.parametrize("answer", [True, False])
def test_an_async_function_says_whether_a_tool_is_asked_about(chat, answer):
    async def approve(name, arguments):
        await asyncio.sleep(0)
        return answer and (name, arguments) == ("ring", {"times": 3})

    def ring(times: int):
        return f"rang {times} times"

    def ask(tools):
        toolbox = chat._chat.tools.make_toolbox(tools)
        ready = toolbox.prepare(ToolCall("1", "ring", '{"times": 3}'))
        return chat._runner.submit(ready.asks()).result(10)

    assert ask([Tool(ring, approve=approve)]) is answer
