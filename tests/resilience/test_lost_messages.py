"""R10, R11: the view's real store, link, outbox and delivery, on a line that loses a tenth of the messages either way.

They fail when `Link` does not ask after a silence, when `Delivery` does not send again, or when `CommandDispatcher`
does what comes twice or out of order.
"""

import json
import random
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from chatwidget import DemoModel
from tests.unit._view import whole

VIEW = Path(__file__).with_name("_lossy_view.js")
NODE = shutil.which("node")
PATIENCE = 90
"""Seconds until all is to be there; most of them are spent waiting for what was lost."""

pytestmark = pytest.mark.skipif(NODE is None, reason="the view's modules run in node")


class Line:
    """A view in a process of its own, and the line between it and `chat`, which loses a share of the messages."""

    def __init__(self, chat, loss, seed):
        self._chat = chat
        self._loss = loss
        self._random = random.Random(seed)
        self._reports = []
        self._reported = threading.Condition()
        self.lost = self.passed = self.done = 0
        self._view = subprocess.Popen([NODE, VIEW], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        chat._views._send = self._from_kernel
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def tell(self, **message):
        self._view.stdin.write(json.dumps(message) + "\n")

    def report(self):
        """What the view shows now."""
        with self._reported:
            before = len(self._reports)
            self._chat._runner.call(lambda: self.tell(report=True))
            assert self._reported.wait_for(lambda: len(self._reports) > before, 10)
            return self._reports[-1]

    def close(self):
        self._view.stdin.close()
        self._view.wait(10)
        self._reader.join(10)
        self._view.stdout.close()

    def _from_kernel(self, message):
        if self._passes():
            self.tell(kernel=message)

    def _read(self):
        for line in self._view.stdout:
            match json.loads(line):
                case {"command": command}:
                    if self._passes():
                        self._chat._receive_from_view(self._chat, command, [])
                case {"done": _}:
                    self.done += 1
                case {"report": report}:
                    with self._reported:
                        self._reports.append(report)
                        self._reported.notify()

    def _passes(self):
        lost = self._random.random() < self._loss
        self.lost += lost
        self.passed += not lost
        return not lost


@pytest.mark.parametrize("seed", range(2))
def test_r10_with_a_tenth_of_the_messages_lost_the_view_ends_as_the_kernel(chats, seed):
    answers = [f"# {number}\n\n" + f"word{number} ü👩 " * 40 for number in range(10)]
    chat = chats(DemoModel(answers, delay=0.01))
    line = Line(chat, 0.1, seed)
    for number in range(len(answers)):
        chat._runner.call(lambda number=number: line.tell(submit=f"question {number}"))
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        shown = line.report()
        kernel = chat._runner.call(chat._views.snapshot)
        done = chat.status == "ready" and shown["unsent"] == [] and len(shown["messages"]) == 2 * len(answers)
        if done and shown["rev"] == kernel["rev"] and not shown["outOfSync"]:
            break
        time.sleep(0.1)
    line.close()
    assert line.lost > 5
    assert {key: shown[key] for key in kernel} == json.loads(json.dumps(whole(kernel)))
    questions = [message["content"] for message in shown["messages"][::2]]
    assert sorted(questions) == [f"question {number}" for number in range(len(answers))]
    assert [message["status"] for message in shown["messages"]] == ["complete"] * len(shown["messages"])


@pytest.mark.parametrize("seed", range(2))
def test_r10_what_a_person_does_is_done_once_and_in_order_whatever_is_lost(chats, seed):
    chat = chats(DemoModel(["an answer"], delay=0), messages=[{"role": "user", "content": "first"}])
    done = []
    chat.observe(lambda change: done.append(change["new"].get("temperature")), "params")
    line = Line(chat, 0.2, seed)
    commands = [{"type": "setup", "values": {"temperature": number / 10}} for number in range(20)]
    commands += [{"type": "clear"}, {"type": "setup", "values": {"system_prompt": "Be brief"}}]
    for command in commands:
        chat._runner.call(lambda command=command: line.tell(command=command))
    chat._runner.call(lambda: line.tell(submit="after it all"))
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        shown = line.report()
        told = len(shown["messages"]) == 2 and not shown["outOfSync"] and not shown["unsent"]
        if told and line.done == len(commands):
            break
        time.sleep(0.1)
    line.close()
    assert line.lost > 3
    assert done == [number / 10 for number in range(20)]
    assert [message["content"] for message in chat.messages] == ["after it all", "an answer"]
    assert shown["state"]["setup"] == {"system_prompt": "Be brief", "temperature": 1.9, "max_tokens": None}


def test_an_edit_of_what_is_not_shown_any_more_is_told_at_once_and_kept(chats):
    chat = chats(DemoModel(["one", "two"], delay=0))
    chat.ask("question")
    old = chat.conversation.path[0]
    chat.edit(old, "better")
    line = Line(chat, 0, 0)
    chat._runner.call(lambda: line.tell(edit=[old, "late"]))
    deadline = time.monotonic() + 2
    while not (shown := line.report())["unsent"][0]["lost"] and time.monotonic() < deadline:
        time.sleep(0.02)
    line.close()
    assert [(entry["text"], entry["lost"]) for entry in shown["unsent"]] == [("late", True)]
    assert "no longer shown" in shown["state"]["notice"]


def test_r11_a_view_that_was_not_there_from_the_beginning_shows_all(chats):
    chat = chats(DemoModel(["first", "second"], delay=0))
    chat.ask("before any view")
    line = Line(chat, 0, 0)
    deadline = time.monotonic() + PATIENCE
    while (shown := line.report())["rev"] < 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    line.close()
    assert [message["content"] for message in shown["messages"]] == ["before any view", "first"]
