"""A reader of the chunks that Google's client (google-genai) yields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import uuid4

from ..._conversation.messages import Delta, ToolCallDelta, Usage
from ..._errors import TransportError
from ..media import Citations, is_sound, media_text, sound_in

SIGNATURE: Final = "thought_signature"
"""The key of a call for the signature that Gemini requires with it."""

_REASONS: Final = {"STOP": "stop", "MAX_TOKENS": "length"}


class ChunkReader:
    """A reader of the chunks of one answer."""

    done = False
    """Nothing in the chunks says that they are over."""

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.saw_answer = False
        self._calls = 0
        self._citations = Citations()

    def chunk(self, chunk: object) -> Iterator[Delta]:
        """Yield the updates in a chunk.

        Args:
            chunk: The chunk as parsed JSON.

        Raises:
            TransportError: The prompt was blocked.

        """
        piece: dict[str, Any] = chunk if isinstance(chunk, dict) else {}
        blocked = (piece.get("prompt_feedback") or {}).get("block_reason")
        if blocked:
            message = f"Gemini blocked this question ({blocked}): rephrase it."
            raise TransportError(message)
        candidate: dict[str, Any] = next(iter(piece.get("candidates") or ()), {})
        self.saw_answer = self.saw_answer or bool(candidate)
        for part in (candidate.get("content") or {}).get("parts") or ():
            yield from self._part(part)
        grounds = (candidate.get("grounding_metadata") or {}).get("grounding_chunks") or ()
        if pages := [page for ground in grounds if (page := ground.get("web"))]:
            yield Delta(citations=self._citations.read({"citations": pages}))
        if reason := candidate.get("finish_reason"):
            stopped = "tool_calls" if self._calls else "stop"
            self.finish_reason = stopped if reason == "STOP" else _REASONS.get(reason, "content_filter")
        usage = _usage(piece.get("usage_metadata"))
        if self.finish_reason or usage or piece.get("model_version"):
            yield Delta(finish_reason=self.finish_reason, usage=usage, model=piece.get("model_version"))

    def end(self) -> Iterator[Delta]:
        """Yield nothing, since nothing is held back."""
        return iter(())

    def _part(self, part: Mapping[str, Any]) -> Iterator[Delta]:
        if call := part.get("function_call"):
            extra = {SIGNATURE: part["thought_signature"]} if part.get("thought_signature") else {}
            arguments = json.dumps(call.get("args") or {}, ensure_ascii=False)
            call_id = call.get("id") or f"call_{uuid4().hex}"
            yield Delta(tool_calls=(ToolCallDelta(self._calls, call_id, call["name"], arguments, extra),))
            self._calls += 1
        elif part.get("inline_data") or part.get("file_data"):
            yield Delta(content=media_text(part), sound=sound_in(part)[0] if is_sound(part) else b"")
        elif part.get("text"):
            yield Delta(reasoning=part["text"]) if part.get("thought") else Delta(content=part["text"])


def _usage(report: Any) -> Usage | None:
    if not report:
        return None
    thought = report.get("thoughts_token_count") or 0
    answered = (report.get("candidates_token_count") or 0) + thought
    return Usage(report.get("prompt_token_count"), answered, report.get("total_token_count"))
