"""Models, local servers, and what is told about an address that cannot work: over real sockets."""

import http.server
import json
import socket
import threading
import time

import pytest

from chatwidget import DemoModel
from chatwidget._connection import discovery
from chatwidget._connection.discovery import find_servers
from tests.contract.run import run

KEY = "canary-key-0123456789abcdef"

pytestmark = pytest.mark.usefixtures("no_settings")


def state_of(chat):
    return chat._runner.call(chat._views.snapshot)["state"]


def said(chat, message, settled):
    """Say it as a view does; the state once it is `settled`."""
    chat._receive_from_view(chat, message, [])
    deadline = time.monotonic() + 20
    while not settled(state := state_of(chat)):
        assert time.monotonic() < deadline, state
        time.sleep(0.005)
    return state


def connected(chat, base_url, *, key="", model="m"):
    """The state once a view's attempt to connect is over and the models were asked for."""
    message = {"type": "connect", "base_url": base_url, "model": model, "key": key}
    before = state_of(chat)["attempt"]["number"]

    def settled(state):
        attempt, models = state["attempt"], state["models"]
        return attempt["number"] > before and not attempt["pending"] and not (models and models["pending"])

    return said(chat, message, settled)


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


# Connecting


def test_connecting_lists_the_models(chats, server):
    state = connected(chats(), server.base_url)
    assert state["models"] == {"names": ["test-model"], "error": None, "pending": False}
    assert (state["notice"], state["notice_code"], state["status"]) == (None, None, "ready")
    assert "authorization" not in server.requests[0].headers


def test_a_server_that_is_not_there_does_not_take_the_place_of_one_that_is(chats, server, free_port):
    chat = chats()
    connected(chat, server.base_url)
    for base_url, code in ((f"http://127.0.0.1:{free_port}/v1", "refused"), (server.url, "wrong_url")):
        message = {"type": "connect", "base_url": base_url, "model": "other", "key": ""}
        state = said(chat, message, lambda state: state["notice"] and not state["attempt"]["pending"])
        assert (state["notice_code"], state["attempt"]["base_url"]) == (code, base_url)
        assert (state["connection"]["base_url"], chat.model) == (server.base_url, "m")
    state = said(chat, {**message, "base_url": ""}, lambda state: "Enter an API key" in (state["notice"] or ""))
    assert state["connection"]["base_url"] == server.base_url
    assert chat.ask("hi").status == "complete"
    assert connected(chat, server.base_url, model="other")["connection"]["model"] == "other"


def test_nor_does_a_key_that_is_refused(chats, server):
    """One that may not see the list may still be one that may ask, and one that is refused everything is not."""
    chat = chats()
    connected(chat, server.base_url)
    message = {"type": "connect", "base_url": server.base_url, "model": "other", "key": KEY}
    server.list_models(b"{}", 401)
    server.reply_error(401, "no")
    state = said(chat, message, lambda state: state["notice"] and not state["attempt"]["pending"])
    assert (state["notice_code"], state["connection"]["key"], chat.model) == ("wrong_key", None, "m")
    assert chat.ask("hi").status == "complete"
    assert "authorization" not in server.chats[-1].headers
    server.reply("asked", " nothing")
    state = said(chat, message, lambda state: state["connection"]["key"] and not state["attempt"]["pending"])
    assert (state["notice"], chat.model) == (None, "other")
    assert state["models"]["error"] == "The server does not list its models with this key."


def test_without_a_model_the_servers_are_offered(chats, server):
    state = connected(chats(), server.base_url, model="")
    assert state["models"]["names"] == ["test-model"]
    assert state["connection"]["kind"] == "none"
    assert "name of a model" in state["notice"]


@pytest.mark.parametrize(
    ("status", "key", "told"),
    [
        (401, KEY, ("wrong_key", "check it, or create")),
        (403, KEY, ("wrong_key", "check it, or create")),
        (401, "", ("no_key", "provide one")),
    ],
)
def test_a_wrong_key_is_told(chats, server, status, key, told):
    server.list_models(b'{"error": {"message": "Incorrect API key provided: %s"}}' % key.encode(), status)
    server.reply_error(status, f"Incorrect API key provided: {key}")
    state = connected(chats(), server.base_url, key=key)
    assert state["notice_code"] == told[0]
    assert told[1] in state["notice"]
    assert "0123456789" not in str(state)
    assert (state["connection"]["kind"], state["status"]) == ("none", "disconnected")


def test_what_a_gateway_says_is_told_and_it_is_not_connected(chats, server):
    words = "Requests from this country are blocked by policy 7"
    server.list_models(b'{"error": {"message": "%s"}}' % words.encode(), 403)
    server.reply_error(403, words)
    chat = chats()
    state = connected(chat, server.base_url, key=KEY)
    assert state["notice"] == (
        f"The server does not allow this (403: {words}): ask those who run it, or use another key or another model."
    )
    assert (state["notice_code"], state["connection"]["kind"], chat.status) == ("forbidden", "none", "disconnected")


@pytest.mark.parametrize("words", ["API key not valid. Please pass a valid API key.", "Incorrect API key provided: k."])
def test_a_wrong_key_is_one_with_any_status(chats, server, words):
    """Fails when `status_error` looks at the status alone: Google and xAI call it a bad request."""
    body = json.dumps([{"error": {"code": 400, "message": words, "status": "INVALID_ARGUMENT"}}])
    server.list_models(body.encode(), 400)
    server.reply_error(400, words)
    chat = chats()
    state = connected(chat, server.base_url, key=KEY)
    assert (state["notice_code"], state["connection"]["kind"], chat.status) == ("wrong_key", "none", "disconnected")


def test_the_sentence_for_an_address_is_the_same_from_python_and_in_the_form(chats, server):
    told = f"There is no model server at {server.url}: check the address; most end in /v1."
    assert connected(chats(), server.url)["notice"] == told
    with pytest.raises(Exception, match="most end in /v1") as caught:
        chats("m", base_url=server.url).ask("hi")
    assert (caught.value.reply.error, caught.value.reply.error_code) == (told, "wrong_url")


def test_a_wrong_path_is_told(chats, server):
    state = connected(chats(), server.url)
    assert state["notice_code"] == "wrong_url"
    assert "/v1" in state["notice"]


def test_a_web_page_is_a_wrong_address(chats, server):
    server.list_models(b"<!doctype html><title>Welcome</title>", media_type="text/html")
    assert connected(chats(), server.base_url)["notice_code"] == "wrong_url"


def test_a_server_without_a_list_connects_without_complaint(chats, server):
    server.list_models(b'{"detail": "Not Found"}', 404)
    chat = chats()
    state = connected(chat, server.base_url)
    assert (state["notice"], state["notice_code"]) == (None, None)
    assert state["models"]["names"] == []
    assert "404" in state["models"]["error"]
    assert chat.ask("hi").status == "complete"


@pytest.mark.parametrize("status", [405, 429, 500, 501])
def test_nor_is_a_list_that_fails_complained_about(chats, server, status):
    server.list_models(b"no", status)
    state = connected(chats(), server.base_url)
    assert state["notice"] is None
    assert str(status) in state["models"]["error"]


def test_nothing_listening_is_told(chats, free_port):
    state = connected(chats(), f"http://127.0.0.1:{free_port}/v1")
    assert state["notice_code"] == "refused"
    assert str(free_port) in state["notice"]


def test_a_host_that_is_not_there_is_told(chats, monkeypatch):
    def unknown(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    state = connected(chats(), "http://no-such-host.example/v1")
    assert state["notice_code"] == "no_host"
    assert "no-such-host.example" in state["notice"]


def test_a_reply_that_fails_has_the_code_too(chats, server):
    server.reply_error(401, "no")
    chat = chats("m", base_url=server.base_url, api_key=KEY)
    with pytest.raises(Exception, match="401") as caught:
        chat.ask("hi")
    assert caught.value.reply.error_code == "wrong_key"
    assert chat._runner.call(chat._views.snapshot)["messages"][-1]["error_code"] == "wrong_key"


# Models


def test_models_are_listed_when_asked(chats, server):
    chat = chats("m", base_url=server.base_url)
    assert state_of(chat)["models"] is None
    assert server.requests == []
    state = said(chat, {"type": "models"}, lambda state: state["models"] and state["models"]["names"])
    assert state["models"] == {"names": ["test-model"], "error": None, "pending": False}


def test_they_stay_while_another_one_is_chosen_and_go_with_the_server(chats, server):
    chat = chats()
    connected(chat, server.base_url)
    chat._receive_from_view(chat, {"type": "model", "name": "other"}, [])
    assert state_of(chat)["models"]["names"] == ["test-model"]
    assert chat.model == "other"
    chat._receive_from_view(chat, {"type": "connect", "demo": True}, [])
    assert state_of(chat)["models"] is None


@pytest.mark.parametrize("model", [DemoModel(["x"]), lambda _messages: "x"])
def test_where_there_are_none_it_is_said(chats, model):
    chat = chats(model)
    state = said(chat, {"type": "models"}, lambda state: state["models"] and not state["models"]["pending"])
    assert state["models"] == {"names": [], "error": "This model has no list of other models.", "pending": False}
    assert state["notice"] is None


def test_a_users_client_lists_models_too(chats, server):
    import openai  # noqa: PLC0415 a quarter of a second

    chat = chats(openai.AsyncOpenAI(base_url=server.base_url, api_key=KEY))
    state = said(chat, {"type": "models"}, lambda state: state["models"] and not state["models"]["pending"])
    assert state["models"]["names"] == ["test-model"]
    chat._receive_from_view(chat, {"type": "model", "name": "other"}, [])
    chat.ask("hi")
    assert server.chats[-1].json["model"] == "other"


# Servers on this computer


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A server that answers with a redirect, and is not a model server."""

    target = ""

    def do_GET(self):
        self.send_response(302)
        self.send_header("location", self.target)
        self.end_headers()

    def log_message(self, *_args): ...


@pytest.fixture
def redirecting(server):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as other:
        Elsewhere.target = f"{server.base_url}/models"
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{other.server_address[1]}/v1"
        other.shutdown()


def test_local_servers_that_answer_are_found(chats, server, free_port, monkeypatch):
    table = (("Off", f"http://127.0.0.1:{free_port}/v1"), ("Mine", server.base_url))
    monkeypatch.setattr(discovery, "LOCAL_SERVERS", table)
    chat = chats()
    assert server.requests == []
    state = said(chat, {"type": "servers"}, lambda state: state["servers"] and not state["servers"]["pending"])
    assert state["servers"]["found"] == [{"name": "Mine", "base_url": server.base_url, "models": ["test-model"]}]
    assert [request.path for request in server.requests] == ["/v1/models"]
    assert "authorization" not in server.requests[0].headers


def test_only_this_computer_is_asked(monkeypatch):
    asked = []
    monkeypatch.setattr(discovery, "probe", lambda url, _seconds: asked.append(url))
    monkeypatch.setattr(discovery, "LOCAL_SERVERS", (("Far", "http://192.0.2.1/v1"), ("Name", "http://example.org/v1")))
    assert run(find_servers()) == []
    assert asked == []


def test_no_redirect_is_followed_and_no_proxy_used(server, redirecting, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.setattr(discovery, "LOCAL_SERVERS", (("Else", redirecting),))
    assert run(find_servers()) == []
    assert server.requests == []


def test_the_usual_ones_are_asked_at_once_and_not_for_long(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        monkeypatch.setattr(discovery, "LOCAL_SERVERS", tuple((str(number), url) for number in range(4)))
        began = time.monotonic()
        assert run(find_servers()) == []
        assert time.monotonic() - began < 3


def test_all_of_the_table_is_on_this_computer():
    assert [name for name, _ in discovery.LOCAL_SERVERS] == ["Ollama", "LM Studio", "llama.cpp", "vLLM"]
    assert all(url.startswith("http://127.0.0.1:") for _, url in discovery.LOCAL_SERVERS)
