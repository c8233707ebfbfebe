"""K12-K16, K19, K22: where a key could end up in JupyterLite, where Python, page and storage share one origin.

The test fails when `fetch._fetch` sends one more header, and when it adds the key to the address.
"""

import json

import pytest
from playwright.sync_api import expect

from tests.browser._notebook import Notebook, only_jupyterlite
from tests.browser._storage import storage_of
from tests.browser.test_keys_jupyterlab import connect
from tests.keys._canary import leaks, new_canary
from tests.server import ModelServer

pytestmark = pytest.mark.own_page

SHOWN = "from chatwidget import ChatError, ChatWidget\nchat = ChatWidget()\nchat"

# What the worker that runs Python remembers of its requests, and all that chatwidget itself can show.
SEEN = """
import js, json
entries = [entry.name for entry in js.performance.getEntriesByType("resource").to_py()]
json.dumps([entries, repr(chat), repr(vars(chat)), chat.get_state()["_snapshot"], chat.trait_values()], default=repr)
"""

# A redirect, another server, and a function that gives the key.
ELSEWHERE = """
import asyncio, json
given = iter(["first-key", "second-key"])
async def later():
    await asyncio.sleep(0)
    return next(given)
async def fail():
    raise LookupError("the vault is locked")
async def ask(chat):
    try:
        return (await chat.ask_async("hi")).content
    except ChatError as error:
        return error.reply.error
asked = ChatWidget("m", base_url="{server}", api_key=later)
failing = ChatWidget("m", base_url="{server}", api_key=fail)
told = [await ask(chat), await ask(asked), await ask(asked), await ask(failing)]
chat.connect("m", base_url="{other}")
told += [await ask(chat)]
print(json.dumps(told))
"""


@only_jupyterlite
def test_k12_k13_k14_k15_k16_k19_k22_the_key_goes_to_its_server_and_stays_nowhere(
    notebook: Notebook, server: ModelServer
) -> None:
    key = new_canary()
    page = notebook.page
    console: list[str] = []
    page.on("console", lambda message: console.append(message.text))
    with ModelServer() as other:
        notebook.open(SHOWN, SEEN, ELSEWHERE.format(server=server.base_url, other=other.base_url))
        notebook.run(0)
        chat = notebook.chat
        connect(chat.root.locator(".chatwidget-connect"), server, key)
        chat.send("Hello")
        chat.expect_texts("Hello", "You said: Hello")

        # K12, K22: in the one header it is for. A browser adds headers of its own; that of none is ours.
        (request,) = server.chats
        assert [name for name, value in request.headers.items() if leaks(value, key)] == ["authorization"]
        assert not leaks([request.path, request.json], key)
        assert server.preflights[-1].headers["access-control-request-headers"] == "authorization,content-type"
        assert not [name for name in request.headers if name.startswith("x-")]

        server.reply_error(401, f"No such key: {key}")
        chat.send("And now?")
        chat.expect_status("error")
        notebook.run(1)
        seen = [notebook.output(1).inner_text(), page.content()]
        assert f"{server.base_url}/chat/completions" in seen[0]

        # K15, K16: the redirect is followed without the key or not at all.
        server.reply_error(307, "moved", headers={"location": f"{other.base_url}/chat/completions"})
        asked_before = len(server.chats)
        notebook.run(2)
        told = json.loads(notebook.output(2).inner_text())
        assert told[1:3] == ["You said: hi", "You said: hi"]
        assert "LookupError: the vault is locked" in told[3]
        assert told[4] == "You said: hi"
        assert other.chats
        assert not leaks([sent.headers for sent in other.requests], key)
        keys = [sent.headers["authorization"] for sent in server.chats[asked_before + 1 :]]
        assert keys == ["Bearer first-key", "Bearer second-key"]

    # K13, K14, K19: a session's key ends with the session.
    notebook.save()
    notebook.reload()
    kept = storage_of(page)
    assert "You said: Hello" in kept, "the notebook is kept in there"
    assert not leaks([kept, *seen, *console, page.content()], key)
    notebook.run(0)
    expect(notebook.chat.root.locator(".chatwidget-connect")).to_be_visible()
