"""Coroutines and asynchronous generators that say what to write if nobody awaits them.

Python's own are shown as an address in memory, and the warning about a discarded one comes once for each line number.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from typing import Any, Final, Generic, NoReturn, TypeVar

from .._errors import NotAwaitedError

T = TypeVar("T")
Made = TypeVar("Made")

_SHOWN: Final = 60
"""Characters of an argument that are repeated."""


class Call:
    """A call of an asynchronous method, from which nothing follows before it is awaited.

    Args:
        name: The method, such as "chat.ask_async".
        argument: Its first argument.
        instead: The code to write.

    """

    def __init__(self, name: str, argument: object, instead: str) -> None:
        shown = repr(argument[:_SHOWN] + "…" if isinstance(argument, str) and len(argument) > _SHOWN else argument)
        self._text = f"{name}({shown})" if isinstance(argument, str) else f"{name}(...)"
        self._instead = instead
        self._is_told = False
        # The frames of this function, of the method, and of the code that called the method.
        frame = inspect.currentframe()
        caller = frame.f_back.f_back if frame is not None and frame.f_back is not None else None
        self._place = ("<unknown>", 1) if caller is None else (caller.f_code.co_filename, caller.f_lineno)

    def advice(self) -> str:
        """Return what to write. The user has been told then, and is not warned later, in the middle of another cell."""
        self._is_told = True
        return f"{self._text} has done nothing yet: write `{self._instead}`"

    def missing(self, name: str) -> NoReturn:
        """Raise the error for an attribute of the result that is read too early.

        Args:
            name: The attribute.

        Raises:
            NotAwaitedError: Always.

        """
        message = f"there is no {name} yet. {self.advice()}"
        raise NotAwaitedError(message)

    def warn(self) -> None:
        """Warn that the call was discarded, unless the user has been told already."""
        if self._is_told:
            return
        text = f"{self._text} was not awaited, so it has done nothing: write `{self._instead}`"
        # Without a registry, the warning is not left out when a cell is run again.
        warnings.warn_explicit(text, RuntimeWarning, *self._place, registry={})


class _Unawaited(Generic[Made]):
    """What a call returns: `Made` is created when it is first awaited, and until then the call is told about.

    Args:
        call: The call that returns it.
        create: Creates what is awaited.

    """

    _call: Call | None = None
    _made: Made | None = None

    def __init__(self, call: Call, create: Callable[[], Made]) -> None:
        self._create = create
        self._call = call

    def __repr__(self) -> str:
        return f"<{self._call.advice()}>" if self._call is not None else f"<{type(self).__name__}>"

    def __getattr__(self, name: str) -> Any:
        if self._call is None or name.startswith("_"):
            raise AttributeError(name)
        self._call.missing(name)

    def __del__(self) -> None:
        if self._call is not None:
            self._call.warn()

    def _begun(self) -> Made:
        self._call = None
        if self._made is None:
            self._made = self._create()
        return self._made


class Awaitable(_Unawaited[Coroutine[Any, Any, T]], Coroutine[Any, Any, T]):
    """A coroutine that is created when it is first awaited."""

    def __await__(self) -> Generator[Any, Any, T]:
        return self._begun().__await__()

    def send(self, value: Any) -> Any:
        return self._begun().send(value)

    def throw(self, *error: Any) -> Any:
        return self._begun().throw(*error)

    def close(self) -> None:
        self._call = None
        if self._made is not None:
            self._made.close()


class AsyncStream(_Unawaited[AsyncGenerator[T, None]], AsyncGenerator[T, None]):
    """An asynchronous generator that is created when its first item is awaited."""

    async def asend(self, value: None) -> T:
        return await self._begun().asend(value)

    async def athrow(self, *error: Any) -> T:
        return await self._begun().athrow(*error)

    async def aclose(self) -> None:
        self._call = None
        if self._made is not None:
            await self._made.aclose()
