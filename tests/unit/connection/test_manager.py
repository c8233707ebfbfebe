"""The connection of a chat over time, without the chat and without servers."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from chatwidget import ServerError, SettingsError
from chatwidget._connection import discovery
from chatwidget._connection.connection import Connection
from chatwidget._connection.discovery import Server
from chatwidget._connection.manager import Attempt, ConnectionManager, LocalServers, ModelList
from chatwidget._runtime.loop_runner import LoopRunner
from chatwidget._transports.endpoint import Endpoint
from chatwidget._transports.models.catalog import Catalog
from chatwidget._transports.models.facts import ListedModel


class Transport:
    """A server that lists models once it is let to, or fails."""

    def __init__(self, *names, error=None):
        self.names = list(names)
        self.error = error
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.closed = False
        self.catalog = Catalog(self._entries, lambda: None)

    async def models(self):
        await self.may_answer.wait()
        if self.error is not None:
            raise self.error
        await self.catalog.read()
        return self.names

    async def aclose(self):
        self.closed = True

    async def _entries(self):
        return {name: {"id": name} for name in self.names}


class Managed:
    """A manager on the running loop, and what it has called."""

    def __init__(self, connection):
        self.connected = []
        self.notices = []
        self.changes = 0
        self.idle = asyncio.Event()
        self.idle.set()
        self.manager = ConnectionManager(
            connection,
            LoopRunner(),
            idle=self._idle,
            on_connect=self.connected.append,
            on_change=self._changed,
            notify=self._notify,
        )

    async def _idle(self):
        await self.idle.wait()

    def _changed(self):
        self.changes += 1

    def _notify(self, notice, code=None, *, appends=False):
        self.notices.append((notice, code, appends))


def at(url, transport, model="m", **more):
    return Connection("server", transport, model, Endpoint(url), choice=model, **more)


async def settled():
    """Let all that was started run until it waits for something or ends."""
    for _ in range(50):
        await asyncio.sleep(0)


NOTHING = Connection("none")
WRONG_KEY = ServerError("The key is wrong.", 401, code="wrong_key")


async def test_nothing_is_called_at_the_beginning():
    managed = Managed(NOTHING)
    assert (managed.connected, managed.notices, managed.changes) == ([], [], 0)
    assert managed.manager.attempt == Attempt(0, None, pending=False)
    assert managed.manager.models is managed.manager.local_servers is None


async def test_another_server_takes_over_and_the_old_client_is_closed_after_the_turn():
    old, new = Transport(), Transport()
    managed = Managed(at("http://a/v1", old))
    managed.manager.models = ModelList(["m"])
    managed.idle.clear()
    connection = at("http://b/v1", new)
    managed.manager.connect(connection)
    await settled()
    assert managed.connected == [connection]
    assert managed.manager.models is None
    assert managed.notices == [(None, None, False)]
    assert not old.closed
    managed.idle.set()
    await settled()
    assert (old.closed, new.closed) == (True, False)


async def test_another_model_of_the_same_server_keeps_client_and_models():
    old, new = Transport(), Transport()
    managed = Managed(at("http://a/v1", old))
    managed.manager.models = ModelList(["m", "n"])
    managed.manager.connect(at("http://a/v1", new, "n"))
    await settled()
    assert managed.manager.connection.transport is old
    assert not old.closed
    assert managed.manager.models == ModelList(["m", "n"])


async def test_a_first_server_is_checked_and_then_used():
    managed = Managed(NOTHING)
    managed.manager.begin_attempt("http://a/v1")
    managed.manager.try_connection(at("http://a/v1", Transport("m", "n")))
    assert managed.manager.connection is NOTHING
    assert managed.manager.attempt == Attempt(1, "http://a/v1", pending=True)
    await settled()
    assert managed.manager.attempt == Attempt(1, "http://a/v1", pending=False)
    assert managed.manager.models == ModelList(["m", "n"])
    assert managed.manager.connection.endpoint.base_url == "http://a/v1"


async def test_a_first_server_that_is_hopeless_is_not_used():
    transport = Transport(error=WRONG_KEY)
    managed = Managed(NOTHING)
    managed.manager.begin_attempt("http://a/v1")
    managed.manager.try_connection(at("http://a/v1", transport))
    await settled()
    assert managed.manager.connection is NOTHING
    assert transport.closed
    assert managed.connected == []


async def test_a_working_server_is_kept_if_the_new_one_is_hopeless():
    old, new = Transport("m"), Transport(error=WRONG_KEY)
    managed = Managed(at("http://a/v1", old))
    managed.manager.begin_attempt("http://b/v1")
    managed.manager.try_connection(at("http://b/v1", new))
    await settled()
    assert managed.manager.connection.transport is old
    assert (old.closed, new.closed) == (False, True)
    assert [code for _, code, _ in managed.notices] == ["wrong_key"]
    assert not managed.manager.attempt.pending


async def test_a_server_that_answers_takes_the_place_of_a_working_one():
    old, new = Transport("m"), Transport("n")
    managed = Managed(at("http://a/v1", old))
    managed.manager.try_connection(at("http://b/v1", new, "n"))
    await settled()
    assert managed.manager.connection.transport is new
    assert old.closed
    assert managed.manager.models == ModelList(["n"])


async def test_of_two_attempts_the_last_one_counts():
    slow, quick = Transport("slow"), Transport("quick")
    slow.may_answer.clear()
    managed = Managed(at("http://a/v1", Transport()))
    for url, transport in (("http://b/v1", slow), ("http://b/v1", quick)):
        managed.manager.begin_attempt(url)
        managed.manager.try_connection(at(url, transport))
    await settled()
    slow.may_answer.set()
    await settled()
    assert managed.manager.connection.transport is quick
    assert managed.manager.models == ModelList(["quick"])
    assert (slow.closed, quick.closed) == (True, False)


async def test_a_list_of_models_arrives():
    transport = Transport("m")
    transport.may_answer.clear()
    managed = Managed(at("http://a/v1", transport))
    managed.manager.models = ModelList(["before"])
    managed.manager.list_models()
    assert managed.manager.models == ModelList(["before"], pending=True)
    transport.may_answer.set()
    await settled()
    assert managed.manager.models == ModelList(["m"])
    assert managed.changes == 2


async def test_a_list_of_the_server_before_is_ignored():
    slow, quick = Transport("old"), Transport("new")
    slow.may_answer.clear()
    managed = Managed(at("http://a/v1", slow))
    managed.manager.list_models()
    await settled()
    managed.manager.connect(at("http://b/v1", quick))
    managed.manager.list_models()
    slow.may_answer.set()
    await settled()
    assert managed.manager.models == ModelList(["new"])


@pytest.mark.parametrize("checks", [True, False])
async def test_a_list_that_cannot_be_had_is_announced_if_that_was_to_be_checked(checks):
    managed = Managed(at("http://a/v1", Transport(error=WRONG_KEY)))
    managed.manager.list_models(checks=checks)
    await settled()
    assert managed.manager.models.names == []
    assert managed.manager.models.error == "The key is wrong."
    assert [code for _, code, _ in managed.notices] == (["wrong_key"] if checks else [])


async def test_known_models_are_asked_for_once():
    managed = Managed(at("http://a/v1", Transport("m")))
    assert managed.manager.known_models() == []
    await settled()
    assert managed.manager.known_models() == ["m"]
    assert managed.changes == 2
    without = Managed(NOTHING)
    assert without.manager.known_models() == []
    assert without.manager.models is None


async def test_models_are_fetched_or_the_reason_raised():
    assert await Managed(at("http://a/v1", Transport("m"))).manager.fetch_models() == ["m"]
    with pytest.raises(SettingsError, match="The key is wrong"):
        await Managed(at("http://a/v1", Transport(error=WRONG_KEY))).manager.fetch_models()


async def test_servers_are_searched_for_once_at_a_time(monkeypatch):
    found, searches, may_end = [Server("Mine", "http://127.0.0.1:1/v1", ["m"])], [], asyncio.Event()

    async def find_servers():
        searches.append(1)
        await may_end.wait()
        return found

    monkeypatch.setattr(discovery, "find_servers", find_servers)
    managed = Managed(NOTHING)
    managed.manager.find_servers()
    managed.manager.find_servers()
    await settled()
    assert managed.manager.local_servers == LocalServers([], pending=True)
    may_end.set()
    await settled()
    assert managed.manager.local_servers == LocalServers(found)
    assert len(searches) == 1
    managed.manager.find_servers()
    assert managed.manager.local_servers == LocalServers(found, pending=True)


async def test_a_better_model_is_used_once_the_turn_has_ended():
    managed = Managed(at("http://a/v1", Transport(), "plain", is_default=True))
    managed.idle.clear()
    managed.manager.choose_model([ListedModel("gpt-5.1")])
    await settled()
    assert managed.manager.connection.model == "plain"
    managed.idle.set()
    await settled()
    assert (managed.manager.connection.model, managed.manager.connection.choice) == ("gpt-5.1", "gpt-5.1")
    assert [connection.model for connection in managed.connected] == ["gpt-5.1"]


async def test_a_model_of_the_server_before_is_not_used():
    managed = Managed(at("http://a/v1", Transport(), "plain", is_default=True))
    managed.idle.clear()
    managed.manager.choose_model([ListedModel("gpt-5.1")])
    managed.manager.connect(at("http://b/v1", Transport(), "other", is_default=True))
    managed.idle.set()
    await settled()
    assert managed.manager.connection.model == "other"


async def test_a_model_that_the_user_has_named_meanwhile_stays():
    managed = Managed(at("http://a/v1", Transport(), "plain", is_default=True))
    managed.idle.clear()
    managed.manager.choose_model([ListedModel("gpt-5.1")])
    managed.manager.connect(at("http://a/v1", Transport(), "named"))
    managed.idle.set()
    await settled()
    assert managed.manager.connection.model == "named"


async def test_a_model_for_lack_of_one_is_replaced_if_the_server_does_not_offer_it():
    transport = Transport("gpt-5.1", "other")
    managed = Managed(at("http://a/v1", transport, "gpt-6-luna", is_default=True))
    error = ServerError("There is no gpt-6-luna", 404, code="model_not_found")
    assert await managed.manager.replace_model(error, "gpt-6-luna")
    assert managed.manager.connection.model == "gpt-5.1"
    assert managed.manager.models == ModelList(["gpt-5.1", "other"])


async def test_a_named_model_is_not_replaced_and_others_are_offered():
    managed = Managed(at("http://a/v1", Transport("gpt-5.1"), "mine"))
    error = ServerError("There is no mine", 404, code="model_not_found")
    with pytest.raises(ServerError, match=r"There is no mine, such as gpt-5\.1\."):
        await managed.manager.replace_model(error, "mine")
    assert managed.manager.connection.model == "mine"


async def test_other_errors_are_not_about_the_model():
    managed = Managed(at("http://a/v1", Transport("gpt-5.1"), "mine", is_default=True))
    assert not await managed.manager.replace_model(WRONG_KEY, "mine")
    assert managed.manager.models is None


async def test_an_end_is_announced_once_and_not_long_before():
    managed = Managed(NOTHING)
    today = datetime.now(UTC).date()
    managed.manager.announce_end("far", today + timedelta(days=1000))
    assert managed.notices == []
    for _ in range(2):
        managed.manager.announce_end("near", today + timedelta(days=3))
    assert [(code, appends) for _, code, appends in managed.notices] == [("model_ends", True)]


async def test_in_a_forked_process_nothing_is_pending():
    transport = Transport("m")
    transport.may_answer.clear()
    managed = Managed(NOTHING)
    managed.manager.begin_attempt("http://a/v1")
    managed.manager.try_connection(at("http://a/v1", transport))
    managed.manager.forked()
    transport.may_answer.set()
    await settled()
    assert not managed.manager.attempt.pending
    assert managed.manager.models is managed.manager.local_servers is None
