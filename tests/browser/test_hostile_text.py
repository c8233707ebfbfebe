"""Text from elsewhere stays text: every payload of the corpus, in every place a text can get to."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import JSHandle, Request

from tests.browser._notebook import Notebook, only_jupyterlab

# Payloads of others, under licences of their own: they are read where they are, and not part of this repository.
CORPUS = Path(__file__).parents[3] / "shared" / "cases" / "xss.json"
DRIVER = (Path(__file__).parent / "_hostile_text.js").read_text()

# A second widget hands out the model of the first; no other way leads to it from outside.
CELL = """\
import anywidget, traitlets
from chatwidget import ChatWidget

class Finder(anywidget.AnyWidget):
    _esm = '''export default { async render({ model }) {
        window.chatModel = await model.widget_manager.get_model(model.get("target"));
    } }'''
    target = traitlets.Unicode().tag(sync=True)

chat = ChatWidget("demo")
display(chat, Finder(target=chat.model_id))"""

# Seconds of the page's main thread.
MOST = 1
# How many places a message can carry a text to, and the notice.
PLACES = 9

# Few enough for all of their messages to be on the page at once, or nearly so.
WHOLE = 3
GROWING = 20

pytestmark = [
    only_jupyterlab,
    pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here"),
]


def payloads() -> list[str]:
    """Those that are written out."""
    return [each["payload"] for each in json.loads(CORPUS.read_text())["payloads"] if "gen" not in each]


def endless() -> dict[str, str]:
    """Those that are long, by their names."""
    cases = json.loads(CORPUS.read_text())["payloads"]
    return {each["id"]: "".join(text * count for text, count in each["gen"]) for each in cases if "gen" in each}


def batches(texts: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(texts), size):
        yield texts[start : start + size]


class Hostile:
    """A chat in JupyterLab that is shown what it should not fall for."""

    def __init__(self, notebook: Notebook) -> None:
        self._page = notebook.page
        notebook.open(CELL)
        notebook.run(0)
        self._page.wait_for_function("window.chatModel && document.querySelector('.chatwidget')")
        self._driver: JSHandle = self._page.evaluate_handle(f"({DRIVER})(window.chatModel)")
        self._devtools = notebook.page.context.new_cdp_session(notebook.page)
        self._devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.loaded: list[str] = []
        self.dialogs: list[str] = []
        self._page.context.on("request", self._note)
        self._page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))

    def _note(self, request: Request) -> None:
        # JupyterLab goes on to ask its server for this and that, by script, and changes its icon.
        path = urlsplit(request.url).path
        is_its_own = request.resource_type in {"xhr", "fetch", "websocket"} or path.startswith("/static/favicons/")
        is_here = urlsplit(request.url).hostname == "127.0.0.1"
        if not (is_here and is_its_own) and not request.url.startswith("blob:"):
            self.loaded.append(request.url)

    def run(self, what: str, texts: Any) -> Any:
        # As JSON, which has a way to write half a character.
        return self._driver.evaluate(
            "(driver, [what, texts]) => driver[what](JSON.parse(texts))", [what, json.dumps(texts)]
        )

    def seconds(self, what: str, texts: Any) -> float:
        """The time of the page's main thread that it takes, whatever else the machine does meanwhile."""
        self.run("clear", [])
        before = self._task_seconds()
        self.run(what, texts)
        return self._task_seconds() - before

    def _task_seconds(self) -> float:
        metrics = self._devtools.send("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.loaded == []
        assert self.dialogs == []
        assert self._page.evaluate("document.querySelectorAll('.chatwidget').length") == 1


def test_each_place_is_one(notebook: Notebook) -> None:
    with Hostile(notebook) as hostile:
        places = hostile.run("places", "harmless")
    assert places["messages"] >= 15
    assert places["state"] >= 3
    assert places["starters"] == 1


def test_no_payload_is_more_than_text(notebook: Notebook) -> None:
    found = []
    with Hostile(notebook) as hostile:
        for texts in batches(payloads(), WHOLE):
            found += hostile.run("whole", texts)
    assert found == []


def test_no_beginning_of_a_payload_is_more_than_text(notebook: Notebook) -> None:
    found = []
    with Hostile(notebook) as hostile:
        for texts in batches(sorted(payloads(), key=len), GROWING):
            found += hostile.run("growing", texts)
    assert found == []


def test_no_payload_takes_long(notebook: Notebook) -> None:
    late = {}
    with Hostile(notebook) as hostile:
        for name, text in endless().items():
            for place in range(PLACES):
                seconds = hostile.seconds("single", [text, place])
                if seconds > MOST:
                    late[name, place] = seconds
    assert late == {}
