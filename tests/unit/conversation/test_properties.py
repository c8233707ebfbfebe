"""Whatever is done to a conversation, in whatever order: it stays a conversation, and views stay like it."""

import copy
import json

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, precondition, rule
from hypothesis.strategies import SearchStrategy

from chatwidget._comm.protocol import op_for, snapshot
from chatwidget._comm.publisher import PatchBuffer
from chatwidget._conversation.changes import MessagesChanged
from chatwidget._conversation.messages import Delta, Status, Timings, ToolCallDelta, Usage
from chatwidget._conversation.serialize import from_json, to_json
from chatwidget._conversation.tree import Conversation
from tests.unit._view import STATE, View, whole

FINAL = [status for status in Status if status.is_final]
# Halves of pairs, characters of two code units, and what JSON and line readers stumble on.
PIECES = ["\ud83d", "\ude00", "😀", "a", "é", "\n", "\u2028", "\0", "\uffff", '"', "\\ud800", "\ufeff"]


def texts() -> SearchStrategy[str]:
    any_character = st.characters(codec=None, exclude_categories=())
    return st.lists(st.sampled_from(PIECES) | any_character, max_size=4).map("".join)


def contents() -> SearchStrategy[object]:
    part = st.fixed_dictionaries({"type": st.just("text"), "text": texts()})
    picture = st.fixed_dictionaries({"type": st.just("image_url"), "image_url": st.dictionaries(texts(), texts())})
    return texts() | st.lists(part | picture, max_size=3)


def calls() -> SearchStrategy[dict]:
    function = st.fixed_dictionaries({"name": texts(), "arguments": texts()})
    return st.fixed_dictionaries({"id": texts(), "type": st.just("function"), "function": function})


def messages() -> SearchStrategy[dict]:
    spoken = st.fixed_dictionaries({"role": st.sampled_from(["system", "user"]), "content": contents()})
    answered = st.fixed_dictionaries(
        {"role": st.just("assistant"), "content": contents() | st.none()},
        optional={"refusal": texts(), "tool_calls": st.lists(calls(), max_size=2)},
    )
    result = st.fixed_dictionaries({"role": st.just("tool"), "tool_call_id": texts(), "content": contents()})
    return spoken | answered | result


def deltas() -> SearchStrategy[Delta]:
    extras = st.dictionaries(texts().filter(lambda key: key not in {"id", "type", "function"}), texts(), max_size=1)
    call = st.builds(ToolCallDelta, st.integers(-1, 3), texts(), texts(), texts(), extras)
    return st.builds(
        Delta,
        content=texts(),
        reasoning=texts(),
        refusal=texts(),
        tool_calls=st.lists(call, max_size=2).map(tuple),
        finish_reason=st.none() | texts(),
        usage=st.none() | st.builds(Usage, st.none() | st.integers(0, 2**53 - 1)),
        model=st.none() | texts(),
    )


def numbers() -> SearchStrategy[float | None]:
    return st.none() | st.floats(0, 1e9)


def has_surrogates(value: object) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in json.dumps(value, ensure_ascii=False))


class AnyConversation(RuleBasedStateMachine):
    """Operations in any order. One view hears of each change at once, another one in coalesced patches."""

    ids = Bundle("ids")
    running = Bundle("running")

    def __init__(self):
        super().__init__()
        self._use(Conversation())

    def _use(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.told = View(self._snapshot())
        self.patched = View(self._snapshot())
        self.buffer = PatchBuffer()
        self.settled = conversation.messages
        conversation.listen(self._hear)

    def _hear(self, change):
        op = op_for(change, self.conversation)
        if op is not None:
            assert not has_surrogates(op)
            assert op.get("text") != ""
            self.told.apply(copy.deepcopy(op))
            self.buffer.add(op)
        if isinstance(change, MessagesChanged):
            self.settled = self.conversation.messages

    def _snapshot(self) -> dict:
        return snapshot(self.conversation, STATE, 0, "")

    def _shown(self) -> list[dict]:
        return whole(self._snapshot())["messages"]

    def _runs(self, message_id: str) -> bool:
        return message_id in self.conversation and not self.conversation[message_id].status.is_final

    @rule(target=ids, content=contents())
    def ask(self, content):
        return self.conversation.add({"role": "user", "content": content})

    @rule(target=ids, message=messages())
    def add(self, message):
        return self.conversation.add(message)

    @rule(target=running)
    def begin(self):
        return self.conversation.begin(started=5.0)

    @rule(target=running, after=ids)
    def begin_after(self, after):
        if after in self.conversation and self.conversation.shows(after):
            return self.conversation.begin(after=after)
        return multiple()

    @rule(reply=running, delta=deltas())
    def apply(self, reply, delta):
        if self._runs(reply):
            self.conversation.apply(reply, delta)

    @rule(
        target=ids,
        reply=consumes(running),
        status=st.sampled_from(FINAL),
        error=st.none() | texts().filter(bool),
        timings=st.none() | st.builds(Timings, numbers(), numbers(), numbers()),
    )
    def finish(self, reply, status, error, timings):
        if not self._runs(reply):
            return multiple()
        ended = self.conversation.finish(reply, status, error=error, timings=timings)
        assert ended == self.conversation[reply]
        assert ended.status is status
        return reply

    @rule(message_id=ids)
    def fail(self, message_id):
        if message_id in self.conversation:
            self.conversation.finish(message_id, Status.ERROR, error="observer")

    @rule(target=ids, message_id=ids, content=contents())
    def edit(self, message_id, content):
        parent = self.conversation.parent(message_id) if message_id in self.conversation else message_id
        if parent is None or (parent in self.conversation and self.conversation.shows(parent)):
            return self.conversation.edit(message_id, content)
        return multiple()

    @rule(message_id=ids | running)
    def switch(self, message_id):
        if message_id in self.conversation:
            self.conversation.switch(message_id)
            assert self.conversation.shows(message_id)

    @rule(message_id=ids | running)
    def remove(self, message_id):
        if message_id in self.conversation:
            self.conversation.remove(message_id)
            assert message_id not in self.conversation

    @precondition(lambda self: not any(self._runs(node.id) for node in self.conversation.nodes()))
    @rule(message_id=ids)
    def remove_and_go_back(self, message_id):
        if message_id in self.conversation and self.conversation.shows(message_id):
            saved = to_json(self.conversation)
            go_back = self.conversation.checkpoint()
            self.conversation.remove(message_id)
            self.conversation.clear()
            go_back()
            assert to_json(self.conversation) == saved

    @rule()
    def undo(self):
        questions = [message.role for message in self.conversation].count("user")
        self.conversation.undo()
        left = [message.role for message in self.conversation].count("user")
        assert left == max(questions - 1, 0)

    @precondition(lambda self: len(self.conversation) > 3)
    @rule()
    def clear(self):
        self.conversation.clear()
        assert self._shown() == []

    @precondition(lambda self: len(self.conversation) > 3)
    @rule(given=st.lists(messages(), max_size=3))
    def load(self, given):
        self.conversation.load(given)
        assert len(self.conversation) == len(given)

    @rule()
    def load_its_own_messages(self):
        before = self.conversation.messages
        other = Conversation(before)
        assert other.messages == before

    @precondition(lambda self: not any(self._runs(node.id) for node in self.conversation.nodes()))
    @rule()
    def save_and_load(self):
        saved = to_json(self.conversation)
        loaded = from_json(saved)
        assert to_json(loaded) == saved
        assert loaded.path == self.conversation.path
        assert loaded.messages == self.conversation.messages
        assert [node.value() for node in loaded.nodes()] == [node.value() for node in self.conversation.nodes()]
        self._use(loaded)

    @rule()
    def send_a_patch(self):
        for op in self.buffer.take():
            self.patched.apply(op)
        assert self.patched.messages == self.told.messages

    @invariant()
    def every_message_has_one_place(self):
        nodes = list(self.conversation.nodes())
        assert len({node.id for node in nodes}) == len(nodes)
        assert all(node.id in self.conversation for node in nodes)
        assert all(node in node.parent.children for node in nodes)
        assert all(node.active is None or node.active in node.children for node in nodes)

    @invariant()
    def there_is_one_active_path_from_the_start(self):
        node, path = self.conversation.root, []
        while node.active is not None:
            assert node.active.parent is node
            node = node.active
            path.append(node.id)
        assert path == self.conversation.path
        parents = [self.conversation.parent(message_id) for message_id in path]
        assert parents == [None, *path][: len(path)]

    @invariant()
    def a_saved_conversation_loads_with_nothing_changed(self):
        saved = to_json(self.conversation)
        settled = to_json(from_json(saved))
        assert to_json(from_json(settled)) == settled
        assert not has_surrogates(json.loads(saved))

    @invariant()
    def a_view_that_only_listened_shows_what_a_new_view_shows(self):
        assert [self._settled(message) for message in self.told.messages] == [
            self._settled(message) for message in self._shown()
        ]

    def _settled(self, message: dict) -> dict:
        """What of a message is told at once. The rest of a running reply is told when it ends."""
        late = {"finish_reason", "usage", "model"} if self._runs(message["id"]) else set()
        return {key: value for key, value in message.items() if key not in late}

    @invariant()
    def what_is_given_out_is_unicode(self):
        assert not has_surrogates(self.conversation.messages)
        assert not has_surrogates(self._shown())

    @invariant()
    def messages_are_what_the_last_settling_gave_but_for_running_replies(self):
        if not any(self._runs(message.id) for message in self.conversation):
            assert self.conversation.messages == self.settled


TestAnyConversation = AnyConversation.TestCase
TestAnyConversation.settings = settings(max_examples=100, stateful_step_count=40)
