"""A chat on the page, as its user sees it."""

import time

from playwright.sync_api import Locator, expect

from tests.server import ModelServer


def chat_cell(server: ModelServer) -> str:
    """The cell that makes and shows a chat with the test server."""
    return f"""\
from chatwidget import ChatWidget
chat = ChatWidget("test-model", base_url="{server.base_url}", api_key="k")
chat"""


class Chat:
    """One view of a `ChatWidget`."""

    def __init__(self, root: Locator) -> None:
        self.root = root

    @property
    def input(self) -> Locator:
        """Where one types."""
        return self.root.locator(".chatwidget-input")

    @property
    def messages(self) -> Locator:
        """All messages of the transcript."""
        return self.root.locator(".chatwidget-message")

    @property
    def replies(self) -> Locator:
        """The assistant's messages."""
        return self.root.locator('.chatwidget-message[data-role="assistant"]')

    @property
    def text(self) -> Locator:
        """The text of the last reply."""
        return self.replies.last.locator(".chatwidget-text")

    def send(self, text: str) -> None:
        """Type a message and send it with Enter."""
        self.input.fill(text)
        self.input.press("Enter")

    def stop(self) -> None:
        """Click Stop."""
        self.root.locator(".chatwidget-stop").click()

    def stop_seen_by(self, server: ModelServer) -> None:
        """Click Stop; the server notices within a second."""
        clicked = time.monotonic()
        self.stop()
        disconnected = server.wait_for_disconnect().disconnected_at
        assert disconnected is not None
        assert disconnected - clicked < 1
        expect(self.root.locator('[data-role="assistant"][data-status="stopped"]')).to_be_attached()

    def expect_status(self, status: str) -> None:
        """Wait until the last reply has this status, and what there is of it is on the page."""
        expect(self.replies.last).to_have_attribute("data-status", status)
        expect(self.replies.last.locator("[aria-busy=true]")).to_have_count(0)

    def expect_texts(self, *texts: str) -> None:
        """Wait until the transcript holds exactly these texts."""
        expect(self.messages.locator(".chatwidget-text")).to_have_text(list(texts))
