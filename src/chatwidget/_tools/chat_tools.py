"""The tools of one chat: its toolbox, their titles, and the MCP servers that provide some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .. import _tools
from .._errors import SettingsError
from .._runtime.runner import Runner

if TYPE_CHECKING:
    from .mcp import Servers
    from .tool import Approve, Tool
    from .toolbox import Toolbox


class ChatTools:
    """The tools that the model of a chat may call.

    Args:
        runner: The runner of the chat.
        tools: The tools to begin with: functions, tool dicts and MCP servers.
        approve: Whether the user must approve tools that do not say so themselves.
        redact: Removes keys from error messages.
        on_change: Called with the tools that may be called, if they have changed.

    Raises:
        SettingsError: If a tool cannot be used.
        MissingPackageError: If pydantic or mcp is needed and not installed.
        CannotWaitError: If MCP servers must be connected where waiting is not possible.

    """

    def __init__(
        self,
        runner: Runner,
        tools: Iterable[object] = (),
        *,
        approve: Approve = False,
        redact: Callable[[str], str],
        on_change: Callable[[Toolbox], None],
    ) -> None:
        if not (isinstance(approve, bool) or callable(approve)):
            message = f"approve must be True, False or a function of a tool's name and arguments, not {approve!r}"
            raise SettingsError(message)
        self.current: Toolbox | None = None
        """The tools that may be called now."""
        self.titles: dict[str, str] = {}
        """Titles of all tools so far. The calls of a question's own tools are displayed long after it was answered."""
        self._runner = runner
        self._approve = approve
        self._redact = redact
        self._on_change = on_change
        self._mcp_servers: Servers | None = None
        if tools:
            self.current = self.make_toolbox(tools)

    @property
    def in_use(self) -> list[object]:
        """The tools that may be called now, as they were given."""
        return [] if self.current is None else self.current.tools

    def make_toolbox(self, tools: Iterable[object]) -> Toolbox:
        """Make a toolbox of tools. Connects MCP servers and waits for them.

        Args:
            tools: Functions, tool dicts and MCP servers.

        Returns:
            The toolbox. The chat does not use it yet.

        Raises:
            SettingsError: If a tool cannot be used.
            MissingPackageError: If pydantic or mcp is needed and not installed.
            CannotWaitError: If MCP servers must be connected where waiting is not possible.

        """
        self._runner.load_package("pydantic")
        if isinstance(tools, Iterable) and not isinstance(tools, str | bytes | Mapping):
            tools = list(tools)
            if any(map(_tools.mcp.is_server, tools)):
                self._mcp_servers = self._mcp_servers or _tools.mcp.Servers(self._runner)
                tools = self._mcp_servers.with_tools(tools)
        try:
            toolbox = _tools.toolbox.Toolbox(tools, approve=self._approve, runner=self._runner, redact=self._redact)
        except Exception:
            self._disconnect_all_but(self.in_use)
            raise
        self._take_titles(toolbox)
        return toolbox

    def use(self, toolbox: Toolbox) -> None:
        """Let the model call these tools only, from now on. MCP servers that are not among them are disconnected.

        Args:
            toolbox: The tools.

        """
        self.current = toolbox
        self._disconnect_all_but(toolbox.tools)
        self._on_change(toolbox)

    def add(self, function: Callable[..., Any], **options: Any) -> None:
        """Let the model call another function. Callable from any thread.

        Args:
            function: The function. It replaces a tool of the same name.
            **options: Options of `Tool`.

        Raises:
            SettingsError: If a model could not call the function.
            MissingPackageError: If pydantic is not installed.

        """
        self._runner.load_package("pydantic")
        tool = _tools.tool.Tool(function, **options)
        self._runner.call(lambda: self._put(tool))

    def close(self) -> None:
        """Disconnect all MCP servers, without waiting for it."""
        self._disconnect_all_but(())

    def _put(self, tool: Tool) -> None:
        toolbox = self.current or self.make_toolbox(())
        toolbox.put(tool)
        self._take_titles(toolbox)
        self.use(toolbox)

    def _take_titles(self, toolbox: Toolbox) -> None:
        others = {name: title for name, title in self.titles.items() if name not in toolbox.names}
        self.titles = {**others, **toolbox.titles}

    def _disconnect_all_but(self, tools: Iterable[object]) -> None:
        if self._mcp_servers is not None:
            self._mcp_servers.keep(tools)
