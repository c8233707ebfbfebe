"""The `repr` of a value, limited to a readable length.

A list of ten million numbers takes no longer than its first lines: containers and records are written item by item
until the limit is reached. `reprlib` is not suitable: it limits each level rather than the whole, sorts dicts and sets
first, and writes numbers and foreign values completely. Objects with a `__repr__` of their own are cut afterwards; if
one fails inside a container, the others stay readable.
"""

from __future__ import annotations

import array
import collections
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, TypeAlias

from .._text import error_summary

_LONGEST_ERROR: Final = 500
"""Characters."""
_DEEPEST: Final = 50
"""Levels of nesting. Writing JSON is recursive, and in the browser a stack overflow ends all of Python."""
_DEEPER: Final = "…"
_LONGEST_INT: Final = 13_000
"""Bits. Python refuses to write more than 4,300 digits."""
_SORTED: Final = 10_000
"""Entries; a larger Counter is not sorted by its counts."""
_UNKNOWN: Final = "?" * 100
"""The assumed text of an object whose `__repr__` is not called."""
_CIRCLES: Final[Mapping[type, str]] = {list: "[...]", dict: "{...}", tuple: "(...)"}


@dataclass(frozen=True, slots=True)
class Written:
    """The beginning of a repr, and whether it is complete."""

    text: str
    is_whole: bool


def written(value: object, limit: int) -> Written:
    """Return the beginning of `repr(value)`.

    A failure within a container is noted in its place.

    Args:
        value: Any value.
        limit: The maximum number of characters.

    Raises:
        Exception: Any error of the value's own `__repr__`.

    """
    return _joined(_pieces(value, limit, repr), limit)


def is_small(value: object, limit: int) -> bool:
    """Return True if the repr of `value` is short, without calling any `__repr__`.

    Args:
        value: Any value.
        limit: The approximate maximum number of characters.

    """
    return _joined(_pieces(value, limit, lambda _: _UNKNOWN), limit).is_whole


def plain_text(value: object, limit: int) -> str:
    """Return the beginning of `str(value)`, or a note if it fails.

    Args:
        value: Any value.
        limit: The maximum number of characters.

    """
    if isinstance(value, str):
        return str.__getitem__(value, slice(limit))
    is_own = type.__getattribute__(type(value), "__str__") is not object.__str__
    return (text_by(str, value) if is_own else written(value, limit).text)[:limit]


def has_method(value: object, *names: str) -> bool:
    """Return True if the type of `value` defines one of these attributes.

    Objects with a dynamic `__getattr__` do not count.

    Args:
        value: Any value.
        names: The names of the attributes.

    """
    return any(name in vars(kind) for kind in type(value).__mro__ for name in names)


def type_name(value: object) -> str:
    """Return the name of the type of `value`, bypassing its metaclass.

    Args:
        value: Any value.

    """
    return str(type.__getattribute__(type(value), "__name__"))


def failure_text(error: BaseException) -> str:
    """Return the type and the message of an error as one line, even if its `__str__` fails.

    Args:
        error: The error.

    """
    return " ".join(error_summary(error)[:_LONGEST_ERROR].split())


def failure_note(value: object, error: BaseException) -> str:
    """Return the placeholder for a value whose repr failed.

    Args:
        value: The value.
        error: The error of its repr.

    """
    return f"<{type_name(value)}, whose repr failed: {failure_text(error)}>"


def _joined(pieces: Iterable[str], limit: int) -> Written:
    kept, size, is_whole = [], 0, True
    for piece in pieces:
        kept.append(piece)
        size += len(piece)
        is_whole = is_whole and piece is not _DEEPER
        if size > limit:
            return Written("".join(kept)[:limit], is_whole=False)
    return Written("".join(kept), is_whole)


class _Literal(str):
    """Text that is written as it is."""

    __slots__ = ()


_COLON: Final = _Literal(": ")
_COMMA: Final = _Literal(", ")
_Items: TypeAlias = Iterable[tuple[object, ...]]
"""Each item with all its parts: a value, a key and its value, or the name of a field and its value."""
_Container: TypeAlias = tuple[str, _Items, str]
"""The text before the items, the items, and the text after them."""


def _pieces(value: object, limit: int, foreign: Callable[[object], str]) -> Iterator[str]:
    """Yield the repr of `value` in pieces; `foreign` writes values other than containers and text."""
    # Not recursive, since each piece would pass through all levels above it.
    parts: list[Iterator[object]] = [iter((value,))]
    inside: list[int] = []
    while parts:
        for part in parts[-1]:
            if type(part) is _Literal:
                yield part
            elif (leaf := _LEAVES.get(_repr_id(part))) is not None:
                yield leaf(part, limit)
            elif (container := _container(part)) is None:
                yield text_by(foreign, part) if inside else foreign(part)
            elif id(part) in inside:
                yield _CIRCLES.get(type(part), "...")
            elif len(inside) == _DEEPEST:
                yield _DEEPER
            else:
                inside.append(id(part))
                parts.append(_parts(*container))
                break
        else:
            parts.pop()
            del inside[-1:]


def _parts(start: str, items: _Items, end: str) -> Iterator[object]:
    yield _Literal(start)
    for number, item in enumerate(items):
        if number:
            yield _COMMA
        yield from item
    yield _Literal(end)


def text_by(function: Callable[[Any], str], value: object) -> str:
    """Return the text that a function makes of a value, or a note if it fails, as the value may run any code.

    Args:
        function: The function.
        value: Any value.

    """
    try:
        return function(value)
    except (Exception, SystemExit) as error:  # noqa: BLE001 a value may be of any type
        return failure_note(value, error)


def _repr_id(value: object) -> int:
    # By identity, bypassing metaclasses: no foreign code runs to find out how a value is written.
    return id(type.__getattribute__(type(value), "__repr__"))


def _container(value: Any) -> _Container | None:
    """Return the parts of a container or a record; None if the value must write itself."""
    kind = type(value)
    if (opened := _CONTAINERS.get(_repr_id(value))) is not None:
        return opened(value)
    method = type.__getattribute__(kind, "__repr__")
    made_by = str(getattr(method, "__module__", None))
    if has_method(value, "__dataclass_fields__") and "__create_fn__" in getattr(
        getattr(method, "__wrapped__", None), "__qualname__", ""
    ):
        return _record(
            kind.__qualname__, ((field.name, getattr(value, field.name)) for field in fields(kind) if field.repr)
        )
    if made_by == "collections" and issubclass(kind, tuple):
        return _record(kind.__name__, zip(value._fields, value, strict=True))
    if made_by.startswith("pydantic.") and has_method(value, "__repr_args__"):
        return _record(kind.__name__, value.__repr_args__())
    return None


def _record(name: str, values: Iterable[tuple[str | None, object]]) -> _Container:
    return f"{name}(", ((_Literal(f"{field}=" if field else ""), value) for field, value in values), ")"


def _text_part(value: str, limit: int) -> str:
    return str.__repr__(str.__getitem__(value, slice(limit)))


def _bytes_part(value: bytes, limit: int) -> str:
    return bytes.__repr__(bytes.__getitem__(value, slice(limit)))


def _bytearray_part(value: bytearray, limit: int) -> str:
    return f"{type_name(value)}({bytes(memoryview(value)[:limit])!r})"


def _int(value: int, _: int) -> str:
    bits = value.bit_length()
    return f"<int of {bits:,} bits>" if bits > _LONGEST_INT else int.__repr__(value)


def _entries(value: Mapping[Any, Any]) -> _Items:
    return ((key, _COLON, item) for key, item in value.items())


def _set(value: Any) -> _Container:
    if not value:
        return f"{type_name(value)}(", (), ")"
    return ("{", zip(value), "}") if type(value) is set else (f"{type_name(value)}({{", zip(value), "})")


def _named_dict(value: Any) -> _Container:
    if not value:
        return f"{type_name(value)}(", (), ")"
    is_sorted = isinstance(value, collections.Counter) and len(value) <= _SORTED
    return f"{type_name(value)}({{", _entries(dict(value.most_common()) if is_sorted else value), "})"


_LEAVES: Final[Mapping[int, Callable[[Any, int], str]]] = {
    id(kind.__repr__): write
    for kind, write in ((str, _text_part), (bytes, _bytes_part), (bytearray, _bytearray_part), (int, _int))
}
_CONTAINERS: Final[Mapping[int, Callable[[Any], _Container]]] = {
    id(kind.__repr__): opened
    for kind, opened in (
        (list, lambda value: ("[", zip(value), "]")),
        (tuple, lambda value: ("(", zip(value), ",)" if len(value) == 1 else ")")),
        (set, _set),
        (frozenset, _set),
        (dict, lambda value: ("{", _entries(value), "}")),
        (types.MappingProxyType, lambda value: ("mappingproxy({", _entries(value), "})")),
        (collections.OrderedDict, _named_dict),
        (collections.Counter, _named_dict),
        (
            collections.defaultdict,
            lambda value: (f"{type_name(value)}({value.default_factory!r}, {{", _entries(value), "})"),
        ),
        (
            collections.deque,
            lambda value: (
                *(f"{type_name(value)}([", zip(value)),
                "])" if value.maxlen is None else f"], maxlen={value.maxlen})",
            ),
        ),
        (collections.UserDict, lambda value: ("", [(value.data,)], "")),
        (collections.UserList, lambda value: ("", [(value.data,)], "")),
        (type({}.keys()), lambda value: ("dict_keys([", zip(value), "])")),
        (type({}.values()), lambda value: ("dict_values([", zip(value), "])")),
        (type({}.items()), lambda value: ("dict_items([", zip(value), "])")),
        (array.array, lambda value: (f"array({value.typecode!r}, [", zip(value), "])")),
        (types.SimpleNamespace, lambda value: _record("namespace", vars(value).items())),
    )
}
