"""Writing a message: keys, input methods, drafts, long texts."""

from playwright.sync_api import Locator, Page, expect

from tests.browser._chat import chat_cell
from tests.browser._files import allow_clipboard, copy
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

EMPTY = "from chatwidget import ChatWidget\nchat = ChatWidget()\nchat"


def problem_of(notebook: Notebook) -> Locator:
    return notebook.chat.root.locator(".chatwidget-problem")


class MainThread:
    """The time a page works. Counted is what it has the processor: a busy machine makes no task longer."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._before = self._total()

    def _total(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        seconds: float = next(each["value"] for each in metrics if each["name"] == "TaskDuration")
        return 1000 * seconds

    def lap(self) -> float:
        """Milliseconds since the last time, once all is painted."""
        next_frames(self._page)
        before, self._before = self._before, self._total()
        return self._before - before


def next_frames(page: Page) -> None:
    """Wait for what was asked of the page to be done and painted."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")


def height_of(field: Locator) -> float:
    height: float = field.evaluate("field => field.getBoundingClientRect().height")
    return height


@only_jupyterlab
def test_the_input_grows_with_its_text_to_a_limit(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    field = notebook.chat.input
    heights = []
    for lines in (1, 3, 30, 60):
        field.fill("\n".join("x" * lines))
        heights.append(height_of(field))
    assert heights[0] < heights[1] < heights[2] == heights[3] < 250
    field.fill("word " * 100)
    assert height_of(field) > heights[0]
    field.fill("")
    assert height_of(field) == heights[0]


def test_enter_belongs_to_the_input_method_while_it_composes(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    chat = notebook.chat
    session = notebook.page.context.new_cdp_session(notebook.page)
    chat.input.evaluate(
        """input => {
            window.composed = [];
            input.addEventListener("keydown", (event) => window.composed.push(event.isComposing));
        }"""
    )
    chat.input.focus()
    session.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    expect(chat.input).to_have_value("にほん")
    enter = {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    session.send("Input.dispatchKeyEvent", enter)
    assert notebook.page.evaluate("window.composed") == [True]
    session.send("Input.insertText", {"text": "日本"})
    expect(chat.input).to_have_value("日本")
    expect(chat.messages).to_have_count(0)
    chat.input.press("Enter")
    chat.expect_texts("日本", "You said: 日本")


@only_jupyterlab
def test_escape_stops_and_up_edits_the_last_question(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply("One", " two", gate=gate)
    notebook.open(chat_cell(server))
    notebook.run_all()
    chat = notebook.chat
    chat.send("Count")
    gate.release()
    expect(chat.text).to_have_text("One")
    chat.input.press("Escape")
    chat.expect_status("stopped")
    server.wait_for_disconnect()
    expect(chat.input).to_be_focused()
    chat.input.press_sequentially("a")
    chat.input.press("ArrowUp")
    expect(chat.input).to_be_focused()
    chat.input.press("Delete")
    chat.input.press("ArrowUp")
    expect(chat.messages.first.locator("textarea")).to_have_value("Count")
    expect(chat.messages.first.locator("textarea")).to_be_focused()


@only_jupyterlab
def test_the_next_question_can_be_sent_by_click_while_an_answer_comes(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply("One", gate=gate)
    notebook.open(chat_cell(server))
    notebook.run_all()
    chat = notebook.chat
    chat.send("First")
    expect(chat.root.locator(".chatwidget-stop")).to_be_visible()
    expect(chat.root.locator(".chatwidget-send")).to_be_hidden()
    chat.input.fill("Second")
    chat.root.locator(".chatwidget-send").click()
    expect(chat.root.locator('.chatwidget-queued[data-state="queued"]')).to_contain_text("Second")
    gate.open()
    chat.expect_texts("First", "One", "Second", "You said: Second")


def test_drafts_outlive_their_views_each_its_own(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "chat", "chat")
    notebook.run_all()
    for index in range(3):
        notebook.chats(index).input.fill(f"draft {index}")
    for cell in (2, 1):
        notebook.run(cell)
    for index in range(3):
        expect(notebook.chats(index).input).to_have_value(f"draft {index}")
    notebook.chats(1).input.press("Enter")
    expect(notebook.chats(1).input).to_have_value("")
    expect(notebook.chats(2).input).to_have_value("draft 2")


@only_jupyterlab
def test_a_draft_is_there_after_its_cell_was_out_of_sight(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), *["print('line\\n' * 60)"] * 4)
    notebook.run_all()
    notebook.chat.input.fill("a draft")
    notebook.cell(4).scroll_into_view_if_needed()
    next_frames(notebook.page)
    notebook.cell(0).scroll_into_view_if_needed()
    expect(notebook.chat.input).to_have_value("a draft")
    expect(notebook.chat.input).to_be_in_viewport()


@only_jupyterlab
def test_the_browser_undoes_and_redoes(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "1")
    notebook.run_all()
    field = notebook.chat.input
    allow_clipboard(notebook.page)
    copy(notebook.page, text="pasted")
    field.press_sequentially("typed ")
    field.press("Control+V")
    expect(field).to_have_value("typed pasted")
    field.press("Control+Z")
    expect(field).to_have_value("typed ")
    field.press("Control+Shift+Z")
    expect(field).to_have_value("typed pasted")
    expect(notebook.cells).to_have_count(2)


@only_jupyterlab
def test_a_megabyte_is_pasted_and_sent_at_once(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    chat, page = notebook.chat, notebook.page
    allow_clipboard(page)
    text = "    x = foo(bar)\n" * 62_000
    copy(page, text=text)
    server.reply("ok")
    chat.input.click()
    work = MainThread(page)
    page.keyboard.press("Control+V")
    chip = chat.root.locator(".chatwidget-chip")
    expect(chip).to_contain_text("Pasted text")
    assert work.lap() < 100
    page.keyboard.type("Why?")
    assert work.lap() < 100
    page.keyboard.press("Enter")
    expect(chip).to_have_count(0)
    assert server.wait_for_request().json["messages"][-1]["content"] == f"Why?\n\n{text}"


@only_jupyterlab
def test_a_long_paste_can_be_put_in_the_field_or_removed(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    chat, page = notebook.chat, notebook.page
    allow_clipboard(page)
    text = "First line\n" + "word " * 2000
    copy(page, text=text)
    chat.input.press_sequentially("Look: ")
    chip = chat.root.locator(".chatwidget-chip")
    for _ in range(2):
        chat.input.press("Control+V")
    expect(chip).to_have_count(2)
    expect(chip.first).to_contain_text("First line")
    chip.first.get_by_role("button", name="Remove").click()
    chip.locator(".chatwidget-chip-face").click()
    expect(chip).to_have_count(0)
    expect(chat.input).to_have_value(f"Look: \n{text}")
    expect(chat.input).to_be_focused()


@only_jupyterlab
def test_without_a_model_the_text_stays_and_the_reason_is_told(notebook: Notebook) -> None:
    notebook.open(EMPTY)
    notebook.run_all()
    chat = notebook.chat
    chat.input.press_sequentially("Hello")
    chat.input.press("Enter")
    expect(problem_of(notebook)).to_contain_text("no model is connected yet")
    expect(chat.input).to_have_value("Hello")
    chat.root.locator(".chatwidget-connect-demo").click()
    expect(problem_of(notebook)).to_be_hidden()
    expect(chat.input).to_have_value("Hello")
    chat.input.press("Enter")
    chat.expect_status("complete")
    expect(chat.messages.first).to_contain_text("Hello")


@only_jupyterlab
def test_no_key_reaches_the_notebook(notebook: Notebook) -> None:
    notebook.open(EMPTY, "1 + 1")
    notebook.run(0)
    chat = notebook.chat
    keys = ["d", "d", "a", "b", "Escape", "ArrowUp", "ArrowDown", "Shift+Enter", "Control+Enter", "Alt+Enter", "Enter"]
    chat.input.focus()
    for key in keys:
        notebook.page.keyboard.press(key)
    # The form sends on Enter, which is its own.
    for field in chat.root.locator(".chatwidget-connect input").all():
        field.focus()
        for key in keys[:-1]:
            notebook.page.keyboard.press(key)
    for element in (chat.root.locator(".chatwidget-handle"), chat.root.locator(".chatwidget-attach")):
        element.focus()
        for key in ("d", "d", "a", "b", "Escape", "x"):
            notebook.page.keyboard.press(key)
    notebook.run(1)
    assert notebook.count(1) == notebook.count(0) + 1
    expect(notebook.cells).to_have_count(2)
