"""Deltas as the Responses API tells them: as events, or as one response.

The deltas are those of chat completions, so that one script plays on both APIs: ``content``, ``refusal``,
``reasoning_content``, ``tool_calls``, ``annotations``. What only this API has is given as it is, with its ``type``: an
output item, which is told as added and done, or an event.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from tests.server._encoding import dump, event

Asked = Mapping[str, Any]
Deltas = Sequence[Mapping[str, Any]]
Item = dict[str, Any]

_REASONS = {"length": "max_output_tokens", "content_filter": "content_filter"}
_TEXT_EVENTS = {"output_text": "text", "refusal": "refusal"}
"""Kinds of parts, and the name of their text."""


def events(asked: Asked, deltas: Deltas, finish_reason: str | None, host: str) -> list[bytes]:
    """A part for each delta, and one for the end. Without a finish_reason, the stream just stops."""
    stream = _Stream(asked, host)
    start = stream.start()
    parts = [stream.tell(delta) for delta in deltas] + [stream.end(finish_reason)]
    return [start + parts[0], *parts[1:]]


def body(asked: Asked, deltas: Deltas, finish_reason: str | None, host: str) -> bytes:
    """The whole response."""
    stream = _Stream(asked, host)
    for delta in deltas:
        stream.tell(delta)
    stream.end(finish_reason)
    return dump(stream.response)


def last_text(asked: Asked) -> str:
    """What was said last, or given back by a tool."""
    if isinstance(asked["input"], str):
        return str(asked["input"])
    last = asked["input"][-1]
    content = last.get("content", last.get("output")) or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def encrypted(reasoning: str, host: str) -> str:
    """What only this server can read again: each has its own key."""
    return f"{_key(host)}{base64.b64encode(reasoning.encode()).decode()}"


def can_decrypt(content: object, host: str) -> bool:
    """True if the content is one of this server's."""
    return isinstance(content, str) and content.startswith(_key(host))


def _key(host: str) -> str:
    return f"encrypted-at-{host}-"


class _Stream:
    """The events of one response, in the order and with the fields of OpenAI's."""

    def __init__(self, asked: Asked, host: str) -> None:
        self._asked = asked
        self._host = host
        # Distinct within a conversation, and the same whenever the test runs.
        self._name = "0" if isinstance(asked["input"], str) else str(len(asked["input"]))
        self._number = 0
        self._open: dict[int, Item] = {}
        """By their output_index: the one that is told, or calls in parallel."""
        self._calls: dict[int, int] = {}
        """The output_index of each call by its index in the deltas."""
        self._tokens = 0
        self.response: dict[str, Any] = {
            "id": f"resp_{self._name}",
            "object": "response",
            "created_at": 0,
            "status": "in_progress",
            "error": None,
            "incomplete_details": None,
            "model": asked.get("model"),
            "output": [],
            "reasoning": asked.get("reasoning"),
            "store": asked.get("store", True),
            "usage": None,
        }

    def start(self) -> bytes:
        return self._event("response.created", response=self.response) + self._event(
            "response.in_progress", response=self.response
        )

    def tell(self, delta: Mapping[str, Any]) -> bytes:
        self._tokens += 1
        kind = str(delta.get("type", ""))
        if kind.startswith("response."):
            return self._event(kind, **{name: value for name, value in delta.items() if name != "type"})
        if kind:
            return self._close() + self._add(dict(delta)) + self._close()
        told = b""
        if summary := delta.get("reasoning_content"):
            told += self._summary(summary)
        if text := delta.get("content"):
            told += self._text("output_text", text)
        if refusal := delta.get("refusal"):
            told += self._text("refusal", refusal)
        for annotation in delta.get("annotations") or ():
            told += self._annotation(annotation)
        for call in delta.get("tool_calls") or ():
            told += self._call(call)
        return told

    def end(self, finish_reason: str | None) -> bytes:
        if finish_reason is None:
            return b""
        reason = _REASONS.get(finish_reason)
        status = "incomplete" if reason else "completed"
        told = self._close(status)
        self.response |= {
            "status": status,
            "incomplete_details": {"reason": reason} if reason else None,
            "usage": {
                "input_tokens": 1,
                "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                "output_tokens": self._tokens,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": self._tokens + 1,
            },
        }
        return told + self._event(f"response.{status}", response=self.response)

    def _event(self, kind: str, **fields: Any) -> bytes:
        self._number += 1
        return event({"type": kind, "sequence_number": self._number - 1} | fields, kind)

    def _add(self, item: Item) -> bytes:
        index = len(self.response["output"])
        prefix = {"reasoning": "rs", "message": "msg", "function_call": "fc"}.get(item["type"], item["type"])
        item.setdefault("id", f"{prefix}_{self._name}_{index}")
        self.response["output"].append(item)
        self._open[index] = item
        return self._event("response.output_item.added", output_index=index, item=item)

    def _place(self, kind: str) -> tuple[bytes, Item, dict[str, Any]]:
        """The open item of a kind, opened if it is not, and what its events have in common."""
        told = b""
        if not any(item["type"] == kind for item in self._open.values()):
            told = self._close() + self._add(_EMPTY[kind]())
        index, item = next((index, item) for index, item in self._open.items() if item["type"] == kind)
        return told, item, {"item_id": item["id"], "output_index": index}

    def _text(self, kind: str, text: str) -> bytes:
        told, item, place = self._place("message")
        name = _TEXT_EVENTS[kind]
        if not item["content"] or item["content"][-1]["type"] != kind:
            part = {"type": kind, name: ""} | ({"annotations": []} if kind == "output_text" else {})
            item["content"].append(part)
            told += self._event(
                "response.content_part.added", **place, content_index=len(item["content"]) - 1, part=part
            )
        part = item["content"][-1]
        part[name] += text
        index = len(item["content"]) - 1
        return told + self._event(f"response.{kind}.delta", **place, content_index=index, delta=text)

    def _annotation(self, annotation: Mapping[str, Any]) -> bytes:
        """Chat completions nest it under the name of its type."""
        told, item, place = self._place("message")
        part = item["content"][-1]
        flat = {"type": annotation["type"], **annotation.get(annotation["type"], {})}
        part["annotations"].append(flat)
        return told + self._event(
            "response.output_text.annotation.added",
            **place,
            content_index=len(item["content"]) - 1,
            annotation_index=len(part["annotations"]) - 1,
            annotation=flat,
        )

    def _summary(self, text: str) -> bytes:
        told, item, place = self._place("reasoning")
        place |= {"summary_index": 0}
        if not item["summary"]:
            item["summary"] = [{"type": "summary_text", "text": ""}]
            told += self._event("response.reasoning_summary_part.added", **place, part=item["summary"][0])
        item["summary"][0]["text"] += text
        return told + self._event("response.reasoning_summary_text.delta", **place, delta=text)

    def _call(self, call: Mapping[str, Any]) -> bytes:
        function = call.get("function") or {}
        told = b""
        if call["index"] not in self._calls:
            if any(item["type"] != "function_call" for item in self._open.values()):
                told = self._close()
            self._calls[call["index"]] = len(self.response["output"])
            empty = {"type": "function_call", "status": "in_progress", "arguments": ""}
            told += self._add(empty | {"call_id": call["id"], "name": function["name"]})
        index = self._calls[call["index"]]
        item = self._open[index]
        if not function.get("arguments"):
            return told
        item["arguments"] += function["arguments"]
        place = {"item_id": item["id"], "output_index": index}
        return told + self._event("response.function_call_arguments.delta", **place, delta=function["arguments"])

    def _close(self, status: str = "completed") -> bytes:
        """Say of all open items that they are done."""
        told = b""
        for index, item in self._open.items():
            place = {"item_id": item["id"], "output_index": index}
            told += self._close_parts(item, place)
            if "status" in item:
                item["status"] = status
            told += self._event("response.output_item.done", output_index=index, item=item)
        self._open.clear()
        return told

    def _close_parts(self, item: Item, place: dict[str, Any]) -> bytes:
        told = b""
        if item["type"] == "message":
            for index, part in enumerate(item["content"]):
                name = _TEXT_EVENTS[part["type"]]
                at = place | {"content_index": index}
                told += self._event(f"response.{part['type']}.done", **at, **{name: part[name]})
                told += self._event("response.content_part.done", **at, part=part)
        elif item["type"] == "reasoning" and item.get("summary"):
            at = place | {"summary_index": 0}
            text = item["summary"][0]["text"]
            told += self._event("response.reasoning_summary_text.done", **at, text=text)
            told += self._event("response.reasoning_summary_part.done", **at, part=item["summary"][0])
            item.setdefault("encrypted_content", encrypted(text, self._host))
        elif item["type"] == "function_call":
            told += self._event("response.function_call_arguments.done", **place, arguments=item["arguments"])
        return told


def _empty_message() -> Item:
    return {"type": "message", "status": "in_progress", "role": "assistant", "content": []}


def _empty_reasoning() -> Item:
    return {"type": "reasoning", "summary": []}


_EMPTY = {"message": _empty_message, "reasoning": _empty_reasoning}
