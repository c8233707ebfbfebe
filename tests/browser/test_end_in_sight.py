"""The notebook scrolls with a chat that grows, as long as its user is there."""

from typing import Any

from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, in_notebook_7_too
from tests.server import ModelServer
from tests.unit.tools._calls import call, calls

WINDOW = {"width": 1280, "height": 850}
LINES = [f"Line {number}\n\n" for number in range(40)]
SPACE = "from IPython.display import HTML\nHTML(\"<div style='height: 150px'>some space</div>\")"
TOOL = """
@chat.tool(approve=True)
def erase(path: str) -> str:
    "Erase a file."
    return "erased"
"""
ASK = 'reply = await chat.ask_async("Clean up")'
SCROLLER = ".jp-WindowedPanel-outer"


def scroll_to_top(notebook: Notebook) -> None:
    """Scroll the notebook to its top, as by a bar that is dragged."""
    notebook.page.locator(SCROLLER).first.evaluate(
        """async (element) => {
            element.scrollTop = 0;
            for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
        }"""
    )


def position(notebook: Notebook) -> Any:
    """How far the notebook is scrolled."""
    return notebook.page.locator(SCROLLER).first.evaluate("element => element.scrollTop")


def open_low(notebook: Notebook, server: ModelServer, below: str) -> None:
    """A chat at the lower edge of the window, with another cell below it."""
    notebook.open(SPACE, chat_cell(server).removesuffix("chat") + TOOL, ASK, "chat", below)
    notebook.page.set_viewport_size(WINDOW)
    for index in (0, 1, 3, 4):
        notebook.run(index)
    scroll_to_top(notebook)


@in_notebook_7_too
def test_while_the_chat_has_the_focus_its_end_stays_in_sight(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply(*LINES, gate=gate)
    open_low(notebook, server, SPACE)
    chat = notebook.chat
    chat.input.focus()
    chat.send("Count")
    for _ in LINES[:20]:
        gate.release()
    expect(chat.text).to_contain_text("Line 19")
    expect(chat.input).to_be_in_viewport(ratio=1)
    expect(chat.root.locator(".chatwidget-stop")).to_be_in_viewport(ratio=1)
    assert position(notebook) > 0
    # Who scrolls away stays there.
    scroll_to_top(notebook)
    gate.open()
    chat.expect_status("complete")
    assert position(notebook) == 0


@in_notebook_7_too
def test_the_end_stays_in_sight_however_fast_it_comes(notebook: Notebook, server: ModelServer) -> None:
    server.reply(*["Line\n\n" * 5] * 80, delay=0.005)
    open_low(notebook, server, SPACE)
    chat = notebook.chat
    chat.input.focus()
    chat.send("Count")
    chat.expect_status("complete")
    expect(chat.input).to_be_in_viewport(ratio=1)


@in_notebook_7_too
def test_without_the_focus_a_chat_scrolls_nothing(notebook: Notebook, server: ModelServer) -> None:
    server.reply(*LINES)
    open_low(notebook, server, SPACE)
    notebook.start(2)
    at = position(notebook)
    notebook.chat.expect_status("complete")
    assert position(notebook) == at


@in_notebook_7_too
def test_a_chat_that_asks_for_approval_is_in_sight(notebook: Notebook, server: ModelServer) -> None:
    calls(server, call(0, "erase", {"path": "a.txt"}))
    open_low(notebook, server, SPACE)
    expect(notebook.chat.input).to_be_in_viewport()
    notebook.start(2)
    allow = notebook.chat.root.get_by_role("button", name="Allow once", exact=True)
    expect(allow).to_be_in_viewport(ratio=1)
    assert position(notebook) > 0
    allow.click()
    notebook.chat.expect_status("complete")


@in_notebook_7_too
def test_approval_does_not_move_a_cell_that_is_written(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    calls(server, call(0, "erase", {"path": "a.txt"}), gate=gate)
    open_low(notebook, server, "1 + 1")
    notebook.start(2)
    notebook.chat.expect_status("waiting")
    notebook.cell(2).locator(".cm-content").click()
    notebook.page.keyboard.type("#")
    at = position(notebook)
    gate.open()
    allow = notebook.chat.root.get_by_role("button", name="Allow once", exact=True)
    expect(allow).to_be_attached()
    assert position(notebook) == at
    allow.click()
    notebook.chat.expect_status("complete")
