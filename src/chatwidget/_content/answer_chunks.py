"""The answer of a user's function, read chunk by chunk as deltas and messages.

A chunk is text, an OpenAI chunk, completion, choice, delta or message (an object or a dict), a `Delta`, a `Message`, or
any value that a cell would display: a table, a figure, a picture.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Final, TypeAlias

from .._conversation.messages import REASONING_KEYS, Delta, Message, MessageDict
from .._conversation.normalize import plain_json
from .._errors import TransportError
from .._wire.chat_completions.chunks import ChunkReader, is_choice
from .bounded_repr import has_method
from .rich_values import is_rich, markdown_of

Piece: TypeAlias = str | Delta | dict[str, Any] | None

_CHUNK: Final = frozenset({"choices", "error", "usage", "citations", "search_results"})
"""Keys of chunks; messages may have some of them, too."""
_MESSAGE: Final = frozenset(
    {
        *("role", "content", "tool_calls", "function_call", "refusal", "audio", "images", "annotations", "context"),
        *REASONING_KEYS,
    }
)
_CHOICE: Final = frozenset({"delta", "message", "finish_reason"})
_SURE: Final = 4
"""Texts that each begin with the whole previous one; so many are unlikely to be pieces of an answer."""
_SURE_LENGTH: Final = 20


def is_single_chunk(value: object) -> bool:
    """Return True if a value is one chunk rather than an iterable of them.

    Args:
        value: The return value of a function.

    """
    if value is None or isinstance(value, str | bytes | Delta | Message | Mapping) or has_method(value, "model_dump"):
        return True
    if isinstance(value, Iterator | AsyncIterable | list | tuple) or not isinstance(value, Iterable):
        return not isinstance(value, Iterable | AsyncIterable)
    return is_rich(value)


def coerce_chunk(piece: Any) -> Piece:
    """Return a chunk as text, delta or dict, copied as it is now.

    Args:
        piece: A chunk in any of the accepted forms.

    Raises:
        TransportError: The value is not a chunk.

    """
    if piece is None or isinstance(piece, str | Delta):
        return piece
    if isinstance(piece, Message):
        return dict(piece.data)
    if has_method(piece, "model_dump"):
        return _as_dict(piece)
    if isinstance(piece, Mapping):
        return _checked(piece)
    if is_rich(piece):
        return Block(markdown_of(piece))
    message = (
        f"The function returned or yielded a value of type {type(piece).__name__}. It should return or "
        "yield text, OpenAI chunks or messages, or anything a cell can display: a dataframe, a figure, an image."
    )
    raise TransportError(message)


def as_message(piece: Piece) -> MessageDict | None:
    """Return the message in a chunk that is a message of its own rather than a part of one, as its role shows.

    Args:
        piece: A chunk as `coerce_chunk` returns it.

    Returns:
        The message; None if the chunk is a part of a message.

    """
    if not isinstance(piece, dict):
        return None
    if "choices" in piece:
        choices = piece["choices"] if isinstance(piece["choices"], list) else []
        return next((_message_in(choice) for choice in choices if isinstance(choice, Mapping)), None)
    if _is_choice(piece):
        return _message_in(piece)
    return piece if piece.get("role") else None


def _is_choice(piece: Mapping[str, Any]) -> bool:
    return is_choice(piece) and _MESSAGE.isdisjoint(piece)


def _message_in(choice: Mapping[str, Any]) -> MessageDict | None:
    message = choice.get("message")
    return dict(message) if isinstance(message, Mapping) else None


class Block(str):
    """Text that stands on its own: a table, an image."""

    __slots__ = ()


class PieceReader:
    """A reader that turns the chunks of one message into deltas.

    Args:
        cumulative: True if every text holds the whole answer so far, False if it holds a new piece. None means a piece,
            with an error if the texts look cumulative.

    """

    def __init__(self, *, cumulative: bool | None = False) -> None:
        self._chunks = ChunkReader()
        self._choice: int | None = None
        """The index of the choice being read. If several were requested, the others are different answers."""
        self._text = TextSoFar() if cumulative else None
        self._suspicion = Suspicion() if cumulative is None else None
        self._gap = ""
        """The separator between the text so far and a block."""
        self._owes_gap = False

    def read(self, piece: Piece) -> Iterator[Delta]:
        """Yield the deltas of a chunk.

        Args:
            piece: A chunk as `coerce_chunk` returns it.

        Raises:
            TransportError: The chunk reports an error, or its text does not fit `cumulative`.

        """
        for delta in self._deltas(piece):
            spaced = self._spaced(delta.content, is_block=isinstance(piece, Block))
            yield delta if spaced == delta.content else replace(delta, content=spaced)

    def _spaced(self, text: str, *, is_block: bool) -> str:
        if not text:
            return text
        gap = self._gap if is_block or self._owes_gap else ""
        self._gap, self._owes_gap = "\n\n", is_block
        return gap + text

    def _deltas(self, piece: Piece) -> Iterator[Delta]:
        if isinstance(piece, Block):
            yield Delta(content=piece)
        elif isinstance(piece, str):
            if self._suspicion is not None:
                self._suspicion.look_at(piece)
            yield Delta(content=piece if self._text is None else self._text.news(piece))
        elif isinstance(piece, Delta):
            yield piece
        elif piece is not None:
            yield from self._chunks.chunk(self._as_chunk(piece))

    def _as_chunk(self, piece: dict[str, Any]) -> dict[str, Any]:
        if not _is_choice(piece):
            keys = piece.keys()
            is_chunk = bool({"choices", "error"} & keys) or (bool(_CHUNK & keys) and not _MESSAGE & keys)
            return piece if is_chunk else {"choices": [{"delta": piece}]}
        number = piece.get("index") or 0
        self._choice = number if self._choice is None else self._choice
        return {"choices": [{**piece, "index": 0}] if number == self._choice else []}


class TextSoFar:
    """A reader of texts that each hold the whole answer so far."""

    def __init__(self) -> None:
        self._text = ""

    def news(self, text: str) -> str:
        """Return the part of `text` that is new.

        Args:
            text: The whole answer so far.

        Raises:
            TransportError: The text does not begin with the previous one.

        """
        if not text.startswith(self._text):
            message = (
                "With cumulative=True, each text must begin with the previous one; this one does not: "
                f"{text[:80]!r} after {self._text[:80]!r}."
            )
            raise TransportError(message)
        news, self._text = text[len(self._text) :], text
        return news


class Suspicion:
    """A detector of texts that each hold the whole answer so far, though they are read as pieces."""

    def __init__(self) -> None:
        self._last = ""
        self._grown = 0
        """The number of texts so far, if each continued the previous one; negative once one did not."""

    def look_at(self, text: str) -> None:
        """Check the next text.

        Args:
            text: The next text.

        Raises:
            TransportError: The texts are almost certainly cumulative, so the developer must say which they are.

        """
        if self._grown < 0:
            return
        self._grown = self._grown + 1 if text.startswith(self._last) and len(text) > len(self._last) else -1
        self._last = text
        if self._grown >= _SURE and len(text) >= _SURE_LENGTH:
            message = (
                "The function seems to yield the whole text so far each time. If so, pass cumulative=True; "
                "if each text is to be appended to the previous one, pass cumulative=False."
            )
            raise TransportError(message)


def _as_dict(piece: Any) -> dict[str, Any]:
    value = piece.model_dump(mode="json", exclude_unset=True)
    if not isinstance(value, dict):
        return {"content": str(value)}
    if type(piece).__name__.endswith("Delta"):
        # The first chunk of a stream has a role, which does not make it a message.
        value.pop("role", None)
    return _checked(value)


def _checked(value: Mapping[str, Any]) -> dict[str, Any]:
    if not (_CHUNK | _MESSAGE | _CHOICE) & value.keys() and value:
        names = ", ".join(map(str, islice(value, 20)))
        message = (
            f"The function returned or yielded a dict with {names[:80]}. A message has a role and content, "
            "a chunk has choices, and a choice has a delta; to show another dict as text, use json.dumps(...)."
        )
        raise TransportError(message)
    return plain_json(dict(value), "the answer of the function")  # type: ignore[no-any-return]
