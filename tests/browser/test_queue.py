"""Questions that wait for the answer before them: held back by Stop, taken back, and left behind by a kernel."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser._chat import Chat, chat_cell
from tests.browser._files import file, paste_files
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.browser.test_scrolling import LINES, wait_for_end
from tests.server import ModelServer


def rows(chat: Chat) -> Locator:
    """The questions that wait."""
    return chat.root.locator(".chatwidget-queued")


def open_busy(notebook: Notebook, server: ModelServer, *questions: str) -> Chat:
    """A chat that is answering "First", with these questions behind it."""
    gate = server.gate()
    server.reply("One", " two", gate=gate)
    notebook.open(chat_cell(server), "2 + 2")
    notebook.run(0)
    chat = notebook.chat
    chat.send("First")
    gate.release()
    expect(chat.text).to_have_text("One")
    for question in questions:
        chat.send(question)
    expect(rows(chat)).to_have_count(len(questions))
    return chat


def test_escape_stops_and_starts_nothing_and_again_gives_back_what_waits(
    notebook: Notebook, server: ModelServer
) -> None:
    chat = open_busy(notebook, server, "Second", "Third")
    chat.input.press_sequentially("and")
    chat.input.press("Escape")
    expect(chat.root.locator('[data-role="assistant"][data-status="stopped"]')).to_be_attached()
    expect(chat.root.locator('.chatwidget-queued[data-state="held"]')).to_have_count(2)
    expect(chat.root.locator(".chatwidget-stop")).to_be_hidden()
    assert len(server.chats) == 1
    expect(chat.input).to_have_value("and")
    chat.input.press("Escape")
    expect(rows(chat)).to_have_count(0)
    expect(chat.input).to_have_value("Second\nThird\nand")
    chat.send("Go on")
    expect(chat.text).to_have_text("You said: Go on")
    assert len(server.chats) == 2


def test_a_held_question_is_sent_or_taken_back(notebook: Notebook, server: ModelServer) -> None:
    chat = open_busy(notebook, server, "Second", "Third")
    chat.stop()
    expect(chat.root.locator('.chatwidget-queued[data-state="held"]')).to_have_count(2)
    rows(chat).first.get_by_role("button", name="Do not send").click()
    expect(chat.input).to_have_value("Second")
    expect(chat.input).to_be_focused()
    rows(chat).get_by_role("button", name="Send now").click()
    expect(chat.text).to_have_text("You said: Third")
    expect(rows(chat)).to_have_count(0)
    expect(chat.input).to_have_value("Second")
    assert len(server.chats) == 2


@only_jupyterlab
def test_the_answer_to_a_question_that_was_held_is_followed(notebook: Notebook, server: ModelServer) -> None:
    chat = open_busy(notebook, server, "Second\n" * 40, "Third")
    chat.stop()
    expect(chat.root.locator('.chatwidget-queued[data-state="held"]')).to_have_count(2)
    wait_for_end(notebook)
    server.reply(*LINES)
    rows(chat).last.get_by_role("button", name="Send now").click()
    expect(chat.text).to_contain_text("Line 59")
    wait_for_end(notebook)


def test_a_queued_question_is_taken_back_before_its_turn(notebook: Notebook, server: ModelServer) -> None:
    chat = open_busy(notebook, server)
    paste_files(chat.root.locator(".chatwidget-composer"), file("data.csv", "text/csv", b"a,b"))
    chat.send("With a file")
    expect(rows(chat)).to_have_count(1)
    rows(chat).get_by_role("button", name="Do not send").click()
    expect(rows(chat)).to_have_count(0)
    expect(chat.input).to_have_value("With a file")
    expect(chat.root.locator(".chatwidget-composer .chatwidget-chip-name")).to_have_text("data.csv")
    expect(chat.replies.last).to_have_attribute("data-status", "streaming")


@pytest.mark.own_page
@only_jupyterlab
def test_a_file_that_waits_is_given_back_after_a_reload(notebook: Notebook, server: ModelServer) -> None:
    chat = open_busy(notebook, server)
    paste_files(chat.root.locator(".chatwidget-composer"), file("data.csv", "text/csv", b"a,b"))
    chat.send("With a file")
    expect(rows(chat)).to_have_count(1)
    notebook.save()
    notebook.reload()
    rows(notebook.chat).get_by_role("button", name="Do not send").click()
    expect(notebook.chat.input).to_have_value("With a file")
    expect(notebook.chat.root.locator(".chatwidget-composer .chatwidget-chip-name")).to_have_text("data.csv")


@pytest.mark.own_page
@only_jupyterlab
def test_what_a_kernel_that_is_gone_has_queued_is_given_back(notebook: Notebook, server: ModelServer) -> None:
    chat = open_busy(notebook, server, "Second", "Third")
    notebook.page.get_by_role("button", name="Restart the kernel", exact=True).click()
    notebook.page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(rows(chat)).to_have_count(0)
    expect(chat.input).to_have_value("Second\nThird")
    # A kernel that is still starting cannot be shut down.
    notebook.wait_for_kernel()
