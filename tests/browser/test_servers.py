"""What is wrong with an address is told when it is connected, in both runtimes; models and local servers are found."""

import json
import socket

import pytest
from playwright.sync_api import Locator, expect

from tests.browser._notebook import Notebook, only_jupyterlite
from tests.browser.test_connect import EMPTY, form_of
from tests.server import ModelServer

WAIT = """\
import asyncio
while chat._chat.{name} is None or chat._chat.{name}["pending"]:
    await asyncio.sleep(0.01)
print(chat._chat.{name})"""


def notice_of(notebook: Notebook) -> Locator:
    return notebook.chat.root.locator(".chatwidget-notice")


def connect(notebook: Notebook, base_url: str) -> None:
    form = form_of(notebook)
    form.get_by_label("Base URL").fill(base_url)
    form.get_by_label("Model").fill("test-model")
    form.get_by_label("API key").fill("k")
    form.locator(".chatwidget-connect-save").click()


def nobody() -> str:
    """An address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


@pytest.fixture
def empty(notebook: Notebook) -> Notebook:
    """A chat that asks for a model."""
    notebook.open(EMPTY, WAIT.format(name="models"))
    notebook.run(0)
    return notebook


def test_a_wrong_key_is_told(empty: Notebook, server: ModelServer) -> None:
    server.list_models(b'{"error": {"message": "Incorrect API key"}}', 401)
    connect(empty, server.base_url)
    expect(notice_of(empty)).to_contain_text("key")
    expect(notice_of(empty)).to_contain_text(server.base_url)


def test_a_wrong_address_is_told(empty: Notebook, server: ModelServer) -> None:
    connect(empty, server.url)
    expect(notice_of(empty)).to_contain_text("/v1")


def test_nothing_listening_is_told(empty: Notebook) -> None:
    connect(empty, nobody())
    expect(notice_of(empty)).to_contain_text("Nothing answers")


@only_jupyterlite
def test_a_page_that_is_not_let_in_is_told(empty: Notebook, server: ModelServer) -> None:
    server.allow(origins=[])
    connect(empty, server.base_url)
    expect(notice_of(empty)).to_contain_text("CORS")


def test_the_models_are_listed(empty: Notebook, server: ModelServer) -> None:
    connect(empty, server.base_url)
    expect(form_of(empty)).to_be_hidden()
    empty.run(1)
    expect(empty.output(1)).to_contain_text("'names': ['test-model'], 'error': None, 'pending': False")
    expect(notice_of(empty)).to_be_hidden()


def test_local_servers_are_found(notebook: Notebook, server: ModelServer) -> None:
    table = (("Mine", server.base_url), ("Off", nobody()))
    find = "chat._view_said(chat, {'type': 'servers'}, [])"
    notebook.open(
        f"import chatwidget._servers\nchatwidget._servers.LOCAL_SERVERS = {table!r}\n{EMPTY}",
        find,
        WAIT.format(name="servers"),
    )
    notebook.run_all()
    expect(notebook.output(2)).to_contain_text(f"'name': 'Mine', 'base_url': {json.dumps(server.base_url)[1:-1]!r}")
    expect(notebook.output(2)).not_to_contain_text("Off")


@only_jupyterlite
def test_null_from_a_view_is_none(notebook: Notebook) -> None:
    notebook.open("""\
from pyodide.code import run_js
from chatwidget._commands import parse
print(parse(run_js("({type: 'setup', values: {max_tokens: null}})").to_py()))""")
    notebook.run_all()
    expect(notebook.output(0)).to_contain_text("Setup(values={'max_tokens': None})")
