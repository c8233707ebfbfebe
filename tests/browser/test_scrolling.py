"""Scrolling: following at the end, staying elsewhere, and leaving the notebook's own scrolling alone."""

from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer
from tests.unit.tools._calls import call, calls

LINES = [f"Line {number}\n\n" for number in range(60)]
HISTORY = """
turn = [{"role": "user", "content": "And then?"}, {"role": "assistant", "content": "Then\\n\\nit\\n\\nwent on."}]
chat.messages = turn * 30
"""
TOOL = """
@chat.tool(approve=True)
def erase(path: str) -> str:
    "Erase a file."
    return "erased"
"""
TALL = "from IPython.display import HTML\nHTML(\"<div style='height: 3000px'>tall</div>\")"

AT_END = "element => element.scrollHeight - element.scrollTop - element.clientHeight <= 1"
# The first message in sight, and where it is.
READING = """element => {
    const edge = element.getBoundingClientRect().top;
    const article = [...element.querySelectorAll("article")].find((each) => each.getBoundingClientRect().bottom > edge);
    return [article.ariaPosInSet, Math.round(article.getBoundingClientRect().top - edge)];
}"""

# Where the arrow of the button that returns begins, and how far its text is from it.
START_OF_ARROW = "button => button.firstElementChild.getBoundingClientRect().x - button.getBoundingClientRect().x"
GAP_AFTER_ARROW = """button => {
    const [arrow, text] = [...button.children].map((each) => each.getBoundingClientRect());
    return text.left - arrow.right;
}"""

# The same, once it has been so for a while.
AT_REST = f"""async (element) => {{
    const read = {READING};
    let frames = 0;
    for (let last = read(element); frames < 20; frames++) {{
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const now = read(element);
        if (String(now) !== String(last)) frames = 0;
        last = now;
    }}
    return read(element);
}}"""


def assert_same_place(now: list[Any], before: list[Any]) -> None:
    """Assert that the same message is at the same height, as near as browsers round: one pixel."""
    assert now[0] == before[0]
    assert abs(now[1] - before[1]) <= 1


def transcript(notebook: Notebook, index: int = 0) -> Locator:
    """What scrolls, in one of the chats."""
    return notebook.chats(index).root.locator(".chatwidget-transcript")


def wheel(notebook: Notebook, target: Locator, by: int) -> None:
    """Turn the wheel over an element until it, or what is around it, has scrolled."""
    target.hover()
    before = target.evaluate("element => element.getBoundingClientRect().top - element.scrollTop")
    notebook.page.mouse.wheel(0, by)
    notebook.page.wait_for_function(
        "([element, before]) => Math.abs(element.getBoundingClientRect().top - element.scrollTop - before) > 1",
        arg=[target.element_handle(), before],
        polling=100,
    )


def scroll_up(notebook: Notebook, index: int = 0) -> list[Any]:
    """Turn the wheel until something else is read; what that is, at rest."""
    target = transcript(notebook, index)
    wheel(notebook, target, -400)
    reading: list[Any] = target.evaluate(AT_REST)
    return reading


def wait_for_end(notebook: Notebook, index: int = 0) -> None:
    """Wait until there is a transcript, and its end is in sight."""
    expect(notebook.chats(index).messages).not_to_have_count(0)
    handle = transcript(notebook, index).element_handle()
    notebook.page.wait_for_function(AT_END, arg=handle, polling=100)


def test_it_follows_at_the_end_and_stays_where_one_scrolled_to(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply(*LINES, gate=gate)
    notebook.open(chat_cell(server), HISTORY)
    notebook.run_all()
    chat = notebook.chat
    latest = chat.root.locator(".chatwidget-latest")
    chat.send("Count")
    for _ in LINES[:20]:
        gate.release()
    expect(chat.text).to_contain_text("Line 19")
    wait_for_end(notebook)
    expect(latest).to_be_hidden()
    reading = scroll_up(notebook)
    expect(latest).to_have_text("↓Jump to latest")
    for _ in LINES[20:40]:
        gate.release()
    expect(chat.text).to_contain_text("Line 39")
    assert_same_place(transcript(notebook).evaluate(READING), reading)
    expect(latest).to_have_text("↓New text: jump to latest")
    # Before the arrow, more than the padding: a dot.
    assert latest.evaluate("(button) => button.firstElementChild.offsetLeft") > 18
    latest.click()
    wait_for_end(notebook)
    expect(latest).to_be_hidden()
    expect(transcript(notebook)).to_be_focused()
    gate.open()
    chat.expect_status("complete")
    wait_for_end(notebook)


def test_sending_goes_to_the_end(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), HISTORY)
    notebook.run_all()
    wait_for_end(notebook)
    scroll_up(notebook)
    notebook.chat.send("Hello")
    expect(notebook.chat.text).to_have_text("You said: Hello")
    wait_for_end(notebook)


@only_jupyterlab
def test_the_button_that_returns_marks_new_text_with_a_dot(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply(*LINES, gate=gate)
    notebook.open(chat_cell(server), HISTORY)
    notebook.run_all()
    notebook.chat.send("Count")
    for _ in LINES[:20]:
        gate.release()
    expect(notebook.chat.text).to_contain_text("Line 19")
    wait_for_end(notebook)
    scroll_up(notebook)
    latest = notebook.chat.root.locator(".chatwidget-latest")
    expect(latest).to_have_text("↓Jump to latest")
    before = latest.evaluate(START_OF_ARROW)
    gate.release()
    expect(latest).to_have_text("↓New text: jump to latest")
    assert latest.evaluate(START_OF_ARROW) >= before + 8
    assert latest.evaluate(GAP_AFTER_ARROW) >= 4
    gate.open()


@only_jupyterlab
def test_what_a_person_opens_at_the_end_stays_in_sight(notebook: Notebook, server: ModelServer) -> None:
    server.reply({"reasoning_content": "Hm.\n" * 80}, "So it is.")
    notebook.open(chat_cell(server), HISTORY)
    notebook.run_all()
    notebook.chat.send("Why?")
    expect(notebook.chat.text).to_have_text("So it is.")
    notebook.chat.expect_status("complete")
    wait_for_end(notebook)
    summary = notebook.chat.replies.last.locator(".chatwidget-reasoning summary")
    before = summary.bounding_box()
    summary.click()
    expect(notebook.chat.replies.last.locator(".chatwidget-reasoning")).to_have_attribute("open", "")
    assert summary.bounding_box() == before


@only_jupyterlab
def test_the_end_stays_in_sight_as_the_question_whether_a_tool_may_run_goes(
    notebook: Notebook, server: ModelServer
) -> None:
    notebook.open(chat_cell(server), TOOL)
    notebook.run_all()
    chat = notebook.chat
    # In one frame the card gets smaller and the answer comes, or in two.
    for number, button in enumerate(["Allow once", "Refuse"] * 3):
        calls(server, call(0, "erase", {"path": "a.txt"}), call(1, "erases", {"path": "a.txt"}))
        server.reply(*LINES[:5], f"Erased {number}")
        chat.send("Tidy up")
        answer = chat.root.get_by_role("button", name=button, exact=True)
        expect(answer).to_be_visible()
        wait_for_end(notebook)
        answer.click()
        expect(chat.text).to_contain_text(f"Erased {number}")
        chat.expect_status("complete")
        expect(chat.root.locator(".chatwidget-latest")).to_be_hidden()
        wait_for_end(notebook)


@only_jupyterlab
def test_the_wheel_passes_on_to_the_page_at_either_end(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(TALL, chat_cell(server), HISTORY, TALL)
    notebook.run_all()
    target = transcript(notebook)
    page_position = "element => Math.round(element.getBoundingClientRect().top)"
    wait_for_end(notebook)
    target.scroll_into_view_if_needed()
    at = target.evaluate(page_position)
    scroll_up(notebook)
    assert target.evaluate(page_position) == at
    # A new turn of the wheel, which begins at the end.
    notebook.chat.root.locator(".chatwidget-latest").click()
    wait_for_end(notebook)
    wheel(notebook, target, 300)
    assert target.evaluate(page_position) < at
    target.press("Home")
    notebook.page.wait_for_function("element => element.scrollTop === 0", arg=target.element_handle(), polling=100)
    at = target.evaluate(page_position)
    wheel(notebook, target, -200)
    assert target.evaluate(page_position) > at


@only_jupyterlab
def test_new_text_does_not_scroll_the_page(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply(*LINES, gate=gate)
    notebook.open(chat_cell(server), HISTORY, TALL)
    notebook.run_all()
    notebook.chat.send("Count")
    gate.release()
    expect(notebook.chat.text).to_have_text("Line 0")
    notebook.output(2).scroll_into_view_if_needed()
    page = notebook.page.locator(".jp-WindowedPanel-outer").first
    at = page.evaluate("element => element.scrollTop")
    gate.open()
    notebook.chat.expect_status("complete")
    assert page.evaluate("element => element.scrollTop") == at


@only_jupyterlab
def test_the_place_is_kept_while_the_output_is_hidden_or_off_the_page(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), HISTORY)
    notebook.run_all()
    wait_for_end(notebook)
    reading = scroll_up(notebook)
    target = transcript(notebook)
    handle = target.element_handle()
    notebook.cell(0).locator(".jp-OutputCollapser").click()
    expect(target).to_be_hidden()
    notebook.cell(0).locator(".jp-OutputPlaceholder").click()
    expect(target).to_be_visible()
    notebook.page.wait_for_function(
        f"""([element, [number, position]]) => {{
            const [now, at] = ({READING})(element);
            return now === number && Math.abs(at - position) <= 1;
        }}""",
        arg=[handle, reading],
        polling=100,
    )
    # As the notebook does with cells that are far away.
    target.evaluate("""async (element) => {
        const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        const cell = element.closest(".jp-Cell");
        const { parentElement, nextSibling } = cell;
        cell.remove();
        await frame();
        parentElement.insertBefore(cell, nextSibling);
        await frame();
    }""")
    assert_same_place(target.evaluate(READING), reading)


@only_jupyterlab
def test_two_views_have_places_of_their_own(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "chat", HISTORY)
    notebook.run_all()
    wait_for_end(notebook, 0)
    wait_for_end(notebook, 1)
    reading = scroll_up(notebook, 0)
    notebook.chats(1).send("Hello")
    expect(notebook.chats(1).text).to_have_text("You said: Hello")
    wait_for_end(notebook, 1)
    assert_same_place(transcript(notebook, 0).evaluate(READING), reading)


@only_jupyterlab
def test_the_end_or_what_one_reads_stays_whatever_changes_size(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), HISTORY)
    notebook.run_all()
    wait_for_end(notebook)
    notebook.set_theme("JupyterLab Dark")
    # As styles come and go within a frame after a click elsewhere: what becomes shorter scrolls.
    transcript(notebook).evaluate("""element => {
        document.dispatchEvent(new PointerEvent("pointerup"));
        for (const size of ["1px", "1.1em"]) {
            element.style.fontSize = size;
            element.getBoundingClientRect();
        }
    }""")
    transcript(notebook).evaluate(AT_REST)
    assert transcript(notebook).evaluate(AT_END)
    expect(notebook.chat.root.locator(".chatwidget-latest")).to_be_hidden()
    number, position = scroll_up(notebook)
    for height in ("600px", "10px"):
        transcript(notebook).evaluate(
            "(element, height) => { element.querySelector('article').style.minHeight = height; }", height
        )
        assert_same_place(transcript(notebook).evaluate(AT_REST), [number, position])
