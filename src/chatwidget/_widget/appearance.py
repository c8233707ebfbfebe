"""How views look, from what a developer sets: starters, height, locale, the titles of tools."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .._errors import SettingsError
from .._text import clean_text

_LENGTH: Final = re.compile(r"(\d{1,5}(?:\.\d{1,4})?)(px|em|rem|ch|lh|vh|svh|dvh|lvh|cm|mm|in|pt|%)?", re.ASCII)
LANGUAGES: Final = ("en", "es")
"""What the view has texts in: the tables of `i18n/strings.js`."""
_NAMES: Final = " and ".join(map(repr, LANGUAGES))
_LOCALE: Final = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*", re.ASCII)


def height_of(value: object) -> str | None:
    """A CSS length, from one or from a number of pixels. Raises SettingsError."""
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    length = _LENGTH.fullmatch(f"{value:g}" if is_number else str(value).strip())
    if length is None or float(length[1]) == 0:
        message = f'height must be a number of pixels or a CSS length such as "30em", not {value!r}'
        raise SettingsError(message)
    return length[1] + (length[2] or "px")


def locale_of(value: str | None) -> str | None:
    """A language tag such as "es". Raises SettingsError."""
    if value is None or _LOCALE.fullmatch(value):
        return value
    message = f'locale must be a language tag such as "en" or "es-MX", not {value!r}'
    raise SettingsError(message)


def warn_of_language(tag: str | None) -> None:
    """Warn if the view has no texts in the language `tag`: it shows the English ones."""
    if tag is not None and re.split("[-_]", tag.lower())[0] not in LANGUAGES:
        message = (
            f"there are no texts in the language {tag!r} yet, and the chat is shown in English; there are {_NAMES}"
        )
        warnings.warn(message, stacklevel=4)


def starters_of(value: object) -> list[dict[str, str]]:
    """Questions to begin with: each a text, a (label, text), or a dict of both. Raises SettingsError."""
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        message = f"starters must be a list of questions, not {type(value).__name__}"
        raise SettingsError(message)
    return [_starter(each, f"starters[{place}]") for place, each in enumerate(value)]


def titles_of(value: Mapping[str, object]) -> dict[str, str]:
    """Titles in Markdown, by the name of the tool. Raises SettingsError."""
    wrong = next(
        (name for name, title in value.items() if not (isinstance(name, str) and isinstance(title, str))), None
    )
    if wrong is not None:
        message = f"tool_titles[{wrong!r}] must be text"
        raise SettingsError(message)
    return {clean_text(name): clean_text(str(title)) for name, title in value.items()}


def _starter(value: Any, where: str) -> dict[str, str]:
    label, text = _label_and_text(value)
    if not (isinstance(label, str) and isinstance(text, str) and label.strip() and text.strip()):
        message = f'{where} must be a question, a (label, question), or {{"label": ..., "text": ...}}, not {value!r}'
        raise SettingsError(message)
    return {"label": clean_text(label), "text": clean_text(text)}


def _label_and_text(value: Any) -> tuple[object, object]:
    if isinstance(value, Mapping):
        text = value.get("text")
        return value.get("label", text), text
    if isinstance(value, tuple | list):
        return (value[0], value[1]) if len(value) == 2 else (None, None)  # noqa: PLR2004 a label and a text
    return value, value
