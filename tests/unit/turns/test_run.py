"""The run of one turn, without a queue: its replies, its tools, its status and its end."""

from __future__ import annotations

import asyncio

import pytest

from chatwidget import Conversation, Delta, NotConnectedError, Status, TransportError
from chatwidget._conversation.messages import ToolCallDelta
from chatwidget._requests.builder import Requests
from chatwidget._runtime import default_runner
from chatwidget._tools.approvals import Approvals
from chatwidget._tools.toolbox import Toolbox
from chatwidget._transports.base import Retrying
from chatwidget._turns.hooks import SessionHooks
from chatwidget._turns.replies import Replies
from chatwidget._turns.run import TurnRun
from chatwidget._turns.turn import Outcome, Turn, current_turn
from chatwidget._turns.updates import MessageInjector

CALL = Delta(tool_calls=(ToolCallDelta(0, "c1", "double", '{"n": 4}'),), finish_reason="tool_calls")


class Host:
    """What a run uses of a session. Its transport answers each request with the next of `answers`."""

    def __init__(self, *answers, toolbox=None, **hooks) -> None:
        self.conversation = Conversation()
        self.requests = Requests(self.conversation)
        self.approvals = Approvals(lambda: None)
        self.hooks = SessionHooks(**hooks)
        self.transport = self
        self.toolbox = toolbox
        self.has_view = False
        self.injector = MessageInjector(self.conversation, lambda _: True)
        self.answers = list(answers)
        self.asked = []
        self.seen = []

    async def stream(self, request):
        self.asked.append(request)
        for delta in self.answers.pop(0):
            if isinstance(delta, BaseException):
                raise delta
            yield await delta() if callable(delta) else delta

    def run_of(self, text="hi", toolbox=None) -> TurnRun:
        turn = Turn("q", text, lambda: self.conversation.add(text, id="q"), Replies(self.conversation), {}, toolbox)
        run = TurnRun(turn, self, lambda: self.seen.append(run.is_streaming))
        assert run.begin() is None
        return run

    def contents(self) -> list:
        return [(message["role"], message["content"]) for message in self.conversation.messages]


def double(n: int) -> int:
    return 2 * n


def toolbox(*, approve=False) -> Toolbox:
    return Toolbox([double], approve=approve, runner=default_runner(), redact=str)


async def done(run) -> Outcome:
    task = run.start()
    async with asyncio.timeout(5):
        await asyncio.wait([task])
    return run.outcome(task.exception())


async def test_a_question_is_answered():
    host = Host([Delta(content="one "), Delta(content="two", finish_reason="stop")])
    run = host.run_of()
    assert not run.is_streaming
    outcome = await done(run)
    assert outcome == Outcome(Status.COMPLETE)
    reply = run.finish(outcome)
    assert (reply.text, reply.status) == ("one two", Status.COMPLETE)
    assert 0 <= reply.timings.first_token <= reply.timings.duration
    assert host.seen == [True]


async def test_an_empty_answer_is_an_error_and_a_function_says_it_in_its_own_words():
    host = Host([Delta(finish_reason="stop")])
    assert (await done(host.run_of()))[::2] == (Status.ERROR, "empty")
    host = Host([])
    host.empty = "The function returned nothing."
    assert await done(host.run_of()) == Outcome(Status.ERROR, "The function returned nothing.")


async def test_a_question_that_cannot_be_added_has_a_reply_all_the_same():
    def fail(_):
        raise KeyError

    host = Host()
    host.conversation.listen(fail)
    turn = Turn("q", "hi", lambda: 1 / 0, Replies(host.conversation))
    run = TurnRun(turn, host, lambda: None)
    # The first failure is the cause; the listener's is another.
    assert isinstance(run.begin(), ZeroDivisionError)
    assert run.finish(Outcome(Status.ERROR, "no")).error == "no"


async def test_without_a_transport_there_is_an_error_that_says_what_to_do():
    host = Host()
    host.transport = None
    with pytest.raises(NotConnectedError, match="OPENAI_API_KEY"):
        await host.run_of().stream()


async def test_tools_run_between_two_replies():
    host = Host([CALL], [Delta(content="8", finish_reason="stop")], toolbox=toolbox())
    run = host.run_of()
    run.finish(await done(run))
    assert host.contents() == [("user", "hi"), ("assistant", None), ("tool", "8"), ("assistant", "8")]
    # Streaming, waiting while the tool runs, and streaming again.
    assert host.seen == [True, False, True]


async def test_the_tools_of_a_question_take_the_place_of_the_chats():
    host = Host([CALL], toolbox=toolbox())
    run = host.run_of(toolbox=Toolbox([], approve=False, runner=default_runner(), redact=str))
    assert await done(run) == Outcome(Status.COMPLETE)
    assert len(host.asked) == 1


async def test_a_run_that_is_finished_ignores_what_arrives():
    arrived = asyncio.Event()

    async def late():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            arrived.set()
        return Delta(content="too late")

    host = Host([Delta(content="one"), late])
    run = host.run_of()
    task = run.start()
    while not run.is_streaming:  # noqa: ASYNC110 there is no event for it
        await asyncio.sleep(0)
    reply = run.finish(Outcome(Status.STOPPED))
    assert (reply.text, reply.status) == ("one", Status.STOPPED)
    await asyncio.wait([task])
    assert arrived.is_set()
    host.asked[0].on_retry(Retrying(1, 1.0, "429"))
    host.asked[0].on_message({"role": "tool", "content": "1", "tool_call_id": "c1"})
    assert run.retrying is None
    assert host.contents() == [("user", "hi"), ("assistant", "one")]


async def test_calls_that_wait_for_approval_are_answered_when_the_run_is_finished():
    host = Host([CALL], toolbox=toolbox(approve=True))
    host.has_view = True
    run = host.run_of()
    run.start()
    while not host.approvals.waiting:  # noqa: ASYNC110 there is no event for it
        await asyncio.sleep(0)
    reply = run.finish(Outcome(Status.STOPPED))
    assert host.approvals.waiting == []
    assert reply.status == Status.STOPPED
    assert host.contents()[2] == ("tool", "Not run: the answer was stopped first.")


async def test_a_function_may_send_whole_messages_of_which_the_last_is_the_reply():
    async def result():
        host.asked[0].on_message({"role": "tool", "content": "8", "tool_call_id": "c1"})
        return Delta()

    host = Host([CALL, result])
    run = host.run_of()
    reply = run.finish(await done(run))
    assert host.contents() == [("user", "hi"), ("assistant", None), ("tool", "8")]
    assert (reply.id, reply.status) == (run.turn.reply_id, Status.COMPLETE)
    assert reply.tool_calls[0].name == "double"


async def test_a_refused_request_is_repeated_with_another_model():
    async def replace(error):
        return error.code == "model_not_found"

    refused = TransportError("no such model", code="model_not_found")
    host = Host([refused], [Delta(content="ok")], replace_model=replace)
    assert await done(host.run_of()) == Outcome(Status.COMPLETE)
    assert len(host.asked) == 2


async def test_a_request_that_fails_after_its_first_token_is_not_repeated():
    async def replace(_):
        return True

    host = Host([Delta(content="one"), TransportError("lost", code="broken")], replace_model=replace)
    assert await done(host.run_of()) == Outcome(Status.ERROR, "lost", "broken")
    assert len(host.asked) == 1


async def test_context_goes_along_and_the_code_that_answers_knows_its_turn():
    turns = []

    async def context():
        turns.append(current_turn(host))
        return [{"type": "text", "text": "df: 3 rows"}]

    host = Host([Delta(content="ok")], collect_context=context)
    run = host.run_of()
    await done(run)
    assert host.asked[0].messages[0]["content"] == "df: 3 rows\n\nThe question:\n\nhi"
    assert turns == [run.turn]


async def test_a_run_lets_go_of_what_is_the_parents_after_a_fork():
    host = Host([Delta(content="one")])
    run = host.run_of()
    task, turn = run.start(), run.turn
    run.forked()
    assert run.turn.reply is not turn.reply
    run.finish(Outcome(Status.INTERRUPTED, "elsewhere"))
    assert not task.cancelling()
    task.cancel()
    await asyncio.wait([task])
