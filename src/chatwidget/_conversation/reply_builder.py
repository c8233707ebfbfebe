"""A streaming reply, built from deltas at linear cost and always valid Unicode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from .. import _conversation
from .._errors import ConversationError
from .._text import clean_text, utf16_length
from .changes import Appended, Called, Change, Replaced, Updated
from .messages import (
    Citation,
    Delta,
    LeftOut,
    Message,
    MessageDict,
    ReasoningForm,
    Status,
    Timings,
    ToolCall,
    ToolCallDelta,
    Usage,
)
from .normalize import plain_json

if TYPE_CHECKING:
    from .inline_reasoning import Step
    from .reasoning_blocks import ReasoningBlocks


class GrowingText:
    """Text that grows by appending.

    A character outside the Basic Multilingual Plane may arrive as two surrogates in two pieces (JSON escapes of
    byte-fallback tokenizers). The first half is held until the second arrives.
    """

    __slots__ = ("_high", "_pieces", "length")

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._high = ""
        self.length = 0
        """In UTF-16 code units, as the view counts."""

    def append(self, piece: str) -> str:
        """Append text.

        Args:
            piece: The next piece; it may end with half a surrogate pair.

        Returns:
            The text that could be added now.

        """
        piece = self._high + piece
        self._high = piece[-1:] if "\ud800" <= piece[-1:] <= "\udbff" else ""
        return self._add(piece.removesuffix(self._high))

    def close(self) -> str:
        """Finish the text, replacing a pending half with U+FFFD, and return the text added by that."""
        piece, self._high = self._high, ""
        return self._add(piece)

    def _add(self, piece: str) -> str:
        piece = clean_text(piece)
        if piece:
            self._pieces.append(piece)
            self.length += utf16_length(piece)
        return piece

    def replace(self, text: str) -> None:
        """Replace the whole text.

        Args:
            text: The new text.

        """
        self._pieces, self._high = [text], ""
        self.length = utf16_length(text)

    def __str__(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""


class _Call:
    """A tool call received so far, and its position in the message."""

    __slots__ = ("arguments", "extra", "id", "name", "position", "type")

    def __init__(self, position: int) -> None:
        self.position = position
        self.id = ""
        self.name = ""
        self.arguments = GrowingText()
        self.extra: dict[str, Any] = {}
        self.type = "function"

    def identify(self, delta: ToolCallDelta) -> bool:
        """Update id, name and extra keys; return True if that changed the displayed call."""
        before = (self.id, self.name)
        self.id = clean_text(delta.id) or self.id
        self.name = clean_text(delta.name) or self.name
        self.type = delta.type or self.type
        if delta.extra:
            self.extra.update(plain_json(delta.extra, "a tool call"))
        return before != (self.id, self.name)

    def value(self) -> ToolCall:
        return ToolCall(self.id, self.name, str(self.arguments), dict(self.extra), self.type)


class ReplyBuilder:
    """One reply, from its first delta to its end."""

    def __init__(self, message_id: str, timings: Timings, *, raw: bool = False) -> None:
        """Create an empty reply.

        Args:
            message_id: The id of the message.
            timings: Its timings so far.
            raw: Leave reasoning that the model wrote into its answer in place.

        """
        self.id = message_id
        self._inline = _conversation.inline_reasoning.InlineReasoning()
        if raw:
            self._inline.skip()
        self._status = Status.WAITING
        self._texts = {field: GrowingText() for field in ("content", "reasoning", "refusal")}
        self._calls: dict[int, _Call] = {}
        """Calls by the index used in deltas, in order of arrival."""
        self._finish_reason: str | None = None
        self._usage: Usage | None = None
        self._model: str | None = None
        self._timings = timings
        self.left_out: LeftOut | None = None
        self.sender: str | None = None
        self._form: dict[str, ReasoningBlocks | None] = {}
        self._sound = bytearray()
        self._sound_url: str | None = None
        """The whole sound as a data URL, once it is complete."""
        self._citations: tuple[Citation, ...] = ()

    @classmethod
    def of(cls, message: Message) -> ReplyBuilder:
        """Return a builder that continues `message`.

        Args:
            message: A message with text content.

        Raises:
            ConversationError: The content is not text.

        """
        if not isinstance(message.source, str):
            error = "this message consists of content parts; text can only be appended to text"
            raise ConversationError(error)
        builder = cls(message.id, message.timings, raw=bool(message.source))
        builder._status = message.status
        texts = {"content": message.source, "reasoning": message.reasoning, "refusal": message.refusal}
        for field, text in texts.items():
            builder._texts[field].append(text)
        calls = [
            ToolCallDelta(index, call.id, call.name, call.arguments, call.extra, call.type)
            for index, call in enumerate(message.tool_calls)
        ]
        builder.apply(Delta(tool_calls=tuple(calls), reasoning_form=message.reasoning_form))
        return builder

    def continued(self, message: Message) -> Message:
        """Return `message` updated with the content of this builder.

        Args:
            message: The message that this builder continues.

        """
        now = self.message()
        data = {**message.data, **now.data, "role": message.role}
        return replace(
            message,
            data=data,
            reasoning=now.reasoning,
            finish_reason=now.finish_reason or message.finish_reason,
            usage=now.usage or message.usage,
            model=now.model or message.model,
            reasoning_form=now.reasoning_form,
            sound=now.sound or message.sound,
            citations=now.citations or message.citations,
        )

    def apply(self, delta: Delta) -> list[Change]:
        """Add `delta` and return the changes it made.

        Args:
            delta: The next piece of the stream.

        """
        self._finish_reason = clean_text(delta.finish_reason or "") or self._finish_reason
        self._usage = delta.usage or self._usage
        self._model = clean_text(delta.model or "") or self._model
        if delta.reasoning_form:
            self._apply_form(delta.reasoning_form)
        changes = list(self._apply_texts(delta))
        self._sound += delta.sound
        if delta.citations is not None:
            self._citations = tuple(
                Citation(clean_text(citation.url), clean_text(citation.title)) for citation in delta.citations
            )
            changes.append(Replaced(self.id, {"citations": self._citations}))
        for call in delta.tool_calls:
            changes.extend(self._apply_call(call))
        if changes and self._status is Status.WAITING:
            self._status = Status.STREAMING
            changes.insert(0, Updated(self.id))
        return changes

    @property
    def has_answer(self) -> bool:
        """True if it holds anything besides reasoning."""
        return bool(self._texts["content"].length or self._texts["refusal"].length or self._calls or self._sound)

    @property
    def has_calls(self) -> bool:
        """True if it calls tools."""
        return bool(self._calls)

    def end_text(self) -> list[Change]:
        """Finish the texts and return the resulting changes."""
        return [*self._take(self._inline.close()), *self._close_texts(), *self._close_sound()]

    def close(self, call_ids: Iterable[str] = ()) -> list[Change]:
        """Finish the reply and return the resulting changes.

        Args:
            call_ids: Ids of tool calls in other messages, which the calls of this reply must not share.

        """
        return [*self.end_text(), *self._put_in_order(), *self._set_apart({"", *call_ids})]

    def message(self) -> Message:
        """Return the reply as it is now."""
        return Message(
            self.id,
            self._data(),
            reasoning=str(self._texts["reasoning"]),
            status=self._status,
            finish_reason=self._finish_reason,
            usage=self._usage,
            model=self._model,
            timings=self._timings,
            left_out=self.left_out,
            reasoning_form={key: None if blocks is None else blocks.value() for key, blocks in self._form.items()}
            or None,
            sender=self.sender,
            sound=self._sound_url,
            citations=self._citations,
        )

    def _data(self) -> MessageDict:
        content, refusal = str(self._texts["content"]), str(self._texts["refusal"])
        data: MessageDict = {"role": "assistant", "content": content}
        if refusal:
            data["refusal"] = refusal
        if self._calls:
            data["tool_calls"] = [call.value().to_openai() for call in self._calls.values()]
        if not content and (refusal or self._calls):
            data["content"] = None
        return data

    def _apply_texts(self, delta: Delta) -> Iterator[Change]:
        for field, text in self._texts.items():
            piece = getattr(delta, field)
            if piece and field == "content":
                yield from self._take(self._inline.feed(piece))
            elif piece:
                yield from self._append(text, field, piece)

    def _apply_form(self, form: ReasoningForm) -> None:
        for key, pieces in form.items():
            blocks = self._form.get(key)
            if blocks is None:
                self._form[key] = None if pieces is None else _conversation.reasoning_blocks.ReasoningBlocks(pieces)
            else:
                blocks.add(pieces or ())

    def _take(self, steps: Iterable[Step]) -> Iterator[Change]:
        for step in steps:
            if step.taken is None:
                yield from self._append(self._texts[step.field], step.field, step.text)
            else:
                yield self._move(step.field, step.text, step.taken)

    def _move(self, field: str, text: str, taken: str) -> Replaced:
        to, of = self._texts[field], self._texts["content" if field == "reasoning" else "reasoning"]
        text = clean_text(text) if taken else str(of).strip()
        of.replace(str(of).removesuffix(clean_text(taken)) if taken else "")
        to.replace("\n\n".join(part for part in (str(to), text) if part))
        return Replaced(self.id, {name: str(self._texts[name]) for name in ("content", "reasoning")})

    def _apply_call(self, delta: ToolCallDelta) -> Iterator[Change]:
        is_new = delta.index not in self._calls
        call = self._calls.setdefault(delta.index, _Call(len(self._calls)))
        if delta.is_whole:
            call.arguments.replace(clean_text(delta.arguments))
        if call.identify(delta) or is_new or delta.is_whole:
            yield Called(self.id, call.position, call.value(), delta.is_whole)
        if delta.arguments and not delta.is_whole:
            yield from self._append(call.arguments, "arguments", delta.arguments, call.position)

    def _close_texts(self) -> Iterator[Change]:
        for field, text in self._texts.items():
            yield from self._append(text, field, None)
        for call in self._calls.values():
            yield from self._append(call.arguments, "arguments", None, call.position)

    def _close_sound(self) -> Iterator[Change]:
        if self._sound and self._sound_url is None:
            self._sound_url = _conversation.sounds.sound_url(bytes(self._sound))
            yield Replaced(self.id, {"sound": self._sound_url})

    def _put_in_order(self) -> Iterator[Change]:
        """Sort the calls by their indexes. They may have begun in another order."""
        self._calls = dict(sorted(self._calls.items()))
        for position, call in enumerate(self._calls.values()):
            if call.position != position:
                call.position = position
                yield Called(self.id, position, call.value(), is_whole=True)

    def _set_apart(self, taken: set[str]) -> Iterator[Change]:
        """Assign a unique id to each call that has none or shares one, since results and approvals refer to it."""
        for call in self._calls.values():
            if call.id in taken:
                call.id = f"call_{uuid4().hex}"
                yield Called(self.id, call.position, call.value())
            taken.add(call.id)

    def _append(self, text: GrowingText, field: str, piece: str | None, call: int | None = None) -> Iterator[Change]:
        offset = text.length
        added = text.close() if piece is None else text.append(piece)
        if added:
            yield Appended(self.id, field, offset, added, call)
