"""Reasoning beside calls of tools goes back to the server that gave it, with real servers on sockets."""

from __future__ import annotations

import json

import openai
import pytest

from chatwidget import ChatError, ChatWidget, concat_stream
from chatwidget._conversation.reasoning_blocks import ReasoningBlocks
from tests.server import ModelServer, completion, error, raw
from tests.unit.tools._calls import assert_valid, call, results

CALL = call(0, "price", {"symbol": "A"})

FORMS = {
    "reasoning_content": (
        [{"reasoning_content": "Let me "}, {"reasoning_content": "see."}],
        {"reasoning_content": "Let me see."},
    ),
    "reasoning": ([{"reasoning": "Let me "}, {"reasoning": "see.", "content": ""}], {"reasoning": "Let me see."}),
    "both": (
        [{"reasoning": each, "reasoning_content": each} for each in ("Let me ", "see.")],
        {"reasoning": "Let me see.", "reasoning_content": "Let me see."},
    ),
    "OpenRouter's": (
        [
            {"reasoning": "Let ", "reasoning_details": [
                {"type": "reasoning.text", "text": "Let ", "format": "f", "index": 0, "signature": None}]},
            {"reasoning": "me see.", "reasoning_details": [
                {"type": "reasoning.text", "text": "me see.", "format": "f", "index": 0}]},
            {"reasoning_details": [{"type": "reasoning.text", "signature": "sig", "index": 0}]},
            {"reasoning_details": [
                {"type": "reasoning.encrypted", "data": "b3BhcXVl", "id": "r1", "index": 0},
                {"type": "reasoning.encrypted", "data": "bW9yZQ==", "id": "r2", "index": 0},
            ]},
        ],
        {
            "reasoning": "Let me see.",
            "reasoning_details": [
                {"type": "reasoning.text", "text": "Let me see.", "format": "f", "index": 0, "signature": "sig"},
                {"type": "reasoning.encrypted", "data": "b3BhcXVl", "id": "r1", "index": 0},
                {"type": "reasoning.encrypted", "data": "bW9yZQ==", "id": "r2", "index": 0},
            ],
        },
    ),
    "LiteLLM's": (
        [
            {"reasoning_content": "Let ", "thinking_blocks": [{"type": "thinking", "thinking": "Let "}]},
            {"reasoning_content": "me see.", "thinking_blocks": [{"type": "thinking", "thinking": "me see."}]},
            {"thinking_blocks": [{"type": "thinking", "thinking": "", "signature": "one"}]},
            {"thinking_blocks": [{"type": "redacted_thinking", "data": "b3BhcXVl"}]},
            {"reasoning_content": " \ud83d", "thinking_blocks": [{"type": "thinking", "thinking": " \ud83d"}]},
            {"reasoning_content": "\ude00", "thinking_blocks": [
                {"type": "thinking", "thinking": "\ude00", "signature": "two"}]},
        ],
        {
            "reasoning_content": "Let me see. 😀",
            "thinking_blocks": [
                {"type": "thinking", "thinking": "Let me see.", "signature": "one"},
                {"type": "redacted_thinking", "data": "b3BhcXVl"},
                {"type": "thinking", "thinking": " 😀", "signature": "two"},
            ],
        },
    ),
    "only signed": (
        [{"reasoning_details": [{"type": "reasoning.encrypted", "data": "b3BhcXVl"}]}],
        {"reasoning_details": [{"type": "reasoning.encrypted", "data": "b3BhcXVl"}]},
    ),
}  # fmt: skip


def price(symbol: str) -> int:
    """Get a price."""
    return len(symbol)


def reasoning_in(message):
    usual = {"role", "content", "tool_calls", "tool_call_id"}
    return {key: value for key, value in message.items() if key not in usual}


def thinks(pieces):
    """A server that thinks, calls a tool, and insists on having its reasoning back."""
    wanted = []

    def answer(request):
        messages = request.json["messages"]
        callers = [message for message in messages if message.get("tool_calls")]
        if [reasoning_in(message) for message in callers] != wanted:
            return error(400, "The `reasoning_content` in the thinking mode must be passed back to the API.")
        if messages[-1]["role"] == "tool":
            return completion(request, ["It is 1."])
        if "price" not in messages[-1]["content"]:
            return completion(request, [{"reasoning_content": "Easy."}, "You are welcome."])
        wanted.append(answer.form)
        return completion(request, [*pieces, CALL], finish_reason="tool_calls")

    return answer


@pytest.fixture
def thinking(server):
    """Lets the server think in a form; gives what it expects."""

    def start(name="reasoning_content", on=server):
        pieces, form = FORMS[name]
        on.handler = thinks(pieces)
        on.handler.form = form
        return form

    return start


@pytest.mark.parametrize("name", FORMS)
def test_it_goes_back_as_it_came_in_this_and_in_later_questions(chat_with, server, thinking, tmp_path, name):
    """Fails when `ReasoningReplay.applied` gives the messages as they are."""
    thinking(name)
    chat = chat_with(price)
    assert chat.ask("The price?").text == "It is 1."
    assert chat.ask("Thanks").text == "You are welcome."
    assert chat.ask("Another price?").text == "It is 1."
    chat.save(tmp_path / "chat.json")
    loaded = ChatWidget.load(tmp_path / "chat.json", model="m", base_url=server.base_url, api_key="k", tools=[price])
    assert loaded.ask("And thanks").text == "You are welcome."
    loaded.close()
    assert server.url not in (tmp_path / "chat.json").read_text()
    answers = [message for message in server.chats[-1].json["messages"] if message["role"] == "assistant"]
    plain = next(message for message in answers if message["content"] == "You are welcome.")
    assert reasoning_in(plain) == {}
    assert_valid(server.chats[-1].json["messages"])


@pytest.mark.parametrize("name", FORMS)
def test_messages_stay_what_the_sdk_takes(chat_with, server, thinking, name):
    thinking(name)
    chat = chat_with(price)
    chat.ask("The price?")
    assert [reasoning_in(message) for message in chat.messages] == [{}] * 4
    server.handler = lambda request: completion(request, ["Hello"])
    client = openai.OpenAI(api_key="none", base_url=server.base_url)
    assert client.chat.completions.create(model="m", messages=chat.messages).choices[0].message.content == "Hello"


def test_it_goes_back_through_other_clients_of_the_same_server_and_to_functions(chats, server, thinking):
    thinking()
    chat = chats("m", client=openai.OpenAI(api_key="none", base_url=server.base_url), tools=[price])
    assert chat.ask("The price?").text == "It is 1."
    thinking()
    client = openai.OpenAI(api_key="none", base_url=server.base_url)
    tools = [{"type": "function", "function": {"name": "price"}}]

    def answer(messages):
        return client.chat.completions.create(model="m", messages=messages, tools=tools, stream=True)

    assert chats(answer, tools=[price]).ask("The price?").text == "It is 1."
    form = thinking("OpenRouter's")
    message = concat_stream(answer([{"role": "user", "content": "The price?"}]))
    assert reasoning_in(message) == form


def test_no_other_server_or_model_gets_it(chat_with, server, thinking):
    thinking("OpenRouter's")
    chat = chat_with(price)
    signed = call(0, "price", {"symbol": "A"}, extra_content={"google": {"thought_signature": "sig"}})
    pieces, _ = FORMS["OpenRouter's"]
    server.handler = lambda request: completion(
        request, ["Done"] if request.json["messages"][-1]["role"] == "tool" else [*pieces, signed]
    )
    chat.ask("The price?")
    assert server.chats[-1].json["messages"][1]["tool_calls"][0]["extra_content"]
    server.handler = lambda request: completion(request, ["Hello"])
    chat.ask("hi", model="other")
    chat.ask("hi")
    with ModelServer(handler=server.handler) as other:
        chat.connect("m", base_url=other.base_url)
        chat.ask("hi")
        sent = [server.chats[-2], server.chats[-1], other.chats[0]]
    callers = [request.json["messages"][1] for request in sent]
    assert [bool(reasoning_in(message)) for message in callers] == [False, True, False]
    assert ["extra_content" in message["tool_calls"][0] for message in callers] == [False, True, False]
    assert callers[2] == {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "call_0", "type": "function", "function": {"name": "price", "arguments": '{"symbol": "A"}'}}
        ],
    }


REFUSALS = {
    "Cerebras's": {
        "message": "messages.1.assistant.{}: property 'messages.1.assistant.{}' is unsupported",
        "param": "validation_error",
    },
    "Groq's": {
        "error": {"message": "'messages.1' : for 'role:assistant' the following must be satisfied"
                             "[('messages.1' : property '{}' is unsupported)]"},
    },
    "pydantic's": {"detail": [{"type": "extra_forbidden", "loc": ["body", "messages", 1, "assistant", "{}"],
                               "msg": "Extra inputs are not permitted"}]},
    "wordless": {},
}  # fmt: skip


def refuses(refusal, keys, allowed=()):
    def answer(request):
        messages = request.json["messages"]
        found = [key for message in messages for key in reasoning_in(message) if key not in allowed]
        if found:
            body = json.dumps(refusal).replace("{}", found[0])
            return error(400, body) if refusal == {} else reply(400, body)
        if messages[-1]["role"] == "tool" or "price" not in messages[-1]["content"]:
            return completion(request, ["It is 1."])
        return completion(request, [dict.fromkeys(keys, "Hm."), CALL], finish_reason="tool_calls")

    return answer


def reply(status, body):
    return raw(body.encode(), status=status, headers={"content-type": "application/json"})


@pytest.mark.parametrize("keys", [["reasoning_content"], ["reasoning"], ["reasoning", "reasoning_content"]])
@pytest.mark.parametrize("name", REFUSALS)
def test_a_server_that_refuses_it_is_asked_without(chat_with, server, name, keys):
    """Fails when `TurnRun.stream` does not let `ReasoningReplay` learn."""
    server.handler = refuses(REFUSALS[name], keys)
    chat = chat_with(price)
    assert chat.ask("The price?").text == "It is 1."
    asked = len(server.chats)
    assert asked <= 2 + len(keys)
    assert chat.ask("Another price?").text == "It is 1."
    assert len(server.chats) == asked + 2


def test_a_key_that_is_not_refused_still_goes_back(chat_with, server):
    server.handler = refuses(REFUSALS["Groq's"], ["reasoning", "reasoning_content"], allowed=["reasoning"])
    chat = chat_with(price)
    chat.ask("The price?")
    assert reasoning_in(server.chats[-1].json["messages"][1]) == {"reasoning": "Hm."}


def test_another_refusal_is_told_and_costs_no_reasoning(chat_with, server, thinking):
    thinking()
    chat = chat_with(price)
    chat.ask("The price?")
    usual = server.handler
    server.handler = lambda _: error(400, "The answer would not be appropriate.")
    with pytest.raises(ChatError, match="would not be appropriate"):
        chat.ask("Thanks")
    server.handler = lambda _: reply(400, '{"error": {"message": "no such thing", "param": "top_p"}}')
    asked = len(server.chats)
    with pytest.raises(ChatError, match="no such thing"):
        chat.ask("Thanks")
    assert len(server.chats) == asked + 1
    server.handler = usual
    assert chat.ask("Thanks").text == "You are welcome."


def test_a_server_that_wants_it_everywhere_gets_it(chat_with, server):
    def answer(request):
        messages = request.json["messages"]
        bare = [place for place, each in enumerate(messages) if each["role"] == "assistant" and not reasoning_in(each)]
        if bare:
            return error(400, f"Missing `reasoning_content` field in the assistant message at message index {bare[0]}.")
        return completion(request, [{"reasoning_content": "Hm."}, "Hello"])

    server.handler = answer
    chat = chat_with(price)
    assert [chat.ask("hi").text for _ in range(3)] == ["Hello"] * 3
    assert len(server.chats) == 4


def test_a_server_that_takes_it_in_the_turn_of_the_tools_alone_gets_it_there(chat_with, server):
    def answer(request):
        messages = request.json["messages"]
        last = max(place for place, message in enumerate(messages) if message["role"] == "user")
        if any(map(reasoning_in, messages[:last])):
            return error(400, "reasoning_content is not allowed in messages before the last one of the user")
        if any(message.get("tool_calls") and not reasoning_in(message) for message in messages[last:]):
            return error(400, "reasoning_content is missing in an assistant message with tool calls")
        if messages[-1]["role"] == "tool":
            return completion(request, ["It is 1."])
        return completion(request, [{"reasoning_content": "Hm."}, CALL], finish_reason="tool_calls")

    server.handler = answer
    chat = chat_with(price)
    assert [chat.ask("The price?").text for _ in range(4)] == ["It is 1."] * 4
    assert len(server.chats) == 9


def test_calls_of_another_model_get_a_stand_in_where_reasoning_is_demanded(chat_with, server):
    """Fails when `ReasoningReplay` fills in nothing."""
    server.handler = lambda request: completion(
        request, ["Done"] if request.json["messages"][-1]["role"] == "tool" else [{"reasoning": "Secret."}, CALL]
    )
    chat = chat_with(price)
    chat.ask("The price?", model="other")

    def answer(request):
        callers = [message for message in request.json["messages"] if message.get("tool_calls")]
        if not all(message.get("reasoning_content") for message in callers):
            return error(400, "thinking is enabled but reasoning_content is missing in assistant message at index 1")
        return completion(request, ["Hello"])

    server.handler = answer
    assert [chat.ask("hi").text, chat.ask("hi").text] == ["Hello"] * 2
    assert len(server.chats) == 5
    assert "Secret" not in str(server.chats[-1].json)


def test_a_function_whose_server_refuses_it_is_asked_without(chats, server):
    """Fails when `TurnRun.stream` lets it learn of TransportErrors only."""
    server.handler = refuses(REFUSALS["Groq's"], ["reasoning"])
    client = openai.OpenAI(api_key="none", base_url=server.base_url)
    tools = [{"type": "function", "function": {"name": "price"}}]

    def answer(messages):
        return client.chat.completions.create(model="m", messages=messages, tools=tools, stream=True)

    chat = chats(answer, tools=[price])
    assert chat.ask("The price?").text == "It is 1."
    assert chat.ask("The price?").text == "It is 1."
    assert len(server.chats) == 5


def test_what_did_not_help_is_not_kept(chat_with, server):
    server.handler = lambda request: completion(request, [{"reasoning_content": "Hm."}, "Hello"])
    chat = chat_with(price)
    chat.ask("hi")
    server.handler = lambda _: error(400, "reasoning_content is missing, and the moon is full")
    with pytest.raises(ChatError, match="moon"):
        chat.ask("hi")
    server.handler = lambda request: completion(request, ["Hello"])
    chat.ask("hi")
    assert [reasoning_in(message) for message in server.chats[-1].json["messages"] if "content" in message][1] == {}


def test_whoever_gives_messages_with_reasoning_is_asked_without_where_it_is_refused(chat_with, server):
    server.handler = refuses(REFUSALS["Cerebras's"], [])
    chat = chat_with()
    given = {"role": "assistant", "content": "Hello", "reasoning_content": "Hm."}
    chat.messages = [{"role": "user", "content": "hi"}, given]
    assert chat.ask("And now?").text == "It is 1."
    assert chat.messages[1] == given


def test_a_file_puts_nothing_else_into_a_message(chat_with, server, thinking, tmp_path):
    thinking()
    chat = chat_with(price)
    chat.ask("The price?")
    path = tmp_path / "chat.json"
    chat.save(path)
    content = json.loads(path.read_text())
    content["messages"][1]["reasoning_form"].update({"role": None, "content": [{"type": "text", "text": "x"}]})
    path.write_text(json.dumps(content))
    loaded = ChatWidget.load(path, model="m", base_url=server.base_url, api_key="k", tools=[price])
    assert loaded.ask("Thanks").text == "You are welcome."
    loaded.close()
    assert server.chats[-1].json["messages"][1]["content"] is None
    content["messages"][1]["reasoning_form"] = {"reasoning_details": "text"}
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="reasoning_details must be a list"):
        ChatWidget.load(path)


def test_results_do_not_get_it(chat_with, server, thinking):
    thinking()
    chat = chat_with(price)
    chat.ask("The price?")
    assert results(chat) == ["1"]
    assert reasoning_in(server.chats[1].json["messages"][2]) == {}


@pytest.mark.parametrize(
    ("deltas", "blocks"),
    [
        # numbered, interleaved
        (
            [[{"index": 0, "text": "a"}], [{"index": 1, "text": "b"}], [{"index": 0, "text": "c"}]],
            [{"index": 0, "text": "ac"}, {"index": 1, "text": "b"}],
        ),
        # all together
        ([[{"text": "a"}, {"text": "b"}]], [{"text": "a"}, {"text": "b"}]),
        (
            [[{"index": 0, "text": "a"}, {"index": 0, "text": "b"}]],
            [{"index": 0, "text": "a"}, {"index": 0, "text": "b"}],
        ),
        # of other kinds, or told to be others
        (
            [[{"type": "x", "text": "a"}], [{"type": "y", "text": "b"}]],
            [{"type": "x", "text": "a"}, {"type": "y", "text": "b"}],
        ),
        (
            [[{"id": "1", "text": "a"}], [{"id": "2", "text": "b"}]],
            [{"id": "1", "text": "a"}, {"id": "2", "text": "b"}],
        ),
        # a signature ends one, though the number stays
        (
            [[{"index": 0, "text": "a"}], [{"index": 0, "signature": "s"}], [{"index": 0, "text": "b"}]],
            [{"index": 0, "text": "a", "signature": "s"}, {"index": 0, "text": "b"}],
        ),
        # summaries
        ([[{"summary": "a", "index": 0}], [{"summary": "b", "index": 0}]], [{"summary": "ab", "index": 0}]),
        ([[{"text": None, "new": [1]}], [{"text": "a", "new": None}]], [{"text": "a", "new": [1]}]),
    ],
)
def test_blocks_are_joined_from_their_pieces(deltas, blocks):
    made = ReasoningBlocks()
    for delta in deltas:
        made.add(delta)
    assert made.value() == blocks
