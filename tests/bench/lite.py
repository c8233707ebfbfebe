"""JupyterLite: from opening the page to the first text of an answer, against the openai SDK in a cell there.

Each time in a new browser context, so that nothing is cached. Both sites are built by `make bench`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

from playwright.sync_api import Browser, Response, sync_playwright

from tests.bench._report import Row, size
from tests.browser._chromium import launch
from tests.browser._jupyterlite import JupyterLite
from tests.browser._notebook import notebook_of
from tests.server import ModelServer

ROOT = Path(__file__).parents[2]
REPEATS = 3
TIMEOUT = 120_000

OURS = """\
from chatwidget import ChatWidget
chat = ChatWidget("test-model", base_url="{base_url}", api_key="k")
display(chat)
reply = await chat.ask_async("Hello")"""
THEIRS = """\
from openai import AsyncOpenAI
client = AsyncOpenAI(base_url="{base_url}", api_key="k")
messages = [{{"role": "user", "content": "Hello"}}]
async for chunk in await client.chat.completions.create(model="test-model", messages=messages, stream=True):
    print(chunk.choices[0].delta.content or "", end="")"""

OUR_ANSWER = '.chatwidget-message[data-role="assistant"]'
THEIR_ANSWER = ".jp-Notebook .jp-OutputArea"
READY = """() =>
    document.querySelector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')?.checkVisibility()
    && document.querySelector(".jp-Toolbar-kernelName")?.innerText.includes("Python")"""
ANSWERED = "selector => document.querySelector(selector)?.innerText.includes('You said')"


@dataclass
class Site:
    """A site, the cell that asks there, and what that cost."""

    directory: Path
    cell: str
    answer: str
    seconds: list[float] = field(default_factory=list)
    downloads: dict[str, int] = field(default_factory=dict)
    """Sizes by path."""

    def ask(self, browser: Browser, base_url: str) -> None:
        """Open a notebook in a fresh context, run its cell, wait for the answer's first text."""
        notebook = notebook_of([self.cell.format(base_url=base_url)])
        with JupyterLite(self.directory) as served, browser.new_context() as context:
            context.set_default_timeout(TIMEOUT)
            context.on("response", self._count)
            page = context.new_page()
            url = served.add("bench.ipynb", notebook)
            start = perf_counter()
            page.goto(url, wait_until="commit")
            # Looks at each frame; locators wait up to a second between two looks.
            page.wait_for_function(READY)
            page.locator(".jp-Notebook .cm-content").click()
            page.keyboard.press("Control+Enter")
            page.wait_for_function(ANSWERED, arg=self.answer)
            self.seconds.append(perf_counter() - start)

    def _count(self, response: Response) -> None:
        # By path, as a service worker passes some on and they would count twice.
        path = response.url.partition("?")[0].split("/", 3)[-1]
        self.downloads[path] = int(response.headers.get("content-length", 0))


def measure() -> Iterator[Row]:
    """Both sites by turns."""
    ours = Site(ROOT / "build" / "lite", OURS, OUR_ANSWER)
    theirs = Site(ROOT / "build" / "lite-openai", THEIRS, THEIR_ANSWER)
    with sync_playwright() as playwright, ModelServer() as server:
        # The SDK sends headers that a careful server refuses.
        server.allow(headers=["*"])
        with launch(playwright) as browser:
            for _ in range(REPEATS):
                ours.ask(browser, server.base_url)
                theirs.ask(browser, server.base_url)
    yield _row("JupyterLite, page opened to first text", ours, theirs)
    yield from _downloads(ours.downloads, theirs.downloads)


def _row(name: str, ours: Site, theirs: Site) -> Row:
    mine, base = median(ours.seconds), median(theirs.seconds)
    return Row(name, f"{mine:.1f} s", f"SDK {base:.1f} s", mine / base)


def _downloads(ours: dict[str, int], theirs: dict[str, int]) -> Iterator[Row]:
    mine, base = sum(ours.values()), sum(theirs.values())
    yield Row("JupyterLite, downloaded", size(mine), f"SDK {size(base)}", mine / base)
    mine, base = _of_sdk(ours), _of_sdk(theirs)
    yield Row(
        "JupyterLite, the SDK and its dependencies", size(mine), f"SDK {size(base)}", mine / base, "none", not mine
    )


def _of_sdk(downloads: dict[str, int]) -> int:
    names = _pinned("requirements-openai.txt") - _pinned("requirements.txt")
    wheels = {path: path.rpartition("/")[2].partition("-")[0] for path in downloads if path.endswith(".whl")}
    return sum(downloads[path] for path, name in wheels.items() if name.replace("_", "-") in names)


def _pinned(name: str) -> set[str]:
    return set(re.findall(r"^([\w.-]+)==", (ROOT / "lite" / name).read_text(), re.MULTILINE))
