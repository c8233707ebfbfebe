"""A notebook in which each cell shows one state of the view: the bundle that users get, and no chat behind it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, expect

from tests.browser._chat import Chat
from tests.browser._notebook import Notebook
from tests.gallery._states import STATES, Shown

DEFINE = """\
import json
from pathlib import Path
import anywidget, chatwidget, traitlets
static = Path(chatwidget.__file__).parent / "static"
class Shown(anywidget.AnyWidget):
    _esm = static / "widget.js"
    _css = static / "widget.css"
    _snapshot = traitlets.Any().tag(sync=True)
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.on_msg(self.answer)
    def answer(self, _, content, __):
        if content["type"] == "resource":
            text = (static / f"{content['name']}.js").read_text("utf-8")
            self.send({"type": "resource", "name": content["name"], "text": text})
        if content["type"] == "complete":
            kinds = {"heights": "DataFrame 120\u00d74", "weights": "ndarray 64", "limit": "int", "above": "function"}
            self.send({"type": "names", "names": [{"name": name, "kind": kind} for name, kind in kinds.items()]})
        if content["type"] == "preview":
            text = "For reference, the notebook as it is now:\\n\\n`limit`: 2000\\n\\n@heights (120 rows):"
            names = [{"name": "heights", "kind": "DataFrame 120\u00d74"}]
            wrong = [{"written": "{hieghts}", "nearest": "{heights}", "is_name": True}] * ("{h" in content["text"])
            self.send({"type": "preview", "id": content["id"], "names": names, "mistakes": wrong, "text": text})"""


# Formulas that are not drawn yet, and code without colours.
PENDING = ".chatwidget-math:not(:has(math)), pre:visible code[class*=language-]:not(:has([class*=chatwidget-tok]))"


class Gallery:
    """All states in one language, in a notebook."""

    def __init__(self, notebook: Notebook, locale: str) -> None:
        self.notebook = notebook
        snapshots = json.dumps([shown.snapshot(locale) for shown in STATES])
        cells = [f"Shown(_snapshot=snapshots[{index}])" for index in range(len(STATES))]
        notebook.open(f"{DEFINE}\nsnapshots = json.loads({json.dumps(snapshots)})", *cells)
        notebook.run_all()

    def root(self, shown: Shown, width: int) -> Locator:
        """The view of one state, this many pixels wide."""
        root = self.notebook.output(STATES.index(shown) + 1).locator(".chatwidget")
        expect(root).to_be_visible()
        root.evaluate("(root, width) => { root.parentElement.style.width = `${width}px` }", width)
        return root

    @contextmanager
    def show(self, shown: Shown, width: int) -> Iterator[Locator]:
        """One state on the page, this many pixels wide, and what a person opened in it."""
        self.notebook.output(STATES.index(shown) + 1).scroll_into_view_if_needed()
        root = self.root(shown, width)
        root.evaluate("(root) => root.scrollIntoView({ block: 'center' })")
        if shown.act:
            shown.act(Chat(root))
        expect(root.locator(PENDING)).to_have_count(0)
        yield root
        if shown.act:
            shown.undo(Chat(root))
