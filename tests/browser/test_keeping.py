"""What is kept, where only a browser can tell."""

import json
import re
import time

import nbconvert
import nbformat
import pytest
from playwright.sync_api import Route, expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab, only_jupyterlite

pytestmark = pytest.mark.own_page

WITHIN = 5
"""Seconds."""

RELOADS = 4

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
    """Fails when `Autosave._changed` schedules at `MessagesChanged` only."""
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
    notebook.shut_down_kernel()
    notebook.reload()
    expect(transcript).to_be_visible()
    expect(transcript).to_contain_text("The first half and the second.")
    expect(notebook.page.locator(".chatwidget")).to_have_count(0)


@only_jupyterlab
def test_r14_after_a_reload_the_outputs_still_follow(notebook, server):
    """Fails without `markdown_outputs.js`.

    What ended while no page was there is missed when it does not ask to `refresh`.
    """
    gate = server.gate()
    server.reply("One.")
    server.reply("Two.")
    server.reply("Three.", gate=gate)
    notebook.open(chat_cell(server), chat_cell(server))
    notebook.run_all()
    transcripts = [notebook.output(cell).locator('[data-mime-type="text/markdown"]') for cell in range(2)]
    for cell, question in enumerate(("First", "Else")):
        notebook.chats(cell).send(question)
        notebook.chats(cell).expect_status("complete")
    notebook.chats(0).send("Away")
    expect(notebook.chats(0).root.locator(".chatwidget-stop")).to_be_visible()
    notebook.save()
    address = notebook.page.url
    notebook.page.goto("about:blank")
    gate.open()
    notebook.page.goto(address)
    notebook.wait_for_kernel()
    notebook.chats(0).expect_status("complete")
    expect(transcripts[0]).to_contain_text("Three.")
    mark = notebook.chat.root.evaluate_handle("root => root")
    notebook.chats(0).send("Last")
    expect(transcripts[0]).to_contain_text("You said: Last")
    assert notebook.chat.root.evaluate("(root, mark) => root === mark", mark)
    for cell in range(2):
        expect(transcripts[cell]).to_have_count(1)
        expect(transcripts[cell]).to_be_hidden()
    notebook.save()
    saved = json.loads((notebook.runtime.root / address.rpartition("/")[2]).read_text())
    texts = ["".join(cell["outputs"][0]["data"]["text/markdown"]) for cell in saved["cells"]]
    assert [[word in text for word in ("One.", "Two.", "Three.", "Last")] for text in texts] == [
        [True, False, True, True],
        [False, True, False, False],
    ]


def save_state(route: Route) -> None:
    """JupyterLab's setting that widgets are saved with the notebook."""
    response = route.fetch()
    body = response.json()
    for each in body["settings"]:
        if each["id"] == "@jupyter-widgets/jupyterlab-manager:plugin":
            each |= {"raw": '{"saveState": true}', "settings": {"saveState": True}}
    route.fulfill(response=response, json=body)


def reload_with_state(notebook: Notebook) -> None:
    """Reload until JupyterLab has rendered the widget from the state in the file.

    The widget manager (`restoreWidgets` of jupyterlab-manager 5) has a race of its own: if the kernel connects at a bad
    moment, it says that all is restored before it has read the file, and shows "model not found" until the next reload.
    """
    view = notebook.output(0).locator(".chatwidget")
    unrestored = notebook.output(0).get_by_text("Error displaying widget: model not found")
    for _ in range(RELOADS):
        notebook.reload()
        expect(view.or_(unrestored)).to_have_count(1)
        if view.count():
            return
    pytest.fail("the widget is not restored from the file")


@only_jupyterlab
def test_r14_r15_r32_saved_with_its_state_the_view_comes_whole_from_the_file(notebook, server):
    """Fails when `widget.js` does not `keep` the store's state in the model. R16: nbconvert's page has it, too.

    R15: a copy is not trusted; fails when `outputs.css` hides the transcript where no view is.
    """
    question = f"""Question <img src=x onerror="document.title = 'ran'"> ![spy]({server.base_url}/spy.png)"""
    hostile = "Shown <!--<script>alert(1)</script> \0 \uffff \U0010ffff"
    gate = server.gate()
    server.reply(hostile, "The rest.", gate=gate)
    notebook.page.route(re.compile(r"/lab/api/settings\?\d"), save_state)
    notebook.open(chat_cell(server))
    notebook.run(0)
    notebook.chat.send(question)
    gate.release()
    # A comment that has begun is not shown until it is known to have no end.
    expect(notebook.chat.text).to_have_text("Shown")
    notebook.save()
    notebook.shut_down_kernel()
    reload_with_state(notebook)

    notebook.chat.expect_status("interrupted")
    expect(notebook.chat.messages).to_have_count(2)
    expect(notebook.chat.text).to_contain_text("alert(1)")
    expect(notebook.chat.root.locator(".chatwidget-notice")).to_contain_text("No kernel is connected")
    expect(notebook.chat.input).not_to_be_editable()
    expect(notebook.chat.root.get_by_role("button", name="Conversation menu")).to_be_hidden()
    expect(notebook.output(0).locator('[data-mime-type="text/markdown"]')).to_be_hidden()

    name = notebook.page.url.rpartition("/")[2]
    text = (notebook.runtime.root / name).read_bytes().decode("utf-8", "strict")
    page, _ = nbconvert.HTMLExporter().from_notebook_node(nbformat.reads(text, as_version=4))
    # Its template would ask for libraries.
    offline = notebook.page.context.browser.new_context(java_script_enabled=False, offline=True)
    shown = offline.new_page()
    shown.set_content(page, wait_until="load")
    kept = shown.locator('script[type="application/vnd.jupyter.widget-state+json"]').text_content()
    offline.close()
    states = json.loads(kept)["state"].values()
    saved = next(json.loads(each["state"]["_snapshot"]["json"]) for each in states if "_snapshot" in each["state"])
    assert [message["content"] for message in saved["messages"]] == [question, hostile]

    asked = []
    notebook.page.on("request", lambda request: asked.append(request.url))
    notebook.open_notebook(json.loads(text) | {"metadata": json.loads(text)["metadata"] | {"title": "A copy"}})
    transcript = notebook.output(0).locator('[data-mime-type="text/markdown"]')
    expect(transcript).to_be_visible()
    expect(transcript).to_contain_text("Question <img src=x")
    expect(notebook.output(0)).not_to_contain_text("<ChatWidget")
    expect(notebook.page.locator(".chatwidget")).to_have_count(0)
    assert "ran" not in notebook.page.title()
    assert [url for url in asked if "spy" in url] == []
