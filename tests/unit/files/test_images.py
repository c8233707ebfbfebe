"""Images of users, tools and answers: shown in every export, within a size, and never as text."""

import base64
import json
import os
import re

import nbconvert
import nbformat
import pytest

from chatwidget import Conversation
from chatwidget._files.export import exporter
from chatwidget._widget import markdown_output
from chatwidget._widget.markdown_output import transcript_of

HEAD = b"\x89PNG\r\n\x1a\n"
CALL = {"id": "1", "type": "function", "function": {"name": "plot", "arguments": "{}"}}


def url(size=20_000):
    return f"data:image/png;base64,{base64.b64encode(HEAD + os.urandom(size)).decode()}"


def part(address, alt=None):
    return {"type": "image_url", "image_url": {"url": address}} | ({"alt": alt} if alt else {})


USERS, TOOLS, ANSWERS = url(), url(), url()


def conversation():
    return Conversation(
        [
            {"role": "user", "content": [{"type": "text", "text": "See:"}, part(USERS, "chart.png")]},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "1", "content": [{"type": "text", "text": "3 bars"}, part(TOOLS)]},
            {"role": "assistant", "content": f"- Here: ![Figure: Sales]({ANSWERS})"},
            {"role": "user", "content": [part("https://example.org/a.png", "far"), part("data:,", "no image")]},
        ]
    )


SHOWN = [("chart.png", USERS), ("image", TOOLS), ("Figure: Sales", ANSWERS)]


def without_images(text):
    """The text without the images that it shows."""
    for _, address in SHOWN:
        text = text.replace(f"]({address})", "").replace(f'src="{address}"', "")
    return text


@pytest.mark.parametrize("kind", ["markdown", "transcript"])
def test_markdown_shows_all_images(kind):
    chat = conversation()
    text = exporter(chat, kind)().text if kind == "markdown" else transcript_of(list(chat))
    for alt, address in SHOWN:
        assert f"![{alt}]({address})" in text
    assert "```\n3 bars\n```" in text
    assert "[far](https://example.org/a.png)" in text
    assert "![far" not in text
    assert "*(image)*" in text
    assert "base64" not in without_images(text)


def test_a_page_shows_all_images():
    page = exporter(conversation(), "html")().text
    for alt, address in SHOWN:
        assert f'<img src="{address}" alt="{alt}">' in page
    assert '<a href="https://example.org/a.png">far</a>' in page
    assert "base64" not in without_images(page)


def test_a_notebook_has_images_as_attachments():
    """An editor shows the source of a cell, and must not show pages of base64."""
    notebook = nbformat.reads(exporter(conversation(), "notebook")().text, as_version=4)
    nbformat.validate(notebook)
    assert "base64" not in "".join(cell["source"] for cell in notebook.cells)
    attached = [bundle for cell in notebook.cells for bundle in cell.get("attachments", {}).values()]
    assert [bundle["image/png"] for bundle in attached] == [address.partition(",")[2] for _, address in SHOWN]
    page = nbconvert.HTMLExporter().from_notebook_node(notebook)[0]
    found = re.findall(r'<img alt="([^"]*)" src="(data:[^"]*)"', page)
    assert found == SHOWN


def test_code_that_looks_like_an_image_stays_code():
    code = f"```\n![a]({ANSWERS})\n```"
    notebook = json.loads(exporter(Conversation([{"role": "assistant", "content": code}]), "notebook")().text)
    assert "attachments" not in notebook["cells"][-1]
    assert ANSWERS in notebook["cells"][-1]["source"]


def test_a_transcript_shows_the_latest_images_within_a_size(monkeypatch):
    monkeypatch.setattr(markdown_output, "_MOST_IMAGE_DATA", 60_000)
    images = [url() for _ in range(3)]
    messages = [{"role": "user", "content": [part(each, f"no {at}")]} for at, each in enumerate(images)]
    text = transcript_of(list(Conversation(messages)))
    assert "*(image: no 0)*" in text
    assert images[0] not in text
    assert all(each in text for each in images[1:])


def test_a_long_text_is_cut_beside_its_images(monkeypatch):
    monkeypatch.setattr(markdown_output, "_MOST", 100)
    text = transcript_of(
        list(Conversation([{"role": "assistant", "content": f"![a]({ANSWERS})\n\n" + "line\n" * 100}]))
    )
    assert f"**Assistant**\n\n![a]({ANSWERS})\n\nline" in text
    assert text.endswith("line\n\n*The rest is left out here.*\n")
    assert len(text) < len(ANSWERS) + 200
