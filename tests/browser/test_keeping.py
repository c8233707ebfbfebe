"""What is kept, where only a browser can tell."""

import time

from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, only_jupyterlite

WITHIN = 5
"""Seconds."""

STORED = """async (name) => {
    for (const { name: database } of await indexedDB.databases()) {
        const open = await new Promise((resolve) => {
            const request = indexedDB.open(database);
            request.onsuccess = () => resolve(request.result);
        });
        try {
            if (!open.objectStoreNames.contains("files")) continue;
            const file = await new Promise((resolve) => {
                const request = open.transaction("files").objectStore("files").get(name);
                request.onsuccess = () => resolve(request.result);
            });
            if (file) return file.format === "base64" ? atob(file.content) : JSON.stringify(file.content);
        } finally {
            open.close();
        }
    }
    return "";
}"""
"""What the browser has stored of a file."""


@only_jupyterlite
def test_r17_a_closed_tab_loses_five_seconds_at_most(notebook, server):
    """Fails when `Autosave._changed` schedules at `Settled` only."""
    gate = server.gate()
    server.reply("The first half", " and the second.", gate=gate)
    source = f"""\
from chatwidget import ChatWidget
chat = ChatWidget("m", base_url="{server.base_url}", api_key="k", autosave="kept.json")
chat"""
    notebook.open(source)
    notebook.run(0)
    notebook.chat.send("Question")
    gate.release()
    expect(notebook.chat.text).to_contain_text("The first half")
    shown = time.monotonic()
    while "The first half" not in notebook.page.evaluate(STORED, "kept.json"):
        assert time.monotonic() - shown < WITHIN
    again = Notebook(notebook.page.context.new_page(), notebook.runtime)
    again.page.goto(notebook.page.url)
    notebook.page.close()
    again.wait_for_kernel()
    again.run(0)
    again.chat.expect_texts("Question", "The first half")
    again.chat.expect_status("interrupted")
    again.chat.send("More")
    again.chat.expect_status("complete")


def test_r14_the_conversation_is_in_the_outputs_and_is_seen_once(notebook, server):
    """Fails without `outputs.css` (seen twice), and when `Transcript._changed` does not schedule."""
    gate = server.gate()
    server.reply("The first half", " and the second.", gate=gate)
    notebook.open(chat_cell(server))
    notebook.run(0)
    transcript = notebook.output(0).locator('[data-mime-type="text/markdown"]')
    mark = notebook.chat.root.evaluate_handle("root => root")
    notebook.chat.send("Question")
    gate.release()
    expect(transcript).to_contain_text("Interrupted.")
    notebook.chat.input.press_sequentially("A draft")
    gate.open()
    notebook.chat.expect_status("complete")
    expect(transcript).to_contain_text("The first half and the second.")
    expect(transcript).not_to_contain_text("Interrupted.")
    expect(transcript).to_be_hidden()
    # The view is the one that was there before, as it was.
    assert notebook.chat.root.evaluate("(root, mark) => root === mark", mark)
    expect(notebook.chat.input).to_have_value("A draft")
    expect(notebook.chat.input).to_be_focused()
    notebook.save()
    notebook.runtime.shut_down_kernels()
    notebook.reload()
    expect(transcript).to_be_visible()
    expect(transcript).to_contain_text("The first half and the second.")
    expect(notebook.page.locator(".chatwidget")).to_have_count(0)
