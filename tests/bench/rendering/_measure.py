"""Feeds a page the text of an answer, and reads from Chromium what its main thread did.

Ours gets it as its kernel sends it, the others frame by frame, as those do who call them with each piece.
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

from playwright.sync_api import Browser, CDPSession, sync_playwright

import chatwidget
from chatwidget._publisher import INTERVAL
from tests.bench._report import Row, ms
from tests.bench.rendering._texts import CHARS_PER_TOKEN, answer, giants
from tests.browser._chromium import launch

ROOT = Path(__file__).parents[3]
STATIC = Path(chatwidget.__file__).parent / "static"
HERE = Path(__file__).parent

OURS, FAST, PLAIN = "chatwidget", "streaming-markdown", "marked + DOMPurify + highlight.js"
TOKENS, TABLE_TOKENS = 20_000, 8_000
TOKENS_PER_SECOND = 1000
SLOW = 4
"""How many times slower a throttled page runs."""
TIMEOUT = 300_000


@dataclass(frozen=True)
class Cost:
    """What one answer cost: seconds of the main thread, and its tasks over 50 ms in milliseconds."""

    seconds: float
    long_tasks: list[float]
    initialized: float

    @property
    def longest(self) -> str:
        """The longest task, as far as there was a long one."""
        return f"{max(self.long_tasks):.0f} ms" if self.long_tasks else "under 50 ms"


def measure() -> Iterator[Row]:
    """The whole answer against both baselines, the slow page, and answers of one block."""
    text = answer(TOKENS)
    with served() as url, sync_playwright() as playwright, launch(playwright) as browser:
        ours, fast, plain = (render(browser, url, name, text) for name in (OURS, FAST, PLAIN))
        what = f"rendering {TOKENS:,} tokens at {TOKENS_PER_SECOND:,} a second"
        yield _total(f"{what}, main thread", ours, fast, FAST, 1.0)
        yield _total(f"{what}, main thread", ours, plain, PLAIN, 0.25)
        yield _long(f"{what}, tasks over 50 ms", ours, fast, 0)
        slow, slow_fast = (render(browser, url, name, text, slow=SLOW) for name in (OURS, FAST))
        yield _long(f"{what}, tasks over 50 ms, {SLOW} times slower", slow, slow_fast, 2)
        started = slow.initialized
        yield Row(
            f"initialize, {SLOW} times slower", ms(started / 1000), "", started / 500, "under 500 ms", started < 500
        )
        for name, block in giants(TOKENS, TABLE_TOKENS).items():
            cost, other = (render(browser, url, renderer, block) for renderer in (OURS, FAST))
            worst, their_worst = (max([50.0, *each.long_tasks]) for each in (cost, other))
            figures = f"{cost.longest}, {cost.seconds:.1f} s in all"
            theirs = f"{FAST} {other.longest}, {other.seconds:.1f} s"
            yield Row(
                f"one giant {name}, longest task", figures, theirs, worst / their_worst, "at most 100 ms", worst <= 100
            )


def _total(name: str, ours: Cost, other: Cost, who: str, allowed: float) -> Row:
    ratio = ours.seconds / other.seconds
    return Row(
        name, f"{ours.seconds:.2f} s", f"{who} {other.seconds:.2f} s", ratio, f"at most {allowed}", ratio <= allowed
    )


def _long(name: str, ours: Cost, other: Cost, allowed: int) -> Row:
    ours_count, their_count = len(ours.long_tasks), len(other.long_tasks)
    figures = f"{ours_count} (longest {ours.longest})"
    theirs = f"{FAST} {their_count} ({other.longest})"
    return Row(name, figures, theirs, ours_count / max(1, their_count), f"at most {allowed}", ours_count <= allowed)


def render(browser: Browser, url: str, renderer: str, text: str, slow: int = 1) -> Cost:
    """One answer in a page of its own."""
    with browser.new_context(viewport={"width": 1000, "height": 800}) as context:
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
        page.goto(url)
        page.wait_for_function("window.ready")
        devtools = context.new_cdp_session(page)
        # CPU time, so that a busy machine counts less.
        devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": slow})
        initialized = page.evaluate("name => window.open_(name)", renderer) or 0.0
        page.evaluate("window.longTasks.length = 0")
        before = _busy(devtools)
        pace = [TOKENS_PER_SECOND * CHARS_PER_TOKEN, INTERVAL * 1000 if renderer == OURS else 0]
        page.evaluate("([text, rate, interval]) => window.feed(text, rate, interval)", [text, *pace])
        return Cost(_busy(devtools) - before, page.evaluate("window.longTasks"), initialized)


def _busy(devtools: CDPSession) -> float:
    """Seconds of the main thread so far."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return next(float(metric["value"]) for metric in metrics if metric["name"] == "TaskDuration")


@contextmanager
def served() -> Iterator[str]:
    """The page with the bundle as installed, and the baselines bundled beside it."""
    with tempfile.TemporaryDirectory() as folder:
        for file in (STATIC / "widget.js", STATIC / "widget.css", HERE / "page.html"):
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
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base class calls it so
        """Say nothing."""
