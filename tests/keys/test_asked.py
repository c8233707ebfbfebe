"""Keys that a function gives, and the one in Colab's store.

The tests fail when `key_for_request` catches less, leaves out `fault_of` or uses no thread; that of Colab when
`resolve._server` leaves out the comparison with OpenAI's origin.
"""

import asyncio
import sys
import threading
import types
from contextlib import suppress

import pytest

from chatwidget import ChatError
from chatwidget._connection.resolve import OPENAI_URL, resolve_connection
from chatwidget._secrets.keys import AskedKey
from tests.contract.run import run
from tests.keys._canary import leaks, new_canary
from tests.keys.test_python import verbose_traceback
from tests.server import ModelServer


def sent(server):
    return [request.headers.get("authorization") for request in server.chats]


@pytest.mark.parametrize("is_async", [False, True])
def test_a_function_is_asked_at_each_request(chats, server, is_async):
    keys = [new_canary() for _ in range(3)]
    given = iter(keys)

    async def later():
        await asyncio.sleep(0)
        return next(given)

    chat = chats("m", base_url=server.base_url, api_key=later if is_async else lambda: next(given))
    chat._repr_mimebundle_()
    for _ in keys:
        chat.ask("hi")
    assert sent(server) == [f"Bearer {key}" for key in keys]
    assert chat.get_state()["_snapshot"]["state"]["connection"]["key"] == "…"


def test_a_function_that_takes_its_time_holds_up_no_other_chat(chats, server):
    asked, may_go_on = threading.Event(), threading.Event()

    def slow():
        asked.set()
        assert may_go_on.wait(20)
        return "slow-key"

    waiting = chats("m", base_url=server.base_url, api_key=slow)
    thread = threading.Thread(target=waiting.ask, args=("hi",))
    thread.start()
    assert asked.wait(20)
    assert chats("m", base_url=server.base_url).ask("at once").content == "You said: at once"
    may_go_on.set()
    thread.join(20)
    assert sent(server) == [None, "Bearer slow-key"]


LOCKED = "the vault is locked"


def fail():
    raise LookupError(LOCKED)


async def fail_later():
    raise SystemExit(LOCKED)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (fail, "failed (LookupError: the vault is locked)"),
        (fail_later, "failed (SystemExit: the vault is locked)"),
        (lambda: None, "must be text, not NoneType"),
        (lambda: b"key", "must be text, not bytes"),
        (lambda: " ", "is empty"),
        (lambda: "kéy", "a character that is not allowed in keys"),
    ],
)
def test_a_function_that_gives_no_key_is_told_in_one_sentence_and_nothing_is_asked(chats, server, function, told):
    chat = chats("m", base_url=server.base_url, api_key=function)
    with pytest.raises(ChatError) as caught:
        chat.ask("hi")
    assert told in caught.value.reply.error
    assert caught.value.reply.error_code == "no_key"
    assert "\n" not in caught.value.reply.error
    assert not server.requests


def test_what_is_asked_is_seen_nowhere_and_taken_out_of_what_the_server_says(chats, server, key):
    chat = chats("m", base_url=server.base_url, api_key=lambda: key)
    server.reply_error(401, f"bad key {key}")
    shown = verbose_traceback("chat.ask('hi')", chat=chat)
    assert "API key" in shown
    endpoint = chat._chat.connection.endpoint
    seen = [
        shown,
        repr(chat),
        repr(vars(chat)),
        chat.get_state(),
        chat.trait_values(),
        repr(endpoint),
        vars(chat._chat),
    ]
    assert not leaks(seen, key)
    assert repr(endpoint.key) == "AskedKey()"


@pytest.mark.parametrize("status", [302, 307])
def test_what_is_asked_goes_to_no_other_origin(chats, server, key, status):
    asked = []
    chat = chats("m", base_url=server.base_url, api_key=lambda: asked.append(1) or key)
    with ModelServer() as other:
        server.reply_error(status, "moved", headers={"location": f"{other.base_url}/chat/completions"})
        with suppress(ChatError):
            chat.ask("hi")
        chat.connect("m", base_url=other.base_url)
        chat.ask("hi")
        assert not leaks([request.headers for request in other.requests], key)
    assert len(asked) == 1


def test_the_model_can_change_while_the_function_stays(chats, server):
    function = lambda: "key"  # noqa: E731 as a user writes it
    chat = chats("m", base_url=server.base_url, api_key=function)
    chat.model = "other"
    chat.ask("hi")
    assert sent(server) == ["Bearer key"]
    assert chat._chat.connection.endpoint.key == AskedKey(function)


@pytest.fixture
def colab(monkeypatch, key):
    """Colab's module as its documentation has it; `userdata.asked` are the names asked for."""
    userdata = types.ModuleType("google.colab.userdata")
    userdata.asked = []
    userdata.get = lambda name: userdata.asked.append(name) or key
    for name in ("google", "google.colab"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "google.colab.userdata", userdata)
    return userdata


def test_colabs_store_is_asked_for_openai_and_for_no_other_origin(colab, key):
    connection = resolve_connection("m", None, None, {})
    assert connection.endpoint.key.reveal() == key
    assert colab.asked == ["OPENAI_API_KEY"]
    for url in ("http://localhost:11434/v1", OPENAI_URL.replace("https:", "http:"), "https://api.openai.com:8443/v1"):
        assert resolve_connection("m", url, None, {}).endpoint.key is None
    assert resolve_connection("m", None, None, {"OPENAI_BASE_URL": "http://localhost:1/v1"}).endpoint.key is None
    assert resolve_connection("m", None, None, {"OPENAI_API_KEY": "from-the-environment"}).endpoint.key.reveal() != key
    assert colab.asked == ["OPENAI_API_KEY"]


def test_colabs_store_may_refuse_and_is_asked_by_the_main_thread_only(colab):
    def refuse(_name):
        raise PermissionError

    colab.get = refuse
    assert resolve_connection("m", None, None, {}).kind == "none"

    async def elsewhere():
        return await asyncio.to_thread(resolve_connection, "m", None, None, {})

    colab.get = lambda _name: pytest.fail("asked on another thread")
    assert run(elsewhere()).kind == "none"
