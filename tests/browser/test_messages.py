"""What messages are made of besides their text: reasoning, tool calls, images, files, where they stand."""

import base64
import json
import re
from typing import Any

from playwright.sync_api import Locator, Route, expect

from tests.browser._chat import Chat, chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.gallery._states import picture
from tests.server import ModelServer

PIXEL = picture(3, 2)
LONG = "\n".join(f"line {number}" for number in range(100))


def opened(notebook: Notebook, server: ModelServer, *more: str) -> Chat:
    """A chat, with cells below it that wait to be run."""
    notebook.open(chat_cell(server), *more)
    notebook.run(0)
    return notebook.chat


def loaded(notebook: Notebook, server: ModelServer, *messages: dict[str, Any]) -> Chat:
    """A chat with these messages."""
    chat = opened(notebook, server, f"import json\nchat.messages = json.loads({json.dumps(json.dumps(messages))})")
    notebook.run(1)
    return chat


def reasoning(chat: Chat) -> Locator:
    return chat.replies.last.locator(".chatwidget-reasoning")


def cards(chat: Chat) -> Locator:
    return chat.root.locator(".chatwidget-call")


def part(card: Locator, name: str) -> Locator:
    """The arguments or the result."""
    return card.locator(".chatwidget-section").filter(has=card.page.locator("summary", has_text=name))


def expect_loaded(image: Locator) -> None:
    expect(image).to_have_js_property("naturalWidth", 3)


def calling(*calls: tuple[str, str, str], text: str = "") -> dict[str, Any]:
    """A message that calls tools: an id, a name and arguments each."""
    return {
        "role": "assistant",
        "content": text,
        "tool_calls": [
            {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}
            for id_, name, arguments in calls
        ],
    }


def result(id_: str, content: object) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": id_, "content": content}


def test_reasoning_is_folded_streams_and_tells_its_time(notebook: Notebook, server: ModelServer) -> None:
    thoughts = [{"reasoning_content": text} for text in ("First, *look*.", "\n\nThen, ", "`think`.")]
    gate = server.gate()
    server.reply(*thoughts, "Done.", gate=gate)
    chat = opened(notebook, server, "chat")
    chat.send("Go on")
    gate.release()
    summary = reasoning(chat).locator("summary")
    expect(summary).to_contain_text("Thinking…")
    expect(summary).to_contain_text("First, look.")
    expect(reasoning(chat).locator("em")).to_be_hidden()
    summary.click()
    expect(reasoning(chat).locator("em")).to_have_text("look")
    gate.release(2)
    expect(reasoning(chat).locator("code")).to_have_text("think")
    expect(chat.text).to_be_hidden()
    gate.open()
    chat.expect_status("complete")
    expect(summary).to_have_text(re.compile(r"Thought for \d+ s"))
    expect(reasoning(chat)).to_have_attribute("open", "")
    expect(chat.text).to_have_text("Done.")
    summary.press("Enter")
    expect(reasoning(chat).locator("code")).to_be_hidden()
    notebook.run(1)
    expect(reasoning(notebook.chats(1)).locator("summary")).to_have_text(re.compile(r"Thought for \d+ s"))


@only_jupyterlab
def test_a_tool_call_shows_its_arguments_as_they_come(notebook: Notebook, server: ModelServer) -> None:
    def delta(arguments: str, **more: object) -> dict[str, Any]:
        return {"tool_calls": [{"index": 0, "function": {"arguments": arguments, **more}}]}

    gate = server.gate()
    server.reply(delta('{"city": ', name="get_weather"), delta('"La Paz"}'), finish_reason="tool_calls", gate=gate)
    chat = opened(notebook, server)
    chat.send("Weather?")
    gate.release()
    card = cards(chat)
    expect(card).to_have_accessible_name("Tool call: get_weather, being written…")
    expect(card).to_contain_text("being written…")
    expect(part(card, "Arguments").locator("code")).to_have_text('{"city": ')
    gate.open()
    chat.expect_status("complete")
    expect(card).to_contain_text("waiting for its result")
    expect(part(card, "Arguments").locator("code")).to_have_text('{\n  "city": "La Paz"\n}')


def test_results_stand_with_their_calls(notebook: Notebook, server: ModelServer) -> None:
    chat = loaded(
        notebook,
        server,
        {"role": "user", "content": "Weather?"},
        calling(("1", "weather", '{"n": 12345678901234567890}'), ("2", "news", ""), ("3", "clock", "not JSON")),
        result("2", LONG),
        result("1", '{"sky":"clear"}'),
        result("9", "of no call"),
        {"role": "assistant", "content": "Clear."},
    )
    expect(cards(chat)).to_have_count(3)
    first, second, third = (cards(chat).nth(index) for index in range(3))
    expect(first).to_contain_text("done")
    expect(part(first, "Arguments").locator("code")).to_have_text('{\n  "n": 12345678901234567890\n}')
    expect(part(first, "Result").locator("code")).to_have_text('{\n  "sky": "clear"\n}')
    expect(part(second, "Arguments")).to_be_hidden()
    expect(third).to_contain_text("not run")
    expect(part(third, "Arguments").locator("code")).to_have_text("not JSON")
    expect(chat.messages).to_have_count(4)
    expect(chat.messages.nth(2)).to_have_attribute("data-role", "tool")

    second.locator(".chatwidget-call-head").click()
    long = part(second, "Result")
    expect(long.locator("pre")).to_be_hidden()
    long.locator("summary").click()
    text = long.locator("pre")
    expect(text).to_contain_text("line 99")
    assert text.evaluate("text => text.scrollHeight > text.clientHeight")


@only_jupyterlab
def test_calls_with_the_same_id_or_none_take_their_results_in_order(notebook: Notebook, server: ModelServer) -> None:
    chat = loaded(
        notebook,
        server,
        {"role": "user", "content": "Twice"},
        calling(("x", "a", ""), ("x", "b", "")),
        result("x", "one"),
        result("x", "two"),
    )
    expect(part(cards(chat).nth(0), "Result")).to_contain_text("one")
    expect(part(cards(chat).nth(1), "Result")).to_contain_text("two")


@only_jupyterlab
def test_a_tool_has_the_title_its_developer_gave(notebook: Notebook, server: ModelServer) -> None:
    title = "Deleting a **file** <img src=x onerror=alert(1)>"
    chat = loaded(
        notebook, server, {"role": "user", "content": "Go"}, calling(("1", "delete_file", ""), ("2", "a\u202eb", ""))
    )
    notebook.cell(1).locator(".cm-content").fill(f"chat.tool_titles = {{'delete_file': {title!r}}}")
    notebook.run(1)
    head = cards(chat).first.locator(".chatwidget-call-head")
    expect(head.locator("strong")).to_have_text("file")
    expect(head).to_contain_text("<img src=x onerror=alert(1)>")
    expect(head.locator("code")).to_have_text("delete_file")
    expect(cards(chat).last.locator(".chatwidget-call-head code")).to_have_text("a[U+202E]b")


@only_jupyterlab
def test_a_person_is_asked_whether_a_tool_may_run_and_answers_by_keyboard(
    notebook: Notebook, server: ModelServer
) -> None:
    messages = [{"role": "user", "content": "Go"}, calling(("1", "delete_file", json.dumps({"text": LONG})))]
    asked = "chat._runner.submit(chat._chat.session.approvals.ask('1'))"
    chat = opened(notebook, server, f"chat.messages = {messages!r}\nasked = {asked}", "print(asked.result(10))")
    notebook.run(1)
    question = cards(chat).get_by_role("group", name="Approval")
    expect(question).to_contain_text("Run this tool?")
    expect(cards(chat)).to_contain_text("waiting for approval")
    expect(part(cards(chat), "Arguments").locator("pre")).to_be_visible()
    question.get_by_role("textbox", name="Reason (optional)").fill("too risky")
    question.get_by_role("button", name="Refuse").press("Enter")
    expect(question).to_be_hidden()
    expect(cards(chat)).to_be_focused()
    notebook.run(2)
    expect(notebook.output(2)).to_contain_text("('refuse', 'too risky')")


@only_jupyterlab
def test_images_are_small_and_enlarged_on_a_click(notebook: Notebook, server: ModelServer) -> None:
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
    chat = loaded(notebook, server, {"role": "user", "content": parts})
    enlarge = chat.messages.get_by_role("button", name="Enlarge the image")
    expect(chat.messages.locator(".chatwidget-text")).to_have_text("What is this?")
    enlarge.click()
    dialog = chat.root.get_by_role("dialog", name="Image")
    expect(dialog.get_by_role("img")).to_be_visible()
    notebook.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(enlarge).to_be_focused()
    enlarge.press("Enter")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    expect(enlarge).to_be_focused()


@only_jupyterlab  # in JupyterLite, requests go by a worker where no test sees them
def test_images_from_elsewhere_wait_for_a_click(notebook: Notebook, server: ModelServer) -> None:
    asked: list[str | None] = []

    def give(route: Route) -> None:
        asked.append(route.request.headers.get("referer"))
        route.fulfill(content_type="image/png", body=base64.b64decode(PIXEL.partition(",")[2]))

    urls = [f"{server.url}/cat.png", f"{server.url}/missing.png", "javascript:alert(1)", "data:image/svg+xml,<svg/>"]
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    chat = loaded(notebook, server, {"role": "user", "content": parts})
    notebook.page.route("**/cat.png", give)
    notebook.page.route("**/missing.png", lambda route: route.fulfill(status=404))
    host = server.url.removeprefix("http://")
    load = chat.messages.get_by_role("button", name=f"Load image from {host}")
    expect(load).to_have_count(2)
    expect(chat.messages.get_by_text("Images of this type are not shown")).to_have_count(2)
    assert chat.messages.locator("img").count() == 0
    assert asked == []
    load.last.click()
    expect(chat.messages).to_contain_text(f"No image could be loaded from {host}.")
    load.press("Enter")
    expect_loaded(chat.messages.locator("img"))
    expect(chat.messages.get_by_role("button", name="Enlarge the image")).to_be_focused()
    assert asked == [None]


@only_jupyterlab  # in JupyterLite, requests go by a worker where no test sees them
def test_images_in_an_answer_wait_for_a_click_too(notebook: Notebook, server: ModelServer) -> None:
    asked: list[str | None] = []

    def give(route: Route) -> None:
        asked.append(route.request.headers.get("referer"))
        route.fulfill(content_type="image/png", body=base64.b64decode(PIXEL.partition(",")[2]))

    server.reply(f"Here: ![a cat]({server.url}/cat.png) and [no image]({server.url}/other)\n\nThat is all.")
    chat = opened(notebook, server)
    notebook.page.route("**/cat.png", give)
    chat.send("Show me")
    chat.expect_status("complete")
    link = chat.text.get_by_role("link").first
    expect(link).to_have_text(f"🖼 a cat ({server.url.removeprefix('http://')})")
    load = chat.text.get_by_role("button", name="Load the image")
    expect(load).to_have_count(1)
    assert asked == []
    load.click()
    expect_loaded(chat.text.locator("img"))
    expect(chat.text.get_by_role("button", name="Enlarge the image")).to_be_focused()
    assert asked == [None]


@only_jupyterlab
def test_files_are_named_and_their_text_is_folded(notebook: Notebook, server: ModelServer) -> None:
    parts = [
        {"type": "text", "text": "Look"},
        {"type": "text", "text": "data.csv:\n```\na,b\n1,2\n```"},
        {"type": "file", "file": {"filename": "<b>.pdf", "file_data": "data:application/pdf;base64," + "AAAA" * 1000}},
        {"type": "input_audio", "input_audio": {"data": "AAAA" * 2000, "format": "wav"}},
        {"type": "video_url", "video_url": {"url": "https://example.org"}},
    ]
    chat = loaded(notebook, server, {"role": "user", "content": parts})
    expect(chat.messages.locator(".chatwidget-text")).to_have_text("Look")
    expect(chat.messages.locator(".chatwidget-part")).to_have_text(
        [re.compile(r"<b>\.pdf\s*3 kB"), re.compile(r"Sound\s*wav\s*6 kB"), re.compile(r"Attachment\s*video_url")]
    )
    file = chat.messages.locator("details", has_text="data.csv")
    expect(file.locator("pre")).to_be_hidden()
    file.locator("summary").click()
    expect(file.locator("pre")).to_have_text("a,b\n1,2")


@only_jupyterlab
def test_where_an_answer_stands_is_said(notebook: Notebook, server: ModelServer) -> None:
    chat = opened(notebook, server)
    status = chat.replies.last.locator(".chatwidget-status")
    gate = server.gate()
    server.reply("One", " two", gate=gate)
    chat.send("Count")
    expect(status).to_contain_text("Waiting for the first words…")
    gate.release()
    expect(status).to_contain_text("Answering…")
    gate.release()
    chat.stop()
    expect(status).to_contain_text("Stopped.")

    server.reply_error(400, "<b>Not</b> like this")
    status.get_by_role("button", name="Try again").click()
    expect(status).to_contain_text("<b>Not</b> like this")
    server.reply("Now", finish_reason="length")
    status.get_by_role("button", name="Try again").click()
    expect(status).to_contain_text("The answer reached its length limit.")
    expect(status.get_by_role("button", name="Continue")).to_be_visible()

    server.reply("Half", " of it", drop_after=200)
    chat.send("Once more")
    expect(status).to_contain_text("The answer was cut off.")


@only_jupyterlab
def test_what_an_answer_took_shows_on_hover_and_focus(notebook: Notebook, server: ModelServer) -> None:
    chat = opened(notebook, server)
    chat.send("Hello")
    chat.expect_status("complete")
    info = chat.replies.get_by_role("button", name=re.compile("^Details"))
    expect(info).to_have_accessible_name(
        re.compile(r"Details: test-model, 1 tokens read, 3 written, first words after .* s, .* s in all")
    )
    tip = info.locator(".chatwidget-tip")
    expect(tip).to_be_hidden()
    info.hover()
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("1 tokens read, 3 written")
    chat.input.hover()
    expect(tip).to_be_hidden()
    chat.replies.get_by_role("button", name="Copy", exact=True).focus()
    notebook.page.keyboard.press("End")
    expect(info).to_be_focused()
    expect(tip).to_be_visible()
