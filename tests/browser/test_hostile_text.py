"""Text from elsewhere stays text: every payload of the corpus, in every place a text can get to."""

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, Self
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import JSHandle, Request, expect

from tests.browser._files import Drag
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

# What a person's own program does with texts from elsewhere.
SET = """\
import json, pathlib
cases = json.loads(pathlib.Path("{corpus}").read_text())["payloads"]
texts = [case["payload"] for case in cases if "gen" not in case]
chat.tool_titles = {{f"titled-{{at}}": text for at, text in enumerate(texts)}}
def conversation(at, text):
    call = {{"id": f"call-{{at}}", "type": "function", "function": {{"name": text, "arguments": text}}}}
    titled = {{"id": text, "type": "function", "function": {{"name": f"titled-{{at}}", "arguments": "{{}}"}}}}
    file = {{"type": "file", "file": {{"filename": text, "file_data": "data:text/plain;base64,AAAA"}}}}
    return [
        {{"role": "user", "content": text}},
        {{"role": "user", "content": [{{"type": "text", "text": text}}, file], "name": text}},
        {{"role": "assistant", "content": text, "tool_calls": [call, titled]}},
        {{"role": "tool", "tool_call_id": call["id"], "content": text}},
    ]
chat.messages = [message for at, text in enumerate(texts) for message in conversation(at, text)]"""
LOADED = """\
from chatwidget import from_json, to_json
saved = to_json(chat.conversation)
chat.clear()
chat.messages = from_json(saved).messages"""
# Of these, results are shown with their calls.
SHOWN = 3

# A message has up to nine texts. Its time on the page's main thread, as a multiple of what the browser itself takes to
# show 1 MB of plain text once; what grows with the square takes hundreds.
MOST = 20
# How many places a message can carry a text to, and the notice.
PLACES = 10

# How many texts are on the page at once.
MANY = 60

# Bytes of a file's name.
MOST_BYTES = 255

pytestmark = [
    pytest.mark.own_page,
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


def can_be_a_name(text: str) -> bool:
    try:
        length = len(text.encode())
    except UnicodeEncodeError:
        return False
    return 0 < length <= MOST_BYTES and not {"/", "\0"} & set(text) and text != "files"


def batches(texts: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(texts), size):
        yield texts[start : start + size]


class Hostile:
    """A chat in JupyterLab that is shown what it should not fall for."""

    def __init__(self, notebook: Notebook, *cells: str) -> None:
        self._page = notebook.page
        self._root = notebook.chat.root
        notebook.open(CELL, *cells)
        notebook.run(0)
        self._page.wait_for_function("window.chatModel && document.querySelector('.chatwidget')")
        self._driver: JSHandle = self._page.evaluate_handle(f"({DRIVER})(window.chatModel)")
        self._devtools = notebook.page.context.new_cdp_session(notebook.page)
        self._devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.loaded: list[str] = []
        self.dialogs: list[str] = []
        self._page.context.on("request", self._note)
        self._page.context.on("page", lambda page: self.loaded.append(page.url))
        self._page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))

    def _note(self, request: Request) -> None:
        # JupyterLab goes on to ask its server for this and that, by script, changes its icon, and loads its own parts:
        # colours, for code in the Markdown outputs.
        path = urlsplit(request.url).path
        is_part = path.startswith(("/static/favicons/", "/static/lab/"))
        is_its_own = request.resource_type in {"xhr", "fetch", "websocket"} or is_part
        is_here = urlsplit(request.url).hostname == "127.0.0.1"
        if not (is_here and is_its_own) and not request.url.startswith("blob:"):
            self.loaded.append(request.url)

    def run(self, what: str, texts: Any) -> Any:
        # As JSON, which has a way to write half a character.
        return self._driver.evaluate(
            "async (driver, [what, texts]) => driver[what](JSON.parse(texts))", [what, json.dumps(texts)]
        )

    def drop(self, directory: Path, texts: list[str]) -> Any:
        """Drop files and folders of these names, as far as a system has such."""
        paths = []
        for text in filter(can_be_a_name, texts):
            (directory / "files" / text).parent.mkdir(exist_ok=True)
            (directory / "files" / text).write_text("a")
            (directory / text).mkdir()
            paths += [directory / "files" / text, directory / text]
        assert paths
        drag = Drag(self._page, paths)
        drag.over(self._root.locator(".chatwidget-composer"))
        drag.drop()
        expect(self._root.locator(".chatwidget-composer .chatwidget-chip")).to_have_count(len(paths) // 2)
        expect(self._root.locator(".chatwidget-problem")).to_contain_text("is a folder")
        return self.run("look", [])

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


def test_no_payload_is_more_than_text(notebook: Notebook, tmp_path: Path) -> None:
    texts = payloads()
    found = []
    with Hostile(notebook, SET.format(corpus=CORPUS.resolve()), LOADED) as hostile:
        found += hostile.drop(tmp_path, texts)
        for cell in (1, 2):
            notebook.run(cell)
            found += hostile.run("sent", SHOWN * len(texts))
        assert hostile.run("places", None) == []
        for batch in batches(texts, MANY):
            found += hostile.run("loaded", batch) + hostile.run("around", batch)
        found += hostile.run("files", texts)
    assert found == []


def test_no_beginning_of_a_payload_is_more_than_text(notebook: Notebook) -> None:
    found = []
    with Hostile(notebook) as hostile:
        for texts in batches(sorted(payloads(), key=len), MANY):
            found += hostile.run("growing", texts)
    assert found == []


def test_no_payload_takes_long(notebook: Notebook) -> None:
    late = {}
    with Hostile(notebook) as hostile:
        plain = median(hostile.seconds("bare", "x" * 1_000_000) for _ in range(5))
        for name, text in endless().items():
            for place in range(PLACES):
                ratio = hostile.seconds("single", [text, place]) / plain
                if ratio > MOST:
                    # Where there are fewer cores than work, a task is held up in its midst.
                    ratio = min(hostile.seconds("single", [text, place]) for _ in range(3)) / plain
                if ratio > MOST:
                    late[name, place] = ratio
    assert late == {}
