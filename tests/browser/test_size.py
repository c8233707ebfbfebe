"""The height of a chat, as set and as dragged; the whole window."""

import itertools
from collections.abc import Callable

from playwright.sync_api import FloatRect, Locator, expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

COVERS = """root => {
    const [right, bottom] = [window.innerWidth - 2, window.innerHeight - 2];
    const corners = [[2, 2], [right, 2], [2, bottom], [right, bottom], [right / 2, bottom / 2]];
    return corners.every(([x, y]) => root.contains(document.elementFromPoint(x, y)));
}"""

# Elements of a view, besides those that scroll, that are cut off at its edge.
BEYOND_THE_EDGE = """root => {
    const edge = root.getBoundingClientRect().right;
    return [...root.querySelectorAll(":scope > *, button, input, .chatwidget-badge")]
        .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > edge)
        .map((each) => each.className);
}"""
NAMED = "def a_function_with_a_long_name(messages):\n    return 'Hi'\nChatWidget(a_function_with_a_long_name)"
# Pixels; the buttons of a message, 28 high, fit in.
MOST_SPACE = 44


def handle_of(notebook: Notebook) -> Locator:
    return notebook.chat.root.locator(".chatwidget-handle")


def scroller_of(notebook: Notebook) -> Locator:
    return notebook.chat.root.locator(".chatwidget-transcript")


def box_of(target: Locator) -> FloatRect:
    box = target.bounding_box()
    assert box
    return box


def height_of(notebook: Notebook) -> int:
    return round(box_of(notebook.chat.root)["height"])


def is_sized(notebook: Notebook, index: int = 0) -> bool:
    """Whether a chat has another height than its content asks for."""
    return notebook.chats(index).root.get_attribute("data-sized") is not None


def drag(notebook: Notebook, by: int) -> None:
    """Drag the handle down, or up."""
    handle = handle_of(notebook)
    handle.scroll_into_view_if_needed()
    box = box_of(handle)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = notebook.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x, y + by / 2)
    mouse.move(x, y + by)
    mouse.up()


def talk_at_length(notebook: Notebook, server: ModelServer) -> None:
    server.reply("\n\n".join(f"Paragraph {number}" for number in range(100)))
    notebook.chat.send("Talk")
    notebook.chat.expect_status("complete")


def scroll_up(notebook: Notebook) -> Callable[[], str]:
    """Scroll to the middle; what tells which paragraph is on top."""
    scroller = scroller_of(notebook)
    scroller.hover()
    notebook.page.mouse.wheel(0, -1200)
    on_top = """scroller => {
        const top = scroller.getBoundingClientRect().top;
        return [...scroller.querySelectorAll("p")].find((p) => p.getBoundingClientRect().top >= top).textContent;
    }"""

    def reads() -> str:
        text: str = scroller.evaluate(on_top)
        return text

    notebook.page.wait_for_function(
        "({ scrollHeight, scrollTop, clientHeight }) => scrollTop > 0 && scrollHeight - scrollTop - clientHeight > 900",
        arg=scroller.element_handle(),
        polling=100,
    )
    return reads


def test_from_220_pixels_on_a_view_is_whole(notebook: Notebook) -> None:
    make = "from chatwidget import ChatWidget\n"
    notebook.open(make + 'ChatWidget("demo")', make + "ChatWidget()", make + NAMED)
    notebook.run_all()
    for width in (243, 220):
        for index in range(3):
            root = notebook.chats(index).root
            root.evaluate("(element, width) => { element.parentElement.style.width = `${width}px`; }", width)
            assert root.evaluate(BEYOND_THE_EDGE) == [], (width, index)
        # A word to find can be read while it is typed.
        chat = notebook.chat
        chat.input.press("Control+f")
        field = chat.root.get_by_role("search").get_by_role("textbox")
        field.fill("nowhere")
        expect(chat.root.locator(".chatwidget-find-count")).to_have_text("No matches")
        assert chat.root.evaluate(BEYOND_THE_EDGE) == [], width
        assert box_of(field)["width"] >= 140
        field.press("Escape")


def test_turns_are_close_together(notebook: Notebook) -> None:
    messages = """[{"role": role, "content": "Hi"} for role in ("user", "assistant", "user", "assistant")]"""
    notebook.open(f'from chatwidget import ChatWidget\nchat = ChatWidget("demo")\nchat.messages = {messages}\nchat')
    notebook.run(0)
    texts = notebook.chat.messages.locator(".chatwidget-text")
    expect(texts).to_have_count(4)
    boxes = [box_of(text) for text in texts.all()]
    gaps = [after["y"] - before["y"] - before["height"] for before, after in itertools.pairwise(boxes)]
    assert max(gaps) < MOST_SPACE


@only_jupyterlab
def test_the_trait_sets_the_height(notebook: Notebook, server: ModelServer) -> None:
    source = chat_cell(server).replace('api_key="k"', 'api_key="k", height=420')
    notebook.open(source, "chat.height = '30em'", "chat.height = None")
    notebook.run(0)
    assert height_of(notebook) == 420
    box = box_of(notebook.chat.root.locator(".chatwidget-composer"))
    root = box_of(notebook.chat.root)
    assert root["y"] + root["height"] - box["y"] - box["height"] < 20
    notebook.run(1)
    expect(notebook.chat.root).to_have_css("height", "420px")
    notebook.run(2)
    expect(notebook.chat.root).not_to_have_css("height", "420px")


def test_the_handle_drags_the_height(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "chat")
    notebook.run_all()
    own = height_of(notebook)
    drag(notebook, 260)
    assert height_of(notebook) == own + 260
    expect(handle_of(notebook)).to_have_attribute("aria-valuenow", str(own + 260))
    assert not is_sized(notebook, 1)
    drag(notebook, -60)
    assert height_of(notebook) == own + 200
    handle_of(notebook).dblclick()
    assert not is_sized(notebook)
    assert height_of(notebook) == own


@only_jupyterlab
def test_the_keyboard_moves_the_handle(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "chat")
    notebook.run_all()
    own = height_of(notebook)
    handle = handle_of(notebook)
    handle.focus()
    for key in ("PageDown", "PageDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        notebook.page.keyboard.press(key)
    assert height_of(notebook) == own + 2 * 120 + 24
    expect(handle).to_have_attribute("aria-valuenow", str(own + 264))
    notebook.page.keyboard.press("Enter")
    assert height_of(notebook) == own
    notebook.page.keyboard.press("Home")
    expect(notebook.chat.root).to_have_css("height", "240px")


@only_jupyterlab
def test_a_dragged_height_outlives_its_view(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "chat")
    notebook.run_all()
    notebook.chats(1).root.locator(".chatwidget-handle").focus()
    notebook.page.keyboard.press("End")
    expect(notebook.chats(1).root).to_have_css("height", "2400px")
    notebook.run(1)
    expect(notebook.chats(1).root).to_have_css("height", "2400px")


@only_jupyterlab
def test_a_drag_keeps_the_place(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    talk_at_length(notebook, server)
    reads = scroll_up(notebook)
    before = reads()
    drag(notebook, 150)
    assert reads() == before


def test_the_full_window_covers_the_page(notebook: Notebook, server: ModelServer) -> None:
    notebook.open("1", chat_cell(server), *["2"] * 3)
    notebook.run_all()
    root = notebook.chat.root
    toggle = root.get_by_role("button", name="Full window")
    # Else the click scrolls there.
    toggle.scroll_into_view_if_needed()
    before = box_of(root)
    toggle.click()
    assert root.evaluate(COVERS)
    expect(root).to_have_role("dialog")
    notebook.chat.send("Hello")
    notebook.chat.expect_texts("Hello", "You said: Hello")
    expect(notebook.chat.input).to_be_focused()
    # Until then, Escape stops.
    expect(root).to_have_attribute("data-status", "ready")
    notebook.chat.input.press("Escape")
    expect(root.locator(".chatwidget-full")).to_have_accessible_name("Full window")
    assert not root.evaluate(COVERS)
    after = box_of(root)
    assert (after["x"], after["y"], after["width"]) == (before["x"], before["y"], before["width"])
    expect(notebook.chat.input).to_be_focused()


@only_jupyterlab
def test_the_focus_stays_in_the_full_window(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "1")
    notebook.run_all()
    root = notebook.chat.root
    toggle = root.locator(".chatwidget-full")
    toggle.click()
    expect(toggle).to_be_focused()
    for key in ["Tab"] * 8 + ["Shift+Tab"] * 16:
        notebook.page.keyboard.press(key)
        assert root.evaluate("root => root.contains(document.activeElement)")
    notebook.page.keyboard.press("Escape")
    expect(toggle).to_have_accessible_name("Full window")
    assert root.evaluate("root => root.contains(document.activeElement)")


@only_jupyterlab
def test_escape_stops_first_and_then_leaves(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply("One", " two", gate=gate)
    notebook.open(chat_cell(server))
    notebook.run_all()
    root = notebook.chat.root
    root.locator(".chatwidget-full").click()
    notebook.chat.send("Count")
    gate.release()
    expect(notebook.chat.text).to_have_text("One")
    notebook.chat.input.press("Escape")
    notebook.chat.expect_status("stopped")
    expect(root).to_have_attribute("data-status", "ready")
    assert root.evaluate(COVERS)
    notebook.chat.input.press("Escape")
    assert not root.evaluate(COVERS)


@only_jupyterlab
def test_the_place_is_kept_in_the_full_window_and_back(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    talk_at_length(notebook, server)
    reads = scroll_up(notebook)
    before = reads()
    toggle = notebook.chat.root.locator(".chatwidget-full")
    toggle.click()
    assert notebook.chat.root.evaluate(COVERS)
    assert reads() == before
    toggle.click()
    assert reads() == before


@only_jupyterlab
def test_a_cell_that_leaves_the_page_comes_back_in_its_place(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "1")
    notebook.run_all()
    root = notebook.chat.root
    notebook.chat.input.fill("a draft")
    height = height_of(notebook)
    root.locator(".chatwidget-full").click()
    # So does JupyterLab with what is out of sight, where it is set up to.
    notebook.cell(0).evaluate(
        """cell => {
            const after = cell.nextSibling;
            const { parentNode } = cell;
            cell.remove();
            parentNode.insertBefore(cell, after);
        }"""
    )
    expect(root.locator(".chatwidget-full")).to_have_accessible_name("Full window")
    assert not root.evaluate(COVERS)
    assert height_of(notebook) == height
    expect(root.locator("xpath=following-sibling::*")).to_have_count(0)
    expect(notebook.chat.input).to_have_value("a draft")
    root.locator(".chatwidget-full").click()
    assert root.evaluate(COVERS)
