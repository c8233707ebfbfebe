"""What commands look up in the notebook. It is slow, and happens where the message is received."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .._chat.chat import Chat
from .._content.attachments import Part
from .._notebook.mentions import kind_of, names_of, values_of
from .._notebook.references import Mistake, mistakes, names_in, nearest
from .._notebook.variables import notebook


@dataclass(frozen=True, slots=True)
class ContextPreview:
    """The context of a question that is being written."""

    names: Sequence[Mapping[str, str]] = ()
    """The names and kinds of the variables that it names."""
    mistakes: Sequence[Mapping[str, object]] = ()
    """The references in it that bring no value: as written, what may be meant, and whether they are names."""
    text: str = ""
    """The content, as one text."""


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
        The context; without `whole`, without its content.

    """
    namespace = dict(notebook())
    names = names_in(text, namespace)
    kinds = [{"name": name, "kind": kind_of(namespace[name])} for name in names]
    parts = [*chat.context_parts(), *values_of(names, namespace, chat.masked)] if whole else []
    missing = chat.context.missing() if chat.context is not None else []
    wrong = [
        *mistakes(text, namespace, evaluates=False),
        *(Mistake(name, nearest(name, namespace), is_name=True) for name in missing),
    ]
    return ContextPreview(
        kinds,
        [mistake._asdict() for mistake in wrong],
        "\n\n".join(str(part.get("text") or f"[{part['type']}]") for part in parts),
    )


def mentioned_values(question: str, text: str, chat: Chat) -> list[Part]:
    """Return the values of the variables that a question mentions.

    Args:
        question: The id of the question.
        text: The question.
        chat: The chat.

    Returns:
        The values as content parts; none of them if the question is known, since views resend it if this is slow.

    """
    if not {"@", "{"}.intersection(text) or chat.runner.call(lambda: chat.turns.knows(question)):
        return []
    namespace = dict(notebook())
    return values_of(names_in(text, namespace), namespace, chat.masked)
