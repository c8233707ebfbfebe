"""A server as its authors write them, run by the tests as a process of its own: `python mcp_server.py`."""

from __future__ import annotations

import asyncio
import base64
import os
import sys

from mcp.server.mcpserver import Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import AudioContent, CallToolResult, ResourceLink, TextContent, ToolAnnotations

server = MCPServer("tests")


@server.tool(title="Add *two* numbers", annotations=ToolAnnotations(title="not this"))
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@server.tool(name="files.read", annotations=ToolAnnotations(title="Read"), structured_output=False)
def read(path: str) -> list[object]:
    """Read a file."""
    return [f"what is in {path}", Image(data=b"\x89PNG\r\n\x1a\n pixel", format="png")]


@server.tool()
def report() -> CallToolResult:
    """All kinds of content."""
    data = base64.b64encode(b"la").decode()
    link = ResourceLink(type="resource_link", name="log", uri="file:///log")
    content = [TextContent(text="text"), AudioContent(data=data, mime_type="audio/wav"), link]
    return CallToolResult(content=content)


@server.tool()
def only_data() -> CallToolResult:
    """Structured data alone."""
    return CallToolResult(content=[], structured_content={"a": [1, 2]})


@server.tool()
def fail() -> str:
    """Fails."""
    message = "the disk is full"
    raise ToolError(message)


@server.tool()
async def hang() -> str:
    """Never answers."""
    await asyncio.Event().wait()
    return ""


@server.tool()
def die() -> str:
    """Ends the server."""
    print("out of memory", file=sys.stderr, flush=True)
    os._exit(3)


@server.tool()
def pid() -> int:
    """The number of the process."""
    return os.getpid()


if __name__ == "__main__":
    server.run()
