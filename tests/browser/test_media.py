"""Pictures, sound and sources of answers on the page, in both runtimes, after a reload of the view too."""

import base64

from playwright.sync_api import expect

from chatwidget._conversation.sounds import sound_url
from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook
from tests.gallery._states import picture
from tests.server import ModelServer

PIXEL = picture(4, 3)
SAMPLES = bytes(range(200)) * 48
ANSWER = [
    {"content": "It is so [1]."},
    {"images": [{"type": "image_url", "image_url": {"url": PIXEL}}]},
    {"images": [{"type": "image_url", "image_url": {"url": "https://192.0.2.1/far.png"}}]},
    {"audio": {"data": base64.b64encode(SAMPLES).decode(), "transcript": "It is so."}},
    {
        "annotations": [
            {"type": "url_citation", "url_citation": {"url": "https://example.org/a?x=1&y", "title": "<b>A</b> page"}},
            {"type": "url_citation", "url_citation": {"url": "javascript:alert(1)", "title": "Bad"}},
            {"type": "url_citation", "url_citation": {"url": "https://example.org/b"}},
            {"type": "file_citation", "file_citation": {"file_id": "f1", "filename": "notes.pdf"}},
        ]
    },
]

DURATION = """player =>
    player.duration || new Promise(done => player.addEventListener("loadedmetadata", () => done(player.duration)))"""
"""Known once the browser has read the sound."""


def test_pictures_sound_and_sources_of_an_answer(notebook: Notebook, server: ModelServer) -> None:
    server.reply(*ANSWER)
    notebook.open(chat_cell(server), "chat")
    notebook.run(0)
    chat = notebook.chat
    chat.send("Is it?")
    chat.expect_status("complete")
    notebook.run(1)  # a second view has it from a snapshot
    for number in range(2):
        reply = notebook.chats(number).replies.last
        expect(reply.locator(".chatwidget-text img")).to_have_count(1)
        expect(reply.locator(".chatwidget-text img")).to_have_attribute("src", PIXEL)
        expect(reply.get_by_role("button", name="Load the image")).to_be_visible()
        player = reply.locator("audio[aria-label=Sound]")
        expect(player).to_have_attribute("src", sound_url(SAMPLES))
        expect(player).to_be_visible()
        assert player.evaluate(DURATION) == len(SAMPLES) / 48_000
        sources = reply.locator(".chatwidget-sources")
        expect(sources.locator("strong")).to_have_text("Sources")
        expect(sources.locator("li")).to_have_text(
            ["<b>A</b> page example.org", "Bad", "https://example.org/b example.org", "notes.pdf"]
        )
        expect(sources.locator("a")).to_have_count(2)
        expect(sources.locator("a").first).to_have_attribute("href", "https://example.org/a?x=1&y")
        expect(sources.locator("a").first).to_have_attribute("rel", "noopener noreferrer nofollow")
        expect(reply.locator(".chatwidget-status")).not_to_contain_text("empty answer")


def test_an_answer_of_sound_alone_is_not_empty(notebook: Notebook, server: ModelServer) -> None:
    """Fails when `Message.shows_nothing` looks at texts only; in Spanish."""
    server.reply({"audio": {"data": base64.b64encode(SAMPLES).decode()}}, ANSWER[-1])
    notebook.open(chat_cell(server).replace('api_key="k"', 'api_key="k", locale="es"'))
    notebook.run(0)
    chat = notebook.chat
    chat.send("Di algo")
    chat.expect_status("complete")
    expect(chat.replies.last.locator("audio[aria-label=Sonido]")).to_be_visible()
    expect(chat.replies.last.locator(".chatwidget-sources strong")).to_have_text("Fuentes")
    expect(chat.replies.last.locator(".chatwidget-status button:visible")).to_have_count(0)
