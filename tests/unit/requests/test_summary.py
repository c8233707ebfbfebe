"""Summaries in place of the beginning of a conversation: asked of real servers, over sockets."""

from __future__ import annotations

import threading

import pytest

from chatwidget import Status, Usage, from_json, to_json
from tests.server import Received, Reply, completion, error

WORDS = "word " * 200
"""About 250 tokens."""

HISTORY = [{"role": role, "content": f"{number} {WORDS}"} for number in range(8) for role in ("user", "assistant")]


def is_summary(request: Received) -> bool:
    return "summary that will stand" in request.json["messages"][0]["content"]


def model(request: Received) -> Reply:
    return completion(request, ["the gist"] if is_summary(request) else [f"ok {WORDS}"])


@pytest.fixture
def chat(chats, server):
    server.handler = model
    return chats(
        "test-model", base_url=server.base_url, messages=HISTORY, context_window=4000, trim="summarize", max_tokens=100
    )


def summaries(server) -> list[str]:
    return [request.json["messages"][1]["content"] for request in server.chats if is_summary(request)]


def test_the_same_model_writes_it_once_and_it_goes_along(chat, server):
    chat.system_prompt = "Be brief."
    replies = [chat.ask("now"), chat.ask("and then?")]
    asked, first, second = [request.json for request in server.chats]
    assert asked["model"] == "test-model"
    assert "max_tokens" not in asked
    assert "User: 0 word" in asked["messages"][1]["content"]
    for request in (first, second):
        system, question = request["messages"][:2]
        assert system["content"].startswith("Be brief.\n\nSummary of the earlier conversation")
        assert system["content"].endswith("the gist")
        assert question["role"] == "user"
        assert [message["role"] for message in request["messages"]].count("system") == 1
    assert [reply.left_out.summary for reply in replies] == ["the gist", "the gist"]
    assert replies[0].left_out.count == replies[1].left_out.count > 0
    assert len(chat.messages) == 20


def test_it_is_extended_once_there_is_no_room_again(chat, server):
    while len(summaries(server)) < 2:
        reply = chat.ask("more")
    text = summaries(server)[1]
    assert text.startswith("The summary so far, to be extended:\nthe gist\n")
    assert "User: 0 word" not in text
    assert len(server.chats) > 4
    assert reply.left_out.count > 8


def test_what_it_took_is_counted(chat):
    reply = chat.ask("now")
    assert reply.left_out.usage == Usage(1, 1, 2)
    assert chat.usage == Usage(2, 2, 4)


def test_it_is_kept_with_the_conversation(chat, chats, server):
    chat.ask("now")
    kept = from_json(to_json(chat.conversation))
    assert list(kept)[-1].left_out == list(chat.conversation)[-1].left_out
    other = chats("m", base_url=server.base_url, messages=kept, context_window=4000, trim="summarize", max_tokens=100)
    assert other.ask("and then?").left_out.summary == "the gist"
    assert len(summaries(server)) == 1


@pytest.mark.parametrize("failing", [lambda _: error(400, "no"), lambda request: completion(request, [""])])
def test_without_it_the_oldest_are_left_out_and_that_is_told(chat, server, failing):
    server.handler = lambda request: (failing if is_summary(request) else model)(request)
    reply = chat.ask("now")
    assert reply.status is Status.COMPLETE
    assert reply.left_out.summary is None
    assert reply.left_out.count == 2
    assert "could not be summarized" in chat._chat.notice


def test_stop_ends_it(chat, server):
    gate = server.gate()
    server.reply("never", gate=gate)
    asked = threading.Thread(target=lambda: chat.ask("now"))
    asked.start()
    server.wait_for_request()
    chat.stop()
    asked.join(10)
    assert not asked.is_alive()
    server.wait_for_disconnect()
    assert len(server.chats) == 1
    assert list(chat.conversation)[-1].status is Status.STOPPED


def test_what_fits_is_sent_as_it_is(chat, server):
    chat.ask("now")
    chat.context_window = 100_000
    assert chat.ask("and then?").left_out is None
    assert len(server.chats[-1].json["messages"]) == 19


def test_a_branch_has_its_own(chat, server):
    chat.ask("now")
    chat.edit(chat.conversation.path[0], "another beginning")
    reply = chat.ask("and then?")
    assert reply.left_out is None
    assert len(summaries(server)) == 1
