"""A reader of the events of Anthropic's Messages API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..._conversation.messages import Delta, ToolCallDelta, Usage
from ..._errors import TransportError
from ..errors import error_text
from ..lenient import text_or_empty, whole_number
from ..media import Citations

THINKING: Final = "thinking_blocks"
"""The message key for signed reasoning, which the API requires with the results of tools."""

_REASONS: Final = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


class EventReader:
    """A reader of the events of one answer."""

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.saw_answer = False
        self.done = False
        self._counts: dict[str, int] = {}
        self._thought: dict[int | None, dict[str, Any]] = {}
        """Unfinished blocks of reasoning, by index."""
        self._citations = Citations()
        self._calls: dict[int | None, int] = {}
        """The index of each call, by the index of its block."""

    def chunk(self, chunk: object) -> Iterator[Delta]:
        """Yield the updates in an event.

        Args:
            chunk: The event as parsed JSON.

        Raises:
            TransportError: The event reports an error.

        """
        event = _mapping(chunk)
        index = whole_number(event.get("index"))
        match event.get("type"):
            case "message_start":
                self.saw_answer = True
                message = _mapping(event.get("message"))
                yield Delta(model=text_or_empty(message.get("model")) or None, usage=self._usage(message.get("usage")))
            case "content_block_start":
                yield from self._begun(index, _mapping(event.get("content_block")))
            case "content_block_delta":
                yield from self._piece(index, _mapping(event.get("delta")))
            case "content_block_stop" if thought := self._thought.pop(index, None):
                yield Delta(reasoning_form={THINKING: [thought]})
            case "message_delta":
                reason = _mapping(event.get("delta")).get("stop_reason")
                self.finish_reason = _REASONS.get(reason, reason) if isinstance(reason, str) else self.finish_reason
                yield Delta(finish_reason=self.finish_reason, usage=self._usage(event.get("usage")))
            case "message_stop":
                self.done = True
            case "error":
                raise TransportError(error_text(event.get("error")) or str(event))

    def end(self) -> Iterator[Delta]:
        """Yield nothing, since nothing is held back."""
        return iter(())

    def _begun(self, index: int | None, block: Mapping[str, Any]) -> Iterator[Delta]:
        kind = block.get("type")
        if kind == "tool_use":
            call_index = self._calls[index] = len(self._calls)
            call_id, name = text_or_empty(block.get("id")), text_or_empty(block.get("name"))
            yield Delta(tool_calls=(ToolCallDelta(call_index, call_id, name),))
        elif kind in {"thinking", "redacted_thinking"}:
            self._thought[index] = dict(block)
        elif text := text_or_empty(block.get("text")):
            yield Delta(content=text)

    def _piece(self, index: int | None, piece: Mapping[str, Any]) -> Iterator[Delta]:
        match piece.get("type"):
            case "text_delta":
                yield Delta(content=text_or_empty(piece.get("text")))
            case "thinking_delta":
                thinking = text_or_empty(piece.get("thinking"))
                if index in self._thought:
                    self._thought[index]["thinking"] = self._thought[index].get("thinking", "") + thinking
                yield Delta(reasoning=thinking)
            case "citations_delta":
                yield Delta(citations=self._citations.read({"annotations": [piece.get("citation")]}))
            case "signature_delta" if index in self._thought:
                self._thought[index]["signature"] = piece.get("signature")
            case "input_json_delta" if index in self._calls:
                arguments = text_or_empty(piece.get("partial_json"))
                yield Delta(tool_calls=(ToolCallDelta(self._calls[index], arguments=arguments),))

    def _usage(self, report: Any) -> Usage | None:
        counts = report if isinstance(report, Mapping) else {}
        self._counts |= {name: value for name, value in counts.items() if isinstance(value, int)}
        if not self._counts:
            return None
        read = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        asked = sum(self._counts.get(name, 0) for name in read)
        answered = self._counts.get("output_tokens", 0)
        return Usage(asked, answered, asked + answered)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
