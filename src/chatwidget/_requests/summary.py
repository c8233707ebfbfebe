"""A summary, written by the model itself, in place of messages that do not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from .._conversation.messages import Message, MessageDict, Timings, Usage
from .._conversation.reply_builder import ReplyBuilder
from .._errors import TransportError
from .._transports.base import ChatRequest, Transport
from .token_estimates import tokens_in

ROOM: Final = 700
"""Tokens reserved for a summary."""

_TASK: Final = (
    "You write the summary that will stand in place of the beginning of a conversation. Write at most 300 words, "
    "in the language of the conversation: what the user wants, what was found and decided, names, numbers and code "
    "that are needed later, what is still open. Write only the summary."
)
_BEFORE: Final = "The summary so far, to be extended:\n"
_HEAD: Final = "Summary of the earlier conversation, whose messages are not sent any more:\n"

_ABOUT_ANSWERS: Final = frozenset(
    {
        *("response_format", "tools", "tool_choice", "parallel_tool_calls", "functions", "function_call"),
        *("max_tokens", "max_completion_tokens", "stop", "n", "logprobs", "top_logprobs", "prediction"),
    }
)
"""Parameters meant for the chat's answers, not for a summary."""


async def summarize(
    transport: Transport, request: ChatRequest, messages: Sequence[Message], before: str | None, most: int
) -> tuple[str, Usage | None]:
    """Ask the model for a summary of older messages.

    Args:
        transport: The transport to ask.
        request: The chat's request, for its model and parameters.
        messages: The messages to summarize.
        before: The previous summary, to be extended.
        most: About the most tokens to send. The oldest messages are left out if there are more.

    Returns:
        The summary, and its usage if the server counted it.

    Raises:
        TransportError: The request failed, or the model wrote nothing.

    """
    params = {name: value for name, value in request.params.items() if name not in _ABOUT_ANSWERS}
    text = _transcript(messages, most - tokens_in(_TASK + (before or "")))
    asked = [{"role": "system", "content": _TASK}, {"role": "user", "content": f"{_summary_before(before)}{text}"}]
    builder = ReplyBuilder("", Timings())
    own = ChatRequest(asked, request.model, params, timeout=request.timeout, chat=request.chat)
    async with aclosing(transport.stream(own)) as deltas:
        async for delta in deltas:
            builder.apply(delta)
    builder.close()
    written = builder.message()
    if not written.text.strip():
        message = "the model sent no summary"
        raise TransportError(message)
    return written.text.strip(), written.usage


def with_summary(messages: list[MessageDict], summary: str) -> list[MessageDict]:
    """Add a summary to the first system message.

    Args:
        messages: The messages to send.
        summary: The text of the summary.

    Returns:
        A new list of messages.

    """
    text = f"{_HEAD}{summary}"
    first = messages[0] if messages else {}
    # Many models take only one system message, and only at the start.
    if first.get("role") in {"system", "developer"} and isinstance(first.get("content"), str):
        return [{**first, "content": f"{first['content']}\n\n{text}"}, *messages[1:]]
    return [{"role": "system", "content": text}, *messages]


def _summary_before(before: str | None) -> str:
    return f"{_BEFORE}{before}\n\n" if before else ""


def _transcript(messages: Sequence[Message], most: int) -> str:
    """Return the newest messages as text of about `most` tokens."""
    texts: list[str] = []
    for message in reversed(messages):
        text = "\n".join([f"{message.role.capitalize()}: {message.text or message.refusal}", *_calls(message.data)])
        most -= tokens_in(text)
        if most < 0 and texts:
            break
        texts.append(text if most >= 0 else text[: 4 * ROOM])
    return "\n\n".join(reversed(texts))


def _calls(data: Mapping[str, Any]) -> list[str]:
    calls = (call.get("function") or {} for call in data.get("tool_calls") or ())
    return [f"(calls {call.get('name')} with {call.get('arguments')})" for call in calls]
