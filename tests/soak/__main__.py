"""Turns with faults at random in JupyterLab: ``python -m tests.soak [--turns 500] [--seed 1]``. Takes some minutes.

A person asks, stops, edits, tries again and reloads the page; the server drops, resets, dawdles and refuses. At the
end kernel, view and saved file hold the same conversation, and memory and sockets are back where they were after the
first turns.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.browser._chat import Chat, chat_cell
from tests.browser._chromium import launch
from tests.browser._jupyterlab import JupyterLab
from tests.browser._notebook import Notebook
from tests.server import ModelServer
from tests.soak._faults import Faults
from tests.unit._view import whole

TIMEOUT = 30_000
WARM = 50
"""Turns after which memory and sockets are looked at for the first time: caches are full then."""
KEPT = 40_000_000
"""Bytes that all turns may add to a process: their texts, in several copies, and what the allocator keeps."""

# A second widget hands out the model of the first, found late on a busy page; no other way leads to it from outside.
FINDER = """\
import anywidget, os, traitlets
class Finder(anywidget.AnyWidget):
    _esm = '''async function find(model) {
        try {
            window.chatModel = await model.widget_manager.get_model(model.get("target"));
        } catch {
            find(model);
        }
    }
    export default { initialize({ model }) { find(model); } }'''
    target = traitlets.Unicode().tag(sync=True)
print(os.getpid())
finder = Finder(target=chat.model_id)"""
SAVE = """\
import json, time
while chat.status != "ready":
    time.sleep(0.1)
chat.save("soak.json")
again = ChatWidget.load("soak.json", model="demo")
assert again.messages == chat.messages
again.close()
snapshot = chat.get_state(["_snapshot"])["_snapshot"]
with open("kernel.json", "w") as file: json.dump(snapshot, file)"""


SHOWN = "JSON.parse(globalThis.chatModel?.get('_snapshot')?.json ?? '{}')"
"""What the view has, as a notebook would save it: without the server."""


class Person:
    """Does at random what people do."""

    def __init__(self, notebook: Notebook, seed: int) -> None:
        self._notebook = notebook
        self._page = notebook.page
        self._dice = random.Random(seed)
        self.done: Counter[str] = Counter()

    @property
    def chat(self) -> Chat:
        """The chat."""
        return self._notebook.chat

    def take_turn(self, number: int) -> None:
        """Ask something in some way, and wait until all is quiet."""
        kinds = {"ask": 60, "stop": 12, "edit": 8, "try again": 8, "twice": 4, "reload": 2}
        [kind] = self._dice.choices(list(kinds), list(kinds.values()))
        text = f"question {number}"
        # What nothing can be done about becomes a question.
        ways = {"edit": lambda: self._edit(text), "try again": self._try_again}
        if kind not in ways or not ways[kind]():
            kind = "ask" if kind in ways else kind
            self.chat.send(text)
        self.done[kind] += 1
        if kind == "twice":
            text += " again"
            self.chat.send(text)
        if kind == "stop":
            self._stop()
        if kind == "reload":
            self._notebook.save()
            self._notebook.reload()
        self._wait("" if kind == "try again" else text)

    def _wait(self, last: str) -> None:
        """Wait until nothing runs or waits, and the last question is `last`."""
        quiet = f"""(last) => {{
            const {{ messages, state }} = {SHOWN};
            const question = messages?.findLast(({{ role }}) => role === "user")?.content;
            return state?.status === "ready" && state.queue.length === 0 && (last === "" || question === last);
        }}"""
        try:
            self._page.wait_for_function(quiet, arg=last, polling=100, timeout=TIMEOUT)
        except PlaywrightError:
            self._page.screenshot(path="build/screenshots/soak.png")
            raise

    def _edit(self, text: str) -> bool:
        self.chat.input.press("ArrowUp")
        editor = self.chat.root.get_by_role("textbox", name="Edit the message")
        if editor.count() == 0:
            return False
        editor.fill(text)
        editor.press("Enter")
        return True

    def _try_again(self) -> bool:
        return self._click(".chatwidget-retry")

    def _stop(self) -> None:
        self._click(".chatwidget-stop")

    def _click(self, selector: str) -> bool:
        """Click where there is something to click: it may be gone at any moment."""
        click = """(root, selector) => {
            const found = [...root.querySelectorAll(selector)].find((button) => button.checkVisibility());
            found?.click();
            return found !== undefined;
        }"""
        return bool(self.chat.root.evaluate(click, selector))


def sockets(pid: int, port: int) -> tuple[int, int]:
    """How many a process has to this port, and in all: each page that reloads leaves ipykernel a subshell with some."""
    opened = {str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    ours = [row for row in rows if f"socket:[{row[9]}]" in opened and row[2].endswith(f":{port:04X}")]
    return len(ours), sum(target.startswith("socket:") for target in opened)


def figures(pid: int, port: int, devtools: CDPSession) -> dict[str, int]:
    """What kernel and page hold."""
    process = Path(f"/proc/{pid}")
    to_server, in_all = sockets(pid, port)
    [resident] = [line.split()[1] for line in (process / "status").read_text().splitlines() if "VmRSS" in line]
    for _ in range(3):
        devtools.send("HeapProfiler.collectGarbage")
    counters = devtools.send("Memory.getDOMCounters")
    heap = devtools.send("Runtime.getHeapUsage")["usedSize"]
    return {
        "kernel, bytes": int(resident) * 1024,
        "kernel, sockets to the server": to_server,
        "kernel, sockets": in_all,
        "page, bytes": int(heap),
        "page, nodes": counters["nodes"],
        "page, listeners": counters["jsEventListeners"],
    }


def main() -> int:
    """Soak, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--turns", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    expect.set_options(timeout=TIMEOUT)
    faults = Faults(options.seed)
    with (
        tempfile.TemporaryDirectory() as directory,
        ModelServer(handler=faults) as server,
        JupyterLab(Path(directory)) as lab,
        sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 1600})
        page.set_default_timeout(TIMEOUT)
        notebook = Notebook(page, lab)
        notebook.open(chat_cell(server), FINDER, SAVE)
        notebook.run(0)
        notebook.run(1)
        port = int(server.url.rpartition(":")[2])
        pid = int(notebook.output(1).inner_text().split()[0])
        person = Person(notebook, options.seed)
        devtools = page.context.new_cdp_session(page)
        began = time.monotonic()
        before: dict[str, int] = {}
        for number in range(options.turns):
            if number == min(WARM, options.turns // 2):
                before = figures(pid, port, devtools)
            person.take_turn(number)
            if number % 50 == 0:
                print(f"turn {number}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        took = time.monotonic() - began
        notebook.run(2)
        kernel = whole(json.loads((lab.root / "kernel.json").read_text()))
        page.wait_for_function(f"rev => {SHOWN}.rev === rev", arg=kernel["rev"], polling=100)
        view = page.evaluate(SHOWN)
        person.chat.expect_status(kernel["messages"][-1]["status"])
        shown = person.chat.text.text_content() or ""
        after = figures(pid, port, devtools)
        notebook.shut_down_kernel()
    return report(options.turns, took, person.done + faults.seen, before, after, differences(kernel, view, shown))


def differences(kernel: dict[str, Any], view: dict[str, Any], shown: str) -> list[str]:
    """Where kernel, view and page do not agree."""
    for each in (kernel, view):
        for name in ("connection", "models", "servers"):
            del each["state"][name]
    found = [f"{name} differs" for name in ("rev", "messages", "state") if kernel[name] != view[name]]
    last = kernel["messages"][-1]["content"]
    if shown.split()[:1] != last.replace("**", "").split()[:1]:
        found.append(f"the page shows {shown[:40]!r}, the kernel has {last[:40]!r}")
    roles = [message["role"] for message in kernel["messages"]]
    if roles != ["user", "assistant"] * (len(roles) // 2):
        found.append("questions and answers do not alternate")
    if any(message["status"] in {"waiting", "streaming"} for message in kernel["messages"]):
        found.append("an answer never ended")
    return found


def report(  # noqa: PLR0917 what there is to tell
    turns: int, took: float, kinds: Counter[str], before: dict[str, int], after: dict[str, int], wrong: list[str]
) -> int:
    """Print it all; gives the exit code."""
    print(f"{turns} turns in {took:.0f} s: {', '.join(f'{count} {kind}' for kind, count in kinds.most_common())}")
    for name, value in before.items():
        print(f"{name}: {value:,} after the first turns, {after[name]:,} at the end")
    most = {"kernel, bytes": KEPT, "page, bytes": KEPT, "kernel, sockets to the server": 1}
    wrong += [f"{name} has grown" for name, much in most.items() if after[name] - before[name] > much]
    print("\n".join(wrong) or "kernel, view and saved file agree")
    return 1 if wrong else 0


sys.exit(main())
