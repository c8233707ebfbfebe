"""Views of one chat stay alike, and leave the notebook around them alone."""

import re

from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._files import file, paste_files
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer


def test_r13_two_views_stay_alike_and_a_late_one_catches_up(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply("One", " two", " three", gate=gate)
    notebook.open(chat_cell(server), "chat", "chat")
    notebook.run(0)
    notebook.run(1)
    notebook.chats(0).send("Count")
    gate.release()
    for index in range(2):
        expect(notebook.chats(index).text).to_have_text("One")
    notebook.run(2)
    expect(notebook.chats(2).text).to_have_text("One")
    gate.release()
    for index in range(3):
        expect(notebook.chats(index).text).to_have_text("One two")
    gate.open()
    for index in range(3):
        notebook.chats(index).expect_status("complete")
        notebook.chats(index).expect_texts("Count", "One two three")
    notebook.chats(2).send("Thanks")
    for index in range(3):
        notebook.chats(index).expect_texts("Count", "One two three", "Thanks", "You said: Thanks")
    assert len(server.chats) == 2


def test_r13_drafts_belong_to_their_view(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "chat")
    notebook.run_all()
    notebook.chats(0).input.fill("a draft")
    notebook.chats(1).send("Hello")
    notebook.chats(0).expect_texts("Hello", "You said: Hello")
    expect(notebook.chats(0).input).to_have_value("a draft")


def test_stop_in_one_view_stops_in_the_other(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply("One", " two", gate=gate)
    notebook.open(chat_cell(server), "chat")
    notebook.run_all()
    notebook.chats(0).send("Count")
    gate.release()
    expect(notebook.chats(1).text).to_have_text("One")
    notebook.chats(1).stop()
    for index in range(2):
        notebook.chats(index).expect_status("stopped")
    assert server.wait_for_disconnect() is server.chats[0]


def test_typing_fires_no_shortcuts_of_the_notebook(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "1 + 1")
    notebook.run(0)
    count = notebook.count(0)
    chat = notebook.chat
    # Delete, insert, paste, undo, change of type, interrupt, restart: all are single keys in command mode.
    typed = "dd a b x c v z m y r 1 ii 00 jk"
    chat.input.press_sequentially(typed)
    expect(chat.input).to_have_value(typed)
    expect(notebook.cells).to_have_count(2)
    expect(notebook.page.locator(".jp-Dialog")).to_have_count(0)
    expect(notebook.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(2)
    assert notebook.count(0) == count
    chat.input.press("Enter")
    chat.expect_texts(typed, f"You said: {typed}")
    expect(chat.input).to_have_value("")


def test_shift_enter_breaks_the_line_and_runs_no_cell(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "1 + 1")
    notebook.run(0)
    count = notebook.count(0)
    chat = notebook.chat
    chat.input.press_sequentially("two")
    chat.input.press("Shift+Enter")
    chat.input.press_sequentially("lines")
    expect(chat.input).to_have_value("two\nlines")
    chat.input.press("Enter")
    assert server.wait_for_request().json["messages"][-1]["content"] == "two\nlines"
    chat.expect_status("complete")
    assert notebook.count(0) == count
    assert notebook.prompt(1).inner_text() == "[ ]:"
    expect(notebook.cells).to_have_count(2)


@only_jupyterlab
def test_the_other_ways_to_run_a_cell_do_not_work_while_typing(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "1 + 1")
    notebook.run(0)
    for keys in ("Control+Enter", "Alt+Enter"):
        notebook.chat.input.press(keys)
    notebook.run(1)
    assert notebook.count(1) == notebook.count(0) + 1
    expect(notebook.cells).to_have_count(2)


@only_jupyterlab
def test_what_is_waiting_written_or_known_is_not_lost(notebook: Notebook, server: ModelServer) -> None:
    server.reply({"reasoning_content": "Hm."}, "So it is.")
    gate = server.gate()
    server.reply("Two", gate=gate)
    notebook.open(chat_cell(server), "chat", "chat.clear()")
    notebook.run(0)
    chat = notebook.chat
    chat.send("Why?")
    chat.expect_status("complete")
    notebook.run(1)
    for index in range(2):
        title = notebook.chats(index).replies.last.locator(".chatwidget-reasoning-title")
        expect(title).to_have_text(re.compile(r"Thought for \d+ s"))
    chat.send("And this?")
    chat.expect_status("waiting")
    paste_files(chat.root.locator(".chatwidget-composer"), file("data.csv", "text/csv", b"a,b"))
    chat.send("Then this.")
    queued = chat.root.locator('.chatwidget-queued[data-state="queued"]')
    expect(queued.locator(".chatwidget-chip-name")).to_have_text("data.csv")
    expect(queued.locator(".chatwidget-queued-text")).to_have_text("Then this.")
    gate.open()
    expect(queued).to_have_count(0)
    chat.expect_status("complete")
    chat.messages.first.hover()
    chat.messages.first.get_by_role("button", name="Edit").click()
    chat.messages.first.locator(".chatwidget-editor textarea").fill("Why not?")
    notebook.run(2)
    expect(chat.input).to_have_value("Why not?")
    expect(chat.root.locator(".chatwidget-problem")).to_contain_text("now in the text field")
