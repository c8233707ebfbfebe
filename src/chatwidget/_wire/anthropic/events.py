"""A reader of the events of Anthropic's Messages API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..._conversation.messages import Delta, ToolCallDelta, Usage
from ..._errors import TransportError
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
        self._thought: dict[int, dict[str, Any]] = {}
        """Unfinished blocks of reasoning, by index."""
        self._citations = Citations()
        self._calls: dict[int, int] = {}
        """The index of each call, by the index of its block."""

    def chunk(self, chunk: object) -> Iterator[Delta]:
        """Yield the updates in an event.

        Args:
            chunk: The event as parsed JSON.

        Raises:
            TransportError: The event reports an error.

        """
        event: dict[str, Any] = chunk if isinstance(chunk, dict) else {}
        match event.get("type"):
            case "message_start":
                self.saw_answer = True
                yield Delta(model=event["message"].get("model"), usage=self._usage(event["message"].get("usage")))
            case "content_block_start":
                yield from self._begun(event["index"], event["content_block"])
            case "content_block_delta":
                yield from self._piece(event["index"], event["delta"])
            case "content_block_stop" if thought := self._thought.pop(event["index"], None):
                yield Delta(reasoning_form={THINKING: [thought]})
            case "message_delta":
                reason = event["delta"].get("stop_reason")
                self.finish_reason = _REASONS.get(reason, reason)
                yield Delta(finish_reason=self.finish_reason, usage=self._usage(event.get("usage")))
            case "message_stop":
                self.done = True
            case "error":
                raise TransportError(str((event.get("error") or {}).get("message") or event))

    def end(self) -> Iterator[Delta]:
        """Yield nothing, since nothing is held back."""
        return iter(())

    def _begun(self, index: int, block: dict[str, Any]) -> Iterator[Delta]:
        if block["type"] == "tool_use":
            place = self._calls[index] = len(self._calls)
            yield Delta(tool_calls=(ToolCallDelta(place, block["id"], block["name"]),))
        elif block["type"] in {"thinking", "redacted_thinking"}:
            self._thought[index] = dict(block)
        elif block.get("text"):
            yield Delta(content=block["text"])

    def _piece(self, index: int, piece: dict[str, Any]) -> Iterator[Delta]:
        match piece["type"]:
            case "text_delta":
                yield Delta(content=piece["text"])
            case "thinking_delta":
                self._thought[index]["thinking"] += piece["thinking"]
                yield Delta(reasoning=piece["thinking"])
            case "citations_delta":
                yield Delta(citations=self._citations.read({"annotations": [piece["citation"]]}))
            case "signature_delta":
                self._thought[index]["signature"] = piece["signature"]
            case "input_json_delta" if index in self._calls:
                yield Delta(tool_calls=(ToolCallDelta(self._calls[index], arguments=piece["partial_json"]),))

    def _usage(self, report: Any) -> Usage | None:
        counts = report if isinstance(report, Mapping) else {}
        self._counts |= {name: value for name, value in counts.items() if isinstance(value, int)}
        if not self._counts:
            return None
        read = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        asked = sum(self._counts.get(name, 0) for name in read)
        answered = self._counts.get("output_tokens", 0)
        return Usage(asked, answered, asked + answered)
