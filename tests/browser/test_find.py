"""Finding a text in the whole conversation: Ctrl+F in the chat, counts, matches that are folded or far away."""

from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, in_notebook_7_too, only_jupyterlab
from tests.server import ModelServer

LONG = """
chat.messages = [
    {"role": ("user", "assistant")[n % 2], "content": f"Message **{n}**, {'Naïve' if n % 1000 == 5 else 'plain'}"}
    for n in range(10_000)
]
"""
NEEDLES = """
chat.messages = [
    {"role": "system", "content": "A needle for the model"},
    {"role": "user", "content": [
        {"type": "text", "text": "Find it"},
        {"type": "text", "text": "hay.csv:\\n```\\nhay\\nneedle\\n```"},
    ]},
    {"role": "assistant", "content": "Let me see", "tool_calls": [
        {"id": "1", "type": "function", "function": {"name": "look", "arguments": '{"for": "needle"}'}},
    ]},
    {"role": "tool", "tool_call_id": "1", "content": "line\\n" * 40 + "the needle"},
    {"role": "assistant", "content": "A [nee*dle*](https://example.org/needle) in\\n```python\\nprint('needle')\\n```"},
]
"""

# The texts that are highlighted, and the current one.
HIGHLIGHTED = """() => ["chatwidget-find", "chatwidget-find-current"].map((name) =>
    [...CSS.highlights.get(name) ?? []].map(({ startContainer, startOffset, endContainer, endOffset }) => {
        const range = document.createRange();
        range.setStart(startContainer, startOffset);
        range.setEnd(endContainer, endOffset);
        return range.toString();
    }))"""

# Whether the current match is on the screen, within the transcript.
IN_SIGHT = """() => {
    const [match] = CSS.highlights.get("chatwidget-find-current") ?? [];
    if (!match) return false;
    const range = document.createRange();
    range.setStart(match.startContainer, match.startOffset);
    range.setEnd(match.endContainer, match.endOffset);
    const [place] = range.getClientRects();
    const view = document.querySelector(".chatwidget-transcript").getBoundingClientRect();
    return Boolean(place) && place.top >= view.top && place.bottom <= view.bottom;
}"""

# How long the page was blocked at most, in milliseconds, until all was counted.
BLOCKED = """async () => {
    const count = document.querySelector(".chatwidget-find-count");
    let [last, longest] = [performance.now(), 0];
    while (!count.textContent.endsWith(" of 10")) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
    }
    return longest;
}"""


def bar(notebook: Notebook) -> Locator:
    """The find bar."""
    return notebook.chat.root.get_by_role("search")


def field(notebook: Notebook) -> Locator:
    """Where the text to find is typed."""
    return bar(notebook).get_by_role("textbox")


def expect_count(notebook: Notebook, text: str) -> None:
    """Wait for the count beside the field."""
    expect(bar(notebook).locator(".chatwidget-find-count")).to_have_text(text)


def expect_in_sight(notebook: Notebook) -> None:
    """Wait until the current match is on the screen."""
    notebook.page.wait_for_function(IN_SIGHT, polling=50)


def highlighted(notebook: Notebook) -> Any:
    """The highlighted texts: all but the current one, and that."""
    return notebook.page.evaluate(HIGHLIGHTED)


@in_notebook_7_too
def test_ctrl_f_in_the_chat_finds_and_esc_gives_the_focus_back(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), 'chat.messages = [{"role": "user", "content": "One fish, two FISH"}]')
    notebook.run_all()
    expect(notebook.chat.messages).to_have_count(1)
    notebook.chat.input.press("Control+f")
    expect(field(notebook)).to_be_focused()
    expect(notebook.page.locator(".jp-DocumentSearch-overlay:visible")).to_have_count(0)
    notebook.page.keyboard.type("fish")
    expect_count(notebook, "1 of 2")
    assert highlighted(notebook) == [["FISH"], ["fish"]]
    notebook.page.keyboard.press("Enter")
    expect_count(notebook, "2 of 2")
    assert highlighted(notebook) == [["fish"], ["FISH"]]
    notebook.page.keyboard.press("Enter")
    expect_count(notebook, "1 of 2")
    notebook.page.keyboard.press("Shift+Enter")
    expect_count(notebook, "2 of 2")
    notebook.page.keyboard.press("F3")
    expect_count(notebook, "1 of 2")
    notebook.page.keyboard.press("Shift+F3")
    expect_count(notebook, "2 of 2")
    expect(bar(notebook).get_by_role("status")).to_have_text("2 of 2: One fish, two FISH")
    field(notebook).fill("cat")
    expect_count(notebook, "No matches")
    expect(bar(notebook).get_by_role("status")).to_have_text("No matches")
    assert highlighted(notebook) == [[], []]
    notebook.page.keyboard.press("Escape")
    expect(bar(notebook)).to_have_count(0)
    expect(notebook.chat.input).to_be_focused()


@only_jupyterlab
def test_a_second_ctrl_f_is_left_to_the_browser(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run(0)
    notebook.page.evaluate(
        "document.querySelector('.chatwidget').addEventListener('keydown', ({ key, defaultPrevented }) => {"
        " if (key === 'f') (window.prevented ??= []).push(defaultPrevented); })"
    )
    notebook.chat.input.press("Control+f")
    field(notebook).press("Control+f")
    assert notebook.page.evaluate("window.prevented") == [True, False]
    expect(notebook.page.locator(".jp-DocumentSearch-overlay:visible")).to_have_count(0)
    expect(field(notebook)).to_be_focused()


def test_matches_in_10000_messages_are_all_counted_and_reached(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), LONG)
    notebook.run_all()
    expect(notebook.chat.messages.last).to_contain_text("Message 9999")
    notebook.chat.input.press("Control+f")
    field(notebook).fill("NAIVE")
    assert notebook.page.evaluate(BLOCKED) < 500
    expect_count(notebook, "1 of 10")
    expect_in_sight(notebook)
    expect(notebook.chat.root.locator('article[aria-posinset="6"]')).to_be_in_viewport()
    for number in (2, 3):
        field(notebook).press("Enter")
        expect_count(notebook, f"{number} of 10")
        expect_in_sight(notebook)
    expect(notebook.chat.root.locator('article[aria-posinset="2006"]')).to_be_in_viewport()
    field(notebook).press("Shift+Enter")
    field(notebook).press("Shift+Enter")
    field(notebook).press("Shift+Enter")
    expect_count(notebook, "10 of 10")
    expect_in_sight(notebook)
    expect(notebook.chat.root.locator('article[aria-posinset="9006"]')).to_be_in_viewport()
    assert notebook.chat.messages.count() < 120


def test_what_is_folded_is_found_and_opened(notebook: Notebook, server: ModelServer) -> None:
    server.reply({"reasoning_content": "Perhaps a **nee**dle?"}, "Yes")
    notebook.open(chat_cell(server), NEEDLES)
    notebook.run_all()
    expect(notebook.chat.replies).to_have_count(2)
    notebook.chat.send("Is it there?")
    notebook.chat.expect_status("complete")
    transcript = notebook.chat.root.locator(".chatwidget-transcript")
    transcript.focus()
    transcript.press("Home")
    transcript.press("Control+f")
    field(notebook).fill("needle")
    texts = [
        "A needle for the model",
        "needle",
        '"for": "needle"',
        "the needle",
        "A needle in",
        "print('needle')",
        "Perhaps a needle?",
    ]
    for number, text in enumerate(texts, 1):
        expect_count(notebook, f"{number} of 7")
        expect_in_sight(notebook)
        expect(bar(notebook).get_by_role("status")).to_contain_text(text)
        assert highlighted(notebook)[1] == ["needle"]
        field(notebook).press("Enter")
    expect(transcript.get_by_text("Perhaps a needle?")).to_be_visible()


def test_while_an_answer_streams_the_counts_follow(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply("A **fi", "sh** and another fish. ", *["Then *water*. "] * 20, gate=gate)
    notebook.open(chat_cell(server))
    notebook.run(0)
    notebook.chat.send("Tell me of fish")
    gate.release()
    expect(notebook.chat.replies).to_have_count(1)
    notebook.chat.input.press("Control+f")
    field(notebook).fill("fish")
    expect_count(notebook, "1 of 1")
    gate.release()
    expect_count(notebook, "1 of 3")
    gate.open()
    notebook.chat.expect_status("complete")
    assert highlighted(notebook) == [["fish", "fish"], ["fish"]]


def test_the_menu_opens_it_and_selected_text_is_filled_in(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), 'chat.messages = [{"role": "user", "content": "One fish, two fish"}]')
    notebook.run_all()
    expect(notebook.chat.messages).to_have_count(1)
    notebook.chat.root.get_by_role("button", name="Conversation menu").click()
    notebook.chat.root.get_by_role("menuitem", name="Find…").click()
    expect(field(notebook)).to_be_focused()
    bar(notebook).get_by_role("button", name="Close").click()
    notebook.chat.messages.first.locator(".chatwidget-text").dblclick(position={"x": 50, "y": 12})
    word = notebook.page.evaluate("String(getSelection()).trim()")
    assert word
    notebook.page.keyboard.press("Control+f")
    expect(field(notebook)).to_have_value(word)
