"""Plain values: what a conversation is made of. Equal by content, immutable, without behaviour.

A message's content is kept as the OpenAI dict it came as, so that what the SDK accepts is what it
gets back; everything else about it (status, usage, timings, errors) stands beside that dict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias

from .frozen import freeze

MessageDict: TypeAlias = dict[str, Any]
"""An OpenAI chat message as a plain dict: `{"role": ..., "content": ...}`."""

ReasoningForm: TypeAlias = Mapping[str, list[dict[str, Any]] | None]
"""The keys of an answer that held its reasoning: with None if that is the text, else with the blocks it came as."""

REASONING_KEYS: Final = frozenset(
    {
        *("reasoning_content", "reasoning", "reasoning_text", "reasoning_details", "thinking", "thinking_blocks"),
        "llm_reasoning",
    }
)
"""Keys of messages under which servers give their reasoning, and want it back."""

CUTS: Final = {
    "length": "it was cut off at the greatest length allowed. Allow more with max_tokens, or ask for less.",
    "content_filter": "a content filter of the server cut it off. Ask in other words.",
}
"""Finish reasons of answers that are not whole, and what to tell of them."""


class Status(StrEnum):
    """Where a message stands. A turn ends in exactly one of the last four."""

    WAITING = "waiting"
    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    ERROR = "error"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will arrive."""
        return self not in {Status.WAITING, Status.STREAMING}


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the server counted them; None where it did not say."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Timings:
    """When a reply began (seconds since the epoch), and seconds to its first token, to its end, and of reasoning."""

    started: float | None = None
    first_token: float | None = None
    duration: float | None = None
    reasoning: float | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The oldest messages of a conversation, where they were not sent with a question for want of room."""

    count: int
    summary: str | None = None
    """What was sent in their place; None where nothing was."""
    usage: Usage | None = None
    """What the summary took, where it was written for this answer."""


@dataclass(frozen=True, slots=True)
class Citation:
    """What an answer is based on: a page, or a document without an address."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function the model asked for. `arguments` is the text as it was received, perhaps not JSON."""

    id: str
    name: str
    arguments: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Keys some servers add and want back, such as Gemini's `extra_content`."""

    def to_openai(self) -> dict[str, Any]:
        """The call as an entry of a message's `tool_calls`."""
        function = {"name": self.name, "arguments": self.arguments}
        return {"id": self.id, "type": "function", "function": function, **self.extra}

    @classmethod
    def from_openai(cls, call: Mapping[str, Any]) -> ToolCall:
        """The call from an entry of a message's `tool_calls`; custom tools give their input as arguments."""
        function = call.get("function") or call.get("custom") or {}
        arguments = function.get("arguments", function.get("input"))
        extra = {key: value for key, value in call.items() if key not in {"id", "type", "function", "custom"}}
        return cls(str(call.get("id") or ""), str(function.get("name") or ""), str(arguments or ""), extra)


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of tool call `index`, which may be any number: set where a field is not empty, arguments appended."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delta:
    """What one piece of a stream adds to a reply. Text is appended; the rest replaces."""

    content: str = ""
    reasoning: str = ""
    refusal: str = ""
    tool_calls: tuple[ToolCallDelta, ...] = ()
    finish_reason: str | None = None
    usage: Usage | None = None
    model: str | None = None
    reasoning_form: ReasoningForm | None = None
    """How the reasoning came; of blocks, the pieces."""
    sound: bytes = field(default=b"", repr=False)
    """Appended, as text is."""
    citations: tuple[Citation, ...] | None = None

    @property
    def says_something(self) -> bool:
        """Whether it holds anything of the answer itself."""
        return bool(self.content or self.reasoning or self.refusal or self.tool_calls or self.sound)

    def __bool__(self) -> bool:
        beside = (self.finish_reason, self.usage, self.model, self.reasoning_form, self.citations)
        return self.says_something or any(beside)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation: its content as an OpenAI dict, and what is known about it."""

    id: str
    data: MessageDict
    reasoning: str = ""
    status: Status = Status.COMPLETE
    finish_reason: str | None = None
    usage: Usage | None = None
    model: str | None = None
    error: str | None = None
    error_code: str | None = None
    """What kind of error it is, such as `wrong_key`; a TransportError's `code`."""
    timings: Timings = Timings()
    left_out: LeftOut | None = None
    """What of the conversation the model was not shown for this answer; None where it was shown all of it."""
    reasoning_form: ReasoningForm | None = None
    """How the reasoning came, so that it can be sent back."""
    sender: str | None = None
    """Stands for the server and the model that gave the answer, and names neither."""
    sound: str | None = field(default=None, repr=False)
    """The answer as sound, if it was spoken: a data URL."""
    citations: tuple[Citation, ...] = ()
    """What the answer is based on, as far as the server says so. Numbers in its text such as [2] are of these."""
    parsed: Any = field(default=None, compare=False)
    """The answer as an object, where `response_format` asked for one. It is not kept with the conversation."""

    def __post_init__(self) -> None:
        # Messages are handed out, and shared between copies of a conversation.
        object.__setattr__(self, "data", freeze(self.data))
        if self.reasoning_form is not None:
            object.__setattr__(self, "reasoning_form", freeze(self.reasoning_form))

    @property
    def role(self) -> str:
        """`user`, `assistant`, `system`, `developer`, `tool` or `function`."""
        return str(self.data["role"])

    @property
    def content(self) -> str | list[dict[str, Any]]:
        """The text, or the list of content parts; an empty text where there is none."""
        content = self.data.get("content")
        return "" if content is None else content

    @property
    def text(self) -> str:
        """The content's text alone, its parts joined."""
        if isinstance(self.content, str):
            return self.content
        return "".join(str(part.get("text", "")) for part in self.content)

    @property
    def refusal(self) -> str:
        """Why the model refused, in its words; empty when it did not."""
        return str(self.data.get("refusal") or "")

    @property
    def sent_reasoning(self) -> dict[str, Any]:
        """The reasoning under the keys that it came by."""
        form = self.reasoning_form or {}
        # A file may name any key.
        known = ((key, blocks) for key, blocks in form.items() if key in REASONING_KEYS)
        return {key: self.reasoning if blocks is None else blocks for key, blocks in known}

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The functions the model asked for, in order."""
        calls = [ToolCall.from_openai(call) for call in self.data.get("tool_calls") or ()]
        legacy = self.data.get("function_call")
        return calls + ([ToolCall.from_openai({"function": legacy})] if legacy else [])

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it that could be sent to a model."""
        return not any(value for key, value in self.data.items() if key != "role")

    @property
    def shows_nothing(self) -> bool:
        """Whether there is nothing in it at all."""
        return self.is_empty and not (self.reasoning or self.sound or self.citations)
