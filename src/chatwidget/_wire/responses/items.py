"""The items of one answer, and which of them an event is about.

Servers number and name items in their own ways: ids may be missing, change from event to event, or be shared; so may
indexes. An event belongs to the first of these that exists: the item with its id, or call id; the item of its kind at
its index; the last open item of its kind; a new item.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ..lenient import text_or_empty, whole_number

MESSAGE: Final = "message"
REASONING: Final = "reasoning"
CALLS: Final = {"function_call": "arguments", "custom_tool_call": "input"}
"""The kinds of calls of the user's own functions, each with the key of what is passed to the function."""


Part: TypeAlias = tuple[int, int | None]
"""A part of a text: its index, and how often parts have begun again with an index that was in use."""


class ItemText:
    """A text of an item as shown so far, in parts.

    Args:
        separator: The text between two parts.

    """

    __slots__ = ("_ended", "_round", "_separator", "parts")

    def __init__(self, separator: str = "") -> None:
        self._separator = separator
        self.parts: dict[Part, list[str]] = {}
        """The pieces of each part."""
        self._ended: set[Part] = set()
        self._round = 0

    def __str__(self) -> str:
        return self._separator.join(filter(None, map("".join, self.parts.values())))

    def __bool__(self) -> bool:
        return any(self.parts.values())

    def part(self, index: int | None) -> Part:
        """Return the part that a piece belongs to.

        Args:
            index: The index that the server names, if any.

        """
        return self._round, index

    def part_of_piece(self, index: int | None) -> Part:
        """Return the part that a new piece belongs to: none that has ended.

        Args:
            index: The index that the server names, if any.

        """
        if self.part(index) in self._ended:
            self.begin(index)
        return self.part(index)

    def begin(self, index: int | None) -> None:
        """Begin a part. Some servers give all of them the same index, or none.

        Args:
            index: The index that the server names, if any.

        """
        if self.parts.get(self.part(index)):
            self._round += 1
        self.parts.setdefault(self.part(index), [])

    def before(self, part: Part) -> str:
        """Return the text to show before the next piece of a part.

        Args:
            part: The part.

        """
        return self._separator if self and not self.parts.get(part) else ""

    def rest(self, part: Part, whole: str) -> tuple[Part, str]:
        """Return the piece of a whole part that has not been shown.

        Args:
            part: The part.
            whole: The text of the part, as an event repeats it.

        Returns:
            The part that the piece belongs to, and the piece; "" if nothing is missing, or `whole` is another text.

        """
        last, shown = next(reversed(self.parts), part), str(self)
        self._ended.add(part)
        is_repetition = self.parts.get(part, shown) and whole.startswith(shown)
        if is_repetition:
            # Some servers count the index up with every piece.
            return last, whole.removeprefix(shown)
        shown = "".join(self.parts.get(part, ()))
        is_missing = not shown or (part == last and whole.startswith(shown))
        return part, whole.removeprefix(shown) if is_missing else ""

    def rest_of_all(self, whole: str) -> tuple[Part, str]:
        """Return the piece of the whole text that has not been shown.

        Args:
            whole: The text of the item, as an event repeats it.

        Returns:
            The part that the piece belongs to, and the piece.

        """
        return next(reversed(self.parts), self.part(0)), whole.removeprefix(str(self)) if whole.startswith(
            str(self)
        ) else ""


@dataclass(slots=True, eq=False)
class Item:
    """An item as far as it is known."""

    kind: str
    order: int
    """The place in the answer, different for each item."""
    index: int | None = None
    """The place that the server names."""
    id: str = ""
    call_id: str = ""
    name: str = ""
    phase: str | None = None
    is_announced: bool = False
    is_whole: bool = False
    """True if all that is passed to the function is known."""
    is_done: bool = False
    text: ItemText = field(default_factory=ItemText)
    """The text of a message, the reasoning, or what is passed to a function."""
    refusal: ItemText = field(default_factory=ItemText)
    source: str | None = None
    """Where the text of reasoning comes from: the summary, or the reasoning itself. Each may repeat the other."""
    kept: dict[str, Any] | None = None
    """The item as it must be sent back."""
    preview: str = ""
    """The last preview of an image whose final form has not come."""
    announced_arguments: str = ""
    """What the first event of a call said is passed to the function. It may be a part or all of it."""
    shown_as: tuple[str, str] | None = None
    """The id and the name that a call was shown with."""
    is_cut: bool = False
    """True if the server says that it is incomplete."""

    @property
    def is_call(self) -> bool:
        """True if it calls a function of the user."""
        return self.kind in CALLS

    def is_named(self, *names: str) -> bool:
        """Return True if one of the names is its id or call id.

        Args:
            *names: The names, which may be empty.

        """
        return any(name and name in {self.id, self.call_id} for name in names)

    def repeats(self, whole: str, name: str = "") -> bool:
        """Return True if the content of another event is its own, as far as both go.

        Args:
            whole: The text of a message or reasoning, or what is passed to a function.
            name: The name of the function.

        """
        shown = str(self.text) or str(self.refusal)
        if self.is_call:
            return self.name == name and shown == whole
        return bool(shown and whole) and (whole.startswith(shown) or shown.startswith(whole))

    def identify(self, entry: Mapping[str, Any]) -> None:
        """Take the properties that are not known yet.

        Args:
            entry: The item, as the server sends it.

        """
        self.id = self.id or text_or_empty(entry.get("id"))
        self.call_id = self.call_id or text_or_empty(entry.get("call_id"))
        self.name = text_or_empty(entry.get("name")) or self.name
        self.phase = text_or_empty(entry.get("phase")) or self.phase


class Items:
    """The items of one answer."""

    def __init__(self) -> None:
        self._items: list[Item] = []

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    def in_order(self) -> list[Item]:
        """Return the items in the order of the answer."""
        return sorted(self._items, key=lambda item: item.order)

    def open(self, kind: str, index: int | None = None, name: str = "") -> Item:
        """Add an item.

        Args:
            kind: Its kind.
            index: Its index, if the server names one.
            name: Its id, if it is known.

        """
        orders = {item.order for item in self._items}
        order = index if index is not None and index not in orders else max(orders, default=-1) + 1
        item = Item(kind, order, index, name)
        self._items.append(item)
        return item

    def of_piece(self, kind: str, event: Mapping[str, Any]) -> Item:
        """Return the item that a piece belongs to. It is added if it is new.

        Args:
            kind: The kind of the item.
            event: The event with the piece.

        """
        name, index = text_or_empty(event.get("item_id")), whole_number(event.get("output_index"))
        return self.named(name, kind) or self._open(kind, index, is_piece=True) or self.open(kind, index, name)

    def of_whole(self, kind: str, event: Mapping[str, Any], whole: str) -> Item:
        """Return the item that an event repeats a text of. It is added if it is new.

        Args:
            kind: The kind of the item.
            event: The event.
            whole: The text.

        """
        name, index = text_or_empty(event.get("item_id")), whole_number(event.get("output_index"))
        item = self.named(name, kind) or self._repeated(kind, index, whole, event)
        return item or self.open(kind, index, name)

    def announced(self, entry: Mapping[str, Any], index: int | None) -> Item:
        """Return the item that an event announces. A piece of it may have come before.

        Args:
            entry: The item, as the server sends it.
            index: Its index.

        """
        kind = _kind_of(entry)
        known = [
            item for item in reversed(self._items) if item.kind == kind and not (item.is_announced and item.is_done)
        ]
        again = (item for item in known if _is_named(item, entry))
        begun = (item for item in known if not (item.is_announced or item.is_done) and _may_be(item, entry, index))
        item = next(again, None) or next(begun, None) or self.open(kind, index)
        item.identify(entry)
        item.is_announced = True
        return item

    def done(self, entry: Mapping[str, Any], index: int | None, whole: str) -> Item:
        """Return the item that an event ends. It may be the first event about it.

        Args:
            entry: The item, as the server sends it.
            index: Its index.
            whole: The text of a message or reasoning, or what is passed to a function.

        """
        kind = _kind_of(entry)
        known = (item for item in reversed(self._items) if item.kind == kind and _is_named(item, entry))
        item = next(known, None) or self._repeated(kind, index, whole, entry)
        item = item or self.open(kind, index)
        item.identify(entry)
        return item

    def paired(self, entries: Iterable[tuple[Mapping[str, Any], str]]) -> list[Item]:
        """Return the items of a whole answer, which repeats those that are known. Items are added if they are new.

        Args:
            entries: The items, as the server sends them, each with its text.

        """
        entries = list(entries)
        pairs: dict[int, Item] = {}
        for is_pair in (_is_named, _is_repeated, _is_of_kind):
            for number, (entry, whole) in enumerate(entries):
                left = (item for item in self._items if item not in pairs.values() and item.kind == _kind_of(entry))
                if number not in pairs and (item := next((item for item in left if is_pair(item, entry, whole)), None)):
                    pairs[number] = item
        for number, (entry, _) in enumerate(entries):
            if number not in pairs:
                pairs[number] = self.open(_kind_of(entry), number)
            pairs[number].identify(entry)
        return [pairs[number] for number in range(len(entries))]

    def named(self, name: str, *kinds: str) -> Item | None:
        """Return the latest item with an id, or call id.

        Args:
            name: The id.
            *kinds: The kinds to look among.

        """
        return next((item for item in reversed(self._items) if item.kind in kinds and item.is_named(name)), None)

    def _open(self, kind: str, index: int | None, *, is_piece: bool = False) -> Item | None:
        """Return the open item of a kind at an index, else the last one that may be there."""
        opened = [
            item
            for item in reversed(self._items)
            if item.kind == kind and not item.is_done and not (is_piece and item.is_whole)
        ]
        at_index = (item for item in opened if index is not None and item.index == index)
        return next(at_index, next((item for item in opened if _fits(item, index)), None))

    def _repeated(self, kind: str, index: int | None, whole: str, entry: Mapping[str, Any]) -> Item | None:
        """Return the item without a name that a whole text belongs to: the open one, or one with the same content."""
        item = self._open(kind, index)
        if item is not None and item.text:
            return item
        alike = (item for item in self._items if item.kind == kind and _is_repeated(item, entry, whole))
        return next((item for item in alike if _fits(item, index) and _is_call_of(item, entry)), item)


def _fits(item: Item, index: int | None) -> bool:
    return None in {item.index, index} or item.index == index


def _may_be(item: Item, entry: Mapping[str, Any], index: int | None) -> bool:
    """Return True if the item may have begun before it was announced."""
    name = text_or_empty(entry.get("id"))
    return item.index == index is not None or (_fits(item, index) and "" in {item.id, name})


def _kind_of(entry: Mapping[str, Any]) -> str:
    return text_or_empty(entry.get("type"))


def _names_of(entry: Mapping[str, Any]) -> tuple[str, str]:
    return text_or_empty(entry.get("call_id")), text_or_empty(entry.get("id"))


def _is_call_of(item: Item, entry: Mapping[str, Any]) -> bool:
    """Return True unless both are calls with different call ids."""
    return item.call_id in {"", text_or_empty(entry.get("call_id")) or item.call_id}


def _is_named(item: Item, entry: Mapping[str, Any], _: str = "") -> bool:
    return item.is_named(*_names_of(entry)) and _is_call_of(item, entry)


def _is_repeated(item: Item, entry: Mapping[str, Any], whole: str) -> bool:
    return item.repeats(whole, text_or_empty(entry.get("name")))


def _is_of_kind(item: Item, entry: Mapping[str, Any], _: str) -> bool:
    return not item.is_call or item.name in {"", text_or_empty(entry.get("name"))}
