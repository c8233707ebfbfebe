"""`%chat` and `%%chat` talk in the notebook's one conversation."""

import re

from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook
from tests.server import ModelServer


def test_a_question_is_answered_below_its_cell_and_in_the_chat(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "%load_ext chatwidget", "%chat Hello there", "%%chat\nAnd\nthen?")
    notebook.run_all()
    expect(notebook.output(2)).to_contain_text("You said: Hello there")
    expect(notebook.output(3)).to_contain_text(re.compile(r"You said: And\s+then\?"))
    assert [message["content"] for message in server.chats[1].json["messages"]] == [
        "Hello there",
        "You said: Hello there",
        "And\nthen?",
    ]
    notebook.chat.expect_texts("Hello there", "You said: Hello there", "And\nthen?", "You said: And\nthen?")


def test_a_question_may_end_in_a_question_mark(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "%load_ext chatwidget", "%chat What now?")
    notebook.run_all()
    expect(notebook.output(2)).to_contain_text("You said: What now?")


def test_the_answer_streams_below_the_cell_while_it_runs(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply("One", " two", " three", gate=gate)
    notebook.open(chat_cell(server), "%load_ext chatwidget", "%chat Count")
    notebook.run(0)
    notebook.run(1)
    notebook.start(2)
    for text in ("One", "One two"):
        gate.release()
        expect(notebook.output(2)).to_contain_text(text)
        expect(notebook.chat.text).to_have_text(text)
        expect(notebook.prompt(2)).to_have_text("[*]:")
    gate.open()
    notebook.wait(2)
    expect(notebook.output(2)).to_contain_text("One two three")


def test_the_magic_alone_shows_the_chat(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "%load_ext chatwidget", "%chat Hello", "%chat")
    notebook.run_all()
    for index in range(2):
        notebook.chats(index).expect_texts("Hello", "You said: Hello")
    notebook.chats(1).send("Again")
    notebook.chats(0).expect_texts("Hello", "You said: Hello", "Again", "You said: Again")
