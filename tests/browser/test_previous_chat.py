"""A cell that runs again offers to bring back its conversation: from this kernel, from the page, from the file."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser._chat import Chat, chat_cell
from tests.browser._notebook import Notebook, in_notebook_7_too, only_jupyterlab
from tests.browser.test_keeping import reload_with_state, save_state
from tests.server import ModelServer

TALK = ["Hello", "You said: Hello"]


def offer(chat: Chat) -> Locator:
    """The button that brings the messages back."""
    return chat.root.get_by_role("button", name="Bring back")


def talk(notebook: Notebook, *cells: str) -> None:
    """Make a chat, and say something in it."""
    notebook.open(*cells)
    notebook.run(0)
    notebook.chat.send("Hello")
    notebook.chat.expect_texts(*TALK)
    notebook.chat.expect_status("complete")


def expect_to_go_on(chat: Chat, server: ModelServer) -> None:
    """The conversation is whole, for the model too."""
    chat.expect_texts(*TALK)
    expect(offer(chat)).to_have_count(0)
    expect(chat.input).to_be_focused()
    chat.send("More")
    chat.expect_texts(*TALK, "More", "You said: More")
    assert [message["content"] for message in server.chats[-1].json["messages"]] == [*TALK, "More"]


@in_notebook_7_too
def test_a_cell_that_runs_again_brings_its_messages_back(notebook: Notebook, server: ModelServer) -> None:
    talk(notebook, chat_cell(server))
    notebook.run(0)
    expect(notebook.chat.messages).to_have_count(0)
    expect(offer(notebook.chat)).to_have_text("Bring back the 2 messages from before")
    offer(notebook.chat).click()
    expect_to_go_on(notebook.chat, server)
    # Once more, with one key; meanwhile nothing was said in the chat between.
    notebook.run(0)
    expect(offer(notebook.chat)).to_have_text("Bring back the 4 messages from before")
    notebook.run(0)
    expect(offer(notebook.chat)).to_have_text("Bring back the 4 messages from before")
    notebook.chat.input.press("ArrowUp")
    notebook.chat.expect_texts(*TALK, "More", "You said: More")


def test_another_question_ends_the_offer_and_the_magic_and_python_bring_back_too(
    notebook: Notebook, server: ModelServer
) -> None:
    talk(notebook, chat_cell(server), "%load_ext chatwidget\n%chat -w chat restore", "chat.restore()")
    notebook.run(0)
    notebook.run(1)
    notebook.chat.expect_texts(*TALK)
    notebook.run(0)
    expect(notebook.chat.messages).to_have_count(0)
    notebook.run(2)
    notebook.chat.expect_texts(*TALK)
    notebook.run(0)
    expect(offer(notebook.chat)).to_be_visible()
    notebook.chat.send("Anew")
    notebook.chat.expect_texts("Anew", "You said: Anew")
    expect(offer(notebook.chat)).to_have_count(0)


def test_a_chat_with_messages_of_its_own_is_offered_none(notebook: Notebook, server: ModelServer) -> None:
    given = chat_cell(server).replace('api_key="k"', 'api_key="k", messages=[{"role": "user", "content": "Given"}]')
    talk(notebook, chat_cell(server), given)
    notebook.run(1)
    notebook.chats(1).expect_texts("Given")
    expect(offer(notebook.chats(1))).to_have_count(0)
    # The same variable in another cell, however, held the given one.
    notebook.run(0)
    expect(offer(notebook.chat)).to_have_text("Bring back the 2 messages from before")


@only_jupyterlab
@pytest.mark.own_page
def test_after_a_restart_the_page_gives_the_messages_back(notebook: Notebook, server: ModelServer) -> None:
    talk(notebook, chat_cell(server))
    notebook.page.get_by_role("button", name="Restart the kernel", exact=True).click()
    notebook.page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(notebook.chat.root).to_have_attribute("data-kernel", "gone")
    expect(offer(notebook.chat)).to_have_count(0)
    notebook.wait_for_kernel()
    notebook.run(0)
    expect(offer(notebook.chat)).to_have_text("Bring back the 2 messages from before")
    offer(notebook.chat).click()
    expect_to_go_on(notebook.chat, server)


@in_notebook_7_too
def test_a_draft_stays_when_its_cell_runs_again(notebook: Notebook, server: ModelServer) -> None:
    talk(notebook, chat_cell(server))
    notebook.chat.input.fill("Not yet")
    notebook.run(0)
    expect(offer(notebook.chat)).to_be_visible()
    expect(notebook.chat.input).to_have_value("Not yet")
    expect(notebook.chat.input).not_to_be_focused()
    offer(notebook.chat).click()
    notebook.chat.expect_texts(*TALK)
    expect(notebook.chat.input).to_have_value("Not yet")
    # Once sent, it is not put back again.
    notebook.chat.input.press("Enter")
    notebook.chat.expect_texts(*TALK, "Not yet", "You said: Not yet")
    notebook.run(0)
    expect(offer(notebook.chat)).to_be_visible()
    expect(notebook.chat.input).to_have_value("")


@only_jupyterlab
@pytest.mark.own_page
def test_a_saved_view_gives_its_messages_to_the_chat_in_its_cell(notebook: Notebook, server: ModelServer) -> None:
    notebook.page.route(re.compile(r"/lab/api/settings\?\d"), save_state)
    talk(notebook, chat_cell(server))
    notebook.save()
    notebook.shut_down_kernel()
    reload_with_state(notebook)
    notebook.chat.expect_texts(*TALK)
    notebook.run(0)
    expect(offer(notebook.chat)).to_have_text("Bring back the 2 messages from before")
    notebook.chat.input.press("ArrowUp")
    expect_to_go_on(notebook.chat, server)
