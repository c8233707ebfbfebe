"""`%chat` and `%%chat` talk in the notebook's one conversation."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, in_notebook_7_too
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


def run_all(notebook: Notebook) -> None:
    """Run all cells, one of which fails."""
    notebook.page.get_by_role("menuitem", name="Run", exact=True).click()
    notebook.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


@pytest.mark.own_page  # JupyterLite's indicator does not become idle after an error in a run of all cells
@in_notebook_7_too
def test_without_a_model_the_form_is_shown_and_the_cells_below_do_not_run(
    notebook: Notebook, server: ModelServer
) -> None:
    notebook.open("%load_ext chatwidget", "%chat -o answer Hello", "print('went on')", chat_cell(server), "%chat Again")
    run_all(notebook)
    expect(notebook.output(1)).to_contain_text("NotConnectedError: No model is connected.")
    expect(notebook.output(1).locator(".chatwidget-connect")).to_be_visible()
    expect(notebook.output(1)).not_to_contain_text("Traceback")
    for index in (3, 4):
        notebook.start(index)
        notebook.wait(index)
    expect(notebook.output(4)).to_contain_text("You said: Again")
    expect(notebook.prompt(2)).to_have_text("[ ]:")


@pytest.mark.own_page  # as above
def test_an_answer_that_is_no_json_keeps_the_cells_below_from_running(notebook: Notebook, server: ModelServer) -> None:
    server.reply("I would rather not.")
    notebook.open(
        f"{chat_cell(server)}\n%load_ext chatwidget",
        "%chat -f json -o data Give me numbers",
        "print('went on')",
        "1 + 1",
    )
    run_all(notebook)
    expect(notebook.output(1)).to_contain_text("ChatError: The answer is not valid JSON")
    notebook.start(3)
    expect(notebook.output(3)).to_contain_text("2")
    expect(notebook.prompt(2)).to_have_text("[ ]:")


@in_notebook_7_too
def test_the_mended_cell_is_offered_as_the_next_cell(notebook: Notebook, server: ModelServer) -> None:
    server.reply("A name is misspelt.\n\n```python\nword = 'from ' + 'the model'\nprint(word)\n```\n\nThat is all.")
    notebook.open(
        f"{chat_cell(server)}\n%load_ext chatwidget", "print(wordd)", "%chatt fix", "%chat fix", "print('as it was')"
    )
    notebook.run(0)
    for index in (1, 2):
        notebook.start(index)
        notebook.wait(index)
    notebook.run(3)
    expect(notebook.cells).to_have_count(6)
    assert "print(wordd)" in server.chats[-1].json["messages"][-1]["content"]
    output = notebook.output(3)
    expect(output).to_contain_text("That is all.")
    expect(output.locator("details > summary")).to_have_text("Code for the next cell")
    expect(output.locator("details pre")).to_be_hidden()
    output.locator("summary").click()
    expect(output.locator("details pre")).to_contain_text("print(word)")
    notebook.run(4)
    expect(notebook.output(4)).to_have_text("from the model")
    notebook.run(5)


def test_a_reply_is_assigned_and_shown_once(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(
        f"{chat_cell(server)}\n%load_ext chatwidget", "r = %chat What's it?", "print(r.status, r.text.upper())"
    )
    notebook.run_all()
    assert notebook.output(1).inner_text().count("What's it?") == 1
    expect(notebook.output(2)).to_contain_text("complete YOU SAID: WHAT'S IT?")
