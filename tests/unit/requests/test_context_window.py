"""What is sent where a conversation is more than its model takes: to real servers, over sockets."""

from __future__ import annotations

import json
import time

import pytest

from chatwidget import ChatError, Conversation, Message, SettingsError, Usage, from_json, to_json
from chatwidget._conversation.messages import LeftOut
from chatwidget._requests.context_window import ContextLimit
from chatwidget._requests.token_estimates import ATTACHED, tokens_in, tokens_of
from chatwidget._wire.errors import counts_in, says_too_long
from tests.server import Received, Reply
from tests.server._replies import completion, error

WORDS = "word " * 200
"""About 250 tokens."""

HISTORY = [{"role": role, "content": f"{number} {WORDS}"} for number in range(5) for role in ("user", "assistant")]


def refusing(most: int):
    """A model that takes `most` tokens, four characters each, and says so as vLLM does; it counts what it is asked."""

    def answer(request: Received) -> Reply:
        asked = sum(len(str(message.get("content"))) for message in request.json["messages"]) // 4
        if asked > most:
            return error(
                400,
                f"This model's maximum context length is {most} tokens. However, your messages resulted in {asked}.",
            )
        reply = completion(request, ["ok"])
        parts = [part.replace(b'"prompt_tokens":1,', b'"prompt_tokens":%d,' % asked) for part in reply.parts]
        return Reply(parts, reply.status, reply.headers)

    return answer


@pytest.fixture
def chat(chats, server):
    return chats("test-model", base_url=server.base_url, messages=HISTORY)


def said(request: Received) -> list[str]:
    return [f"{message['role']} {str(message['content']).split()[0]}" for message in request.json["messages"]]


# Estimates


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("word " * 100, 125), ("привет", 3), ("你好世界", 4), ("ñ", 1), ("😀", 2)],
)
def test_tokens_by_script(text, tokens):
    assert tokens_in(text) == tokens


def test_a_message_counts_all_that_is_sent_of_it():
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 100_000}}
    assert tokens_of({"role": "user", "content": [{"type": "text", "text": "word"}, picture]}) == 4 + 1 + ATTACHED
    call = {"id": "c", "type": "function", "function": {"name": "look", "arguments": '{"a": 1}'}}
    assert tokens_of({"role": "assistant", "content": None, "tool_calls": [call]}) == 4 + 1 + 2
    assert tokens_of({"role": "user", "content": "![a](data:image/png;base64,AAAA)"}) == 4 + 3
    assert tokens_of({"role": "assistant", "content": "![a](data:image/png;base64,AAAA)"}) == 4 + 3 + ATTACHED


# What is sent


def test_without_a_limit_all_is_sent(chat, server):
    assert chat.context_window is None
    reply = chat.ask("now")
    assert len(server.chats[0].json["messages"]) == 11
    assert reply.left_out is None


def test_the_oldest_turns_are_left_out_and_never_the_system_prompt(chat, server):
    chat.system_prompt = "always"
    chat.context_window = 1200
    reply = chat.ask("now", max_tokens=100)
    assert said(server.chats[0]) == ["system always", "user 3", "assistant 3", "user 4", "assistant 4", "user now"]
    assert reply.left_out == LeftOut(6)
    assert len(chat.messages) == 12


def test_messages_of_the_system_in_the_history_stay(chats, server):
    history = [{"role": "developer", "content": "rules"}, *HISTORY]
    reply = chats("m", base_url=server.base_url, messages=history, context_window=700).ask("now", max_tokens=100)
    assert said(server.chats[0]) == ["developer rules", "user 4", "assistant 4", "user now"]
    assert reply.left_out == LeftOut(8)


def test_a_result_is_never_sent_without_its_call(chats, server):
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    history = [
        {"role": "user", "content": WORDS},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "seen"},
        {"role": "assistant", "content": "done"},
    ]
    chats("m", base_url=server.base_url, messages=history, context_window=250).ask("now", max_tokens=100)
    assert said(server.chats[0]) == ["user now"]


def test_room_is_kept_for_the_answer(chat, server):
    chat.context_window = 3000
    chat.ask("now", max_tokens=100)
    chat.ask("now", max_tokens=2000)
    lengths = [len(request.json["messages"]) for request in server.chats]
    assert lengths == [11, 5]


def test_none_refuses_before_anything_is_sent_and_says_what_to_do(chat, server):
    chat.context_window, chat.trim = 1000, None
    with pytest.raises(
        ChatError, match=r"needs about 2,5\d\d tokens, but this model accepts 1,000.*trim = \"oldest\""
    ) as caught:
        chat.ask("now")
    assert caught.value.reply.error_code == "too_long"
    assert server.chats == []


def test_a_question_that_is_too_much_alone_is_refused_with_numbers(chat, server):
    chat.context_window = 300
    with pytest.raises(
        ChatError,
        match=r"last question and all that is sent with it need about 2,504 tokens, .* accepts 300: shorten it",
    ):
        chat.ask(WORDS * 10)
    assert server.chats == []


@pytest.mark.parametrize("setting", [{"trim": "newest"}, {"context_window": 0}, {"context_window": "8k"}])
def test_settings_that_cannot_work(chats, setting):
    with pytest.raises(SettingsError, match=next(iter(setting))):
        chats("demo", **setting)


# What is learned


def test_a_refusal_names_the_limit_and_the_question_goes_out_again(chat, server):
    server.handler = refusing(1500)
    reply = chat.ask("now")
    assert reply.text == "ok"
    assert reply.left_out is not None
    assert chat.context_window == 1500
    assert len(server.chats) == 2
    chat.ask("again")
    assert len(server.chats) == 3


def test_a_refusal_without_numbers_is_answered_with_less(chat, server):
    server.reply_error(400, "Please reduce the length: context length exceeded")
    reply = chat.ask("now")
    assert reply.left_out is not None
    assert len(server.chats[1].json["messages"]) < len(server.chats[0].json["messages"])


def test_an_error_in_the_stream_is_a_refusal_too(chat, server):
    server.reply_raw(
        b'data: {"error": {"message": "the request exceeds the available context size", "n_ctx": 1500}}\n\n'
    )
    assert chat.ask("now").left_out is not None
    assert chat.context_window == 1500


def test_what_cannot_be_shortened_is_not_asked_again(chats, server):
    server.handler = refusing(100)
    chat = chats("m", base_url=server.base_url)
    with pytest.raises(ChatError, match="too long for this model"):
        chat.ask(WORDS)
    assert len(server.chats) == 1


def test_none_does_not_ask_again(chat, server):
    chat.trim = None
    server.handler = refusing(1500)
    with pytest.raises(ChatError, match="maximum context length is 1500"):
        chat.ask("now")
    assert len(server.chats) == 1


def test_what_the_server_counts_corrects_the_estimates():
    limit = ContextLimit()
    limit.set_tokens(1000)
    messages = [Message(str(n), {"role": "user", "content": "x" * 784}) for n in range(4)]
    size = limit.size_of(messages, 0, 100)
    assert limit.start(messages, size) == 0
    limit.counted(Usage(1600, 1, 1601))
    assert limit.start(messages, size) == 2


def test_another_model_is_not_held_to_what_was_learned(chat, server):
    server.handler = refusing(1500)
    chat.ask("now")
    chat.model = "another"
    assert chat.context_window is None


def test_nor_is_the_chats_own_held_to_what_one_question_to_another_learned(chat, server):
    server.handler = refusing(1500)
    chat.ask("now", model="small")
    server.handler = refusing(100_000)
    assert chat.ask("now").left_out is None


@pytest.mark.parametrize(
    ("text", "limit", "asked"),
    [
        (
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 10500 tokens.",
            8192,
            10500,
        ),
        ("maximum context length is 8192 tokens. However, you requested 8203 (7691 in the messages, 5 …", 8192, 7691),
        ("'max_tokens' is too large: 9. maximum context length is 4096 and your request has 4090 input", 4096, 4090),
        (
            "maximum context length is 4096, you requested 9 output tokens and your prompt contains at least 4097",
            4096,
            4097,
        ),
        ('{"error":{"message":"exceeds the available context size","n_prompt_tokens":5000,"n_ctx":4096}}', 4096, 5000),
        ("request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it", 4096, 5000),
        ("prompt is too long: 208310 tokens > 200000 maximum", 200000, 208310),
        ("The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).", 1048576, 1048577),
        (
            "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
            32768,
            40000,
        ),
        ("However, the model is loaded with context length of only 4096 tokens", 4096, None),
        ("Please reduce the length of the messages: context_length_exceeded", None, None),
    ],
)
def test_what_servers_say_of_too_much(text, limit, asked):
    assert says_too_long(text)
    assert counts_in(text) == (limit, asked)


# Where it stays


def test_what_was_left_out_is_kept_with_the_answer(chat):
    chat.context_window = 700
    chat.ask("now", max_tokens=100)
    text = to_json(chat.conversation)
    assert list(from_json(text))[-1].left_out == LeftOut(8)
    entry = json.loads(text)["messages"][-1]
    assert entry["left_out"] == {"count": 8}


def test_ten_thousand_messages_are_quick():
    conversation = Conversation([{"role": "user", "content": f"{n} {WORDS}"} for n in range(10_000)])
    limit = ContextLimit()
    limit.set_tokens(100_000)
    messages = conversation.whole
    limit.size_of(messages, 0, None)
    began = time.thread_time()
    start = limit.start(messages, limit.size_of(messages, 0, None))
    taken = time.thread_time() - began
    assert 9_500 < start < 10_000
    assert taken < 0.5
