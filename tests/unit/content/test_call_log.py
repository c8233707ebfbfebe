"""What functions print, and where they fail: kept, bounded, without keys and without frames of the package."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import os
import sys
import threading
import traceback

import pytest
from IPython.core.interactiveshell import InteractiveShell

from chatwidget import ChatError, from_json
from chatwidget._content.call_log import CallLog
from tests.contract.run import run
from tests.unit.tools._calls import call, calls


def same(text):
    return text


def recorded(function):
    log = CallLog()
    with log.recorded():
        function()
    return log.close(same)


def tool_logs(chat):
    return [message.log for message in chat.conversation if message.role == "tool"]


def test_both_streams_are_recorded_in_order_and_written_as_ever(capfd):
    """Fails when `_Recorder` does not call the stream's own `write`."""

    def function():
        print("one")
        print("two", file=sys.stderr)
        sys.stdout.write("three")

    assert recorded(function) == "one\ntwo\nthree"
    print("elsewhere")
    out, err = capfd.readouterr()
    assert out.replace("\n", " ").split() == ["one", "three" + "elsewhere"]
    assert err == "two\n"


def test_nothing_printed_is_nothing():
    assert recorded(lambda: None) is None
    assert recorded(print) is None


def test_threads_that_a_call_starts_are_recorded_and_others_are_not():
    """Fails when `_inheriting` does not pass the log on."""
    go_on, done = threading.Event(), threading.Event()

    def other():
        go_on.wait(30)
        print("of another")
        done.set()

    outsider = threading.Thread(target=other)
    outsider.start()

    def inner():
        print("inner")

    def outer():
        print("outer")
        thread = threading.Thread(target=inner)
        thread.start()
        thread.join(30)

    def function():
        go_on.set()
        done.wait(30)
        thread = threading.Thread(target=outer)
        thread.start()
        thread.join(30)

    assert recorded(function) == "outer\ninner"


def test_a_handler_of_logging_that_was_made_before_is_recorded():
    """Fails when the stream is replaced instead of its `write`."""
    logger = logging.getLogger("test_call_log")
    logger.propagate = False
    logger.addHandler(logging.StreamHandler(sys.stderr))
    assert recorded(lambda: logger.warning("careful")) == "careful"


def test_what_comes_after_the_end_is_left():
    log = CallLog()
    with log.recorded():
        print("before")
        context = contextvars.copy_context()
    assert log.close(same) == "before"
    context.run(print, "after")
    assert log.close(same) == "before"


def test_a_progress_bar_is_its_last_state():
    """Fails when carriage returns are kept."""

    def function():
        for percent in range(0, 101, 10):
            print(f"\r{percent} %", end="")
        print()
        for percent in range(0, 101, 10):
            print(f"{percent} of 100", end="\r")

    assert recorded(function) == "100 %\n100 of 100"


def test_of_much_output_the_first_and_the_last_lines_are_kept():
    """Fails when `_Lines` keeps all of them."""

    def function():
        for number in range(100_000):
            print(f"line {number}")

    text = recorded(function)
    lines = text.splitlines()
    assert len(text) < 11_000
    assert lines[0] == "line 0"
    assert lines[-1] == "line 99999"
    (note,) = (line for line in lines if "left out" in line)
    assert note == f"[… {100_000 - len(lines) + 1:,} lines left out …]"


@pytest.mark.parametrize("end", ["\n", ""])
def test_one_long_line_is_cut(end):
    assert len(recorded(lambda: [print("x" * 50_000, end=end) for _ in range(50)])) < 25_000


def deep(depth):
    return deep(depth - 1) if depth else 1 / 0


def test_a_tool_that_fails_keeps_its_traceback_without_our_frames(chat_with, server):
    """Fails when `ToolBatch._answer` does not add the error, or `_traceback_of` keeps the frames of the package."""

    def fails(depth: int) -> float:
        print("about to divide")
        return deep(depth)

    calls(server, call(0, "fails", {"depth": 2}))
    chat = chat_with(fails)
    chat.ask("go")
    (log,) = tool_logs(chat)
    printed, head, *frames, error = log.splitlines()
    assert (printed, head, error) == (
        "about to divide",
        "Traceback (most recent call last):",
        "ZeroDivisionError: division by zero",
    )
    assert [line.split(", in ")[1] for line in frames if ", in " in line] == ["fails", "deep", "deep", "deep"]
    assert "chatwidget/_" not in log
    # The model gets the one line.
    assert "divide" not in str(server.chats[-1].json["messages"])
    assert server.chats[-1].json["messages"][-1]["content"] == "ZeroDivisionError: division by zero"


def test_a_tool_that_finds_no_next_item_keeps_its_traceback(chat_with, server):
    """Fails when `_settle` loses the StopIteration that it wraps, as no future accepts one."""

    def first_even() -> int:
        return next(number for number in (1, 3) if number % 2 == 0)

    calls(server, call(0, "first_even"))
    chat = chat_with(first_even)
    chat.ask("go")
    (log,) = tool_logs(chat)
    assert "in first_even" in log
    assert server.chats[-1].json["messages"][-1]["content"] == "RuntimeError: StopIteration"


def test_a_traceback_is_bounded_and_its_end_is_kept(chat_with, server):
    def leads(count: int) -> None:
        if count:
            try:
                leads(count - 1)
            except ValueError as error:
                raise ValueError(count, "x" * 200) from error
        raise ValueError(0)

    calls(server, call(0, "leads", {"count": 200}))
    chat = chat_with(leads)
    chat.ask("go")
    (log,) = tool_logs(chat)
    assert len(log) < 11_000
    assert "ValueError: 0\n" in log
    assert "ValueError: (200, 'xx" in log.splitlines()[-1]


def test_what_a_tool_prints_is_kept_with_its_call(chat_with, server):
    """Fails when all calls of a reply share one log."""
    meet = threading.Barrier(2)

    def plain(name: str) -> str:
        meet.wait(30)
        print(f"plain {name}")
        meet.wait(30)
        return name

    async def flows(name: str) -> str:
        print(f"async {name}")
        await asyncio.sleep(0)
        await asyncio.to_thread(print, "in a thread")
        return name

    calls(server, *(call(index, "plain", {"name": name}) for index, name in enumerate("ab")))
    calls(server, call(0, "flows", {"name": "c"}))
    chat = chat_with(plain, flows)
    chat.ask("go")
    assert tool_logs(chat) == ["plain a", "plain b", "async c\nin a thread"]


def test_keys_are_taken_out(chats, server, key, monkeypatch):
    """Fails when the log is not masked."""
    monkeypatch.setenv("SOME_SERVICE_TOKEN", "open-sesame-1234")

    def leaks() -> None:
        print(f"the key is {key}, the other open-sesame-1234")
        raise ValueError(key)

    calls(server, call(0, "leaks"))
    chat = chats("m", base_url=server.base_url, api_key=key, tools=[leaks])
    chat.ask("go")
    (log,) = tool_logs(chat)
    assert "the key is" in log
    assert key not in log
    assert "sesame" not in log


def test_the_error_of_a_function_holds_no_key(chats, key, monkeypatch):
    """Fails when `TurnRun._finish_reply` does not mask it."""
    monkeypatch.setenv("OPENAI_API_KEY", key)

    def leaks(_):
        message = f"the key is {key}"
        raise OwnError(message)

    with pytest.raises(ChatError, match="OwnError: the key is") as caught:
        chats(leaks).ask("go")
    assert key not in f"{caught.value}{caught.value.reply}{caught.value.reply.log}"


def test_an_approval_that_fails_has_its_traceback(chat_with, server):
    def decides(name, _):
        raise LookupError(name)

    def tool() -> None: ...

    calls(server, call(0, "tool"))
    chat = chat_with(tool, approve=decides)
    chat.ask("go")
    (log,) = tool_logs(chat)
    assert "in decides" in log


def test_wrong_arguments_have_none(chat_with, server):
    def tool(number: int) -> None: ...

    calls(server, call(0, "tool", {"number": "x"}))
    chat = chat_with(tool)
    chat.ask("go")
    assert tool_logs(chat) == [None]


class OwnError(Exception):
    pass


def inner_answer(_):
    raise OwnError


class UnreadableError(Exception):
    def __str__(self):
        raise ValueError


def test_an_exception_whose_text_fails_ends_the_answer_too(chats):
    """Fails when `outcome_of` writes the exception as it is: the question then waits for ever."""

    def answer(_):
        raise UnreadableError

    with pytest.raises(ChatError) as caught:
        chats(answer).ask("go", timeout=20)
    assert caught.value.reply.error == "UnreadableError"
    assert isinstance(caught.value.__cause__, UnreadableError)
    assert "in answer" in caught.value.reply.log


@pytest.mark.parametrize("kind", ["plain", "generator", "async", "async generator"])
def test_the_exception_of_a_function_is_the_cause(chats, kind):
    """Fails when `_reply_of` does not chain."""

    def plain(_):
        print("thinking")
        raise OwnError(kind)

    def generator(_):
        print("thinking")
        yield "It is"
        raise OwnError(kind)

    async def flows(_):
        print("thinking")
        raise OwnError(kind)

    async def flows_on(_):
        print("thinking")
        yield "It is"
        raise OwnError(kind)

    function = {"plain": plain, "generator": generator, "async": flows, "async generator": flows_on}[kind]
    chat = chats(function)
    for ask in (chat.ask, lambda text: run(chat.ask_async(text))):
        with pytest.raises(ChatError, match=f"OwnError: {kind}") as caught:
            ask("go")
        cause = caught.value.__cause__
        assert isinstance(cause, OwnError)
        assert traceback.extract_tb(cause.__traceback__)[-1].name == function.__name__
        log = caught.value.reply.log
        assert log.startswith("thinking\nTraceback")
        assert f"in {function.__name__}" in log
        assert "chatwidget/_" not in log
        assert caught.value.reply.error == f"OwnError: {kind}"


def test_ipython_shows_the_users_frames_of_each_cause(chats):
    """Fails when `_after_ours` leaves nothing of a function that asks another chat."""
    inner = chats(inner_answer)

    def outer_answer(_):
        return inner.ask("go")

    with pytest.raises(ChatError) as caught:
        chats(outer_answer).ask("go")
    InteractiveShell.instance().run_line_magic("colors", "nocolor")
    try:
        text = "\n".join(caught.value._render_traceback_())
    finally:
        InteractiveShell.clear_instance()
    for name in ("outer_answer", "inner_answer"):
        assert f"{name}(_)" in text
    assert f"{os.sep}chatwidget{os.sep}_" not in text


def test_an_exit_of_a_function_is_the_cause(chats):
    def leaves(_):
        sys.exit("enough")

    with pytest.raises(ChatError) as caught:
        chats(leaves).ask("go")
    assert isinstance(caught.value.__cause__, SystemExit)


def test_an_error_of_a_server_has_no_cause_and_no_log(chats, server):
    server.reply_error(400, "no")
    with pytest.raises(ChatError) as caught:
        chats("m", base_url=server.base_url, api_key="k").ask("go")
    assert caught.value.__cause__ is None
    assert caught.value.reply.log is None


def test_what_a_function_prints_is_kept_and_saved_and_not_sent(chats, tmp_path):
    """Fails when "log" is not among the keys of the file."""
    seen = []

    def answers(messages):
        seen.append(str(messages))
        print(f"question {len(seen)}")
        return "Yes."

    chat = chats(answers)
    assert chat.ask("go").log == "question 1"
    assert chat.ask("on").log == "question 2"
    assert "question" not in seen[1]
    chat.save(tmp_path / "chat.json")
    loaded = from_json((tmp_path / "chat.json").read_bytes())
    assert [message.log for message in loaded] == [None, "question 1", None, "question 2"]
    assert "question" not in str(loaded.messages)


def test_what_listeners_print_is_not_of_the_answer(chats, server):
    """Fails when `TurnRun` records all the while."""
    server.reply("One ", "two.")
    for chat in (chats("m", base_url=server.base_url, api_key="k"), chats(lambda _: ["One ", "two."])):
        chat.on("delta", lambda delta: print(delta.content))
        chat.observe(lambda change: print(change["new"]), ["messages", "status"])
        reply = chat.ask("go")
        assert (reply.text, reply.log) == ("One two.", None)


def test_a_function_and_the_tools_it_calls_have_logs_of_their_own(chats):
    def tool() -> str:
        print("of the tool")
        return "x"

    def model(messages):
        print(f"of the {messages[-1]['role']}")
        return "done" if messages[-1]["role"] == "tool" else call(0, "tool")

    chat = chats(model, tools=[tool])
    chat.ask("go")
    assert [message.log for message in chat.conversation] == [None, "of the user", "of the tool", "of the tool"]


def test_what_was_printed_before_stop_is_kept(chats):
    printed, go_on = threading.Event(), threading.Event()

    def slow(_):
        print("begun")
        printed.set()
        go_on.wait(30)
        print("too late")

    chat = chats(slow)
    thread = threading.Thread(target=lambda: chat.ask("go"))
    thread.start()
    assert printed.wait(30)
    chat.stop()
    thread.join(30)
    go_on.set()
    assert list(chat.conversation)[-1].log == "begun"
