"""R03: Stop in every phase of a turn, on CPython.

Where a server is to see it, the tests fail when `TurnRun.finish` does not cancel the task of the turn it ends.
"""

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from chatwidget import Status

OPEN_FILES = Path("/proc/self/fd")

WITHIN = 1.0
"""Seconds in which a server is to see that it was left."""


class SilentServer:
    """Takes a request and never answers; tells when its client has gone."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        self.asked = threading.Event()
        self.left = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        connection, _ = self._listener.accept()
        with connection:
            while connection.recv(65536):
                self.asked.set()
        self.left.set()

    def close(self):
        self._listener.close()
        self._thread.join(5)


@pytest.fixture
def silent():
    server = SilentServer()
    yield server
    server.close()


def in_background(chat):
    """Ask on a thread; gives the thread and what becomes of the reply."""
    replies = []
    thread = threading.Thread(target=lambda: replies.append(chat.ask("hi")))
    thread.start()
    return thread, replies


def status_event(chat, status):
    """Set when the chat has come to this status."""
    reached = threading.Event()
    chat.observe(lambda change: change["new"] == status and reached.set(), "status")
    return reached


def finish(thread, replies):
    thread.join(10)
    assert not thread.is_alive()
    assert replies[0].status == Status.STOPPED
    return replies[0]


def test_r03_before_any_answer(chats, silent):
    chat = chats("m", base_url=silent.base_url, api_key="k")
    thread, replies = in_background(chat)
    assert silent.asked.wait(10)
    chat.stop()
    assert silent.left.wait(WITHIN)
    assert finish(thread, replies).content == ""


def test_r03_before_the_first_token(chats, server):
    server.reply("never", gate=server.gate())
    chat = chats("m", base_url=server.base_url, api_key="k")
    thread, replies = in_background(chat)
    server.wait_for_request()
    chat.stop()
    assert server.wait_for_disconnect(timeout=WITHIN).disconnected_at
    assert finish(thread, replies).content == ""


def test_r03_in_mid_stream_keeps_the_text_and_the_next_turn_works(chats, server):
    gate = server.gate()
    server.reply("one ", "two ", gate=gate)
    chat = chats("m", base_url=server.base_url, api_key="k")
    streaming = status_event(chat, "streaming")
    thread, replies = in_background(chat)
    gate.release()
    assert streaming.wait(10)
    chat.stop()
    assert server.wait_for_disconnect(timeout=WITHIN).disconnected_at
    assert finish(thread, replies).content == "one "
    assert chat.ask("again").content == "You said: again"


def test_r03_while_it_waits_to_try_again(chats, server):
    server.reply_error(429, headers={"retry-after": "100"})
    chat = chats("m", base_url=server.base_url, api_key="k")
    retrying = status_event(chat, "retrying")
    thread, replies = in_background(chat)
    assert retrying.wait(10)
    chat.stop()
    finish(thread, replies)
    assert chat.status == "ready"
    assert len(server.chats) == 1


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="counts sockets where the system lists them")
def test_r03_a_hundred_stops_leave_no_socket(chats, server):
    chat = chats("m", base_url=server.base_url, api_key="k")
    chat.ask("the first opens a connection that is kept")
    before = sockets()
    assert before > 1
    for number in range(100):
        server.reply("never", gate=server.gate())
        thread, replies = in_background(chat)
        server.wait_for_request(number + 2)
        chat.stop()
        finish(thread, replies)
        server.wait_for_disconnect(number + 1)
    chat.ask("and the connection is there again")
    deadline = time.monotonic() + 10
    while sockets() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sockets() <= before


def sockets():
    """How many this process has open; the server, which runs in it too, has as many as there are clients."""
    count = 0
    for file in OPEN_FILES.iterdir():
        with suppress(FileNotFoundError):
            count += str(file.readlink()).startswith("socket:")
    return count
