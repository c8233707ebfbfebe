"""Answers as Markdown outputs of a cell: front ends show in them what the view shows."""

import re

from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook
from tests.server import ModelServer

PRICES = """\
It costs $5 to $10, or \\$7, or &dollar;8 to &#36;9, and $x^2$ is a formula.

| what | price |
|---|---|
| tea | $3 |
| two | $6 or $7 |
"""

NOTES = """\
As is known[^1].

[^1]: From a book.

> [!WARNING]
> Mind the gap.
"""

IMAGES = """\
import base64
from IPython.display import Markdown, display
from chatwidget import ChatWidget
from chatwidget._widget.markdown_output import transcript_of

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CALL = {"id": "call_1", "type": "function", "function": {"name": "plot", "arguments": "{}"}}

class Axes:
    def get_title(self):
        return "Sales"

class Figure:
    axes = [Axes()]
    def get_suptitle(self):
        return ""
    def savefig(self, file, **options):
        file.write(PIXEL + bytes(60_000))

def plot():
    "Plot."
    return Figure()

def answer(messages):
    if messages[-1]["role"] == "user":
        return {"role": "assistant", "tool_calls": [CALL]}
    return Figure()

chat = ChatWidget(answer, tools=[plot])
reply = chat.ask("Plot it.", attachments=[PIXEL])
print(reply.content, len(str(chat.messages)) < 100_000)
display(Markdown(transcript_of(list(chat.conversation))))"""


def test_a_dollar_sign_is_one_where_the_view_sees_no_formula(notebook: Notebook, server: ModelServer) -> None:
    """Fails when `safe_markdown` leaves dollar signs, or escapes them with a backslash alone."""
    server.reply(PRICES)
    notebook.open(chat_cell(server), "%load_ext chatwidget", "%chat What does it cost?")
    notebook.run_all()
    output = notebook.output(2)
    expect(output.locator("mjx-container")).to_have_count(1)
    expect(output.locator("p")).to_have_text(
        re.compile(r"It costs \$5 to \$10, or \$7, or \$8 to \$9, and .* is a formula\.")
    )
    expect(output.locator("td")).to_have_text(["tea", "$3", "two", "$6 or $7"])
    text = notebook.chat.text
    expect(text.locator(".chatwidget-math")).to_have_count(1)
    expect(text.locator("td")).to_have_text(["tea", "$3", "two", "$6 or $7"])


def test_footnotes_and_alerts_need_no_front_end_that_knows_them(notebook: Notebook, server: ModelServer) -> None:
    server.reply(NOTES)
    notebook.open(chat_cell(server), "%load_ext chatwidget", "%chat What is known?")
    notebook.run_all()
    output = notebook.output(2)
    expect(output.locator("sup")).to_have_text(["1", "1"])
    expect(output.locator("blockquote")).to_have_text(re.compile(r"^\s*Warning\s+Mind the gap\.\s*$"))
    expect(output).not_to_contain_text("[")


def test_images_of_users_tools_and_answers_are_in_the_saved_conversation(notebook: Notebook) -> None:
    notebook.open(IMAGES)
    notebook.run(0)
    output = notebook.output(0)
    expect(output).to_contain_text("[image: Figure: Sales] True")
    images = output.locator("img")
    expect(images).to_have_count(3)
    assert images.evaluate_all("all => all.map(each => [each.alt, each.naturalWidth])") == [
        ["data", 1],
        ["Figure: Sales", 1],
        ["Figure: Sales", 1],
    ]
    expect(output).not_to_contain_text("base64")
