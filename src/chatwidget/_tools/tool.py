"""A function that a model may call."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Awaitable, Callable
from inspect import Parameter
from typing import Any, Final, TypeAlias

from .._content.figures import Figures
from .._errors import MissingPackageError, SettingsError
from .._runtime.runner import Runner
from .arguments import parsed
from .docstring import read
from .results import Content, content_of

Approve: TypeAlias = bool | Callable[[str, dict[str, Any]], bool | Awaitable[bool]]
"""True to ask the user before a call, or a function of the tool's name and arguments that decides it."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Tool:
    """A function with its definition for models: its name, docstring and parameter types.

    Args:
        function: The function, synchronous or asynchronous.
        name: The name for the model; that of the function by default.
        title: The title for users, in Markdown.
        approve: When to ask the user before a call; the setting of the chat by default.

    Raises:
        SettingsError: A model could not call this function.
        MissingPackageError: pydantic is not installed.

    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        name: str | None = None,
        title: str | None = None,
        approve: Approve | None = None,
    ) -> None:
        if not callable(function):
            message = f"a tool must be a function, not {type(function).__name__}"
            raise SettingsError(message)
        self.function = function
        self.name = name or _name_of(function)
        self.title = title
        self.approve = approve
        if not _NAME.fullmatch(self.name):
            message = f"a tool name can contain only letters, digits, _ and -, unlike {self.name!r}: pass name="
            raise SettingsError(message)
        plain = _plain(function)
        docs = read(inspect.getdoc(plain) or "")
        self._only_by_place = _only_by_place(function)
        try:
            from .parameters import Parameters  # noqa: PLC0415 pydantic is optional, and slow to import
        except ImportError as error:
            message = "tools need the package pydantic: run `%pip install pydantic` in a cell, then this cell again"
            raise MissingPackageError(message) from error
        self._parameters = Parameters(function, plain, docs.parameters, self.name)
        self.definition: dict[str, Any] = {
            "type": "function",
            "function": {
                "name": self.name,
                **({"description": docs.description} if docs.description else {}),
                "parameters": self._parameters.schema(),
            },
        }

    def __repr__(self) -> str:
        return f"Tool({self.name})"

    def validated(self, arguments: str) -> dict[str, Any]:
        """Parse and validate the arguments that a model wrote.

        Args:
            arguments: JSON text.

        Returns:
            The arguments, converted to the types of the parameters.

        Raises:
            ArgumentsError: The arguments do not fit the function.

        """
        return self._parameters.validated(parsed(arguments))

    async def call(self, arguments: dict[str, Any], runner: Runner) -> Content:
        """Call the function and return its result as message content.

        Args:
            arguments: Validated arguments.
            runner: Runs a synchronous function while the loop goes on.

        Raises:
            Exception: Any error of the function.

        """
        arguments = dict(arguments)
        by_place = [arguments.pop(name) for name in self._only_by_place]
        call = functools.partial(self.function, *by_place, **arguments)
        figures = Figures()
        try:
            with figures.recorded():
                is_async = inspect.iscoroutinefunction(_plain(self.function))
                value = call() if is_async else await runner.run_in_thread(lambda: _called(call, figures))
                if inspect.isawaitable(value):
                    value = await value
                return await runner.run_in_thread(
                    lambda: content_of(value if value is not None else figures.left() or None)
                )
        finally:
            figures.close()


def _called(call: Callable[[], Any], figures: Figures) -> Any:
    with figures.maybe_late():
        return call()


def _name_of(function: Any) -> str:
    plain = function.func if isinstance(function, functools.partial) else function
    return str(getattr(plain, "__name__", type(plain).__name__))


def _plain(function: Any) -> Any:
    """Return the function or method that carries the annotations and the docstring."""
    if isinstance(function, functools.partial):
        return _plain(function.func)
    if inspect.isroutine(function):
        return inspect.unwrap(function)
    return function.__init__ if inspect.isclass(function) else type(function).__call__


def _only_by_place(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [parameter.name for parameter in parameters if parameter.kind is Parameter.POSITIONAL_ONLY]
