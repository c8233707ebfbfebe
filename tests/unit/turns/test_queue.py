"""The queue: which turn runs, which wait, and that each ends once. Its runs do nothing but wait."""

from __future__ import annotations

import asyncio

import pytest

from chatwidget import Conversation, Message, Status
from chatwidget._turns.hooks import SessionHooks
from chatwidget._turns.queue import TurnQueue
from chatwidget._turns.replies import Replies
from chatwidget._turns.turn import Outcome, Turn, outcome_of


class Run:
    """A run that ends when `go_on` is set, or as `failure` says."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.go_on = asyncio.Event()
        self.failure: BaseException | None = None
        self.outcomes: list[Outcome] = []
        self.task: asyncio.Task[bool] | None = None

    def begin(self):
        return self.failure

    def start(self):
        self.task = asyncio.get_running_loop().create_task(self.go_on.wait())
        return self.task

    def outcome(self, failure):
        return Outcome(Status.COMPLETE) if failure is None else outcome_of(failure)

    def finish(self, outcome):
        self.outcomes.append(outcome)
        return Message(self.turn.id, {"role": "assistant", "content": ""}, status=outcome.status)

    def forked(self):
        self.task = None


class Queue:
    """A queue, the runs that it made, by turn, and the names of the hooks that it called."""

    def __init__(self, fails=(), **hooks) -> None:
        self.conversation = Conversation()
        self.runs: dict[str, Run] = {}
        self.calls: list[str] = []
        self.fails = fails
        self.hooks = SessionHooks(**{"on_turn_begin": lambda: self.calls.append("begin"), **hooks})
        self.turns = TurnQueue(self.conversation, self.hooks, self.run_of)

    def run_of(self, turn):
        run = self.runs[turn.id] = Run(turn)
        run.failure = ValueError("no") if turn.id in self.fails else None
        return run

    def add(self, turn_id, *, from_view=False, **options) -> Turn:
        turn = Turn(turn_id, turn_id, lambda: None, Replies(self.conversation), from_view=from_view)
        return self.turns.enqueue(turn, **options)

    @property
    def running(self) -> str | None:
        return self.turns.running and self.turns.running.turn.id

    @property
    def waiting(self) -> list[str]:
        return [turn.id for turn in self.turns.waiting]


async def reply_of(turn):
    async with asyncio.timeout(5):
        return await asyncio.wrap_future(turn.reply)


async def test_turns_run_one_after_the_other():
    queue = Queue()
    assert queue.turns.is_idle
    turns = [queue.add(each) for each in "abc"]
    for turn, waiting in zip(turns, (["b", "c"], ["c"], []), strict=True):
        assert (queue.running, queue.waiting) == (turn.id, waiting)
        assert queue.turns.is_running(turn)
        queue.runs[turn.id].go_on.set()
        assert (await reply_of(turn)).status == Status.COMPLETE
    assert queue.turns.is_idle
    assert queue.calls == ["begin"] * 3


async def test_a_turn_for_now_stops_the_running_one_and_passes_those_that_wait():
    queue = Queue()
    first, _ = queue.add("a"), queue.add("b")
    queue.add("now", now=True)
    assert first.reply.result().status == Status.STOPPED
    assert (queue.running, queue.waiting) == ("now", ["b"])


async def test_stop_holds_the_questions_of_views_and_no_others():
    queue = Queue()
    queue.add("a")
    views = [queue.add(each, from_view=True) for each in "bc"]
    queue.add("code")
    queue.turns.stop()
    assert (queue.running, queue.waiting) == ("code", ["b", "c"])
    assert [queue.turns.is_held(turn) for turn in views] == [True, True]
    queue.runs["code"].go_on.set()
    await queue.turns.idle()
    assert (queue.running, queue.waiting) == (None, ["b", "c"])
    queue.turns.release("c")
    queue.turns.release("nothing")
    assert (queue.running, queue.waiting) == ("c", ["b"])
    queue.turns.withdraw("b")
    queue.turns.withdraw("c")
    assert (queue.running, queue.waiting) == ("c", [])
    assert isinstance(views[0].reply.exception(), asyncio.CancelledError)


async def test_a_later_question_runs_past_the_held_ones():
    queue = Queue()
    queue.add("a")
    queue.add("held", from_view=True)
    queue.turns.stop()
    queue.add("next", from_view=True)
    assert (queue.running, queue.waiting) == ("next", ["held"])
    queue.add("now", from_view=True, now=True)
    assert (queue.running, queue.waiting) == ("now", ["held"])
    queue.turns.rearrange(lambda: None)
    assert (queue.running, queue.waiting) == (None, ["held"])


async def test_what_is_held_is_still_so_when_it_is_restored():
    queue = Queue()
    queue.add("a")
    queue.add("held", from_view=True)
    queue.turns.stop()
    turns = queue.turns.halt()
    assert queue.waiting == []
    queue.turns.resume(turns)
    assert (queue.running, queue.waiting) == (None, ["held"])


async def test_code_that_waits_for_its_turn_is_not_left_waiting():
    """Fails when a view can withdraw a question that it did not send."""
    queue = Queue()
    queue.add("a")
    turn = queue.add("code")
    queue.turns.withdraw("code")
    assert queue.waiting == ["code"]
    queue.runs["a"].go_on.set()
    await queue.turns.idle()
    assert queue.turns.is_running(turn)


async def test_a_turn_that_cannot_begin_ends_with_its_failure_and_the_next_begins():
    queue = Queue(fails=("a", "b"))
    turns = [queue.add(each) for each in "abc"]
    assert [turn.reply.result().status for turn in turns[:2]] == [Status.ERROR] * 2
    (outcome,) = queue.runs["a"].outcomes
    assert outcome == Outcome(Status.ERROR, "ValueError: no", cause=outcome.cause)
    assert isinstance(outcome.cause, ValueError)
    assert queue.running == "c"


async def test_a_turn_whose_task_ends_later_is_not_ended_again():
    queue = Queue()
    turn = queue.add("a")
    run = queue.runs["a"]
    queue.turns.stop()
    run.go_on.set()
    await run.task
    await asyncio.sleep(0)
    assert run.outcomes == [Outcome(Status.STOPPED)]
    assert turn.reply.result().status == Status.STOPPED


async def test_a_task_that_is_cancelled_before_it_starts_ends_its_turn():
    """Fails when the turn is ended by the task itself, which never runs."""
    queue = Queue()
    turn = queue.add("a")
    queue.runs["a"].task.cancel()
    assert (await reply_of(turn)).status == Status.INTERRUPTED


async def test_a_turn_that_waits_is_cancelled_without_a_run():
    queue = Queue()
    queue.add("a")
    turn = queue.add("b")
    queue.turns.cancel(turn)
    queue.turns.cancel(turn)
    with pytest.raises(asyncio.CancelledError):
        turn.reply.result()
    assert (queue.running, queue.waiting) == ("a", [])


async def test_the_asker_waits_for_the_listeners_of_the_turn():
    listeners = asyncio.get_running_loop().create_future()
    queue = Queue(on_turn_end=lambda _: listeners)
    turn, after = queue.add("a"), queue.add("b")
    queue.turns.stop()
    assert queue.turns.is_running(after)
    assert not turn.reply.done()
    listeners.set_result(None)
    assert (await reply_of(turn)).status == Status.STOPPED


async def test_a_failing_observer_ends_the_running_turn_and_is_logged_without_one(caplog):
    def fail():
        raise ZeroDivisionError

    queue = Queue(on_change=fail)
    turn = queue.add("a")
    (outcome,) = queue.runs["a"].outcomes
    assert outcome == Outcome(Status.ERROR, "ZeroDivisionError", cause=outcome.cause)
    assert turn.reply.done()
    assert "ZeroDivisionError" in caplog.text


async def test_turns_that_waited_are_resumed_after_a_halt():
    queue = Queue()
    first = queue.add("a")
    old = [queue.add(each) for each in "bc"]
    waiting = queue.turns.halt()
    assert waiting == old
    assert queue.turns.is_idle
    assert first.reply.result().status == Status.STOPPED
    queue.turns.resume(waiting)
    assert (queue.running, queue.waiting) == ("b", ["c"])
    assert not queue.turns.is_running(old[0])
    assert queue.turns.running.turn.reply_id != old[0].reply_id


async def test_turns_that_wait_go_on_after_a_change_even_if_it_fails():
    queue = Queue()
    for turn_id in "abc":
        queue.add(turn_id)
    idle = []
    queue.turns.rearrange(lambda: idle.append(queue.turns.is_idle))
    assert idle == [True]
    assert (queue.running, queue.waiting) == ("b", ["c"])
    with pytest.raises(ZeroDivisionError):
        queue.turns.rearrange(lambda: 1 / 0)
    assert queue.running == "c"


async def test_ids_of_messages_and_turns_are_known():
    queue = Queue()
    message = queue.conversation.add("hi")
    queue.add("a")
    queue.add("b")
    assert [queue.turns.knows(each) for each in (message, "a", "b", "c")] == [True, True, True, False]


async def test_after_a_fork_no_turn_runs_and_none_waits():
    ended = []
    queue = Queue(on_turn_end=ended.append)
    first, second = queue.add("a"), queue.add("b")
    run = queue.runs["a"]
    queue.turns.forked()
    assert queue.turns.is_idle
    assert run.task is None
    assert [outcome.status for outcome in run.outcomes] == [Status.INTERRUPTED]
    assert len(ended) == 1
    assert first.reply.done()
    assert not second.reply.done()


async def test_closing_waits_for_tasks_and_refuses_more_turns():
    queue = Queue()
    turns = [queue.add(each) for each in "ab"]
    task = queue.runs["a"].task
    closing = asyncio.ensure_future(queue.turns.aclose())
    await asyncio.sleep(0)
    assert all(turn.reply.done() for turn in turns)
    assert not closing.done()
    queue.runs["a"].go_on.set()
    await closing
    assert task.done()
    with pytest.raises(ValueError, match="closed"):
        queue.add("c")
