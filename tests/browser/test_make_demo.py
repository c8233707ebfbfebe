"""`make demo`, as somebody runs it who has just cloned the repository."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser._jupyterlab import STOP_TIMEOUT, environment_in
from tests.browser._notebook import START_TIMEOUT, Notebook
from tests.browser.conftest import open_page, report
from tests.resilience._servers import free_port

ROOT = Path(__file__).parents[2]
OF_MAKE = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Runs `make demo` with a home, a folder and a port of its own; the address that it prints."""
    environment = {name: value for name, value in environment_in(tmp_path).items() if name not in OF_MAKE}
    command = ["make", "demo", f"PORT={free_port()}", f"NOTEBOOKS={tmp_path / 'demo'}"]
    log = tmp_path / "make.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment | {"BROWSER": "true"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield printed_address(process, log)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(STOP_TIMEOUT)


def printed_address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Wait for the address."""
    end = time.monotonic() + START_TIMEOUT / 1000
    while process.poll() is None and time.monotonic() < end:
        if found := re.search(r"http://127\.0\.0\.1:\S+", log.read_text()):
            return found[0]
        time.sleep(0.1)
    pytest.fail(f"make demo printed no address:\n{log.read_text()}")


def test_the_demo_works_for_a_newcomer(browser: Browser, address: str, request: pytest.FixtureRequest) -> None:
    opened = open_page(browser)
    page = opened.page
    notebook = Notebook(page, None)
    try:
        page.goto(address)
        notebook.wait_for_kernel()
        first = next(index for index in range(notebook.cells.count()) if notebook.is_code(index))
        notebook.cell(first).locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        notebook.wait(first)
        expect(notebook.chat.input).to_be_visible()
        notebook.chat.send("What can you do?")
        notebook.chat.expect_status("complete")
        expect(notebook.chat.text).not_to_be_empty()
        expect(page.locator(".jp-Dialog, .Toastify__toast")).to_have_count(0)
        assert opened.errors == []
        assert notebook.hosts <= {None, "127.0.0.1"}
    finally:
        report(opened, request.node)
        page.context.close()
