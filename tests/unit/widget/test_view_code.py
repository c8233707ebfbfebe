"""The code of the view is in a notebook once, however many chats it shows."""

import nbclient
import nbformat
import pytest

import chatwidget
from chatwidget._comm.modules import STATIC

STATE = "application/vnd.jupyter.widget-state+json"
CHAT = """\
from chatwidget import ChatWidget
chat = ChatWidget("demo")
chat.ask("hi")
chat"""
EMBEDDED = """\
from ipywidgets.embed import dependency_state
print(*sorted({state["model_name"] for state in dependency_state([chat]).values()}))"""
MOST = 165_000
MOST_FOR_ANOTHER = 10_000


def executed(*sources: str) -> nbformat.NotebookNode:
    """A notebook run by a program, which saves the state of its widgets."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=60).execute()
    return notebook


@pytest.fixture(scope="module")
def notebooks() -> dict[int, nbformat.NotebookNode]:
    return {count: executed(*[CHAT] * count) for count in (1, 3)}


def test_a_chat_more_adds_what_it_says_and_not_the_view(notebooks):
    one, three = (len(nbformat.writes(notebooks[count])) for count in (1, 3))
    assert one <= MOST
    assert (three - one) / 2 <= MOST_FOR_ANOTHER


def test_each_chat_refers_to_the_one_code(notebooks):
    states = notebooks[3].metadata.widgets[STATE].state
    [code] = [key for key, model in states.items() if model.model_name == "WidgetModel"]
    references = [model.state["_code"] for model in states.values() if model.model_name == "AnyModel"]
    assert references == [f"IPY_MODEL_{code}"] * 3


def test_what_was_said_without_a_page_is_saved(notebooks):
    states = notebooks[1].metadata.widgets[STATE].state
    [snapshot] = [model.state["_snapshot"] for model in states.values() if model.model_name == "AnyModel"]
    assert [message["role"] for message in snapshot["messages"]] == ["user", "assistant"]


def test_a_page_made_of_a_chat_has_its_code_and_code_that_was_closed_is_made_anew():
    notebook = executed(CHAT, EMBEDDED, "from ipywidgets import Widget\nWidget.close_all()", CHAT, EMBEDDED)
    for cell in (notebook.cells[1], notebook.cells[4]):
        assert cell.outputs[0].text.split() == ["AnyModel", "LayoutModel", "WidgetModel"]


def test_colab_gets_the_whole_view_with_each_chat():
    notebook = executed(f"import sys\nsys.modules['google.colab'] = sys\n{CHAT}; print(chat._code, len(chat._esm))")
    assert notebook.cells[0].outputs[0].text.split() == ["None", str(len((STATIC / "widget.js").read_text("utf-8")))]


def test_without_a_kernel_a_chat_carries_the_whole_view():
    chat = chatwidget.ChatWidget("demo")
    try:
        assert (chat._esm, chat._css) == tuple(
            (STATIC / name).read_text("utf-8") for name in ("widget.js", "widget.css")
        )
    finally:
        chat.close()
