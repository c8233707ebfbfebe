"""Letting a reply go on piece by piece, so that tests wait for conditions and never for time."""

import asyncio


class Gate:
    """Holds replies back: each ticket lets one part through. Released from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tickets = asyncio.Semaphore(0)
        self._open = False

    def release(self, count: int = 1) -> None:
        """Let ``count`` more parts through."""
        for _ in range(count):
            self._loop.call_soon_threadsafe(self._tickets.release)

    def open(self) -> None:
        """Let everything through from now on."""
        self._open = True
        self.release()

    async def wait(self) -> None:
        """Take a ticket, on the server's loop."""
        await self._tickets.acquire()
        if self._open:
            self._tickets.release()
