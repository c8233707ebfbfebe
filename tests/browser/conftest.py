"""Fixtures of the browser tests: Chromium, the two runtimes, a notebook in either."""

import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.browser._chromium import launch
from tests.browser._jupyterlab import JupyterLab, Notebook7
from tests.browser._jupyterlite import JupyterLite
from tests.browser._kept_notebook import VIEWPORT, KeptNotebook
from tests.browser._notebook import Notebook, Runtime

BUILD = Path(__file__).parents[2] / "build"
SITE = Path(os.environ.get("CHATWIDGET_LITE_SITE", BUILD / "lite"))
# Milliseconds; nothing takes long, but the machine may be busy.
TIMEOUT = 60_000

_failed = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[_failed] = item.stash.get(_failed, False) or report.failed
    return report


# Of the package, not the session: while Playwright runs, no asyncio test can in the same thread.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright itself."""
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all browser tests."""
    with launch(playwright) as browser:
        yield browser


@pytest.fixture(scope="package")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    """A running JupyterLab."""
    with JupyterLab(tmp_path_factory.mktemp("jupyterlab")) as lab:
        yield lab


@pytest.fixture(scope="package")
def notebook7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook7]:
    """A running Notebook 7."""
    with Notebook7(tmp_path_factory.mktemp("notebook7")) as server:
        yield server


@pytest.fixture(scope="package")
def jupyterlite() -> Iterator[JupyterLite]:
    """The served JupyterLite site."""
    with JupyterLite(SITE) as lite:
        yield lite


@dataclass
class Opened:
    """A page in a context of its own, and what was wrong in it."""

    page: Page
    errors: list[str]


def open_page(browser: Browser) -> Opened:
    """A new context, and a page in it."""
    context = browser.new_context(viewport=VIEWPORT)
    context.set_default_timeout(TIMEOUT)
    opened = Opened(context.new_page(), [])
    opened.page.on("console", lambda said: opened.errors.append(said.text) if said.type == "error" else None)
    opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
    return opened


def report(opened: Opened, node: pytest.Item) -> None:
    """Keep a picture of a page, and its errors, where the test has failed."""
    if node.stash.get(_failed, False):
        opened.page.screenshot(path=BUILD / "screenshots" / f"{node.name}.png")
        node.add_report_section("teardown", "console", "\n".join(opened.errors))


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in a context of its own; its screenshot and errors are kept when the test fails."""
    opened = open_page(browser)
    yield opened.page
    report(opened, request.node)
    opened.page.context.close()


class KeptPages:
    """For each runtime a notebook that one test after another opens, as long as none fails."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.kept: dict[Runtime, tuple[Opened, KeptNotebook]] = {}

    def take(self, runtime: Runtime) -> tuple[Opened, KeptNotebook]:
        """A page whose notebook is clean as soon as it is opened."""
        if runtime not in self.kept:
            opened = open_page(self._browser)
            self.kept[runtime] = opened, KeptNotebook(opened.page, runtime)
        opened, notebook = self.kept[runtime]
        opened.errors.clear()
        return opened, notebook

    def drop(self, runtime: Runtime) -> None:
        """Open another page next time."""
        opened, notebook = self.kept.pop(runtime)
        opened.page.context.close()
        notebook.shut_down_kernel()


@pytest.fixture(scope="package")
def kept_pages(browser: Browser) -> Iterator[KeptPages]:
    """The pages that tests share."""
    pages = KeptPages(browser)
    yield pages
    # Kernels end with their servers, some of which have ended by now.
    for opened, _ in pages.kept.values():
        opened.page.context.close()


@pytest.fixture(params=["jupyterlab", "jupyterlite"])
def notebook(request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """A notebook, once in each runtime. Nothing it does may leave this machine.

    Page and kernel are those of the test before, cleaned, which saves most of the time, unless the test is
    marked with `own_page`: one that reloads, saves, listens to the page or changes it or its kernel for good.
    """
    runtime: Runtime = request.getfixturevalue(request.param)
    if request.node.get_closest_marker("own_page"):
        notebook = Notebook(request.getfixturevalue("page"), runtime)
        yield notebook
        notebook.shut_down_kernel()
    else:
        pages: KeptPages = request.getfixturevalue("kept_pages")
        opened, notebook = pages.take(runtime)
        yield notebook
        report(opened, request.node)
        if request.node.stash.get(_failed, False):
            pages.drop(runtime)
    assert notebook.hosts <= {None, "127.0.0.1"}
