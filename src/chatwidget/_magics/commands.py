"""The commands of `%chat` that ask nothing: each gives a text in Markdown."""

from __future__ import annotations

from .._chat.usage import costs_of
from .._errors import SettingsError
from .._widget.widget import ChatWidget


def models(chat: ChatWidget) -> str:
    """The models that the server has."""
    names = chat.models()
    return "\n".join(f"- `{name}`" for name in names) or "The server names no models."


def clear(chat: ChatWidget) -> str:
    """Empty the conversation."""
    chat.clear()
    return "The conversation is empty; `Undo` in the chat, or `chat.restore()`, brings it back."


def save(chat: ChatWidget, path: str) -> str:
    """Put the conversation into a file of the kind that its name says."""
    try:
        chat.export(path)
    except OSError as error:
        message = f"{path} was not written: {error.strerror or error}"
        raise SettingsError(message) from error
    return f"Saved as `{path}`."


def cost(chat: ChatWidget) -> str:
    """The tokens that the conversation took, and what they cost."""
    rows = costs_of(chat.conversation, chat.known_prices)
    if not rows:
        return "No tokens were counted yet."
    lines = ["| model | prompt | completion | cost |", "|---|---:|---:|---:|"]
    for row in rows:
        price = "unknown" if row.dollars is None else f"${row.dollars:.4f}"
        lines.append(f"| {row.model} | {row.prompt_tokens:,} | {row.completion_tokens:,} | {price} |")
    if any(row.dollars is None for row in rows):
        lines += ["", 'Give prices in dollars for a million tokens: `chat.prices = {"model": (prompt, completion)}`.']
    return "\n".join(lines)
