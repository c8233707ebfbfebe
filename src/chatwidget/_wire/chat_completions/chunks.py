"""A reader that turns the chunks of an answer into deltas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ..._conversation.messages import Delta, Usage
from ..._errors import ServerError, StreamInterruptedError
from ..errors import streamed_error
from ..lenient import text_or_empty, whole_number
from ..media import Citations, Pictures, sound_in
from .content import content_in, reasoning_in, sound_parts
from .errors import error_in, status_in
from .tool_calls import ToolCallSlots
from .usage import UsageCounter

_CUT_REASONS: Final = frozenset(
    {"abort", "aborted", "cancelled", "canceled", "interrupted", "network_error", "insufficient_system_resource"}
)
"""Finish reasons by which servers report that they did not finish."""
_REASONS: Final = {
    **dict.fromkeys(("max_tokens", "max_output_tokens", "model_length", "max_length"), "length"),
    **dict.fromkeys(("content-filter", "content_filtered", "safety"), "content_filter"),
}
"""Other servers' names for OpenAI's finish reasons."""
_USUAL: Final = frozenset({"role", "content", "refusal", "reasoning", "reasoning_content", "tool_calls"})
"""Keys of nearly every delta."""
_CITING: Final = frozenset({"citations", "search_results", "annotations", "context"})
_CHOICE: Final = frozenset({"delta", "message", "finish_reason"})


class ChunkReader:
    """The state of one answer across its chunks."""

    done = False
    """Chunks say nothing of the end: it is `[DONE]`, which is no chunk."""

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.saw_answer = False
        self._saw_delta = False
        self._model = ""
        self._usage = UsageCounter()
        self._tools = ToolCallSlots()
        self._others: dict[int, list[dict[str, Any]]] = {}
        self._pictures = Pictures()
        self._citations = Citations()
        self._has_text = False
        """True if there was any content. A transcript of the sound then only repeats it."""

    def chunk(self, chunk: object) -> Iterator[Delta]:
        """Yield the deltas of a `chat.completion.chunk` or of a whole `chat.completion`.

        Args:
            chunk: The parsed JSON; other values than a dict are ignored.

        Raises:
            ServerError: The chunk reports an error.
            StreamInterruptedError: The server reports that it did not finish.

        """
        if not isinstance(chunk, dict):
            return
        choice = self._our_choice(chunk)
        usage, model = self._usage.read(chunk), self._new_model(chunk)
        delta = Delta(usage=usage, model=model) if choice is None else self._delta(choice, usage, model)
        if not _CITING.isdisjoint(chunk) or (choice is not None and _has_more(choice)):
            delta = self._with_media(delta, chunk, choice or {})
        if delta:
            yield delta
        _raise_error_in(chunk)
        if choice is not None:
            _raise_error_in(choice)
            _raise_if_unfinished(delta.finish_reason or "")

    def end(self) -> Iterator[Delta]:
        """Yield the deltas held back: an answer that never had the index 0 is shown after all."""
        if not self.saw_answer and self._others:
            for choice in self._others.pop(min(self._others)):
                yield self._delta(choice)

    def _our_choice(self, chunk: dict[str, Any]) -> dict[str, Any] | None:
        """Return the choice with index 0 or none. If several were requested (n > 1), the others are not shown."""
        choices = chunk.get("choices")
        ours = None
        for choice in choices if isinstance(choices, list) else [choices]:
            if isinstance(choice, dict):
                index = whole_number(choice.get("index")) or 0
                if index == 0:
                    ours = ours or choice
                elif not self.saw_answer:
                    self._others.setdefault(index, []).append(choice)
        return ours

    def _new_model(self, chunk: dict[str, Any]) -> str | None:
        """Return the name of the answering model if it differs from the previous one."""
        name = text_or_empty(chunk.get("model"))
        if not name or name == self._model:
            return None
        self._model = name
        return name

    def _delta(self, choice: dict[str, Any], usage: Usage | None = None, model: str | None = None) -> Delta:
        self.saw_answer = True
        source = self._source(choice)
        reported = text_or_empty(choice.get("finish_reason"))
        reason = _REASONS.get(reported.lower(), reported) or None
        self.finish_reason = reason or self.finish_reason
        reasoning, form = reasoning_in(source)
        content = source.get("content")
        text = content_in(content)
        self._has_text = self._has_text or bool(text)
        is_plain = content is None or isinstance(content, str)
        return Delta(
            content=text,
            reasoning=reasoning,
            refusal=text_or_empty(source.get("refusal")),
            tool_calls=self._tools.read(source),
            finish_reason=reason,
            usage=usage,
            model=model,
            reasoning_form=form,
            sound=b"" if is_plain else b"".join(sound_in(part)[0] for part in sound_parts(content)),
        )

    def _with_media(self, delta: Delta, chunk: dict[str, Any], choice: dict[str, Any]) -> Delta:
        """Add media and citations to `delta`. A message beside deltas may hold some that no delta had."""
        sources = [source for key in ("delta", "message") if isinstance(source := choice.get(key), dict)]
        sound, transcript = sound_in(sources[0].get("audio")) if sources else (b"", "")
        content = delta.content + ("" if self._has_text else transcript) + self._pictures.read(sources)
        citations = self._citations.read(chunk, choice, *sources)
        return replace(delta, content=content, sound=delta.sound + sound, citations=citations)

    def _source(self, choice: dict[str, Any]) -> dict[str, Any]:
        """Return the holder of the text: a delta, else a whole message. A message beside deltas only repeats them."""
        delta, message = choice.get("delta"), choice.get("message")
        if isinstance(delta, dict) and any(delta.values()):
            self._saw_delta = self._saw_delta or any(value for key, value in delta.items() if key != "role")
            if self._saw_delta or not isinstance(message, dict):
                return delta
        if isinstance(message, dict) and not self._saw_delta:
            return message
        return {"content": delta if isinstance(delta, str) else choice.get("text")}


def _has_more(choice: dict[str, Any]) -> bool:
    """Return True if the choice may hold images, sound or citations."""
    delta = choice.get("delta")
    is_usual = isinstance(delta, dict) and delta.keys() <= _USUAL
    return not is_usual or "message" in choice or not _CITING.isdisjoint(choice)


def is_choice(value: object) -> bool:
    """Return True if `value` is a choice of a chunk or of a whole answer.

    Args:
        value: Any parsed JSON.

    """
    if not isinstance(value, Mapping) or "choices" in value or _CHOICE.isdisjoint(value):
        return False
    return isinstance(value.get("delta") or value.get("message") or {}, Mapping)


def _raise_error_in(value: dict[str, Any]) -> None:
    if text := error_in(value):
        raise streamed_error(text, value, status_in(value))


def _raise_if_unfinished(reason: str) -> None:
    if reason == "error":
        message = "The server ended the answer with an error, without saying which."
        raise ServerError(message)
    if reason.lower() in _CUT_REASONS:
        message = f"The server did not finish the answer ({reason})."
        raise StreamInterruptedError(message)
