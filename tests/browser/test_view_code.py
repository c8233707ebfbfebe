"""The view is loaded from the one place where a kernel, or a notebook's file, has it."""

import json

import nbclient
import nbformat
import pytest
from nbformat.sign import NotebookNotary
from playwright.sync_api import expect

from tests.browser._notebook import Notebook, in_notebook_7_too, only_jupyterlab
from tests.browser.test_keeping import reload_with_state

pytestmark = pytest.mark.own_page

CHAT = "from chatwidget import ChatWidget\nchat = ChatWidget(lambda messages: 'pong')\nchat"
STATE = "application/vnd.jupyter.widget-state+json"
VIEWS = "globalThis[Symbol.for('chatwidget.views')].size"
STYLES = (
    "[...document.styleSheets].filter(({ ownerNode }) => ownerNode.textContent.includes('.chatwidget-dots')).length"
)
CLOSE = "from chatwidget._widget.view_code import SHARED_CODE\nSHARED_CODE.get().close()"


@in_notebook_7_too
def test_all_chats_of_a_page_share_one_view(notebook: Notebook) -> None:
    notebook.open(CHAT, CHAT)
    notebook.run_all()
    for index in range(2):
        notebook.chats(index).send("ping")
        notebook.chats(index).expect_texts("ping", "pong")
    assert notebook.page.evaluate(VIEWS) == 1
    assert notebook.page.evaluate(STYLES) == 1


@only_jupyterlab
def test_a_reloaded_page_and_a_restarted_kernel_bring_the_view_again(notebook: Notebook) -> None:
    notebook.open(CHAT, CHAT)
    notebook.run_all()
    notebook.chat.send("ping")
    notebook.chat.expect_status("complete")
    notebook.save()
    notebook.reload()
    for index in range(2):
        notebook.chats(index).send("again")
        notebook.chats(index).expect_status("complete")
    notebook.page.get_by_role("button", name="Restart the kernel", exact=True).click()
    notebook.page.get_by_role("button", name="Confirm Kernel Restart").click()
    notebook.wait_for_kernel()
    notebook.run(1)
    notebook.chats(1).send("new")
    notebook.chats(1).expect_texts("new", "pong")


def test_without_the_shared_code_the_kernel_sends_it(notebook: Notebook) -> None:
    """A front end that knows no other model than the chat's own is like this one."""
    notebook.open(CHAT.rpartition("\n")[0], CLOSE, "chat")
    notebook.run_all()
    notebook.chat.send("ping")
    notebook.chat.expect_texts("ping", "pong")


def open_executed(notebook: Notebook, *, drops_code: bool = False) -> None:
    """Open a notebook with a question asked in a cell, and the state of its widgets, as papermill leaves it."""
    new = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"{CHAT}.ask('ping')\nchat")])
    nbclient.NotebookClient(new, timeout=60).execute()
    states = new.metadata.widgets[STATE].state
    for key in [key for key, model in states.items() if drops_code and model.model_name == "WidgetModel"]:
        del states[key]
    NotebookNotary(data_dir=str(notebook.runtime.root.parent / "data")).sign(new)
    notebook.open_notebook(json.loads(nbformat.writes(new)))


@only_jupyterlab
def test_what_a_program_executed_opens_as_it_ended(notebook: Notebook) -> None:
    open_executed(notebook)
    reload_with_state(notebook)
    notebook.chat.expect_texts("ping", "pong")
    expect(notebook.chat.root.locator(".chatwidget-notice")).to_contain_text("No kernel is connected")
    expect(notebook.chat.input).not_to_be_editable()


@only_jupyterlab
def test_a_file_without_the_view_says_so(notebook: Notebook) -> None:
    open_executed(notebook, drops_code=True)
    text = notebook.output(0).get_by_text("its view is not saved in this notebook")
    unrestored = notebook.output(0).get_by_text("Error displaying widget: model not found")
    for _ in range(4):
        notebook.reload()
        expect(text.or_(unrestored)).to_have_count(1, timeout=40_000)
        if text.count():
            break
    expect(text).to_be_visible()
