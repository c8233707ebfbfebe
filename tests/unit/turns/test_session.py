"""Turns: one after the other, each ended once, whatever the model, the listeners and the user do."""

from __future__ import annotations

import asyncio

import pytest

from chatwidget import Conversation, Delta, DemoModel, Status, StreamInterruptedError, TransportError
from chatwidget._connection.resolve import for_function
from chatwidget._conversation.changes import Added, MessagesChanged
from chatwidget._transports.base import ChatRequest, Retrying
from chatwidget._turns.hooks import SessionHooks
from chatwidget._turns.session import Session, SessionStatus
from tests.contract.run import run


class Gated:
    """A model that says one word for each ticket, then "end" for the next one. Keeps what it was asked."""

    def __init__(self) -> None:
        self.tickets = asyncio.Semaphore(0)
        self.requests: list[ChatRequest] = []
        self.left = 0

    async def stream(self, request: ChatRequest):
        self.requests.append(request)
        try:
            for word in ("one ", "two ", "three"):
                await self.tickets.acquire()
                yield Delta(content=word)
            await self.tickets.acquire()
            yield Delta(finish_reason="stop")
        finally:
            self.left += 1

    def go_on(self, words: int = 4) -> None:
        for _ in range(words):
            self.tickets.release()

    async def warm(self) -> None: ...

    async def aclose(self) -> None: ...


def session_with(transport, **hooks) -> Session:
    session = Session(Conversation(), SessionHooks(**hooks))
    session.connect(transport)
    return session


async def until(condition) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 any condition, and few of them have an event
            await asyncio.sleep(0)


async def reply_of(turn):
    async with asyncio.timeout(5):
        return await asyncio.wrap_future(turn.reply)


def scenario(function):
    """Run an async test to its end."""

    def test():
        run(function())

    test.__name__ = function.__name__
    return test


@scenario
async def test_a_turn_adds_a_question_and_a_complete_reply():
    model = Gated()
    session = session_with(model)
    turn = session.submit("hi")
    assert session.status == SessionStatus.WAITING
    model.go_on(1)
    await until(lambda: session.status == SessionStatus.STREAMING)
    model.go_on()
    reply = await reply_of(turn)
    assert (reply.content, reply.status, reply.finish_reason) == ("one two three", Status.COMPLETE, "stop")
    assert session.status == SessionStatus.READY
    assert 0 <= reply.timings.first_token <= reply.timings.duration
    assert reply.timings.reasoning is None
    assert [message["role"] for message in session.conversation.messages] == ["user", "assistant"]


@scenario
async def test_the_second_turn_sends_the_first_as_history():
    session = session_with(Gated())
    session.requests.system_prompt = "be brief"
    session.requests.params = {"temperature": 0}
    session.transport.go_on(8)
    await reply_of(session.submit("hi"))
    await reply_of(session.submit("and?", params={"top_p": 1}))
    request = session.transport.requests[1]
    said = [(message["role"], message["content"]) for message in request.messages]
    assert said == [("system", "be brief"), ("user", "hi"), ("assistant", "one two three"), ("user", "and?")]
    assert request.params == {"temperature": 0, "top_p": 1}


@scenario
async def test_sends_during_a_turn_wait_in_order():
    session = session_with(Gated())
    turns = [session.submit(text) for text in ("a", "b", "c")]
    assert [turn.text for turn in session.turns.waiting] == ["b", "c"]
    session.transport.go_on(12)
    for turn in turns:
        await reply_of(turn)
    assert [message["content"] for message in session.conversation.messages[::2]] == ["a", "b", "c"]


@scenario
async def test_stop_keeps_the_text_and_leaves_the_model():
    model = Gated()
    session = session_with(model)
    turn = session.submit("hi")
    waiting = session.submit("next")
    model.go_on(2)
    await until(lambda: session.conversation[turn.reply_id].content == "one two ")
    session.turns.stop()
    reply = turn.reply.result()
    assert (reply.status, reply.content) == (Status.STOPPED, "one two ")
    await until(lambda: model.left == 1)
    model.go_on()
    assert (await reply_of(waiting)).status == Status.COMPLETE


@scenario
async def test_stop_works_on_a_model_that_does_not_listen():
    release = asyncio.Event()

    async def stubborn(_messages):
        yield "a"
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        yield "too late"

    session = session_with(for_function(stubborn))
    turn = session.submit("hi")
    await until(lambda: session.conversation[turn.reply_id].content == "a")
    session.turns.stop()
    assert turn.reply.result().content == "a"
    session.connect(DemoModel(["ok"], delay=0))
    assert (await reply_of(session.submit("again"))).content == "ok"
    release.set()
    await session.aclose()
    assert session.conversation[turn.reply_id].content == "a"


@scenario
async def test_stop_without_a_turn_does_nothing():
    session = session_with(Gated())
    session.turns.stop()
    assert session.status == SessionStatus.READY


@pytest.mark.parametrize(
    ("failure", "status", "says"),
    [
        (TransportError("no way"), Status.ERROR, "no way"),
        (StreamInterruptedError("lost"), Status.INTERRUPTED, "lost"),
        (ValueError("bad"), Status.ERROR, "ValueError: bad"),
        (KeyError("k"), Status.ERROR, "KeyError: 'k'"),
        (SystemExit(3), Status.ERROR, "SystemExit: 3"),
        (RecursionError(), Status.ERROR, "RecursionError"),
        (asyncio.CancelledError(), Status.INTERRUPTED, "cancelled"),
    ],
)
def test_r25_a_failing_model_ends_the_turn_with_a_sentence_and_the_next_works(failure, status, says):
    async def failing(_messages):
        yield "partial"
        raise failure

    async def test():
        session = session_with(for_function(failing))
        reply = await reply_of(session.submit("hi"))
        assert (reply.status, reply.content) == (status, "partial")
        assert says in reply.error
        session.connect(DemoModel(["ok"], delay=0))
        assert (await reply_of(session.submit("again"))).status == Status.COMPLETE

    run(test())


@scenario
async def test_r30_an_empty_answer_is_an_error_and_not_kept_as_a_message():
    session = session_with(for_function(lambda _: ""))
    reply = await reply_of(session.submit("hi"))
    assert reply.status == Status.ERROR
    assert "empty" in reply.error
    assert [message["role"] for message in session.conversation.messages] == ["user"]


@scenario
async def test_without_a_model_the_turn_says_what_to_do():
    session = Session(Conversation())
    assert session.status == SessionStatus.DISCONNECTED
    assert "OPENAI_API_KEY" in (await reply_of(session.submit("hi"))).error


@pytest.mark.parametrize("kind", [Added, MessagesChanged])
@pytest.mark.parametrize("at", [1, 2])
def test_r25_a_failing_listener_ends_the_turn_as_error_and_the_next_works(kind, at):
    async def test():
        session = session_with(DemoModel(["ok"], delay=0))
        seen = []

        def fail(change):
            if isinstance(change, kind):
                seen.append(change)
                if len(seen) == at:
                    raise ZeroDivisionError

        end = session.conversation.listen(fail)
        reply = await reply_of(session.submit("hi"))
        assert (reply.status, reply.error) == (Status.ERROR, "ZeroDivisionError")
        end()
        assert (await reply_of(session.submit("again"))).status == Status.COMPLETE

    run(test())


@scenario
async def test_r25_a_failing_observer_of_the_status_ends_the_turn_as_error():
    def fail():
        raise ZeroDivisionError

    session = session_with(DemoModel(["ok"], delay=0), on_change=fail)
    reply = await reply_of(session.submit("hi"))
    assert (reply.status, reply.error) == (Status.ERROR, "ZeroDivisionError")


@scenario
async def test_retry_makes_a_branch():
    session = session_with(DemoModel(["first", "second"], delay=0))
    first = await reply_of(session.submit("hi"))
    second = await reply_of(session.retry())
    assert session.conversation.siblings(second.id) == [first.id, second.id]
    assert [message["content"] for message in session.conversation.messages] == ["hi", "second"]


@scenario
async def test_retry_of_a_reply_in_which_nothing_arrived_replaces_it():
    session = session_with(for_function(lambda _: 1 / 0))
    failed = await reply_of(session.submit("hi"))
    session.connect(DemoModel(["ok"], delay=0))
    reply = await reply_of(session.retry())
    assert failed.id not in session.conversation
    assert session.conversation.siblings(reply.id) == [reply.id]


@scenario
async def test_edit_asks_again_in_a_branch():
    session = session_with(DemoModel(["first", "second"], delay=0))
    question = session.submit("hi")
    await reply_of(question)
    await reply_of(session.edit(question.id, "ho"))
    assert [message["content"] for message in session.conversation.messages] == ["ho", "second"]
    assert question.id in session.conversation


@scenario
async def test_a_stop_that_was_for_an_earlier_turn_is_not_heard():
    """Fails when `TurnQueue.stop` does not look at `last`."""
    session = session_with(Gated())
    first, second, third = (session.submit(text) for text in ("a", "b", "c"))
    session.transport.go_on()
    await reply_of(first)
    session.turns.stop(first.reply_id)
    assert not second.reply.done()
    again = session.regenerate(second.reply_id)
    assert second.reply.done()
    session.turns.stop(second.reply_id)
    session.turns.stop("never-there")
    assert not again.reply.done()
    session.turns.stop(again.reply_id)
    assert again.reply.done()
    assert not third.reply.done()


@scenario
async def test_a_stop_is_for_the_turn_whatever_it_has_added_since():
    """Fails when `Replies.holds` looks at the last reply only, or at replies only."""
    asked = asyncio.Event()

    async def agent(_messages):
        yield {"role": "assistant", "content": "one"}
        yield {"role": "tool", "content": "1", "tool_call_id": "c1"}
        asked.set()
        await asyncio.Event().wait()

    for shown in (1, 2, 3):
        session = session_with(for_function(agent))
        turn = session.submit("hi")
        await asked.wait()
        asked.clear()
        session.injector.add({"role": "user", "content": "beside"}, None, None)
        session.turns.stop(turn.id)
        assert not turn.reply.done()
        session.turns.stop(session.conversation.path[shown])
        assert turn.reply.done()


@scenario
async def test_halt_ends_the_running_turn_and_those_that_wait():
    session = session_with(Gated())
    turns = [session.submit(text) for text in ("a", "b")]
    session.turns.halt()
    assert turns[0].reply.result().status == Status.STOPPED
    with pytest.raises(asyncio.CancelledError):
        turns[1].reply.result()
    assert session.turns.waiting == []


@scenario
async def test_waiting_to_retry_is_told_and_can_be_stopped():
    class Retries(Gated):
        async def stream(self, request):
            request.on_retry(Retrying(1, 60.0, "429"))
            await asyncio.Event().wait()
            yield Delta()

    states = []
    session = session_with(Retries(), on_change=lambda: states.append(session.status))
    turn = session.submit("hi")
    await until(lambda: session.status == SessionStatus.RETRYING)
    session.turns.stop()
    assert turn.reply.result().status == Status.STOPPED
    assert states[-1] == SessionStatus.READY


@scenario
async def test_closing_ends_everything():
    model = Gated()
    session = session_with(model)
    turn = session.submit("hi")
    await until(lambda: model.requests)
    await session.aclose()
    assert turn.reply.result().status == Status.STOPPED
    assert model.left == 1
    with pytest.raises(ValueError, match="closed"):
        session.submit("more")
