"""A user's function answers: what it may be, and what it may give."""

from __future__ import annotations

import base64
import threading
from uuid import uuid4

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessage
from openai.types.chat.chat_completion import Choice
from openai.types.chat.chat_completion_chunk import ChoiceDelta

from chatwidget import (
    ChatError,
    ChatWidget,
    ConversationError,
    Delta,
    DemoModel,
    SettingsError,
    TransportError,
    concat_stream,
)
from chatwidget._conversation.messages import without_image_data
from tests.contract.run import run

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def chunk(**delta):
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    return {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}


def completion(**message):
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    return {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}


CALL = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
CALL_CHUNKS = [
    chunk(role="assistant", content="Wait"),
    chunk(tool_calls=[{"index": 0, "id": "call_1", "type": "function", "function": {"name": "add", "arguments": ""}}]),
    chunk(tool_calls=[{"index": 0, "function": {"arguments": '{"a"'}}]),
    chunk(tool_calls=[{"index": 0, "function": {"arguments": ": 1}"}}]),
]


class Frame:
    """A dataframe as pandas' is used here."""

    columns = ("name", "a|b")
    shape = (3, 2)

    def itertuples(self, name="Pandas"):
        assert name is None
        return iter([(0, "Ann", 0.123456789), (1, "<b>Bob</b>", 2), (2, "x" * 100, None)])

    def __iter__(self):
        return iter(self.columns)


class Figure:
    def savefig(self, file, **_options):
        file.write(PIXEL)


class Picture:
    def _repr_png_(self):
        return PIXEL


class Formula:
    def _repr_latex_(self):
        return "$x^2$"


class Markup:
    def _repr_html_(self):
        return "<script>alert(1)</script>"

    def __repr__(self):
        return "Markup()"


IMAGE = f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ({"role": "assistant", "content": "a dict"}, "a dict"),
        ({"content": "a delta"}, "a delta"),
        (chunk(content="a chunk"), "a chunk"),
        (completion(content="whole"), "whole"),
        (ChatCompletionChunk.model_validate(chunk(content="an object")), "an object"),
        (ChatCompletion.model_validate(completion(content="whole object")), "whole object"),
        (ChatCompletionMessage(role="assistant", content="a message"), "a message"),
        (ChoiceDelta(role="assistant", content="its delta"), "its delta"),
        (Delta(content="ours"), "ours"),
        ({"role": "assistant", "content": "with sources", "citations": ["https://example.org"]}, "with sources"),
        ({"content": "with usage", "usage": None}, "with usage"),
        (["one ", "two"], "one two"),
        (Formula(), "$x^2$"),
        (Picture(), f"![Picture]({IMAGE})"),
        (Figure(), f"![Figure]({IMAGE})"),
        (Markup(), "```\nMarkup()\n```"),
        ([{"type": "text", "text": "no message"}], None),
        ({"role": "assistant", "content": [{"type": "image_url", "image_url": {"url": IMAGE}}]}, f"![image]({IMAGE})"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_a_function_may_return(chats, value, text):
    if text is None:
        with pytest.raises(ChatError, match="a dict with type, text"):
            chats(lambda _: value).ask("hi")
    else:
        assert chats(lambda _: value).ask("hi").markdown.strip() == text


def test_a_dataframe_is_a_table(chats):
    def answer(_messages):
        yield "Look:"
        yield Frame()
        yield "There."

    assert chats(answer).ask("hi").text.splitlines() == [
        "Look:",
        "",
        "|  | name | a\\|b |",
        "|---|---|---|",
        "| 0 | Ann | 0.123457 |",
        "| 1 | <b>Bob</b> | 2 |",
        f"| 2 | {'x' * 79}… | None |",
        "",
        "There.",
    ]


def test_what_is_yielded_is_shown_as_it_was_then(chats):
    class Changing(Picture):
        data = PIXEL

        def _repr_png_(self):
            return self.data

    def answer(_messages):
        picture = Changing()
        yield picture
        picture.data = b"other"

    assert IMAGE in chats(answer).ask("hi").markdown


def test_a_picture_in_an_answer_goes_back_as_an_image(chats, server):
    """Fails when `Requests.make` leaves the data of pictures in answers."""
    asked = []
    chat = chats(lambda messages: (asked.append(messages), Picture())[1])
    reply = chat.ask("draw")
    assert (reply.content, reply.text, reply.markdown) == ("[image: Picture]",) * 2 + (f"![Picture]({IMAGE})",)
    assert chat.messages[1:] == [{"role": "assistant", "content": "[image: Picture]"}]
    chat.ask("again")
    image = {"type": "image_url", "image_url": {"url": IMAGE}}
    sent = [
        {"role": "user", "content": "draw"},
        {"role": "assistant", "content": "[image: Picture]"},
        {"role": "user", "content": [{"type": "text", "text": "The images in the answer above:"}, image]},
        {"role": "user", "content": "again"},
    ]
    assert asked[1] == sent
    assert chat.messages[:-1] == sent
    chat.connect("m", base_url=server.base_url)
    chat.ask("what is it?")
    messages = server.chats[0].json["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant"] * 2 + ["user"]
    assert messages[4]["content"][1:] == [image, {"type": "text", "text": "what is it?"}]
    assert without_image_data("![a](https://example.org/x.png)") == "![a](https://example.org/x.png)"


async def answer_async(messages):
    return messages[-1]["content"]


async def stream_async(messages):
    yield messages[-1]["content"]
    yield Picture()


def stream(messages):
    yield messages[-1]["content"]


@pytest.mark.parametrize("function", [answer_async, stream_async, stream, lambda messages: messages[-1]["content"]])
def test_it_may_be_of_any_kind(chats, function):
    chat = chats("demo")
    assert chat.on_message(function) is function
    assert chat.ask("hi").text.startswith("hi")
    assert chat.model is function


def test_one_that_takes_two_is_given_the_widget(chats):
    seen = []

    def with_chat(_messages, chat):
        seen.append(chat)
        return chat.model.__name__

    def with_option(_messages, chat=None):
        seen.append(chat)
        return "ok"

    def with_other_option(_messages, temperature=0.5):
        return str(temperature)

    chat = chats(with_chat)
    assert chat.ask("hi").text == "with_chat"
    chat.on_message(with_option)
    chat.ask("hi")
    assert seen == [chat, chat]
    chat.on_message(with_other_option)
    assert chat.ask("hi").text == "0.5"


@pytest.mark.parametrize("value", [3.5, object(), b"bytes", {1: 2}])
def test_what_is_no_answer_is_told(chats, value):
    with pytest.raises(ChatError, match="The function returned or yielded a"):
        chats(lambda _: value).ask("hi")


# Whole texts so far


def so_far(_messages):
    for end in range(1, 40):
        yield "The whole answer, as far as it has come."[:end]


def test_with_cumulative_only_what_is_new_is_added(chats):
    assert chats(so_far, cumulative=True).ask("hi").text == "The whole answer, as far as it has come"
    chat = chats("demo")
    chat.on_message(cumulative=True)(so_far)
    assert chat.ask("hi").text == "The whole answer, as far as it has come"


def test_who_yields_the_text_so_far_is_asked_to_say_so(chats):
    with pytest.raises(ChatError, match=r"pass cumulative=True; .* pass cumulative=False"):
        chats(so_far).ask("hi")
    assert chats(so_far, cumulative=False).ask("hi").text.startswith("TThThe")


def test_repeated_pieces_are_not_taken_for_the_text_so_far(chats):
    pieces = ["1", "10", "100", "1000", " and then something long that is no continuation of anything"]
    assert chats(lambda _: iter(pieces)).ask("hi").text == "".join(pieces)
    pieces = ["=" * 30] * 9
    assert chats(lambda _: iter(pieces)).ask("hi").text == "".join(pieces)


def test_a_text_so_far_that_takes_something_back_is_told(chats):
    with pytest.raises(ChatError, match="must begin with the previous one"):
        chats(lambda _: iter(["Thinking", "Done"]), cumulative=True).ask("hi")


@pytest.mark.usefixtures("no_settings")
def test_cumulative_is_for_functions():
    with pytest.raises(SettingsError, match="cumulative"):
        ChatWidget("m", cumulative=True)


# Several messages, by hand


def roles_and_texts(chat):
    return [(message["role"], message["content"]) for message in chat.messages]


def test_messages_can_be_put_one_by_one(chats):
    def answer(_messages, chat):
        chat.update({"role": "assistant", "content": None, "tool_calls": [CALL]})
        chat.update({"role": "tool", "tool_call_id": "call_1", "content": "3"})
        chat.update(ChatCompletionMessage(role="assistant", content="It is 3."))

    chat = chats(answer)
    reply = chat.ask("1 + 2?")
    assert roles_and_texts(chat) == [("user", "1 + 2?"), ("assistant", None), ("tool", "3"), ("assistant", "It is 3.")]
    assert (reply.text, reply.status) == ("It is 3.", "complete")
    assert chat.messages[1]["tool_calls"] == [CALL]


def test_pieces_of_one_id_are_joined(chats):
    ids = []

    def answer(_messages, chat):
        first, second = uuid4().hex, uuid4().hex
        ids.extend((first, second))
        for piece in CALL_CHUNKS:
            chat.update(piece, id=first)
        for piece in ("It ", Delta(content="is "), ChoiceDelta(role="assistant", content="3")):
            chat.update(piece, id=second)
        chat.update("!", id=first)

    chat = chats(answer)
    reply = chat.ask("hi")
    assert [message.id for message in chat.conversation][1:] == ids
    assert roles_and_texts(chat)[1:] == [("assistant", "Wait!"), ("assistant", "It is 3")]
    assert chat.messages[1]["tool_calls"] == [CALL]
    assert reply.id == ids[1]


def test_yields_and_updates_go_together(chats):
    def answer(_messages, chat):
        yield "One, "
        chat.update("two, ")
        yield "three."
        yield {"role": "tool", "tool_call_id": "call_1", "content": "3"}
        yield "Four."

    chat = chats(answer)
    assert chat.ask("hi").text == "Four."
    assert roles_and_texts(chat)[1:] == [("assistant", "One, two, three."), ("tool", "3"), ("assistant", "Four.")]


def test_a_message_from_anywhere_stands_by_itself_and_can_grow(chats):
    chat = chats("demo")
    message_id = chat.update({"role": "assistant", "content": "By the"})
    chat.update(" way", id=message_id)
    chat.update("Other", id="my-own")
    chat.update({"role": "user", "content": "Thanks"})
    assert roles_and_texts(chat) == [("assistant", "By the way"), ("assistant", "Other"), ("user", "Thanks")]
    assert chat.conversation["my-own"].status == "complete"


def test_another_thread_can_add_to_a_message(chats):
    chat = chats("demo")
    message_id = chat.update("a")
    thread = threading.Thread(target=lambda: chat.update("b", id=message_id))
    thread.start()
    thread.join()
    assert chat.messages[0]["content"] == "ab"


def test_stop_ends_a_function_at_its_next_update(chats):
    stopped, ended = threading.Event(), []

    def answer(_messages, chat):
        chat.update("first")
        heard.set()
        stopped.wait(10)
        try:
            chat.update(" late")
        except ConversationError as error:
            ended.append(str(error))
            done.set()
            raise

    heard, done = threading.Event(), threading.Event()
    chat = chats(answer)
    replies = []
    thread = threading.Thread(target=lambda: replies.append(chat.ask("hi")))
    thread.start()
    assert heard.wait(10)
    chat.stop()
    stopped.set()
    thread.join(10)
    assert done.wait(10)
    assert (replies[0].text, replies[0].status) == ("first", "stopped")
    assert "has ended" in ended[0]


def test_what_fails_after_a_message_leaves_it(chats):
    def answer(_messages, chat):
        chat.update({"role": "assistant", "content": "So far."})
        chat.update({"role": "tool", "tool_call_id": "call_1", "content": "3"})
        raise RuntimeError

    chat = chats(answer)
    with pytest.raises(ChatError, match="RuntimeError"):
        chat.ask("hi")
    assert roles_and_texts(chat)[1:] == [("assistant", "So far."), ("tool", "3")]


def test_a_function_may_ask_another_chat(chats):
    other = chats(DemoModel(["from the other"], delay=0))
    chat = chats(lambda _: other.ask("you?"))
    assert chat.ask("hi").text == "from the other"
    assert len(other.messages) == 2


# Streams as messages


def test_the_chunks_of_a_stream_make_one_message():
    expected = {"role": "assistant", "content": "Wait", "tool_calls": [CALL]}
    assert concat_stream(CALL_CHUNKS) == expected
    assert concat_stream(ChatCompletionChunk.model_validate(each) for each in CALL_CHUNKS) == expected

    async def chunks():
        for each in CALL_CHUNKS:
            yield each

    async def joined():
        return await concat_stream(chunks())

    assert run(joined()) == expected
    assert concat_stream(["a", "b"]) == {"role": "assistant", "content": "ab"}


ENDED = [*CALL_CHUNKS, {**chunk(), "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}]
CHOICES = [each["choices"][0] for each in ENDED]


def objects(chunks):
    return [ChatCompletionChunk.model_validate(each).choices[0] for each in chunks]


def as_told(message):
    return {key: value for key, value in message.items() if value}


@pytest.mark.parametrize("choices", [CHOICES, objects(ENDED)], ids=["dicts", "objects"])
def test_choices_are_taken_as_their_chunks_are(chats, choices):
    """Fails when `PieceReader` takes a choice for a delta."""
    whole = concat_stream(ENDED)
    assert concat_stream(choices) == whole

    def answer(_messages, chat):
        message_id = uuid4().hex
        for choice in choices:
            chat.update(choice, id=message_id)

    for function in (lambda _: iter(choices), answer):
        chat = chats(function)
        assert chat.ask("hi").finish_reason == "tool_calls"
        assert as_told(chat.messages[-1]) == whole


def test_a_whole_choice_is_the_message_in_it(chats):
    choice = {"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": "So"}}
    given = Choice.model_validate({**choice, "logprobs": None})
    for piece in (choice, given):
        chat = chats(lambda _, piece=piece: piece)
        assert (chat.ask("hi").text, chat.messages[-1]) == ("So", choice["message"])
        chat.update(piece)
        assert roles_and_texts(chat)[1:] == [("assistant", "So")] * 2
        assert concat_stream([piece]) == choice["message"]


@pytest.mark.parametrize(
    ("choices", "text"),
    [
        ([{"index": 0, "delta": {"content": "a"}}, {"index": 1, "delta": {"content": "x"}},
          {"index": 0, "delta": {"content": "b"}}], "ab"),
        # the one that was chosen
        ([{"index": 1, "delta": {"content": "a"}}, {"index": 1, "delta": {"content": "b"}}], "ab"),
        ([{"delta": {"content": "a"}}, {"delta": {}, "finish_reason": "stop"}, {"finish_reason": "stop"}], "a"),
        ([{"delta": {"content": "a"}, "index": None}, {"choices": [{"delta": {"content": "b"}}]}, " c"], "ab c"),
        ([{"delta": {"content": "a"}, "usage": {"total_tokens": 1}, "error": None}], "a"),
        ([{"index": 0, "text": "a", "finish_reason": None}, {"index": 0, "text": "b", "finish_reason": "stop"}], "ab"),
    ],
)  # fmt: skip
def test_choices_of_one_answer(chats, choices, text):
    assert concat_stream(choices) == {"role": "assistant", "content": text}
    assert chats(lambda _: iter(choices)).ask("hi").text == text


CALLING = {"role": "assistant", "content": "Wait", "tool_calls": [CALL]}


@pytest.mark.parametrize(
    "one",
    [
        CALLING,
        completion(**CALLING),
        completion(**CALLING)["choices"][0],
        ChatCompletionMessage.model_validate(CALLING),
        ChatCompletion.model_validate(completion(**CALLING)),
        Choice.model_validate({**completion(**CALLING)["choices"][0], "logprobs": None}),
    ],
    ids=lambda one: type(one).__name__,
)
def test_one_answer_is_taken_as_a_stream_of_one(one):
    assert as_told(concat_stream(one)) == CALLING


@pytest.mark.parametrize("one", [{"delta": {"content": "ab"}}, chunk(content="ab"), "ab", Delta(content="ab")])
def test_one_piece_is_taken_as_a_stream_of_one(one):
    assert concat_stream(one) == {"role": "assistant", "content": "ab"}


def test_an_error_in_a_choice_is_raised():
    with pytest.raises(TransportError, match="broken"):
        concat_stream([{"delta": {}, "finish_reason": "error", "error": {"message": "broken"}}])


def test_a_stream_of_the_sdk_can_be_given_or_joined(chats, server):
    openai = pytest.importorskip("openai")
    server.reply({"tool_calls": CALL_CHUNKS[1]["choices"][0]["delta"]["tool_calls"]}, "Hello")
    client = openai.OpenAI(base_url=server.base_url, api_key="none")
    options = {"model": "m", "stream": True}

    def answer(messages, chat):
        message = concat_stream(client.chat.completions.create(messages=messages, **options))
        chat.update(message)
        chat.update({"role": "tool", "tool_call_id": "call_1", "content": "3"})
        return client.chat.completions.create(messages=chat.messages, **options)

    chat = chats(answer)
    assert chat.ask("hi").text == "You said: 3"
    assert [message["role"] for message in chat.messages] == ["user", "assistant", "tool", "assistant"]
    assert chat.messages[1]["tool_calls"][0]["function"]["name"] == "add"
    client.close()
