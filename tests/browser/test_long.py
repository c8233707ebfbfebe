"""Conversations of 10,000 messages: some are on the page, and all can be reached."""

from playwright.sync_api import Locator, expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

LONG = """
chat.messages = [{"role": ("user", "assistant")[n % 2], "content": f"Message **{n}**"} for n in range(10_000)]
"""
MOST = 120

FRAMES = 3
# Scrolls to a place between 0 and 1, and counts the frames until a message is in the middle of what is in sight.
FRAMES_UNTIL_SHOWN = """async (element, place) => {
    element.scrollTop = place * element.scrollHeight;
    const { left, top, width, height } = element.getBoundingClientRect();
    for (let frames = 1; frames < 300; frames++) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const shown = document.elementsFromPoint(left + width / 2, top + height / 2);
        if (shown.some((each) => each.closest("article"))) return frames;
    }
    return Infinity;
}"""


def open_long(notebook: Notebook, server: ModelServer) -> Locator:
    """A chat of 10,000 messages; what scrolls in it."""
    notebook.open(chat_cell(server), LONG)
    notebook.run_all()
    expect(notebook.chat.messages.last).to_contain_text("Message 9999")
    return notebook.chat.root.locator(".chatwidget-transcript")


def numbered(notebook: Notebook, number: int) -> Locator:
    """One message, by its place in the conversation."""
    return notebook.chat.root.locator(f'article[aria-posinset="{number}"]')


def test_r23_all_of_10000_messages_can_be_reached(notebook: Notebook, server: ModelServer) -> None:
    transcript = open_long(notebook, server)
    transcript.focus()
    transcript.press("Home")
    expect(numbered(notebook, 1)).to_be_in_viewport()
    expect(numbered(notebook, 1)).to_contain_text("Message **0**")
    expect(numbered(notebook, 2)).to_have_attribute("aria-setsize", "10000")
    assert notebook.chat.messages.count() < MOST
    transcript.press("End")
    expect(numbered(notebook, 10_000)).to_be_in_viewport()
    assert notebook.chat.messages.count() < MOST
    transcript.hover()
    for _ in range(20):
        before = notebook.chat.messages.first.get_attribute("aria-posinset")
        notebook.page.mouse.wheel(0, -1500)
        expect(notebook.chat.messages.first).not_to_have_attribute("aria-posinset", before or "")
        assert notebook.chat.messages.count() < MOST
    transcript.evaluate("element => { element.scrollTop = element.scrollHeight / 2; }")
    notebook.page.wait_for_function(
        "() => Math.abs(document.querySelector('.chatwidget article')?.ariaPosInSet - 5000) < 1000",
        polling=100,
    )


def test_wherever_the_page_scrolls_there_are_messages(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), LONG.replace("10_000", "400"))
    notebook.run_all()
    expect(numbered(notebook, 400)).to_be_in_viewport()
    transcript = notebook.chat.root.locator(".chatwidget-transcript")
    # As find-in-page and assistive technology do: without any input.
    assert transcript.evaluate(FRAMES_UNTIL_SHOWN, 0) <= FRAMES
    expect(numbered(notebook, 1)).to_be_in_viewport()
    assert transcript.evaluate(FRAMES_UNTIL_SHOWN, 0.5) <= FRAMES
    assert transcript.evaluate(FRAMES_UNTIL_SHOWN, 1) <= FRAMES
    expect(numbered(notebook, 400)).to_be_in_viewport()


@only_jupyterlab
def test_what_a_person_opened_or_writes_is_there_when_they_come_back(notebook: Notebook, server: ModelServer) -> None:
    transcript = open_long(notebook, server)
    last_question = numbered(notebook, 9999)
    last_question.hover()
    last_question.get_by_role("button", name="Edit").click()
    editor = last_question.locator("textarea")
    editor.fill("Half a thought")
    transcript.focus()
    transcript.press("Home")
    expect(numbered(notebook, 1)).to_be_in_viewport()
    expect(editor).to_have_count(1)
    transcript.press("End")
    expect(editor).to_be_in_viewport()
    expect(editor).to_have_value("Half a thought")


@only_jupyterlab
def test_earlier_messages_are_reached_without_scrolling(notebook: Notebook, server: ModelServer) -> None:
    open_long(notebook, server)
    earlier = notebook.chat.root.get_by_role("button", name="Show earlier messages")
    expect(earlier).to_be_attached()
    earlier.focus()
    earlier.press("Enter")
    focused = notebook.page.locator("article:focus")
    expect(focused).to_be_in_viewport()
    assert int(focused.get_attribute("aria-posinset") or 10_000) < 9_990


@only_jupyterlab
def test_paper_gets_all_of_it(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), LONG.replace("10_000", "500"))
    notebook.run_all()
    expect(notebook.chat.messages.last).to_contain_text("Message 499")
    notebook.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(notebook.chat.messages).to_have_count(500)
    notebook.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert notebook.chat.messages.count() < MOST


@only_jupyterlab
def test_r22_an_answer_of_10_mb_leaves_the_page_usable(notebook: Notebook, server: ModelServer) -> None:
    paragraph = "A **paragraph** of a very long answer, with `code` and a [link](https://example.org). " * 10 + "\n\n"
    server.reply(*[paragraph * 100] * (10_000_000 // (100 * len(paragraph)) + 1))
    notebook.open(chat_cell(server), "len(chat.messages[-1]['content'])")
    notebook.run(0)
    notebook.chat.send("Hello")
    expect(notebook.chat.text.locator("p").first).to_be_visible()
    notebook.chat.input.fill("Typed meanwhile")
    expect(notebook.chat.input).to_have_value("Typed meanwhile")
    notebook.chat.expect_status("complete")
    more = notebook.chat.text.get_by_role("button", name="Show more of this text")
    expect(more).to_be_visible(timeout=120_000)
    blocks = notebook.chat.text.locator(".chatwidget-block")
    before = blocks.count()
    more.click()
    expect(blocks.nth(before + 10)).to_be_attached()
    notebook.run(1)
    assert int(notebook.output(1).inner_text().split()[-1]) >= 10_000_000
