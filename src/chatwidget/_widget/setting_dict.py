"""A dict that is the value of a setting, and changes the setting when an item is assigned."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing import Self

T = TypeVar("T")
_MISSING: Any = object()


class SettingDict(dict[str, Any]):
    """A dict that assigns its setting anew whenever it changes, so that the change is checked and observed.

    A plain dict would change without taking effect. Copies of it are plain dicts.

    Args:
        items: The items.
        current: Returns the value that the setting has now.
        assign: Assigns a new value to the setting, or raises an error if the value cannot work.

    """

    def __init__(
        self, items: dict[str, Any], current: Callable[[], dict[str, Any]], assign: Callable[[dict[str, Any]], None]
    ) -> None:
        super().__init__(items)
        self._current = current
        self._assign = assign

    def __setitem__(self, key: str, value: Any) -> None:
        self._change(lambda items: items.__setitem__(key, value))

    def __delitem__(self, key: str) -> None:
        self._change(lambda items: items.__delitem__(key))

    def __ior__(self, other: Any) -> Self:  # type: ignore[override,misc] # as that of dict
        self.update(other)
        return self

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)

    def update(self, *args: Any, **kwargs: Any) -> None:
        self._change(lambda items: items.update(*args, **kwargs))

    def setdefault(self, key: str, default: Any = None) -> Any:
        return self._change(lambda items: items.setdefault(key, default))

    def pop(self, key: str, default: Any = _MISSING) -> Any:
        return self._change(lambda items: items.pop(key) if default is _MISSING else items.pop(key, default))

    def popitem(self) -> tuple[str, Any]:
        return self._change(lambda items: items.popitem())

    def clear(self) -> None:
        self._change(lambda items: items.clear())

    def _change(self, change: Callable[[dict[str, Any]], T]) -> T:
        # The setting may have been assigned since this dict was read.
        items = dict(self._current())
        result = change(items)
        self._assign(items)
        super().clear()
        super().update(items)
        return result
