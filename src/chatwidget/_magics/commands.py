"""The commands of `%chat` that ask no question. Each returns Markdown."""

from __future__ import annotations

from .._chat.usage import costs_of
from .._errors import SettingsError
from .._widget.widget import ChatWidget, chat_of


def models(chat: ChatWidget) -> str:
    """List the models of the server.

    Args:
        chat: The chat.

    Returns:
        The list, in Markdown.

    Raises:
        SettingsError: If the list is not available.

    """
    names = chat.models()
    return "\n".join(f"- `{name}`" for name in names) or "The server lists no models."


def clear(chat: ChatWidget) -> str:
    """Clear the conversation.

    Args:
        chat: The chat.

    Returns:
        A confirmation, in Markdown.

    """
    chat.clear()
    return "The conversation was cleared. `Undo` in the chat or `chat.restore()` brings it back."


def restore(chat: ChatWidget) -> str:
    """Bring back the messages that were removed last, or those of the chat that this one replaces.

    Args:
        chat: The chat.

    Returns:
        A confirmation, in Markdown.

    Raises:
        ConversationError: If there is nothing to restore.

    """
    chat.restore()
    return "The conversation is back."


def save(chat: ChatWidget, path: str) -> str:
    """Export the conversation.

    Args:
        chat: The chat.
        path: The file to write. Its suffix selects the format.

    Returns:
        A confirmation, in Markdown.

    Raises:
        SettingsError: If the file cannot be written.

    """
    try:
        chat.export(path)
    except OSError as error:
        message = f"{path} could not be written: {error.strerror or error}"
        raise SettingsError(message) from error
    return f"Saved as `{path}`."


def cost(chat: ChatWidget) -> str:
    """Tabulate the tokens used by the conversation, and their price.

    Args:
        chat: The chat.

    Returns:
        A table in Markdown, one row per model.

    """
    inner = chat_of(chat)
    rows = inner.runner.call(lambda: costs_of(inner.conversation, inner.known_prices))
    if not rows:
        return "No tokens have been counted yet."
    lines = ["| model | prompt | completion | cost |", "|---|---:|---:|---:|"]
    for row in rows:
        price = "unknown" if row.dollars is None else f"${row.dollars:.4f}"
        lines.append(f"| {row.model} | {row.prompt_tokens:,} | {row.completion_tokens:,} | {price} |")
    if any(row.dollars is None for row in rows):
        lines += ["", 'Set prices in dollars per million tokens: `chat.prices = {"model": (prompt, completion)}`.']
    return "\n".join(lines)
