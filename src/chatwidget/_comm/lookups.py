"""Lookups in the notebook for messages from views. They are slow, and run where the message is received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._notebook.mentions import kind_of, mentioned, names_of, values_of
from .._notebook.variables import notebook

if TYPE_CHECKING:
    from .._chat.chat import Chat


def looked_up(content: Mapping[str, Any], chat: Chat) -> list[dict[str, Any]]:
    """Return the values of the notebook that a message needs.

    Args:
        content: The message.
        chat: The chat.

    Returns:
        Names for `complete`, the context for `preview`, and mentioned values for a question.

    """
    kind, text = content.get("type"), content.get("text")
    if kind == "complete":
        return names_of(notebook())
    if not isinstance(text, str) or (kind != "preview" and ("@" not in text or _is_known(content.get("id"), chat))):
        return []
    namespace = dict(notebook())
    names = mentioned(text, namespace)
    if kind != "preview":
        return values_of(names, namespace, chat.masked)
    shown = [{"name": name, "kind": kind_of(namespace[name])} for name in names]
    parts = [*chat.context_parts(), *values_of(names, namespace, chat.masked)] if content.get("whole") is True else []
    return [{"names": shown, "text": "\n\n".join(str(part.get("text") or f"[{part['type']}]") for part in parts)}]


def _is_known(question: object, chat: Chat) -> bool:
    """Return whether a question has been received before. Views resend it if the lookup of values is slow."""
    return isinstance(question, str) and chat.runner.call(lambda: chat.turns.knows(question))
