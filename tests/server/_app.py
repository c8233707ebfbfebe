"""The ASGI side: records what comes in, answers with what was scripted, notices who leaves."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.server._log import ANTHROPICS_PATH, CHAT_PATH, GOOGLES_PATH, RESPONSES_PATH, Received, RequestLog
from tests.server._refusals import refusal
from tests.server._replies import Reply

MODELS_PATH = "/models"
"""Under any prefix, too."""


class Protocol(H11Protocol):
    """Hands the application its transport: ASGI has no way to close a connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.app_state = self.app_state | {"transport": transport}


@dataclass(frozen=True)
class Models:
    """What is said where the models are listed."""

    body: bytes
    status: int = 200
    media_type: str = "application/json"


MODELS = Models(b'{"object": "list", "data": [{"id": "test-model", "object": "model", "created": 0}]}')


class App:
    """The application. ``next_reply`` is asked once for each chat request that OpenAI would not refuse."""

    def __init__(self, log: RequestLog, next_reply: Callable[[Received], Reply]) -> None:
        self.log = log
        self._next_reply = next_reply
        self.models = MODELS
        self._router = Starlette(
            routes=[
                Route("/{prefix:path}" + CHAT_PATH, self._chat, methods=["POST"]),
                Route("/{prefix:path}" + RESPONSES_PATH, self._chat, methods=["POST"]),
                Route(ANTHROPICS_PATH, self._chat, methods=["POST"]),
                Route("/{prefix:path}" + GOOGLES_PATH, self._chat, methods=["POST"]),
                Route("/{prefix:path}" + MODELS_PATH, self._models, methods=["GET"]),
            ],
        )
        self.allow()

    def allow(
        self,
        origins: Sequence[str] = ("*",),
        headers: Sequence[str] = ("authorization", "content-type"),
        exposed: Sequence[str] = (),
    ) -> None:
        """Set the CORS allow-lists. No origins: a server that knows nothing of CORS."""
        self._cors = CORSMiddleware(
            self._router,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=headers,
            expose_headers=exposed,
            # Else the browser remembers a preflight and a test does not see its own.
            max_age=0,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        query = scope["query_string"].decode()
        body = await request.body()
        received = Received(request.method, scope["path"], dict(request.headers), body, scope["client"], query)
        scope["state"]["received"] = received
        self.log.add(received)
        try:
            await self._cors(scope, receive, send)
        finally:
            self.log.finish(received)

    async def _models(self, _request: Request) -> Response:
        return Response(self.models.body, self.models.status, media_type=self.models.media_type)

    async def _chat(self, request: Request) -> Response:
        received = request.state.received
        # A refusal leaves the script alone: it is for the request that is right.
        return _Scripted(refusal(received) or self._next_reply(received), self.log)


class _Scripted(Response):
    """Sends a reply until it ends, is dropped, or nobody listens any more."""

    def __init__(self, reply: Reply, log: RequestLog) -> None:
        self._reply = reply.cut()
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received: Received = scope["state"]["received"]
        writer = asyncio.create_task(self._write(scope, send, received))
        watcher = asyncio.create_task(_disconnected(receive))
        done, _ = await asyncio.wait({writer, watcher}, return_when=asyncio.FIRST_COMPLETED)
        watcher.cancel()
        if writer in done:
            await writer
        else:
            writer.cancel()
            self._log.disconnect(received)

    async def _write(self, scope: Scope, send: Send, received: Received) -> None:
        reply = self._reply
        if reply.headers is None:
            scope["state"]["transport"].close()
            return
        if reply.mute:
            await asyncio.Event().wait()
        headers = [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        for number, part in enumerate(reply.parts):
            if number and reply.delay:
                await asyncio.sleep(reply.delay)
            if reply.gate:
                await reply.gate.wait()
            await send({"type": "http.response.body", "body": part, "more_body": True})
            received.bytes_sent += len(part)
        if reply.drop_after is None:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
