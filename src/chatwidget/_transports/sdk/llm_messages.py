"""Conversion of OpenAI's messages to those of `llm`."""

from __future__ import annotations

import base64
import functools
import mimetypes
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote_to_bytes, urlsplit

import llm
from llm.parts import Part, TextPart, ToolCallPart

from ..._conversation.messages import MessageDict
from ..._errors import TransportError
from ..._json import loads
from ..._text import data_url_parts

METADATA: Final = "provider_metadata"
REASONING: Final = "llm_reasoning"
"""The key of a message for signed reasoning, which some providers want back with the results of tools."""


def asked(model: Any, messages: list[MessageDict]) -> Callable[..., Any]:
    """Prepare the last message as a question to a model, after all the others.

    Args:
        model: The model of `llm`.
        messages: The messages in OpenAI's format.

    Returns:
        A function that takes tools and options and returns the response.

    Raises:
        TransportError: The model cannot take a part of the messages.

    """
    # Plugins read the messages or, if they are older, the last prompt and the responses before it. Both are set.
    reader = _Reader(model)
    history: list[Any] = []
    turn = _Input(model)
    conversation = model.conversation()
    for message in messages:
        if message["role"] == "assistant":
            answer = llm.Message("assistant", reader.answer(message))
            conversation.responses.append(turn.answered(answer))
            history += [*turn.messages, answer]
            turn = _Input(model)
        else:
            reader.read(message, turn)
    return functools.partial(conversation.prompt, **turn.arguments, messages=history + turn.system_messages)


class _Input:
    """The messages between two answers."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.system: list[str] = []
        self.texts: list[str] = []
        self.attachments: list[Any] = []
        self.results: list[Any] = []

    @property
    def arguments(self) -> dict[str, Any]:
        """The messages as arguments of llm's `prompt`."""
        return {
            "prompt": "\n\n".join(self.texts),
            "system": "\n\n".join(self.system) or None,
            "attachments": self.attachments,
            "tool_results": self.results,
        }

    @property
    def system_messages(self) -> list[Any]:
        """The system prompt as messages of llm."""
        return [llm.system(text) for text in self.system]

    @property
    def messages(self) -> list[Any]:
        """All the messages as those of llm."""
        return [*self.system_messages, *self._prompt(with_system=False).messages]

    def answered(self, answer: Any) -> Any:
        """Return the response that has `answer` as its reply to these messages.

        Args:
            answer: The answer as a message of llm.

        """
        kind = llm.Response if isinstance(self._model, llm.Model | llm.KeyModel) else llm.AsyncResponse
        response = kind.from_dict(
            {"model": self._model.model_id, "prompt": {"messages": []}, "messages": [answer.to_dict()]},
            model=self._model,
        )
        response.prompt = self._prompt(with_system=True)
        return response

    def _prompt(self, *, with_system: bool) -> Any:
        arguments = {**self.arguments, "system": self.arguments["system"] if with_system else None}
        return llm.Prompt(model=self._model, **arguments)  # type: ignore[no-untyped-call] # it has no types


class _Reader:
    """A reader of messages, one after the other."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._names: dict[Any, str] = {}
        """The names of the calls so far, by their ids."""

    def answer(self, message: MessageDict) -> list[Any]:
        """Return the parts of an answer: reasoning, text and calls.

        Args:
            message: The assistant message.

        """
        calls = message.get("tool_calls") or []
        parts = [Part.from_dict(block) for block in message.get(REASONING) or ()]
        if text := _text(message):
            parts.append(TextPart(text))
        for call in calls:
            function = call.get("function") or {}
            name, call_id = str(function.get("name")), call.get("id")
            self._names[call_id] = name
            arguments = loads(function.get("arguments") or "{}")
            parts.append(ToolCallPart(name, arguments, call_id, provider_metadata=call.get(METADATA)))
        return parts

    def read(self, message: MessageDict, turn: _Input) -> None:
        """Add a message to the input of the next question.

        Args:
            message: The message.
            turn: The input to add to.

        """
        role, text = message["role"], _text(message)
        if role in {"tool", "function"}:
            call_id = message.get("tool_call_id")
            name = self._names.get(call_id) or str(message.get("name") or "")
            turn.results.append(llm.ToolResult(name, text, tool_call_id=call_id))
        elif text:
            (turn.texts if role == "user" else turn.system).append(text)
        content = message.get("content")
        others = [part for part in content if part.get("type") != "text"] if isinstance(content, list) else []
        turn.attachments += map(self._attachment, others)

    def _attachment(self, part: dict[str, Any]) -> Any:
        inner = part.get(part["type"])
        inner = inner if isinstance(inner, dict) else {"url": inner}
        if part["type"] == "input_audio":
            kind = {"mp3": "audio/mpeg"}.get(inner.get("format", ""), f"audio/{inner.get('format')}")
            attachment = llm.Attachment(kind, content=base64.b64decode(inner["data"]))
        else:
            attachment = _attachment_at(str(inner.get("url") or inner.get("file_data") or ""))
        if attachment is None or attachment.type not in self._model.attachment_types:
            wrong = attachment.type if attachment is not None else part["type"]
            takes = ", ".join(sorted(self._model.attachment_types)) or "text"
            message = f"The model {self._model.model_id} does not accept {wrong}, only {takes}: leave it out."
            raise TransportError(message)
        return attachment


def _text(message: MessageDict) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text") or "" for part in content)


def _attachment_at(url: str) -> Any:
    """Return the file at an address, which may contain the file itself. None if there is no such address."""
    if url.lower().startswith(("http://", "https://")):
        # Without a type, llm would request it from the server, and wait.
        return llm.Attachment(mimetypes.guess_type(urlsplit(url).path)[0] or "image/png", url=url)
    if (parts := data_url_parts(url)) is None:
        return None
    head, data = parts
    kind = head.partition(";")[0]
    return llm.Attachment(kind, content=base64.b64decode(data) if head.endswith(";base64") else unquote_to_bytes(data))
