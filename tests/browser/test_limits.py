"""What a person sees of a conversation's size: what was left out for want of room, and what all of it took."""

from playwright.sync_api import expect

from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

CHAT = """\
from chatwidget import ChatWidget
said = [{{"role": role, "content": "word " * 200}} for _ in range(5) for role in ("user", "assistant")]
chat = ChatWidget("m", base_url="{url}", api_key="k", messages=said, context_window=700, max_tokens=100)
chat"""


@only_jupyterlab
def test_what_was_left_out_and_what_all_of_it_took_are_shown(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(CHAT.format(url=server.base_url), 'chat.prices = {"m": (1000, 2000)}', "chat.trim = None")
    notebook.run(0)
    spent = notebook.chat.root.locator(".chatwidget-spent")
    expect(spent).to_be_hidden()
    notebook.chat.send("Hello")
    notebook.chat.expect_status("complete")
    expect(notebook.chat.replies.last).to_contain_text("8 older messages not sent")
    expect(spent).to_have_text("4 tokens")
    notebook.run(1)
    expect(spent).to_have_text("4 tokens · $0.0070")
    notebook.run(2)
    notebook.chat.send("Hello")
    notebook.chat.expect_status("error")
    expect(notebook.chat.replies.last).to_contain_text("Nothing was sent")
    assert len(server.chats) == 1
