"""Blocks of code: in colour, to be copied, wrapped and put into the notebook."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser._chat import Chat, chat_cell
from tests.browser._notebook import Notebook, in_notebook_7_too, only_jupyterlab
from tests.server import ModelServer

PYTHON = 'def greet(name):\n    """Say\n    hello."""\n    return f"Hello {name}"  # politely\n'
HIDDEN = "if access \u202e}\u2066 == 'user\u200b':\n    pass\n"
ANSWER = f"""\
Two blocks, and one in a list:

```python
{PYTHON}```

```js
{"const long = 1; " * 40}
```

- ```yaml
  key: value # note
  ```

```
{HIDDEN}```
"""


def answered(notebook: Notebook, server: ModelServer, *, step: int) -> Chat:
    server.reply(*(ANSWER[start : start + step] for start in range(0, len(ANSWER), step)))
    notebook.open(chat_cell(server))
    notebook.run_all()
    notebook.chat.send("Go on")
    notebook.chat.expect_status("complete")
    return notebook.chat


def frames(chat: Chat) -> Locator:
    return chat.text.locator(".chatwidget-code")


def test_code_is_coloured_and_stays_the_code(notebook: Notebook, server: ModelServer) -> None:
    chat = answered(notebook, server, step=3)
    first, _, nested, hidden = frames(chat).all()
    expect(first.locator(".chatwidget-code-language")).to_have_text("python")
    expect(first.locator(".chatwidget-tok-keyword")).to_have_text(["def", "return"])
    expect(first.locator(".chatwidget-tok-comment")).to_have_text("# politely")
    expect(first.locator(".chatwidget-tok-string").nth(1)).to_have_text('    hello."""')
    assert first.locator("code").text_content() == PYTHON
    expect(nested.locator(".chatwidget-tok-property")).to_have_text("key")
    assert hidden.locator("code").text_content() == HIDDEN
    names = hidden.locator(".chatwidget-invisible").evaluate_all("boxes => boxes.map(box => box.title)")
    assert names == ["U+202E", "U+2066", "U+200B"]


@only_jupyterlab
def test_code_is_copied_to_the_letter(notebook: Notebook, server: ModelServer) -> None:
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat = answered(notebook, server, step=100)
    copy = frames(chat).first.get_by_role("button", name="Copy")
    copy.click()
    expect(frames(chat).first.get_by_role("button", name="Copied")).to_be_visible()
    assert notebook.page.evaluate("navigator.clipboard.readText()") == PYTHON


@only_jupyterlab
def test_long_lines_scroll_in_their_block_or_wrap(notebook: Notebook, server: ModelServer) -> None:
    chat = answered(notebook, server, step=100)
    block = frames(chat).nth(1)
    wrap = block.get_by_role("button", name="Wrap")
    overflow = "pre => pre.scrollWidth - pre.clientWidth"
    assert block.locator("pre").evaluate(overflow) > 0
    assert chat.root.evaluate("root => root.scrollWidth - root.clientWidth") == 0
    wrap.click()
    expect(wrap).to_have_attribute("aria-pressed", "true")
    assert block.locator("pre").evaluate(overflow) == 0
    wrap.press("Enter")
    expect(wrap).to_have_attribute("aria-pressed", "false")
    assert block.locator("pre").evaluate(overflow) > 0


@in_notebook_7_too
def test_code_becomes_a_cell_below_the_chat(notebook: Notebook, server: ModelServer) -> None:
    server.reply(ANSWER)
    notebook.open("1 + 1", chat_cell(server), "2 + 2")
    notebook.run(1)
    notebook.chat.send("Go on")
    notebook.chat.expect_status("complete")
    insert_below(notebook.chat, 0)
    expect(notebook.cells).to_have_count(4)
    new = notebook.cell(2)
    expect(new).to_have_class(re.compile("jp-CodeCell.*jp-mod-active"))
    expect(new).to_be_focused()
    expect(new.locator(".cm-line")).to_have_text(PYTHON.rstrip().split("\n"))
    expect(notebook.cell(3).locator(".cm-line")).to_have_text("2 + 2")

    insert_below(notebook.chat, 2)
    expect(notebook.cell(2).locator(".cm-line")).to_have_text("key: value # note")
    expect(notebook.cell(2)).to_be_focused()
    notebook.page.keyboard.press("z")
    expect(notebook.cells).to_have_count(4)
    expect(notebook.cell(2).locator(".cm-line")).to_have_text(PYTHON.rstrip().split("\n"))
    notebook.page.keyboard.press("z")
    expect(notebook.cells).to_have_count(3)


@only_jupyterlab
def test_cells_put_in_at_once_are_taken_out_one_by_one(notebook: Notebook, server: ModelServer) -> None:
    chat = answered(notebook, server, step=100)
    chat.text.evaluate("text => text.querySelectorAll('.chatwidget-insert').forEach(button => button.click())")
    expect(notebook.cells).to_have_count(5)
    for left in [4, 3, 2, 1]:
        notebook.page.get_by_role("menuitem", name="Edit", exact=True).click()
        notebook.page.get_by_role("menuitem", name="Undo Cell Operation").click()
        expect(notebook.cells).to_have_count(left)


@only_jupyterlab
def test_a_cell_goes_below_the_view_that_was_clicked_in(notebook: Notebook, server: ModelServer) -> None:
    server.reply(ANSWER)
    notebook.open(chat_cell(server), "chat", "2 + 2")
    notebook.run(0)
    notebook.run(1)
    notebook.chat.send("Go on")
    notebook.chats(1).expect_status("complete")
    insert_below(notebook.chats(0), 0)
    expect(notebook.cell(1)).to_be_focused()
    expect(notebook.cell(1).locator(".cm-line")).to_have_text(PYTHON.rstrip().split("\n"))
    insert_below(notebook.chats(1), 2)
    expect(notebook.cell(3)).to_be_focused()
    expect(notebook.cell(3).locator(".cm-line")).to_have_text("key: value # note")


@pytest.mark.own_page
@only_jupyterlab
def test_from_a_view_of_its_own_a_cell_goes_below_the_chat_too(notebook: Notebook, server: ModelServer) -> None:
    server.reply(ANSWER)
    notebook.open("1 + 1", chat_cell(server), "2 + 2")
    notebook.run(1)
    notebook.chat.send("Go on")
    notebook.chat.expect_status("complete")
    notebook.prompt(1).click(button="right")
    notebook.page.get_by_role("menuitem", name="Create New View for Cell Output").click()
    view = Chat(notebook.page.locator(".jp-LinkedOutputView .chatwidget"))
    insert_below(view, 0)
    expect(frames(view).first.get_by_role("button", name="Inserted")).to_be_visible()
    expect(notebook.cells).to_have_count(4)
    expect(notebook.cell(2).locator(".cm-line")).to_have_text(PYTHON.rstrip().split("\n"))

    notebook.prompt(1).click()
    notebook.page.keyboard.press("d")
    notebook.page.keyboard.press("d")
    expect(notebook.cells).to_have_count(3)
    notebook.prompt(2).click()
    insert_below(view, 2)
    expect(notebook.cells).to_have_count(4)
    expect(notebook.cell(3).locator(".cm-line")).to_have_text("key: value # note")


@pytest.mark.own_page
@only_jupyterlab
def test_in_a_console_there_is_no_button_to_insert(notebook: Notebook, server: ModelServer) -> None:
    server.reply(ANSWER)
    notebook.open("1 + 1")
    notebook.prompt(0).click(button="right")
    notebook.page.get_by_role("menuitem", name="New Console for Notebook").click()
    console = notebook.page.locator(".jp-CodeConsole")
    console.locator(".jp-CodeConsole-promptCell .cm-content").click()
    notebook.page.keyboard.insert_text(chat_cell(server))
    notebook.page.keyboard.press("Shift+Enter")
    chat = Chat(console.locator(".chatwidget"))
    chat.send("Go on")
    chat.expect_status("complete")
    expect(frames(chat).first.get_by_role("button", name="Copy")).to_be_visible()
    expect(chat.text.locator(".chatwidget-insert:visible")).to_have_count(0)


def insert_below(chat: Chat, block: int) -> None:
    frames(chat).nth(block).get_by_role("button", name="Insert below").click()


@only_jupyterlab
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"])
def test_all_colours_are_readable(notebook: Notebook, server: ModelServer, theme: str) -> None:
    chat = answered(notebook, server, step=100)
    notebook.set_theme(theme)
    assert chat.root.evaluate(CONTRAST) == {}


CONTRAST = """root => {
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number)
    .map((value) => color.startsWith("color(") ? value : value / 255);
  const luminance = (color) => {
    const linear = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = numbers(color).map(linear);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const line = root.querySelector(".chatwidget-line");
  const behind = luminance(getComputedStyle(root).backgroundColor);
  const kinds = ["keyword", "atom", "number", "string", "comment", "meta", "def", "builtin", "property", "tag"];
  const found = kinds.map((kind) => {
    const piece = document.createElement("span");
    piece.className = `chatwidget-tok-${kind}`;
    line.append(piece);
    const text = luminance(getComputedStyle(piece).color);
    piece.remove();
    return [kind, (Math.max(text, behind) + 0.05) / (Math.min(text, behind) + 0.05)];
  });
  return Object.fromEntries(found.filter(([, contrast]) => contrast < 4.5));
}"""
