"""A user's function answers: what it gives is shown, in JupyterLab and in JupyterLite."""

from playwright.sync_api import expect

from tests.browser._notebook import Notebook

CELL = """\
import base64
from chatwidget import ChatWidget

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

class Frame:
    columns, shape = ("name", "score"), (2, 2)
    def itertuples(self, name):
        return iter([(0, "Ann", 1.5), (1, "<b>Bob</b>", 2)])

class Figure:
    def savefig(self, file, **options):
        file.write(base64.b64decode(PIXEL))

chat = ChatWidget()
CALL = {"id": "call_1", "type": "function", "function": {"name": "load", "arguments": "{}"}}

@chat.on_message
def answer(messages, chat):
    first = chat.update({"role": "assistant", "content": "Load"})
    chat.update({"content": "ing", "tool_calls": [CALL]}, id=first)
    chat.update({"role": "tool", "tool_call_id": "call_1", "content": "2 rows"})
    yield f"Of {messages[-1]['content']}:"
    yield Frame()
    yield Figure()

chat"""


def test_tables_figures_and_several_messages_are_shown(notebook: Notebook) -> None:
    notebook.open(CELL, "reply = chat.ask('more')\nprint(len(chat.conversation), reply.status, reply.text[:8])")
    notebook.run(0)
    notebook.chat.send("scores")
    notebook.chat.expect_status("complete")
    expect(notebook.chat.replies).to_have_count(2)
    expect(notebook.chat.replies.first.locator(".chatwidget-text")).to_have_text("Loading")
    expect(notebook.chat.text.locator("td")).to_have_text(["0", "Ann", "1.5", "1", "<b>Bob</b>", "2"])
    expect(notebook.chat.text.locator("img[src^='data:image/png']")).to_be_visible()
    notebook.run(1)
    expect(notebook.output(1)).to_contain_text("8 complete Of more:")
