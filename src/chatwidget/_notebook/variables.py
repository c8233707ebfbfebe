"""Values of the notebook in a question: `{name}` and `{expression}`.

An expression of the user is evaluated, as in a cell; text of a model never gets here. Braces are left alone unless all
names between them exist, since they mean something else in JSON, sets, LaTeX and templates. They are also left alone in
code in backticks, in f-strings, and after a backslash, which is removed. A short value replaces its braces; a long one
follows the question, cut to a size that a model can take.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from IPython.core.getipython import get_ipython

from .._content.bounded_repr import failure_text
from .._content.markdown_code import without_code
from .._errors import ConversationError
from .describe import SHORT, Mask, Value, described

BUDGET: Final = 16_000
"""Maximum number of characters of all values of a question together, about 4,000 tokens."""

# Double braces belong to a template; after a letter, "_", "^", "$" or "\" they belong to a formula or a program.
_BRACES: Final = re.compile(r"(?<!\\)(\\)\{([^{}\n]+)(?<!\\)\}|(?<![\w{}$^\\])\{([^{}\n]+)\}(?!\})")
_F_STRING: Final = re.compile(
    r"""(?<![\w'"])(?:[ft]r?|r[ft])"""
    r"""(?:(\"{3}|'{3})(?:\\.|(?!\1).)*+\1|"(?:\\.|\{[^{}\n]*\}|[^"\\\n])*+"|'(?:\\.|\{[^{}\n]*\}|[^'\\\n])*+')"""
    # Do not match the derivatives in "f'(a) and g'(b)".
    r"(?![\w(])",
    re.DOTALL | re.IGNORECASE,
)
_NEVER: Final = (ast.Tuple, ast.Set, ast.Starred, ast.NamedExpr, ast.Lambda, ast.Await, ast.Yield, ast.YieldFrom)


class _Field(NamedTuple):
    start: int
    end: int
    source: str
    is_escaped: bool


def notebook() -> Mapping[str, Any]:
    """Return the variables of the notebook.

    Returns:
        The live namespace of IPython, or of the main module outside IPython.

    """
    shell = get_ipython()
    return shell.user_ns if shell is not None else vars(sys.modules["__main__"])


def filled(content: object, namespace: Mapping[str, Any], mask: Mask, budget: int = BUDGET) -> object:
    """Replace the braces in a question by their values.

    Args:
        content: The question: text or content parts.
        namespace: The variables of the notebook.
        mask: Masks secrets in a text.
        budget: The maximum number of characters of all values together.

    Returns:
        The question. Content parts if a value is an image.

    Raises:
        ConversationError: If an expression fails.

    """
    if isinstance(content, list):
        filled_parts = [_filled_part(part, namespace, mask, budget) for part in content]
        return [part for parts in filled_parts for part in parts]
    if not isinstance(content, str):
        return content
    fields = list(_fields(content, namespace))
    values = {field.source: _evaluated(field.source, namespace) for field in fields if not field.is_escaped}
    all_described = [_described(source, value, mask, budget) for source, value in values.items()]
    inline = {description.source: description.text for description in all_described if description.is_inline}
    text = _replaced(content, fields, inline)
    below = [description for description in all_described if not description.is_inline]
    room = max(SHORT, budget // max(1, len(below)))
    text = "\n\n".join([text, *(description.block(room) for description in below if description.text)])
    images = [image for description in below if (image := description.image) is not None]
    return [{"type": "text", "text": text}, *images] if images else text


def preview(content: object) -> str:
    """Format a question for people to read, with a placeholder for each image.

    Args:
        content: The question: text or content parts.

    Returns:
        The text.

    """
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n\n".join(str(part["text"]) if "text" in part else f"[{part['type']}]" for part in parts)


def _filled_part(part: Any, namespace: Mapping[str, Any], mask: Mask, budget: int) -> list[Any]:
    if not isinstance(part, dict) or part.get("type") != "text":
        return [part]
    content = filled(part.get("text"), namespace, mask, budget)
    return content if isinstance(content, list) else [{**part, "text": content}]


def _fields(text: str, namespace: Mapping[str, Any]) -> Iterator[_Field]:
    """Find the braces to replace, and those that are escaped."""
    prose = _F_STRING.sub(lambda match: "`" * len(match[0]), without_code(text))
    for match in _BRACES.finditer(prose):
        source = (match[2] or match[3]).strip()
        names = _names(source)
        if names and (match[1] or _are_known(names, namespace)):
            yield _Field(match.start(), match.end(), source, is_escaped=bool(match[1]))


def _names(source: str) -> set[str]:
    """Return the names that an expression reads. Empty if it is invalid, or of a kind that is never evaluated."""
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError):
        return set()
    nodes = list(ast.walk(tree))
    if isinstance(tree.body, _NEVER) or any(isinstance(node, _NEVER[3:]) for node in nodes):
        return set()
    own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return {node.id for node in nodes if isinstance(node, ast.Name)} - own


def _are_known(names: set[str], namespace: Mapping[str, Any]) -> bool:
    """Return whether all names exist, at least one of them in the notebook."""
    known = {name for name in names if name in namespace}
    return bool(known) and all(hasattr(builtins, name) for name in names - known)


def _evaluated(source: str, namespace: Mapping[str, Any]) -> Any:
    try:
        return eval(source, dict(namespace))  # noqa: S307 the user's own expression, as in a cell
    except (Exception, SystemExit) as error:
        message = f"{{{source}}} could not be evaluated: {failure_text(error)}"
        raise ConversationError(message) from error


def _described(source: str, value: Any, mask: Mask, budget: int) -> Value:
    try:
        return described(source, value, mask, budget)
    except (Exception, SystemExit) as error:
        message = f"{{{source}}} could not be read: {failure_text(error)}"
        raise ConversationError(message) from error


def _replaced(text: str, fields: Sequence[_Field], inline: Mapping[str, str]) -> str:
    pieces: list[str] = []
    position = 0
    for field in fields:
        value = text[field.start + 1 : field.end] if field.is_escaped else inline.get(field.source, f"`{field.source}`")
        pieces += text[position : field.start], value
        position = field.end
    return "".join(pieces) + text[position:]
