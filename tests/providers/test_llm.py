"""Models of the package `llm`: small ones that do what plugins do, and its own for OpenAI's API at a real server.

The tests fail where `LlmTransport` leaves out what they name.
"""

from __future__ import annotations

import asyncio
import base64
import threading

import llm
import pytest
from llm.default_plugins.openai_models import Chat
from llm.parts import ReasoningPart, StreamEvent, ToolCallPart, ToolResultPart

from chatwidget import ChatError, Status
from tests.keys._canary import leaks, new_canary
from tests.unit.tools._calls import call, calls, results

HANGS = "a model that says nothing more"
PIXEL = b"\x89PNG\r\n\x1a\n pixel"


class Told(llm.Options):
    """What a plugin offers."""

    temperature: float | None = None


class Small(llm.Model):
    """Answers from a script: texts, events, calls, errors; remembers what it was asked."""

    model_id = "small"
    can_stream = True
    supports_tools = True
    supports_schema = True
    attachment_types = frozenset({"image/png"})
    Options = Told

    def __init__(self, *answers):
        self.answers = list(answers)
        self.prompts = []
        self.closed = threading.Event()

    def execute(self, prompt, stream, response, conversation=None):  # noqa: ARG002 llm's own signature
        self.prompts.append((prompt, conversation))
        yield from self.say(response)

    def say(self, response):
        response.set_usage(input=7, output=5)
        try:
            for piece in self.answers.pop(0) if self.answers else ["You said something."]:
                if isinstance(piece, llm.ToolCall):
                    response.add_tool_call(piece)
                elif isinstance(piece, Exception):
                    raise piece
                elif callable(piece):
                    piece()
                else:
                    yield piece
        finally:
            self.closed.set()

    def said(self, place):
        """The messages of a prompt, as role and parts."""
        return [(message.role, message.parts) for message in self.prompts[place][0].messages]


class SmallAsync(llm.AsyncModel):
    model_id = "small"
    can_stream = True
    supports_tools = True
    supports_schema = True
    attachment_types = frozenset({"image/png"})
    Options = Told
    __init__, say, said = Small.__init__, Small.say, Small.said

    async def execute(self, prompt, stream, response, conversation=None):  # noqa: ARG002 llm's own signature
        self.prompts.append((prompt, conversation))
        for piece in self.say(response):
            if piece is HANGS:
                await asyncio.Event().wait()
            yield piece


BOTH = pytest.mark.parametrize("kind", [Small, SmallAsync])


def failure(chat, *args, **kwargs):
    with pytest.raises(ChatError) as caught:
        chat.ask(*args, **kwargs)
    return caught.value.reply


def price(symbol: str) -> int:
    """Get a price."""
    return len(symbol)


@BOTH
def test_the_answer_with_its_reasoning_usage_and_model(chats, kind):
    model = kind([StreamEvent("reasoning", "Hm."), "Hel", "lo"])
    chat = chats(model)
    reply = chat.ask("hi")
    assert (reply.text, reply.reasoning, reply.status) == ("Hello", "Hm.", Status.COMPLETE)
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens) == (7, 5, 12)
    assert (reply.model, reply.finish_reason) == ("small", "stop")
    assert chat.model is model


@BOTH
def test_history_system_prompt_and_options_go_along(chats, kind):
    """Plugins read the messages; those not renewed yet read the prompt and the conversation's responses."""
    model = kind(["one"], ["two"])
    chat = chats(model, system_prompt="Be brief.", temperature=0.5)
    chat.ask("first")
    chat.ask("second")
    assert [(role, [part.text for part in parts]) for role, parts in model.said(1)] == [
        ("system", ["Be brief."]),
        ("user", ["first"]),
        ("assistant", ["one"]),
        ("user", ["second"]),
    ]
    prompt, conversation = model.prompts[1]
    assert prompt.options.temperature == 0.5
    assert prompt.prompt == "second"
    assert [response.prompt.prompt for response in conversation.responses[:1]] == ["first"]
    assert [response.prompt.system for response in conversation.responses[:1]] == ["Be brief."]
    assert conversation.responses[0].text_or_raise() == "one"
    assert model.prompts[0][0].system == "Be brief."


@BOTH
def test_its_calls_run_here_and_are_answered(chats, kind):
    """A plugin gives calls as events, in pieces, or at the end; what it wants back comes back."""
    model = kind(
        [
            StreamEvent("reasoning", "", provider_metadata={"signature": "abc"}),
            StreamEvent("tool_call_name", "price", tool_call_id="a", provider_metadata={"thought": 1}),
            StreamEvent("tool_call_args", '{"symbol":', tool_call_id="a"),
            StreamEvent("tool_call_args", ' "AB"}', tool_call_id="a"),
            llm.ToolCall("price", {"symbol": "ABC"}, "b"),
        ],
        ["It is 2."],
    )
    chat = chats(model, tools=[price])
    reply = chat.ask("How much?")
    assert reply.text == "It is 2."
    assert results(chat) == ["2", "3"]
    prompt = model.prompts[0][0]
    assert [(tool.name, tool.description) for tool in prompt.tools] == [("price", "Get a price.")]
    assert prompt.tools[0].input_schema["properties"] == {"symbol": {"type": "string"}}
    (_, _), (_, answer), (role, given) = model.said(1)
    assert answer == [
        ReasoningPart("", provider_metadata={"signature": "abc"}),
        ToolCallPart("price", {"symbol": "AB"}, "a", provider_metadata={"thought": 1}),
        ToolCallPart("price", {"symbol": "ABC"}, "b"),
    ]
    assert (role, given) == ("tool", [ToolResultPart("price", "2", "a"), ToolResultPart("price", "3", "b")])


@BOTH
def test_pictures_go_along_and_what_it_cannot_take_is_told(chats, kind):
    model = kind()
    chat = chats(model)
    chat.ask("What is this?", attachments=[PIXEL])
    (attachment,) = model.prompts[0][0].attachments
    assert (attachment.type, attachment.content) == ("image/png", PIXEL)
    assert [type(part).__name__ for part in model.said(0)[0][1]] == ["TextPart", "AttachmentPart"]
    loud = f"DATA:Image/PNG;BASE64,{base64.b64encode(PIXEL).decode()}"
    chat.ask([{"type": "image_url", "image_url": {"url": loud}}], history=False)
    (attachment,) = model.prompts[1][0].attachments
    assert (attachment.type, attachment.content) == ("image/png", PIXEL)
    gif = {"type": "image_url", "image_url": {"url": f"data:image/gif;base64,{base64.b64encode(b'GIF8').decode()}"}}
    assert failure(chat, [gif]).error == "The model small does not accept image/gif, only image/png: leave it out."


def test_the_form_of_the_answer_is_its_schema(chats):
    model = Small(['{"a": 1}'])
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    assert chats(model).ask("json", response_format=schema).parsed == {"a": 1}
    assert model.prompts[0][0].schema["properties"] == schema["properties"]


class ModelWithoutTools(Small):
    supports_tools = False


@pytest.mark.parametrize(
    ("model", "params", "told"),
    [
        (Small([llm.ModelError("No credit left")]), {}, "No credit left"),
        (Small(), {"top_k": 3}, "small does not accept these parameters (top_k: Extra inputs are not permitted)."),
        (ModelWithoutTools(), {"tools": [price]}, "small does not support tools"),
        (Small(), {"tools": [price], "tool_choice": "required"}, "leave out tool_choice"),
        (Small(), {"response_format": {"type": "json_object"}}, "a JSON schema"),
    ],
)
def test_what_goes_wrong_is_told_in_one_sentence(chats, model, params, told):
    reply = failure(chats(model), "hi", **params)
    assert told in reply.error
    assert "\n" not in reply.error


@BOTH
def test_stop_ends_it(chats, kind):
    may_go_on = threading.Event()
    model = kind(["one ", "two ", (lambda: may_go_on.wait(20)) if kind is Small else HANGS, "three"])
    chat = chats(model)
    heard = threading.Event()
    chat.on("delta", lambda delta: heard.set() if "two" in delta.content else None)
    thread = threading.Thread(target=chat.ask, args=("hi",))
    thread.start()
    assert heard.wait(20)
    chat.stop()
    thread.join(20)
    reply = list(chat.conversation)[-1]
    assert reply.status is Status.STOPPED
    assert reply.text.startswith("one two ")
    may_go_on.set()
    assert model.closed.wait(20)


def test_llms_own_model_at_a_server(chats, server):
    """Its async twin leaves its connections open, which is for llm to mend."""
    key = new_canary()
    calls(server, "Let me see.", call(0, "price", {"symbol": "A"}))
    server.reply("It is 1.")
    server.reply_error(401, f"Incorrect key {key}")
    model = Chat("gpt-test", key=key, api_base=server.base_url, supports_tools=True, vision=True)
    chat = chats(model, tools=[price], system_prompt="Be brief.")
    reply = chat.ask("How much?", attachments=[PIXEL])
    assert (reply.text, results(chat)) == ("It is 1.", ["1"])
    assert reply.usage.total_tokens == 2
    first, second = (request.json["messages"] for request in server.chats)
    assert [message["role"] for message in second] == ["system", "user", "assistant", "tool"]
    assert first == second[:2]
    assert second[1]["content"][1]["image_url"]["url"].startswith("data:image/png;base64,")
    assert second[2]["tool_calls"][0]["id"] == second[3]["tool_call_id"] == "call_0"
    failed = failure(chat, "again")
    assert failed.error_code == "wrong_key"
    assert not leaks([failed, vars(chat), repr(chat)], key)
