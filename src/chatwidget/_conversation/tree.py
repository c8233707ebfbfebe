"""The conversation: a tree of messages with one active path, and listeners for its changes.

Synchronous and pure: no event loop, no widget, no HTTP. It has one owner; callers on other threads go through the
runner. `serialize` defines its JSON form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias
from uuid import uuid4

from .._errors import ConversationError, raised_by
from .._text import clean_text
from .changes import Added, Change, Cut, MessagesChanged, Updated
from .images import images_apart
from .messages import Delta, LeftOut, Message, MessageDict, MessageLike, Status, Timings
from .normalize import message_dict, message_dicts, plain_json
from .records import count_of_messages
from .reply_builder import ReplyBuilder

Listener: TypeAlias = Callable[[Change], None]


def plain_dicts(messages: Iterable[Message]) -> list[MessageDict]:
    """Return copies of the OpenAI dicts of `messages`.

    Args:
        messages: Messages of a conversation.

    """
    return plain_json([message.data for message in messages], "messages")  # type: ignore[no-any-return]


@dataclass(slots=True, eq=False)
class Node:
    """A node of the tree. `message` is final; while a reply streams, `builder` is set in its place."""

    id: str
    parent: Node | None
    children: list[Node]
    active: Node | None = None
    message: Message | None = None
    builder: ReplyBuilder | None = None
    extra: dict[str, Any] | None = None
    """Keys of a loaded file that this version does not know; saved again unchanged."""

    def value(self) -> Message:
        """Return the message as it is now."""
        if self.builder is not None:
            return self.builder.message()
        assert self.message is not None, "a node has a message or a builder"  # noqa: S101
        return self.message


class Conversation:
    """A tree of messages: editing or asking again adds a sibling, and nothing is overwritten.

    Args:
        messages: Initial messages: OpenAI message dicts, SDK objects or `Message`s.

    Raises:
        ConversationError: The SDK would not accept the messages.

    Example:
        >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
        >>> conversation.messages
        [{'role': 'user', 'content': 'Hello'}]

    """

    def __init__(self, messages: Iterable[MessageLike] = ()) -> None:
        self._listeners: list[Listener] = []
        self.root: Node
        self.extra: dict[str, Any]
        """Keys of a loaded file that this version does not know."""
        self._nodes: dict[str, Node]
        self._path: list[Node]
        self._reset()
        self.load(messages)

    @classmethod
    def from_tree(cls, root: Node, nodes: dict[str, Node], extra: dict[str, Any]) -> Conversation:
        """Create a conversation from a finished tree.

        Args:
            root: The root, which has no message.
            nodes: All nodes except the root, by id.
            extra: Unknown keys of the file.

        """
        conversation = cls()
        conversation.root, conversation._nodes, conversation.extra = root, nodes, extra
        conversation._follow_active()
        return conversation

    def copy(self) -> Conversation:
        """Return an independent copy with the same messages on every branch.

        A streaming reply is `interrupted` in the copy.

        Example:
            >>> chat = Conversation([{"role": "user", "content": "Hello"}])
            >>> other = chat.copy()
            >>> other.clear()
            >>> len(chat), len(other)
            (1, 0)

        """
        root = Node("", None, [])
        copies = {"": root}
        for node in self.nodes():
            message = node.value()
            if not message.status.is_final:
                message = replace(message, status=Status.INTERRUPTED)
            parent = copies[node.parent.id if node.parent else ""]
            copies[node.id] = copy = Node(node.id, parent, [], message=message, extra=node.extra)
            parent.children.append(copy)
            if node.parent and node.parent.active is node:
                parent.active = copy
        del copies[""]
        return Conversation.from_tree(root, copies, self.extra)

    # Reading

    def __repr__(self) -> str:
        return f"<Conversation: {count_of_messages(len(self))}>"

    @property
    def path(self) -> list[str]:
        """The ids of the messages on the active path, oldest first."""
        return [node.id for node in self._path]

    @property
    def messages(self) -> list[MessageDict]:
        """The active path as plain OpenAI dicts, in the form the SDK accepts.

        Replies that stayed empty are left out. Images in tool results and in earlier answers are in a user message
        after them.
        """
        return images_apart(plain_dicts(self.whole))

    @property
    def whole(self) -> list[Message]:
        """The messages of the active path, without replies that stayed empty."""
        return [message for message in self if not (message.is_empty and message.status != Status.COMPLETE)]

    def __iter__(self) -> Iterator[Message]:
        """Iterate over the messages of the active path."""
        return iter([node.value() for node in self._path])

    def __len__(self) -> int:
        return len(self._path)

    def __contains__(self, message_id: object) -> bool:
        return isinstance(message_id, str) and message_id in self._nodes

    def __getitem__(self, message_id: str) -> Message:
        """Return the message with this id, on the active path or not."""
        return self._node(message_id).value()

    def shows(self, message_id: str) -> bool:
        """Return True if the message is on the active path.

        Args:
            message_id: The id of the message.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> conversation.shows(conversation.path[0])
            True

        """
        return any(node.id == message_id for node in reversed(self._path))

    def nodes(self) -> Iterator[Node]:
        """Yield every node of the tree except the root, parents first.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> [node.value().text for node in conversation.nodes()]
            ['Hello']

        """
        waiting = [self.root]
        for node in waiting:
            yield from node.children
            waiting.extend(node.children)

    def parent(self, message_id: str) -> str | None:
        """Return the id of the message before this one; None for a first message.

        Args:
            message_id: The id of the message.

        Raises:
            ConversationError: There is no such message.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> conversation.parent(conversation.path[0]) is None
            True

        """
        parent = self._node(message_id).parent
        return None if parent is None or parent is self.root else parent.id

    def siblings(self, message_id: str) -> list[str]:
        """Return the ids of all versions of this message, including itself, oldest first.

        Args:
            message_id: The id of the message.

        Raises:
            ConversationError: There is no such message.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> other = conversation.edit(conversation.path[0], "Good morning")
            >>> conversation.siblings(other).index(other)
            1

        """
        return [node.id for node in self._siblings(self._node(message_id))]

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after each change.

        If a listener raises, the others are still called; the error is then raised by the call that made the change.

        Args:
            listener: A function that takes the change.

        Returns:
            A function that removes the listener.

        Example:
            >>> conversation = Conversation()
            >>> stop = conversation.listen(lambda change: print(type(change).__name__))
            >>> conversation.clear()
            Cut
            MessagesChanged
            >>> stop()

        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    # Writing

    def add(
        self,
        message: object,
        *,
        id: str | None = None,
        status: Status = Status.COMPLETE,
        error_code: str | None = None,
        timings: Timings | None = None,
        log: str | None = None,
    ) -> str:
        """Append a finished message to the active path.

        Args:
            message: Text of the user, or a message as `message_dict` accepts it.
            id: The id of the new message; a new unique id by default.
            status: Its status.
            error_code: See `Message.error_code`.
            timings: Its timings.
            log: See `Message.log`.

        Returns:
            The id of the message.

        Raises:
            ConversationError: The SDK would not accept the message, or the id is taken.

        Example:
            >>> conversation = Conversation()
            >>> conversation.add("Hello", id="1")
            '1'
            >>> conversation.messages
            [{'role': 'user', 'content': 'Hello'}]

        """
        data = message_dict({"role": "user", "content": message} if isinstance(message, str) else message)
        timings = timings or Timings()
        return self._append(
            Message(self._new_id(id), data, status=status, error_code=error_code, timings=timings, log=log)
        )

    def begin(
        self,
        *,
        id: str | None = None,
        after: str | None = None,
        started: float | None = None,
        sender: str | None = None,
    ) -> str:
        """Begin an assistant reply.

        If the message already has a reply, the new one becomes its sibling and is shown.

        Args:
            id: The id of the reply; a new unique id by default.
            after: The id of the message to reply to ("" is the start); the last one by default.
            started: The start time in seconds since the epoch.
            sender: See `Message.sender`.

        Returns:
            The id of the reply.

        Raises:
            ConversationError: The id is taken, or `after` is not on the active path.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> reply = conversation.begin()
            >>> conversation[reply].status.is_final
            False

        """
        new_id = self._new_id(id)
        builder = ReplyBuilder(new_id, Timings(started))
        builder.sender = sender
        return self._append(builder, after=after)

    def apply(self, message_id: str, delta: Delta) -> bool:
        """Add `delta` to a streaming reply.

        Args:
            message_id: The id of the reply.
            delta: The next piece of the stream.

        Returns:
            True if the reply holds anything besides reasoning by now.

        Raises:
            ConversationError: There is no such reply, or it has ended.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> reply = conversation.begin()
            >>> conversation.apply(reply, Delta(content="Hi"))
            True
            >>> conversation[reply].text
            'Hi'

        """
        builder = self._builder(message_id)
        self._notify(*builder.apply(delta))
        return builder.has_answer

    def end_text(self, message_id: str) -> None:
        """Finish the text of a streaming reply, which shows any text held back.

        Args:
            message_id: The id of the reply.

        Raises:
            ConversationError: There is no such reply, or it has ended.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> reply = conversation.begin()
            >>> conversation.apply(reply, Delta(content="1 <"))
            True
            >>> conversation.end_text(reply)
            >>> conversation[reply].text
            '1 <'

        """
        self._notify(*self._builder(message_id).end_text())

    def leave_out(self, message_id: str, left_out: LeftOut | None) -> None:
        """Record which messages were left out of the request for a streaming reply.

        Args:
            message_id: The id of the reply.
            left_out: The messages that were left out; None if there were none.

        Raises:
            ConversationError: There is no such reply, or it has ended.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> reply = conversation.begin()
            >>> conversation.leave_out(reply, LeftOut(2))
            >>> conversation[reply].left_out.count
            2

        """
        builder = self._builder(message_id)
        if builder.left_out != left_out:
            builder.left_out = left_out
            self._notify(Updated(message_id))

    def sent_by(self, message_id: str, sender: str) -> None:
        """Record the sender of a streaming reply.

        Args:
            message_id: The id of the reply.
            sender: See `Message.sender`.

        Raises:
            ConversationError: There is no such reply, or it has ended.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> reply = conversation.begin()
            >>> conversation.sent_by(reply, "a server")
            >>> conversation[reply].sender
            'a server'

        """
        self._builder(message_id).sender = sender

    def join(self, message_id: str, delta: Delta) -> None:
        """Add `delta` to a message, which may have ended.

        Args:
            message_id: The id of the message.
            delta: The update to add.

        Raises:
            ConversationError: There is no such message, or its content is not text.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> conversation.join(conversation.path[0], Delta(content=", world"))
            >>> conversation.messages[0]["content"]
            'Hello, world'

        """
        node = self._node(message_id)
        if node.builder is not None:
            self.apply(message_id, delta)
            return
        builder, message = ReplyBuilder.of(node.value()), node.value()
        changes = [*builder.apply(delta), *builder.close()]
        node.message = builder.continued(message)
        updates = [Updated(message_id)] if delta.usage or delta.model or delta.finish_reason else []
        self._notify(*changes, *updates, MessagesChanged())

    def finish(
        self,
        message_id: str,
        status: Status,
        *,
        error: str | None = None,
        error_code: str | None = None,
        timings: Timings | None = None,
        log: str | None = None,
    ) -> Message:
        """End a streaming reply.

        A reply that has ended may only be changed to `error`, for a failure in the code that saw it end.

        Args:
            message_id: The id of the reply.
            status: One of the four final statuses.
            error: The error message.
            error_code: The kind of error; see `Message.error_code`.
            timings: The final timings; unchanged if None.
            log: See `Message.log`; unchanged if None.

        Returns:
            The final message.

        Raises:
            ValueError: The status is not final, or the reply has already ended.
            ConversationError: There is no such message.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> reply = conversation.begin()
            >>> conversation.apply(reply, Delta(content="Hi"))
            True
            >>> conversation.finish(reply, Status.STOPPED).text
            'Hi'

        """
        if not status.is_final:
            message = f"a reply must end as complete, stopped, interrupted or error, not as {status}"
            raise ValueError(message)
        node = self._node(message_id)
        if node.builder is None and status is not Status.ERROR:
            message = f"message {message_id} has already ended"
            raise ValueError(message)
        changes = node.builder.close(self._call_ids(node.builder)) if node.builder is not None else []
        error = None if error is None else clean_text(error)
        node.message = replace(node.value(), status=status, error=error, error_code=error_code)
        if timings is not None:
            node.message = replace(node.message, timings=timings)
        if log is not None:
            node.message = replace(node.message, log=log)
        node.builder = None
        self._notify(*changes, Updated(message_id), MessagesChanged())
        return node.message

    def edit(self, message_id: str, content: object, *, id: str | None = None) -> str:
        """Add a new version of a message and show it, with nothing after it.

        Args:
            message_id: The id of the message to edit.
            content: The new content: text or content parts.
            id: The id of the new version; a new unique id by default.

        Returns:
            The id of the new version.

        Raises:
            ConversationError: There is no such message, the content is not valid, or the id is taken.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> conversation.edit(conversation.path[0], "Good morning", id="2")
            '2'
            >>> conversation.messages
            [{'role': 'user', 'content': 'Good morning'}]

        """
        old = self._node(message_id)
        data = message_dict({**old.value().data, "content": content})
        return self._append(Message(self._new_id(id), data), after=self.parent(message_id) or "")

    def switch(self, message_id: str) -> None:
        """Show a version of a message, followed by the messages last shown after it.

        Args:
            message_id: The id of the version.

        Raises:
            ConversationError: There is no such message.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> first = conversation.path[0]
            >>> second = conversation.edit(first, "Good morning")
            >>> conversation.switch(first)
            >>> conversation.messages
            [{'role': 'user', 'content': 'Hello'}]

        """
        node = self._node(message_id)
        if node in self._path:
            return
        ancestor = node
        while ancestor.parent is not None:
            ancestor.parent.active = ancestor
            ancestor = ancestor.parent
        self._follow_active()

    def undo(self) -> None:
        """Remove the last user message and everything after it. Do nothing if there is none.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> conversation.undo()
            >>> len(conversation)
            0

        """
        users = [index for index, node in enumerate(self._path) if node.value().role == "user"]
        if users:
            self.remove(self._path[users[-1]].id)

    def remove(self, message_id: str) -> None:
        """Remove a message and everything after it, on every branch.

        Args:
            message_id: The id of the message.

        Raises:
            ConversationError: There is no such message.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> conversation.remove(conversation.path[0])
            >>> len(conversation)
            0

        """
        node = self._node(message_id)
        on_path = node in self._path
        depth = self._depth_of(node)
        doomed = [node]
        for doomed_node in doomed:
            doomed.extend(doomed_node.children)
            del self._nodes[doomed_node.id]
        parent = node.parent or self.root
        parent.children.remove(node)
        if parent.active is node:
            parent.active = None
        if on_path:
            del self._path[depth:]
            self._notify(Cut(depth), MessagesChanged())
        elif parent.active is not None and parent.active in self._path:
            self._notify(Updated(parent.active.id))

    def clear(self) -> None:
        """Remove every message, on every branch.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> conversation.clear()
            >>> len(conversation)
            0

        """
        self._reset()
        self._notify(Cut(0), MessagesChanged())

    def load(self, messages: Iterable[MessageLike]) -> None:
        """Replace the whole conversation.

        Args:
            messages: OpenAI message dicts, SDK objects or `Message`s.

        Raises:
            ConversationError: The SDK would not accept the messages; nothing was changed.

        Example:
            >>> conversation = Conversation()
            >>> conversation.load([{"role": "user", "content": "Hello"}])
            >>> len(conversation)
            1

        """
        datas = message_dicts(messages)
        self._reset()
        for data in datas:
            self._path.append(self._attach(Message(self._new_id(None), data)))
        self._notify(Cut(0), *(Added(node.id) for node in self._path), MessagesChanged())

    def continue_from(self, other: Conversation) -> None:
        """Replace the whole conversation by a copy of another one, with its branches.

        Args:
            other: The conversation to copy. It stays as it is.

        Example:
            >>> conversation = Conversation()
            >>> conversation.continue_from(Conversation([{"role": "user", "content": "Hello"}]))
            >>> len(conversation)
            1

        """
        copy = other.copy()
        self.root, self.extra, self._nodes = copy.root, copy.extra, copy._nodes  # noqa: SLF001 its own class
        self._follow_active()

    def checkpoint(self) -> Callable[[], None]:
        """Save the shape of the tree while no reply is streaming.

        Returns:
            A function that restores it.

        Example:
            >>> conversation = Conversation([{"role": "user", "content": "Hello"}])
            >>> restore = conversation.checkpoint()
            >>> conversation.clear()
            >>> restore()
            >>> len(conversation)
            1

        """
        root, extra, nodes = self.root, self.extra, dict(self._nodes)
        shape = [(node, list(node.children), node.active) for node in (root, *nodes.values())]

        def go_back() -> None:
            self.root, self.extra, self._nodes = root, extra, dict(nodes)
            for node, children, active in shape:
                node.children, node.active = list(children), active
            self._follow_active()

        return go_back

    # Inside

    def _reset(self) -> None:
        self.root = Node("", None, [])
        self.extra = {}
        self._nodes = {}
        self._path = []

    def _new_id(self, wanted: str | None) -> str:
        if wanted is not None and not isinstance(wanted, str):
            message = f"the id of a message is a text, not {type(wanted).__name__}"
            raise ConversationError(message)
        if wanted is not None and wanted in self._nodes:
            message = f"there is already a message {wanted}"
            raise ConversationError(message)
        return wanted or uuid4().hex

    def _attach(self, content: Message | ReplyBuilder, parent: Node | None = None) -> Node:
        parent = parent or (self._path[-1] if self._path else self.root)
        node = Node(content.id, parent, [])
        if isinstance(content, ReplyBuilder):
            node.builder = content
        else:
            node.message = content
        parent.children.append(node)
        parent.active = node
        self._nodes[node.id] = node
        return node

    def _append(self, content: Message | ReplyBuilder, *, after: str | None = None) -> str:
        """Append to the path, which is first cut to end with `after` if given ("" is the start)."""
        changes: list[Change] = []
        length = len(self._path) if after is None else self._depth(after) + 1 if after else 0
        if length < len(self._path):
            del self._path[length:]
            changes.append(Cut(length))
        node = self._attach(content)
        self._path.append(node)
        changes.append(Added(node.id))
        self._notify(*changes, *([] if node.builder is not None else [MessagesChanged()]))
        return node.id

    def _follow_active(self) -> None:
        """Rebuild the path from the `active` marks and report the changes."""
        before, node = self._path, self.root
        self._path = []
        while node.active is not None:
            node = node.active
            self._path.append(node)
        pairs = enumerate(zip(before, self._path, strict=False))
        shorter = min(len(before), len(self._path))
        same = next((index for index, (old, new) in pairs if old is not new), shorter)
        self._notify(Cut(same), *(Added(node.id) for node in self._path[same:]), MessagesChanged())

    def _siblings(self, node: Node) -> list[Node]:
        return (node.parent or self.root).children

    def _depth(self, message_id: str) -> int:
        """Return the index of a message on the active path."""
        node = self._node(message_id)
        if node not in self._path:
            message = f"message {message_id} is not on the active path; switch to its branch first"
            raise ConversationError(message)
        return self._depth_of(node)

    @staticmethod
    def _depth_of(node: Node) -> int:
        depth = -1
        while node.parent is not None:
            node = node.parent
            depth += 1
        return depth

    def _node(self, message_id: str) -> Node:
        node = self._nodes.get(message_id) if isinstance(message_id, str) else None
        if node is None:
            message = f"there is no message {message_id} in this conversation"
            raise ConversationError(message)
        return node

    def _call_ids(self, builder: ReplyBuilder) -> Iterator[str]:
        """Return the ids of all finished calls; none if `builder` has no calls."""
        messages = [node.message for node in self._nodes.values()] if builder.has_calls else []
        return (call.id for message in messages if message is not None for call in message.tool_calls)

    def _builder(self, message_id: str) -> ReplyBuilder:
        builder = self._node(message_id).builder
        if builder is None:
            message = f"message {message_id} has already ended"
            raise ConversationError(message)
        return builder

    def _notify(self, *changes: Change) -> None:
        raised = [raised_by(partial(listener, change)) for change in changes for listener in tuple(self._listeners)]
        failure = next((error for error in raised if error is not None), None)
        if failure is not None:
            raise failure
