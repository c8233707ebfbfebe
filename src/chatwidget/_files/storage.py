"""Files of conversations and exports, written whole or not at all."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Final
from uuid import uuid4

from .._conversation.serialize import from_json
from .._conversation.tree import Conversation
from .._errors import ConversationError, SettingsError

LONGEST_PATH: Final = 4096
"""In characters. A longer text is no path, and some functions of the system fail on it."""


def path_of(path: str | PathLike[str]) -> Path:
    """Return a path, with `~` replaced by the user's home folder.

    Args:
        path: The path as the user wrote it.

    Raises:
        SettingsError: If it is no path.

    """
    if not isinstance(path, str | PathLike):
        message = f'a file is named by its path, such as "chat.json", not by {type(path).__name__}'
        raise SettingsError(message)
    # Unlike Path.expanduser, this leaves the name of an unknown user unchanged.
    return Path(os.path.expanduser(path))  # noqa: PTH111


def write_text(path: Path, text: str) -> None:
    """Write a text to a file in UTF-8, at one stroke. A reader sees either the old text or the new one.

    Args:
        path: The file.
        text: The new text.

    Raises:
        OSError: The file cannot be written.

    """
    # Resolved, so that a link stays a link. A new file in the same folder can replace the old one atomically.
    path = path.resolve()
    new = path.with_name(f".{uuid4().hex}{path.suffix}")
    try:
        with new.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            shutil.copymode(path, new)
        new.replace(path)
    except BaseException as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename == str(new):
            error.filename = str(path)
        raise


def read_conversation(path: Path) -> Conversation:
    """Read a conversation from a file.

    Args:
        path: The file.

    Returns:
        The conversation.

    Raises:
        OSError: The file cannot be read.
        ConversationError: The file does not contain a conversation.

    """
    content = path.read_bytes()
    try:
        return from_json(content)
    except ConversationError as error:
        message = f"{path}: {error}"
        raise ConversationError(message) from error
