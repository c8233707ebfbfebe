"""Patches: numbered, in order, and few however fast the changes come."""

import asyncio

import pytest

from chatwidget._comm.protocol import op_for, snapshot
from chatwidget._comm.publisher import INTERVAL, Publisher
from chatwidget._conversation.messages import Delta, Status
from chatwidget._conversation.tree import Conversation
from tests.unit._view import STATE, View


class Wire:
    """What was sent, when, and a way to wait for it."""

    def __init__(self):
        self.sent = []
        self.times = []
        self._grew = asyncio.Event()

    def __call__(self, content):
        self.sent.append(content)
        self.times.append(asyncio.get_running_loop().time())
        self._grew.set()

    async def until(self, condition):
        async with asyncio.timeout(30):
            while not condition(self.sent):
                self._grew.clear()
                await self._grew.wait()

    @property
    def ops(self):
        return [op for patch in self.sent for op in patch["ops"]]


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def publisher(wire):
    return Publisher(wire)


def cut(length):
    return {"op": "cut", "length": length}


async def turns_of_the_loop():
    # One for a callback that is due, one for what it may have scheduled.
    for _ in range(3):
        await asyncio.sleep(0)


async def test_the_first_change_is_sent_at_once_but_not_inside_the_call(publisher, wire):
    publisher.push(cut(1))
    assert wire.sent == []
    await turns_of_the_loop()
    assert wire.sent == [{"type": "patch", "rev": 1, "ops": [cut(1)]}]


async def test_changes_that_come_together_are_sent_together(publisher, wire):
    for length in range(10):
        publisher.push(cut(length))
    await wire.until(bool)
    assert wire.sent == [{"type": "patch", "rev": 1, "ops": [cut(length) for length in range(10)]}]


async def test_changes_that_follow_a_patch_wait_for_the_interval(publisher, wire):
    for length in range(3):
        publisher.push(cut(length))
        await wire.until(lambda sent, wanted=length + 1: len(sent) == wanted)
    resolution = 0.001
    assert all(
        after - before >= INTERVAL - resolution for before, after in zip(wire.times, wire.times[1:], strict=False)
    )


async def test_what_a_user_waits_for_does_not_wait(publisher, wire):
    publisher.push(cut(1))
    await wire.until(bool)
    publisher.push(cut(2))
    publisher.push(cut(3), now=True)
    await turns_of_the_loop()
    assert [patch["ops"] for patch in wire.sent] == [[cut(1)], [cut(2), cut(3)]]


async def test_what_comes_after_an_urgent_change_does_not_hold_it_up(publisher, wire):
    publisher.push(cut(1))
    await wire.until(bool)
    publisher.push(cut(2), now=True)
    publisher.push(cut(3))
    await turns_of_the_loop()
    assert wire.ops == [cut(1), cut(2), cut(3)]


async def test_a_flush_sends_what_waits_before_it_returns(publisher, wire):
    publisher.push(cut(1))
    publisher.flush()
    assert wire.sent == [{"type": "patch", "rev": 1, "ops": [cut(1)]}]
    publisher.push(cut(2))
    publisher.flush()
    assert wire.ops == [cut(1), cut(2)]
    assert publisher.rev == 2


async def test_a_flush_of_nothing_sends_nothing(publisher, wire):
    publisher.flush()
    assert (wire.sent, publisher.rev) == ([], 0)


async def test_nothing_is_sent_again_after_a_flush(publisher, wire):
    publisher.push(cut(1))
    publisher.flush()
    await turns_of_the_loop()
    publisher.push(cut(2))
    await wire.until(lambda sent: len(sent) == 2)
    assert wire.ops == [cut(1), cut(2)]


async def test_a_patch_that_could_not_be_sent_leaves_a_gap_that_views_see():
    sent = []

    def send(content):
        if not sent:
            sent.append(None)
            message = "the comm is closed"
            raise OSError(message)
        sent.append(content)

    publisher = Publisher(send)
    publisher.push(cut(1))
    with pytest.raises(OSError, match="closed"):
        publisher.flush()
    publisher.push(cut(2))
    publisher.flush()
    assert sent[1:] == [{"type": "patch", "rev": 2, "ops": [cut(2)]}]


async def stream(publisher, conversation, pieces):
    """A reply of these pieces, one in each turn of the loop."""
    reply = conversation.begin()
    for piece in pieces:
        conversation.apply(reply, Delta(content=piece))
        await asyncio.sleep(0)
    conversation.finish(reply, Status.COMPLETE)
    publisher.flush()


@pytest.fixture
def published(publisher):
    """A conversation whose changes go to the publisher."""
    conversation = Conversation()
    conversation.listen(lambda change: (op := op_for(change, conversation)) and publisher.push(op))
    return conversation


async def test_five_thousand_pieces_arrive_whole_in_few_patches(publisher, wire, published):
    pieces = [f"{number}🌍 " for number in range(5_000)]
    view = View(snapshot(published, STATE, 0, "c"))
    began = asyncio.get_running_loop().time()
    await stream(publisher, published, pieces)
    elapsed = asyncio.get_running_loop().time() - began
    assert {view.receive(patch) for patch in wire.sent} == {"applied"}
    assert view.messages[0]["content"] == "".join(pieces)
    assert len(wire.sent) <= elapsed / INTERVAL + 3
    assert len(wire.ops) <= 2 * len(wire.sent) + 3


async def test_a_view_that_comes_between_goes_on_from_its_snapshot(publisher, wire, published):
    published.begin(id="a")
    published.apply("a", Delta(content="before🌍"))
    publisher.flush()
    view = View(snapshot(published, STATE, publisher.rev, "c"))
    published.apply("a", Delta(content=" after"))
    await wire.until(lambda sent: len(sent) == 2)
    assert [view.receive(patch) for patch in wire.sent] == ["ignored", "applied"]
    assert view.messages[0]["content"] == "before🌍 after"
