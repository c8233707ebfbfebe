"""The value types of a conversation: immutable, equal by content, without behaviour.

A message keeps its content as the OpenAI dict it arrived as, so that the SDK gets back exactly the form it accepts.
Everything else about the message (status, usage, timings, errors) is stored beside that dict.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeAlias

from .frozen import freeze
from .records import excerpt, record_repr

if TYPE_CHECKING:
    # A default, so that `Message` stays a whole type, is newer than Python 3.11.
    from typing_extensions import TypeVar

    Parsed_co = TypeVar("Parsed_co", covariant=True, default=Any)
else:
    from typing import TypeVar

    Parsed_co = TypeVar("Parsed_co", covariant=True)

MessageDict: TypeAlias = dict[str, Any]
"""An OpenAI chat message as a plain dict: `{"role": ..., "content": ...}`."""

ReasoningForm: TypeAlias = Mapping[str, list[dict[str, Any]] | None]
"""The keys that held an answer's reasoning: None if the value was text, else the blocks it consisted of."""


class SdkObject(Protocol):
    """A pydantic object, such as the messages, chunks and choices of the SDKs."""

    @property
    def model_dump(self) -> Callable[..., Any]: ...


_writers: list[Callable[[Message], str]] = []


def write_markdown_with(writer: Callable[[Message], str]) -> None:
    """Have messages in the outputs of cells written as Markdown by a function, which belongs to a package above.

    Args:
        writer: Takes a message and returns safe Markdown.

    """
    _writers[:] = [writer]


REASONING_KEYS: Final = frozenset(
    {
        *("reasoning_content", "reasoning", "reasoning_text", "reasoning_details", "thinking", "thinking_blocks"),
        *("llm_reasoning", "response_items"),
    }
)
"""Message keys that servers use for reasoning and expect to get back."""

CUTS: Final = {
    "length": "it was cut off at the length limit. Raise max_tokens, or ask for a shorter answer.",
    "content_filter": "the server's content filter cut it off. Rephrase the question.",
}
"""Finish reasons of incomplete answers, each with the explanation for the user."""

IMAGE: Final = re.compile(r"!\[([^\]]*)\]\((data:image/[\w.+-]+;base64,[\w+/=]*)\)", re.IGNORECASE)
"""A Markdown image with embedded data."""


def without_image_data(text: str) -> str:
    """Return `text` with image data replaced by the names of the images.

    As text, the data is useless to people and models.

    Args:
        text: Markdown text.

    """
    return IMAGE.sub(r"[image: \1]", text) if "](" in text else text


class Status(StrEnum):
    """State of a message. Every turn ends in exactly one of the last four."""

    WAITING = "waiting"
    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    ERROR = "error"

    @property
    def is_final(self) -> bool:
        """True if nothing more will arrive."""
        return self not in {Status.WAITING, Status.STREAMING}


@dataclass(frozen=True, slots=True, repr=False)
class Usage:
    """Token counts as reported by the server; None if it did not report them."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None

    __repr__ = record_repr


@dataclass(frozen=True, slots=True, repr=False)
class Timings:
    """Timings of a reply.

    `started` is in seconds since the epoch. The others are durations in seconds: until the first token, until the end,
    and of the reasoning.
    """

    started: float | None = None
    first_token: float | None = None
    duration: float | None = None
    reasoning: float | None = None

    __repr__ = record_repr


@dataclass(frozen=True, slots=True, repr=False)
class LeftOut:
    """The oldest messages of a conversation that were left out of a request because they did not fit."""

    count: int
    summary: str | None = None
    """The text that was sent in their place; None if there was none."""
    usage: Usage | None = None
    """The cost of the summary, if it was written for this answer."""

    __repr__ = record_repr


@dataclass(frozen=True, slots=True, repr=False)
class Citation:
    """A source of an answer: a page, or a document without an address."""

    url: str
    title: str = ""

    __repr__ = record_repr


@dataclass(frozen=True, slots=True, repr=False)
class ToolCall:
    """A function call requested by the model. `arguments` is the text as received and may not be valid JSON."""

    id: str
    name: str
    arguments: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Keys that some servers add and expect to get back, such as Gemini's `extra_content`."""
    type: str = "function"
    """`function`, or `custom` for a tool whose input is any text."""

    __repr__ = record_repr

    def to_openai(self) -> dict[str, Any]:
        """Return the call as an entry of a message's `tool_calls`.

        Example:
            >>> ToolCall("1", "add", '{"a": 1}').to_openai()["function"]
            {'name': 'add', 'arguments': '{"a": 1}'}

        """
        key = "input" if self.type == "custom" else "arguments"
        return {"id": self.id, "type": self.type, self.type: {"name": self.name, key: self.arguments}, **self.extra}

    @classmethod
    def from_openai(cls, call: Mapping[str, Any]) -> ToolCall:
        """Create a call from an entry of a message's `tool_calls`.

        Args:
            call: The entry; the input of a custom tool becomes the arguments.

        Example:
            >>> ToolCall.from_openai({"id": "1", "function": {"name": "add", "arguments": "{}"}}).name
            'add'

        """
        kind = "custom" if call.get("custom") and not call.get("function") else "function"
        function = call.get(kind) or {}
        arguments = function.get("arguments", function.get("input"))
        extra = {key: value for key, value in call.items() if key not in {"id", "type", "function", "custom"}}
        return cls(str(call.get("id") or ""), str(function.get("name") or ""), str(arguments or ""), extra, kind)


@dataclass(frozen=True, slots=True, repr=False)
class ToolCallDelta:
    """A piece of the tool call with this `index`, which may be any number. Calls are in the order of their indexes.

    Non-empty fields replace the value so far, except `arguments`, which are appended unless `is_whole`.
    """

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    type: str = ""
    is_whole: bool = False
    """True if `arguments` replace those so far."""

    __repr__ = record_repr


@dataclass(frozen=True, slots=True, repr=False)
class Delta:
    """The update that one piece of a stream makes to a reply. Text is appended; other fields replace."""

    content: str = ""
    reasoning: str = ""
    refusal: str = ""
    tool_calls: tuple[ToolCallDelta, ...] = ()
    finish_reason: str | None = None
    usage: Usage | None = None
    model: str | None = None
    reasoning_form: ReasoningForm | None = None
    """The form of the reasoning; for blocks, the new pieces."""
    sound: bytes = field(default=b"", repr=False)
    """Appended, like text."""
    citations: tuple[Citation, ...] | None = None

    @property
    def says_something(self) -> bool:
        """True if it holds any part of the answer itself."""
        return bool(self.content or self.reasoning or self.refusal or self.tool_calls or self.sound)

    def __bool__(self) -> bool:
        metadata = (self.finish_reason, self.usage, self.model, self.reasoning_form, self.citations)
        return self.says_something or any(metadata)

    __repr__ = record_repr

    def __str__(self) -> str:
        return self.content


@dataclass(frozen=True, slots=True, repr=False)
class Message(Generic[Parsed_co]):
    """One message of a conversation: its content as an OpenAI dict, and its metadata.

    To type checkers, the reply to `chat.ask(..., response_format=City)` is a `Message[City]`.

    Example:
        >>> message = Message("1", {"role": "user", "content": "Hello"})
        >>> message.role, message.text
        ('user', 'Hello')

    """

    id: str
    data: MessageDict
    reasoning: str = ""
    status: Status = Status.COMPLETE
    finish_reason: str | None = None
    usage: Usage | None = None
    model: str | None = None
    error: str | None = None
    error_code: str | None = None
    """The kind of error, such as `wrong_key`: the `code` of a TransportError.

    For the result of a tool, `refused`, `unknown_tool` or `not_run` if the tool did not run.
    """
    timings: Timings = Timings()
    left_out: LeftOut | None = None
    """The part of the conversation that the model did not see for this answer; None if it saw everything."""
    reasoning_form: ReasoningForm | None = None
    """The form in which the reasoning arrived, so that it can be sent back."""
    sender: str | None = None
    """An identifier of the server and the model that wrote the answer. It reveals neither."""
    sound: str | None = field(default=None, repr=False)
    """The spoken answer as a data URL, if there is one."""
    citations: tuple[Citation, ...] = ()
    """The sources of the answer, if the server names them. Numbers in the text, such as [2], refer to them."""
    log: str | None = field(default=None, repr=False)
    """What your function or tool printed for this message, and its traceback if it failed; never sent to a model."""
    parsed: Parsed_co = field(default=None, compare=False)  # type: ignore[assignment] # of no type in other messages
    """The answer as an object if `response_format` asked for one and it was not stopped; else None.

    It is not saved with the conversation.
    """

    def __post_init__(self) -> None:
        # Messages are handed out and shared between copies of a conversation.
        object.__setattr__(self, "data", freeze(self.data))
        if self.reasoning_form is not None:
            object.__setattr__(self, "reasoning_form", freeze(self.reasoning_form))

    def __repr__(self) -> str:
        facts = [self.role]
        if text := str(self):
            facts.append(repr(excerpt(text)))
        if self.tool_calls:
            facts.append(f"calls {', '.join(call.name for call in self.tool_calls)}")
        if self.status != Status.COMPLETE:
            facts.append(f"{self.status}: {excerpt(self.error)}" if self.error else str(self.status))
        return f"<Message: {', '.join(facts)}>"

    def __str__(self) -> str:
        return self.text or self.refusal

    def _repr_markdown_(self) -> str | None:
        """Return the message as Markdown, None if there is nothing to show."""
        return (_writers[0](self) if _writers else None) or None

    @property
    def role(self) -> str:
        """One of `user`, `assistant`, `system`, `developer`, `tool` and `function`."""
        return str(self.data["role"])

    @property
    def content(self) -> str | list[dict[str, Any]]:
        """The text or the list of content parts; an empty text if there is no content.

        An image that is embedded in the text is named in its place; `markdown` has its data.
        """
        content = self.source
        return without_image_data(content) if isinstance(content, str) else content

    @property
    def source(self) -> str | list[dict[str, Any]]:
        """The content as it is stored: text with embedded images, or content parts."""
        content = self.data.get("content")
        return "" if content is None else content

    @property
    def text(self) -> str:
        """The text of the content, with its parts joined and embedded images named."""
        return without_image_data(self.markdown)

    @property
    def markdown(self) -> str:
        """The text of the content as Markdown, with its parts joined and embedded images.

        Example:
            >>> reply = Message("1", {"role": "assistant", "content": "![Figure](data:image/png;base64,iVBORw0KGgo=)"})
            >>> reply.text, reply.markdown[:21]
            ('[image: Figure]', '![Figure](data:image/')

        """
        source = self.source
        return source if isinstance(source, str) else "".join(str(part.get("text", "")) for part in source)

    @property
    def refusal(self) -> str:
        """The model's explanation of its refusal; empty if it did not refuse."""
        return str(self.data.get("refusal") or "")

    @property
    def sent_reasoning(self) -> dict[str, Any]:
        """The reasoning under the keys it arrived with."""
        form = self.reasoning_form or {}
        # A file may contain any key.
        known = ((key, blocks) for key, blocks in form.items() if key in REASONING_KEYS)
        return {key: self.reasoning if blocks is None else blocks for key, blocks in known}

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The function calls requested by the model, in order."""
        calls = [ToolCall.from_openai(call) for call in self.data.get("tool_calls") or ()]
        legacy = self.data.get("function_call")
        return calls + ([ToolCall.from_openai({"function": legacy})] if legacy else [])

    @property
    def is_empty(self) -> bool:
        """True if it holds nothing that could be sent to a model."""
        return not any(value for key, value in self.data.items() if key != "role")

    @property
    def shows_nothing(self) -> bool:
        """True if it holds nothing at all."""
        return self.is_empty and not (self.reasoning or self.sound or self.citations)


MessageLike: TypeAlias = Mapping[str, Any] | Message | SdkObject
"""A message as an OpenAI dict, an object of an SDK or a `Message`."""
