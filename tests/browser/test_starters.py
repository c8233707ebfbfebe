"""Questions to begin with: buttons on an empty conversation."""

from playwright.sync_api import expect

from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

LONG = "A question whose label is long enough to need more than one line where the notebook is narrow"


def cell(server: ModelServer) -> str:
    return f"""\
from chatwidget import ChatWidget
chat = ChatWidget("test-model", base_url="{server.base_url}", api_key="k",
                  starters=["Hello", ("Plot", "Plot <b>it</b>"), "{LONG}"])
chat"""


def test_a_click_sends_the_text_behind_the_label(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(cell(server))
    notebook.run_all()
    starters = notebook.chat.root.locator(".chatwidget-starter")
    expect(starters).to_have_text(["Hello", "Plot", LONG])
    starters.nth(1).click()
    notebook.chat.expect_texts("Plot <b>it</b>", "You said: Plot <b>it</b>")
    assert server.chats[0].json["messages"][-1]["content"] == "Plot <b>it</b>"
    expect(starters.first).to_be_hidden()
    expect(notebook.chat.input).to_be_focused()


@only_jupyterlab
def test_the_keyboard_reaches_them(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(cell(server))
    notebook.run_all()
    starters = notebook.chat.root.locator(".chatwidget-starter")
    starters.first.focus()
    notebook.page.keyboard.press("Tab")
    expect(starters.nth(1)).to_be_focused()
    notebook.page.keyboard.press("Shift+Tab")
    notebook.page.keyboard.press("Enter")
    notebook.chat.expect_texts("Hello", "You said: Hello")


@only_jupyterlab
def test_they_wait_for_a_model_and_change_with_the_trait(notebook: Notebook) -> None:
    source = "from chatwidget import ChatWidget\nchat = ChatWidget(starters=['One'])\nchat"
    notebook.open(source, "chat.starters = ['Two', 'Three']")
    notebook.run(0)
    starters = notebook.chat.root.locator(".chatwidget-starter")
    expect(notebook.chat.root.locator(".chatwidget-connect")).to_be_visible()
    expect(starters.first).to_be_hidden()
    notebook.chat.root.locator(".chatwidget-connect-demo").click()
    expect(starters.first).to_be_visible()
    notebook.run(1)
    expect(starters).to_have_text(["Two", "Three"])


@only_jupyterlab
def test_long_labels_wrap(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(cell(server))
    notebook.run_all()
    notebook.chat.root.evaluate("root => { root.style.width = '280px'; }")
    starter = notebook.chat.root.locator(".chatwidget-starter").last.bounding_box()
    root = notebook.chat.root.bounding_box()
    assert starter
    assert root
    assert starter["height"] > 50
    assert root["x"] < starter["x"]
    assert starter["x"] + starter["width"] < root["x"] + root["width"]
