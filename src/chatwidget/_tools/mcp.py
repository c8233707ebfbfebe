"""Tools of MCP servers, through the official SDK: native only.

A server is connected while a chat has its tools; its process, where it has one, ends with that. The only module that
imports `mcp`.
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
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import suppress
from pathlib import PurePath
from typing import IO, Any, Final, Protocol
from urllib.parse import urlsplit

from .._content.file_contents import media_type, text_in
from .._errors import MissingPackageError, SettingsError
from .results import MAX_IMAGE, Content, Result, shortened
from .tool import Approve, Beside, parsed

_PATIENCE: Final = 30.0
"""Seconds for a server to start and tell its tools."""
_CALL_PATIENCE: Final = 120.0
"""Seconds for a call, where the user's own client does not say otherwise."""
_MAX_PAGES: Final = 100
_MAX_TITLE: Final = 100
_MAX_LOG: Final = 500
"""Characters of what a server that failed had said last."""


class Loop(Protocol):
    """What is used of the runner."""

    def submit(self, coroutine: Coroutine[Any, Any, None]) -> object:
        """Start it."""
        ...

    def call(self, function: Callable[[], None]) -> None:
        """Run it where coroutines run."""
        ...

    def wait(self, future: concurrent.futures.Future[Any], instead: str) -> Any:
        """Block until it is done."""
        ...


def is_server(value: object) -> bool:
    """Whether `value` names or is an MCP server, told without importing the SDK."""
    if isinstance(value, str):
        return value.startswith(("http://", "https://"))
    return any(base.__module__.partition(".")[0] == "mcp" for base in type(value).__mro__)


class Servers:
    """The servers that a chat has connected."""

    def __init__(self, runner: Loop) -> None:
        self._runner = runner
        self._connected: list[Server] = []

    def with_tools(self, tools: Iterable[object]) -> list[object]:
        """`tools`, each server replaced by its own. Raises SettingsError, MissingPackageError."""
        return [each for tool in tools for each in (self._tools_of(tool) if is_server(tool) else [tool])]

    def keep(self, tools: Iterable[object]) -> None:
        """Leave the servers that none of `tools` is of."""
        kept = [tool.server for tool in tools if isinstance(tool, ServerTool)]
        for server in [each for each in self._connected if each not in kept]:
            self._connected.remove(server)
            server.close()

    def _tools_of(self, given: Any) -> list[ServerTool]:
        for server in self._connected:
            is_same = server.given is given or (isinstance(given, str) and server.given == given)
            if is_same and not server.is_elsewhere:
                return server.tools
        server = Server(given, self._runner)
        self._connected.append(server)
        return server.tools


class Server:
    """One server, connected from when it is made until it is closed. Raises SettingsError where it cannot be."""

    def __init__(self, given: Any, runner: Loop) -> None:
        self.given = given
        self.name = _name_of(given)
        self._process = os.getpid()
        self._runner = runner
        self._log: IO[str] | None = None
        self.client = self._client_of(given)
        self._closing = asyncio.Event()
        self.ended: concurrent.futures.Future[None] = concurrent.futures.Future()
        told: concurrent.futures.Future[list[ServerTool]] = concurrent.futures.Future()
        runner.submit(self._live(told))
        try:
            self.tools: list[ServerTool] = runner.wait(told, "tools=... of a chat, in a cell")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Leave it. What it has begun is not waited for."""
        self._runner.call(self._closing.set)

    @property
    def is_elsewhere(self) -> bool:
        """Whether the process that connected it is another one, which this one was forked from."""
        return self._process != os.getpid()

    def failure(self, error: BaseException) -> str:
        """What went wrong, in a sentence."""
        causes = list(_leaves(error))
        said = "; ".join(dict.fromkeys(" ".join(str(each).split()) or type(each).__name__ for each in causes))
        if any(isinstance(each, TimeoutError) for each in causes):
            said = "it does not answer in time"
        return f"{said}{self._last_words()}"

    def _client_of(self, given: Any) -> Any:
        try:
            import mcp  # noqa: PLC0415 loaded where there is a server
            from mcp.server.lowlevel import Server as LowLevelServer  # noqa: PLC0415 as above
            from mcp.server.mcpserver import MCPServer  # noqa: PLC0415 as above
        except ImportError as error:
            message = (
                "MCP servers need the package mcp: run `%pip install 'chatwidget[mcp]'` in a cell, then this cell "
                "again. They cannot be had in JupyterLite."
            )
            raise MissingPackageError(message) from error
        if isinstance(given, mcp.Client):
            return given
        if isinstance(given, mcp.StdioServerParameters):
            # Where it says why it ends: a notebook's stderr is no file that a process could write to.
            self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 closed in _live
            return mcp.Client(mcp.stdio_client(given, errlog=self._log))
        if isinstance(given, str | MCPServer | LowLevelServer):
            return mcp.Client(given)
        message = (
            f"a {type(given).__name__} cannot be used here: give mcp.StdioServerParameters(...), the address of a "
            "server (https://...), or an mcp.Client(...) that is not entered yet"
        )
        raise SettingsError(message)

    async def _live(self, told: concurrent.futures.Future[list[ServerTool]]) -> None:
        """Enter, wait, leave: all in one task, as the SDK wants it."""
        try:
            async with asyncio.timeout(_PATIENCE) as patience, self.client:
                if self.client.server_info is not None:
                    self.name = " ".join(self.client.server_info.name.split())[:_MAX_TITLE]
                tools = [ServerTool(self, each) async for each in self._listed()]
                patience.reschedule(None)
                told.set_result(tools)
                await self._closing.wait()
        except BaseException as error:  # noqa: BLE001 groups of errors, and the timeout
            if not told.done():
                message = f"the MCP server {self.name} cannot be used: {self.failure(error)}"
                told.set_exception(SettingsError(message))
        finally:
            if self._log is not None:
                self._log.close()
            self.ended.set_result(None)

    async def _listed(self) -> Any:
        cursor = None
        for _ in range(_MAX_PAGES):
            page = await self.client.list_tools(cursor=cursor)
            for each in page.tools:
                yield each
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
    """A tool of a server, to be used as a `Tool`."""

    approve: Approve | None = None

    def __init__(self, server: Server, told: Any) -> None:
        self.server = server
        self._own_name = str(told.name)
        # MCP allows more than models' APIs do.
        self.name = re.sub(r"[^A-Za-z0-9_-]", "_", self._own_name)[:64] or "tool"
        title = told.title or (told.annotations.title if told.annotations is not None else None)
        self.title = _as_text(title) if title else None
        function: dict[str, Any] = {"name": self.name, "parameters": told.input_schema}
        if told.description:
            function["description"] = told.description
        self.definition: dict[str, Any] = {"type": "function", "function": function}

    def __repr__(self) -> str:
        return f"ServerTool({self.name}, of {self.server.name})"

    @property
    def function(self) -> object:
        """What a person allows."""
        return self

    def validated(self, arguments: str) -> dict[str, Any]:
        """The arguments as a model wrote them; the server checks them. Raises ArgumentsError where they are none."""
        return parsed(arguments)

    async def call(self, arguments: dict[str, Any], beside: Beside) -> Result:
        """What the server makes of them."""
        if self.server.is_elsewhere:
            said = "another process has connected it; make a new chat with it in this one"
            return Result(f"The MCP server {self.server.name} did not run {self._own_name}: {said}", failed=True)
        patience = None if self.server.client.read_timeout_seconds is not None else _CALL_PATIENCE
        try:
            result = await self.server.client.call_tool(self._own_name, arguments, read_timeout_seconds=patience)
        except Exception as error:  # noqa: BLE001 the SDK's, the connection's, and what becomes of both
            said = self.server.failure(error)
            return Result(f"The MCP server {self.server.name} did not run {self._own_name}: {said}", failed=True)
        return Result(await beside(lambda: _content(result)), failed=bool(result.is_error))


def _name_of(given: Any) -> str:
    """What a server is called until it has told its name: of commands and addresses what holds no key."""
    inner = getattr(given, "server", given)
    if isinstance(inner, str):
        return urlsplit(inner).netloc.rpartition("@")[2]
    return PurePath(str(getattr(inner, "command", type(inner).__name__))).name


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


def _as_text(title: str) -> str:
    """A title as Markdown that shows it as it is: it is the server's."""
    line = " ".join(title.split())[:_MAX_TITLE]
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", line)


def _content(result: Any) -> Content:
    """What a server gave: text, or parts where there are pictures. Structured data is mostly told as text, too."""
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
            yield _text(f"[{kind}: {getattr(block, 'mime_type', '')}, which is not shown]")


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
        return _text(f"[{kind} of {len(raw):,} bytes, which is not shown]")
    return {"type": "image_url", "image_url": {"url": f"data:{mime};base64,{data}"}}
