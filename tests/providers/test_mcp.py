"""MCP servers as tools: a real one as a process, over its pipes, and one over HTTP.

The tests fail where `_tools.mcp` leaves out what they name.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from pathlib import Path

import mcp
import pytest
import uvicorn

from chatwidget import MissingPackageError, SettingsError, Status
from chatwidget._tools import mcp as servers
from tests.keys._canary import leaks, new_canary
from tests.providers import mcp_server
from tests.unit.tools._calls import assert_valid, call, calls, results

SERVER = Path(mcp_server.__file__)


def process(*arguments):
    return mcp.StdioServerParameters(command=sys.executable, args=[*arguments] or [str(SERVER)])


@pytest.fixture
def chat(chats, server):
    return chats("m", base_url=server.base_url, api_key="k", tools=[process()])


def called(chat, server, *wanted):
    """What came of the calls of one answer, with the statuses."""
    calls(server, *(call(index, name, arguments) for index, (name, arguments) in enumerate(wanted)))
    chat.ask("go")
    told = [message for message in chat.conversation if message.role == "tool"][-len(wanted) :]
    return [(message.content, str(message.status)) for message in told]


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_its_tools_are_told_and_run_beside_functions(chats, server):
    def double(number: int) -> int:
        """Double."""
        return 2 * number

    chat = chats("m", base_url=server.base_url, api_key="k", tools=[double, process()])
    told = called(chat, server, ("add", {"a": 1, "b": 2}), ("double", {"number": 4}))
    assert told == [("3", "complete"), ("8", "complete")]
    tools = {tool["function"]["name"]: tool["function"] for tool in server.chats[0].json["tools"]}
    assert list(tools)[:3] == ["double", "add", "files_read"]
    assert tools["add"]["description"] == "Add two numbers."
    assert tools["add"]["parameters"]["required"] == ["a", "b"]
    titles = chat._look()["titles"]
    assert (titles["add"], titles["files_read"]) == (r"Add \*two\* numbers", "Read")
    assert_valid(server.chats[1].json["messages"])


def test_all_kinds_of_results(chat, server):
    told = called(chat, server, ("files_read", {"path": "a"}), ("report", {}), ("only_data", {}))
    (read, _), (report, _), (data, _) = told
    assert [part["type"] for part in read] == ["text", "image_url"]
    assert read[0]["text"] == "what is in a"
    assert read[1]["image_url"]["url"].startswith("data:image/png;base64,iVBO")
    assert report == "text\n[audio: audio/wav, not shown]\n[log: file:///log]"
    assert data == '{"a": [1, 2]}'


def test_what_fails_is_told_to_the_model(chat, server):
    (wrong, status), (failed, _), (odd, _) = called(
        chat, server, ("add", {"a": "x", "b": 2}), ("fail", {}), ("add", "[1]")
    )
    assert status == "error"
    assert "valid integer" in wrong
    assert "the disk is full" in failed
    assert odd == "Wrong arguments for add: they must be a JSON object, not [1]. Nothing was run."


def test_whether_a_person_is_asked_first_is_as_for_functions(chats, server):
    asked = []

    def approve(name, arguments):
        asked.append((name, arguments))
        return name == "add"

    chat = chats("m", base_url=server.base_url, api_key="k", tools=[process()], approve=approve)
    (add, status), (_, other) = called(chat, server, ("add", {"a": 1, "b": 2}), ("pid", {}))
    assert (status, other) == ("error", "complete")
    assert add.startswith("Not run: it needs approval, but the chat is not shown.")
    assert sorted(asked, key=str) == [("add", {"a": 1, "b": 2}), ("pid", {})]


def test_its_process_ends_with_the_widget_and_with_its_place_among_the_tools(chat, server):
    ((first, _),) = called(chat, server, ("pid", {}))
    old = chat._chat.tools._mcp_servers._connected[0]
    chat.tools = [process()]
    old.ended.result(20)
    ((second, _),) = called(chat, server, ("pid", {}))
    assert first != second
    assert not is_running(int(first))
    assert is_running(int(second))
    new = chat._chat.tools._mcp_servers._connected[0]
    chat.close()
    new.ended.result(20)
    assert not is_running(int(second))


def test_for_one_question_it_is_connected_once(chats, server):
    chat = chats("m", base_url=server.base_url, api_key="k")
    given = process()
    for _ in range(2):
        calls(server, call(0, "pid"))
        chat.ask("go", tools=[given])
    first, second = results(chat)
    assert first == second
    assert chat.tools == []


def test_one_that_dies_is_told_with_its_last_words(chat, server):
    ((told, status),) = called(chat, server, ("die", {}))
    assert status == "error"
    assert told.startswith("The MCP server tests failed to run die: ")
    assert told.endswith("(it said: out of memory)")
    ((again, _),) = called(chat, server, ("add", {"a": 1, "b": 2}))
    assert "failed to run add" in again
    assert chat.status == "ready"


def test_one_that_hangs_is_given_up_and_stop_does_not_wait(chat, server, monkeypatch):
    monkeypatch.setattr(servers, "_CALL_PATIENCE", 0.3)
    ((told, status),) = called(chat, server, ("hang", {}))
    assert status == "error"
    assert "failed to run hang: " in told
    monkeypatch.undo()
    begun = threading.Event()

    @chat.tool
    def begin() -> None:
        """Runs beside it."""
        begun.set()

    calls(server, call(0, "hang"), call(1, "begin"))
    asked = threading.Thread(target=chat.ask, args=("go",))
    asked.start()
    assert begun.wait(20)
    chat.stop()
    asked.join(20)
    assert list(chat.conversation)[-1].status is Status.STOPPED
    assert called(chat, server, ("add", {"a": 1, "b": 2})) == [("3", "complete")]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (mcp.StdioServerParameters(command="no-such-program"), "the MCP server no-such-program cannot be used: "),
        (process("-c", "import sys; sys.exit('no licence')"), "no licence"),
        (process("-c", "print('hello')"), "cannot be used"),
        ("http://me:secret@127.0.0.1:9/mcp?key=k", "the MCP server 127.0.0.1:9 cannot be used: "),
        (mcp.ClientSession.__new__(mcp.ClientSession), "a ClientSession is not an MCP server"),
    ],
)
def test_one_that_cannot_be_used_is_refused_in_a_sentence(chats, given, told):
    with pytest.raises(SettingsError) as caught:
        chats("demo", tools=[given])
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_that_says_nothing_is_given_up(chats, monkeypatch):
    monkeypatch.setattr(servers, "_PATIENCE", 0.3)
    with pytest.raises(SettingsError, match="it did not answer in time"):
        chats("demo", tools=[process("-c", "import sys; sys.stdin.read()")])


def test_names_that_clash_are_told_and_nothing_is_left_running(chats):
    def add(a: int) -> int:
        return a

    chat = chats("demo")
    with pytest.raises(SettingsError, match="two tools named add"):
        chat.tools = [add, process()]
    assert chat._chat.tools._mcp_servers._connected == []
    assert chat.tools == []


def test_without_the_package_it_is_said_what_to_do(chats, monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(MissingPackageError, match=r"chatwidget\[mcp\].*JupyterLite"):
        chats("demo", tools=["https://mcp.example/mcp"])


def test_a_server_in_this_process_and_a_client_of_the_users(chats, server):
    chat = chats("m", base_url=server.base_url, api_key="k", tools=[mcp.Client(mcp_server.server)])
    assert called(chat, server, ("add", {"a": 1, "b": 2})) == [("3", "complete")]


def test_a_server_over_http_by_its_address(chats, server):
    key = new_canary()
    listening = socket.create_server(("127.0.0.1", 0))
    app = mcp_server.server.streamable_http_app()
    config = uvicorn.Config(app, log_config=None, log_level="critical")
    over_http = uvicorn.Server(config)
    thread = threading.Thread(target=over_http.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/mcp?key={key}"
    chat = chats("m", base_url=server.base_url, api_key="k", tools=[address])
    assert called(chat, server, ("add", {"a": 1, "b": 2})) == [("3", "complete")]
    assert not leaks([chat.tools, chat.get_state()], key)
    connected = chat._chat.tools._mcp_servers._connected[0]
    chat.close()
    connected.ended.result(20)
    over_http.should_exit = True
    thread.join(20)
