"""The tools of a chat or of one question."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .._conversation.messages import ToolCall
from .._conversation.normalize import plain_json
from .._errors import SettingsError
from .._runtime.runner import Runner
from .._text import error_summary
from .arguments import ArgumentsError, parsed
from .mcp import ServerTool
from .results import Result, shortened
from .tool import Approve, Tool

UNKNOWN_TOOL: Final = "unknown_tool"
_MAX_ERROR: Final = 2_000
"""Characters."""


class Toolbox:
    """The tools a model may call: functions, tools of MCP servers, and OpenAI tool dicts.

    OpenAI tool dicts are sent to the model, and their calls are passed on to the caller.

    Args:
        tools: The tools.
        approve: When to ask the user; applies to functions without a setting of their own.
        runner: The runner of the chat.
        redact: Removes keys from error messages.

    Raises:
        SettingsError: A tool cannot be used, or two have the same name.
        MissingPackageError: pydantic is needed and not installed.

    """

    def __init__(
        self, tools: Iterable[object], *, approve: Approve = False, runner: Runner, redact: Callable[[str], str]
    ) -> None:
        self._tools: dict[str, Tool | ServerTool] = {}
        self._passed_on: dict[str, dict[str, Any]] = {}
        self._approve = approve
        self._runner = runner
        self._redact = redact
        if isinstance(tools, str | bytes | Mapping) or not isinstance(tools, Iterable):
            message = (
                f"tools must be a list of functions, OpenAI tool dicts and MCP servers, not {type(tools).__name__}"
            )
            raise SettingsError(message)
        for tool in tools:
            self._add(tool)

    @property
    def definitions(self) -> list[dict[str, Any]]:
        """The definitions of all tools, as the API expects them."""
        return [*(tool.definition for tool in self._tools.values()), *self._passed_on.values()]

    @property
    def tools(self) -> list[object]:
        """The tools as they were given."""
        return [*self._tools.values(), *self._passed_on.values()]

    @property
    def names(self) -> list[str]:
        """The names of the tools that run here."""
        return list(self._tools)

    @property
    def titles(self) -> dict[str, str]:
        """The titles of the tools that have one, by name."""
        return {name: tool.title for name, tool in self._tools.items() if tool.title is not None}

    @property
    def runs(self) -> bool:
        """True if there are tools that run here."""
        return bool(self._tools)

    def passes_on(self, name: str) -> bool:
        """Return True if calls of this tool are passed on to the caller.

        Args:
            name: The name of the tool.

        """
        return name in self._passed_on and name not in self._tools

    def put(self, tool: Tool) -> None:
        """Add a tool, replacing one of the same name, as happens when a cell is run again.

        Args:
            tool: The tool.

        """
        self._tools[tool.name] = tool

    def params(self, params: Mapping[str, Any], *, is_first: bool) -> dict[str, Any]:
        """Return request parameters with the tools added.

        Args:
            params: The parameters of the question.
            is_first: True for the first request of a turn. A forced `tool_choice` is dropped from later ones.

        """
        added = {**params, "tools": [*self.definitions, *(params.get("tools") or ())]}
        if not added["tools"]:
            del added["tools"]
        if not is_first and params.get("tool_choice") not in {None, "auto", "none"}:
            del added["tool_choice"]
        return added

    def prepare(self, call: ToolCall) -> Ready | Result:
        """Validate the arguments of a call.

        Args:
            call: The call.

        Returns:
            The call, ready to run, or a result that tells the model why it cannot run.

        """
        tool = self._tools.get(call.name)
        if tool is None:
            names = ", ".join(self.names)
            text = f"There is no tool {call.name!r}. The tools are: {names}. Nothing was run."
            return Result(text, failed=True, code=UNKNOWN_TOOL)
        try:
            written, arguments = parsed(call.arguments), tool.validated(call.arguments)
        except ArgumentsError as error:
            text = f"Wrong arguments for {tool.name}: {error}. Nothing was run."
        except (Exception, SystemExit) as error:  # noqa: BLE001 a type may bring its own validation
            text = f"Wrong arguments for {tool.name}: {error_text(error, self._redact)}. Nothing was run."
        else:
            approve = self._approve if tool.approve is None else tool.approve
            return Ready(tool, written, arguments, approve, self._runner, self._redact)
        return Result(text, failed=True)

    def _add(self, item: object) -> None:
        if isinstance(item, Mapping):
            name, definition = _definition(item)
        elif isinstance(item, Tool | ServerTool) or callable(item):
            tool = item if isinstance(item, Tool | ServerTool) else Tool(item)
            name, definition = tool.name, None
        else:
            message = f"a tool must be a function, an OpenAI tool dict or an MCP server, not {type(item).__name__}"
            raise SettingsError(message)
        if name in self._tools or name in self._passed_on:
            message = f"there are two tools named {name}"
            raise SettingsError(message)
        if definition is None:
            self._tools[name] = tool
        else:
            self._passed_on[name] = definition


@dataclass(frozen=True, slots=True)
class Ready:
    """A call that is ready to run."""

    tool: Tool | ServerTool
    written: dict[str, Any]
    """The arguments as the model wrote them."""
    arguments: dict[str, Any]
    """The arguments, validated and converted."""
    approve: Approve
    runner: Runner
    redact: Callable[[str], str]
    """Removes keys from error messages."""

    async def asks(self) -> bool:
        """Return True if the user must be asked first.

        Raises:
            Exception: Any error of the user's function that decides it.

        """
        approve = self.approve
        if not callable(approve):
            return bool(approve)
        answer = await self.runner.run_in_thread(lambda: approve(self.tool.name, self.written))
        return bool(await answer if inspect.isawaitable(answer) else answer)

    async def run(self) -> Result:
        """Run the call.

        Returns:
            The result, which describes the error if the tool failed.

        """
        try:
            value = await self.tool.call(self.arguments, self.runner)
            return value if isinstance(value, Result) else Result(value)
        except (Exception, SystemExit) as error:  # noqa: BLE001 a tool may be user code
            return Result(error_text(error, self.redact), failed=True, error=error)


def error_text(error: BaseException, redact: Callable[[str], str]) -> str:
    """Return the text of an error, shortened and without keys.

    Args:
        error: The error of a tool.
        redact: Removes keys from a text.

    """
    return shortened(redact(error_summary(error)), _MAX_ERROR)


def _definition(tool: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    definition = plain_json(dict(tool), "a tool")
    kind = definition.get("type")
    if not isinstance(kind, str):
        message = 'a tool dict must look like {"type": "function", "function": {"name": ...}}'
        raise SettingsError(message)
    inner = definition.get(kind)
    name = inner.get("name") if isinstance(inner, dict) else definition.get("name")
    return str(name or kind), definition
