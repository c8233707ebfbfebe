"""The types of the arguments that users pass: unions, and protocols for the objects of other packages.

Type checkers refuse what would raise an error at run time, as far as types can express it. No other package is needed
to import this module, and importing `chatwidget` does not load it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from types import ModuleType
from typing import Any, Protocol, TypeAlias, TypeVar

from ._conversation.messages import Delta, Message, MessageLike, SdkObject
from ._conversation.tree import Conversation
from ._transports.base import Transport
from ._transports.function import ChatFunction

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Collected(Protocol[T_co]):
    """A list, tuple, set or the like. A text is none: it contains texts only, and not any object."""

    def __contains__(self, item: object, /) -> bool: ...
    def __iter__(self) -> Iterator[T_co]: ...


Items: TypeAlias = Collected[T] | Iterator[T]
"""Several items: any iterable except a text, whose characters are hardly meant."""


# Models


class _Create(Protocol):
    @property
    def create(self) -> Callable[..., Any]: ...


class _Completions(Protocol):
    @property
    def completions(self) -> _Create: ...


class OpenAIClient(Protocol):
    """A client of OpenAI or of the many that are alike, sync or async."""

    @property
    def chat(self) -> _Completions: ...


class _CreateAndCount(_Create, Protocol):
    @property
    def count_tokens(self) -> Callable[..., Any]: ...


class AnthropicClient(Protocol):
    """A client of Anthropic, sync or async."""

    @property
    def messages(self) -> _CreateAndCount: ...


class _Generate(Protocol):
    @property
    def generate_content_stream(self) -> Callable[..., Any]: ...


class GoogleClient(Protocol):
    """A client of Google, sync or async."""

    @property
    def models(self) -> _Generate: ...


class _Stream(Protocol):
    @property
    def stream(self) -> Callable[..., Any]: ...


class MistralClient(Protocol):
    """A client of Mistral."""

    @property
    def chat(self) -> _Stream: ...


class CompletionFunction(Protocol):
    """A function such as LiteLLM's `completion` and `acompletion`."""

    def __call__(self, *, model: str, messages: list[Any]) -> object: ...


class LlmModel(Protocol):
    """A model of the package `llm`, sync or async."""

    @property
    def model_id(self) -> str: ...
    @property
    def execute(self) -> Callable[..., Any]: ...


Client: TypeAlias = OpenAIClient | AnthropicClient | GoogleClient | MistralClient | CompletionFunction
"""A client of an SDK, or a function of one, through which to call a model."""

Model: TypeAlias = str | ChatFunction | Client | LlmModel | Transport
"""The name of a model, a function that answers, a client of an SDK, a model of `llm`, or a transport: a DemoModel."""

ApiKey: TypeAlias = str | Callable[[], str | Awaitable[str]]
"""An API key, or a function, sync or async, that returns it."""


# Tools


class McpProcess(Protocol):
    """An MCP server to start: `mcp.StdioServerParameters`."""

    @property
    def command(self) -> str: ...
    @property
    def args(self) -> list[str]: ...


class McpConnection(Protocol):
    """An `mcp.Client` that is not entered, or a server of the SDK in this process."""

    @property
    def list_tools(self) -> Callable[..., Any]: ...
    @property
    def call_tool(self) -> Callable[..., Any]: ...


class McpLowLevelServer(Protocol):
    """A low-level server of the MCP SDK in this process."""

    @property
    def create_initialization_options(self) -> Callable[..., Any]: ...


Tool: TypeAlias = Callable[..., Any] | Mapping[str, Any] | str | McpProcess | McpConnection | McpLowLevelServer
"""A function, an OpenAI tool dict, or an MCP server: its address, its process or a client of it."""


# What is sent along and shown


class Figure(Protocol):
    """A figure of Matplotlib, seaborn or the like."""

    @property
    def savefig(self) -> Callable[..., Any]: ...


class PartOfFigure(Protocol):
    """A part of a figure, such as Matplotlib's axes."""

    @property
    def figure(self) -> object: ...


class _Table(Protocol):
    @property
    def columns(self) -> Any: ...
    @property
    def shape(self) -> tuple[int, ...]: ...


class PandasTable(_Table, Protocol):
    """A dataframe of pandas or the like."""

    @property
    def itertuples(self) -> Callable[..., Any]: ...


class PolarsTable(_Table, Protocol):
    """A dataframe of polars or the like."""

    @property
    def iter_rows(self) -> Callable[..., Any]: ...


class WithPng(Protocol):
    """An object that IPython displays as a PNG image, such as an image of Pillow."""

    def _repr_png_(self) -> Any: ...


class WithJpeg(Protocol):
    """An object that IPython displays as a JPEG image."""

    def _repr_jpeg_(self) -> Any: ...


class WithMimeBundle(Protocol):
    """An object that IPython displays in several forms, such as a figure of Plotly."""

    @property
    def _repr_mimebundle_(self) -> Callable[..., Any]: ...


class WithSvg(Protocol):
    """An object that IPython displays as an SVG image."""

    def _repr_svg_(self) -> Any: ...


class WithMarkdown(Protocol):
    """An object that IPython displays as Markdown."""

    def _repr_markdown_(self) -> Any: ...


class WithLatex(Protocol):
    """An object that IPython displays as a formula."""

    def _repr_latex_(self) -> Any: ...


class WithHtml(Protocol):
    """An object that IPython displays as HTML. Its text is shown."""

    def _repr_html_(self) -> Any: ...


class Array(Protocol):
    """An array of NumPy or the like."""

    @property
    def __array__(self) -> Callable[..., Any]: ...


class Column(Protocol):
    """A column of a dataframe: a Series of pandas, polars or the like."""

    @property
    def to_frame(self) -> Callable[..., Any]: ...


class Grouped(Protocol):
    """A dataframe in groups: what `groupby` returns."""

    @property
    def ngroups(self) -> int: ...


Table: TypeAlias = PandasTable | PolarsTable
Picture: TypeAlias = Figure | PartOfFigure | WithPng | WithJpeg | WithMimeBundle

Content: TypeAlias = str | Sequence[Mapping[str, Any]]
"""A question: text or content parts."""

Value: TypeAlias = (
    Table
    | Column
    | Grouped
    | Array
    | Picture
    | WithSvg
    | WithMarkdown
    | WithLatex
    | WithHtml
    | Callable[..., Any]
    | ModuleType
)
"""A value of the notebook that a question can describe."""

Attachment: TypeAlias = str | PathLike[str] | bytes | Mapping[str, Any] | Value
"""The path of a file, the URL of an image, bytes, a content part, contents by file name, or a value of the notebook."""

AnswerFormat: TypeAlias = type[Any] | Mapping[str, Any]
"""A class, such as a pydantic model or a dataclass, a JSON schema, or the parameter of the API."""

ContextItem: TypeAlias = str | PathLike[str] | object
"""The text "cells", the name of a variable, the path of a file, or any value."""

Messages: TypeAlias = Conversation | Iterable[MessageLike]
"""A conversation, or messages as OpenAI dicts, objects of an SDK or `Message`s."""

Piece: TypeAlias = (
    str
    | Delta
    | Message
    | Mapping[str, Any]
    | SdkObject
    | Table
    | Picture
    | WithSvg
    | WithMarkdown
    | WithLatex
    | WithHtml
    | Array
    | None
)
"""A message or a piece of one: text, a chunk, choice or delta of an SDK, or a value that a cell would display."""

# Appearance

Starter: TypeAlias = str | tuple[str, str] | Mapping[str, str]
"""A suggested question: its text, a label and the text, or a dict with the keys `label` and `text`."""
