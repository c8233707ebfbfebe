"""Tool calls that wait for a person's word."""

import asyncio

import pytest

from chatwidget._tools.approvals import Approvals
from tests.contract.run import run


@pytest.fixture
def told():
    return []


def scenario(told, steps):
    async def play():
        approvals = Approvals(lambda: told.append(approvals.waiting))
        await steps(approvals)

    run(play())


async def asked(approvals, *ids):
    tasks = [asyncio.create_task(approvals.ask(each)) for each in ids]
    await asyncio.sleep(0)
    return tasks


def test_each_call_gets_its_own_word(told):
    async def steps(approvals):
        one, two = await asked(approvals, "one", "two")
        approvals.answer("two", ("always", ""))
        approvals.answer("one", ("refuse", "no"))
        approvals.answer("one", ("once", "too late"))
        assert (await one, await two) == (("refuse", "no"), ("always", ""))

    scenario(told, steps)
    assert told[:4] == [["one"], ["one", "two"], ["one"], []]


def test_calls_of_one_id_share_the_word(told):
    async def steps(approvals):
        tasks = await asked(approvals, "", "")
        approvals.answer("", ("once", ""))
        assert await asyncio.gather(*tasks) == [("once", ""), ("once", "")]

    scenario(told, steps)


def test_one_that_is_left_does_not_wait_any_more(told):
    async def steps(approvals):
        [task] = await asked(approvals, "one")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert approvals.waiting == []

    scenario(told, steps)
    assert told == [["one"], []]


def test_all_are_refused_together_without_a_word(told):
    async def steps(approvals):
        tasks = await asked(approvals, "one", "two")
        approvals.refuse_all()
        assert [answer for answer, _ in await asyncio.gather(*tasks)] == ["refuse", "refuse"]
        assert approvals.waiting == []

    scenario(told, steps)
    assert told == [["one"], ["one", "two"]]
