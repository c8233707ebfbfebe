"""Replies, calls and mistakes as the values of cells, in JupyterLab and in JupyterLite."""

import re

from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
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


FRAME = """\
import numpy as np
import pandas as pd
heights = np.array([3640, np.nan, 23])
towns = pd.DataFrame({"city": ["La Paz", "Oslo", "Oslo", None], "coast": [False, True, True, True]})
towns["size"] = pd.Categorical(["big", "small", "small", "small"])"""


@only_jupyterlab
def test_what_is_missing_and_frequent_is_seen_by_the_person_and_the_model(
    notebook: Notebook, server: ModelServer
) -> None:
    notebook.open(f"{FRAME}\n{chat_cell(server)}", "chat.ask('What of {towns} and {heights}?', variables=True)")
    notebook.run(0)
    notebook.run(1)
    values = notebook.chat.messages.first.locator(".chatwidget-file")
    expect(values.locator("summary")).to_have_text(
        ["towns (DataFrame, 4 rows, 3 columns)", re.compile(r"heights \(ndarray")]
    )
    for index in range(2):
        values.nth(index).locator("summary").click()
    sent = server.chats[0].json["messages"][-1]["content"]
    for index, text in (
        (0, "Missing values: city 1"),
        (0, "city: 2 distinct: Oslo (2), La Paz (1)"),
        (0, "size: 2 distinct: small (3), big (1)"),
        (0, "coast: 2 distinct: True (3), False (1)"),
        (1, "missing values: 1"),
        (1, "min 23.0, max 3640.0"),
    ):
        expect(values.nth(index)).to_contain_text(text)
        assert text in sent


@only_jupyterlab
def test_any_value_is_attached_as_braces_bring_it(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(
        f"{FRAME}\n{chat_cell(server)}",
        "chat.ask('What?', attachments=[towns['city'], heights, towns.groupby('size', observed=True)])",
        "chat.ask('And all?', attachments={'towns.csv': towns})",
    )
    for index in range(3):
        notebook.run(index)
    chips = notebook.chat.messages.first.locator(".chatwidget-file > summary")
    expect(chips).to_have_count(3)
    expect(chips.first).to_contain_text("Series")
    expect(chips.nth(1)).to_contain_text("heights (ndarray")
    expect(chips.nth(2)).to_contain_text("DataFrameGroupBy")
    values, file = (chat.json["messages"][-1]["content"] for chat in server.chats)
    assert "Oslo (2)" in values
    assert "towns.csv" in file
    assert "La Paz,False,big" in file


def test_attachments_take_values_of_the_language(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(f"heights = {{'La Paz': 3640}}\n{chat_cell(server)}", "chat.ask('What?', attachments=heights)")
    notebook.run(0)
    notebook.run(1)
    expect(notebook.chat.messages.first.locator(".chatwidget-file > summary")).to_have_text("heights (dict)")
    assert "{'La Paz': 3640}" in server.chats[0].json["messages"][-1]["content"]


def test_what_a_chat_shows_is_not_sent_with_its_cells(notebook: Notebook, server: ModelServer) -> None:
    server.reply("I remember nothing.")
    notebook.open(
        f"%load_ext chatwidget\n{chat_cell(server)}",
        "chat.context = ['cells']\nprint('seen by the model')",
        "print(chat.preview())",
        "%chat What came before?",
        "%chatt fix",
        "chat.ask('And now?').text",
    )
    for index in range(6):
        notebook.start(index)
        notebook.wait(index)
    expect(notebook.output(2)).to_contain_text("seen by the model")
    question = server.chats[1].json["messages"][-1]["content"]
    assert question.count("print('seen by the model')") == 1
    for own in ("chat.preview", "%chat What", "I remember nothing", "%chatt"):
        assert own not in question
