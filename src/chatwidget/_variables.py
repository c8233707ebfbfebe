"""Values of the notebook in a question: `{name}` and `{expression}`.

What a person writes is evaluated, as in a cell; what a model writes never comes here. Braces stay as they
are unless all names between them are there: in code, JSON, sets, LaTeX and templates they mean something else.
A short value takes the place of its braces, a long one stands below the question, cut to what a model can take.
"""

from __future__ import annotations

import ast
import base64
import builtins
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Final, TypeAlias

from IPython.core.getipython import get_ipython

from ._attachments import Part
from ._errors import ConversationError
from ._rich_values import fenced_text, image_of, is_table, json_of, table_of

BUDGET: Final = 16_000
"""Characters of all values of a question together: some 4,000 tokens."""
_SHORT: Final = 200
_HEAD: Final = 5
"""Rows of a dataframe."""
_SAMPLE: Final = 10
"""Elements of an array."""
_NAMES: Final = 60
"""Names of a module."""

# Doubled they are a template's; behind a letter, "_", "^", "$" or "\" a formula's or a program's.
_BRACES: Final = re.compile(r"(?<![\w{}$^\\])\{([^{}\n]+)\}(?!\})")
Mask: TypeAlias = Callable[[str], str]
"""Takes secrets out of a text."""

_NEVER: Final = (ast.Tuple, ast.Set, ast.Starred, ast.NamedExpr, ast.Lambda, ast.Await, ast.Yield, ast.YieldFrom)


def notebook() -> Mapping[str, Any]:
    """The variables of the notebook, or of the program where there is none."""
    shell = get_ipython()
    return shell.user_ns if shell is not None else vars(sys.modules["__main__"])


def filled(content: object, namespace: Mapping[str, Any], mask: Mask, budget: int = BUDGET) -> object:
    """`content`, text or parts, with the values that it names, masked; parts where an image is among them.

    Raises ConversationError where an expression fails.
    """
    if isinstance(content, list):
        filled_parts = [_filled_part(part, namespace, mask, budget) for part in content]
        return [part for parts in filled_parts for part in parts]
    if not isinstance(content, str):
        return content
    values = {source: _evaluated(source, namespace) for source in _sources(content, namespace)}
    described = [_masked(_described(source, value), mask) for source, value in values.items()]
    inline = {each.source: each.text for each in described if each.is_inline}
    text = _BRACES.sub(lambda match: _in_place(match, inline, values), content)
    below = [each for each in described if not each.is_inline]
    room = max(_SHORT, budget // max(1, len(below)))
    text = "\n\n".join([text, *(f"`{each.source}`{each.kind}:\n\n{_cut(each, room)}" for each in below if each.text)])
    images = [image for each in below if (image := each.image) is not None]
    return [{"type": "text", "text": text}, *images] if images else text


def preview(content: object) -> str:
    """What `filled` makes of `content`, to be read: images by name."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n\n".join(str(part["text"]) if "text" in part else f"[{part['type']}]" for part in parts)


@dataclass(frozen=True, slots=True)
class _Value:
    source: str
    text: str = ""
    kind: str = ""
    language: str | None = None
    """Of the block of code that it is shown in; None for Markdown."""
    is_inline: bool = False
    image: Part | None = None


def _masked(value: _Value, mask: Mask) -> _Value:
    return replace(value, text=mask(value.text))


def _filled_part(part: Any, namespace: Mapping[str, Any], mask: Mask, budget: int) -> list[Any]:
    if not isinstance(part, dict) or part.get("type") != "text":
        return [part]
    made = filled(part.get("text"), namespace, mask, budget)
    return made if isinstance(made, list) else [{**part, "text": made}]


def _sources(text: str, namespace: Mapping[str, Any]) -> Iterator[str]:
    return (match[1].strip() for match in _BRACES.finditer(text) if _is_meant(match[1].strip(), namespace))


def _is_meant(source: str, namespace: Mapping[str, Any]) -> bool:
    """Whether `source` is an expression of names that are all there, at least one of them the notebook's."""
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError):
        return False
    nodes = list(ast.walk(tree))
    own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names = {node.id for node in nodes if isinstance(node, ast.Name)} - own
    known = {name for name in names if name in namespace}
    is_refused = isinstance(tree.body, _NEVER) or any(isinstance(node, _NEVER[3:]) for node in nodes)
    return not is_refused and bool(known) and all(name in known or hasattr(builtins, name) for name in names)


def _evaluated(source: str, namespace: Mapping[str, Any]) -> Any:
    try:
        return eval(source, dict(namespace))  # noqa: S307 a person's own expression, as in a cell
    except Exception as error:
        message = f"{{{source}}} has no value to be sent: {type(error).__name__}: {error}"
        raise ConversationError(message) from error


def _in_place(match: re.Match[str], inline: Mapping[str, str], values: Mapping[str, Any]) -> str:
    source = match[1].strip()
    if source not in values:
        return match[0]
    return inline.get(source, f"`{source}`")


def _described(source: str, value: Any) -> _Value:
    name = type(value).__name__
    if is_table(value):
        height, width = value.shape
        return _Value(source, _frame(value), f" ({name}, {height:,} rows, {width:,} columns)")
    if not isinstance(value, str | type) and (image := image_of(value)) is not None:
        return _Value(source, "See the image.", f" ({name})", image=_image(*image))
    if isinstance(value, ModuleType):
        return _Value(source, _module(value), " (module)", "")
    if (code := _code(value)) is not None:
        return _Value(source, code, f" ({name})", "python")
    if hasattr(value, "dtype") and hasattr(value, "ravel") and value.shape != ():
        return _Value(source, _array(value), f" ({name})", "")
    return _plain(source, value)


def _plain(source: str, value: Any) -> _Value:
    data = json_of(value) if isinstance(value, dict | list) else None
    # A number of numpy's tells its type, which is of no use in a sentence.
    text = str(value) if isinstance(value, str) or hasattr(value, "dtype") else repr(value)
    if "\n" not in text and len(text) <= _SHORT:
        return _Value(source, text, is_inline=True)
    return _Value(source, data or text, f" ({type(value).__name__})", "json" if data else "")


def _cut(value: _Value, room: int) -> str:
    text = value.text
    if len(text) > room:
        text = f"{text[:room]}\n… ({len(text) - room:,} more characters not sent)"
    return text if value.language is None else fenced_text(text, value.language)


def _image(mime: str, data: bytes) -> Part:
    return {"type": "image_url", "image_url": {"url": f"data:{mime};base64,{base64.b64encode(data).decode()}"}}


def _frame(value: Any) -> str:
    """A dataframe as its columns with their types, its first rows and its summary."""
    types = list(getattr(value, "dtypes", []))
    named = zip(value.columns, types, strict=False)
    columns = ", ".join(f"{name}: {kind}" for name, kind in named) or ", ".join(map(str, value.columns))
    shown = f"Columns: {columns}\n\n{table_of(value, _HEAD)}"
    try:
        summary = table_of(value.describe())
    except Exception:  # noqa: BLE001 some frames have none, such as empty ones
        return shown
    return f"{shown}\n\nSummary:\n\n{summary}"


def _array(value: Any) -> str:
    """An array as its shape and type, its range where it has one, and its first elements."""
    lines = [f"shape {tuple(value.shape)}, dtype {value.dtype}"]
    with suppress(TypeError, ValueError, AttributeError):
        lines.append(f"min {value.min()}, max {value.max()}, mean {value.mean():.6g}")
    sample = [str(each) for each in value.ravel()[:_SAMPLE]]
    more = ", …" if value.size > len(sample) else ""
    return "\n".join([*lines, f"first elements: {', '.join(sample)}{more}"])


def _code(value: Any) -> str | None:
    """The source of a function or a class, or what is known of it; None for other callables."""
    if not (inspect.isroutine(value) or inspect.isclass(value)):
        return None
    with suppress(OSError, TypeError):
        return textwrap.dedent(inspect.getsource(value)).rstrip()
    try:
        signature = str(inspect.signature(value))
    except (TypeError, ValueError):
        signature = "(...)"
    return f"{value.__name__}{signature}\n{inspect.getdoc(value) or ''}".rstrip()


def _module(value: ModuleType) -> str:
    """A module as its description and its public names, each with the first line of its own."""
    names = [name for name in getattr(value, "__all__", dir(value)) if not name.startswith("_")]
    lines = [f"{value.__name__}: {inspect.getdoc(value) or ''}".strip(), ""]
    for name in names[:_NAMES]:
        doc = (inspect.getdoc(getattr(value, name, None)) or "").partition("\n")[0]
        lines.append(f"{name}: {doc}" if doc else name)
    if len(names) > _NAMES:
        lines.append(f"… ({len(names) - _NAMES} more names)")
    return "\n".join(lines)
