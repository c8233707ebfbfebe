"""K01, K02, K08, K09, K18-K20, K24: where a key could end up on its way through a real JupyterLab.

The test fails when `_secrets.keys.redact` gives its text as it was, and when `Connection.shown` gives the key itself.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from nbconvert import HTMLExporter, PythonExporter
from playwright.sync_api import Locator, Page, expect

from tests.browser._jupyterlab import JupyterLab
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.browser._storage import storage_of
from tests.keys._canary import leaks, new_canary
from tests.server import ModelServer

pytestmark = pytest.mark.own_page

SHOWN = "from chatwidget import ChatWidget\nchat = ChatWidget()\nchat"
FAILING = "%xmode Verbose\nchat.ask('again')"
# Other tests leave notebooks in the same place.
QUESTION = "Where is the key?"
ANSWER = f"You said: {QUESTION}"
SELECTED = "(chat) => { getSelection().selectAllChildren(chat); return String(getSelection()); }"
SETTING = "lab/api/settings/@jupyter-widgets/jupyterlab-manager:plugin"


class Wire:
    """Every frame of every websocket, and everything that was written to the console."""

    def __init__(self, page: Page) -> None:
        self.sent: list[str] = []
        self.received: list[str] = []
        self.console: list[str] = []
        page.on("websocket", self._listen)
        page.on("console", lambda message: self.console.append(message.text))

    def _listen(self, socket) -> None:
        socket.on("framesent", lambda frame: self.sent.append(_text(frame)))
        socket.on("framereceived", lambda frame: self.received.append(_text(frame)))


def _text(frame: str | bytes) -> str:
    return frame if isinstance(frame, str) else frame.decode("latin-1")


@pytest.fixture
def with_widget_state(jupyterlab: JupyterLab) -> Iterator[None]:
    """The setting that saves the state of widgets with the notebook, while the test runs."""
    _set(jupyterlab, '{"saveState": true}')
    yield
    _set(jupyterlab, "{}")


def _set(lab: JupyterLab, raw: str) -> None:
    body = json.dumps({"raw": raw}).encode()
    urlopen(Request(f"{lab.url}/{SETTING}", body, {"content-type": "application/json"}, method="PUT")).close()


def connect(form: Locator, server: ModelServer, key: str) -> None:
    """Type a key into the form, as a person does, and send it."""
    form.get_by_label("Base URL").fill(server.base_url)
    form.get_by_label("Model").fill("test-model")
    field = form.get_by_label("API key")
    field.press_sequentially(key)
    # K18
    expect(field).to_have_attribute("type", "password")
    expect(field).to_have_attribute("autocomplete", "new-password")
    assert not leaks(form.evaluate("form => form.outerHTML"), key)
    field.press("Enter")
    expect(form).to_be_hidden()
    expect(field).to_have_value("")


def contents(directory: Path) -> dict[Path, str]:
    """All files below a directory, but for those of which a database gets rid meanwhile."""
    found = {}
    for path in directory.rglob("*"):
        with suppress(FileNotFoundError):
            if path.is_file():
                found[path] = path.read_bytes().decode("latin-1")
    return found


def copied(notebook: Notebook, message: Locator) -> str:
    message.hover()
    message.get_by_role("button", name="Copy", exact=True).click()
    expect(message.get_by_role("button", name="Copied")).to_be_visible()
    text: str = notebook.page.evaluate("navigator.clipboard.readText()")
    return text


@only_jupyterlab
@pytest.mark.usefixtures("with_widget_state")
def test_k01_k02_k08_k18_k19_k20_k24_the_key_crosses_once_and_stays_nowhere(
    notebook: Notebook, server: ModelServer, jupyterlab: JupyterLab
) -> None:
    key = new_canary()
    page = notebook.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    wire = Wire(page)
    notebook.open(SHOWN, FAILING)
    notebook.run(0)
    chat = notebook.chat
    connect(chat.root.locator(".chatwidget-connect"), server, key)
    chat.send(QUESTION)
    chat.expect_texts(QUESTION, ANSWER)
    assert server.chats[0].headers["authorization"] == f"Bearer {key}"

    # A server that repeats the key: in the view, what is copied of it, and in a traceback with all variables.
    server.reply_error(401, f"No such key: {key}")
    chat.send("And now?")
    chat.expect_status("error")
    server.reply_error(401, f"No such key: {key}")
    notebook.start(1)
    notebook.wait(1)
    expect(notebook.output(1)).to_contain_text("ChatError")
    seen = [copied(notebook, chat.messages.first), chat.root.evaluate(SELECTED)]
    assert ANSWER in seen[1]
    assert "No such key" in seen[1]

    # K02: in one custom message from the page to the kernel, which is sent again only where it was not acknowledged.
    carriers = [frame for frame in wire.sent if leaks(frame, key)]
    assert len({re.search(r'"sender":"(\w+)","number":(\d+)', frame).groups() for frame in carriers}) == 1
    assert all('"method":"custom"' in frame and '"type":"connect"' in frame for frame in carriers)
    assert wire.received

    # K01, K24: the file, with the state of the widget, and what nbconvert makes of it.
    notebook.save()
    (path,) = [path for path in jupyterlab.root.glob("*.ipynb") if ANSWER in path.read_text("utf-8")]
    assert "widgets" in json.loads(path.read_text("utf-8"))["metadata"]
    made = [exporter().from_filename(str(path))[0] for exporter in (HTMLExporter, PythonExporter)]
    assert ANSWER in made[0]
    assert not leaks([*seen, *wire.received, *wire.console, *made, page.content(), storage_of(page)], key)
    values = page.eval_on_selector_all("input, textarea", "fields => fields.map(field => field.value)")
    assert not leaks(values, key)

    # K19, K08: nothing that JupyterLab, the kernel or chatwidget has written; logs, history and checkpoints too.
    files = contents(jupyterlab.root.parent)
    assert path in files
    assert not [file for file, text in files.items() if leaks(text, key)]
