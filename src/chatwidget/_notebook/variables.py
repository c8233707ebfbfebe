"""Values of the notebook in a question from a cell: `{name}`, `{expression}` and `@name`.

An expression of the user is evaluated, as in a cell; text of a model never gets here. A short value replaces its
braces; a long one, or one that is mentioned, follows the question under its name, cut to a size that a model can take.
A backslash that keeps braces or an "@" as they are is removed.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from IPython.core.getipython import get_ipython

from .._content.bounded_repr import failure_text
from .._errors import ConversationError
from .describe import BUDGET, SHORT, Mask, Value, described
from .mentions import values_of
from .references import Brace, braces, escaped_mentions, mentions, mistakes


def notebook() -> Mapping[str, Any]:
    """Return the variables of the notebook.

    Returns:
        The live namespace of IPython, or of the main module outside IPython.

    """
    shell = get_ipython()
    return shell.user_ns if shell is not None else vars(sys.modules["__main__"])


def filled(content: object, namespace: Mapping[str, Any], mask: Mask, budget: int = BUDGET) -> object:
    """Replace the braces in a question by their values, and add the values that it mentions.

    Args:
        content: The question: text or content parts.
        namespace: The variables of the notebook.
        mask: Masks secrets in a text.
        budget: The maximum number of characters of all values together.

    Returns:
        The question. Content parts if a value is not short enough for a sentence.

    Raises:
        ConversationError: If an expression fails, or names no variable.

    """
    if isinstance(content, list):
        filled_parts = [_filled_part(part, namespace, mask, budget) for part in content]
        return [part for parts in filled_parts for part in parts]
    if not isinstance(content, str):
        return content
    _require_names(content, namespace)
    fields = braces(content, namespace)
    values = {field.source: _evaluated(field.source, namespace) for field in fields if not field.is_escaped}
    all_described = [_described(source, value, mask, budget) for source, value in values.items()]
    inline = {description.source: description.text for description in all_described if description.is_inline}
    below = [description for description in all_described if not description.is_inline]
    names = mentions(content, namespace)
    room = max(SHORT, budget // max(1, len(below) + len(names)))
    parts = [part for description in below if description.text for part in description.parts(room)]
    parts += values_of(names, namespace, mask, room)
    text = _replaced(content, fields, inline)
    return [{"type": "text", "text": text}, *parts] if parts else text


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


def _require_names(text: str, namespace: Mapping[str, Any]) -> None:
    """Raise ConversationError if a reference names no variable."""
    for mistake in mistakes(text, namespace, evaluates=True):
        written, meant = mistake.written, mistake.nearest
        if mistake.is_name:
            problem = f"there is no variable for {written}" + (f"; did you mean {meant}?" if meant else ".")
        elif written.startswith("@"):
            problem = f"{written} is not a name: write {{{written[1:]}}} for its value, or {meant} for all of it."
        else:
            problem = f"{written} is not an expression: write {meant}."
        # `%chat` shows the sentence as Markdown, in which a backslash outside of code disappears.
        message = (
            f"{problem} To send it as it is, write `\\{written}`, or leave out all values with `variables=False` (in "
            "`%chat` with `--plain`)"
        )
        raise ConversationError(message)


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


def _replaced(text: str, fields: Sequence[Brace], inline: Mapping[str, str]) -> str:
    """Replace braces by their values, and remove the backslashes of escaped ones and of escaped mentions."""
    replacements = [(position, position + 1, "") for position in escaped_mentions(text)]
    for field in fields:
        value = text[field.start + 1 : field.end] if field.is_escaped else inline.get(field.source, f"`{field.source}`")
        replacements.append((field.start, field.end, value))
    pieces: list[str] = []
    position = 0
    for start, end, value in sorted(replacements):
        pieces += text[position:start], value
        position = end
    return "".join(pieces) + text[position:]
