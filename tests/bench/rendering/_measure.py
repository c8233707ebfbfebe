"""Feeds a page the text of an answer, and reads from Chromium what its main thread did.

Ours gets it as its kernel sends it, the others frame by frame, as those do who call them with each piece.
Tasks are measured in CPU time, as a busy machine would make any of them long.
"""

import functools
import http.server
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

import chatwidget
from chatwidget._comm.publisher import INTERVAL
from tests.bench._report import Row, ms
from tests.bench._trace import traced
from tests.bench.rendering._texts import CHARS_PER_TOKEN, answer, giants
from tests.browser._chromium import launch

ROOT = Path(__file__).parents[3]
STATIC = Path(chatwidget.__file__).parent / "static"
HERE = Path(__file__).parent

OURS, FAST, PLAIN = "chatwidget", "streaming-markdown", "marked + DOMPurify + highlight.js"
RARELY = " fed as rarely as ours"
TOKENS, TABLE_TOKENS = 20_000, 8_000
TOKENS_PER_SECOND = 1000
LONG = 50
"""Milliseconds from which on a person notices a task."""
SLOW = 4
"""How many times slower a slow computer is."""
TIMEOUT = 300_000


@dataclass(frozen=True)
class Cost:
    """What one answer cost the main thread: the CPU time of each task in milliseconds, and `initialize`'s time."""

    tasks: list[float]
    initialized: float

    @property
    def seconds(self) -> float:
        """CPU time in all."""
        return sum(self.tasks) / 1000

    @property
    def longest(self) -> float:
        """CPU time of the longest task, in milliseconds."""
        return max(self.tasks)

    def over(self, limit: float) -> int:
        """How many tasks took longer than this many milliseconds."""
        return sum(task > limit for task in self.tasks)


def measure() -> Iterator[Row]:
    """The whole answer against both baselines, the slow page, and answers of one block."""
    text = answer(TOKENS)
    with served() as url, sync_playwright() as playwright, launch(playwright) as browser:
        ours, fast, plain = (render(browser, url, name, text) for name in (OURS, FAST, PLAIN))
        what = f"rendering {TOKENS:,} tokens at {TOKENS_PER_SECOND:,} a second"
        yield _total(f"{what}, main thread", ours, fast, FAST, 1.0)
        rarely = render(browser, url, FAST + RARELY, text)
        yield _total(f"{what}, main thread", ours, rarely, FAST + RARELY)
        yield _total(f"{what}, main thread", ours, plain, PLAIN, 0.25)
        yield _long(f"{what}, tasks over {LONG} ms", ours, fast, LONG, 0)
        yield _long(f"{what}, the same {SLOW} times slower", ours, fast, LONG / SLOW, 2)
        started = render(browser, url, OURS, "Hello", slow=SLOW).initialized
        yield Row(
            f"initialize, {SLOW} times slower",
            ms(started / 1000),
            "500 ms",
            started / 500,
            "under 500 ms",
            started < 500,
        )
        for name, block in giants(TOKENS, TABLE_TOKENS).items():
            cost, other = (render(browser, url, renderer, block) for renderer in (OURS, FAST))
            figures, theirs = (f"{each.longest:.0f} ms, {each.seconds:.1f} s in all" for each in (cost, other))
            ratio = cost.longest / other.longest
            yield Row(
                f"one giant {name}, longest task",
                figures,
                f"{FAST} {theirs}",
                ratio,
                "at most 100 ms",
                cost.longest <= 100,
            )


def _total(name: str, ours: Cost, other: Cost, who: str, allowed: float | None = None) -> Row:
    ratio = ours.seconds / other.seconds
    figures = f"{ours.seconds:.2f} s", f"{who} {other.seconds:.2f} s"
    if allowed is None:
        return Row(name, *figures, ratio)
    return Row(name, *figures, ratio, f"at most {allowed}", ratio <= allowed)


def _long(name: str, ours: Cost, other: Cost, limit: float, allowed: int) -> Row:
    figures, theirs = (f"{each.over(limit)} (longest {each.longest * LONG / limit:.0f} ms)" for each in (ours, other))
    ratio = ours.longest / other.longest
    return Row(name, figures, f"{FAST} {theirs}", ratio, f"at most {allowed}", ours.over(limit) <= allowed)


def render(browser: Browser, url: str, renderer: str, text: str, slow: int = 1) -> Cost:
    """One answer in a page of its own."""
    name = renderer.removesuffix(RARELY)
    interval = INTERVAL if renderer == OURS or name != renderer else 0
    with browser.new_context(viewport={"width": 1000, "height": 800}) as context:
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
        page.goto(url)
        page.wait_for_function("window.ready")
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slow})
        initialized = page.evaluate("name => window.open_(name)", name) or 0.0
        pace = [TOKENS_PER_SECOND * CHARS_PER_TOKEN, interval * 1000]
        with traced(browser, page) as tasks:
            page.evaluate("([text, rate, interval]) => window.feed(text, rate, interval)", [text, *pace])
        return Cost(tasks, initialized)


@contextmanager
def served() -> Iterator[str]:
    """The page with the bundle as installed, and the baselines bundled beside it."""
    with tempfile.TemporaryDirectory() as folder:
        for file in (STATIC / "widget.js", STATIC / "widget.css", STATIC / "colours.js", HERE / "page.html"):
            shutil.copy(file, folder)
        command = ["node_modules/.bin/esbuild", str(HERE / "baselines.js"), "--bundle", "--minify", "--format=esm"]
        environment = os.environ | {"NODE_PATH": str(ROOT / "js" / "node_modules")}
        subprocess.run(
            [*command, f"--outfile={folder}/baselines.js", "--log-level=error"],
            cwd=ROOT / "js",
            env=environment,
            check=True,
        )
        handler = functools.partial(_Quiet, directory=folder)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}/page.html"
            server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
