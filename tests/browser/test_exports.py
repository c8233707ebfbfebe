"""Exports on a page: every payload of the corpus, in every place a text can get to, stays text."""

import json

import nbconvert
import nbformat
import pytest
from playwright.sync_api import Page

from chatwidget import Conversation, Status
from chatwidget._conversation.messages import Delta, ToolCallDelta
from chatwidget._files.export import exporter
from tests.browser.test_hostile_text import CORPUS, payloads

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")

FOREIGN = """() => {
    const ACTIVE = /^(script|style|link|meta|base|iframe|object|embed|form|input|button|img|svg|math|video|audio)$/;
    const found = [];
    for (const root of document.querySelectorAll("section, .jp-Cell")) {
        for (const element of root.querySelectorAll("*")) {
            const tag = element.localName;
            if (ACTIVE.test(tag)) found.push(tag);
            for (const { name, value } of element.attributes) {
                if (/^(on|style$|src)/.test(name)) found.push(`${tag}.${name}`);
                if (name === "href" && !/^(https?:|mailto:|#)/i.test(value)) found.push(`${tag}.${name}=${value}`);
            }
        }
    }
    return found;
}"""
"""What a text has become that it should not."""


def hostile() -> Conversation:
    """A conversation with every payload in every place."""
    conversation = Conversation()
    for text in payloads():
        conversation.add(text)
        reply = conversation.begin()
        call = ToolCallDelta(0, text, text, text)
        conversation.apply(reply, Delta(content=text, reasoning=text, refusal=text, tool_calls=(call,)))
        conversation.finish(reply, Status.ERROR, error=text)
        conversation.add({"role": "tool", "tool_call_id": text, "content": text})
    return conversation


def as_page(conversation: Conversation, kind: str) -> str:
    """An export as HTML: its own, or what nbconvert makes of a notebook that has it."""
    text = exporter(conversation, kind)().text
    if kind == "html":
        return text
    if kind == "markdown":
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    else:
        notebook = nbformat.reads(text, as_version=4)
    return nbconvert.HTMLExporter().from_notebook_node(notebook)[0]


@pytest.mark.parametrize("kind", ["html", "markdown", "notebook"])
def test_r16_no_payload_becomes_active_in_an_export(page: Page, kind: str) -> None:
    """Fails when `_files.html` lets raw HTML through (`"html": True`), or `safe_markdown` a link to a script."""
    dialogs: list[str] = []
    asked: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.route("**/*", lambda route: (asked.append(route.request.url), route.abort()))
    page.set_content(as_page(hostile(), kind), wait_until="load")
    # nbconvert's own template asks for its libraries.
    assert all(url.startswith("https://cdnjs.cloudflare.com/") for url in asked)
    assert not asked or kind != "html"
    assert page.evaluate(FOREIGN) == []
    assert not dialogs


def test_json_of_all_payloads_comes_back_as_it_was() -> None:
    conversation = hostile()
    assert len(json.loads(exporter(conversation, "json")().text)["messages"]) == len(conversation)
