"""Calls that are due soon: one for all that asked, at the earliest time."""

import asyncio

import pytest

from chatwidget._runtime.debounce import Debouncer


@pytest.fixture
def calls():
    return []


@pytest.fixture
def debouncer(calls):
    return Debouncer(lambda: calls.append(asyncio.get_running_loop().time()))


async def turns_of_the_loop():
    for _ in range(3):
        await asyncio.sleep(0)


async def test_a_call_without_delay_is_made_soon_but_not_at_once(debouncer, calls):
    debouncer.schedule(0)
    assert (debouncer.is_set, calls) == (True, [])
    await turns_of_the_loop()
    assert len(calls) == 1
    assert not debouncer.is_set


async def test_the_earliest_time_counts(debouncer, calls):
    for delay in (1000, 0, 1000):
        debouncer.schedule(delay)
    await turns_of_the_loop()
    assert len(calls) == 1
    assert not debouncer.is_set


async def test_a_cancelled_call_is_not_made_and_another_one_is(debouncer, calls):
    debouncer.schedule(0)
    debouncer.cancel()
    await turns_of_the_loop()
    assert calls == []
    debouncer.schedule(0)
    await turns_of_the_loop()
    assert len(calls) == 1


async def test_the_function_may_schedule_the_next_call():
    calls = []

    def again():
        calls.append(debouncer.is_set)
        debouncer.schedule(1000)

    debouncer = Debouncer(again)
    debouncer.schedule(0)
    await turns_of_the_loop()
    assert (calls, debouncer.is_set) == ([False], True)
    debouncer.cancel()
