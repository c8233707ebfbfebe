"""The server itself: uvicorn on a thread, and the switches tests turn."""

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, Unpack

import uvicorn

from tests.server._app import MODELS, App, Models, Protocol
from tests.server._gate import Gate
from tests.server._log import ANTHROPICS_PATH, CHAT_PATH, GOOGLES_PATH, RESPONSES_PATH, TIMEOUT, Received, RequestLog
from tests.server._replies import Delta, Pace, Reply, completion, echo, error, raw

_ANSWERING = (CHAT_PATH, RESPONSES_PATH, ANTHROPICS_PATH, GOOGLES_PATH)

Handler = Callable[[Received], Reply]


class ModelServer:
    """An OpenAI-compatible server on a loopback port, used as a context manager."""

    def __init__(self, port: int = 0, handler: Handler = echo) -> None:
        self._default_handler = self.handler = handler
        self._replies: deque[Handler] = deque()
        self._log = RequestLog()
        self._app = App(self._log, self._next_reply)
        self._socket = _listening_socket(port)
        self._loop = asyncio.new_event_loop()
        config = uvicorn.Config(
            self._app, http=Protocol, lifespan="off", log_config=None, log_level="critical", access_log=False
        )
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="model-server", daemon=True)

    @property
    def url(self) -> str:
        """The server's origin."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    @property
    def base_url(self) -> str:
        """What a client takes as ``base_url``."""
        return f"{self.url}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._wait_until_started())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._disconnect())
        self._uvicorn.should_exit = True
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._uvicorn.serve(sockets=[self._socket]))

    def _call(self, task: Coroutine[Any, Any, None]) -> None:
        """Run on the server's thread."""
        asyncio.run_coroutine_threadsafe(task, self._loop).result(TIMEOUT)

    async def _wait_until_started(self) -> None:
        while not self._uvicorn.started:  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0)

    def reset(self) -> None:
        """Forget everything scripted and recorded, and move to another port.

        Whoever is broken off may try again, and is not to come in between later requests.
        """
        self._call(self._move())
        self._replies.clear()
        self.handler = self._default_handler
        self._app.allow()
        self._app.models = MODELS
        self._log.clear()

    async def _move(self) -> None:
        self._uvicorn.servers.pop().close()
        await self._disconnect()
        self._socket = _listening_socket()
        await self._uvicorn.startup(sockets=[self._socket])

    async def _disconnect(self) -> None:
        for connection in self._uvicorn.server_state.connections:
            connection.transport.abort()

    def reply(self, *deltas: Delta, finish_reason: str | None = "stop", **pace: Unpack[Pace]) -> None:
        """Queue a model's answer: text or raw deltas, each its own event.

        A gate holds back each of them, and the end.
        """
        self._replies.append(lambda request: completion(request, deltas, finish_reason=finish_reason, **pace))

    def reply_raw(
        self,
        body: bytes,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        chunk_sizes: int | Sequence[int] | None = None,
        **pace: Unpack[Pace],
    ) -> None:
        """Queue a body byte for byte, an event stream unless ``headers`` say otherwise."""
        self.reply_with(raw(body, status=status, headers=headers, chunk_sizes=chunk_sizes, **pace))

    def reply_error(self, status: int, message: str = "", headers: Mapping[str, str] | None = None) -> None:
        """Queue an error as OpenAI reports it."""
        self.reply_with(error(status, message, headers))

    def reply_nothing(self) -> None:
        """Queue a connection that is closed before any answer."""
        self.reply_with(Reply(headers=None))

    def reply_with(self, reply: Reply) -> None:
        """Queue any reply."""
        self._replies.append(lambda _request: reply)

    def list_models(self, body: bytes, status: int = 200, media_type: str = "application/json") -> None:
        """Answer this where the models are listed."""
        self._app.models = Models(body, status, media_type)

    def _next_reply(self, request: Received) -> Reply:
        script = self._replies.popleft() if self._replies else self.handler
        return script(request)

    def gate(self) -> Gate:
        """A closed gate for replies of this server."""
        return Gate(self._loop)

    def allow(
        self,
        origins: Sequence[str] = ("*",),
        headers: Sequence[str] = ("authorization", "content-type"),
        exposed: Sequence[str] = (),
    ) -> None:
        """Set the CORS allow-lists. No origins: a server that knows nothing of CORS."""
        self._app.allow(origins, headers, exposed)

    @property
    def requests(self) -> list[Received]:
        """All requests but preflights."""
        return self._log.select(lambda request: request.method != "OPTIONS")

    @property
    def chats(self) -> list[Received]:
        """The requests for an answer."""
        return self._log.select(_is_chat)

    @property
    def preflights(self) -> list[Received]:
        """What browsers asked before they asked for an answer."""
        return self._log.select(lambda request: request.method == "OPTIONS" and request.path.endswith(_ANSWERING))

    def wait_for_request(self, count: int = 1, timeout: float = TIMEOUT) -> Received:
        """The ``count``-th request for an answer, once it is there."""
        return self._log.wait_for(_is_chat, count, timeout)

    def wait_for_finish(self, count: int = 1, timeout: float = TIMEOUT) -> Received:
        """The ``count``-th request for an answer whose response has ended, one way or another."""
        return self._log.wait_for(lambda request: _is_chat(request) and request.finished_at, count, timeout)

    def wait_for_disconnect(self, count: int = 1, timeout: float = TIMEOUT) -> Received:
        """The ``count``-th request whose client left before the response was complete."""
        return self._log.wait_for(lambda request: request.disconnected_at, count, timeout)


def _listening_socket(port: int = 0) -> socket.socket:
    listening = socket.create_server(("127.0.0.1", port))
    # asyncio does so only for sockets it made itself; else back-to-back requests wait 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _is_chat(request: Received) -> bool:
    return request.method == "POST" and request.path.endswith(_ANSWERING)
