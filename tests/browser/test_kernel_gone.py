"""R08: a kernel that restarts or dies in mid-stream is told within two seconds; what came stays.

They fail when `Store.hears` leaves `#kernel` as it is, or does not interrupt what runs. There is more than one way
to find out; `js/test/kernel/sync.test.js` holds each of them, and the two seconds, on a clock of its own.
"""

import os
import signal

import pytest
from playwright.sync_api import expect

from tests.browser._chat import Chat, chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

pytestmark = pytest.mark.own_page

WITHIN = 6000
"""Milliseconds: the two seconds, and what a busy machine adds."""

PROCESS = "import os\nprint(os.getpid())"


def half_answered(notebook: Notebook, server: ModelServer) -> Chat:
    """A chat in mid-stream, with a draft; its kernel's process id is in the output of the second cell."""
    gate = server.gate()
    server.reply("One", " two", " three", gate=gate)
    notebook.open(chat_cell(server), PROCESS)
    notebook.run_all()
    chat = notebook.chat
    chat.send("Count")
    gate.release(2)
    expect(chat.text).to_have_text("One two")
    chat.input.fill("a draft")
    return chat


def expect_to_stay(chat: Chat) -> None:
    """Nothing goes on, nothing can be sent, and all can be read and copied."""
    expect(chat.replies.last).to_have_attribute("data-status", "interrupted")
    expect(chat.root.locator(".chatwidget-dots:visible")).to_have_count(0)
    expect(chat.root.locator(".chatwidget-stop")).to_be_hidden()
    expect(chat.root.locator(".chatwidget-send")).to_be_disabled()
    expect(chat.input).not_to_be_editable()
    expect(chat.input).to_have_value("a draft")
    chat.expect_texts("Count", "One two")
    chat.root.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.replies.last.hover()
    chat.replies.last.locator(".chatwidget-copy-message").click()
    assert chat.root.page.evaluate("navigator.clipboard.readText()") == "One two"


@only_jupyterlab
def test_r08_a_restarted_kernel(notebook: Notebook, server: ModelServer) -> None:
    chat = half_answered(notebook, server)
    notebook.page.get_by_role("button", name="Restart the kernel", exact=True).click()
    notebook.page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(chat.root).to_have_attribute("data-kernel", "gone", timeout=WITHIN)
    expect(chat.root.locator(".chatwidget-notice")).to_contain_text("The kernel is gone")
    expect_to_stay(chat)
    notebook.wait_for_kernel()
    notebook.run(0)
    chat.send("Hello")
    chat.expect_texts("Hello", "You said: Hello")


@only_jupyterlab
def test_r08_a_kernel_that_dies(notebook: Notebook, server: ModelServer) -> None:
    chat = half_answered(notebook, server)
    # It has answered in this turn, or it might just be slow.
    while not any(frame.data.get("content", {}).get("ops") == [] for frame in notebook.traffic.frames):
        notebook.page.wait_for_timeout(50)
    os.kill(int(notebook.output(1).inner_text()), signal.SIGKILL)
    expect(chat.root.locator(".chatwidget-notice")).to_contain_text("kernel", timeout=WITHIN)
    expect(chat.root.locator(".chatwidget-dots:visible")).to_have_count(0)
    # JupyterLab has by now noticed, too, and says so in the middle of the page.
    notebook.page.get_by_role("dialog").get_by_role("button", name="Ok").click()
    expect(chat.root).to_have_attribute("data-kernel", "gone")
    expect_to_stay(chat)
