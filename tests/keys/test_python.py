"""Where a key could end up on the way through Python. The ids are those of the checks these tests make."""

import base64
import gc
import io
import json
import logging
import re
import subprocess
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path

import openai
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.ultratb import VerboseTB
from IPython.lib.pretty import pretty

import chatwidget
from chatwidget import ChatError, ChatWidget, ChatWidgetError
from tests.contract.run import run
from tests.keys._canary import leaks, new_canary
from tests.server import ModelServer

ROOT = Path(__file__).parents[2]


@pytest.fixture
def chat(chats, server, key):
    return chats("m", base_url=server.base_url, api_key=key)


def test_the_search_finds_what_it_should(key):
    for hidden in (
        key,
        key[:12],
        key[-12:],
        key[::-1],
        base64.b64encode(b"x" + key.encode()).decode(),
        key.encode().hex(),
    ):
        assert leaks(f"before {hidden} after", key)
    assert not leaks(f"before {key[8:19]} after {new_canary()[8:]}", key)


def test_k01_k02_no_state_and_no_message_to_a_view_has_the_key(chat, key, monkeypatch):
    sent = []
    monkeypatch.setattr(chat.comm, "send", lambda *args, **kwargs: sent.append((args, kwargs)))
    chat.ask("hi")
    chat.send_state()
    assert len(sent) > 1
    assert not leaks(sent, key)
    assert not leaks(json.dumps([chat.get_state(), chat.get_state(drop_defaults=True)], default=repr), key)


def test_k03_no_way_to_look_at_the_widget_shows_the_key(chat, key):
    chat.ask("hi")
    shell = InteractiveShell.instance()
    inspected = shell.inspector.info(chat, "chat", detail_level=1)
    shown = [
        repr(chat),
        str(chat),
        repr(vars(chat)),
        pretty(chat),
        pretty(vars(chat)),
        chat._repr_mimebundle_(),
        inspected,
    ]
    assert not leaks(shown, key)


def test_k04_the_key_is_no_trait(chat, key):
    assert not leaks([chat.traits(), chat.trait_values(), chat.keys, chat.trait_defaults()], key)


def verbose_traceback(cell, **names):
    """What a cell that fails shows under `%xmode Verbose`: every variable of every frame."""
    try:
        exec(compile(cell, "cell", "exec"), names)
    except ChatWidgetError:
        return str(VerboseTB(theme_name="nocolor").text(*sys.exc_info()))
    return ""


def test_k05_a_failed_answer_shows_no_key(chat, server, key):
    server.reply_error(401, "no")
    shown = verbose_traceback("chat.ask('hi')", chat=chat)
    assert "ChatError" in shown
    assert not leaks(shown, key)


@pytest.mark.parametrize("address", ["not an address", "https://user@host/v1", "https://a b/"])
@pytest.mark.parametrize(
    "cell", ["ChatWidget('m', base_url=url, api_key=give())", "chat.connect('m', base_url=url, api_key=give())"]
)
def test_k05_settings_that_cannot_work_show_no_key(chats, key, monkeypatch, address, cell):
    chat = chats("demo")
    monkeypatch.setenv("OPENAI_API_KEY", key)
    shown = verbose_traceback(cell, chat=chat, ChatWidget=ChatWidget, url=address, give=lambda: key)
    assert "SettingsError" in shown
    assert not leaks(shown, key)


@pytest.mark.usefixtures("no_settings")
@pytest.mark.parametrize(
    "wrong", [lambda key: key.encode(), lambda key: [key], lambda key: f"{key} {key}", lambda key: key + "ü"]
)
def test_k05_a_key_that_cannot_work_is_not_shown(key, wrong):
    shown = verbose_traceback("ChatWidget('m', api_key=give())", ChatWidget=ChatWidget, give=lambda: wrong(key))
    assert "api_key" in shown
    assert not leaks(shown, key)


def test_k05_a_handler_that_raises_shows_no_key(chats, key, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", key)

    def answer(messages):
        raise ValueError(len(messages))

    shown = verbose_traceback("chat.ask('hi')", chat=chats(answer))
    assert "ValueError" in shown
    assert not leaks(shown, key)


def test_k06_k07_an_error_of_the_server_that_echoes_the_key_is_redacted(chat, server, key):
    server.reply_error(401, f"Incorrect key {key}, also {key[:20]} or {key[20:]}")
    with pytest.raises(ChatError) as caught:
        chat.ask("hi")
    error = caught.value
    chain = [error, error.__cause__, error.__context__]
    told = [
        str(error),
        repr(error),
        vars(error),
        error.reply,
        list(map(repr, chain)),
        list(map(vars, filter(None, chain))),
    ]
    assert not leaks(told, key)
    assert not leaks("".join(traceback.format_exception(error)), key)
    assert not leaks(chatwidget.to_json(chat.conversation), key)


def test_k08_no_log_has_the_key(chats, server, key, caplog, monkeypatch):
    monkeypatch.setenv("OPENAI_LOG", "debug")
    caplog.set_level(logging.DEBUG)
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        chat = chats("m", base_url=server.base_url, api_key=key)
        chat.ask("hi")
        server.reply_error(401, f"bad {key}")
        with pytest.raises(ChatError):
            chat.ask("hi")
    assert caplog.records
    assert not leaks([caplog.text, [vars(record) for record in caplog.records], out.getvalue(), err.getvalue()], key)


def test_k09_no_saved_conversation_has_the_key_or_the_address(chat, server, key):
    chat.ask("hi")
    saved = chatwidget.to_json(chat.conversation)
    assert not leaks(saved, key)
    assert server.base_url not in saved


def test_k10_nothing_teaches_to_write_a_key_into_a_cell():
    texts = [path.read_text("utf-8") for path in [ROOT / "README.md", *ROOT.glob("notebooks/*.ipynb")]]
    assert len(texts) > 1
    assert not any(re.search(r"api_key=\\?[\"']", text) for text in texts)


def test_k11_no_error_lists_the_environment(chats, server, key, monkeypatch):
    monkeypatch.setenv("SOME_SERVICE_TOKEN", key)
    monkeypatch.setenv("OPENAI_API_KEY", key)
    chat = chats("m", base_url=server.base_url)
    server.reply_error(500)
    server.reply_error(500)
    server.reply_error(500)
    with pytest.raises(ChatError) as caught:
        chat.ask("hi")
    assert not leaks([caught.value, "".join(traceback.format_exception(caught.value))], key)


def test_k12_k22_the_key_is_in_one_header_and_in_no_address(chat, server, key):
    chat.ask("hi")
    request = server.chats[0]
    holders = [name for name, value in request.headers.items() if leaks(value, key)]
    assert holders == ["authorization"]
    assert not leaks([request.path, request.json], key)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_k15_a_redirect_to_another_origin_gets_no_key(chats, server, key, status):
    with ModelServer() as other:
        server.reply_error(status, "moved", headers={"location": f"{other.base_url}/chat/completions"})
        chat = chats("m", base_url=server.base_url, api_key=key)
        with suppress(ChatError):
            chat.ask("hi")
        assert not leaks([request.headers for request in other.requests], key)


def test_k16_another_server_gets_no_key_of_the_first(chats, server, key):
    chat = chats("m", base_url="http://127.0.0.1:9/v1", api_key=key)
    chat.connect("m", base_url=server.base_url)
    chat.ask("hi")
    assert not leaks([request.headers for request in server.requests], key)


def test_k16_a_loaded_conversation_sends_nothing_elsewhere(chat, server):
    stranger = {"base_url": "http://127.0.0.1:9/v1", "api_key": "x", "role": "user", "content": "hi"}
    chat.messages = [stranger]
    chat.ask("and now?")
    assert len(server.chats) == 1


def test_k17_a_function_that_answers_sees_no_key(chats, key, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    seen = []

    def answer(messages):
        seen.append((messages, repr(vars())))
        return "ok"

    chats(answer).ask("hi")
    assert seen
    assert not leaks(seen, key)


def test_k21_a_mask_shows_four_characters_at_most(chat, key):
    mask = chat.get_state()["_snapshot"]["state"]["connection"]["key"]
    assert mask.endswith(key[-4:])
    assert key[-5:] not in mask
    assert key[:3] not in mask


def test_k23_a_crash_report_has_no_key(server, key):
    script = f"""
import faulthandler, os, sys
faulthandler.enable(all_threads=True)
from chatwidget import ChatWidget
chat = ChatWidget("m", base_url={server.base_url!r}, api_key=sys.stdin.read())
chat.ask("hi")
faulthandler._sigabrt() if hasattr(faulthandler, "_sigabrt") else os.abort()"""
    crashed = subprocess.run([sys.executable, "-c", script], input=key, capture_output=True, text=True, check=False)
    assert "Fatal Python error" in crashed.stderr
    assert not leaks([crashed.stderr, crashed.stdout], key)


def test_k26_two_widgets_never_mix_their_keys(chats, server, key):
    other = new_canary()
    first, second = (chats("m", base_url=server.base_url, api_key=each) for each in (key, other))
    for _ in range(5):
        first.ask("one")
        second.ask("two")
    for request in server.chats:
        asked = request.json["messages"][-1]["content"]
        assert request.headers["authorization"] == f"Bearer {key if asked == 'one' else other}"


@pytest.mark.usefixtures("no_settings")
def test_k26_a_closed_widget_leaves_no_key_behind(server, key):
    chat = ChatWidget("m", base_url=server.base_url, api_key=key)
    chat.ask("hi")
    run(chat._chat.session.aclose())
    chat.close()
    del chat
    gc.collect()
    holders = [
        module for name, module in sys.modules.items() if name.startswith("chatwidget") and leaks(vars(module), key)
    ]
    assert not holders
    clients = [thing for thing in gc.get_objects() if isinstance(thing, openai.AsyncOpenAI) and thing.api_key == key]
    assert not clients


LIKE_KEYS = re.compile(
    r"\b(sk|gsk|xai|hf|ghp|glpat)[-_][A-Za-z0-9_-]{32,}|AIza[\w-]{30,}|canary-[0-9a-f]{40}|BEGIN [A-Z ]*PRIVATE KEY"
)
"""What services give, and what a test of these would leave behind. It does not match itself."""

FOLDERS = ("src", "js", "lite", "notebooks", "tests", ".github", ".ci")
MADE = {"node_modules", "static", "__pycache__"}


def own_files():
    """The texts that the repository holds, without what is installed or built."""
    paths = [*ROOT.glob("*.*"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    for path in paths:
        if path.is_file() and not MADE & set(path.parts):
            with suppress(UnicodeDecodeError):
                yield path, path.read_text("utf-8")


# K25: both fail when a file with such a key is added.


def test_k25_no_file_of_the_repository_holds_what_looks_like_a_key():
    texts = dict(own_files())
    assert Path(__file__) in texts
    assert not [path for path, text in texts.items() if LIKE_KEYS.search(text)]


def test_k25_the_documents_show_no_key_at_all():
    documents = {path: text for path, text in own_files() if path.suffix in {".md", ".ipynb"}}
    assert len(documents) > 2
    assert not [path for path, text in documents.items() if re.search(r"\bsk-(?!\.\.\.)", text)]
