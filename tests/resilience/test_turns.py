"""Turns that are interrupted, left, asked for at once, or whose surroundings fail; with the kernel's real threads.

What makes each group fail: R04 with `TurnRun.finish` not cancelling the task; R05 with `_wait` not cancelling the turn;
R07 with `ViewState.refresh` called beside the runner; R21 with `PatchBuffer.add` not joining texts; R24 with
`TurnQueue._start_next` starting a turn beside the running one; R25 with `TurnQueue.notify_change` catching nothing.
"""

import asyncio
import gc
import os
import random
import signal
import threading
import tracemalloc

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from chatwidget import ChatError, Delta, DemoModel, Status
from chatwidget._chat.questions import Question
from tests.contract.run import run
from tests.unit._view import View, whole

WITHIN = 1.0


def interrupt_when(chat, status):
    """Press Ctrl+C once the chat has come to this status."""
    main = threading.main_thread().ident
    fired = threading.Event()

    def press(change):
        if change["new"] == status and not fired.is_set():
            fired.set()
            signal.pthread_kill(main, signal.SIGINT)

    chat.observe(press, "status")


def roles(chat):
    return [message["role"] for message in chat.messages]


@pytest.fixture
def magic(chats):
    chats  # noqa: B018 its environment
    shell = InteractiveShell.instance()
    shell.kernel = object()
    shell.run_line_magic("load_ext", "chatwidget")
    yield shell
    shell.run_line_magic("unload_ext", "chatwidget")
    del shell.kernel
    InteractiveShell.clear_instance()


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("how", ["ask", "magic"])
def test_r05_an_interrupted_cell_stops_its_turn_and_the_next_works(chats, server, magic, how):
    gate = server.gate()
    server.reply("one ", "two", gate=gate)
    gate.release()
    chat = chats("m", base_url=server.base_url, api_key="k")
    interrupt_when(chat, "streaming")
    ask = chat.ask if how == "ask" else lambda question: magic.run_line_magic("chat", question)
    with capture_output() as shown, pytest.raises(KeyboardInterrupt):
        ask("hi")
    assert server.wait_for_disconnect(timeout=WITHIN).disconnected_at
    reply = list(chat.conversation)[-1]
    assert (reply.status, reply.content) == (Status.STOPPED, "one ")
    assert how == "ask" or "Stopped." in shown.outputs[-1].data["text/markdown"]
    assert chat.ask("again").content == "You said: again"
    assert roles(chat) == ["user", "assistant"] * 2


def test_r04_leaving_needs_no_garbage_collector(chats, server):
    gate = server.gate()
    server.reply("one ", "two", gate=gate)
    chat = chats("m", base_url=server.base_url, api_key="k")

    async def leave():
        task = asyncio.ensure_future(chat.ask_async("hi"))
        await asyncio.to_thread(server.wait_for_request)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    gc.collect()
    gc.disable()
    try:
        run(leave())
        assert server.wait_for_disconnect(timeout=WITHIN).disconnected_at
    finally:
        gc.enable()
    assert chat.status == "ready"


class Everybody:
    """Two views, a cell and a magic, that ask one chat from threads of their own."""

    def __init__(self, chat):
        self._chat = chat
        self.views = [View(chat._runner.call(chat._views.snapshot)) for _ in range(2)]
        chat._views._send = self._receive
        self.senders = [self._from_view, self._from_view, chat.ask, self._follow]

    def _receive(self, message):
        for view in self.views:
            assert view.receive(message) == "applied"

    def _from_view(self, text):
        # A view that hears nothing sends again; it counts once.
        for _ in range(2):
            self._chat._receive_from_view(
                self._chat, {"type": "submit", "id": text.replace(" ", "-"), "text": text}, []
            )

    def _follow(self, text):
        self._chat._chat.questions.follow(Question(text), len, len)

    def ask_at_once(self, texts, dice):
        threads = [
            threading.Thread(target=send, args=(text,))
            for send, text in zip(dice.sample(self.senders, 4), texts, strict=True)
        ]
        for thread in threads:
            thread.start()
        if dice.random() < 0.2:
            self._chat.stop()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()
        for text in texts:
            # What a Stop held back is sent on; of all others this says nothing.
            self._chat._receive_from_view(self._chat, {"type": "release", "id": text.replace(" ", "-")}, [])
        finish(self._chat)


def test_r24_two_views_a_cell_and_a_magic_at_once(chats):
    async def repeat(messages):
        question = messages[-1]["content"]
        for piece in (question, " ", question[::-1]):
            yield piece
            await asyncio.sleep(0)

    dice = random.Random(24)
    chat = chats(repeat)
    everybody = Everybody(chat)
    for number in range(200):
        texts = [f"question {number} {place}" for place in range(4)]
        everybody.ask_at_once(texts, dice)
        messages = list(chat.conversation)
        assert [message.role for message in messages] == ["user", "assistant"] * 4
        assert sorted(message.content for message in messages[::2]) == texts
        for question, answer in zip(messages[::2], messages[1::2], strict=True):
            entire = f"{question.content} {question.content[::-1]}"
            assert answer.status in {Status.COMPLETE, Status.STOPPED}
            assert answer.content == entire if answer.status is Status.COMPLETE else entire.startswith(answer.content)
        kernel = chat._runner.call(chat._views.snapshot)
        assert [view.snapshot for view in everybody.views] == [whole(kernel)] * 2
        chat.clear()


def test_r07_a_thousand_sets_at_once_from_cells_and_views_while_an_answer_streams(chats):
    chat = chats(DemoModel(["word " * 300], delay=0.001))
    view, outcomes, failures = View(chat._runner.call(chat._views.snapshot)), [], []
    chat._views._send = lambda message: outcomes.append(view.receive(message))

    def from_view(number):
        chat._receive_from_view(chat, {"type": "setup", "values": {"temperature": number / 100}}, [])

    def repeat(change):
        try:
            for number in range(250):
                change(number)
        except Exception as failure:  # noqa: BLE001 of any kind
            failures.append(failure)

    changes = [
        lambda number: setattr(chat, "system_prompt", f"prompt {number}"),
        lambda number: setattr(chat, "height", 200 + number),
        lambda number: setattr(chat, "starters", [f"starter {number}"]),
        from_view,
    ]
    chat._receive_from_view(chat, {"type": "submit", "id": "q", "text": "go"}, [])
    threads = [threading.Thread(target=repeat, args=(change,)) for change in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    finish(chat)
    assert failures == []
    kernel = chat._runner.call(chat._views.snapshot)
    assert set(outcomes) == {"applied"}
    assert view.snapshot == whole(kernel)
    state = kernel["state"]
    assert state["setup"] == {"system_prompt": "prompt 249", "temperature": 2.49, "max_tokens": None}
    assert (state["look"]["height"], state["look"]["starters"][0]["text"]) == ("449px", "starter 249")
    assert kernel["messages"][-1]["content"].strip() == "word " * 299 + "word"


def finish(chat):
    """Wait until nothing runs or waits."""

    async def idle():
        while chat._chat.session.status != "ready":
            await chat._chat.session.turns.idle()

    chat._runner.wait(chat._runner.submit(idle()), "")


@pytest.mark.parametrize("error", [ValueError("bad"), SystemExit(3), RecursionError("deep")])
@pytest.mark.parametrize("trait", ["status", "messages"])
def test_r25_an_observer_that_raises_is_told_and_the_next_turn_works(chats, trait, error):
    chat = chats(DemoModel(["ok"], delay=0))

    def observer(_):
        raise error

    chat.observe(observer, trait)
    with pytest.raises(ChatError, match=type(error).__name__):
        chat.ask("hi")
    chat.unobserve(observer, trait)
    assert chat.ask("again").content == "ok"
    assert roles(chat)[-2:] == ["user", "assistant"]


def test_r21_a_hundred_thousand_deltas_in_flat_memory(chats):
    peaks = []

    async def flood(_messages):
        for number in range(100_000):
            if number in {20_000, 99_000}:
                peaks.append(tracemalloc.get_traced_memory()[0])
            yield Delta(content="x")

    chat = chats(flood)
    sent = []
    chat._views._send = lambda message: sent.append(len(message["ops"]))
    tracemalloc.start()
    try:
        reply = chat.ask("hi")
    finally:
        tracemalloc.stop()
    assert len(reply.content) == 100_000
    assert max(sent) < 10
    # What is kept is the text itself, in pieces of a few bytes.
    assert peaks[1] - peaks[0] < 79_000 * 20
