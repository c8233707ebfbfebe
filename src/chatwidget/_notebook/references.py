"""The references to variables in a question: `{name}`, `{expression}` and `@name`, and those that name nothing.

Braces mean something else in JSON, sets, LaTeX and templates, and "@" in addresses, decorators and style sheets. So a
reference counts as one only if its names exist, and as a mistake only if it is hardly meant otherwise: braces around an
unknown name, and an "@" before a name that is nearly one of the notebook's. Code in backticks, f-strings and whatever
follows a backslash are left alone.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import lru_cache
from inspect import getattr_static, isroutine
from itertools import chain, islice
from types import ModuleType
from typing import Any, Final, NamedTuple

from IPython.core.getipython import get_ipython

from .._content.markdown_code import without_code
from .._content.rich_values import is_figure, shape_of

# Double braces belong to a template; after a letter, "_", "^", "$" or "\" they belong to a formula or a program.
_BRACES: Final = re.compile(r"(?<!\\)(\\)\{([^{}\n]+)(?<!\\)\}|(?<![\w{}$^\\])\{([^{}\n]+)\}(?!\})")
_F_STRING: Final = re.compile(
    r"""(?<![\w'"])(?:[ft]r?|r[ft])"""
    r"""(?:(\"{3}|'{3})(?:\\.|(?!\1).)*+\1|"(?:\\.|\{[^{}\n]*\}|[^"\\\n])*+"|'(?:\\.|\{[^{}\n]*\}|[^'\\\n])*+')"""
    # Do not match the derivatives in "f'(a) and g'(b)".
    r"(?![\w(])",
    re.DOTALL | re.IGNORECASE,
)
_FORMATTED: Final = re.compile(
    r"(?P<value>[^\W\d][^!:{}]*)(?:!(?P<conversion>[rsa]))?"
    # A program or a set may have a number or a letter after the colon.
    r"(?::(?P<format>(?=[^{}]*(?:[.,_%<>^]|\d[A-Za-z]))(?:\S?[<>=^])?[-+]?#?\d*[,_]?(?:\.\d+)?[A-Za-z%]?))?"
)
"""A value in the form that an f-string gives it."""
_CONVERSIONS: Final = {"r": "repr", "s": "str", "a": "ascii"}
_NEVER: Final = (ast.Tuple, ast.Set, ast.Starred, ast.NamedExpr, ast.Lambda, ast.Await, ast.Yield, ast.YieldFrom)

# A mention does not follow a letter or a character of an address.
_MENTION: Final = re.compile(r"(?<![\w@./:+`\\-])@(?P<name>[^\W\d]\w{0,99})(?![\w@(])(?:\.(?P<attribute>\w+))?")
_ESCAPED: Final = re.compile(r"(?<![\w@./:+`\\-])\\@(?=[^\W\d])")
_OF_ONE_NAME: Final = re.compile(r"[^\W\d]\w*(?:[.\[(]|$)")
"""A name, or an expression that begins with what it has or returns."""
_DECORATED: Final = re.compile(
    r"(?:\([^\n]{0,200}\))?[ \t]*\n(?:[ \t]*@[^\n]{0,200}\n){0,9}[ \t]*(?:async )?(?:def|class) "
)
_AT_WORDS: Final = frozenset(
    {"media", "import", "supports", "layer", "page", "keyframes", "container", "charset", "font", "property"}
    | {"namespace", "dataclass", "overload", "override", "app", "route", "test", "Override", "Test", "Component"}
    | {"Input", "Output", "param", "returns", "throws", "type", "see", "todo"}
)
"""Words that follow an "@" in style sheets, comments and programs."""

_NEAR: Final = 0.6
_VERY_NEAR: Final = 0.75
"""How similar a name must be to one of the notebook's to count as a mistake, if it may mean something else."""
_MOST: Final = 20
"""How many mistakes of a question are looked for."""


class Brace(NamedTuple):
    """A name or an expression in braces."""

    start: int
    end: int
    source: str
    is_escaped: bool


class Mistake(NamedTuple):
    """A reference to no variable."""

    written: str
    """The reference as it is written."""
    nearest: str | None
    """A reference that may be meant."""
    is_name: bool
    """False if the names exist, but something other than a name stands where only names count."""


def braces(text: str, namespace: Mapping[str, Any]) -> list[Brace]:
    """Find the braces to replace, and those that are escaped.

    Args:
        text: The question.
        namespace: The variables of the notebook.

    Returns:
        The braces whose names all exist, at least one of them in the notebook, and the escaped ones.

    """
    return [
        brace
        for brace in _braces(text)
        if (_may_be_meant(brace.source) if brace.is_escaped else _are_known(_names(brace.source), namespace))
    ]


def mentions(text: str, namespace: Mapping[str, Any]) -> list[str]:
    """Return the variables that a text mentions as `@name`.

    Args:
        text: The question.
        namespace: The variables of the notebook.

    Returns:
        The names, without duplicates.

    """
    return list(dict.fromkeys(name for _, name in _mentioned(text, namespace)))


def names_in(text: str, namespace: Mapping[str, Any]) -> list[str]:
    """Return the variables that a text names, as `@name` or `{name}`. Nothing is evaluated.

    Args:
        text: The question.
        namespace: The variables of the notebook.

    Returns:
        The names in their order, without duplicates.

    """
    in_braces = (
        (brace.start, brace.source)
        for brace in braces(text, namespace)
        if not brace.is_escaped and is_variable(brace.source, namespace)
    )
    return list(dict.fromkeys(name for _, name in sorted([*_mentioned(text, namespace), *in_braces])))


def escaped_mentions(text: str) -> list[int]:
    r"""Return the positions of the backslashes that keep an "@" from being a mention.

    Args:
        text: The question.

    """
    return [match.start() for match in _ESCAPED.finditer(without_code(text))] if "\\@" in text else []


def mistakes(text: str, namespace: Mapping[str, Any], *, evaluates: bool) -> list[Mistake]:
    """Find references that bring no value, although they look as if they should.

    Args:
        text: The question.
        namespace: The variables of the notebook.
        evaluates: Whether expressions in braces are evaluated; otherwise only names count.

    Returns:
        The mistakes, at most twenty.

    """
    sources = dict.fromkeys(brace.source for brace in _braces(text) if not brace.is_escaped)
    mentioned = dict.fromkeys((match["name"], match["attribute"]) for match in _mentions(text))
    found = chain(
        (_mistake_in_braces(source, namespace, evaluates=evaluates) for source in islice(sources, _MOST)),
        (_mistake_in_mention(*mention, namespace) for mention in islice(mentioned, _MOST)),
    )
    return [mistake for mistake in found if mistake is not None]


def is_variable(name: str, namespace: Mapping[str, Any]) -> bool:
    """Return True if a question can name this variable of the notebook.

    Args:
        name: The name.
        namespace: The variables of the notebook.

    """
    return name in namespace and not name.startswith("__")


def nearest(name: str, namespace: Mapping[str, Any], cutoff: float = _NEAR) -> str | None:
    """Return the public variable with the most similar name, or None if none is similar.

    Args:
        name: The name.
        namespace: The variables of the notebook.
        cutoff: How similar it must be, from 0 to 1.

    """
    hidden = getattr(get_ipython(), "user_ns_hidden", {})
    names = {own.casefold(): own for own in dict(namespace) if not own.startswith("_") and own not in hidden}
    matches = get_close_matches(name.casefold(), names, 1, cutoff)
    return names[matches[0]] if matches else None


def _braces(text: str) -> Iterator[Brace]:
    prose = _F_STRING.sub(lambda match: "`" * len(match[0]), without_code(text)) if "{" in text else ""
    for match in _BRACES.finditer(prose):
        yield Brace(match.start(), match.end(), (match[2] or match[3]).strip(), is_escaped=bool(match[1]))


@lru_cache(256)
def _names(source: str) -> frozenset[str]:
    """Return the names that an expression reads. Empty if it is invalid, or of a kind that is never evaluated."""
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError):
        return frozenset()
    nodes = list(ast.walk(tree))
    if isinstance(tree.body, _NEVER) or any(isinstance(node, _NEVER[3:]) for node in nodes):
        return frozenset()
    own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name) and node.id not in own)


def _may_be_meant(source: str) -> bool:
    formatted = _FORMATTED.fullmatch(source)
    return bool(_names(formatted["value"].strip() if formatted else source))


def _are_known(names: frozenset[str], namespace: Mapping[str, Any]) -> bool:
    """Return whether all names exist, at least one of them in the notebook."""
    known = {name for name in names if name in namespace}
    return bool(known) and all(hasattr(builtins, name) for name in names - known)


def _mentions(text: str) -> Iterator[re.Match[str]]:
    # The length stays the same, so that the characters around a mention can be inspected.
    prose = without_code(text) if "@" in text else ""
    for match in _MENTION.finditer(prose):
        starts_line = not prose[max(0, match.start() - 80) : match.start()].rpartition("\n")[2].strip()
        if not (starts_line and _DECORATED.match(prose, match.end())):
            yield match


def _mentioned(text: str, namespace: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Yield the position and name of each mention of a variable."""
    for match in _mentions(text):
        if match["attribute"] is None and is_variable(match["name"], namespace):
            yield match.start(), match["name"]


def _mistake_in_braces(source: str, namespace: Mapping[str, Any], *, evaluates: bool) -> Mistake | None:
    formatted = _FORMATTED.fullmatch(source)
    if formatted and formatted["value"] != source:
        return _mistake_in_formatted(formatted, namespace, evaluates=evaluates)
    names = _names(source)
    unknown = sorted(name for name in names if name not in namespace and not hasattr(builtins, name))
    known = sorted(name for name in names if name in namespace)
    if unknown and (known or _OF_ONE_NAME.match(source)):
        near = nearest(unknown[0], namespace)
        meant = re.sub(rf"\b{unknown[0]}\b", near, source) if near and evaluates else near
        return Mistake(f"{{{source}}}", f"{{{meant}}}" if meant else None, is_name=True)
    if known and not unknown and not evaluates and not source.isidentifier():
        return Mistake(f"{{{source}}}", f"{{{known[0]}}}", is_name=False)
    return None


def _mistake_in_formatted(formatted: re.Match[str], namespace: Mapping[str, Any], *, evaluates: bool) -> Mistake | None:
    """Return the mistake in a value that is formatted as in an f-string; None if its names do not exist."""
    value = formatted["value"].strip()
    mistake = _mistake_in_braces(value, namespace, evaluates=evaluates)
    if mistake is None and _are_known(_names(value), namespace):
        if evaluates and formatted["conversion"]:
            value = f"{_CONVERSIONS[formatted['conversion']]}({value})"
        if evaluates and formatted["format"]:
            value = f"format({value}, {formatted['format']!r})"
        mistake = Mistake("", f"{{{value}}}", is_name=False)
    return mistake and mistake._replace(written=f"{{{formatted[0]}}}")


def _mistake_in_mention(name: str, attribute: str | None, namespace: Mapping[str, Any]) -> Mistake | None:
    written = f"@{name}" if attribute is None else f"@{name}.{attribute}"
    if is_variable(name, namespace):
        is_meant = attribute is not None and not _may_decorate(namespace[name], attribute)
        return Mistake(written, f"@{name}", is_name=False) if is_meant else None
    if name in _AT_WORDS or hasattr(builtins, name) or keyword.iskeyword(name):
        return None
    near = nearest(name, namespace, _VERY_NEAR)
    return Mistake(written, f"@{near}", is_name=True) if near else None


def _may_decorate(value: object, attribute: str) -> bool:
    """Return True if an attribute may be a decorator, such as `app.route`. No code of the value runs."""
    if isinstance(value, ModuleType | type):
        return True
    if shape_of(value) or is_figure(value):
        return False
    with suppress(Exception):
        return isroutine(value) or callable(getattr_static(type(value), attribute, None))
    return True
