"""Messages: everything the openai SDK takes goes in, and comes out as it was."""

import pickle
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion, ChatCompletionMessage, ChatCompletionMessageParam
from pydantic import BaseModel, TypeAdapter

from chatwidget._conversation.messages import Delta, Message, Status, ToolCall
from chatwidget._conversation.normalize import message_dict, message_dicts, plain_json
from chatwidget._conversation.tree import Conversation
from chatwidget._errors import ConversationError
from chatwidget._text import clean_text, utf16_length

SDK_MESSAGE = TypeAdapter(ChatCompletionMessageParam)

WEATHER = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Åbo"}'}}
CUSTOM = {"id": "call_2", "type": "custom", "custom": {"name": "sql", "input": "SELECT 1"}}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}}
SOUND = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
PAPER = {"type": "file", "file": {"file_id": "file-1"}}

MESSAGES = {
    "system text": {"role": "system", "content": "Be brief."},
    "system parts": {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
    "developer": {"role": "developer", "content": "Be brief.", "name": "dev"},
    "user text": {"role": "user", "content": "Grüße 🌍\u2028\n"},
    "user empty": {"role": "user", "content": ""},
    "user named": {"role": "user", "content": "hi", "name": "ada"},
    "user parts": {"role": "user", "content": [{"type": "text", "text": "What is it?"}, PICTURE, SOUND, PAPER]},
    "assistant text": {"role": "assistant", "content": "A cat."},
    "assistant parts": {
        "role": "assistant",
        "content": [{"type": "text", "text": "Well, "}, {"type": "refusal", "refusal": "no."}],
    },
    "assistant refusal": {"role": "assistant", "content": None, "refusal": "I cannot."},
    "assistant audio": {"role": "assistant", "audio": {"id": "audio_1"}},
    "assistant tool calls": {"role": "assistant", "content": None, "tool_calls": [WEATHER, CUSTOM]},
    "assistant text and tool calls": {"role": "assistant", "content": "Looking.", "tool_calls": [WEATHER]},
    "assistant function call": {"role": "assistant", "function_call": {"name": "weather", "arguments": "{}"}},
    "assistant nulls": {"role": "assistant", "content": "x", "refusal": None, "audio": None, "function_call": None},
    "tool text": {"role": "tool", "tool_call_id": "call_1", "content": "12 °C"},
    "tool parts": {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "12 °C"}]},
    "function": {"role": "function", "name": "weather", "content": "12 °C"},
    "function without content": {"role": "function", "name": "weather", "content": None},
}
each_message = pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)

BROKEN = {
    "none": None,
    "text": "hi",
    "number": 3,
    "pairs": [("role", "user")],
    "empty": {},
    "no role": {"content": "x"},
    "null role": {"role": None, "content": "x"},
    "list as role": {"role": [], "content": "x"},
    "dict as role": {"role": {}, "content": "x"},
    "unknown role": {"role": "bot", "content": "x"},
    "number as content": {"role": "user", "content": 3},
    "dict as content": {"role": "user", "content": {"type": "text"}},
    "strings as parts": {"role": "user", "content": ["a"]},
    "part without type": {"role": "user", "content": [{"text": "a"}]},
    "part with a number as type": {"role": "user", "content": [{"type": 1, "text": "a"}]},
    "user without content": {"role": "user"},
    "system without content": {"role": "system", "content": None},
    "developer without content": {"role": "developer"},
    "tool calls that are text": {"role": "assistant", "tool_calls": "call"},
    "tool calls that are texts": {"role": "assistant", "tool_calls": ["call"]},
    "one tool call": {"role": "assistant", "tool_calls": WEATHER},
    "function of a call that is text": {"role": "assistant", "tool_calls": [{"id": "1", "function": "f"}]},
    "custom of a call that is text": {"role": "assistant", "tool_calls": [{"id": "1", "custom": "f"}]},
    "function call that is text": {"role": "assistant", "function_call": "f"},
    "not a number": {"role": "user", "content": "x", "extra": float("nan")},
    "bytes": {"role": "user", "content": b"x"},
    "bytes in a part": {"role": "user", "content": [{"type": "text", "text": b"x"}]},
    "an object": {"role": "user", "content": "x", "extra": object()},
    "a class": {"role": "user", "content": "x", "extra": dict},
    "a tuple as key": {"role": "user", "content": "x", "extra": {(1, 2): 3}},
}


def nested(depth: int, innermost: object = "x") -> object:
    for _ in range(depth):
        innermost = [innermost]
    return innermost


@each_message
def test_what_the_sdk_takes_comes_out_equal(message):
    assert message_dict(message) == message


@each_message
def test_what_comes_out_of_a_conversation_is_what_went_in(message):
    conversation = Conversation([message])
    assert conversation.messages == [message]
    conversation.load(conversation.messages)
    assert conversation.messages == [message]


@each_message
def test_what_comes_out_is_accepted_by_the_types_of_the_sdk(message):
    [out] = Conversation([message]).messages
    SDK_MESSAGE.validate_python(out)


@each_message
def test_what_comes_out_is_a_copy(message):
    conversation = Conversation([message])
    conversation.messages[0]["content"] = "changed"
    assert conversation.messages == [message]


def test_the_copy_is_deep():
    parts = [{"type": "text", "text": "before"}]
    conversation = Conversation([{"role": "user", "content": parts}])
    parts[0]["text"] = "after"
    conversation.messages[0]["content"][0]["text"] = "after"
    assert conversation.messages[0]["content"][0]["text"] == "before"


@pytest.mark.parametrize(
    "wrap", [tuple, iter, lambda parts: (part for part in parts), lambda parts: dict(enumerate(parts)).values()]
)
def test_parts_and_calls_may_come_in_any_iterable(wrap):
    text = {"type": "text", "text": "a"}
    message = {"role": "assistant", "content": wrap([text, text]), "tool_calls": wrap([WEATHER])}
    assert message_dict(message) == {"role": "assistant", "content": [text, text], "tool_calls": [WEATHER]}


@pytest.mark.parametrize("wrap", [list, tuple, iter])
def test_messages_may_come_in_any_iterable(wrap):
    assert message_dicts(wrap(list(MESSAGES.values()))) == list(MESSAGES.values())


def test_a_mapping_that_is_no_dict_is_a_message():
    assert message_dict(types.MappingProxyType(MESSAGES["user text"])) == MESSAGES["user text"]


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "assistant", "content": "A cat."},
        {"role": "assistant", "content": None, "refusal": "I cannot."},
        {"role": "assistant", "content": None, "tool_calls": [WEATHER, CUSTOM]},
        {"role": "assistant", "content": "x", "annotations": []},
    ],
)
def test_a_message_of_the_sdk_is_a_message(fields):
    response = ChatCompletionMessage.model_validate(fields)
    out = message_dict(response)
    assert out == fields
    SDK_MESSAGE.validate_python(out)


def test_the_message_of_a_whole_response_is_a_message():
    choice = {"index": 0, "finish_reason": "tool_calls", "message": MESSAGES["assistant text and tool calls"]}
    response = ChatCompletion.model_validate(
        {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
    )
    assert Conversation([response.choices[0].message]).messages == [MESSAGES["assistant text and tool calls"]]


def test_objects_of_the_sdk_inside_a_dict_are_taken_too():
    response = ChatCompletionMessage.model_validate(MESSAGES["assistant tool calls"])
    message = {"role": "assistant", "content": None, "tool_calls": response.tool_calls}
    assert message_dict(message) == MESSAGES["assistant tool calls"]


def test_what_a_pydantic_object_leaves_unset_is_left_out():
    class Mine(BaseModel):
        role: str
        content: str
        name: str = "nobody"

    assert message_dict(Mine(role="user", content="x")) == {"role": "user", "content": "x"}


def test_a_message_of_ours_is_a_message():
    assert message_dict(Message("1", MESSAGES["user parts"])) == MESSAGES["user parts"]


@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN)
def test_what_is_no_message_is_refused(value):
    with pytest.raises(ConversationError, match=r"^here"):
        message_dict(value, "here")


@pytest.mark.parametrize("value", [None, 3, "hi", b"hi", {"role": "user", "content": "x"}])
def test_what_is_no_list_of_messages_is_refused(value):
    with pytest.raises(ConversationError, match="must be a list"):
        message_dicts(value)


def test_a_refusal_names_the_message():
    with pytest.raises(ConversationError, match=r"messages\[1\]: role must be one of assistant, .*not 'bot'"):
        message_dicts([MESSAGES["user text"], {"role": "bot", "content": "x"}])


@pytest.mark.parametrize("depth", [101, 1_000, 100_000])
@pytest.mark.parametrize("innermost", ["x", "\ud800"])
def test_nesting_that_no_message_has_is_refused(depth, innermost):
    with pytest.raises(ConversationError, match=r"^here"):
        plain_json(nested(depth, innermost), "here")


def test_nesting_that_a_message_may_have_is_taken():
    assert plain_json(nested(100, "\ud800"), "here") == nested(100, "\ufffd")


def test_a_value_that_holds_itself_is_refused():
    parts: list[object] = []
    parts.append(parts)
    with pytest.raises(ConversationError):
        message_dict({"role": "user", "content": parts})


def surrogates(text: str) -> list[str]:
    return [char for char in text if "\ud800" <= char <= "\udfff"]


@given(st.lists(st.sampled_from(["\ud83d", "\ude00", "a", "é", "\uffff", "🌍", "\ue000"])).map("".join))
def test_clean_text_joins_pairs_and_replaces_each_lone_half(text):
    expected = ""
    for char in text:
        pair = expected[-1:] + char
        low = "\udc00" <= char <= "\udfff"
        expected = (
            expected[:-1] + pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
            if low and surrogates(pair[:1]) and pair[0] < "\udc00"
            else expected + char
        )
    expected = "".join("\ufffd" if surrogates(char) else char for char in expected)
    assert clean_text(text) == expected


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_cleaning_keeps_the_length_that_a_view_counts(text):
    assert not surrogates(clean_text(text))
    assert utf16_length(clean_text(text)) == utf16_length(text)
    assert clean_text(clean_text(text)) == clean_text(text)


@pytest.mark.parametrize(("text", "length"), [("", 0), ("abc", 3), ("é", 1), ("🌍", 2), ("a\ud83d", 2)])
def test_lengths_are_those_of_javascript(text, length):
    assert utf16_length(text) == length


@pytest.mark.parametrize("value", ["\\ud83d", "\ud83d", ["\ud83d\ude00"], {"\udc00": "\\ud800 \ud800"}])
def test_plain_json_cleans_keys_and_values_and_nothing_else(value):
    def cleaned(value):
        if isinstance(value, str):
            return clean_text(value)
        if isinstance(value, list):
            return [cleaned(item) for item in value]
        return {cleaned(key): cleaned(item) for key, item in value.items()}

    assert plain_json(value, "here") == cleaned(value)


def test_text_is_the_content_without_what_is_no_text():
    assert Message("1", MESSAGES["user parts"]).text == "What is it?"
    assert Message("1", MESSAGES["user text"]).text == MESSAGES["user text"]["content"]
    assert Message("1", MESSAGES["assistant audio"]).text == ""


def test_tool_calls_are_read_under_all_their_names():
    calls = Message("1", MESSAGES["assistant tool calls"]).tool_calls
    assert calls == [
        ToolCall("call_1", "weather", '{"city": "Åbo"}'),
        ToolCall("call_2", "sql", "SELECT 1", type="custom"),
    ]
    assert Message("1", MESSAGES["assistant function call"]).tool_calls == [ToolCall("", "weather", "{}")]
    assert Message("1", MESSAGES["user text"]).tool_calls == []


def test_what_a_server_adds_to_a_call_is_kept():
    entry = {**WEATHER, "extra_content": {"google": {"thought_signature": "abc"}}}
    assert ToolCall.from_openai(entry).to_openai() == entry


@pytest.mark.parametrize("data", [{"role": "assistant"}, {"role": "assistant", "content": ""}])
def test_a_message_with_nothing_in_it_is_empty(data):
    assert Message("1", data).is_empty


@pytest.mark.parametrize("name", ["assistant refusal", "assistant audio", "assistant tool calls", "user parts"])
def test_a_message_with_anything_in_it_is_not_empty(name):
    assert not Message("1", MESSAGES[name]).is_empty


def test_a_delta_is_true_when_it_adds_anything():
    assert not Delta()
    assert Delta(model="m")
    assert Delta(content="x")


def test_values_are_equal_by_content_and_can_be_pickled():
    message = Message("1", MESSAGES["user parts"], status=Status.STOPPED)
    assert pickle.loads(pickle.dumps(message)) == message


@pytest.mark.parametrize("status", Status)
def test_four_statuses_are_final(status):
    assert status.is_final == (status not in {"waiting", "streaming"})
