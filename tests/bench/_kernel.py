"""A fresh kernel of this environment, as a notebook starts one."""

import ast
from types import TracebackType
from typing import Any, Self

from jupyter_client.manager import start_new_kernel

TIMEOUT = 60


class Kernel:
    """A kernel, and how much it puts on iopub, where all that a page hears comes from."""

    def __enter__(self) -> Self:
        self._manager, self._client = start_new_kernel(kernel_name="python3", extra_arguments=["--log-level=ERROR"])
        self._iopub = self._manager.connect_iopub()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._iopub.close()
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def run(self, code: str, value: str = "None") -> Any:
        """Run a cell; afterwards the value of an expression in it, which is to be a literal."""
        reply = self._client.execute(code, user_expressions={"value": value}, reply=True, timeout=TIMEOUT)["content"]
        outcome = reply["user_expressions"]["value"] if reply["status"] == "ok" else reply
        if outcome["status"] != "ok":
            message = "\n".join(outcome["traceback"])
            raise RuntimeError(message)
        return ast.literal_eval(outcome["data"]["text/plain"])

    def published(self) -> tuple[str, Any, int]:
        """The next message on iopub: its type, its content, and its size with all of its envelope."""
        if not self._iopub.poll(TIMEOUT * 1000):
            message = f"The kernel published nothing for {TIMEOUT} s"
            raise TimeoutError(message)
        frames = self._iopub.recv_multipart()
        _, parts = self._client.session.feed_identities(frames)
        message = self._client.session.deserialize(parts)
        return message["msg_type"], message["content"], sum(map(len, frames))
