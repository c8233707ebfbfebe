"""R09, R10, R11, R24: pages that reload, sockets that drop, a view that is late, and everybody asking at once.

There is more than one way back, so R09 fails only when neither the trait nor `Link` gives a snapshot; what no server
keeps for the page is lost in `tests/resilience/test_lost_messages.py`. R24 fails when `TurnQueue._start_next` starts a
turn beside the running one.
"""

import os
import random

import pytest
from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

pytestmark = pytest.mark.own_page

RELOADS = int(os.environ.get("RELOADS", "2"))
"""`make soak` has 20."""
AT_A_TIME = 15
WORDS = [f" word{number}" for number in range(2 * RELOADS * AT_A_TIME + 40)]
KEEP_SOCKETS = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
    constructor(...how) { super(...how); sockets.push(this); }
};
"""
LATE_VIEWS = """
const createObjectURL = URL.createObjectURL;
URL.createObjectURL = (blob) => {
    if (blob.type !== "text/javascript") return createObjectURL(blob);
    window.isLate = true;
    const late = "await new Promise((go) => setTimeout(go, 3000)); window.isLate = false;";
    return createObjectURL(new Blob([late, blob], { type: blob.type }));
};
"""
DROP_SOCKETS = "for (const socket of sockets.splice(0)) socket.close()"


@only_jupyterlab
def test_r09_r10_reloads_and_dropped_sockets_at_random_lose_nothing(notebook: Notebook, server: ModelServer) -> None:
    dice = random.Random(9)
    gate = server.gate()
    server.reply(*WORDS, gate=gate, delay=0.02)
    notebook.page.add_init_script(KEEP_SOCKETS)
    notebook.open(chat_cell(server))
    notebook.run(0)
    chat = notebook.chat
    chat.send("Count")
    gate.release(2)
    expect(chat.text).to_have_text("word0 word1")
    notebook.save()
    for happening in dice.sample(["reload", "drop"] * RELOADS, 2 * RELOADS):
        gate.release(AT_A_TIME)
        notebook.page.wait_for_timeout(dice.randrange(400))
        if happening == "reload":
            notebook.reload()
        else:
            notebook.page.evaluate(DROP_SOCKETS)
    expect(chat.text).to_contain_text(f"word{2 * RELOADS * AT_A_TIME + 1}")
    gate.open()
    chat.expect_status("complete")
    expect(chat.text).to_have_text("".join(WORDS).strip())
    expect(chat.root).to_have_attribute("data-kernel", "there")
    chat.send("Thanks")
    chat.expect_texts("Count", "".join(WORDS).strip(), "Thanks", "You said: Thanks")
    assert len(server.chats) == 2


@only_jupyterlab
def test_r24_two_views_a_cell_and_a_magic_ask_at_once(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply("First", " answer", gate=gate)
    notebook.open(chat_cell(server), "chat", "%load_ext chatwidget", "chat.ask('cell')", "%chat magic")
    for index in range(3):
        notebook.run(index)
    notebook.start(3)
    gate.release()
    expect(notebook.chat.text).to_have_text("First")
    notebook.start(4)
    notebook.chats(0).send("left")
    notebook.chats(1).send("right")
    for index in range(2):
        expect(notebook.chats(index).root.locator(".chatwidget-queue li")).to_have_count(2)
    gate.open()
    notebook.wait(3)
    notebook.wait(4)
    for index in range(2):
        expect(notebook.chats(index).messages).to_have_count(8)
        notebook.chats(index).expect_status("complete")
    texts = notebook.chats(0).messages.locator(".chatwidget-text").all_inner_texts()
    assert texts == notebook.chats(1).messages.locator(".chatwidget-text").all_inner_texts()
    answers = dict(zip(texts[::2], texts[1::2], strict=True))
    own = {question: f"You said: {question}" for question in ("left", "right", "magic")}
    assert answers == {"cell": "First answer", **own}
    assert texts[0] == "cell"


@only_jupyterlab
def test_r11_what_passes_before_the_view_is_there_is_shown(notebook: Notebook, server: ModelServer) -> None:
    """The module comes three seconds late, and anywidget lets nothing through any more.

    Fails without `comm_fallback.js`.
    """
    gate = server.gate()
    server.reply(*WORDS, gate=gate)
    notebook.page.add_init_script(LATE_VIEWS)
    notebook.open(chat_cell(server), "reply = await chat.ask_async('Count')")
    notebook.start(0)
    notebook.page.wait_for_function("window.isLate", polling=100)
    notebook.start(1)
    gate.release(50)
    assert notebook.page.evaluate("window.isLate")
    chat = notebook.chat
    expect(chat.text).to_contain_text("word48")
    gate.open()
    chat.expect_status("complete")
    expect(chat.text).to_have_text("".join(WORDS).strip())
    chat.send("Thanks")
    chat.expect_texts("Count", "".join(WORDS).strip(), "Thanks", "You said: Thanks")


TOO_BUSY = """
const [later, now] = [setTimeout, Date.now];
const held = [];
let isThere = false;
window.setTimeout = (work, delay, ...more) =>
    !isThere && delay === 100 && new Error().stack.includes("get_model")
        ? held.push(work)
        : later(work, delay, ...more);
Date.now = () => now() + (isThere ? 3000 : 0);
const createObjectURL = URL.createObjectURL;
URL.createObjectURL = (blob) => {
    if (blob.type === "text/javascript") later(() => { isThere = true; for (const work of held) work(); }, 500);
    return createObjectURL(blob);
};
"""
"""What a page does that is too busy to look for a widget before ipywidgets gives it up."""


@only_jupyterlab
def test_r09_a_view_for_which_the_page_was_too_busy_comes_back(notebook: Notebook, server: ModelServer) -> None:
    """And with it what was sent just before.

    Fails without `showAgain` in `markdown_outputs.js`, and without `outbox_storage.js`.
    """
    notebook.open(chat_cell(server))
    notebook.run(0)
    notebook.chat.send("Hello")
    notebook.chat.expect_status("complete")
    notebook.save()
    notebook.page.add_init_script(TOO_BUSY)
    notebook.page.evaluate("WebSocket.prototype.send = () => {}")
    notebook.chat.send("Again")
    expect(notebook.chat.root).to_contain_text("Again")
    notebook.reload()
    notebook.chat.expect_texts("Hello", "You said: Hello", "Again", "You said: Again")
    assert len(server.chats) == 2
