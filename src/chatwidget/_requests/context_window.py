"""The context limit of a model, and the part of a conversation that is sent when not all of it fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, get_args

from .._conversation.messages import Message, Usage
from .._errors import ServerError, SettingsError, TransportError
from .token_estimates import Estimates

Trim: TypeAlias = Literal["oldest", "summarize"] | None

_ANSWER: Final = 4096
"""Tokens reserved for an answer without a limit of its own; a quarter of the context limit if that is less."""

_DOUBT: Final = 1.5
"""Up to this multiple of the limit, an estimate is sent anyway, as long as no server has counted yet."""

_LEAST_RATIO: Final = 0.4
_MOST_RATIO: Final = 4.0
"""Counts further from the estimate are ignored: some servers count cached tokens as nothing."""

_ALONE: Final = (
    "The last question and all that is sent with it need about {asked:,} tokens, but this model accepts {limit:,}: "
    "shorten it, attach less, or choose a model that accepts more."
)
_ALL: Final = (
    "The conversation needs about {asked:,} tokens, but this model accepts {limit:,}. Nothing was sent: clear it, "
    'choose a model that accepts more, or leave out the oldest messages (chat.trim = "oldest" or "summarize").'
)


@dataclass(frozen=True, slots=True)
class Size:
    """The estimated size of a request in tokens: of each message, of the rest, and reserved for the answer."""

    messages: Sequence[int]
    rest: int
    answer: int | None

    def with_more(self, tokens: int) -> Size:
        """Return a size with more tokens beside the messages.

        Args:
            tokens: The tokens to add.

        """
        return replace(self, rest=self.rest + tokens)

    def whole(self, start: int = 0) -> int:
        """Return the tokens of the request without the messages before number `start`.

        Args:
            start: The number of the first message that counts.

        """
        return sum(self.messages[start:]) + self.rest


class ContextLimit:
    """The context limit of one chat's model, learned from the server's counts and refusals."""

    def __init__(self) -> None:
        self._given: int | None = None
        """Set by the user."""
        self._reported: int | None = None
        """Reported by the server for this model."""
        self._trim: Trim = "oldest"
        self._refused: int | None = None
        self._ratio: float | None = None
        """Tokens that the server counts per estimated token; None until it has counted."""
        self._estimates = Estimates()
        self._sent = 0
        self._can_shrink = False

    @property
    def tokens(self) -> int | None:
        """The most tokens of a request and its answer together; None if unknown."""
        known = [limit for limit in (self._given or self._reported, self._refused) if limit]
        return min(known, default=None)

    def set_tokens(self, tokens: int | None) -> None:
        """Set the limit as the user knows it.

        Args:
            tokens: The limit, or None to use the one that the server reports.

        Raises:
            SettingsError: It is neither a positive int nor None.

        """
        if tokens is not None and (not isinstance(tokens, int) or isinstance(tokens, bool) or tokens <= 0):
            message = f"context_window must be a whole number of tokens above 0, not {tokens!r}"
            raise SettingsError(message)
        self._given = tokens

    @property
    def trim(self) -> Trim:
        """The strategy for a conversation that exceeds the limit."""
        return self._trim

    def set_trim(self, trim: Trim) -> None:
        """Set the strategy.

        Args:
            trim: The strategy.

        Raises:
            SettingsError: There is no such strategy.

        """
        if trim not in [way for member in get_args(Trim) for way in (get_args(member) or (None,))]:
            message = f'trim must be "oldest", "summarize" or None, not {trim!r}'
            raise SettingsError(message)
        self._trim = trim

    def report(self, tokens: int) -> None:
        """Learn the limit that the server reports for the model.

        Args:
            tokens: The limit.

        """
        self._reported = tokens

    def forget(self) -> None:
        """Forget everything learned about the model."""
        self._reported = self._refused = self._ratio = None

    def size_of(self, messages: Sequence[Message], rest: int, answer: object) -> Size:
        """Estimate the size of a request.

        Args:
            messages: The messages to send.
            rest: The tokens of everything but the messages.
            answer: The value of the parameter that limits the answer; ignored unless it is an int.

        Returns:
            The size in estimated tokens.

        """
        is_number = isinstance(answer, int) and not isinstance(answer, bool)
        return Size(self._estimates.of(messages), rest, answer if is_number else None)  # type: ignore[arg-type]

    def start(self, messages: Sequence[Message], size: Size, *, least: int = 0, share: float = 1.0) -> int:
        """Choose the first message to send. It begins a turn; system messages before it are sent as well.

        Args:
            messages: All messages.
            size: Their size.
            least: The lowest number to return.
            share: The part of the available room that the messages may take, if they do not all fit.

        Returns:
            The number of the first message.

        Raises:
            TransportError: The messages that must be sent do not fit.

        """
        limit = self.tokens
        starts = [index for index, message in enumerate(messages) if message.role == "user"] or [0]
        starts = sorted({0, *starts})
        start = 0 if limit is None or self.trim is None else self._fitting(messages, size, starts, limit, share)
        start = max(start, least)
        self._sent, self._can_shrink = self._kept(messages, size, start), start < starts[-1]
        asked = self.corrected(self._sent)
        if limit is not None and asked > limit * (_DOUBT if self._ratio is None else 1):
            message = (_ALL if self._can_shrink else _ALONE).format(asked=asked, limit=limit)
            raise TransportError(message, code="too_long")
        return start

    def corrected(self, estimate: float) -> int:
        """Convert estimated tokens to the server's count.

        Args:
            estimate: Tokens as estimated.

        Returns:
            Tokens as the server would count them.

        """
        return round(estimate * (self._ratio or 1))

    def estimated(self, tokens: int) -> int:
        """Convert the server's tokens to estimated ones.

        Args:
            tokens: Tokens as the server counts them.

        Returns:
            Tokens as they would be estimated.

        """
        return int(tokens / (self._ratio or 1))

    def counted(self, usage: Usage | None) -> None:
        """Correct the estimates by the server's count of the last request.

        Args:
            usage: The count, if there is one.

        """
        if usage is not None and usage.prompt_tokens and self._sent:
            self._correct(usage.prompt_tokens)

    def make_room(self, error: Exception) -> bool:
        """Learn the limit from a refused request.

        Args:
            error: The refusal.

        Returns:
            Whether a shorter request can be sent.

        """
        if not isinstance(error, ServerError) or error.code != "too_long" or not self._sent:
            return False
        if error.asked is not None:
            self._correct(error.asked)
        elif error.limit is not None:
            self._correct(max(self.corrected(self._sent), error.limit))
        self._refused = error.limit or self._refused
        if self.trim is None or not self._can_shrink:
            return False
        self._refused = self._refused or self.corrected(self._sent) * 3 // 4
        return True

    def _correct(self, counted: int) -> None:
        ratio = counted / self._sent
        if _LEAST_RATIO <= ratio <= _MOST_RATIO:
            self._ratio = ratio

    def _fitting(self, messages: Sequence[Message], size: Size, starts: list[int], limit: int, share: float) -> int:
        """Return the first of `starts` from which everything fits, or the last one if none does."""
        answer = min(_ANSWER, limit // 4) if size.answer is None else size.answer
        room = (limit - answer) / (self._ratio or 1)
        kept = self._kept(messages, size, 0)
        if kept <= room:
            return 0
        room = size.rest + (room - size.rest) * share
        wanted, before = iter(starts), 0
        start = next(wanted)
        for following in wanted:
            if kept <= room:
                break
            kept -= sum(size.messages[index] for index in range(before, following) if not is_of_system(messages[index]))
            start = before = following
        return start

    def _kept(self, messages: Sequence[Message], size: Size, start: int) -> int:
        of_system = sum(size.messages[index] for index in range(start) if is_of_system(messages[index]))
        return size.whole(start) + of_system


def sent_from(messages: Sequence[Message], start: int) -> list[Message]:
    """Return the messages from a number on, and the system messages before it.

    Args:
        messages: All messages.
        start: The number of the first message.

    """
    return [message for index, message in enumerate(messages) if index >= start or is_of_system(message)]


def is_of_system(message: Message) -> bool:
    """Return whether a message is always sent, however long the conversation gets.

    Args:
        message: The message to check.

    """
    return message.role in {"system", "developer"}
