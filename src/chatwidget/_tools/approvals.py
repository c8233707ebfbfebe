"""Tool calls that wait for a person's word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeAlias

Verdict: TypeAlias = tuple[str, str]
"""`once`, `always` or `refuse`, and the reason that was given."""

ALWAYS: Final = "always"

_STOPPED: Final[Verdict] = ("refuse", "The answer was stopped.")


class Approvals:
    """The calls that wait. `on_change` is called when `waiting` has changed."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._asked: dict[str, list[asyncio.Future[Verdict]]] = {}
        self._about: dict[str, object] = {}
        """What each call is of."""
        self._allowed: list[object] = []
        """What a person always allows."""

    @property
    def waiting(self) -> list[str]:
        """The ids of the calls that wait, in the order they asked."""
        return list(self._asked)

    async def ask(self, call_id: str, tool: object = None) -> Verdict:
        """Wait for the verdict on call `call_id` of `tool`; not where a person always allows that."""
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
        """Give the verdict; nothing where no such call waits. `always` holds for all calls of its tool."""
        tool = self._about.get(call_id)
        if verdict[0] == ALWAYS and tool is not None:
            self._allowed.append(tool)
            for other in [each for each in self._asked if self._about[each] == tool]:
                self._settle(other, verdict)
        self._settle(call_id, verdict)
        self._on_change()

    def refuse_all(self) -> None:
        """Refuse what waits, without a word: the answer that asked for it is being ended."""
        for call_id in self.waiting:
            self._settle(call_id, _STOPPED)

    def _settle(self, call_id: str, verdict: Verdict) -> None:
        self._about.pop(call_id, None)
        for waiting in self._asked.pop(call_id, ()):
            if not waiting.done():
                waiting.set_result(verdict)

    def _forget(self, call_id: str, verdict: asyncio.Future[Verdict]) -> None:
        """Take out one that was left without an answer."""
        asked = self._asked.get(call_id, [])
        if verdict in asked:
            asked.remove(verdict)
            if not asked:
                del self._asked[call_id]
                self._about.pop(call_id, None)
            self._on_change()
