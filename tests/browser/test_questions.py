"""Questions from Python with values, and answers of a form, in JupyterLab and in JupyterLite."""

from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook
from tests.server import ModelServer

SCHEMA = '{"type": "object", "required": ["size"]}'


def test_values_go_out_and_objects_come_back(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(
        f"{chat_cell(server)}\n%load_ext chatwidget\nturns = []\nend = chat.on('turn', turns.append)",
        "city, sizes = 'Oslo', {'now': 7}",
        "%%chat -o said\nHow big is {city}, {sizes['now']}? Keep \\{this} and {'a': 1}.",
        "print(said, chat.preview('{city.upper()}'))",
        f"print(chat.ask('size', response_format={SCHEMA}).parsed['size'])",
        "async for delta in chat.stream('one two', attachments=[b'\\x89PNG']):\n    print(end=delta.content + '|')",
        "print([str(reply.status) for reply in turns], chat.usage.total_tokens)",
        "open('notes.txt', 'w').write('some notes')\nchat.context = ['cells', 'city', 'notes.txt']\n"
        "turns.append(chat.ask('with that'))",
    )
    for index in range(4):
        notebook.run(index)
    question = "How big is Oslo, 7? Keep {this} and {'a': 1}."
    expect(notebook.output(3)).to_contain_text(f"You said: {question} OSLO")
    assert server.chats[0].json["messages"][0]["content"] == question
    server.reply('{"size": 7}')
    notebook.run(4)
    expect(notebook.output(4)).to_contain_text("7")
    notebook.run(5)
    expect(notebook.output(5)).to_contain_text("You| said:| one| two|")
    assert [part["type"] for part in server.chats[2].json["messages"][-1]["content"]] == ["text", "image_url"]
    notebook.run(6)
    expect(notebook.output(6)).to_contain_text("['complete', 'complete', 'complete']")
    notebook.run(7)
    context, _, asked = server.chats[-1].json["messages"][-1]["content"].partition("The question:")
    assert asked.strip() == "with that"
    assert "city, sizes = 'Oslo', {'now': 7}" in context
    # Nor is what only shows a chat.
    assert "total_tokens" not in context
    assert "['complete', 'complete', 'complete']" not in context
    assert "`city`: Oslo" in context
    assert "some notes" in context
    assert "%%chat" not in context


LISTENERS = """\
import asyncio
refused, heard = [], []
def asks(reply):
    try:
        chat.ask("from the listener")
    except RuntimeError as error:
        refused.append(type(error).__name__)
async def later(reply):
    await asyncio.sleep(0.01)
    heard.append(reply.text)
ends = chat.on("turn", asks), chat.on("turn", later)
"""


def test_a_listener_that_asks_is_refused_and_an_async_one_has_run(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), LISTENERS, 'reply = chat.ask("Hello")\nprint(refused, heard, len(chat.messages))')
    for index in range(3):
        notebook.run(index)
    expect(notebook.output(2)).to_have_text("['CannotWaitError'] ['You said: Hello'] 2")
    assert len(server.chats) == 1
