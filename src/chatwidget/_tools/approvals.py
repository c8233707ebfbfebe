"""Tool calls that wait for the user's approval."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeAlias

Verdict: TypeAlias = tuple[str, str]
"""`once`, `always` or `refuse`, and the reason given."""

ALWAYS: Final = "always"

_STOPPED: Final[Verdict] = ("refuse", "The answer was stopped.")


class Approvals:
    """The calls that wait for approval.

    Args:
        on_change: Called when `waiting` has changed.

    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._asked: dict[str, list[asyncio.Future[Verdict]]] = {}
        self._about: dict[str, object] = {}
        """The tool of each waiting call."""
        self._allowed: list[object] = []
        """The tools that the user always allows."""

    @property
    def waiting(self) -> list[str]:
        """The ids of the waiting calls, in the order they asked."""
        return list(self._asked)

    async def ask(self, call_id: str, tool: object = None) -> Verdict:
        """Wait for the verdict on a call.

        Args:
            call_id: The id of the call.
            tool: The tool, compared with those that the user always allows.

        Returns:
            The verdict, at once if the user always allows this tool.

        """
        if tool in self._allowed:
            return (ALWAYS, "")
        self._about[call_id] = tool
        verdict: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._asked.setdefault(call_id, []).append(verdict)
        self._on_change()
        try:
            return await verdict
        finally:
            self._forget(call_id, verdict)

    def answer(self, call_id: str, verdict: Verdict) -> None:
        """Give the verdict on a call. Does nothing if no such call is waiting.

        Args:
            call_id: The id of the call.
            verdict: The verdict; `always` applies to all calls of the same tool.

        """
        tool = self._about.get(call_id)
        if verdict[0] == ALWAYS and tool is not None:
            self._allowed.append(tool)
            for other in [asked_id for asked_id in self._asked if self._about[asked_id] == tool]:
                self._settle(other, verdict)
        self._settle(call_id, verdict)
        self._on_change()

    def refuse_all(self) -> None:
        """Refuse all waiting calls without a reason, because the turn that made them is ending."""
        for call_id in self.waiting:
            self._settle(call_id, _STOPPED)

    def forked(self) -> None:
        """Forget everything after a fork: the calls wait in the parent process."""
        self._asked, self._about, self._allowed = {}, {}, []

    def _settle(self, call_id: str, verdict: Verdict) -> None:
        self._about.pop(call_id, None)
        for waiting in self._asked.pop(call_id, ()):
            if not waiting.done():
                waiting.set_result(verdict)

    def _forget(self, call_id: str, verdict: asyncio.Future[Verdict]) -> None:
        """Remove a call that is no longer awaited."""
        asked = self._asked.get(call_id, [])
        if verdict in asked:
            asked.remove(verdict)
            if not asked:
                del self._asked[call_id]
                self._about.pop(call_id, None)
            self._on_change()
