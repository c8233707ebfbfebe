"""After a fork: what a child process does with the chats of its parent, and with its own."""

from __future__ import annotations

import inspect
import json
import multiprocessing
import os
import subprocess
import sys
import textwrap

import pytest

from chatwidget import ChatWidget

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

LONG = 30
"""Seconds after which a child hangs."""


def in_child(function):
    """What `function` gives in a forked process."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=lambda: theirs.send(function()))
    child.start()
    try:
        assert ours.poll(LONG), "the child hangs, or has ended without a word"
        return ours.recv()
    finally:
        child.join(LONG)
        if child.is_alive():
            child.kill()


def asked(chat, question="from the child"):
    reply = chat.ask(question)
    return str(reply.status), reply.content


def test_i_a_chat_that_has_asked_asks_in_the_child_and_goes_on_in_the_parent(chats, server):
    chat = chats("m", base_url=server.base_url)
    chat.ask("first")
    assert in_child(lambda: asked(chat)) == ("complete", "You said: from the child")
    assert chat.ask("last").content == "You said: last"
    said = [[message["content"] for message in request.json["messages"]] for request in server.chats]
    assert said[1] == ["first", "You said: first", "from the child"]
    assert said[2] == ["first", "You said: first", "last"]
    assert server.chats[0].client != server.chats[1].client
    assert server.chats[0].client == server.chats[2].client


@pytest.mark.parametrize("before", ["asked", "made", "nothing"])
def test_i_a_new_chat_in_the_child(chats, server, before):
    chat = chats("m", base_url=server.base_url) if before != "nothing" else None
    if before == "asked":
        chat.ask("first")

    def make_and_ask():
        made = ChatWidget("m", base_url=server.base_url)
        try:
            return [asked(made), asked(made, "again"), asked(chat) if chat is not None else None]
        finally:
            made.close()

    first, again, old = in_child(make_and_ask)
    assert first == ("complete", "You said: from the child")
    assert again == ("complete", "You said: again")
    assert old == (first if chat is not None else None)


def test_i_an_answer_that_streams_stays_with_the_parent(chats, server):
    chat = chats("m", base_url=server.base_url)
    gate = server.gate()
    server.reply("One", " two", gate=gate)
    turn = chat._runner.call(lambda: chat._chat.session.submit("count"))
    chat._runner.call(lambda: chat._chat.session.submit("and wait"))
    gate.release()
    while not chat._runner.call(lambda: chat._chat.session.conversation[turn.reply_id].content):
        pass

    def look_and_ask():
        before = [(message["role"], message["content"]) for message in chat.messages]
        return before, chat.status, asked(chat), [str(message.status) for message in chat.conversation]

    before, status, answer, statuses = in_child(look_and_ask)
    assert before == [("user", "count"), ("assistant", "One")]
    assert status == "ready"
    assert answer == ("complete", "You said: from the child")
    assert statuses == ["complete", "interrupted", "complete", "complete"]
    gate.open()
    assert turn.reply.result(LONG).content == "One two"
    assert chat.ask("last").content == "You said: last"


def test_i_the_child_of_a_child(chats, server):
    chat = chats("m", base_url=server.base_url)
    chat.ask("first")
    assert in_child(lambda: (asked(chat), in_child(lambda: asked(chat, "deeper")))) == (
        ("complete", "You said: from the child"),
        ("complete", "You said: deeper"),
    )


def test_i_a_pool_of_children(chats, server):
    chat = chats("m", base_url=server.base_url)
    chat.ask("first")
    with multiprocessing.get_context("fork").Pool(3, initializer=keep, initargs=(chat,)) as pool:
        contents = pool.map_async(ask_kept, range(9)).get(LONG)
    assert contents == [f"You said: {number}" for number in range(9)]


KEPT: list[ChatWidget] = []


def keep(chat):
    KEPT.append(chat)


def ask_kept(number):
    return KEPT[0].ask(str(number), history=False).content


def test_i_a_function_answers_in_the_child(chats):
    chat = chats(lambda messages: f"{len(messages)} messages")
    chat.ask("first")
    assert in_child(lambda: asked(chat)) == ("complete", "3 messages")


async def list_models(client):
    found = client.models.list()
    return await found if inspect.isawaitable(found) else found


@pytest.mark.parametrize("own_http", [False, True])
@pytest.mark.parametrize("client", ["openai.AsyncOpenAI", "openai.OpenAI", "groq.AsyncGroq", "groq.Groq"])
def test_i_a_users_client_opens_its_own_connections_in_the_child(chats, server, client, own_http):
    package, name = client.split(".")
    make = getattr(pytest.importorskip(package), name)
    is_async = name.startswith("Async")
    if own_http:
        library = pytest.importorskip("httpx2" if package == "openai" else "httpx")
        http = {"http_client": library.AsyncClient() if is_async else library.Client()}
    else:
        http = {}
    base_url = server.base_url if package == "openai" else server.url
    client = make(api_key="k", base_url=base_url, **http)
    chat = chats("m", client=client)
    chat.ask("first")
    chat._runner.wait(chat._runner.submit(list_models(client)), "")
    before = {request.client for request in server.requests}
    assert in_child(lambda: asked(chat)) == ("complete", "You said: from the child")
    assert server.requests[-1].client not in before
    chat._runner.wait(chat._runner.submit(list_models(client)), "")
    assert server.requests[-1].client in before
    assert chat.ask("last").content == "You said: last"


def test_i_a_tool_that_forks(chats, server):
    chat = chats("m", base_url=server.base_url)
    other = chats("m", base_url=server.base_url)

    def ask_elsewhere() -> str:
        """Ask in a child process."""
        return in_child(lambda: asked(other))[1]

    call = {"id": "c1", "type": "function", "function": {"name": "ask_elsewhere", "arguments": "{}"}}
    server.reply({"tool_calls": [{"index": 0, **call}]}, finish_reason="tool_calls")
    server.reply("done", finish_reason="stop")
    server.reply("it asked")
    assert chat.ask("go", tools=[ask_elsewhere]).content in {"done", "it asked"}
    assert "You said" in chat.messages[2]["content"] or chat.messages[2]["content"] in {"done", "it asked"}


def test_i_the_file_of_a_chat_is_its_parents(chats, server, tmp_path):
    path = tmp_path / "chat.json"
    chat = chats("m", base_url=server.base_url, autosave=path)
    chat.ask("first")
    in_child(lambda: [asked(chat) for _ in range(2)])
    chat.ask("last")
    chat._runner.call(chat._autosave.flush)
    assert chat._chat.notice is None
    kept = [message["content"] for message in ChatWidget.load(path, model="demo").messages if message["role"] == "user"]
    assert kept == ["first", "last"]


SCRIPT = """
import json, os, sys
from chatwidget import ChatWidget
chat = ChatWidget("m", base_url=sys.argv[1], autosave=sys.argv[2])
chat.ask("first")
{before}
child = os.fork()
if child == 0:
    {child}
    sys.exit(0)
_, status = os.waitpid(child, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), chat.ask("last").content]))
"""


@pytest.mark.parametrize("child", ["pass", "print(chat.ask('child').status, flush=True)", "chat.close()"])
@pytest.mark.parametrize("before", ["", "chat._runner.call(lambda: chat._chat.session.submit('streams'))"])
def test_i_fork_by_hand_and_the_end_of_the_child(server, tmp_path, before, child):
    script = textwrap.dedent(SCRIPT).format(before=before, child=child)
    command = [sys.executable, "-X", "dev", "-W", "ignore::DeprecationWarning", "-c", script]
    done = subprocess.run(
        [*command, server.base_url, str(tmp_path / "kept.json")],
        capture_output=True,
        text=True,
        timeout=2 * LONG,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *said, last = done.stdout.splitlines()
    assert json.loads(last) == [0, "You said: last"]
    assert said == (["complete"] if "child" in child else [])
    assert "Traceback" not in done.stderr
    assert "Task was destroyed" not in done.stderr
