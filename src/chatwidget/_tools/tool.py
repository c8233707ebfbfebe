"""A function that a model may call."""

from __future__ import annotations

import functools
import inspect
import json
import re
import typing
from collections.abc import Awaitable, Callable
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from .._content.figures import Figures
from .._errors import MissingPackageError, SettingsError
from .._json import loads
from .._runtime.runner import Runner
from .docstring import read
from .results import Content, content_of

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Approve: TypeAlias = bool | Callable[[str, dict[str, Any]], bool | Awaitable[bool]]
"""True to ask the user before a call, or a function of the tool's name and arguments that decides it."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MAX_FAULTS: Final = 10
_MAX_SHOWN: Final = 60
"""Characters of an invalid value that are repeated in an error."""


class ArgumentsError(Exception):
    """The arguments from a model do not fit the function. The text tells the model how to correct them."""


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
        self._arguments = _adapter(function, plain, docs.parameters, self.name)
        self.definition: dict[str, Any] = {
            "type": "function",
            "function": {
                "name": self.name,
                **({"description": docs.description} if docs.description else {}),
                "parameters": _schema(self._arguments),
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
        from pydantic import ValidationError  # noqa: PLC0415 loaded when a tool is made

        given = parsed(arguments)
        try:
            return self._arguments.validate_json(json.dumps(given))
        except ValidationError as error:
            faults = [_fault(detail) for detail in error.errors(include_url=False, include_context=False)]
            more = [f"and {len(faults) - _MAX_FAULTS} more"] if len(faults) > _MAX_FAULTS else []
            raise ArgumentsError("; ".join(faults[:_MAX_FAULTS] + more)) from None

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


def parsed(arguments: str) -> dict[str, Any]:
    """Parse the JSON object that a model wrote as arguments.

    Args:
        arguments: JSON text; an empty text or `null` means no arguments.

    Raises:
        ArgumentsError: The text is not a JSON object.

    """
    try:
        value = loads(arguments) if arguments.strip() else {}
    except (ValueError, RecursionError) as error:
        message = f"they are not JSON ({error})"
        raise ArgumentsError(message) from None
    if value is not None and not isinstance(value, dict):
        message = f"they must be a JSON object, not {_shown(value)}"
        raise ArgumentsError(message)
    return value or {}


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
    return [each.name for each in parameters if each.kind is Parameter.POSITIONAL_ONLY]


def _adapter(function: Callable[..., Any], plain: Any, docs: dict[str, str], name: str) -> TypeAdapter[dict[str, Any]]:
    """Return pydantic's validator of the arguments, built for a stand-in that only returns them."""
    try:
        from pydantic import TypeAdapter  # noqa: PLC0415 slow to import, and only needed for tools
        from pydantic.errors import PydanticUserError  # noqa: PLC0415 as above
    except ImportError as error:
        message = "tools need the package pydantic: run `%pip install pydantic` in a cell, then this cell again"
        raise MissingPackageError(message) from error

    def stand_in(**given: Any) -> dict[str, Any]:
        return given

    try:
        signature = inspect.signature(function)
        hints = typing.get_type_hints(plain, include_extras=True)
        parameters = [_by_name(each, hints, docs) for each in signature.parameters.values() if not _takes_rest(each)]
        stand_in.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        stand_in.__annotations__ = {each.name: each.annotation for each in parameters}
        return TypeAdapter(stand_in)  # type: ignore[arg-type] # it accepts functions, too
    except (PydanticUserError, NameError, TypeError, ValueError) as error:
        reason = str(error).partition("\n")[0].partition(". Set `")[0]
        message = f"{name} cannot be used as a tool: {reason}"
        raise SettingsError(message) from error


def _takes_rest(parameter: Parameter) -> bool:
    """Return True for `*args`, which a model cannot use because it passes arguments by name."""
    return parameter.kind is Parameter.VAR_POSITIONAL


def _by_name(parameter: Parameter, hints: dict[str, Any], docs: dict[str, str]) -> Parameter:
    """Return the parameter as keyword-only, with its description in its type."""
    from pydantic import Field  # noqa: PLC0415 loaded by the caller

    hint = hints.get(parameter.name, Any)
    said = [note for note in getattr(hint, "__metadata__", ()) if isinstance(note, str)]
    about = docs.get(parameter.name) or (said[0] if said else None)
    is_rest = parameter.kind is Parameter.VAR_KEYWORD
    kind = parameter.kind if is_rest else Parameter.KEYWORD_ONLY
    annotation = Annotated[hint, Field(description=about)] if about and not is_rest else hint
    return parameter.replace(kind=kind, annotation=annotation)


def _schema(arguments: TypeAdapter[Any]) -> dict[str, Any]:
    schema = arguments.json_schema(schema_generator=_schema_generator())
    return typing.cast("dict[str, Any]", _untitled(schema))


@functools.cache
def _schema_generator() -> Any:
    from pydantic.json_schema import GenerateJsonSchema  # noqa: PLC0415 loaded when a tool is made

    # A default that JSON cannot represent is the function's own business.
    quiet = {"ignored_warning_kinds": {"skipped-choice", "non-serializable-default"}}
    return type("Schema", (GenerateJsonSchema,), quiet)


def _untitled(schema: Any) -> Any:
    """Return `schema` without the titles that pydantic derives from names, since a model reads the names."""
    if isinstance(schema, list):
        return [_untitled(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _untitled(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)}


def _fault(detail: Any) -> str:
    where = ".".join(map(str, detail["loc"]))
    match detail["type"]:
        case "missing_keyword_only_argument" | "missing":
            return f"{where} is missing"
        case "unexpected_keyword_argument" | "extra_forbidden":
            return f"there is no parameter {where}"
    said = str(detail["msg"]).partition(", unable to")[0].removeprefix("Input ")
    return f"{where}: {said}, not {_shown(detail['input'])}"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
