"""What the kernel finds out about servers, in both runtimes: what is wrong with an address, models, local ones."""

import json
import socket

from playwright.sync_api import expect

from chatwidget._connection.discovery import Server
from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, only_jupyterlite
from tests.server import ModelServer

MAKE = """\
import asyncio
from chatwidget import ChatWidget
from chatwidget._connection import discovery
chat = ChatWidget()
def say(kind, **values):
    chat._receive_from_view(chat, {"type": kind, **values}, [])
async def settled(name):
    # On the runner's loop, where nothing is seen half done.
    look = lambda: getattr(chat._chat.connections, name)
    while (value := chat._runner.call(look)) is None or value.pending:
        await asyncio.sleep(0.01)
    return value
async def check(base_url, key=""):
    say("connect", base_url=base_url, model="m", key=key)
    await settled("attempt")
    models = chat._chat.connections.models
    print(chat._chat.notice_code, models.names if models else [])"""


def nobody() -> str:
    """An address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


def test_what_is_wrong_with_an_address_has_a_code(notebook: Notebook, server: ModelServer) -> None:
    url = server.base_url
    checks = [f"await check({url!r})", f"await check({url!r}, 'k')", f"await check({server.url!r})"]
    notebook.open(MAKE, *checks, f"await check({nobody()!r}, 'k')", f"await check({url + '/'!r})")
    notebook.run(0)
    server.list_models(b"{}", status=401)
    for _ in range(2):
        server.reply_error(401)
    for cell, code in enumerate(["no_key", "wrong_key", "wrong_url", "refused"], 1):
        notebook.run(cell)
        expect(notebook.output(cell)).to_have_text(f"{code} []")
    # A server without a list connects without complaint.
    server.list_models(b"no", status=404)
    notebook.run(5)
    expect(notebook.output(5)).to_have_text("None []")


@only_jupyterlite
def test_a_page_that_is_not_let_in_is_told_from_nobody_there(notebook: Notebook, server: ModelServer) -> None:
    server.allow(origins=[])
    notebook.open(MAKE, f"await check({server.base_url!r}, 'k')")
    notebook.run_all()
    expect(notebook.output(1)).to_have_text("cors []")


@only_jupyterlite
def test_offline_is_told(notebook: Notebook) -> None:
    notebook.open(MAKE, "await check('https://example.invalid/v1', 'k')")
    notebook.run(0)
    notebook.page.context.set_offline(True)
    notebook.hosts.clear()
    notebook.run(1)
    expect(notebook.output(1)).to_have_text("offline []")
    notebook.page.context.set_offline(False)
    notebook.hosts.discard("example.invalid")


def test_models_and_local_servers_are_listed(notebook: Notebook, server: ModelServer) -> None:
    table = (("Mine", server.base_url), ("Off", nobody()))
    servers = f"discovery.LOCAL_SERVERS = {table!r}\nsay('servers')\nprint((await settled('local_servers')).servers)"
    notebook.open(MAKE, f"await check({server.base_url!r})", servers)
    notebook.run_all()
    expect(notebook.output(1)).to_have_text("None ['test-model']")
    found = Server("Mine", server.base_url, ["test-model"])
    expect(notebook.output(2)).to_have_text(str([found]))


@only_jupyterlite
def test_null_from_a_view_is_none(notebook: Notebook) -> None:
    notebook.open("""\
from pyodide.code import run_js
from chatwidget._comm.parse import parse
print(parse(run_js("({type: 'setup', values: {max_tokens: null}})").to_py()))""")
    notebook.run_all()
    expect(notebook.output(0)).to_contain_text("UpdateModelSettings(values={'max_tokens': None})")


def test_an_account_without_credit_is_told_so_and_asked_once(notebook: Notebook, server: ModelServer) -> None:
    words = "You exceeded your current quota"
    body = json.dumps({"error": {"message": words, "type": "insufficient_quota", "code": "insufficient_quota"}})
    server.reply_raw(body.encode(), status=429, headers={"content-type": "application/json"})
    notebook.open(chat_cell(server))
    notebook.run(0)
    notebook.chat.send("Hello")
    notebook.chat.expect_status("error")
    expect(notebook.chat.root).to_contain_text("This account has no credit left")
    expect(notebook.chat.root).to_contain_text(words)
    assert len(server.chats) == 1
