"""What can be done with messages: copied, edited, answered again, deleted, switched between versions."""

import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser._chat import Chat, chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.gallery._states import picture
from tests.server import ModelServer

PIXEL = picture(3, 2)


def opened(notebook: Notebook, server: ModelServer, *more: str) -> Chat:
    """A chat, with cells below it that wait to be run."""
    notebook.open(chat_cell(server), *more)
    notebook.run(0)
    return notebook.chat


def answered(notebook: Notebook, server: ModelServer, *questions: str) -> Chat:
    """A chat in which these questions have got the default answers."""
    chat = opened(notebook, server)
    ask(chat, *questions)
    return chat


def ask(chat: Chat, *questions: str) -> None:
    for question in questions:
        chat.send(question)
        expect(chat.text).to_have_text(f"You said: {question}")
        chat.expect_status("complete")


def action(message: Locator, name: str) -> Locator:
    message.hover()
    return message.get_by_role("toolbar", name="Actions").get_by_role("button", name=name, exact=True)


def editor(chat: Chat) -> Locator:
    return chat.root.get_by_role("textbox", name="Edit the message")


def version(message: Locator, number: int, count: int) -> Locator:
    """The way between versions, as it is when this one is shown."""
    return message.get_by_role("group", name=f"Version {number} of {count}")


def asked(server: ModelServer, number: int) -> list[Any]:
    """What the messages of a request say."""
    return [message["content"] for message in server.wait_for_request(number).json["messages"]]


@only_jupyterlab
def test_the_source_of_a_message_is_copied(notebook: Notebook, server: ModelServer) -> None:
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    server.reply({"reasoning_content": "hm"}, "Some **bold** [link](https://example.org)")
    chat = opened(notebook, server)
    chat.send("Go *on*")
    chat.expect_status("complete")
    action(chat.replies.last, "Copy").click()
    expect(action(chat.replies.last, "Copied")).to_be_visible()
    expect(chat.replies.last.get_by_role("status")).to_have_text("Copied")
    read = "() => navigator.clipboard.readText()"
    assert notebook.page.evaluate(read) == "Some **bold** [link](https://example.org)"
    expect(action(chat.replies.last, "Copy")).to_be_visible()
    action(chat.messages.first, "Copy").click()
    expect(action(chat.messages.first, "Copied")).to_be_visible()
    assert notebook.page.evaluate(read) == "Go *on*"


def test_a_question_is_edited_and_asked_again(notebook: Notebook, server: ModelServer) -> None:
    chat = answered(notebook, server, "first", "second")
    action(chat.messages.first, "Edit").click()
    field = editor(chat)
    expect(field).to_be_focused()
    expect(field).to_have_value("first")
    expect(chat.messages.first.locator(".chatwidget-text")).to_be_hidden()
    field.press("End")
    field.press("Shift+Enter")
    notebook.page.keyboard.type("more")
    press_composing(field, "Enter")
    expect(field).to_have_value("first\nmore")
    field.press("Enter")
    expect(chat.input).to_be_focused()
    chat.expect_texts("first\nmore", "You said: first\nmore")
    assert asked(server, 3) == ["first\nmore"]

    group = version(chat.messages.first, 2, 2)
    expect(group).to_contain_text("2/2")
    group.get_by_role("button", name=re.compile("^Previous version")).click()
    chat.expect_texts("first", "You said: first", "second", "You said: second")
    expect(version(chat.messages.first, 1, 2)).to_be_visible()


def press_composing(field: Locator, key: str) -> None:
    """Press a key that an input method takes for itself."""
    field.evaluate(
        """(field, key) => field.dispatchEvent(
            new KeyboardEvent("keydown", { key, isComposing: true, bubbles: true, cancelable: true }))""",
        key,
    )


@only_jupyterlab
def test_an_edit_is_given_up_with_escape(notebook: Notebook, server: ModelServer) -> None:
    chat = answered(notebook, server, "first")
    edit = action(chat.messages.first, "Edit")
    edit.click()
    editor(chat).fill("other")
    editor(chat).press("Escape")
    expect(editor(chat)).to_have_count(0)
    expect(edit).to_be_focused()
    chat.expect_texts("first", "You said: first")
    edit.press("Enter")
    expect(editor(chat)).to_have_value("first")
    editor(chat).fill(" ")
    expect(chat.messages.first.get_by_role("button", name="Send")).to_be_disabled()
    chat.messages.first.get_by_role("button", name="Cancel").click()
    expect(edit).to_be_focused()
    assert len(server.chats) == 1


@only_jupyterlab
def test_an_edit_keeps_what_was_attached(notebook: Notebook, server: ModelServer) -> None:
    parts = [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
    chat = opened(notebook, server, f"chat.messages = [{{'role': 'user', 'content': {parts!r}}}]")
    notebook.run(1)
    action(chat.messages.first, "Edit").click()
    expect(chat.messages.first.get_by_role("button", name="Enlarge the image")).to_be_visible()
    editor(chat).fill("Who?")
    chat.messages.first.get_by_role("button", name="Send").click()
    chat.expect_status("complete")
    assert asked(server, 1) == [[{"type": "text", "text": "Who?"}, parts[1]]]
    expect(chat.messages.first.get_by_role("button", name="Enlarge the image")).to_be_visible()


@only_jupyterlab
def test_the_up_key_edits_the_last_question(notebook: Notebook, server: ModelServer) -> None:
    chat = answered(notebook, server, "first", "second")
    chat.input.press("ArrowUp")
    expect(editor(chat)).to_be_focused()
    expect(editor(chat)).to_have_value("second")
    editor(chat).fill("third")
    editor(chat).press("Enter")
    chat.expect_texts("first", "You said: first", "third", "You said: third")


def test_an_answer_is_given_again_and_both_stay(notebook: Notebook, server: ModelServer) -> None:
    server.reply("One")
    server.reply("Two")
    server.reply("Three")
    chat = opened(notebook, server)
    chat.send("Count")
    chat.expect_texts("Count", "One")
    for text in ("Two", "Three"):
        chat.expect_status("complete")
        action(chat.replies.last, "Answer again").click()
        chat.expect_texts("Count", text)
    chat.expect_status("complete")
    assert asked(server, 3) == ["Count"]

    back = chat.replies.last.get_by_role("button", name=re.compile("^Previous version"))
    forward = chat.replies.last.get_by_role("button", name=re.compile("^Next version"))
    expect(forward).to_have_attribute("aria-disabled", "true")
    back.press("Enter")
    chat.expect_texts("Count", "Two")
    expect(back).to_be_focused()
    expect(back).to_have_accessible_name("Previous version (2 of 3 is shown)")
    notebook.page.keyboard.press("ArrowLeft")
    chat.expect_texts("Count", "One")
    expect(back).to_be_focused()
    expect(back).to_have_attribute("aria-disabled", "true")
    notebook.page.keyboard.press("ArrowLeft")
    notebook.page.keyboard.press("ArrowRight")
    chat.expect_texts("Count", "Two")
    expect(forward).to_be_focused()


@only_jupyterlab
def test_a_message_is_deleted_with_all_that_follows(notebook: Notebook, server: ModelServer) -> None:
    chat = answered(notebook, server, "first", "second")
    action(chat.messages.nth(2), "Delete from here on").click()
    chat.expect_texts("first", "You said: first")
    expect(chat.input).to_be_focused()
    ask(chat, "third")
    assert asked(server, 3) == ["first", "You said: first", "third"]


@only_jupyterlab
def test_the_actions_are_one_stop_for_the_tab_key(notebook: Notebook, server: ModelServer) -> None:
    chat = answered(notebook, server, "first")
    names = ["Copy", "Edit", "Delete from here on"]
    toolbar = chat.messages.first.get_by_role("toolbar", name="Actions")
    expect(toolbar.get_by_role("button")).to_have_count(len(names))
    chat.root.get_by_role("region", name="Conversation").focus()
    for name in (*names, names[0]):
        notebook.page.keyboard.press("Tab" if name == names[0] and not focused(toolbar) else "ArrowRight")
        expect(toolbar.get_by_role("button", name=name)).to_be_focused()
    expect(toolbar).to_have_css("opacity", "1")
    notebook.page.keyboard.press("Tab")
    expect(chat.replies.last.get_by_role("button", name="Copy")).to_be_focused()


def focused(toolbar: Locator) -> bool:
    return toolbar.evaluate("toolbar => toolbar.contains(document.activeElement)")


@only_jupyterlab
def test_what_cannot_be_done_is_not_offered(notebook: Notebook, server: ModelServer) -> None:
    chat = answered(notebook, server, "first")
    gate = server.gate()
    server.reply("One", " two", gate=gate)
    chat.send("second")
    gate.release()
    expect(chat.text).to_have_text("One")
    expect(chat.replies.last.get_by_role("toolbar")).to_have_count(0)
    expect(chat.replies.first.get_by_role("toolbar")).to_have_count(1)
    action(chat.messages.nth(2), "Edit").click()
    editor(chat).fill("third")
    editor(chat).press("Enter")
    server.wait_for_disconnect()
    chat.expect_texts("first", "You said: first", "third", "You said: third")


@only_jupyterlab
def test_the_page_does_not_jump_when_actions_appear(notebook: Notebook, server: ModelServer) -> None:
    chat = answered(notebook, server, "first", "second")
    heights = "root => [...root.querySelectorAll('article')].map(each => each.getBoundingClientRect().height)"
    chat.input.hover()
    before = chat.root.evaluate(heights)
    chat.messages.first.hover()
    expect(chat.messages.first.get_by_role("toolbar")).to_have_css("opacity", "1")
    assert chat.root.evaluate(heights) == before
