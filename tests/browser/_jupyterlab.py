"""A real JupyterLab, kept apart from the user's own."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import URLError
from urllib.request import Request, urlopen

from jupyter_client.asynchronous import AsyncKernelClient

START_TIMEOUT = 60
STOP_TIMEOUT = 20
EXECUTE_TIMEOUT = 60

# What would reach the kernel and answer in a test's place, or send loopback requests elsewhere.
HIDDEN = ("OPENAI_", "CHATWIDGET_", "JUPYTER", "IPYTHON", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def environment_in(directory: Path) -> dict[str, str]:
    """The environment of a user who has never run Jupyter, whose home is a directory."""
    environment = {name: value for name, value in os.environ.items() if not name.upper().startswith(HIDDEN)}
    return environment | {
        "HOME": str(directory),
        "IPYTHONDIR": str(directory / "ipython"),
        "JUPYTER_CONFIG_DIR": str(directory / "config"),
        "JUPYTER_DATA_DIR": str(directory / "data"),
        "JUPYTER_RUNTIME_DIR": str(directory / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(directory / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(directory / "workspaces"),
    }


class JupyterLab:
    """``jupyter lab`` of this Python environment, serving notebooks of its own directory."""

    module = "jupyterlab"
    page = "doc/tree"

    def __init__(self, directory: Path) -> None:
        self.root = directory / "notebooks"
        self.root.mkdir()
        self._runtime = directory / "runtime"
        self._log = directory / "jupyterlab.log"
        settings = directory / "settings"
        _write_settings(settings)
        _write_page_config(directory / "config")
        self._environment = environment_in(directory) | {"JUPYTERLAB_SETTINGS_DIR": str(settings)}
        self.url = ""

    def __enter__(self) -> Self:
        command = [
            sys.executable,
            "-m",
            self.module,
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            "--port=0",
        ]
        command += ["--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={self.root}"]
        command += ["--LabApp.extension_manager=readonly", "--ServerApp.disable_check_xsrf=True"]
        with self._log.open("wb") as log:
            # A session of its own: a Ctrl+C meant for the tests would make it ask whether to stop.
            self._process = subprocess.Popen(
                command,
                env=self._environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.url = self._wait_until_it_answers()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(STOP_TIMEOUT)

    def _wait_until_it_answers(self) -> str:
        info = self._runtime / f"jpserver-{self._process.pid}.json"
        for _ in range(START_TIMEOUT * 10):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.1)
                break
            with contextlib.suppress(FileNotFoundError, json.JSONDecodeError, URLError):
                url: str = json.loads(info.read_text())["url"].rstrip("/")
                with urlopen(f"{url}/api/status"):
                    return url
        message = f"JupyterLab did not start:\n{self._log.read_text()}"
        raise RuntimeError(message)

    def add(self, name: str, notebook: Mapping[str, Any]) -> str:
        """Put a notebook there; the address that opens it."""
        (self.root / name).write_text(json.dumps(notebook))
        return f"{self.url}/{self.page}/{name}"

    def _sessions(self, name: str) -> list[dict[str, Any]]:
        """The sessions of a notebook, each with its kernel."""
        with urlopen(f"{self.url}/api/sessions") as response:
            return [session for session in json.load(response) if session["path"] == name]

    def shut_down_kernel(self, name: str) -> None:
        """End the kernel of a notebook, if it has one."""
        for session in self._sessions(name):
            urlopen(Request(f"{self.url}/api/sessions/{session['id']}", method="DELETE")).close()

    def execute(self, name: str, code: str) -> None:
        """Run code in the kernel of a notebook, past its page.

        Raises:
            RuntimeError: The code has raised.

        """
        [session] = self._sessions(name)
        file = self._runtime / f"kernel-{session['kernel']['id']}.json"
        # Playwright has an event loop in this thread, and a thread has one at a time.
        with ThreadPoolExecutor(1) as executor:
            reply = executor.submit(asyncio.run, _execute(file, code)).result()
        if reply["status"] != "ok":
            raise RuntimeError("\n".join(reply["traceback"]))


class Notebook7(JupyterLab):
    """``jupyter notebook`` in place of ``jupyter lab``."""

    module = "notebook"
    page = "notebooks"


async def _execute(connection_file: Path, code: str) -> dict[str, Any]:
    client = AsyncKernelClient(connection_file=str(connection_file))
    client.load_connection_file()
    client.start_channels(iopub=False, stdin=False, hb=False, control=False)
    try:
        reply = await client.execute(code, store_history=False, allow_stdin=False, reply=True, timeout=EXECUTE_TIMEOUT)
    finally:
        client.stop_channels()
    content: dict[str, Any] = reply["content"]
    return content


def _write_settings(directory: Path) -> None:
    """Nothing that pops up, and nothing that asks the Internet."""
    notification = directory / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    notification.parent.mkdir(parents=True)
    notification.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))


def _write_page_config(directory: Path) -> None:
    """No look at each page whether JupyterLab should be built anew, which runs Node for a second."""
    config = directory / "labconfig" / "page_config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"buildAvailable": False, "buildCheck": False}))
