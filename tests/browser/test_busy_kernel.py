"""The chat goes on while a cell runs, and Stop reaches what a cell waits for."""

import pytest
from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

SLEEP = "import time\ntime.sleep(20)"
RUNNING = "[*]:"


@only_jupyterlab
def test_r07_a_send_streams_and_stop_stops_while_a_cell_sleeps(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply("One", " two", " three", gate=gate)
    notebook.open(chat_cell(server), SLEEP)
    notebook.run(0)
    notebook.start(1)
    chat = notebook.chat
    chat.send("Count")
    for text in ("One", "One two"):
        gate.release()
        expect(chat.text).to_have_text(text)
    chat.stop_seen_by(server)
    chat.expect_texts("Count", "One two")
    assert notebook.prompt(1).inner_text() == RUNNING
    notebook.interrupt()
    notebook.wait(1)
    assert "KeyboardInterrupt" in notebook.errors(1)


@only_jupyterlab
def test_r07_whole_turns_pass_while_a_cell_sleeps(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), SLEEP)
    notebook.run(0)
    notebook.start(1)
    chat = notebook.chat
    chat.send("Hello")
    chat.expect_texts("Hello", "You said: Hello")
    chat.expect_status("complete")
    chat.send("Again")
    chat.expect_texts("Hello", "You said: Hello", "Again", "You said: Again")
    assert notebook.prompt(1).inner_text() == RUNNING
    notebook.interrupt()
    notebook.wait(1)


SEND = """\
import asyncio
turn, next_turn = (asyncio.ensure_future(chat.ask_async(text)) for text in ("Count", "Next"))
print((await turn).status)"""


@pytest.mark.parametrize(
    ("waiting", "shown"),
    [
        (SEND, "stopped"),
        ('reply = chat.ask("Count")\nprint(reply.status)', "stopped"),
        ("%chat Count", "Stopped."),
    ],
    ids=["ask_async", "ask", "magic"],
)
def test_r06_stop_reaches_a_turn_that_a_cell_waits_for(
    notebook: Notebook, server: ModelServer, waiting: str, shown: str
) -> None:
    gate = server.gate()
    server.reply("One", " two", gate=gate)
    server.reply("Done", gate=gate)
    notebook.open(chat_cell(server), "%load_ext chatwidget", waiting)
    notebook.run(0)
    notebook.run(1)
    notebook.start(2)
    gate.release()
    chat = notebook.chat
    expect(chat.text).to_have_text("One")
    assert notebook.prompt(2).inner_text() == RUNNING
    chat.stop_seen_by(server)
    notebook.wait(2)
    expect(notebook.output(2)).to_contain_text(shown)
    # In JupyterLite Stop is read once more when the cell has ended; it was not for what runs then.
    gate.open()
    chat.expect_texts("Count", "One", *(["Next", "Done"] if waiting == SEND else []))
