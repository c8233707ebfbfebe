"""R03, R26, R27, R28: tools that are stopped, called wrongly, called without end, and asked about."""

import asyncio
import threading
import time
from contextlib import contextmanager

import pytest

from chatwidget import ChatError, Status
from chatwidget._conversation.changes import Added
from tests.unit.tools._calls import assert_valid, call, calls, results

WITHIN = 1.0


@pytest.fixture
def chat_with(chats, server):
    def make(*tools, **settings):
        return chats("m", base_url=server.base_url, api_key="k", tools=tools, **settings)

    return make


class Asked:
    """A question that is asked on a thread."""

    def __init__(self, chat, **params):
        self.chat = chat
        self._params = params
        self.reply = None
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def _ask(self):
        self.reply = self.chat.ask("go", **self._params)

    def join(self, seconds=30):
        self._thread.join(seconds)
        assert not self._thread.is_alive()
        return self.reply


def waiting(chat, count=1):
    """The ids of the calls that wait for a person, once there are so many."""
    deadline = time.monotonic() + 30
    while len(chat._chat.session.approvals.waiting) < count:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return chat._chat.session.approvals.waiting


def answer(chat, call_id, word, reason=""):
    chat._receive_from_view(None, {"type": "approve", "call": call_id, "answer": word, "reason": reason}, None)


@contextmanager
def stopped_in_time(chat):
    began = time.monotonic()
    chat.stop()
    yield
    assert time.monotonic() - began < WITHIN


@pytest.mark.parametrize("is_async", [False, True])
def test_r03_in_a_tool(chat_with, server, is_async):
    """Fails when `TurnRun.finish` does not close the batch."""
    began, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def blocks() -> str:
        began.set()
        go_on.wait(30)
        ended.set()
        return "too late"

    async def flows() -> str:
        began.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return "too late"

    def quick() -> str:
        return "quick"

    calls(server, call(0, "quick"), call(1, "flows" if is_async else "blocks"), call(2, "quick"))
    chat = chat_with(blocks, flows, quick)
    asked = Asked(chat)
    assert began.wait(30)
    deadline = time.monotonic() + 30
    while not results(chat):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    with stopped_in_time(chat):
        reply = asked.join(WITHIN)
    assert reply.status == Status.STOPPED
    assert chat.status == "ready"
    kept = chat.messages
    assert results(chat)[0] == "quick"
    assert results(chat)[1].startswith("Stopped before there was a result")
    assert_valid(kept)
    go_on.set()
    assert ended.wait(30)
    assert chat.ask("again").text == "You said: again"
    assert chat.messages[: len(kept)] == kept
    sent = server.chats[-1].json["messages"]
    assert_valid(sent)
    assert len(server.chats) == 2


def test_r03_what_was_there_before_stop_is_kept(chat_with, server):
    """Fails when `ToolBatch._left` does not look at the task."""
    began, go_on = threading.Event(), threading.Event()

    def blocks() -> str:
        began.set()
        go_on.wait(30)
        return "too late"

    async def quick() -> str:
        began.wait(30)
        return "quick"

    calls(server, call(0, "blocks"), call(1, "quick"))
    chat = chat_with(blocks, quick)
    asked = Asked(chat)
    assert began.wait(30)
    deadline = time.monotonic() + 30
    while not chat._runner.call(lambda: _done(chat)):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    chat.stop()
    asked.join()
    go_on.set()
    assert results(chat)[1] == "quick"


def _done(chat):
    batch = chat._chat.session.turns.running._batch
    return batch is not None and len(batch._tasks) == 2 and batch._tasks[1].done()


def test_r03_while_a_person_is_asked(chat_with, server):
    """Fails when `TurnRun.finish` does not close the batch."""
    ran = []

    def erase(path: str) -> None:
        ran.append(path)

    calls(server, call(0, "erase", {"path": "a"}), call(1, "erase", {"path": "b"}))
    chat = chat_with(erase, approve=True)
    chat._chat.session.attach_view()
    asked = Asked(chat)
    ids = waiting(chat, 2)
    with stopped_in_time(chat):
        reply = asked.join(WITHIN)
    assert reply.status == Status.STOPPED
    assert results(chat) == ["Not run: the answer was stopped first."] * 2
    for each in ids:
        answer(chat, each, "always")
    assert chat.ask("again").text == "You said: again"
    assert ran == []
    assert chat._chat.session.approvals.waiting == []
    assert_valid(server.chats[-1].json["messages"])


def test_r03_a_stopped_round_is_gone_on_with(chat_with, server):
    began = threading.Event()

    async def flows() -> None:
        began.set()
        await asyncio.sleep(60)

    calls(server, call(0, "flows"))
    chat = chat_with(flows)
    asked = Asked(chat)
    assert began.wait(30)
    chat.stop()
    asked.join()
    server.reply("So be it.")
    assert chat.retry().text == "So be it."
    assert [message["role"] for message in chat.messages] == ["user", "assistant", "tool", "assistant"]
    assert_valid(server.chats[-1].json["messages"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"path": 1, "force": "perhaps"}, "force"),
        ({}, "path is missing"),
        ({"path": "a", "more": 1}, "no parameter more"),
        ('{"path": "a"', "not JSON"),
        ("null", "path is missing"),
        ("", "path is missing"),
        ('"a"', "must be a JSON object"),
    ],
)
def test_r26_wrong_arguments_run_nothing_and_are_told(chat_with, server, arguments, says):
    """Fails when `Toolbox.prepare` gives the call to the function unchecked."""
    ran = []

    def erase(path: str, force: bool = False) -> None:  # noqa: FBT001, FBT002 a tool like others
        ran.append((path, force))

    calls(server, call(0, "erase", arguments))
    server.reply("I was wrong.")
    chat = chat_with(erase)
    chat.ask("go")
    [result] = results(chat)
    assert ran == []
    assert result.startswith("Wrong arguments for erase: ")
    assert says in result
    assert result.endswith("Nothing was run.")
    assert_valid(server.chats[-1].json["messages"])


@pytest.mark.parametrize("finish_reason", ["length", "content_filter"])
def test_r26_calls_of_an_answer_that_was_cut_run_nothing(chat_with, server, finish_reason):
    """P37, P38. Fails when `calls_to_run` does not look at the finish reason."""
    ran = []

    def erase(path: str = "/") -> None:
        ran.append(path)

    calls(server, call(0, "erase", {"path": "/ho"}), finish_reason=finish_reason)
    chat = chat_with(erase)
    chat.ask("go")
    assert ran == []
    assert len(server.chats) == 1
    chat.ask("again")
    assert_valid(server.chats[-1].json["messages"])


def test_r26_calls_of_an_answer_that_broke_off_run_nothing(chat_with, server):
    """Fails when `TurnRun._answer` runs tools after a stream that failed."""
    ran = []

    def erase(path: str = "/") -> None:
        ran.append(path)

    calls(server, call(0, "erase", {"path": "/ho"}), drop_after=500)
    chat = chat_with(erase)
    with pytest.raises(ChatError):
        chat.ask("go")
    assert [each.name for each in list(chat.conversation)[-1].tool_calls] == ["erase"]
    assert ran == []
    chat.ask("again")
    assert ran == []
    assert_valid(server.chats[-1].json["messages"])


def test_r26_a_tool_that_there_is_not_is_told(chat_with, server):
    def here() -> str:
        return "here"

    calls(server, call(0, "there"), call(1, "here"))
    chat = chat_with(here)
    chat.ask("go")
    assert results(chat) == ["There is no tool 'there'. The tools are: here. Nothing was run.", "here"]


def test_r27_ten_rounds_then_a_person_lets_it_go_on(chat_with, server):
    """Fails with another MAX_ROUNDS, and when `TurnRun.finish` does not begin the reply that says so."""
    ran = []

    def again() -> int:
        ran.append(1)
        return len(ran)

    for _ in range(13):
        calls(server, call(0, "again"))
    server.reply("At last.")
    chat = chat_with(again)
    with pytest.raises(ChatError, match="called tools 10 times") as caught:
        chat.ask("go")
    last = list(chat.conversation)[-1]
    assert last == caught.value.reply
    assert (last.error_code, last.content) == ("too_many_rounds", "")
    assert (len(ran), len(server.chats)) == (10, 11)
    assert_valid(chat.messages)
    assert chat.status == "ready"
    assert results(chat)[-1].startswith("Not run: 10 rounds of calls came before this one")
    assert chat.retry().text == "At last."
    # The model reads the true reason, of each call that it made.
    assert "stopped" not in str(server.chats[11].json["messages"])
    assert len(ran) == 12
    assert_valid(chat.messages)
    assert_valid(server.chats[-1].json["messages"])


def test_r27_each_of_several_calls_beyond_the_limit_gets_the_reason(chat_with, server):
    """Fails when `ToolBatch.close` says of all that they were stopped."""
    for _ in range(11):
        calls(server, call(0, "one"), call(1, "none"), call(2, "one"))

    def one() -> int:
        return 1

    chat = chat_with(one)
    with pytest.raises(ChatError, match="called tools 10 times"):
        chat.ask("go")
    assert len({*results(chat)[-3:]}) == 1
    assert results(chat)[-1].startswith("Not run: 10 rounds of calls")
    chat.ask("And now?")
    sent = [message["content"] for message in server.chats[-1].json["messages"] if message["role"] == "tool"]
    assert sent == results(chat)


def test_what_failed_is_not_told_as_stopped(chat_with, server):
    """Fails when `ToolBatch._left` knows but one reason."""
    began, go_on = threading.Event(), threading.Event()

    def waits() -> str:
        began.set()
        go_on.wait(30)
        return "late"

    def first() -> str:
        began.wait(30)
        return "first"

    def raises(change):
        if isinstance(change, Added) and chat.conversation[change.id].role == "tool":
            raise RuntimeError

    calls(server, call(0, "first"), call(1, "waits"))
    chat = chat_with(first, waits)
    chat.conversation.listen(raises)
    with pytest.raises(ChatError, match="RuntimeError"):
        chat.ask("go")
    go_on.set()
    assert results(chat) == [
        "first",
        "The answer failed before there was a result; what it has already done is not undone.",
    ]


def test_r27_an_answer_after_ten_rounds_is_in_time(chat_with, server):
    def again() -> str:
        return "and again"

    for _ in range(10):
        calls(server, call(0, "again"))
    server.reply("Just in time.")
    assert chat_with(again).ask("go").text == "Just in time."


def test_r28_a_person_allows_once_always_or_refuses_with_a_reason(chat_with, server):
    """Fails when `_resolve` does not ask, or `Approvals` forgets what is always allowed."""
    ran = []

    def erase(path: str) -> str:
        ran.append(path)
        return f"erased {path}"

    def look() -> str:
        return "looked"

    calls(server, *(call(index, "erase", {"path": path}) for index, path in enumerate("abc")), call(3, "look"))
    chat = chat_with(erase)
    chat.tool(erase, approve=True)
    chat.tool(look)
    chat._chat.session.attach_view()
    asked = Asked(chat)
    one, two, three = waiting(chat, 3)
    assert ran == []
    answer(chat, two, "refuse", "not that one")
    answer(chat, one, "once")
    deadline = time.monotonic() + 30
    while len(results(chat)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert waiting(chat) == [three]
    answer(chat, three, "always")
    assert asked.join().status == Status.COMPLETE
    assert results(chat) == ["erased a", "The user refused this call: not that one", "erased c", "looked"]
    calls(server, call(0, "erase", {"path": "d"}))
    chat.ask("and more")
    assert ran == ["a", "c", "d"]


def test_r28_always_is_for_the_function_that_was_shown(chat_with, server):
    """Fails when what is always allowed is kept by name."""
    ran = []
    chat = chat_with()
    chat._chat.session.attach_view()
    for version in range(2):

        @chat.tool(approve=True)
        def erase(version=version) -> None:
            ran.append(version)

        calls(server, call(0, "erase"))
        asked = Asked(chat)
        [each] = waiting(chat)
        answer(chat, each, "always")
        asked.join()
    assert ran == [0, 1]


def test_r28_always_holds_for_tools_of_one_question_too(chat_with, server):
    """Fails when what is always allowed is the tool, which is made anew for each question."""
    ran = []

    def erase() -> None:
        ran.append(1)

    chat = chat_with(approve=True)
    chat._chat.session.attach_view()
    calls(server, call(0, "erase"))
    asked = Asked(chat, tools=[erase])
    answer(chat, waiting(chat)[0], "always")
    asked.join()
    calls(server, call(0, "erase"))
    chat.ask("again", tools=[erase])
    assert len(ran) == 2


def test_r28_always_also_answers_what_waits_already(chat_with, server):
    def erase(path: str) -> str:
        return path

    calls(server, *(call(index, "erase", {"path": path}) for index, path in enumerate("ab")))
    chat = chat_with(erase, approve=True)
    chat._chat.session.attach_view()
    asked = Asked(chat)
    one, _ = waiting(chat, 2)
    answer(chat, one, "always")
    asked.join()
    assert results(chat) == ["a", "b"]


def test_r28_a_function_says_when_to_ask(chat_with, server):
    """Fails when `Toolbox.asks` takes a function for a yes."""
    seen = []

    def is_dangerous(name: str, arguments: dict[str, object]) -> bool:
        seen.append((name, arguments))
        return 1 / len(str(arguments["path"])) < 0.5

    def erase(path: str) -> str:
        return f"erased {path}"

    calls(server, *(call(index, "erase", {"path": path}) for index, path in enumerate(["a", "abc", ""])))
    chat = chat_with(erase, approve=is_dangerous)
    chat._chat.session.attach_view()
    asked = Asked(chat)
    [each] = waiting(chat)
    answer(chat, each, "refuse")
    asked.join()
    assert results(chat)[:2] == ["erased a", "The user refused this call."]
    assert results(chat)[2].startswith("Not run: the check for approval failed with ZeroDivisionError")
    assert ("erase", {"path": "abc"}) in seen


def test_r28_where_nobody_sees_the_question_nothing_runs_and_nothing_hangs(chat_with, server):
    """Fails when `_resolve` does not look whether anybody can be asked."""
    ran = []

    def erase() -> None:
        ran.append(1)

    calls(server, call(0, "erase"))
    chat = chat_with(erase, approve=True)
    chat.ask("go")
    assert ran == []
    assert "the chat is not shown" in results(chat)[0]


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>{"name": "erase", "arguments": {}}</tool_call>',
        '{"tool_calls": [{"id": "1", "type": "function", "function": {"name": "erase", "arguments": "{}"}}]}',
        '```json\n{"name": "erase", "parameters": {}}\n```',
        '[TOOL_CALLS][{"name": "erase", "arguments": {}}]',
        "<|python_tag|>erase()",
        '<function=erase>{"path": "a"}</function>',
    ],
)
@pytest.mark.parametrize("field", ["content", "reasoning_content"])
def test_r28_text_that_looks_like_a_call_runs_nothing(chat_with, server, text, field):
    ran = []

    def erase(path: str = "/") -> None:
        ran.append(path)

    server.reply({field: text}, *([] if field == "content" else ["Well."]), finish_reason="tool_calls")
    chat = chat_with(erase)
    reply = chat.ask("go")
    assert ran == []
    assert reply.tool_calls == []
    assert len(server.chats) == 1
