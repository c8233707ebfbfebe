"""Values of the notebook in a question: `{name}` and `{expression}`.

What a person writes is evaluated, as in a cell; what a model writes never comes here. Braces stay as they
are unless all names between them are there: in code, JSON, sets, LaTeX and templates they mean something else.
A short value takes the place of its braces, a long one stands below the question, cut to what a model can take.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from IPython.core.getipython import get_ipython

from ._descriptions import SHORT, Mask, described
from ._errors import ConversationError

BUDGET: Final = 16_000
"""Characters of all values of a question together: some 4,000 tokens."""

# Doubled they are a template's; behind a letter, "_", "^", "$" or "\" a formula's or a program's.
_BRACES: Final = re.compile(r"(?<![\w{}$^\\])\{([^{}\n]+)\}(?!\})")
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
    all_described = [described(source, value, mask) for source, value in values.items()]
    inline = {each.source: each.text for each in all_described if each.is_inline}
    text = _BRACES.sub(lambda match: _in_place(match, inline, values), content)
    below = [each for each in all_described if not each.is_inline]
    room = max(SHORT, budget // max(1, len(below)))
    text = "\n\n".join([text, *(each.block(room) for each in below if each.text)])
    images = [image for each in below if (image := each.image) is not None]
    return [{"type": "text", "text": text}, *images] if images else text


def preview(content: object) -> str:
    """What `filled` makes of `content`, to be read: images by name."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n\n".join(str(part["text"]) if "text" in part else f"[{part['type']}]" for part in parts)


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
