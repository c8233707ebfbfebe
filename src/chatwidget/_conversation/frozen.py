"""Read-only JSON dicts and lists, so that messages can be handed out and shared."""

from __future__ import annotations

import copy
from typing import Any, Final, NoReturn

_READ_ONLY: Final = (
    "messages in a conversation cannot be changed in place. Change a copy, copy.deepcopy(message.data), "
    "or add a new version: conversation.edit(message.id, content)"
)


def _refuse(*_: object, **__: object) -> NoReturn:
    raise TypeError(_READ_ONLY)


class FrozenDict(dict[str, Any]):
    """A dict that raises TypeError on modification. Copies of it are plain dicts."""

    __slots__ = ()

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __copy__(self) -> dict[str, Any]:
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return {key: copy.deepcopy(value, memo) for key, value in self.items()}

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[str, Any]]]:
        return FrozenDict, (dict(self),)


class FrozenList(list[Any]):
    """A list that raises TypeError on modification. Copies of it are plain lists."""

    __slots__ = ()

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = extend = insert = remove = pop = clear = sort = reverse = _refuse

    def __copy__(self) -> list[Any]:
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return [copy.deepcopy(value, memo) for value in self]

    def __reduce__(self) -> tuple[type[FrozenList], tuple[list[Any]]]:
        return FrozenList, (list(self),)


def freeze(value: Any) -> Any:
    """Return `value` with its dicts and lists frozen at all depths.

    Args:
        value: A value made of JSON types.

    """
    kind = type(value)
    if kind is dict:
        for item in value.values():
            if type(item) in _MUTABLE:
                return FrozenDict({key: freeze(item) for key, item in value.items()})
        return FrozenDict(value)
    return FrozenList(map(freeze, value)) if kind is list else value


_MUTABLE: Final = frozenset({dict, list})
