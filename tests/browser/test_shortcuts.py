"""Which keys belong to the chat that has the focus, and which to the notebook around it."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser._chat import Chat, chat_cell
from tests.browser._jupyterlab import JupyterLab
from tests.browser._notebook import Notebook, in_notebook_7_too, only_jupyterlab
from tests.server import ModelServer

# Seconds, and milliseconds.
SAVE_TIMEOUT = 30
POLL = 100

# How Jupyter tells its shortcuts for macOS from the others.
ON_MACOS = "Object.defineProperty(navigator, 'platform', { value: 'MacIntel' })"


def _is_saved(notebook: Notebook, text: str) -> bool:
    """Whether a notebook is saved with a text in it."""
    if isinstance(notebook.runtime, JupyterLab):
        return text in (notebook.runtime.root / notebook.name).read_text("utf-8")
    return notebook.page.locator(".jp-mod-dirty").count() == 0


def _expect_saved(notebook: Notebook, keys: str) -> None:
    """Change the notebook; these keys then save it."""
    notebook.cell(1).locator(".cm-content").click()
    notebook.page.keyboard.type("  # changed")
    if notebook.in_browser:
        expect(notebook.page.locator(".jp-mod-dirty")).not_to_have_count(0)
    assert not _is_saved(notebook, "# changed")
    notebook.chat.input.fill("a draft")
    notebook.page.keyboard.press(keys)
    deadline = time.monotonic() + SAVE_TIMEOUT
    while not _is_saved(notebook, "# changed"):
        assert time.monotonic() < deadline
        notebook.page.wait_for_timeout(POLL)
    expect(notebook.chat.input).to_be_focused()
    expect(notebook.chat.input).to_have_value("a draft")


def _expect_palette(page: Page, keys: str) -> None:
    page.keyboard.press(keys)
    palette = page.locator(".jp-ModalCommandPalette")
    expect(palette).to_be_visible()
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()


@pytest.mark.own_page
@in_notebook_7_too
def test_the_notebooks_shortcuts_work_while_the_chat_has_the_focus(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "1 + 1")
    notebook.run(0)
    _expect_saved(notebook, "Control+S")
    notebook.chat.input.focus()
    _expect_palette(notebook.page, "Control+Shift+C")
    notebook.chat.root.locator(".chatwidget-attach").focus()
    _expect_palette(notebook.page, "Control+Shift+C")


@pytest.mark.own_page
@only_jupyterlab
def test_on_macos_the_command_key_is_the_notebooks(notebook: Notebook, server: ModelServer) -> None:
    notebook.page.add_init_script(ON_MACOS)
    notebook.open(chat_cell(server), "1 + 1")
    notebook.cell(0).locator(".cm-content").click()
    notebook.page.keyboard.press("Shift+Enter")
    notebook.wait(0)
    _expect_saved(notebook, "Meta+S")
    notebook.chat.input.focus()
    _expect_palette(notebook.page, "Meta+Shift+C")


@only_jupyterlab
def test_the_sidebar_opens_and_closes_from_the_chat(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run(0)
    sidebar = notebook.page.locator("#jp-left-stack")
    before = sidebar.is_visible()
    notebook.chat.input.focus()
    for is_visible in (not before, before):
        notebook.page.keyboard.press("Control+B")
        expect(sidebar).to_be_visible(visible=is_visible)


@in_notebook_7_too
def test_keys_that_edit_stay_with_the_text(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "1 + 1")
    notebook.run(0)
    chat = notebook.chat
    chat.input.press_sequentially("one two")
    for keys in ("Control+A", "Control+X"):
        notebook.page.keyboard.press(keys)
    expect(chat.input).to_have_value("")
    notebook.page.keyboard.press("Control+V")
    expect(chat.input).to_have_value("one two")
    for keys in ("Control+ArrowLeft", "Control+Backspace"):
        notebook.page.keyboard.press(keys)
    expect(chat.input).to_have_value("two")
    notebook.page.keyboard.press("Control+End")
    notebook.page.keyboard.press("Control+Shift+ArrowLeft")
    assert notebook.page.evaluate("getSelection().toString()") == "two"
    _press_all(chat, "Control+A", "Control+C", "Control+Backspace", "Control+Shift+ArrowDown")
    expect(notebook.cells).to_have_count(2)
    expect(notebook.page.locator(".jp-Cell.jp-mod-selected")).to_have_count(1)


def _press_all(chat: Chat, *keys: str) -> None:
    """Press keys on a button, from where Jupyter would take them."""
    chat.root.locator(".chatwidget-attach").focus()
    for each in keys:
        chat.root.page.keyboard.press(each)


@in_notebook_7_too
def test_single_keys_on_a_button_of_the_chat_are_no_shortcuts(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "1 + 1")
    notebook.run(0)
    _press_all(notebook.chat, *"ddabxcvzmyr1ii00jkOLM", "Shift+M", "Shift+ArrowDown", "ArrowDown", "Escape")
    expect(notebook.page.locator(".jp-Dialog")).to_have_count(0)
    expect(notebook.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(2)
    expect(notebook.chat.root.locator(".chatwidget-attach")).to_be_focused()
    assert notebook.prompt(1).inner_text() == "[ ]:"
