"""Tools of MCP servers, through the official SDK. Not available in the browser.

A server is connected while a chat has its tools; its process, if it has one, ends with that. No other module imports
`mcp`.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import concurrent.futures
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import PurePath
from typing import IO, Any, Final
from urllib.parse import urlsplit

from .._content.file_contents import media_type, text_in
from .._errors import MissingPackageError, SettingsError
from .._runtime.runner import Runner
from .arguments import parsed
from .results import MAX_IMAGE, Content, Result, shortened
from .tool import Approve

_PATIENCE: Final = 30.0
"""Seconds for a server to start and list its tools."""
_CALL_PATIENCE: Final = 120.0
"""Seconds for a call, unless the user's own client sets another timeout."""
_MAX_PAGES: Final = 100
_MAX_TITLE: Final = 100
_MAX_LOG: Final = 500
"""Characters shown of the last output of a server that failed."""


def is_server(value: object) -> bool:
    """Return True if `value` names or is an MCP server, without importing the SDK.

    Args:
        value: Any object given as a tool.

    """
    if isinstance(value, str):
        return value.startswith(("http://", "https://"))
    return any(base.__module__.partition(".")[0] == "mcp" for base in type(value).__mro__)


class Servers:
    """The MCP servers that a chat is connected to."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._connected: list[Server] = []

    def with_tools(self, tools: Iterable[object]) -> list[object]:
        """Replace each server by its tools, connecting it if necessary.

        Args:
            tools: Tools and servers.

        Raises:
            SettingsError: A server cannot be used.
            MissingPackageError: The MCP SDK is not installed.

        """
        return [usable for tool in tools for usable in (self._tools_of(tool) if is_server(tool) else [tool])]

    def keep(self, tools: Iterable[object]) -> None:
        """Disconnect the servers that provide none of `tools`.

        Args:
            tools: The tools still in use.

        """
        kept = [tool.server for tool in tools if isinstance(tool, ServerTool)]
        for server in [server for server in self._connected if server not in kept]:
            self._connected.remove(server)
            server.close()

    def _tools_of(self, source: Any) -> list[ServerTool]:
        for server in self._connected:
            is_same = server.source is source or (isinstance(source, str) and server.source == source)
            if is_same and not server.is_elsewhere:
                return server.tools
        server = Server(source, self._runner)
        self._connected.append(server)
        return server.tools


class Server:
    """One MCP server, connected on creation and until `close`.

    Raises:
        SettingsError: The server cannot be used.
        MissingPackageError: The MCP SDK is not installed.

    """

    def __init__(self, source: Any, runner: Runner) -> None:
        self.source = source
        self.name = _name_of(source)
        self._process = os.getpid()
        self._runner = runner
        self._log: IO[str] | None = None
        self._client = self._client_of(source)
        self._closing = asyncio.Event()
        self.ended: concurrent.futures.Future[None] = concurrent.futures.Future()
        future: concurrent.futures.Future[list[ServerTool]] = concurrent.futures.Future()
        runner.submit(self._live(future))
        try:
            self.tools: list[ServerTool] = runner.wait(future, "ChatWidget(tools=...) in a cell")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Disconnect without waiting for calls in progress."""
        self._runner.call(self._closing.set)

    async def call(self, tool: str, arguments: dict[str, Any]) -> Any:
        """Call a tool of the server.

        Args:
            tool: The name of the tool.
            arguments: The arguments.

        Returns:
            The result, as the SDK returns it.

        Raises:
            Exception: Any error of the SDK or of the connection.

        """
        patience = None if self._client.read_timeout_seconds is not None else _CALL_PATIENCE
        return await self._client.call_tool(tool, arguments, read_timeout_seconds=patience)

    @property
    def is_elsewhere(self) -> bool:
        """True if this process was forked from the one that connected the server."""
        return self._process != os.getpid()

    def failure(self, error: BaseException) -> str:
        """Describe an error in one sentence.

        Args:
            error: The error, which may be a group.

        """
        causes = list(_leaves(error))
        text = "; ".join(dict.fromkeys(" ".join(str(cause).split()) or type(cause).__name__ for cause in causes))
        if any(isinstance(cause, TimeoutError) for cause in causes):
            text = "it did not answer in time"
        return f"{text}{self._last_words()}"

    def _client_of(self, source: Any) -> Any:
        try:
            import mcp.server  # noqa: PLC0415 optional, and loaded if there is a server
        except ImportError as error:
            message = (
                "MCP servers need the package mcp: run `%pip install 'chatwidget[mcp]'` in a cell, then this cell "
                "again. They are not available in JupyterLite."
            )
            raise MissingPackageError(message) from error
        if isinstance(source, mcp.Client):
            return source
        if isinstance(source, mcp.StdioServerParameters):
            # Here a server says why it ends. The stderr of a notebook is not a file that a process could write to.
            self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 closed in _live
            return mcp.Client(mcp.stdio_client(source, errlog=self._log))
        if isinstance(source, str | mcp.server.MCPServer | mcp.server.Server):
            return mcp.Client(source)
        message = (
            f"a {type(source).__name__} is not an MCP server: use mcp.StdioServerParameters(...), the address of a "
            "server (https://...), or an mcp.Client(...) that has not been entered"
        )
        raise SettingsError(message)

    async def _live(self, future: concurrent.futures.Future[list[ServerTool]]) -> None:
        """Connect, wait, disconnect: all in one task, as the SDK requires."""
        try:
            async with asyncio.timeout(_PATIENCE) as patience, self._client:
                if self._client.server_info is not None:
                    self.name = " ".join(self._client.server_info.name.split())[:_MAX_TITLE]
                tools = [ServerTool(self, tool) async for tool in self._listed()]
                patience.reschedule(None)
                future.set_result(tools)
                await self._closing.wait()
        except BaseException as error:  # noqa: BLE001 groups of errors, and the timeout
            if not future.done():
                message = f"the MCP server {self.name} cannot be used: {self.failure(error)}"
                future.set_exception(SettingsError(message))
        finally:
            if self._log is not None:
                self._log.close()
            self.ended.set_result(None)

    async def _listed(self) -> Any:
        cursor = None
        for _ in range(_MAX_PAGES):
            page = await self._client.list_tools(cursor=cursor)
            for tool in page.tools:
                yield tool
            cursor = page.next_cursor
            if cursor is None:
                return

    def _last_words(self) -> str:
        if self._log is None or self._log.closed:
            return ""
        with suppress(OSError, ValueError):
            self._log.seek(0)
            lines = self._log.read()[-_MAX_LOG:].strip().splitlines()
            return f" (it said: {lines[-1].strip()})" if lines else ""
        return ""


class ServerTool:
    """A tool of a server, with the interface of `Tool`."""

    approve: Approve | None = None

    def __init__(self, server: Server, tool: Any) -> None:
        self.server = server
        self._own_name = str(tool.name)
        # MCP allows more characters than the APIs of models do.
        self.name = re.sub(r"[^A-Za-z0-9_-]", "_", self._own_name)[:64] or "tool"
        title = tool.title or (tool.annotations.title if tool.annotations is not None else None)
        self.title = _as_text(title) if title else None
        function: dict[str, Any] = {"name": self.name, "parameters": tool.input_schema}
        if tool.description:
            function["description"] = tool.description
        self.definition: dict[str, Any] = {"type": "function", "function": function}

    def __repr__(self) -> str:
        return f"ServerTool({self.name}, of {self.server.name})"

    @property
    def function(self) -> object:
        """The identity of the tool for approvals."""
        return self

    def validated(self, arguments: str) -> dict[str, Any]:
        """Parse the arguments that a model wrote. The server validates them.

        Args:
            arguments: JSON text.

        Raises:
            ArgumentsError: The text is not a JSON object.

        """
        return parsed(arguments)

    async def call(self, arguments: dict[str, Any], runner: Runner) -> Result:
        """Call the tool on the server and return its result.

        Args:
            arguments: The arguments.
            runner: Converts the result while the loop goes on.

        """
        if self.server.is_elsewhere:
            reason = "another process has connected to it; create a new chat with it in this process"
            return Result(f"The MCP server {self.server.name} failed to run {self._own_name}: {reason}", failed=True)
        try:
            result = await self.server.call(self._own_name, arguments)
        except Exception as error:  # noqa: BLE001 errors of the SDK and of the connection, in any wrapping
            reason = self.server.failure(error)
            return Result(f"The MCP server {self.server.name} failed to run {self._own_name}: {reason}", failed=True)
        return Result(await runner.run_in_thread(lambda: _content(result)), failed=bool(result.is_error))


def _name_of(source: Any) -> str:
    """Return a name for a server whose own is not known yet, without parts of its address that may hold keys."""
    inner = getattr(source, "server", source)
    if isinstance(inner, str):
        return urlsplit(inner).netloc.rpartition("@")[2]
    return PurePath(str(getattr(inner, "command", type(inner).__name__))).name


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _as_text(title: str) -> str:
    """Escape a title, which comes from the server, so that Markdown shows it literally."""
    line = " ".join(title.split())[:_MAX_TITLE]
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", line)


def _content(result: Any) -> Content:
    """Convert a result to text, or to parts if it has images. Structured data usually comes as text, too."""
    parts = [part for block in result.content for part in _parts(block)]
    if not parts and result.structured_content is not None:
        return shortened(json.dumps(result.structured_content, ensure_ascii=False))
    if any(part["type"] != "text" for part in parts):
        return parts
    return shortened("\n".join(part["text"] for part in parts)) or "Done; there is no result."


def _parts(block: Any) -> Iterator[dict[str, Any]]:
    match block.type:
        case "text":
            yield _text(block.text)
        case "image":
            yield _image(block.mime_type, block.data)
        case "resource" if hasattr(block.resource, "text"):
            yield _text(f"{block.resource.uri}:\n{block.resource.text}")
        case "resource":
            yield _image(block.resource.mime_type or "a file", block.resource.blob)
        case "resource_link":
            yield _text(f"[{block.name}: {block.uri}]")
        case kind:
            yield _text(f"[{kind}: {getattr(block, 'mime_type', '')}, not shown]")


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": shortened(text)}


def _image(kind: str, data: str) -> dict[str, Any]:
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return _text(f"[{kind}, damaged]")
    mime = media_type(raw)
    if mime is None and len(raw) <= MAX_IMAGE and (text := text_in(raw)):
        return _text(text)
    if mime is None or not mime.startswith("image/") or len(raw) > MAX_IMAGE:
        return _text(f"[{kind} of {len(raw):,} bytes, not shown]")
    return {"type": "image_url", "image_url": {"url": f"data:{mime};base64,{data}"}}
