"""The state of the views of a chat.

Everything here happens on the runner's loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from .. import _chat
from .._chat.chat import Chat
from .._connection.manager import LocalServers
from .._conversation.changes import Change, MessagesChanged
from .._turns.turn import Turn
from . import protocol
from .model_settings import shown_setup
from .publisher import Publisher


class ViewState:
    """The state that all views of a chat share.

    Args:
        chat: The chat.
        send: Sends a message to all views.
        look: Returns the developer's settings for the look of views.
        channel: The name of the widget's channel.

    """

    def __init__(
        self,
        chat: Chat,
        *,
        send: Callable[[dict[str, Any]], None],
        look: Callable[[], dict[str, Any]],
        channel: str,
    ) -> None:
        self._chat = chat
        self._send = send
        self._look = look
        self._channel = channel
        self._has_left = False
        self._publisher = Publisher(self.send)
        self._spent: tuple[object, dict[str, Any] | None] | None = None
        """The prices used, and the usage computed with them, until the conversation changes."""
        self._shown = self._state()

    def leave(self) -> None:
        """Stop sending to views."""
        self._has_left = True
        # A forked process has no loop on which the timer of the old one could end.
        self._publisher = Publisher(self.send)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message to all views.

        Args:
            message: The message.

        """
        if not self._has_left:
            self._send(message)

    def acknowledge(self, sender: str, number: int) -> None:
        """Tell a sender that its commands are done, after sending their results.

        Args:
            sender: The sender.
            number: The number of its last command that is done.

        """
        self._publisher.flush()
        self.send(protocol.ack(sender, number, self._publisher.rev))

    def resync(self, rev: int) -> None:
        """Send a snapshot to a view, unless it is up to date.

        Args:
            rev: The revision of the view.

        """
        if rev == self._publisher.rev:
            # Nothing is new, but the reply tells the view that the kernel is alive.
            self.send({"type": "patch", "rev": rev, "ops": []})
        else:
            self.send({"type": "snapshot", "snapshot": self.snapshot()})

    def changed(self, change: Change) -> None:
        """Send a change of the conversation to the views.

        Args:
            change: The change.

        """
        if isinstance(change, MessagesChanged):
            self._spent = None
        op = protocol.op_for(change, self._chat.conversation)
        if op is not None:
            # The user is waiting to see that an answer begins, and that it is complete.
            self._publisher.push(op, now=op["op"] == "set")

    def refresh(self) -> None:
        """Send changes of the state other than the messages to the views."""
        state = self._state()
        news = {key: value for key, value in state.items() if value != self._shown.get(key)}
        self._shown = state
        if news:
            self._publisher.push({"op": "state", "values": news})

    def snapshot(self) -> dict[str, Any]:
        """Return the complete state of a view.

        Returns:
            The snapshot.

        """
        self._publisher.flush()
        return protocol.snapshot(self._chat.conversation, self._state(), self._publisher.rev, self._channel)

    def _state(self) -> dict[str, Any]:
        chat, session, connections = self._chat, self._chat.session, self._chat.connections
        models = connections.models
        return {
            "status": str(session.status),
            "queue": [self._queued(turn) for turn in chat.turns.waiting],
            "retry": asdict(session.retrying) if session.retrying is not None else None,
            "notice": chat.notice,
            "notice_code": chat.notice_code,
            "connection": chat.connection.shown(),
            "attempt": connections.attempt._asdict(),
            "models": models._asdict() if models is not None else None,
            "servers": _shown_servers(connections.local_servers),
            "setup": shown_setup(chat.requests.system_prompt, chat.requests.params),
            "restorable": chat.restorable,
            "previous": _count_of_previous(chat),
            "approvals": session.approvals.waiting,
            "finished": session.finished_calls,
            "spent": self._what_was_spent(),
            "context": chat.context.labels if chat.context is not None else [],
            "look": self._look(),
        }

    def _queued(self, turn: Turn) -> dict[str, Any]:
        # Only what a view sent can be held and withdrawn: code waits for the answers to its own questions.
        held = {"held": self._chat.turns.is_held(turn)} if turn.from_view else {}
        return {"id": turn.id, "text": turn.text, **held}

    def _what_was_spent(self) -> dict[str, Any] | None:
        if not len(self._chat.conversation):
            return None
        prices = self._chat.known_prices
        if self._spent is None or self._spent[0] != prices:
            self._spent = prices, _chat.usage.shown(self._chat.conversation, prices)
        return self._spent[1]


def _count_of_previous(chat: Chat) -> int | None:
    """Return how many messages a new chat could bring back, and None for a chat that is not new.

    If the kernel knows of none, the page may: it has seen chats of kernels before.
    """
    if not chat.is_new:
        return None
    return sum(message.role in {"user", "assistant"} for message in chat.previous or ())


def _shown_servers(local_servers: LocalServers | None) -> dict[str, Any] | None:
    if local_servers is None:
        return None
    return {"found": [asdict(server) for server in local_servers.servers], "pending": local_servers.pending}
