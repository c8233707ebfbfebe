"""How much a model takes at once, and what of a conversation is sent where not all of it fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias, get_args

from .._conversation.messages import Message, Usage
from .._errors import ServerError, SettingsError, TransportError
from .token_estimates import Estimates

Trim: TypeAlias = Literal["oldest", "summarize"] | None

_ANSWER: Final = 4096
"""Tokens kept free for an answer whose length nobody has limited; a quarter of the limit, where that is less."""

_DOUBT: Final = 1.5
"""What is estimated at up to so many times the limit is sent all the same, where no server has counted yet."""

_LEAST_RATIO: Final = 0.4
_MOST_RATIO: Final = 4.0
"""A count further from the estimate is not believed: some servers count what they had cached as nothing."""

_ALONE: Final = (
    "The last question needs about {asked:,} tokens with all that goes along, and this model takes {limit:,}: "
    "shorten it, attach less, or choose a model that takes more."
)
_ALL: Final = (
    "The conversation needs about {asked:,} tokens, and this model takes {limit:,}. Nothing was sent: clear it, "
    'choose a model that takes more, or leave out its beginning (chat.trim = "oldest" or "summarize").'
)


@dataclass(frozen=True, slots=True)
class Size:
    """What is to be sent, in tokens as estimated: of each message, of what goes along, and kept free for the answer."""

    messages: Sequence[int]
    beside: int
    answer: int | None

    def with_beside(self, tokens: int) -> Size:
        """The same, and so much more that goes along."""
        return replace(self, beside=self.beside + tokens)

    def whole(self, start: int = 0) -> int:
        """Without the messages before number `start`."""
        return sum(self.messages[start:]) + self.beside


class ContextLimit:
    """The limit of one chat's model. What a server counts and refuses is learned from."""

    def __init__(self) -> None:
        self.given: int | None = None
        """By the user."""
        self.told: int | None = None
        """By the server, of the model."""
        self.trim: Trim = "oldest"
        self._refused: int | None = None
        self._ratio: float | None = None
        """What the server counts for each token that was estimated; None where it has not counted yet."""
        self._estimates = Estimates()
        self._sent = 0
        self._can_shrink = False

    @property
    def tokens(self) -> int | None:
        """The most tokens of a request and its answer; None where it is not known."""
        known = [each for each in (self.given or self.told, self._refused) if each]
        return min(known, default=None)

    def forget(self) -> None:
        """Another model is asked."""
        self.told = self._refused = self._ratio = None

    def size_of(self, messages: Sequence[Message], beside: int, answer: object) -> Size:
        """How much `messages` are; `answer` is the most tokens that were asked for, if any."""
        is_number = isinstance(answer, int) and not isinstance(answer, bool)
        return Size(self._estimates.of(messages), beside, answer if is_number else None)  # type: ignore[arg-type]

    def start(self, messages: Sequence[Message], size: Size, *, least: int = 0, share: float = 1.0) -> int:
        """The number of the first message that is sent, beside those of the system: the beginning of a turn.

        It is `least` or more. With a `share`, the messages are to take no more than this part of what there is for
        them. Raises TransportError where what must be sent is too much.
        """
        limit = self.tokens
        starts = [place for place, each in enumerate(messages) if each.role == "user"] or [0]
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
        """`estimate`, as the server would count it."""
        return round(estimate * (self._ratio or 1))

    def estimated(self, tokens: int) -> int:
        """`tokens` of the server, as they would be estimated."""
        return int(tokens / (self._ratio or 1))

    def counted(self, usage: Usage | None) -> None:
        """The server has counted what was sent last."""
        if usage is not None and usage.prompt_tokens and self._sent:
            self._correct(usage.prompt_tokens)

    def make_room(self, error: Exception) -> bool:
        """Whether what was refused with `error` can be sent again, shorter. The limit is learned from it."""
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
        """The first of `starts` from which on all fits; the last, where none does."""
        answer = min(_ANSWER, limit // 4) if size.answer is None else size.answer
        room = (limit - answer) / (self._ratio or 1)
        kept = self._kept(messages, size, 0)
        if kept <= room:
            return 0
        room = size.beside + (room - size.beside) * share
        wanted, before = iter(starts), 0
        start = next(wanted)
        for following in wanted:
            if kept <= room:
                break
            kept -= sum(size.messages[place] for place in range(before, following) if not is_of_system(messages[place]))
            start = before = following
        return start

    def _kept(self, messages: Sequence[Message], size: Size, start: int) -> int:
        of_system = sum(size.messages[place] for place in range(start) if is_of_system(messages[place]))
        return size.whole(start) + of_system


def sent_from(messages: Sequence[Message], start: int) -> list[Message]:
    """`messages` from number `start` on, and those of the system before."""
    return [each for place, each in enumerate(messages) if place >= start or is_of_system(each)]


def is_of_system(message: Message) -> bool:
    """Whether `message` is sent however long the conversation gets."""
    return message.role in {"system", "developer"}


def checked_trim(value: Any) -> Trim:
    """A way to trim. Raises SettingsError where there is no such way."""
    ways = [way for each in get_args(Trim) for way in (get_args(each) or (None,))]
    if value in ways:
        return value  # type: ignore[no-any-return]
    message = f'trim must be "oldest", "summarize" or None, not {value!r}'
    raise SettingsError(message)


def checked_limit(value: Any) -> int | None:
    """A number of tokens, or None. Raises SettingsError."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    message = f"context_limit must be a whole number of tokens above 0, not {value!r}"
    raise SettingsError(message)
