"""Headers of a chat are kept as keys are: each test searches for what is in one, as those of keys do."""

from __future__ import annotations

import io
import json
import logging
import pickle
import traceback
from contextlib import redirect_stderr, redirect_stdout, suppress

import openai
import pytest
from IPython.lib.pretty import pretty

import chatwidget
from chatwidget import ChatError, ChatWidget, SettingsError
from chatwidget._connection.resolve import connect_anew, resolve_connection
from tests.keys._canary import leaks
from tests.keys.test_python import verbose_traceback
from tests.server import ModelServer


@pytest.fixture
def chat(chats, server, key):
    return chats("m", base_url=server.base_url, headers={"X-Gateway": key, "x-tenant": "blue"})


def test_they_go_with_each_request_and_nowhere_else(chat, server, key, monkeypatch):
    sent = []
    monkeypatch.setattr(chat.comm, "send", lambda *args, **kwargs: sent.append((args, kwargs)))
    chat.ask("hi", temperature=0)
    chat.models()
    chat.send_state()
    assert [request.headers["x-gateway"] for request in server.requests] == [key, key]
    assert [request.headers["x-tenant"] for request in server.requests] == ["blue", "blue"]
    assert not leaks([server.chats[0].json, server.chats[0].path], key)
    assert not leaks([sent, json.dumps(chat.get_state(), default=repr)], key)
    assert not leaks([repr(chat), vars(chat), pretty(vars(chat)), chat.trait_values(), chat.traits(), chat.params], key)
    endpoint = chat._chat.connection.endpoint
    assert not leaks([endpoint, chat._chat.connection, chat._chat.connection.shown()], key)
    assert repr(endpoint.headers) == "Headers(X-Gateway, x-tenant)"
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(endpoint)
    assert not leaks([chatwidget.to_json(chat.conversation), chat._chat.masked(f"print({key!r})")], key)


@pytest.mark.parametrize("where", ["chat", "question"])
def test_what_a_server_repeats_of_them_is_taken_out(chats, server, key, where):
    settings = {"headers": {"x-gateway": f"token {key}"}} if where == "chat" else {}
    question = {} if where == "chat" else {"extra_headers": {"x-gateway": f"token {key}"}}
    chat = chats("m", base_url=server.base_url, **settings)
    reasons = []
    chat.observe(lambda _: reasons.append(chat._chat.session.retrying), "status")
    server.reply_error(500, f"who is {key}?", headers={"retry-after-ms": "1"})
    server.reply_error(403, f"not {key[:20]}, nor {key}")
    server.reply_raw(f'data: {{"error": {{"message": "token {key} has expired"}}}}\n\n'.encode())
    for _ in range(2):
        with pytest.raises(ChatError) as caught:
            chat.ask("hi", **question)
        assert not leaks(["".join(traceback.format_exception(caught.value)), vars(caught.value)], key)
    assert any(reasons)
    assert not leaks(reasons, key)
    server.list_models(f'{{"error": "no {key}"}}'.encode(), status=403)
    if where == "chat":
        with pytest.raises(SettingsError) as refused:
            chat.models()
        assert not leaks("".join(traceback.format_exception(refused.value)), key)


def test_no_log_has_them(chats, server, key, caplog, monkeypatch):
    monkeypatch.setenv("OPENAI_LOG", "debug")
    caplog.set_level(logging.DEBUG)
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        chats("m", base_url=server.base_url, headers={"X-Gateway": key}).ask("hi")
    assert caplog.records
    assert not leaks([caplog.text, [vars(record) for record in caplog.records], out.getvalue(), err.getvalue()], key)


@pytest.mark.parametrize("cell", ["ChatWidget('m', headers=give())", "chat.connect('m', headers=give())"])
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda key: {"X-Gateway": f"{key}\r\nX-Evil: 1"}, "the header X-Gateway contains a character"),
        (lambda key: {"X-Gateway": f"{key}ü"}, "the header X-Gateway contains a character"),
        (lambda key: {"X-Gateway": [key]}, "the header X-Gateway must be text, not list"),
        (lambda _: {"X Gateway": "1"}, "invalid header name: 'X Gateway'"),
        (lambda _: {"": "1"}, "an invalid header name"),
        (lambda _: {7: "1"}, "an invalid header name"),
        (lambda key: [("X-Gateway", key)], "headers must be a dict of strings, not list"),
        (lambda key: f"X-Gateway: {key}", "headers must be a dict of strings, not str"),
    ],
)
def test_those_that_cannot_work_are_refused_and_not_shown(chats, key, cell, wrong, says):
    shown = verbose_traceback(cell, chat=chats("demo"), ChatWidget=ChatWidget, give=lambda: wrong(key))
    assert "SettingsError" in shown
    assert says in " ".join(shown.split())
    assert not leaks(shown, key)


def test_they_belong_to_a_server(chats, key):
    for model in (lambda _: "hi", openai.OpenAI(api_key="k")):
        with pytest.raises(SettingsError, match="headers can only be combined with a model name"):
            chats(model, headers={"x": key})
    with pytest.raises(SettingsError, match="client can only be combined with a model name"):
        chats("m", client=openai.OpenAI(api_key="k"), headers={"x": key})


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_origin_gets_none(chats, server, key, status):
    question = {"extra_headers": {"x-question": key}}
    with ModelServer() as other:
        server.reply_error(status, "moved", headers={"location": f"{other.base_url}/chat/completions"})
        chat = chats("m", base_url=server.base_url, api_key="the-key-of-a-test", headers={"X-Gateway": key})
        with suppress(ChatError):
            chat.ask("hi", **question)
        assert other.requests
        assert not leaks([request.headers for request in other.requests], key)
    server.reply_error(307, "moved", headers={"location": f"{server.url}/v2/chat/completions"})
    chat.ask("hi", **question)
    assert [request.headers["x-gateway"] for request in server.chats[-2:]] == [key, key]


def test_another_server_gets_none_and_another_model_all(chats, server, key):
    chat = chats("m", base_url=server.base_url, headers={"X-Gateway": key})
    chat.model = "other"
    chat.ask("hi")
    assert (server.chats[0].json["model"], server.chats[0].headers["x-gateway"]) == ("other", key)
    with ModelServer() as other:
        chat.connect("m", base_url=other.base_url)
        chat.ask("hi")
        assert not leaks([request.headers for request in other.requests], key)


@pytest.mark.usefixtures("no_settings")
def test_what_a_person_fills_in_keeps_those_of_the_same_origin(key):
    old = resolve_connection(
        "m", "http://h:1/v1", None, headers=chatwidget._secrets.keys.conceal_headers({"x-gateway": key})
    )
    assert connect_anew(old, "n", "http://h:1/v2", None).endpoint.headers == old.endpoint.headers
    for url in ("http://h:2/v1", "https://h:1/v1", "http://h.example:1/v1", None):
        connection = connect_anew(old, "n", url, None)
        assert not connection.endpoint.headers


def test_an_authorization_of_ones_own_takes_the_place_of_the_key(chats, server):
    chat = chats("m", base_url=server.base_url, api_key="the-key-of-a-test", headers={"authorization": "Basic abc="})
    chat.ask("hi")
    chat.ask("hi", extra_headers={"Authorization": "Basic def="})
    chats("m", base_url=server.base_url, headers={"USER-AGENT": "gateway/1"}).ask("hi")
    sent = [request.headers for request in server.chats]
    assert [headers.get("authorization") for headers in sent] == ["Basic abc=", "Basic def=", None]
    assert sent[2]["user-agent"] == "gateway/1"


@pytest.mark.usefixtures("no_settings")
def test_openai_needs_no_key_where_headers_let_one_in():
    headers = chatwidget._secrets.keys.conceal_headers({"Authorization": "Basic abc="})
    assert resolve_connection("m", "https://api.openai.com/v1", None, headers=headers).kind == "server"
