"""Replies, calls and mistakes as the values of cells, in JupyterLab and in JupyterLite."""

from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook
from tests.server import ModelServer


def test_a_reply_is_shown_as_its_text(notebook: Notebook, server: ModelServer) -> None:
    server.reply("It is **bold**.")
    notebook.open(chat_cell(server), "chat.ask('How is it?') if len(chat) == 0 else None", "chat.last")
    for index in range(3):
        notebook.run(index)
    for index in (1, 2):
        expect(notebook.output(index).locator("strong")).to_have_text("bold")
        expect(notebook.output(index)).not_to_contain_text("Message")
    expect(notebook.output(0)).not_to_contain_text("<ChatWidget")


def test_a_question_that_nobody_awaits_says_so_in_its_cell(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(
        chat_cell(server),
        "chat.ask_async('Shown?')",
        "chat.ask_async('Discarded?')\nlen(chat)",
        "chat.ask_async('Discarded?')\nlen(chat)",
        "chat.stream('Streamed?')",
    )
    notebook.run(0)
    for index in range(1, 5):
        notebook.start(index)
        notebook.wait(index)
    expect(notebook.output(1)).to_contain_text(
        "chat.ask_async('Shown?') has done nothing yet: write `await chat.ask_async"
    )
    for index in (2, 3):
        expect(notebook.output(index)).to_contain_text("chat.ask_async('Discarded?') was not awaited")
        expect(notebook.output(index)).to_contain_text("0")
    expect(notebook.output(4)).to_contain_text("write `async for delta in chat.stream(...): ...`")
    assert server.chats == []


def test_a_mistake_is_one_sentence_and_sends_nothing(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(
        chat_cell(server),
        "chat.ask('Hello', key='open-sesame')",
        "chat.temperature = 0.5",
        "chat.params['temperature'] = 0.5\nchat.ask('Hello').text",
    )
    notebook.run(0)
    for index, sentence in ((1, "did you mean `chat.connect(api_key=...)`?"), (2, "chat.params['temperature'] = ...")):
        notebook.start(index)
        notebook.wait(index)
        expect(notebook.output(index)).to_contain_text(sentence)
        expect(notebook.output(index)).not_to_contain_text("chatwidget/_")
    assert server.chats == []
    notebook.run(3)
    assert server.chats[0].json["temperature"] == 0.5
