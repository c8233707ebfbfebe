"""A reader of the events of the Responses API.

Deltas are shown as they come. Events that end something, whole items and the whole response give only what is missing
by then: a text that begins with the one shown is completed, any other is left alone. For calls the last whole word
wins, as nothing was run yet. What is unknown is passed over.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from ..._conversation.messages import Delta, ToolCallDelta
from ..._errors import ServerError, StreamInterruptedError
from ..chat_completions.content import text_in
from ..chat_completions.errors import error_in, status_in
from ..chat_completions.usage import UsageCounter
from ..errors import error_text, streamed_error
from ..lenient import is_absent, text_or_empty, whole_number
from ..media import Citations, Pictures, media_kind
from ..sendable import KEPT
from .items import CALLS, MESSAGE, REASONING, Item, Items, ItemText, Part
from .kept import keep, kept_in

_TEXT_DELTA: Final = "response.output_text.delta"
_REASONS: Final = {
    "": "length",
    **dict.fromkeys(("max_output_tokens", "max_tokens", "length"), "length"),
    "content_filter": "content_filter",
}
"""Why a response may be incomplete. Servers that do not say why have come to their limit."""
_ENDS: Final = frozenset({"completed", "incomplete", "failed", "cancelled"})
_CITATIONS: Final = frozenset({"url_citation", "file_citation", "container_file_citation", "file_path"})
_TEXT_PARTS: Final = frozenset({"output_text", "text", "input_text"})
_REASONING_PARTS: Final = frozenset({"reasoning_text", "summary_text", "reasoning", "thinking"})
_BREAK: Final = "\n\n"


class _Text(NamedTuple):
    """What a text of an item is."""

    field: str
    """The field of the message."""
    kind: str
    """The kind of the item."""
    source: str = ""
    """Of two kinds of reasoning, the one that it is."""

    def index_in(self, event: Mapping[str, Any]) -> int | None:
        """Return the index of a part that an event names.

        Args:
            event: The event.

        """
        return whole_number(event.get("summary_index" if self.source == "summary" else "content_index"))


_SUMMARY: Final = _Text("reasoning", REASONING, "summary")
_THOUGHT: Final = _Text("reasoning", REASONING, "text")
_TEXTS: Final = {
    "output_text": _Text("content", MESSAGE),
    "refusal": _Text("refusal", MESSAGE),
    **dict.fromkeys(("reasoning_summary_text", "reasoning_summary"), _SUMMARY),
    **dict.fromkeys(("reasoning_text", "reasoning"), _THOUGHT),
}
"""The texts by the names of their events."""
_PARTS: Final = {
    **dict.fromkeys(_TEXT_PARTS, _TEXTS["output_text"]),
    "refusal": _TEXTS["refusal"],
    **dict.fromkeys(_REASONING_PARTS, _THOUGHT),
    "summary_text": _SUMMARY,
}
"""The texts by the types of their parts."""

_log: Final = logging.getLogger("chatwidget")


class EventReader:
    """A reader of the events of one answer."""

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.saw_answer = False
        self.done = False
        self._items = Items()
        self._last: dict[str, Item] = {}
        """The item that each field of the message was last added to by."""
        self._place: tuple[Any, ...] | None = None
        """What the last event named, if it was a piece of text. The next is likely to be one of the same part."""
        self._pieces: list[str] = []
        """The pieces of that part."""
        self._model = ""
        self._usage = UsageCounter()
        self._citations = Citations()
        self._pictures = Pictures()
        self._is_kept = False
        self._unknown: set[str] = set()
        self._readers: dict[str, Callable[[dict[str, Any]], Iterator[Delta]]] = {
            **dict.fromkeys(("created", "queued", "in_progress"), self._begun),
            **dict.fromkeys((*_ENDS, "done"), self._ended),
            "error": self._failed,
            "output_item.added": self._announced,
            "output_item.done": self._item_done,
            **dict.fromkeys(("content_part.added", "reasoning_summary_part.added"), self._part_added),
            **dict.fromkeys(("content_part.done", "reasoning_summary_part.done"), self._part_done),
            "output_text.annotation.added": self._annotated,
            "image_generation_call.partial_image": self._previewed,
        }
        for name, text in _TEXTS.items():
            self._readers[f"{name}.delta"] = partial(self._text_piece, text)
            self._readers[f"{name}.done"] = partial(self._text_done, text)
        for kind, key in CALLS.items():
            self._readers[f"{kind}_{key}.delta"] = partial(self._arguments_piece, kind)
            self._readers[f"{kind}_{key}.done"] = partial(self._arguments_done, kind)

    def chunk(self, chunk: object) -> Iterator[Delta]:
        """Yield the updates in an event, or in a whole response.

        Args:
            chunk: The event as parsed JSON; other values than a dict are ignored.

        Raises:
            ServerError: The event reports an error.
            StreamInterruptedError: The server reports that it did not finish.

        """
        if not isinstance(chunk, dict):
            return
        kind = chunk.get("type")
        if kind == _TEXT_DELTA and self._place is not None and self._place == _place_of(chunk):
            # The fast path for nearly every event.
            if (piece := chunk.get("delta")) and isinstance(piece, str):
                self._pieces.append(piece)
                yield Delta(content=piece)
            return
        self._place = None
        name = text_or_empty(kind).removeprefix("response.")
        if (read := self._readers.get(name)) is not None:
            self.saw_answer = True
            yield from read(chunk)
        elif not name:
            yield from self._untyped(chunk)
        elif name.endswith("_error") and "." not in name:
            raise _failure(chunk)
        elif name not in self._unknown:
            self._unknown.add(name)
            _log.debug("Passed over events of the type %s.", name)

    def end(self) -> Iterator[Delta]:
        """Yield what is held back until the end."""
        for item in self._items:
            if item.is_call and not item.text and item.announced_arguments:
                yield from self._arguments(item, item.announced_arguments)
            elif item.preview:
                yield from self._pictured(item, [item.preview])
        if not self._is_kept and (kept := kept_in(self._items)):
            self._is_kept = True
            yield Delta(reasoning_form={KEPT: kept})

    def _untyped(self, value: dict[str, Any]) -> Iterator[Delta]:
        if value.get("object") == "response" or isinstance(value.get("output"), list):
            self.saw_answer = True
            yield from self._ended(value)
        elif text := error_in(value):
            raise streamed_error(text, value, status_in(value))

    # The response.

    def _begun(self, event: dict[str, Any]) -> Iterator[Delta]:
        if model := self._new_model(_mapping(event.get("response"))):
            yield Delta(model=model)

    def _ended(self, event: dict[str, Any]) -> Iterator[Delta]:
        response = _mapping(event.get("response")) or event
        yield Delta(model=self._new_model(response), usage=self._usage.read(dict(response)))
        yield from self._whole_output(response)
        named = text_or_empty(event.get("type")).rpartition(".")[2]
        status = text_or_empty(response.get("status"))
        if status not in _ENDS:
            status = named if named in _ENDS else "completed" if named or not status else status
        if status == "failed" or not is_absent(response.get("error")) or not is_absent(event.get("error")):
            raise _failure(event)
        if status not in {"completed", "incomplete"}:
            raise _unfinished(status)
        reason = text_or_empty(_mapping(response.get("incomplete_details")).get("reason"))
        if status == "incomplete" or reason or any(item.is_cut for item in self._items):
            if reason not in _REASONS:
                raise _unfinished(reason)
            self.finish_reason = _REASONS[reason]
        else:
            self.finish_reason = "tool_calls" if any(item.is_call for item in self._items) else "stop"
        self.done = True
        yield from self.end()
        yield Delta(finish_reason=self.finish_reason)

    def _whole_output(self, response: Mapping[str, Any]) -> Iterator[Delta]:
        entries = _mappings(response.get("output"))
        items = self._items.paired([(entry, _text_of(entry)) for entry in entries])
        for item, entry in zip(items, entries, strict=True):
            yield from self._completed(item, entry)
        if not self._last and (text := text_or_empty(response.get("output_text"))):
            yield from self._show(self._items.open(MESSAGE), "content", (0, 0), text)

    def _failed(self, event: dict[str, Any]) -> Iterator[Delta]:
        yield from ()
        raise _failure(event)

    def _new_model(self, response: Mapping[str, Any]) -> str | None:
        """Return the name of the answering model if it differs from the previous one."""
        name = text_or_empty(response.get("model"))
        if not name or name == self._model:
            return None
        self._model = name
        return name

    # Items.

    def _announced(self, event: dict[str, Any]) -> Iterator[Delta]:
        entry = _mapping(event.get("item"))
        item = self._items.announced(entry, whole_number(event.get("output_index")))
        if item.is_call:
            item.announced_arguments = _text_of(entry)
            yield from self._call(item)

    def _item_done(self, event: dict[str, Any]) -> Iterator[Delta]:
        entry = _mapping(event.get("item"))
        item = self._items.done(entry, whole_number(event.get("output_index")), _text_of(entry))
        yield from self._completed(item, entry)
        item.is_done = True

    def _completed(self, item: Item, entry: Mapping[str, Any]) -> Iterator[Delta]:
        """Yield what is missing of an item that the server has sent as a whole."""
        keep(item, entry)
        if item.kind == MESSAGE:
            item.is_cut = entry.get("status") == "incomplete"
            yield from self._message(item, entry)
        elif item.kind == REASONING:
            yield from self._reasoning(item, entry)
        elif item.is_call:
            item.is_cut = entry.get("status") == "incomplete"
            yield from self._arguments(item, _text_of(entry))
        elif item.kind == "image_generation_call" and (picture := text_or_empty(entry.get("result"))):
            item.preview = ""
            yield from self._pictured(item, [picture])
        elif item.kind == "code_interpreter_call":
            outputs = _mappings(entry.get("outputs"))
            yield from self._pictured(item, [output for output in outputs if output.get("type") == "image"])

    def _message(self, item: Item, entry: Mapping[str, Any]) -> Iterator[Delta]:
        parts = _parts(entry.get("content"))
        if thought := "".join(text_in(part) for part in parts if _type_of(part) in _REASONING_PARTS):
            reasoning = self._items.of_whole(REASONING, {"item_id": item.id}, thought)
            if _takes(reasoning, "text"):
                yield from self._whole_text(reasoning, "reasoning", thought)
        yield from self._whole_text(item, "content", _text_in(parts))
        yield from self._whole_text(item, "refusal", _refusal_in(parts))
        yield from self._pictured(item, [part for part in parts if media_kind(part) == "image"])
        for part in parts:
            yield from self._cited(part.get("annotations"))

    def _reasoning(self, item: Item, entry: Mapping[str, Any]) -> Iterator[Delta]:
        for source, key in (("summary", "summary"), ("text", "content")):
            texts = [text for part in _parts(entry.get(key)) if (text := text_in(part))]
            if texts and _takes(item, source):
                whole = (_BREAK if source == "summary" else "").join(texts)
                yield from self._whole_text(item, "reasoning", whole)

    # Texts.

    def _part_added(self, event: dict[str, Any]) -> Iterator[Delta]:
        """Note that a part begins, so that it is told from a repetition of those before it."""
        yield from ()
        text = _PARTS.get(_type_of(_mapping(event.get("part"))))
        if text is not None and text.field != "refusal":
            item = self._items.of_piece(text.kind, event)
            if _takes(item, text.source):
                item.text.begin(text.index_in(event))

    def _part_done(self, event: dict[str, Any]) -> Iterator[Delta]:
        part = _mapping(event.get("part"))
        if (text := _PARTS.get(_type_of(part))) is not None:
            yield from self._text_done(text, {**event, "text": part.get("text"), "refusal": part.get("refusal")})
            yield from self._cited(part.get("annotations"))

    def _text_piece(self, text: _Text, event: dict[str, Any]) -> Iterator[Delta]:
        piece, text = text_or_empty(event.get("delta")), self._meant(text, event)
        if piece:
            item = self._items.of_piece(text.kind, event)
            if _takes(item, text.source):
                part = _text(item, text.field).part_of_piece(text.index_in(event))
                yield from self._show(item, text.field, part, piece)
                if text.field == "content":
                    self._place, self._pieces = _place_of(event), item.text.parts[part]

    def _text_done(self, text: _Text, event: dict[str, Any]) -> Iterator[Delta]:
        text = self._meant(text, event)
        if whole := text_or_empty(event.get("refusal" if text.field == "refusal" else "text")):
            item = self._items.of_whole(text.kind, event, whole)
            if _takes(item, text.source):
                shown = _text(item, text.field)
                yield from self._rest(item, text.field, *shown.rest(shown.part(text.index_in(event)), whole))

    def _meant(self, text: _Text, event: Mapping[str, Any]) -> _Text:
        """Return what a text is: that of a message may be of an item that is known as reasoning."""
        return _THOUGHT if text.field == "content" and self._is_of_reasoning(event) else text

    def _is_of_reasoning(self, event: Mapping[str, Any]) -> bool:
        """Return True if a text is of an item that is known as reasoning."""
        name = text_or_empty(event.get("item_id"))
        return self._items.named(name, REASONING) is not None and self._items.named(name, MESSAGE) is None

    def _whole_text(self, item: Item, field: str, whole: str) -> Iterator[Delta]:
        yield from self._rest(item, field, *_text(item, field).rest_of_all(whole))

    def _rest(self, item: Item, field: str, part: Part, rest: str) -> Iterator[Delta]:
        # Other texts may have come in the meantime.
        if not _text(item, field) or self._last.get(field) is item:
            yield from self._show(item, field, part, rest)

    def _show(self, item: Item, field: str, part: Part, piece: str) -> Iterator[Delta]:
        if not piece:
            return
        text = _text(item, field)
        before = text.before(part) if self._last.get(field) in {item, None} else _BREAK
        text.parts.setdefault(part, []).append(piece)
        self._last[field] = item
        yield _delta(field, before + piece)

    def _annotated(self, event: dict[str, Any]) -> Iterator[Delta]:
        yield from self._cited([event.get("annotation")])

    def _cited(self, annotations: object) -> Iterator[Delta]:
        known = [entry for entry in _mappings(annotations) if _type_of(entry) in _CITATIONS]
        if known and (citations := self._citations.read({"annotations": known})) is not None:
            yield Delta(citations=citations)

    # Calls.

    def _arguments_piece(self, kind: str, event: dict[str, Any]) -> Iterator[Delta]:
        item = self._called(event) or self._items.of_piece(kind, event)
        piece = text_or_empty(event.get("delta"))
        if piece and not item.is_whole:
            item.text.parts.setdefault((0, 0), []).append(piece)
            yield from self._call(item, piece)

    def _arguments_done(self, kind: str, event: dict[str, Any]) -> Iterator[Delta]:
        whole = _json_text(event.get(CALLS[kind]))
        item = self._called(event) or self._items.of_whole(kind, event, whole)
        item.identify({"name": event.get("name")})
        yield from self._arguments(item, whole)

    def _called(self, event: Mapping[str, Any]) -> Item | None:
        """Return the call that an event names. Some servers know only one kind of them."""
        return self._items.named(text_or_empty(event.get("item_id")), *CALLS)

    def _arguments(self, item: Item, whole: str) -> Iterator[Delta]:
        shown = str(item.text)
        is_new = bool(whole) and not whole.startswith(shown)
        if whole:
            item.is_whole = True
            item.text.parts = {(0, 0): [whole]}
        yield from self._call(item, whole if is_new else whole.removeprefix(shown), is_whole=is_new)

    def _call(self, item: Item, arguments: str = "", *, is_whole: bool = False) -> Iterator[Delta]:
        call_id, name, kind = item.call_id or item.id, item.name, "custom" if item.kind != "function_call" else ""
        if arguments or item.shown_as != (call_id, name):
            item.shown_as = call_id, name
            call = ToolCallDelta(item.order, call_id, name, arguments, type=kind, is_whole=is_whole)
            yield Delta(tool_calls=(call,))

    # Pictures.

    def _previewed(self, event: dict[str, Any]) -> Iterator[Delta]:
        yield from ()
        item = self._items.of_piece("image_generation_call", event)
        item.preview = text_or_empty(event.get("partial_image_b64")) or item.preview

    def _pictured(self, item: Item, pictures: list[Any]) -> Iterator[Delta]:
        if picture := self._pictures.read([{"images": pictures}]).strip():
            before = _BREAK if "content" in self._last else ""
            self._last["content"] = item
            yield Delta(content=before + picture)


def _failure(event: Mapping[str, Any]) -> ServerError:
    error = event.get("error") or _mapping(event.get("response")).get("error")
    text = error_text({**event, "error": error, "type": None})
    text = text or "The server ended the answer with an error, without saying which."
    return streamed_error(text, error, status_in({**event, "error": error}))


def _unfinished(why: str) -> StreamInterruptedError:
    return StreamInterruptedError(f"The server did not finish the answer ({why}).")


def _takes(item: Item, source: str) -> bool:
    """Return True if the text of an item comes from a source; reasoning has only one, as others may repeat it."""
    if item.source is None:
        item.source = source
        item.text = ItemText(_BREAK if source == "summary" else "")
    return item.source == source


def _text(item: Item, field: str) -> ItemText:
    return item.refusal if field == "refusal" else item.text


def _delta(field: str, text: str) -> Delta:
    if field == "content":
        return Delta(content=text)
    return Delta(reasoning=text) if field == "reasoning" else Delta(refusal=text)


def _place_of(event: Mapping[str, Any]) -> tuple[Any, ...]:
    return event.get("item_id"), event.get("output_index"), event.get("content_index")


def _type_of(value: Mapping[str, Any]) -> str:
    return text_or_empty(value.get("type"))


def _text_of(entry: Mapping[str, Any]) -> str:
    """Return the text or refusal of a whole message, the text of reasoning, or what a call passes to the function."""
    kind = _type_of(entry)
    if kind in CALLS:
        return _json_text(entry.get(CALLS[kind]))
    if kind == MESSAGE:
        parts = _parts(entry.get("content"))
        return _text_in(parts) or _refusal_in(parts)
    return _BREAK.join(map(text_in, _parts(entry.get("summary")))) or "".join(
        map(text_in, _parts(entry.get("content")))
    )


def _text_in(parts: list[dict[str, Any]]) -> str:
    return "".join(text_or_empty(part.get("text")) for part in parts if _type_of(part) in _TEXT_PARTS)


def _refusal_in(parts: list[dict[str, Any]]) -> str:
    return "".join(text_or_empty(part.get("refusal")) for part in parts)


def _json_text(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _parts(content: object) -> list[dict[str, Any]]:
    parts = content if isinstance(content, list) else [content]
    texts = ({"type": "output_text", "text": part} if isinstance(part, str) else part for part in parts)
    return [part for part in texts if isinstance(part, dict)]


def _mappings(values: object) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
