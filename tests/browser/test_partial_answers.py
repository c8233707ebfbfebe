"""Answers that are late (R02), empty (R30) or cut (R31) are shown as what they are, with a way on.

They fail when `noteOf` forgets the quiet, `TurnRun.outcome` the empty, or `isPartial` says no.
"""

from playwright.sync_api import expect

from tests.browser._chat import Chat, chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer, Received, Reply, completion, raw


def cut(request: Received) -> Reply:
    """An answer whose connection is lost after its first words."""
    whole = b"".join(completion(request, ["One, two,", " three"]).parts)
    return raw(whole, drop_after=whole.index(b" three"))


def expect_ways_on(chat: Chat, *names: str) -> None:
    """Wait until exactly these buttons stand in the last reply's status."""
    expect(chat.replies.last.locator(".chatwidget-status button:visible")).to_have_text(list(names))


@only_jupyterlab
def test_r02_r30_r31_what_is_late_empty_or_cut(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run(0)
    chat = notebook.chat
    status = chat.replies.last.locator(".chatwidget-status")

    server.reply()
    chat.send("Count")
    expect(status).to_contain_text("empty answer")
    expect_ways_on(chat, "Try again")

    server.handler = cut
    chat.root.locator(".chatwidget-retry:visible").click()
    chat.expect_status("interrupted")
    chat.expect_texts("Count", "One, two,")
    expect_ways_on(chat, "Try again", "Continue")

    server.handler = lambda request: completion(request, ["three, four"], finish_reason="length")
    chat.root.locator(".chatwidget-go-on:visible").click()
    chat.expect_status("complete")
    expect(chat.messages).to_have_count(4)
    expect(chat.text).to_have_text("three, four")
    asked = server.chats[-1].json["messages"]
    assert [message["role"] for message in asked] == ["user", "assistant", "user"]
    assert asked[1]["content"] == "One, two,"
    assert asked[2]["content"].startswith("Continue")
    expect(status).to_contain_text("length limit")
    expect_ways_on(chat, "Try again", "Continue")

    gate = server.gate()
    server.reply("five", " six", gate=gate)
    chat.root.locator(".chatwidget-go-on:visible").click()
    gate.release()
    expect(chat.text).to_have_text("five")
    expect(status).to_contain_text("still waiting")
    gate.open()
    chat.expect_status("complete")
    expect(chat.text).to_have_text("five six")
    expect_ways_on(chat)
