"""The parameters of a function that a model may call, as read by pydantic. The only module of tools that imports it."""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Callable
from inspect import Parameter
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema

from .._errors import SettingsError
from .arguments import ArgumentsError, shortened_json

_MAX_FAULTS: Final = 10

# A default that JSON cannot represent is the function's own business.
_QUIET: Final = {"ignored_warning_kinds": {"skipped-choice", "non-serializable-default"}}
_Schema: Final[Any] = type("Schema", (GenerateJsonSchema,), _QUIET)


class Parameters:
    """The parameters of a function.

    Args:
        function: The function.
        plain: The function or method that carries the annotations.
        descriptions: The descriptions of parameters, by their names.
        name: The name of the tool, for errors.

    Raises:
        SettingsError: A model could not call this function.

    """

    def __init__(self, function: Callable[..., Any], plain: Any, descriptions: dict[str, str], name: str) -> None:
        self._adapter = _adapter(function, plain, descriptions, name)

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema for models."""
        schema = self._adapter.json_schema(schema_generator=_Schema)
        return typing.cast("dict[str, Any]", _untitled(schema))

    def validated(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Validate arguments and convert them to the types of the parameters.

        Args:
            arguments: The arguments that a model wrote.

        Raises:
            ArgumentsError: They do not fit the function.

        """
        try:
            return self._adapter.validate_json(json.dumps(arguments))
        except ValidationError as error:
            faults = [_fault(detail) for detail in error.errors(include_url=False, include_context=False)]
            more = [f"and {len(faults) - _MAX_FAULTS} more"] if len(faults) > _MAX_FAULTS else []
            raise ArgumentsError("; ".join(faults[:_MAX_FAULTS] + more)) from None


def _adapter(function: Callable[..., Any], plain: Any, docs: dict[str, str], name: str) -> TypeAdapter[dict[str, Any]]:
    """Return pydantic's validator of the arguments, built for a stand-in that only returns them."""

    def stand_in(**arguments: Any) -> dict[str, Any]:
        return arguments

    try:
        signature = inspect.signature(function)
        hints = typing.get_type_hints(plain, include_extras=True)
        parameters = [
            _by_name(parameter, hints, docs)
            for parameter in signature.parameters.values()
            if not _takes_rest(parameter)
        ]
        stand_in.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        stand_in.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
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
    hint = hints.get(parameter.name, Any)
    notes = [note for note in getattr(hint, "__metadata__", ()) if isinstance(note, str)]
    about = docs.get(parameter.name) or (notes[0] if notes else None)
    is_rest = parameter.kind is Parameter.VAR_KEYWORD
    kind = parameter.kind if is_rest else Parameter.KEYWORD_ONLY
    annotation = Annotated[hint, Field(description=about)] if about and not is_rest else hint
    return parameter.replace(kind=kind, annotation=annotation)


def _untitled(schema: Any) -> Any:
    """Return `schema` without the titles that pydantic derives from names, since a model reads the names."""
    if isinstance(schema, list):
        return [_untitled(item) for item in schema]
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
    problem = str(detail["msg"]).partition(", unable to")[0].removeprefix("Input ")
    return f"{where}: {problem}, not {shortened_json(detail['input'])}"
