"""OpenAI's messages as those of `llm`."""

from __future__ import annotations

import base64
import functools
import mimetypes
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote_to_bytes, urlsplit

from ..._conversation.messages import MessageDict
from ..._errors import TransportError
from ..._json import loads
from ..._text import data_url_parts

METADATA: Final = "provider_metadata"
REASONING: Final = "llm_reasoning"
"""Where a message has what was thought, signed: some providers want it back with the results of tools."""


def asked(model: Any, messages: list[MessageDict]) -> Callable[..., Any]:
    """The way to ask `model` the last of `messages` after all others; takes tools and options, gives the response.

    Plugins read the messages, or (the older ones) the last prompt and the responses before it: both are there.
    Raises TransportError for what the model cannot take.
    """
    import llm  # noqa: PLC0415 it is loaded: its model was given

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
    """What was said between two answers."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.system: list[str] = []
        self.texts: list[str] = []
        self.attachments: list[Any] = []
        self.results: list[Any] = []

    @property
    def arguments(self) -> dict[str, Any]:
        """As llm takes them."""
        return {
            "prompt": "\n\n".join(self.texts),
            "system": "\n\n".join(self.system) or None,
            "attachments": self.attachments,
            "tool_results": self.results,
        }

    @property
    def system_messages(self) -> list[Any]:
        """The system prompt as llm's message."""
        import llm  # noqa: PLC0415 as above

        return [llm.system(text) for text in self.system]

    @property
    def messages(self) -> list[Any]:
        """All of it as llm's messages."""
        return [*self.system_messages, *self._prompt(with_system=False).messages]

    def answered(self, answer: Any) -> Any:
        """The response that `answer` was to this."""
        import llm  # noqa: PLC0415 as above

        kind = llm.Response if isinstance(self._model, llm.Model | llm.KeyModel) else llm.AsyncResponse
        response = kind.from_dict(
            {"model": self._model.model_id, "prompt": {"messages": []}, "messages": [answer.to_dict()]},
            model=self._model,
        )
        response.prompt = self._prompt(with_system=True)
        return response

    def _prompt(self, *, with_system: bool) -> Any:
        import llm  # noqa: PLC0415 as above

        arguments = {**self.arguments, "system": self.arguments["system"] if with_system else None}
        return llm.Prompt(model=self._model, **arguments)  # type: ignore[no-untyped-call] # it has no types


class _Reader:
    """Reads one message after the other."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._names: dict[Any, str] = {}
        """Of the calls so far, by their ids."""

    def answer(self, message: MessageDict) -> list[Any]:
        """The parts of an answer: what was thought, text, calls."""
        from llm.parts import Part, TextPart, ToolCallPart  # noqa: PLC0415 as above

        calls = message.get("tool_calls") or []
        parts = [Part.from_dict(each) for each in message.get(REASONING) or ()]
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
        """Put another message into `turn`."""
        import llm  # noqa: PLC0415 as above

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
        import llm  # noqa: PLC0415 as above

        inner = part.get(part["type"])
        inner = inner if isinstance(inner, dict) else {"url": inner}
        if part["type"] == "input_audio":
            kind = {"mp3": "audio/mpeg"}.get(inner.get("format", ""), f"audio/{inner.get('format')}")
            found = llm.Attachment(kind, content=base64.b64decode(inner["data"]))
        else:
            found = _attachment_at(str(inner.get("url") or inner.get("file_data") or ""))
        if found is None or found.type not in self._model.attachment_types:
            wrong = found.type if found is not None else part["type"]
            takes = ", ".join(sorted(self._model.attachment_types)) or "no files"
            message = f"The model {self._model.model_id} takes {takes}, but not {wrong}: leave it out."
            raise TransportError(message)
        return found


def _text(message: MessageDict) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text") or "" for part in content)


def _attachment_at(url: str) -> Any:
    """The file at an address, which may hold the file itself; None where it is no such address."""
    import llm  # noqa: PLC0415 as above

    if url.lower().startswith(("http://", "https://")):
        # Without a type llm would ask the server for it, and wait.
        return llm.Attachment(mimetypes.guess_type(urlsplit(url).path)[0] or "image/png", url=url)
    if (found := data_url_parts(url)) is None:
        return None
    head, data = found
    kind = head.partition(";")[0]
    return llm.Attachment(kind, content=base64.b64decode(data) if head.endswith(";base64") else unquote_to_bytes(data))
