"""Variables that a question mentions as `@name`, from a view also as `{name}`, and the list of those that can be.

Only plain names of existing variables count; nothing that a view sends is evaluated. Each value is sent as a separate
text under its name, as attached files are, so that the question stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from inspect import isroutine
from operator import itemgetter
from types import ModuleType
from typing import Any, Final

from IPython.core.getipython import get_ipython

from .._content.attachments import Part, named_text
from .._content.bounded_repr import failure_text, type_name
from .._content.rich_values import is_figure, shape_of
from .describe import BUDGET, SHORT, Mask, described

_TIMES: Final = "\N{MULTIPLICATION SIGN}"
_MOST_NAMES: Final = 300
_COUNTED: Final = (str, bytes, list, tuple, dict, set, frozenset)

_BROUGHT: Final = re.compile(r"@[^\W\d]\w*(?: \([^\n]*\))?:\n`{3,}\n")
_AN_IMAGE: Final = "See the image."


def names_of(namespace: Mapping[str, Any]) -> list[dict[str, str]]:
    """List the variables that can be mentioned: data, then other values, then functions, newest first.

    Args:
        namespace: The variables of the notebook.

    Returns:
        A name and a kind for each.

    """
    hidden = getattr(get_ipython(), "user_ns_hidden", {})
    public = [
        (_rank(value), name, value)
        for name, value in reversed(dict(namespace).items())
        if not name.startswith("_") and name not in hidden
    ]
    ranked = sorted((variable for variable in public if variable[0] is not None), key=itemgetter(0))
    return [{"name": name, "kind": kind_of(value)} for _, name, value in ranked[:_MOST_NAMES]]


def kind_of(value: object) -> str:
    """Describe a value in a word and its size.

    Args:
        value: The value. If its type is not built in, only its shape is read.

    Returns:
        The name of its type, with its shape or length.

    """
    name = type_name(value)
    if shape := shape_of(value):
        return f"{name} {_TIMES.join(map(str, shape))}"
    return f"{name} ({len(value)})" if isinstance(value, _COUNTED) else name


def values_of(names: Sequence[str], namespace: Mapping[str, Any], mask: Mask, room: int | None = None) -> list[Part]:
    """Describe the mentioned variables for the model, within a budget.

    Args:
        names: The names.
        namespace: The variables of the notebook.
        mask: Masks secrets in a text.
        room: The maximum length of each description in characters. By default they share the budget.

    Returns:
        For each variable a text part under its name, and possibly an image.

    """
    if room is None:
        room = max(SHORT, BUDGET // max(1, len(names)))
    return [part for name in names if name in namespace for part in _parts(name, namespace[name], mask, room)]


def with_values(content: str | list[Part], values: Sequence[Part]) -> str | list[Part]:
    """Add values to a question, in place of those of an older version of it.

    Args:
        content: The question.
        values: The parts to add.

    Returns:
        The question with the values.

    """
    if isinstance(content, str):
        return [*([{"type": "text", "text": content}] if content.strip() else []), *values] if values else content
    return [*_without_values(content), *values]


def _parts(name: str, value: object, mask: Mask, room: int) -> list[Part]:
    source = f"@{name}"
    try:
        return described(source, value, mask, room).parts(room)
    except (Exception, SystemExit) as error:  # noqa: BLE001 a value may run any code, and a cell may be changing it
        failure = mask(f"It could not be read: {failure_text(error)}")
        return [named_text(f"{source} ({type_name(value)})", failure)]


def _without_values(parts: Sequence[Part]) -> list[Part]:
    kept: list[Part] = []
    is_of_value = False
    for part in parts:
        text = str(part.get("text", ""))
        if part.get("type") == "text" and _BROUGHT.match(text):
            is_of_value = _AN_IMAGE in text
        elif is_of_value and part.get("type") == "image_url":
            is_of_value = False
        else:
            kept.append(part)
    return kept


def _rank(value: Any) -> int | None:
    """Rank data before other values before code. None for modules, imports and chats, as foreign to the notebook."""
    if isinstance(value, ModuleType) or str(_module_of(type(value))).startswith("chatwidget."):
        return None
    if isinstance(value, type) or _is_routine(value):
        return 2 if _module_of(value) == "__main__" else None
    return 0 if shape_of(value) or is_figure(value) else 1


def _is_routine(value: object) -> bool:
    with suppress(Exception):
        return isroutine(value)
    return False


def _module_of(value: object) -> object:
    with suppress(Exception):
        return getattr(value, "__module__", None)
    return None
