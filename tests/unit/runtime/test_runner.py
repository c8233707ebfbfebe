"""Where coroutines run: started from any thread, waited for where that can be, and gone without a word."""

import _thread
import asyncio
import atexit
import contextvars
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import CancelledError

import pytest

from chatwidget._errors import CannotWaitError
from chatwidget._runtime import default_runner
from chatwidget._runtime.loop_runner import LoopRunner
from chatwidget._runtime.thread_runner import ThreadRunner

LONG = 30
"""Seconds after which a test that waits has failed."""

INSTEAD = "`await it`"
BROKEN_OFF = [SystemExit(3), KeyboardInterrupt()]


@pytest.fixture
def runner():
    runner = ThreadRunner()
    runner.call(lambda: None)
    yield runner
    atexit.unregister(runner._end)
    runner._end()


async def value(result):
    await asyncio.sleep(0)
    return result


async def failure(error):
    await asyncio.sleep(0)
    raise error


async def endless(started, ended):
    """Runs until it is cancelled."""
    started.set()
    try:
        await asyncio.Event().wait()
    finally:
        ended.set()


# Starting and waiting


def test_a_coroutine_gives_its_result(runner):
    assert runner.wait(runner.submit(value(7)), INSTEAD) == 7


def test_a_coroutine_runs_on_a_thread_of_its_own(runner):
    async def where():
        return threading.current_thread()

    threads = {runner.wait(runner.submit(where()), INSTEAD) for _ in range(3)}
    assert len(threads) == 1
    [thread] = threads
    assert thread is not threading.current_thread()
    assert thread.daemon


def test_coroutines_run_side_by_side(runner):
    async def pair():
        first, second = asyncio.Event(), asyncio.Event()

        async def one():
            first.set()
            await second.wait()

        async def two():
            await first.wait()
            second.set()

        await asyncio.gather(one(), two())

    runner.wait(runner.submit(pair()), INSTEAD)


def test_a_coroutine_may_be_started_from_any_thread(runner):
    futures = []
    threads = [threading.Thread(target=lambda n=n: futures.append(runner.submit(value(n)))) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(future.result(LONG) for future in futures) == list(range(20))


def test_a_coroutine_sees_the_context_of_who_started_it(runner):
    variable = contextvars.ContextVar("variable", default="none")

    async def read():
        return variable.get()

    variable.set("mine")
    assert runner.submit(read()).result(LONG) == "mine"
    assert runner.call(variable.get) == "mine"


@pytest.mark.parametrize("error", [ValueError("no"), TimeoutError("late"), *BROKEN_OFF], ids=repr)
def test_what_a_coroutine_raises_comes_out_of_the_wait(runner, error):
    with pytest.raises(type(error)) as caught:
        runner.wait(runner.submit(failure(error)), INSTEAD)
    assert caught.value is error


def test_cancelling_the_future_cancels_the_coroutine(runner):
    started, ended = threading.Event(), threading.Event()
    future = runner.submit(endless(started, ended))
    assert started.wait(LONG)
    assert future.cancel()
    assert ended.wait(LONG)
    with pytest.raises(CancelledError):
        future.result()


def test_a_future_that_is_cancelled_at_once_leaves_nothing_running(runner):
    started, ended = threading.Event(), threading.Event()
    runner.submit(endless(started, ended)).cancel()
    while tasks := runner.call(lambda: asyncio.all_tasks(asyncio.get_running_loop())):
        assert len(tasks) == 1
    assert ended.is_set() == started.is_set()


def test_a_coroutine_that_cancels_itself_is_told_as_cancelled(runner):
    async def give_up():
        asyncio.current_task().cancel()
        await asyncio.sleep(0)

    with pytest.raises(asyncio.CancelledError):
        runner.wait(runner.submit(give_up()), INSTEAD)


def test_an_interrupt_ends_the_wait(runner):
    started, ended = threading.Event(), threading.Event()

    async def interrupted():
        _thread.interrupt_main()
        await endless(started, ended)

    # It may come before the wait has begun.
    with pytest.raises(KeyboardInterrupt):
        runner.wait(runner.submit(interrupted()), INSTEAD)
    assert started.wait(LONG)
    assert not ended.is_set()


# Calling


def test_a_function_runs_where_the_coroutines_run(runner):
    async def where():
        return threading.current_thread()

    assert runner.call(threading.current_thread) is runner.submit(where()).result(LONG)
    assert runner.call(lambda: asyncio.get_running_loop().is_running())


def test_a_function_called_from_there_runs_at_once(runner):
    assert runner.call(lambda: runner.call(threading.get_ident)) == runner.call(threading.get_ident)


@pytest.mark.parametrize("error", [ValueError("no"), TimeoutError("late"), *BROKEN_OFF], ids=repr)
def test_what_a_function_raises_comes_out_of_the_call(runner, error):
    def fail():
        raise error

    with pytest.raises(type(error)) as caught:
        runner.call(fail)
    assert caught.value is error


@pytest.mark.parametrize("error", BROKEN_OFF, ids=repr)
@pytest.mark.parametrize("where", ["task", "callback"])
def test_who_breaks_off_does_not_take_the_others_along(runner, error, where):
    started, ended = threading.Event(), threading.Event()
    other = runner.submit(endless(started, ended))
    assert started.wait(LONG)
    if where == "task":
        with pytest.raises(type(error)):
            runner.submit(failure(error)).result(LONG)
    else:

        def fail():
            raise error

        runner.call(lambda: asyncio.get_running_loop().call_soon(fail))
    assert runner.submit(value(7)).result(LONG) == 7
    assert not ended.is_set()
    other.cancel()
    assert ended.wait(LONG)


def test_waiting_where_the_answer_is_made_is_refused_naming_what_to_do(runner):
    future = runner.submit(value(1))
    with pytest.raises(CannotWaitError, match="use `await it`"):
        runner.call(lambda: runner.wait(future, INSTEAD))
    with pytest.raises(RuntimeError):
        runner.call(lambda: runner.wait(future, INSTEAD))


# The end


EXITS = {
    "nothing runs": "runner.call(started.set)",
    "a coroutine runs": """
        async def run():
            started.set()
            await asyncio.Event().wait()

        runner.submit(run())
        """,
    "a stream runs": """
        async def stream():
            try:
                while True:
                    yield "x"
                    await asyncio.sleep(0.001)
            finally:
                await asyncio.sleep(0)

        async def run():
            async with contextlib.aclosing(stream()) as pieces:
                async for _ in pieces:
                    started.set()

        runner.submit(run())
        """,
    "a coroutine that fails when told to end": """
        async def run():
            try:
                started.set()
                await asyncio.Event().wait()
            finally:
                raise ValueError("on the way out")

        future = runner.submit(run())
        """,
    "something comes after the end": """
        def late():
            assert runner.submit(asyncio.sleep(0)).cancelled()
            assert runner.call(lambda: 7) == 7

        # The last to be told here is the first that is called.
        atexit.register(late)
        runner.call(started.set)
        """,
    "a function hangs": """
        def hang(messages):
            started.set()
            threading.Event().wait()

        async def run():
            async for _ in for_function(hang).stream(ChatRequest([])):
                pass

        runner.submit(run())
        """,
    "a question was asked": """
        chat = ChatWidget(DemoModel(["a " * 1000], delay=0.01))
        chat.conversation.listen(lambda change: started.set() if isinstance(change, Appended) else None)
        runner.call(lambda: chat._chat.session.submit("hi"))
        """,
}

PROGRAM = """
import asyncio, atexit, contextlib, threading
from chatwidget import ChatRequest, ChatWidget, DemoModel
from chatwidget._conversation.changes import Appended
from chatwidget._runtime import default_runner
from chatwidget._connection.resolve import for_function

runner = default_runner()
started = threading.Event()
{}
assert started.wait(30)
"""


@pytest.mark.parametrize("name", EXITS)
def test_the_process_ends_without_a_word(name):
    program = PROGRAM.format(textwrap.dedent(EXITS[name]))
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("", "", 0)


# In the browser there is one thread, and a loop that runs already


async def test_on_the_loop_of_a_page_a_coroutine_runs_on_the_loop_there_is():
    async def where():
        return asyncio.get_running_loop()

    future = LoopRunner().submit(where())
    assert await asyncio.wrap_future(future) is asyncio.get_running_loop()


async def test_on_the_loop_of_a_page_what_a_coroutine_raises_comes_out():
    with pytest.raises(ValueError, match="no"):
        await asyncio.wrap_future(LoopRunner().submit(failure(ValueError("no"))))


async def test_on_the_loop_of_a_page_cancelling_the_future_cancels_the_coroutine():
    started, ended = asyncio.Event(), asyncio.Event()
    future = LoopRunner().submit(endless(started, ended))
    await started.wait()
    future.cancel()
    await ended.wait()


def test_on_the_loop_of_a_page_a_function_runs_at_once():
    assert LoopRunner().call(threading.current_thread) is threading.current_thread()


def test_a_process_has_one_runner():
    assert default_runner() is default_runner()
    assert isinstance(default_runner(), ThreadRunner)
