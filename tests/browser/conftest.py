"""Fixtures of the browser tests: Chromium, the two runtimes, a notebook in either."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.browser._chromium import launch
from tests.browser._jupyterlab import JupyterLab
from tests.browser._jupyterlite import JupyterLite
from tests.browser._notebook import Notebook

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
def jupyterlite() -> Iterator[JupyterLite]:
    """The served JupyterLite site."""
    with JupyterLite(SITE) as lite:
        yield lite


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in a context of its own; its screenshot and errors are kept when the test fails."""
    context = browser.new_context(viewport={"width": 1280, "height": 1600})
    context.set_default_timeout(TIMEOUT)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    if request.node.stash.get(_failed, False):
        page.screenshot(path=BUILD / "screenshots" / f"{request.node.name}.png")
        request.node.add_report_section("teardown", "console", "\n".join(errors))
    context.close()


@pytest.fixture(params=["jupyterlab", "jupyterlite"])
def notebook(page: Page, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """A notebook, once in each runtime. Nothing it does may leave this machine."""
    runtime: JupyterLab | JupyterLite = request.getfixturevalue(request.param)
    notebook = Notebook(page, runtime)
    yield notebook
    runtime.shut_down_kernels()
    assert notebook.hosts <= {None, "127.0.0.1"}
