"""A model server for tests: real HTTP on a loopback port, scripted from Python.

Each request to ``/v1/chat/completions`` or ``/v1/responses`` takes the next queued reply, or an echo when none is
queued::

    server.reply("Hel", "lo", gate=gate)
    server.reply_error(429, headers={"retry-after": "1"})
    server.wait_for_request().json["messages"]

What OpenAI would refuse is refused, by the model's name.

Waiting blocks the calling thread: a coroutine does it in ``asyncio.to_thread``.
"""

from tests.server._gate import Gate
from tests.server._log import Received
from tests.server._replies import Reply, completion, error, raw
from tests.server._server import ModelServer

__all__ = ["Gate", "ModelServer", "Received", "Reply", "completion", "error", "raw"]
