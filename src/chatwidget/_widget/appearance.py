"""Validation of the settings for the look of views: starters, height, locale and tool titles."""

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
"""The languages of the view: those with a table in `i18n/strings.js`."""
_NAMES: Final = " and ".join(map(repr, LANGUAGES))
_LOCALE: Final = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*", re.ASCII)


def height_of(value: object) -> str | None:
    """Return a height as a CSS length.

    Args:
        value: A CSS length, a number of pixels, or None.

    Returns:
        The CSS length, or None if `value` is None.

    Raises:
        SettingsError: If `value` is not a positive length.

    """
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    length = _LENGTH.fullmatch(f"{value:g}" if is_number else str(value).strip())
    if length is None or float(length[1]) == 0:
        message = f'height must be a number of pixels or a CSS length such as "30em", not {value!r}'
        raise SettingsError(message)
    return length[1] + (length[2] or "px")


def locale_of(value: str | None) -> str | None:
    """Return a language tag such as "es" unchanged.

    Args:
        value: The tag, or None.

    Returns:
        `value`.

    Raises:
        SettingsError: If `value` does not look like a language tag.

    """
    if value is None or _LOCALE.fullmatch(value):
        return value
    message = f'locale must be a language tag such as "en" or "es-MX", not {value!r}'
    raise SettingsError(message)


def warn_of_language(tag: str | None) -> None:
    """Warn if the view is not translated into a language, and so falls back to English.

    Args:
        tag: The language tag, or None.

    """
    if tag is not None and re.split("[-_]", tag.lower())[0] not in LANGUAGES:
        message = (
            f"the chat is not available in the language {tag!r} yet and is shown in English; available are {_NAMES}"
        )
        warnings.warn(message, stacklevel=4)


def starters_of(value: object) -> list[dict[str, str]]:
    """Return starter questions in the form that views take.

    Args:
        value: An iterable of texts, (label, text) pairs, or dicts with both.

    Returns:
        A list of dicts with a label and a text.

    Raises:
        SettingsError: If `value` is anything else.

    """
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        message = f"starters must be a list of questions, not {type(value).__name__}"
        raise SettingsError(message)
    return [_starter(starter, f"starters[{index}]") for index, starter in enumerate(value)]


def titles_of(value: Mapping[str, object]) -> dict[str, str]:
    """Return the tool titles as a dict.

    Args:
        value: Titles in Markdown, by tool name.

    Returns:
        A copy of `value`.

    Raises:
        SettingsError: If a name or title is not a string.

    """
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
    match value:
        case [label, text]:
            return label, text
        case tuple() | list():
            return None, None
    return value, value
