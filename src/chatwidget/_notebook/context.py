"""The context of questions: recent cells, variables and files, as they are when a question is asked.

It is inserted before the last question of a request and nowhere else. The conversation does not contain it, and the
server's cache of the earlier messages remains valid.
"""

from __future__ import annotations

import base64
import keyword
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any, Final

from IPython.core.getipython import get_ipython

from .._content.attachments import Part
from .._content.bounded_repr import failure_text
from .._content.fences import fenced
from .._content.file_contents import media_type, office_text, text_in
from .._conversation.images import image_part
from .._errors import SettingsError
from .._files.storage import LONGEST_PATH, path_of
from .cells import Cell, cells_of
from .describe import NEAR, Mask, Value, described, masked_beginning, name_of, shortened
from .references import nearest
from .variables import notebook

_A_TOKEN: Final = 4
"""Characters per token, roughly."""
_AN_IMAGE: Final = 4000
"""Number of characters that an image counts as."""
_LARGEST_IMAGE: Final = 8 * 1024 * 1024
_LARGEST_OFFICE: Final = 20_000_000

_CELLS: Final = "cells"
_MOST_CELLS: Final = 30
_SOURCE: Final = 4000
_OUTPUT: Final = 1500
_BYTES: Final = 4
"""Maximum number of bytes of a character."""

_BEGINNING: Final = "For reference, the notebook as it is now:"


@dataclass(frozen=True, slots=True)
class _Excerpt:
    """One item of the context: its text, cut to fit, and its image."""

    text: Callable[[int], str]
    image: Part | None = None


class Context:
    """The context that is sent with each question.

    Args:
        items: The items: "cells", names of variables, values, paths of files.
        is_chat: Whether a value of the notebook is a chat.

    Raises:
        SettingsError: If an item can never be sent.

    """

    def __init__(self, items: object, is_chat: Callable[[object], bool]) -> None:
        self.items = list(items) if isinstance(items, list | tuple) else [items]
        self._is_chat = is_chat
        namespace = notebook()
        for item in self.items:
            _check(item, namespace)
        self._awaited = {item for item in self.items if isinstance(item, str) and not _exists(item, namespace)}
        """Names of variables that do not exist yet."""
        self.labels = [_label(item, dict(namespace)) for item in self.items]
        """The names of the items."""

    def missing(self) -> list[str]:
        """Return the names of variables that do not exist yet. A name may be given before its variable is assigned.

        Returns:
            The names. Variables that were deleted do not count.

        """
        namespace = notebook()
        self._awaited -= {name for name in self._awaited if _exists(name, namespace)}
        return sorted(self._awaited)

    def require(self) -> None:
        """Check that the variables exist before a question is asked.

        Raises:
            SettingsError: If one does not exist yet.

        """
        for name in self.missing():
            near = nearest(name, notebook())
            meant = f'; did you mean "{near}"?' if near else "."
            message = f"context: there is no variable {name} yet{meant} Assign it, or take it out of chat.context"
            raise SettingsError(message)

    def parts(self, mask: Mask, tokens: int) -> list[Part]:
        """Return the current context as content parts.

        Args:
            mask: Masks secrets in a text.
            tokens: The maximum size, in estimated tokens.

        Returns:
            Masked text, and images; an empty list if there is nothing to send.

        """
        namespace = dict(notebook())
        budget = tokens * _A_TOKEN
        excerpts = [self._excerpt(item, namespace, mask, budget) for item in self.items]
        images = [excerpt.image for excerpt in excerpts if excerpt.image is not None][: budget // _AN_IMAGE]
        missing = sum(excerpt.image is not None for excerpt in excerpts) - len(images)
        rooms = _shares([len(excerpt.text(budget)) for excerpt in excerpts], budget - len(images) * _AN_IMAGE)
        texts = [text for excerpt, room in zip(excerpts, rooms, strict=True) if (text := excerpt.text(room))]
        if missing:
            texts.append(f"({missing} more images not sent)")
        return [{"type": "text", "text": "\n\n".join([_BEGINNING, *texts])}, *images] if texts else []

    def _excerpt(self, item: Any, namespace: Mapping[str, Any], mask: Mask, budget: int) -> _Excerpt:
        label = _label(item, namespace)
        try:
            if isinstance(item, str) and item == _CELLS:
                return self._cells(mask)
            if isinstance(item, str) and item in namespace:
                return _of_value(described(label, namespace[item], mask, budget))
            if isinstance(item, str | PathLike):
                return _of_file(path_of(item), mask, budget)
            return _of_value(described(label, item, mask, budget))
        except FileNotFoundError:
            state = "does not exist yet" if label in self.missing() else "no longer exists"
            return _Excerpt(lambda _: f"`{label}` {state}.")
        except (Exception, SystemExit) as error:  # noqa: BLE001 a value may run any code, and a cell may be changing it
            failure = mask(f"`{label}` could not be read: {failure_text(error)}")
            return _Excerpt(lambda _: failure)

    def _cells(self, mask: Mask) -> _Excerpt:
        shell = get_ipython()
        recent = list(islice(cells_of(shell, self._is_chat), _MOST_CELLS + 1)) if shell is not None else []
        shown = [
            replace(
                cell,
                source=masked_beginning(cell.source, _SOURCE, mask),
                output=masked_beginning(cell.output, _OUTPUT, mask),
            )
            for cell in recent[:_MOST_CELLS]
        ]
        return _Excerpt(lambda room: _latest(shown, room, has_more=len(recent) > _MOST_CELLS))


def checked_tokens(value: Any) -> int:
    """Return a number of tokens unchanged.

    Args:
        value: The number.

    Returns:
        `value`.

    Raises:
        SettingsError: If it is not a positive int.

    """
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    message = f"context_tokens must be a whole number above 0, not {value!r}"
    raise SettingsError(message)


def _check(item: object, namespace: Mapping[str, Any]) -> None:
    if isinstance(item, str) and item == _CELLS and get_ipython() is None:
        message = 'context: "cells" is only available in IPython; use variables or files'
        raise SettingsError(message)
    if isinstance(item, str) and item.isidentifier() and not keyword.iskeyword(item):
        return  # its variable may come later
    if isinstance(item, str | PathLike) and not _exists(item, namespace):
        message = f'context: {str(item)[:200]!r} is neither "cells", a variable of the notebook nor a file'
        raise SettingsError(message)


def _exists(item: str | PathLike[str], namespace: Mapping[str, Any]) -> bool:
    if isinstance(item, str) and (item == _CELLS or item in namespace):
        return True
    return len(str(item)) <= LONGEST_PATH and path_of(item).is_file()


def _label(item: object, namespace: Mapping[str, Any]) -> str:
    if isinstance(item, str):
        return item if item == _CELLS or item in namespace else Path(item).name
    if isinstance(item, PathLike):
        return Path(item).name
    return name_of(item, namespace)


def _of_value(value: Value) -> _Excerpt:
    return _Excerpt(value.block, value.image)


def _of_file(path: Path, mask: Mask, budget: int) -> _Excerpt:
    size = path.stat().st_size
    with path.open("rb") as file:
        raw = file.read(_BYTES * (budget + 2 * NEAR))
    kind = media_type(raw) or ""
    if kind.startswith("image/") and size <= _LARGEST_IMAGE:
        url = f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
        return _Excerpt(lambda _: f"`{path.name}` (file): See the image.", image_part(url, path.name))
    is_read = size <= len(raw)
    named = f"`{path.name}` (file, {size:,} bytes"
    text = None if kind else text_in(raw, is_cut=not is_read)
    if text is None and not kind and size <= _LARGEST_OFFICE:
        text, is_read = office_text(path.name, path.read_bytes()), True
    if text is None:
        return _Excerpt(lambda _: f"{named}, no text, not sent)")
    text = text.removesuffix("\n")
    shown = masked_beginning(text, budget, mask)
    is_whole = is_read and len(text) <= budget
    return _Excerpt(lambda room: _head(named, shown, room, is_whole=is_whole))


def _head(named: str, text: str, room: int, *, is_whole: bool) -> str:
    """Return as many of the first lines of a file as fit."""
    if is_whole and len(text) <= room:
        return f"{named}):\n\n{fenced(text)}"
    head = text[:room]
    head = head[: head.rfind("\n")] if "\n" in head else head
    return f"{named}; only the first {head.count(chr(10)) + 1:,} lines are here):\n\n{fenced(head)}"


def _latest(cells: list[Cell], room: int, *, has_more: bool) -> str:
    """Return as many cells as fit, latest last. If not even one fits, return its beginning."""
    kept: list[str] = []
    for cell in cells:
        block = _cell(cell, _SOURCE, _OUTPUT)
        if len(block) > room:
            if not kept:
                kept.append(_cell(cell, room * 2 // 3, room // 3))
            break
        kept.append(block)
        room -= len(block)
    if not kept:
        return ""
    missing = f"{len(cells) - len(kept)} earlier ones" if not has_more else "earlier ones"
    left_out = f"; {missing} not sent" if has_more or len(kept) < len(cells) else ""
    return "\n\n".join([f"Recent cells with their outputs, the latest last{left_out}:", *reversed(kept)])


def _cell(cell: Cell, source: int, output: int) -> str:
    shown = fenced(f"# In [{cell.number}]\n{shortened(cell.source, source)}", "python")
    return f"{shown}\n\n{fenced(shortened(cell.output, output))}" if cell.output else shown


def _shares(sizes: Sequence[int], budget: int) -> list[int]:
    """Divide `budget`: each share is the size needed, or as large as that of the others that need more."""
    shares = [0] * len(sizes)
    left = max(0, budget)
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    for count, index in zip(range(len(sizes), 0, -1), order, strict=True):
        shares[index] = min(sizes[index], left // count)
        left -= shares[index]
    return shares
