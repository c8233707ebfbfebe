"""Files that hold a conversation or an export: written whole or not at all."""

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
from .._errors import ConversationError

LONGEST_PATH: Final = 4096
"""Characters. A longer text is none, and some functions of the system fail on it."""


def path_of(given: str | PathLike[str]) -> Path:
    """Return the path, with the user's home folder in place of `~`."""
    # As `expanduser` of Path does, but a name that no user has stays as it is.
    return Path(os.path.expanduser(given))  # noqa: PTH111


def write_text(path: Path, text: str) -> None:
    """Put `text` into the file `path`, in UTF-8; whoever reads it sees the old text or the new. Raises OSError."""
    # A link stays one, and what is written in the same folder can take the place of the file at one stroke.
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
    except BaseException:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise


def read_conversation(path: Path) -> Conversation:
    """The conversation in the file `path`. Raises OSError, or ConversationError where it holds none."""
    content = path.read_bytes()
    try:
        return from_json(content)
    except ConversationError as error:
        message = f"{path}: {error}"
        raise ConversationError(message) from error
