"""R10, R11: the view's real store, link and outbox, on a line that loses a tenth of the messages in either direction.

They fail when `Link` does not ask after a silence, or when `Outbox` does not send again.
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
        self.lost = self.passed = 0
        self._view = subprocess.Popen([NODE, VIEW], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        chat._views.send = chat._views.publisher._send = self._from_kernel
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
                        self._chat._view_said(self._chat, command, [])
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
        done = chat.status == "ready" and shown["unsent"] == 0 and len(shown["messages"]) == 2 * len(answers)
        if done and shown["rev"] == kernel["rev"] and not shown["outOfSync"]:
            break
        time.sleep(0.1)
    line.close()
    assert line.lost > 5
    assert {key: shown[key] for key in kernel} == json.loads(json.dumps(kernel))
    questions = [message["content"] for message in shown["messages"][::2]]
    assert sorted(questions) == [f"question {number}" for number in range(len(answers))]
    assert [message["status"] for message in shown["messages"]] == ["complete"] * len(shown["messages"])


def test_r11_a_view_that_was_not_there_from_the_beginning_shows_all(chats):
    chat = chats(DemoModel(["first", "second"], delay=0))
    chat.ask("before any view")
    line = Line(chat, 0, 0)
    deadline = time.monotonic() + PATIENCE
    while (shown := line.report())["rev"] < 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    line.close()
    assert [message["content"] for message in shown["messages"]] == ["before any view", "first"]
