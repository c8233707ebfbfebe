"""Files as people bring them: pasted, dropped, chosen."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from playwright.sync_api import FilePayload, Locator, Page

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC"
)


class _Dragged(TypedDict):
    items: list[object]
    files: list[str]
    dragOperationsMask: int


def file(name: str, mime: str, content: bytes) -> FilePayload:
    """A file to choose or to paste."""
    return {"name": name, "mimeType": mime, "buffer": content}


def allow_clipboard(page: Page) -> None:
    """Let the page write what Control+V then pastes."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])


def copy(page: Page, *, text: str = "", png: bytes = b"") -> None:
    """Put a text, a picture, or both in the clipboard."""
    page.evaluate(
        """async ([text, png]) => {
            const bytes = Uint8Array.from(atob(png), (sign) => sign.codePointAt(0));
            const parts = { "text/plain": text && new Blob([text], { type: "text/plain" }),
                            "image/png": png && new Blob([bytes], { type: "image/png" }) };
            const given = Object.entries(parts).filter(([, blob]) => blob);
            await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(given))]);
        }""",
        [text, base64.b64encode(png).decode()],
    )


def paste_files(target: Locator, *files: FilePayload) -> None:
    """Paste files, as a system's file manager has copied them."""
    given = [(file["name"], file["mimeType"], base64.b64encode(file["buffer"]).decode()) for file in files]
    target.evaluate(
        """(target, files) => {
            const data = new DataTransfer();
            for (const [name, type, content] of files) {
                const bytes = Uint8Array.from(atob(content), (sign) => sign.codePointAt(0));
                data.items.add(new File([bytes], name, { type }));
            }
            const options = { clipboardData: data, bubbles: true, cancelable: true };
            target.dispatchEvent(new ClipboardEvent("paste", options));
        }""",
        given,
    )


class Drag:
    """Files dragged from outside the browser."""

    def __init__(self, page: Page, paths: Sequence[Path]) -> None:
        self._session = page.context.new_cdp_session(page)
        self._data: _Dragged = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}

    def over(self, target: Locator) -> None:
        """Move to the middle of a target."""
        self._x, self._y = _middle(target)
        self._dispatch("dragEnter")
        self._dispatch("dragOver")

    def drop(self) -> None:
        """Let go."""
        self._dispatch("drop")

    def _dispatch(self, kind: str) -> None:
        event = {"type": kind, "x": self._x, "y": self._y, "data": self._data}
        self._session.send("Input.dispatchDragEvent", event)


def _middle(target: Locator) -> tuple[float, float]:
    box = target.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
