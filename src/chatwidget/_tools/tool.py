"""A function that a model may call."""

from __future__ import annotations

import functools
import inspect
import json
import re
import typing
from collections.abc import Awaitable, Callable
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol, TypeAlias, TypeVar

from .._content.figures import Figures
from .._errors import MissingPackageError, SettingsError
from .._json import loads
from .docstring import read
from .results import Content, content_of

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")

Approve: TypeAlias = bool | Callable[[str, dict[str, Any]], bool | Awaitable[bool]]
"""Whether a person is asked before a call; or a function of the tool's name and the arguments that says so."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MAX_FAULTS: Final = 10
_MAX_SHOWN: Final = 60
"""Characters of a wrong value that are repeated."""


class Beside(Protocol):
    """Runs a function while the loop goes on, where there is a second thread for it."""

    async def __call__(self, function: Callable[[], T], /) -> T:
        """Its result."""
        ...


class ArgumentsError(Exception):
    """What a model gave does not fit the function; the text tells it what to mend."""


class Tool:
    """`function` with what a model is told of it: its name, its docstring, and the types of its parameters.

    `title` is shown for it, in Markdown; without `approve` the chat's own holds. Raises SettingsError where a model
    could not call it, MissingPackageError where there is no pydantic.
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
            message = f"a tool's name has only letters, digits, _ and -, unlike {self.name!r}: give it a name="
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
        """The arguments as the function wants them, from the JSON that a model wrote. Raises ArgumentsError."""
        from pydantic import ValidationError  # noqa: PLC0415 loaded when a tool was made

        given = parsed(arguments)
        try:
            return self._arguments.validate_json(json.dumps(given))
        except ValidationError as error:
            faults = [_fault(detail) for detail in error.errors(include_url=False, include_context=False)]
            more = [f"and {len(faults) - _MAX_FAULTS} more"] if len(faults) > _MAX_FAULTS else []
            raise ArgumentsError("; ".join(faults[:_MAX_FAULTS] + more)) from None

    async def call(self, arguments: dict[str, Any], beside: Beside) -> Content:
        """What the function makes of validated `arguments`. Raises whatever it raises."""
        arguments = dict(arguments)
        by_place = [arguments.pop(name) for name in self._only_by_place]
        call = functools.partial(self.function, *by_place, **arguments)
        figures = Figures()
        try:
            with figures.recorded():
                is_async = inspect.iscoroutinefunction(_plain(self.function))
                value = call() if is_async else await beside(lambda: _called(call, figures))
                if inspect.isawaitable(value):
                    value = await value
                return await beside(lambda: content_of(value if value is not None else figures.left() or None))
        finally:
            figures.close()


def _called(call: Callable[[], Any], figures: Figures) -> Any:
    with figures.maybe_late():
        return call()


def parsed(arguments: str) -> dict[str, Any]:
    """The JSON object that a model wrote as arguments; nothing, and `null`, stand for none. Raises ArgumentsError."""
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
    """What has the annotations and the docstring."""
    if isinstance(function, functools.partial):
        return _plain(function.func)
    if inspect.isroutine(function):
        return inspect.unwrap(function)
    return function.__init__ if inspect.isclass(function) else type(function).__call__


def _only_by_place(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [each.name for each in parameters if each.kind is Parameter.POSITIONAL_ONLY]


def _adapter(function: Callable[..., Any], plain: Any, docs: dict[str, str], name: str) -> TypeAdapter[dict[str, Any]]:
    """Pydantic's validator of the function's arguments: of a stand-in that only hands them over."""
    try:
        from pydantic import TypeAdapter  # noqa: PLC0415 it takes time, and only tools need it
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
        return TypeAdapter(stand_in)  # type: ignore[arg-type] # it takes functions, too
    except (PydanticUserError, NameError, TypeError, ValueError) as error:
        reason = str(error).partition("\n")[0].partition(". Set `")[0]
        message = f"a model cannot call {name}: {reason}"
        raise SettingsError(message) from error


def _takes_rest(parameter: Parameter) -> bool:
    """Whether it is `*args`: a model gives arguments by name."""
    return parameter.kind is Parameter.VAR_POSITIONAL


def _by_name(parameter: Parameter, hints: dict[str, Any], docs: dict[str, str]) -> Parameter:
    """The parameter as one given by name, its type carrying what is said of it."""
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

    # A default that JSON cannot hold is the function's own business.
    quiet = {"ignored_warning_kinds": {"skipped-choice", "non-serializable-default"}}
    return type("Schema", (GenerateJsonSchema,), quiet)


def _untitled(schema: Any) -> Any:
    """`schema` without the titles that pydantic makes of names: a model reads the names."""
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
