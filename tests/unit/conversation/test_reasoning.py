"""Reasoning in chats: told apart from answers, wherever they come from."""

from __future__ import annotations

import json

import pytest

from chatwidget import ChatWidget, Delta, DemoModel, concat_stream
from chatwidget._chat.questions import Question
from chatwidget._files.markdown import to_markdown
from tests.contract.run import run
from tests.unit._view import View, whole

PIECES = ("<thi", "nk>hm</th", "ink>\n\n", "42")
UNOPENED = ("h", "m\n</thi", "nk>", "\n4", "2")
CHANNELS = (
    "<|chan",
    "nel|>analysis<|mess",
    "age|>hm<|end|><|start|>assist",
    "ant<|channel|>final<|message|>4",
    "2<|ret",
    "urn|>",
)
EACH = pytest.mark.parametrize("pieces", [PIECES, UNOPENED, CHANNELS], ids=["opened", "unopened", "channels"])


def from_server(chats, server, pieces):
    server.reply(*pieces)
    return chats("m", base_url=server.base_url)


def from_sync_client(chats, server, pieces):
    openai = pytest.importorskip("openai")
    server.reply(*pieces)
    return chats("m", client=openai.OpenAI(api_key="none", base_url=server.base_url))


def from_whole_answer(chats, server, pieces):
    choice = {"message": {"role": "assistant", "content": "".join(pieces)}, "finish_reason": "stop"}
    server.reply_raw(json.dumps({"choices": [choice]}).encode(), headers={"content-type": "application/json"})
    return chats("m", base_url=server.base_url)


def from_generator(chats, _server, pieces):
    return chats(lambda _: iter(pieces))


def from_deltas(chats, _server, pieces):
    async def answer(_messages):
        for piece in pieces:
            yield Delta(content=piece)

    return chats(answer)


def from_return(chats, _server, pieces):
    return chats(lambda _: "".join(pieces))


def from_updates(chats, _server, pieces):
    def answer(_messages, chat):
        for piece in pieces:
            chat.update({"content": piece}, id="mine")

    return chats(answer)


def from_joined_stream(chats, _server, pieces):
    return chats(lambda _: concat_stream(pieces))


def from_demo(chats, _server, pieces):
    return chats(DemoModel([pieces], delay=0))


def from_llm(chats, _server, pieces):
    pytest.importorskip("llm")
    from tests.providers.test_llm import Small  # noqa: PLC0415 needs the package

    return chats(Small(list(pieces)))


SOURCES = [value for name, value in list(globals().items()) if name.startswith("from_")]


@EACH
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
def test_reasoning_in_the_content_is_told_apart_wherever_it_comes_from(chats, server, source, pieces):
    """Fails when `ReplyBuilder` adds content as it is."""
    chat = source(chats, server, pieces)
    reply = chat.ask("6 * 7?")
    assert (reply.reasoning, reply.text, reply.status) == ("hm", "42", "complete")
    assert chat.messages == [{"role": "user", "content": "6 * 7?"}, {"role": "assistant", "content": "42"}]


@EACH
def test_history_views_files_and_exports_have_the_answer_alone(chats, server, tmp_path, pieces):
    chat = from_server(chats, server, pieces)
    view = View(chat._runner.call(chat._views.snapshot))
    sent = []
    send = chat._views._send
    chat._views._send = lambda content: (sent.append(content), send(content))
    reply = chat.ask("6 * 7?")
    final = chat._runner.call(chat._views.snapshot)
    assert [view.receive(patch) for patch in sent] == ["applied"] * len(sent)
    assert view.snapshot == whole(final)
    assert (view.messages[1]["content"], view.messages[1]["reasoning"]) == ("42", "hm")
    assert reply.timings.reasoning is not None
    chat.ask("again")
    assert server.chats[1].json["messages"][1] == {"role": "assistant", "content": "42"}
    chat.save(tmp_path / "chat.json")
    loaded = ChatWidget.load(tmp_path / "chat.json")
    assert [(message.text, message.reasoning) for message in loaded.conversation][1] == ("42", "hm")
    loaded.close()
    assert "<summary>Reasoning</summary>\n\nhm\n\n</details>\n\n42" in to_markdown([reply])


@EACH
def test_an_answer_of_a_form_is_read_without_its_reasoning(chats, server, pieces):
    server.reply(*(piece.replace("4", '{"n": ').replace("2", "42}") for piece in pieces))
    chat = chats("m", base_url=server.base_url)
    assert chat.ask("n?", response_format={"type": "object", "required": ["n"]}).parsed == {"n": 42}


def test_reasoning_that_ends_unopened_is_taken_back_where_the_answer_is_followed(chats):
    chat = chats(DemoModel([UNOPENED], delay=0))
    heard = []
    chat._chat.questions.follow(Question("hi"), heard.append, lambda text: heard.append(f"not {text!r}"))
    assert "".join(heard) == "hm\nnot 'hm\\n'42"

    async def pieces():
        return [delta async for delta in chats(DemoModel([PIECES], delay=0)).stream("hi")]

    assert [(delta.reasoning, delta.content) for delta in run(pieces())] == [("hm", ""), ("", "42")]


@pytest.mark.parametrize("text", ["<", "\n", "a <think>", "`</think>`", "```\n</think>\n```"])
def test_what_only_looks_like_it_is_an_answer(chats, text):
    reply = chats(DemoModel([tuple(text)], delay=0)).ask("hi")
    assert (reply.text, reply.reasoning, reply.status) == (text, "", "complete")


def test_reasoning_that_never_ends_is_no_empty_answer(chats, server):
    server.reply("<think>", "hm, ", "hm", finish_reason="length")
    reply = chats("m", base_url=server.base_url).ask("hi")
    assert (reply.reasoning, reply.text, reply.status, reply.finish_reason) == ("hm, hm", "", "complete", "length")


def test_a_summary_has_no_reasoning(chats, server):
    server.reply("long " * 100)
    server.reply("<think>hm</think>", "It was long.")
    chat = chats("m", base_url=server.base_url, trim="summarize", context_window=8000)
    chat.ask("word " * 9000)
    reply = chat.ask("and now?")
    assert (reply.left_out.summary, "hm" in str(server.chats[-1].json)) == ("It was long.", False)
