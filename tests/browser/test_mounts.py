"""Views that are gone leave nothing behind."""

from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, expect

import chatwidget
from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

pytestmark = pytest.mark.own_page

BUNDLE = Path(chatwidget.__file__).parent / "static" / "widget.js"

# Counts what is begun and not ended. Timers that fire end by themselves.
COUNT = """() => {
    window.left = { observers: 0, timers: new Set() };
    const { setTimeout, clearTimeout } = window;
    window.setTimeout = (run, delay, ...more) => {
        const id = setTimeout(() => { left.timers.delete(id); run(...more); }, delay);
        if (new Error().stack.includes("blob:")) left.timers.add(id);
        return id;
    };
    window.clearTimeout = (id) => { left.timers.delete(id); clearTimeout(id); };
    for (const name of ["ResizeObserver", "IntersectionObserver", "MutationObserver"]) {
        const Original = window[name];
        window[name] = class extends Original {
            observe(...what) {
                if (!this.counted && new Error().stack.includes("blob:")) { this.counted = true; left.observers += 1; }
                super.observe(...what);
            }
            disconnect() {
                if (this.counted) { this.counted = false; left.observers -= 1; }
                super.disconnect();
            }
        };
    }
}"""
# A widget on a page of its own, whose view comes and goes.
SHOW = """async ([bundle, snapshot]) => {
    const url = URL.createObjectURL(new Blob([bundle], { type: "text/javascript" }));
    const widget = await (await import(url)).default();
    const model = {
      get: (name) => name === "_snapshot" ? snapshot : undefined, on() {}, off() {}, set() {}, send() {},
    };
    await widget.initialize({ model, signal: new AbortController().signal });
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    window.remount = async (count) => {
        for (let number = 0; number < count; number++) {
            const el = document.body.appendChild(document.createElement("div"));
            const view = new AbortController();
            await widget.render({ model, el, signal: view.signal });
            await frame();
            el.querySelector(".chatwidget-transcript").scrollTop = 0;
            await frame();
            view.abort();
            el.remove();
            await frame();
        }
        return { observers: left.observers, timers: left.timers.size };
    };
}"""
TEXT = "A **table**:\n\n| a |\n|---|\n| 1 |\n\n```python\nx = 1\n```\n\nand $x^2$"


def snapshot_of(texts: list[str]) -> dict[str, object]:
    """What a kernel would give."""
    state = {"status": "ready", "queue": [], "retry": None, "notice": None, "models": None, "servers": None}
    state |= {"restorable": False, "approvals": []}
    state["connection"] = {"kind": "demo", "model": "demo", "base_url": None, "key": None}
    state["setup"] = {"system_prompt": "", "temperature": None, "max_tokens": None}
    state["look"] = {"locale": None, "height": None, "starters": [], "titles": {}}
    plain = {"role": "assistant", "reasoning": "Hm."}
    messages = [plain | {"id": f"m{n}", "content": text} for n, text in enumerate(texts)]
    return {"version": 1, "rev": 0, "channel": "mounts", "messages": messages, "state": state}


def counters(devtools: CDPSession) -> dict[str, int]:
    """Listeners and nodes that are still alive."""
    for _ in range(3):
        devtools.send("HeapProfiler.collectGarbage")
    found = devtools.send("Memory.getDOMCounters")
    return {name: found[name] for name in ("jsEventListeners", "nodes")}


def test_r13_a_hundred_mounts_and_unmounts_leave_nothing(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    page.evaluate(COUNT)
    page.evaluate(SHOW, [BUNDLE.read_text("utf-8"), snapshot_of([TEXT] * 30)])
    # What the first ones leave is for all to come: templates, a stylesheet.
    first = page.evaluate("remount(3)")
    before = counters(devtools)
    left = page.evaluate("remount(100)")
    after = counters(devtools)
    # The widget has a few timers of its own, while it waits for its kernel; views have none.
    assert left["timers"] < first["timers"] + 10
    assert left["observers"] == 0
    assert after["jsEventListeners"] <= before["jsEventListeners"]
    assert after["nodes"] <= before["nodes"] + 50


@only_jupyterlab
def test_an_output_that_is_shown_anew_leaves_no_listener(notebook: Notebook, server: ModelServer) -> None:
    server.reply(TEXT)
    notebook.open(chat_cell(server), "chat")
    notebook.run_all()
    notebook.chats(0).send("Hello")
    notebook.chats(0).expect_status("complete")
    devtools = notebook.page.context.new_cdp_session(notebook.page)

    def show_anew(times: int) -> dict[str, int]:
        for _ in range(times):
            notebook.run(1)
            expect(notebook.chats(1).text).to_contain_text("table")
        return counters(devtools)

    before = show_anew(2)
    after = show_anew(6)
    # The notebook itself leaves a few, and holds on to the last view for a while; a view has some hundred.
    assert after["jsEventListeners"] - before["jsEventListeners"] < 6 * 50
