"""Calls that nobody awaits say so, and do nothing."""

from __future__ import annotations

import asyncio
import inspect
import warnings
from contextlib import aclosing

import pytest

from chatwidget import ChatWidget, DemoModel, NotAwaitedError


@pytest.fixture
def chat():
    chat = ChatWidget(DemoModel(["one two"], delay=0))
    yield chat
    chat.close()


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (lambda chat: chat.ask_async("hello"), "chat.ask_async('hello') has done nothing yet: write `await chat.ask"),
        (
            lambda chat: chat.stream("hello"),
            "chat.stream('hello') has done nothing yet: write `async for delta in chat",
        ),
    ],
    ids=["ask_async", "stream"],
)
def test_a_call_that_is_shown_or_discarded_says_what_to_write(chat, call, advice):
    with pytest.warns(RuntimeWarning, match="hello.*was not awaited, so it has done nothing") as told:
        call(chat)
    assert told[0].filename == __file__
    pending = call(chat)
    assert advice in repr(pending)
    with pytest.raises(NotAwaitedError, match="there is no text yet"):
        pending.text  # noqa: B018
    assert not hasattr(pending, "_repr_html_")
    with warnings.catch_warnings():
        # It has been told, and may be kept as the output of its cell for long.
        warnings.simplefilter("error")
        del pending
    assert chat.messages == []


def test_each_discarded_call_is_told_even_on_the_same_line(chat):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        for _ in range(2):
            chat.ask_async("hello")
    assert len(told) == 2


def test_a_call_can_be_used_like_a_coroutine(chat):
    async def ways():
        one = await chat.ask_async("1")
        two = await asyncio.create_task(chat.ask_async("2"))
        three, four = await asyncio.gather(chat.ask_async("3"), asyncio.wait_for(chat.ask_async("4"), 60))
        return [one, two, three, four]

    assert {reply.text for reply in asyncio.run(ways())} == {"one two"}
    assert asyncio.run(chat.ask_async("5")).text == "one two"
    pending = chat.ask_async("6")
    assert inspect.isawaitable(pending)
    assert asyncio.iscoroutine(pending)
    pending.close()
    assert len(chat) == 10


def test_a_task_that_is_cancelled_before_it_begins_asks_nothing(chat):
    async def cancelled():
        task = asyncio.create_task(chat.ask_async("hello"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert chat.messages == []


def test_a_stream_can_be_used_like_an_asynchronous_generator(chat):
    async def ways():
        texts = [delta.content async for delta in chat.stream("1")]
        # An answer that has not ended when the loop is left.
        chat.connect(DemoModel(["one " * 1000], delay=0.01))
        async with aclosing(chat.stream("2")) as pieces:
            async for piece in pieces:
                texts.append(piece.content)
                break
        await chat.stream("3").aclose()
        return texts

    assert "".join(asyncio.run(ways())).strip() == "one twoone"
    assert [message["content"] for message in chat.messages if message["role"] == "user"] == ["1", "2"]
    assert chat.last.status == "stopped"


def test_long_questions_are_cut_and_parts_are_not_written_out(chat):
    pending = chat.ask_async("a" * 1000)
    assert len(repr(pending)) < 200
    pending.close()
    pending = chat.ask_async([{"type": "text", "text": "a"}])
    assert "chat.ask_async(...)" in repr(pending)
    pending.close()
