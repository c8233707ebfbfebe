"""What commands look up in the notebook. It is slow, and happens where the message is received."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .._chat.chat import Chat
from .._content.attachments import Part
from .._notebook.mentions import kind_of, mentioned, names_of, values_of
from .._notebook.variables import notebook


@dataclass(frozen=True, slots=True)
class ContextPreview:
    """The context of a question: the names and kinds of the variables it mentions, and its content as one text."""

    names: Sequence[Mapping[str, str]] = ()
    text: str = ""


def variable_names() -> list[dict[str, str]]:
    """Return the variables that a question can mention.

    Returns:
        The name and kind of each.

    """
    return names_of(notebook())


def context_preview(text: str, chat: Chat, *, whole: bool) -> ContextPreview:
    """Return the context of a question that is being written.

    Args:
        text: The question so far.
        chat: The chat.
        whole: Whether to include the content.

    Returns:
        The context; without `whole`, only its names.

    """
    namespace = dict(notebook())
    names = mentioned(text, namespace)
    kinds = [{"name": name, "kind": kind_of(namespace[name])} for name in names]
    parts = [*chat.context_parts(), *values_of(names, namespace, chat.masked)] if whole else []
    return ContextPreview(kinds, "\n\n".join(str(part.get("text") or f"[{part['type']}]") for part in parts))


def mentioned_values(question: str, text: str, chat: Chat) -> list[Part]:
    """Return the values of the variables that a question mentions.

    Args:
        question: The id of the question.
        text: The question.
        chat: The chat.

    Returns:
        The values as content parts; none of them if the question is known, since views resend it if this is slow.

    """
    if "@" not in text or chat.runner.call(lambda: chat.turns.knows(question)):
        return []
    namespace = dict(notebook())
    return values_of(mentioned(text, namespace), namespace, chat.masked)
