"""What a person waits for in JupyterLab: an answer, from Enter until it stands there; a long conversation.

Times are the best of several, as a busy machine makes any of them longer and none shorter.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.bench._report import Row, ms, size
from tests.bench._server import model_server
from tests.bench._trace import traced
from tests.browser._chromium import launch
from tests.browser._jupyterlab import JupyterLab
from tests.browser._notebook import Notebook

ROOT = Path(__file__).parents[2]
TIMEOUT = 30_000
TOKENS, REPEATS = 2000, 8
MOST_SECONDS, MOST_BYTES = 0.1, 25_000
MOST_LATER = 1.1
SLOW_TOKENS, SLOW_DELAY = 400, 0.01
MOST_BYTES_A_TOKEN = 160
FEW, MANY = 100, 10_000
MOST_MORE_TO_OPEN = 0.2
TURNS = 25
LONG_TASK = 50

# The same question over the same socket, the whole answer in one message, as plain text.
BARE = """\
import anywidget
from tests.bench._bare_client import BareClient
class Bare(anywidget.AnyWidget):
    _esm = '''export default { render({ model, el }) {
        const input = document.createElement("input");
        input.className = "bare-input";
        input.addEventListener("keydown", ({ key }) => key === "Enter" && model.send({}));
        el.append(input);
        model.on("msg:custom", ({ text }) => {
            const answer = document.createElement("p");
            answer.className = "bare-answer";
            answer.textContent = text;
            el.append(answer);
        });
    } }'''
bare, client = Bare(), BareClient(base_url)
def answer(*_):
    client.first_token([{"role": "user", "content": "Count"}])
    bare.send({"text": "".join(f" {n}" for n in range(tokens))})
bare.on_msg(answer)
bare"""
CHAT = """\
from chatwidget import ChatWidget
def chat_of(messages, base_url=base_url):
    turn = [{"role": "user", "content": "And **then**?"}, {"role": "assistant", "content": "Then *it* went on."}]
    return ChatWidget("test-model", base_url=base_url, api_key="k", messages=turn * (messages // 2), height="400px")"""

BARE_ANSWER = ".bare-answer"
TEXT = ".chatwidget-text"
ANSWER = f'.chatwidget-message[data-role="assistant"][data-status="complete"] {TEXT}'
# Seconds from Enter to the end of the frame that shows another last element, which ends as it should.
WATCH = """(cell, [selector, end, timeout]) => {
    const last = () => [...cell.querySelectorAll(selector)].at(-1);
    const before = last();
    window.measured = new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error(`Nothing that ends with "${end}" has come`)), timeout);
        let start;
        const isThere = () => last() && last() !== before && last().textContent.trimEnd().endsWith(end);
        const look = () => {
            if (isThere()) setTimeout(() => resolve((performance.now() - start) / 1000));
            else requestAnimationFrame(look);
        };
        const begin = ({ key }) => {
            if (key !== "Enter") return;
            removeEventListener("keydown", begin, true);
            start = performance.now();
            look();
        };
        addEventListener("keydown", begin, true);
    });
}"""


@dataclass(frozen=True)
class Asked:
    """An answer: seconds until it stood there, bytes over the comm."""

    seconds: float
    bytes: int


def answers() -> Iterator[Row]:
    """Answers flat out, and at a model's pace."""
    with _lab() as (notebook, given, browser):
        _show(notebook, given, BARE, "chat_of(0)", "chat_of(200)", "chat_of(0, slow_url)")
        # The first of each makes its connection.
        rounds = [_round(notebook) for _ in range(1 + REPEATS)][1:]
        bare, first, later = (min(asked.seconds for asked in column) for column in zip(*rounds, strict=True))
        most = max(asked.bytes for _, *ours in rounds for asked in ours)
        plain = min(asked.bytes for asked, *_ in rounds)
        what = f"{TOKENS:,} tokens flat out, Enter to rendered"
        baseline = "one message of plain text"
        yield Row(what, ms(first), f"{baseline} {ms(bare)}", first / bare, "at most 100 ms", first <= MOST_SECONDS)
        yield _late(f"{what}, after 200 messages", later, first)
        figures = size(most), f"{baseline} {size(plain)}"
        yield Row(f"{what}, comm", *figures, most / plain, "at most 25 kB", most <= MOST_BYTES)
        cost, least = _work(notebook, browser, 2, ANSWER), _work(notebook, browser, 1, BARE_ANSWER)
        yield Row(f"{what}, main thread", ms(cost), f"{baseline} {ms(least)}", cost / least)
        slow = _ask(notebook, 4, ANSWER, SLOW_TOKENS).bytes / SLOW_TOKENS
        figures = size(slow), f"flat out {size(most / TOKENS)}"
        what = "comm bytes a token to the page, 100 tokens/s"
        yield Row(what, *figures, slow * TOKENS / most, "at most 160 B", slow <= MOST_BYTES_A_TOKEN)


@contextmanager
def _lab() -> Iterator[tuple[Notebook, str, Browser]]:
    """A notebook in a browser, and the cell that all others need."""
    # The kernel is to find the bare client.
    os.environ["PYTHONPATH"] = str(ROOT)
    expect.set_options(timeout=TIMEOUT)
    with (
        tempfile.TemporaryDirectory() as folder,
        model_server(TOKENS) as base_url,
        model_server(SLOW_TOKENS, SLOW_DELAY) as slow_url,
        JupyterLab(Path(folder)) as lab,
        sync_playwright() as playwright,
        launch(playwright) as browser,
        browser.new_page(viewport={"width": 1280, "height": 1800}) as page,
    ):
        page.set_default_timeout(TIMEOUT)
        given = f"base_url, slow_url, tokens = {base_url!r}, {slow_url!r}, {TOKENS}"
        notebook = Notebook(page, lab)
        try:
            yield notebook, f"{given}\n{CHAT}", browser
        finally:
            notebook.shut_down_kernel()


def _work(notebook: Notebook, browser: Browser, index: int, answer: str) -> float:
    """CPU time of an answer on the main thread of the page, in seconds."""

    def once() -> float:
        with traced(browser, notebook.page) as tasks:
            _ask(notebook, index, answer)
        return sum(tasks) / 1000

    return min(once() for _ in range(3))


def _late(what: str, later: float, first: float) -> Row:
    ratio = later / first
    return Row(what, ms(later), f"after none {ms(first)}", ratio, f"at most {MOST_LATER}", ratio <= MOST_LATER)


def _round(notebook: Notebook) -> tuple[Asked, Asked, Asked]:
    return _ask(notebook, 1, BARE_ANSWER), _ask(notebook, 2, ANSWER), _ask(notebook, 3, ANSWER)


def _show(notebook: Notebook, *cells: str) -> None:
    notebook.open(*cells)
    notebook.run_all()


def _ask(notebook: Notebook, index: int, answer: str, tokens: int = TOKENS) -> Asked:
    cell = notebook.cell(index)
    field = cell.locator(".bare-input, .chatwidget-input")
    field.fill("Count")
    cell.evaluate(WATCH, [answer, str(tokens - 1), TIMEOUT])
    notebook.traffic.clear()
    field.press("Enter")
    seconds = notebook.page.evaluate("window.measured")
    notebook.wait_for_kernel()
    return Asked(seconds, sum(frame.size for frame in notebook.traffic.frames))


def opening() -> Iterator[Row]:
    """A long conversation, opened once more, and made and opened."""
    with _lab() as (notebook, given, _):
        shown = [f"few = chat_of({FEW})", f"many = chat_of({MANY})", "few", "many"]
        _show(notebook, given, *shown, f"chat_of({FEW})", f"chat_of({MANY})")
        for what, first in {"opening {}": 3, "making and opening {}": 5}.items():
            pairs = [(_open(notebook, first), _open(notebook, first + 1)) for _ in range(REPEATS)]
            few, many = map(min, zip(*pairs, strict=True))
            met = many - few <= MOST_MORE_TO_OPEN
            name = what.format(f"{MANY:,} messages")
            yield Row(name, ms(many), f"{FEW} messages {ms(few)}", many / few, "200 ms more", met)


def _open(notebook: Notebook, index: int) -> float:
    """Seconds from running a cell to its last message on the screen."""
    cell = notebook.cell(index)
    cell.locator(".cm-content").click()
    cell.evaluate(WATCH, [TEXT, "went on.", TIMEOUT])
    notebook.page.keyboard.press("Control+Enter")
    seconds: float = notebook.page.evaluate("window.measured")
    notebook.wait_for_kernel()
    return seconds


def scrolling() -> Iterator[Row]:
    """A long conversation, by wheel and keys."""
    with _lab() as (notebook, given, browser):
        _show(notebook, given, f"chat_of({FEW})", f"chat_of({MANY})")
        transcripts = [notebook.output(index).locator(".chatwidget-transcript") for index in (1, 2)]
        few, many = (_scroll(browser, notebook.page, transcript) for transcript in transcripts)
        what = f"scrolling {MANY:,} messages by wheel and keys, longest task"
        figures = f"{many:.0f} ms", f"{FEW} messages {few:.0f} ms"
        yield Row(what, *figures, many / few, f"at most {LONG_TASK} ms", many <= LONG_TASK)


def _scroll(browser: Browser, page: Page, transcript: Locator) -> float:
    """CPU time of the longest task, in milliseconds."""
    transcript.hover()
    with traced(browser, page) as tasks:
        for step in (-300, -3000, 300, 3000):
            for _ in range(TURNS):
                page.mouse.wheel(0, step)
                page.evaluate("new Promise((resolve) => requestAnimationFrame(resolve))")
        for key in ("Home", "PageDown", "End", "PageUp"):
            transcript.press(key)
            page.evaluate("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))")
    return max(tasks)
