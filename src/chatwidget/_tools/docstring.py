"""Descriptions of functions and parameters, parsed from Google, NumPy and reST docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_OF_PARAMETERS: Final = frozenset(
    {"args", "arguments", "parameters", "params", "keyword args", "keyword arguments", "other parameters"}
)
_TITLES: Final = _OF_PARAMETERS | {
    *("returns", "return", "yields", "yield", "raises", "warns", "attributes", "references", "see also"),
    *("example", "examples", "note", "notes", "todo"),
}
_UNDERLINE: Final = re.compile(r"-{3,}\s*$")
_GOOGLE: Final = re.compile(r"\*{0,2}(?P<names>\w+)\s*(?:\((?:[^()]|\([^()]*\))*\))?\s*:(?:\s+|$)(?P<text>.*)")
_NUMPY: Final = re.compile(r"(?P<names>\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::.*)?(?P<text>)$")
_REST: Final = re.compile(r":param(?:\s+[^:]*?)?\s+\\?\*{0,2}(?P<names>\w+)\s*:\s*(?P<text>.*)")
_FIELD: Final = re.compile(r":[a-z]+(\s[^:]*)?:(\s|$)")


@dataclass(frozen=True, slots=True)
class Docs:
    """The descriptions of a function and its parameters."""

    description: str
    parameters: dict[str, str]


def read(docstring: str) -> Docs:
    """Parse a docstring.

    Args:
        docstring: The docstring in Google, NumPy or reST style.

    Returns:
        The descriptions of the function and its parameters; other sections are left out.

    """
    lines = inspect.cleandoc(docstring).splitlines()
    parameters: dict[str, str] = {}
    about: list[str] = []
    for title, style, body in _sections(lines):
        if not title:
            about = body
        elif title in _OF_PARAMETERS:
            parameters |= _entries(body, style)
    return Docs("\n".join(about).strip(), parameters)


def _sections(lines: list[str]) -> Iterator[tuple[str, re.Pattern[str], list[str]]]:
    """Yield each section: its title (empty for the first), the pattern that begins an entry, its lines."""
    title, style, body = "", _GOOGLE, list[str]()
    index = 0
    while index < len(lines):
        line = lines[index]
        after = lines[index + 1] if index + 1 < len(lines) else ""
        name = line.strip().lower()
        if name in _TITLES and _UNDERLINE.match(after):
            yield title, style, body
            title, style, body = name, _NUMPY, []
            index += 1
        elif name.endswith(":") and name[:-1] in _TITLES and line[:1].strip() and (not after or after[:1].isspace()):
            yield title, style, body
            title, style, body = name[:-1], _GOOGLE, []
        elif style is not _REST and _FIELD.match(line):
            yield title, style, body
            title, style, body = "parameters", _REST, [line]
        else:
            body.append(line)
        index += 1
    yield title, style, body


def _entries(lines: Iterable[str], style: re.Pattern[str]) -> dict[str, str]:
    """Return the text of each entry by name: the rest of its line and the lines indented below it."""
    entries: dict[str, list[str]] = {}
    names: list[str] = []
    margin: int | None = None
    for line in lines:
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        margin = indent if margin is None else margin
        entry = style.match(line.strip()) if indent <= margin else None
        if entry:
            names = [name.strip().lstrip("*") for name in entry["names"].split(",")]
            entries |= {name: [entry["text"].strip()] for name in names}
        elif indent <= margin:
            names = []
        else:
            for name in names:
                entries[name].append(line.strip())
    return {name: " ".join(part for part in parts if part) for name, parts in entries.items()}
