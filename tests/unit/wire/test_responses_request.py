"""Requests to OpenAI's Responses API, and the items of answers that are in them. Runs in Pyodide too."""

import json

import pytest

from chatwidget._errors import TransportError
from chatwidget._wire.chat_completions.api import CHAT_COMPLETIONS
from chatwidget._wire.responses import RESPONSES
from chatwidget._wire.sendable import KEPT
from tests.unit.wire._responses import (
    PNG,
    body,
    completed,
    done,
    function,
    image,
    message,
    reasoning,
    replay,
    sent_back,
)


def request(*messages, **params):
    return RESPONSES.body(list(messages), "m", params)


def sent(*messages):
    return request(*messages)["input"]


def call(name="f", arguments="{}", call_id="call_1"):
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def answer(content="", *calls, **more):
    return {"role": "assistant", "content": content, **({"tool_calls": list(calls)} if calls else {}), **more}


URL = f"data:image/png;base64,{PNG}"
USER = {"role": "user", "content": "Hi"}


def test_a_conversation_is_sent_as_items():
    result = {"role": "tool", "tool_call_id": "call_1", "content": "1"}
    assert sent({"role": "system", "content": "Be brief."}, USER, answer("Wait.", call()), result, answer("Done.")) == [
        {"type": "message", "role": "system", "content": "Be brief."},
        {"type": "message", "role": "user", "content": "Hi"},
        {"type": "message", "role": "assistant", "content": "Wait."},
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "1"},
        {"type": "message", "role": "assistant", "content": "Done."},
    ]


def test_parts_of_a_question_are_translated():
    parts = [
        {"type": "text", "text": "Look"},
        {"type": "text", "text": ""},
        {"type": "image_url", "image_url": {"url": URL, "detail": "low"}, "alt": "a dot"},
        {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
        {"type": "file", "file": {"file_id": "file_1"}},
        {"type": "input_text", "text": "as it is"},
    ]
    assert sent({"role": "user", "content": parts})[0]["content"] == [
        {"type": "input_text", "text": "Look"},
        {"type": "input_image", "image_url": URL, "detail": "low"},
        {"type": "input_image", "image_url": "https://a.example/b.png"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
        {"type": "input_file", "file_id": "file_1"},
        {"type": "input_text", "text": "as it is"},
    ]


def test_sound_is_refused_with_what_to_do():
    part = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
    with pytest.raises(TransportError, match="chat completions"):
        sent({"role": "user", "content": [part]})


def test_pictures_of_tools_go_into_the_output():
    parts = [{"type": "text", "text": "A plot"}, {"type": "image_url", "image_url": {"url": URL}}]
    items = sent(USER, answer(None, call()), {"role": "tool", "tool_call_id": "call_1", "content": parts})
    assert items[-1] == {
        "type": "function_call_output",
        "call_id": "call_1",
        "output": [{"type": "input_text", "text": "A plot"}, {"type": "input_image", "image_url": URL}],
    }


def test_parts_and_refusals_of_answers_are_output():
    assert sent(answer([{"type": "text", "text": "A"}], refusal="No."))[0]["content"] == [
        {"type": "output_text", "text": "A", "annotations": []},
        {"type": "refusal", "refusal": "No."},
    ]
    assert sent(answer("A", refusal="No."))[0]["content"][1] == {"type": "refusal", "refusal": "No."}
    assert sent(answer(f"A ![dot]({URL})"))[0]["content"] == "A [image: dot]"


def test_each_call_has_an_output_and_each_output_its_call():
    items = sent(USER, answer(None, call("f", "{", "a"), call("g", "{}", "b")))
    assert [(item["type"], item.get("call_id"), item.get("arguments")) for item in items[1:]] == [
        ("function_call", "a", "{}"),
        ("function_call", "b", "{}"),
        ("function_call_output", "a", None),
        ("function_call_output", "b", None),
    ]


def test_calls_of_the_oldest_form_are_sent_too():
    old = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}
    items = sent(USER, old, {"role": "function", "name": "f", "content": "1"}, USER, old)
    first, result = items[1:3]
    assert (first["name"], result["output"]) == ("f", "1")
    assert first["call_id"] == result["call_id"] != items[-1]["call_id"]


def test_custom_calls_keep_their_form():
    custom = {"id": "call_1", "type": "custom", "custom": {"name": "sql", "input": "select 1;"}}
    items = sent(USER, answer(None, custom), {"role": "tool", "tool_call_id": "call_1", "content": "1"})
    assert items[1:] == [
        {"type": "custom_tool_call", "call_id": "call_1", "name": "sql", "input": "select 1;"},
        {"type": "custom_tool_call_output", "call_id": "call_1", "output": "1"},
    ]


def test_tools_are_flat_and_not_strict_unless_set():
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    function = {"name": "f", "description": "F.", "parameters": schema}
    grammar = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: X"}}
    tools = [
        {"type": "function", "function": function},
        {"type": "function", "function": {"name": "g", "strict": True}},
        {"type": "function", "name": "h", "parameters": schema},
        {"type": "custom", "custom": {"name": "sql", "format": grammar}},
        "web_search",
        "code_interpreter",
        {"type": "mcp", "server_label": "docs", "server_url": "https://a.example"},
    ]
    assert request(USER, tools=tools)["tools"] == [
        {"type": "function", **function, "strict": False},
        {"type": "function", "name": "g", "strict": True, "parameters": {"type": "object", "properties": {}}},
        {"type": "function", "name": "h", "parameters": schema, "strict": False},
        {"type": "custom", "name": "sql", "format": {"type": "grammar", "syntax": "lark", "definition": "start: X"}},
        {"type": "web_search"},
        {"type": "code_interpreter", "container": {"type": "auto"}},
        {"type": "mcp", "server_label": "docs", "server_url": "https://a.example"},
    ]


@pytest.mark.parametrize(
    ("choice", "translated"),
    [
        ("required", "required"),
        ({"type": "function", "function": {"name": "f"}}, {"type": "function", "name": "f"}),
        ({"type": "function", "name": "f"}, {"type": "function", "name": "f"}),
        ({"type": "web_search"}, {"type": "web_search"}),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [call()]}},
            {
                "type": "allowed_tools",
                "mode": "auto",
                "tools": [{"id": "call_1", "type": "function"} | call()["function"]],
            },
        ),
    ],
)
def test_the_choice_of_a_tool_is_flat(choice, translated):
    assert request(USER, tool_choice=choice)["tool_choice"] == translated


FORMAT = {"name": "city", "schema": {"type": "object"}, "strict": True}


SCHEMA = {"type": "json_schema", "json_schema": FORMAT}
LOGPROBS = "message.output_text.logprobs"


@pytest.mark.parametrize(
    ("params", "translated"),
    [
        ({"max_tokens": 100}, {"max_output_tokens": 100}),
        ({"max_completion_tokens": 5}, {"max_output_tokens": 16}),
        ({"reasoning_effort": "low", "reasoning_summary": "x"}, {"reasoning": {"effort": "low", "summary": "x"}}),
        ({"reasoning_summary": "x", "reasoning": {"effort": "low"}}, {"reasoning": {"summary": "x", "effort": "low"}}),
        ({"reasoning": {"summary": "x"}, "reasoning_effort": "low"}, {"reasoning": {"summary": "x", "effort": "low"}}),
        ({"verbosity": "low"}, {"text": {"verbosity": "low"}}),
        ({"response_format": SCHEMA}, {"text": {"format": {"type": "json_schema", **FORMAT}}}),
        ({"response_format": {"type": "x"}, "verbosity": "y"}, {"text": {"format": {"type": "x"}, "verbosity": "y"}}),
        ({"include": ["a"], "logprobs": True, "top_logprobs": 2}, {"include": ["a", LOGPROBS], "top_logprobs": 2}),
        ({"stream_options": {"include_usage": True}}, {}),
        ({"stream_options": {"include_obfuscation": False}}, {"stream_options": {"include_obfuscation": False}}),
        ({"store": True, "previous_response_id": "resp_1"}, {"store": True, "previous_response_id": "resp_1"}),
        ({"stop": "x", "brand_new": [1]}, {"stop": "x", "brand_new": [1]}),
        ({"model": "other"}, {"model": "other"}),
    ],
)
def test_parameters_are_sent_under_their_names_here(params, translated):
    rest = {"model": "m", "stream": True} | translated
    assert {key: value for key, value in request(USER, **params).items() if key != "input"} == rest


def test_nothing_is_stored_unless_the_user_says_so():
    assert RESPONSES.defaults["store"] is False


def reply_to(*output):
    return replay(body(*(done(item, index) for index, item in enumerate(output)), completed(*output)))


def test_reasoning_goes_back_in_its_place_without_ids():
    first = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}], "encrypted_content": "one"}
    second = {"type": "reasoning", "summary": [], "encrypted_content": "two"}
    output = [reasoning("one", "Hm."), message("A", id="msg_1"), reasoning("two"), function(id="fc_1")]
    assert sent_back(reply_to(*output)) == [
        first,
        {"type": "message", "role": "assistant", "content": "A"},
        second,
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"},
    ]


def test_reasoning_without_its_content_or_what_followed_it_stays_here():
    search = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    assert [item["type"] for item in sent_back(reply_to(reasoning(""), message("A")))] == ["message"]
    kept = sent_back(reply_to(reasoning("one"), search, reasoning("two"), reasoning("three"), message("A")))
    assert [item.get("encrypted_content") for item in kept] == ["two", "three", None]
    assert sent_back(reply_to(message("A", phase="final_answer"), reasoning("one")))[1:] == []


def test_messages_go_back_apart_with_their_phases():
    reply = reply_to(message("A", phase="commentary"), message("B", phase="final_answer"))
    assert reply.content == "A\n\nB"
    assert [(item["content"], item["phase"]) for item in sent_back(reply)] == [
        ("A", "commentary"),
        ("B", "final_answer"),
    ]


def test_an_answer_that_was_edited_goes_back_as_it_is_now():
    reply = reply_to(reasoning("one"), message("A", phase="commentary"), message("B", phase="final_answer"))
    changed = {**reply.data, **reply.sent_reasoning, "content": "C"}
    assert [(item.get("content"), item.get("phase")) for item in sent(changed)] == [(None, None), ("C", "final_answer")]


def test_a_picture_is_named_where_it_was():
    reply = reply_to(message("A", phase="commentary"), image(PNG), message("B", phase="final_answer"))
    assert [item["content"] for item in sent_back(reply)] == ["A", "[image: image]\n\nB"]


def test_an_answer_that_says_it_all_needs_no_items():
    assert reply_to(message("A"), function()).reasoning_form is None


def test_items_are_not_sent_to_other_apis():
    reply = reply_to(reasoning("one"), function())
    data = {**reply.data, **reply.sent_reasoning}
    assert KEPT in data
    assert "secret" not in json.dumps(CHAT_COMPLETIONS.body([USER, data], "m", {}))
    assert KEPT not in CHAT_COMPLETIONS.body([USER, data], "m", {})["messages"][1]
