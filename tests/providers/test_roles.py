"""Servers whose models want roles to alternate, on sockets."""

from __future__ import annotations

import copy
import itertools

import openai
import pytest

from chatwidget import ChatError
from chatwidget._wire.neighbours import joined
from chatwidget._wire.sendable import sendable
from tests.server import completion, error
from tests.unit.tools._calls import assert_valid, call

PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}
SOUND = {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}}


def text(content):
    return {"type": "text", "text": content}


def of(role, content, **more):
    return {"role": role, "content": content, **more}


def template(messages):
    """Say what Mistral's template says; calls and results do not count in it."""
    messages = list(messages)
    if messages[0]["role"] == "system":
        del messages[0]
    place = 0
    for message in messages:
        if message["role"] not in {"user", "assistant", "tool"}:
            return "Only user, assistant and tool roles are supported!"
        if message["role"] == "tool" or message.get("tool_calls"):
            continue
        if not message["content"]:
            return "Assistant message must have either content or tool_calls, but not none."
        if (message["role"] == "user") != (place % 2 == 0):
            return "After the optional system message, conversation roles must alternate user/assistant/user/assistant"
        place += 1
    return None


def api(messages):
    """Say what Mistral's API says."""
    for before, message in itertools.pairwise(messages):
        if before["role"] == "tool" and message["role"] not in {"tool", "assistant"}:
            return f"Unexpected role '{message['role']}' after role 'tool'"
    return template(messages)


@pytest.fixture
def strict(server):
    """Makes the server refuse what the model's template does not take, and else answer from a list, or at last OK."""

    def start(*answers, fault=template):
        waiting = list(answers)

        def answer(request):
            if (message := fault(request.json["messages"])) is not None:
                return error(400, message)
            reply = waiting.pop(0) if waiting else "OK"
            if callable(reply):
                return reply(request)
            return completion(request, reply if isinstance(reply, list) else [reply])

        server.handler = answer
        return server

    return start


def sent(server):
    return [(message["role"], message["content"]) for message in server.chats[-1].json["messages"]]


def failed(_request):
    return error(418, "Try again")


def test_questions_without_an_answer_go_out_as_one(chats, strict):
    """Fails when `joined` gives the messages as they are."""
    server = strict(failed, failed, "Fine")
    chat = chats("m", base_url=server.base_url, api_key="k", system_prompt="Be kind.")
    for question in ("One", "Two"):
        with pytest.raises(ChatError):
            chat.ask(question)
    assert chat.ask("Three").text == "Fine"
    assert sent(server) == [("system", "Be kind."), ("user", "One\n\nTwo\n\nThree")]
    assert [message["content"] for message in chat.messages] == ["One", "Two", "Three", "Fine"]
    assert chat.ask("Four").text == "OK"
    assert sent(server)[1:] == [("user", "One\n\nTwo\n\nThree"), ("assistant", "Fine"), ("user", "Four")]


def test_pictures_stay_in_their_places(chats, strict):
    server = strict(failed)
    chat = chats("m", base_url=server.base_url, api_key="k")
    with pytest.raises(ChatError):
        chat.ask([text("What is this?"), PICTURE])
    assert chat.ask("And the colour?").text == "OK"
    assert sent(server) == [("user", [text("What is this?"), PICTURE, text("And the colour?")])]


def test_presets_and_the_system_prompt_are_one(chats, strict):
    server = strict()
    presets = [of("system", "Know cats."), of("developer", "Know dogs."), of("user", "hi"), of("assistant", "Hello")]
    chat = chats("m", base_url=server.base_url, api_key="k", system_prompt="Be kind.", messages=presets)
    assert chat.ask("Well?").text == "OK"
    assert sent(server)[0] == ("system", "Be kind.\n\nKnow cats.\n\nKnow dogs.")
    assert chat.messages[:4] == presets


@pytest.mark.parametrize("empty", [of("assistant", ""), of("assistant", " \n"), of("assistant", None, refusal=None)])
def test_answers_without_content_are_left_out(chats, strict, empty):
    server = strict([{"reasoning_content": "Hm."}])
    chat = chats("m", base_url=server.base_url, api_key="k", messages=[of("user", "a"), empty])
    chat.ask("b")
    assert chat.ask("c").text == "OK"
    assert sent(server) == [("user", "a\n\nb\n\nc")]


@pytest.mark.parametrize("fault", [template, api])
@pytest.mark.parametrize("way", ["server", "client", "function"])
def test_a_turn_that_fails_after_its_tools_is_told_of(chats, strict, fault, way):
    """Fails when `RoleOrder.learn` learns nothing."""

    def price(symbol: str) -> int:
        """Get a price."""
        return len(symbol)

    server = strict([call(0, "price", {"symbol": "A"})], failed, fault=fault)
    client = openai.OpenAI(api_key="k", base_url=server.base_url)

    def answer(messages):
        tools = [{"type": "function", "function": {"name": "price"}}]
        return client.chat.completions.create(model="m", messages=messages, tools=tools, stream=True)

    ways = {
        "server": lambda: chats("m", base_url=server.base_url, api_key="k", tools=[price]),
        "client": lambda: chats("m", client=client, tools=[price]),
        "function": lambda: chats(answer, tools=[price]),
    }
    chat = ways[way]()
    with pytest.raises(ChatError, match="Try again"):
        chat.ask("The price?")
    before = copy.deepcopy(chat.messages)
    assert [chat.ask("Well?").text, chat.ask("And?").text] == ["OK", "OK"]
    assert chat.messages[: len(before)] == before
    assert_valid(server.chats[-1].json["messages"])
    assert len(server.chats) == 5, "what was learned is kept"


def test_a_conversation_that_begins_with_an_answer(chats, strict):
    server = strict()
    chat = chats("m", base_url=server.base_url, api_key="k", messages=[of("assistant", "What can I do?")])
    assert chat.ask("Nothing").text == "OK"
    assert sent(server)[1:] == [("assistant", "What can I do?"), ("user", "Nothing")]


def test_speakers_and_system_messages_in_the_middle(chats, strict):
    server = strict()
    presets = [of("user", "a", name="ada"), of("user", [text("b")], name="bob"), of("system", "Be brief.")]
    chat = chats("m", base_url=server.base_url, api_key="k", messages=presets)
    assert chat.ask("c").text == "OK"
    assert sent(server) == [
        ("system", "Be brief."),
        ("user", [text("ada: a"), text("bob: "), text("b"), text("c")]),
    ]


def test_whoever_takes_anything_gets_names_and_greetings(chats, server):
    presets = [
        of("assistant", "What can I do?"),
        of("user", "a", name="ada"),
        of("user", "b", name="bob"),
        of("system", "Be brief."),
    ]
    chat = chats("m", base_url=server.base_url, api_key="k", messages=presets)
    chat.ask("c")
    assert server.chats[-1].json["messages"] == [*presets, of("user", "c")]


def test_another_refusal_is_told_at_once(chats, server):
    server.handler = lambda _: error(400, "This picture is too large")
    chat = chats("m", base_url=server.base_url, api_key="k", messages=[of("assistant", "Hello")])
    with pytest.raises(ChatError, match="too large"):
        chat.ask("hi")
    assert len(server.chats) == 1
    server.handler = lambda _: error(400, "The last message has to rhyme")
    with pytest.raises(ChatError, match="rhyme"):
        chat.ask("hi")
    assert len(server.chats) == 3


CALLS = [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        # a string beside parts, none of them lost, and nothing empty added
        (
            [of("user", [PICTURE]), of("user", ""), of("user", "b"), of("user", [SOUND, text("c")])],
            [of("user", [PICTURE, text("b"), SOUND, text("c")])],
        ),
        # calls stay with their results, whatever is said before them
        (
            [
                of("assistant", "Let me see."),
                of("assistant", None, tool_calls=CALLS),
                of("tool", "x", tool_call_id="1"),
            ],
            [of("assistant", "Let me see.", tool_calls=CALLS), of("tool", "x", tool_call_id="1")],
        ),
        (
            [of("assistant", "Let", tool_calls=[]), of("assistant", "us", tool_calls=CALLS)],
            [of("assistant", "Let\n\nus", tool_calls=CALLS)],
        ),
        # results of parallel calls are no neighbours to be joined
        ([of("tool", "x", tool_call_id="1"), of("tool", "y", tool_call_id="2")],) * 2,
        ([of("function", "x", name="f"), of("function", "y", name="f")],) * 2,
        # what differs in more than its content
        ([of("user", "a", name="ada"), of("user", "b")],) * 2,
        ([of("user", "a"), of("user", "b", name="ada")],) * 2,
        (
            [of("user", "a", name="ada"), of("user", "b", name="ada")],
            [of("user", "a\n\nb", name="ada")],
        ),
        ([of("assistant", "a", reasoning_content="x"), of("assistant", "b", reasoning_content="y")],) * 2,
        ([of("assistant", None, audio={"id": "1"})],) * 2,
        # what was marked to be cached stays marked
        (
            [of("system", [{**text("a"), "cache_control": {"type": "ephemeral"}}]), of("system", "b")],
            [of("system", [{**text("a"), "cache_control": {"type": "ephemeral"}}, text("b")])],
        ),
        ([of("developer", "a"), of("developer", "b")], [of("developer", "a\n\nb")]),
        ([of("developer", "a")],) * 2,
        # a refusal is what was answered
        ([of("assistant", None, refusal="No.")], [of("assistant", "No.")]),
        ([of("assistant", [{"type": "refusal", "refusal": "No."}])],) * 2,
        ([of("assistant", [text(" ")])], []),
        ([of("user", "")],) * 2,
    ],
)
def test_neighbours(messages, expected):
    before = copy.deepcopy(messages)
    assert joined(messages) == expected
    assert joined(joined(messages)) == expected
    assert messages == before


def test_a_picture_of_a_tool_joins_the_question_after_it():
    messages = [
        of("assistant", None, tool_calls=CALLS),
        of("tool", [text("Here"), PICTURE], tool_call_id="1"),
        of("user", "What is it?"),
    ]
    *_, last = sendable(messages)
    assert last == of("user", [text("Returned by the tools:"), PICTURE, text("What is it?")])
