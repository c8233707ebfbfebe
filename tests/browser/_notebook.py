"""A notebook in a browser page: the same for JupyterLab and JupyterLite."""

import contextlib
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser._chat import Chat
from tests.browser._jupyterlab import JupyterLab
from tests.browser._jupyterlite import JupyterLite
from tests.browser._traffic import CommTraffic

# JupyterLite has no "python3": it goes by the language, as long as the notebook names it.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# Milliseconds. A page with Python in it takes its time on a busy machine.
START_TIMEOUT = 120_000
SAVE_TIMEOUT = 10_000
SAVES = 5

STDERR = '[data-mime-type="application/vnd.jupyter.stderr"]'
# Of a cell that has run.
RAN = re.compile(r"\[\d+\]:")

only_jupyterlab = pytest.mark.parametrize("notebook", ["jupyterlab"], indirect=True)
in_notebook_7_too = pytest.mark.parametrize("notebook", ["jupyterlab", "notebook7", "jupyterlite"], indirect=True)
only_jupyterlite = pytest.mark.parametrize("notebook", ["jupyterlite"], indirect=True)

NAMES: Iterator[str] = (f"test-{number}.ipynb" for number in itertools.count(1))


Runtime = JupyterLab | JupyterLite


def notebook_of(sources: Sequence[str]) -> dict[str, Any]:
    """A notebook of code cells, as its file has it."""
    new: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    cells = [new | {"id": f"cell-{number}", "source": source} for number, source in enumerate(sources)]
    return {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}


class Notebook:
    """One notebook, opened and driven as a user would."""

    def __init__(self, page: Page, runtime: Runtime) -> None:
        self.page = page
        self.runtime = runtime
        self.in_browser = isinstance(runtime, JupyterLite)
        self.traffic = CommTraffic(page)
        self.hosts: set[str | None] = set()
        self.name = ""
        page.context.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))

    def open(self, *sources: str) -> None:
        """Open a new notebook of these code cells, and wait for its kernel."""
        self.open_notebook(notebook_of(sources))

    def open_notebook(self, notebook: dict[str, Any]) -> None:
        """Open a copy of a notebook, and wait for its kernel."""
        self.shut_down_kernel()
        self.name = next(NAMES)
        self.page.goto(self.runtime.add(self.name, notebook))
        expect(self.cells).to_have_count(len(notebook["cells"]), timeout=START_TIMEOUT)
        self.wait_for_kernel()

    def is_code(self, index: int) -> bool:
        """Whether a cell can be run."""
        return "jp-CodeCell" in (self.cell(index).get_attribute("class") or "")

    @property
    def cells(self) -> Locator:
        """All cells."""
        return self.page.locator(".jp-Notebook .jp-Cell")

    def cell(self, index: int) -> Locator:
        """One cell."""
        return self.cells.nth(index)

    def output(self, index: int) -> Locator:
        """What a cell has put out."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def prompt(self, index: int) -> Locator:
        """A cell's ``[1]:``."""
        return self.cell(index).locator(".jp-InputPrompt")

    def count(self, index: int) -> int:
        """The execution count of a cell that has run."""
        return int(self.prompt(index).inner_text().strip("[]:"))

    @property
    def chat(self) -> Chat:
        """The first chat on the page."""
        return self.chats(0)

    def chats(self, index: int) -> Chat:
        """One of the chats on the page, from the top."""
        return Chat(self.page.locator(".chatwidget").nth(index))

    def wait_for_kernel(self) -> None:
        """Wait until the kernel is there and has nothing to do."""
        expect(self.page.locator(".jp-Toolbar-kernelName")).to_contain_text("Py", timeout=START_TIMEOUT)
        idle = self.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
        expect(idle).to_be_visible(timeout=START_TIMEOUT)

    def start(self, index: int) -> None:
        """Run a cell without waiting for its end."""
        before = self.prompt(index).inner_text()
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        expect(self.prompt(index)).not_to_have_text(before)

    def wait(self, index: int, timeout: int | None = None) -> None:
        """Wait until a cell has run; `timeout` in milliseconds for one that has much to do."""
        expect(self.prompt(index)).to_have_text(RAN, timeout=timeout)

    def run(self, index: int) -> None:
        """Run a cell to its end, which is to be without errors and warnings."""
        self.start(index)
        self.wait(index)
        self.wait_for_kernel()
        errors = self.errors(index)
        assert not errors, errors

    def errors(self, index: int) -> str:
        """A cell's traceback, or what else it wrote to stderr."""
        return "".join(self.output(index).locator(STDERR).all_inner_texts())

    def run_all(self) -> None:
        """Run all cells from the top, as the menu does; none is to have errors or warnings."""
        last = self.prompt(self.cells.count() - 1)
        before = last.inner_text()
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        failed = self.cells.locator(STDERR)
        expect(last.filter(has_not_text=before).or_(failed).first).to_be_visible()
        expect(last.filter(has_text=RAN).or_(failed).first).to_be_visible()
        self.wait_for_kernel()
        errors = "".join(failed.all_inner_texts())
        assert not errors, errors

    def save(self) -> None:
        """Save the notebook to where it came from, with what the kernel puts into it meanwhile."""
        save = self.page.get_by_role("button", name="Save and create checkpoint")
        dirty = self.page.locator(".jp-mod-dirty")
        for _ in range(SAVES):
            save.click()
            with contextlib.suppress(AssertionError):
                expect(dirty).to_have_count(0, timeout=SAVE_TIMEOUT)
                return
        pytest.fail("the notebook cannot be saved")

    def reload(self) -> None:
        """Reload the page; the kernel lives on (not in JupyterLite, where it is part of the page)."""
        count = self.cells.count()
        self.page.reload()
        expect(self.cells).to_have_count(count, timeout=START_TIMEOUT)
        self.wait_for_kernel()

    def set_theme(self, name: str) -> None:
        """Choose a theme in the settings menu."""
        self.page.get_by_role("menuitem", name="Settings").click()
        self.page.get_by_text("Theme", exact=True).hover()
        self.page.get_by_text(name, exact=True).click()
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-name", name)

    def shut_down_kernel(self) -> None:
        """End its kernel."""
        self.runtime.shut_down_kernel(self.name)

    def interrupt(self) -> None:
        """Interrupt the kernel."""
        self.page.get_by_role("button", name="Interrupt the kernel").click()
