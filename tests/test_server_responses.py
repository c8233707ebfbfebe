"""The model server speaks the Responses API as OpenAI's does: the SDK's own reader is the judge."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import openai
import pytest
from openai.types.responses import ParsedResponse

from tests.server import ModelServer

MODEL = "test-model"
PART_OF_CALL = {"tool_calls": [{"index": 0, "function": {"arguments": '"Oslo"}'}}]}
FUNCTION = {"type": "function", "name": "weather", "parameters": {"type": "object", "properties": {}}, "strict": False}
ON_CHAT = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
CALL = {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "sunny"}


@pytest.fixture
def client(server: ModelServer) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=server.base_url, api_key="k", max_retries=0) as client:
        yield client


def opening(index: int, name: str) -> dict[str, Any]:
    """The first delta of a call."""
    function = {"name": name, "arguments": '{"city": '}
    return {"tool_calls": [{"index": index, "id": f"call_{index}", "function": function}]}


def streamed(client: openai.OpenAI, **asked: Any) -> ParsedResponse[None]:
    """The response as the SDK puts its events together."""
    with client.responses.stream(**{"model": MODEL, "input": "hello there"} | asked) as stream:
        return stream.get_final_response()


def test_a_stream_tells_text_reasoning_and_calls_in_their_order(server: ModelServer, client: openai.OpenAI) -> None:
    deltas = [{"reasoning_content": "Look"}, {"reasoning_content": " it up."}, "Hel", "lo"]
    server.reply(*deltas, opening(0, "weather"), PART_OF_CALL)
    response = streamed(client)
    reasoning, message, call = response.output
    assert reasoning.type == "reasoning"
    assert [part.text for part in reasoning.summary] == ["Look it up."]
    assert reasoning.encrypted_content
    assert message.type == "message"
    assert response.output_text == "Hello"
    assert call.type == "function_call"
    assert (call.call_id, call.name, call.arguments) == ("call_0", "weather", '{"city": "Oslo"}')
    assert response.usage
    assert response.usage.output_tokens == 6


def test_calls_in_parallel_are_open_at_once(server: ModelServer, client: openai.OpenAI) -> None:
    rest = [{"tool_calls": [{"index": index, "function": {"arguments": f"{index}}}"}}]} for index in (1, 0)]
    server.reply(opening(0, "a"), opening(1, "b"), *rest)
    arguments = [item.arguments for item in streamed(client).output if item.type == "function_call"]
    assert arguments == ['{"city": 0}', '{"city": 1}']


def test_what_only_this_api_has_is_told_as_it_is(server: ModelServer, client: openai.OpenAI) -> None:
    citation = {"url": "https://example.org/", "title": "Example", "start_index": 0, "end_index": 4}
    server.reply(
        {"type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "news"}},
        {"type": "response.web_search_call.completed", "output_index": 0, "item_id": "ws"},
        "Fact",
        {"annotations": [{"type": "url_citation", "url_citation": citation}]},
    )
    search, message = streamed(client).output
    assert search.type == "web_search_call"
    assert message.type == "message"
    part = message.content[0]
    assert part.type == "output_text"
    assert [note.url for note in part.annotations if note.type == "url_citation"] == [citation["url"]]


@pytest.mark.parametrize(
    ("finish_reason", "status", "reason"),
    [
        ("stop", "completed", None),
        ("length", "incomplete", "max_output_tokens"),
        ("content_filter", "incomplete", "content_filter"),
    ],
)
def test_the_end_tells_its_reason(
    server: ModelServer, client: openai.OpenAI, finish_reason: str, status: str, reason: str | None
) -> None:
    server.reply("Once", finish_reason=finish_reason)
    with client.responses.create(model=MODEL, input="x", stream=True) as stream:
        last = list(stream)[-1]
    assert last.type == f"response.{status}"
    assert last.response.status == status
    assert (last.response.incomplete_details.reason if last.response.incomplete_details else None) == reason


def test_without_stream_the_answer_is_one_response(server: ModelServer, client: openai.OpenAI) -> None:
    server.reply("Hel", "lo", {"refusal": "No more."})
    response = client.responses.create(model=MODEL, input="x")
    assert response.output_text == "Hello"
    assert response.status == "completed"


@pytest.mark.parametrize(
    "said",
    ["hello there", [{"role": "user", "content": [{"type": "input_text", "text": "hello there"}]}], [CALL, OUTPUT]],
)
def test_an_unscripted_question_is_echoed(client: openai.OpenAI, said: Any) -> None:
    last = "sunny" if said == [CALL, OUTPUT] else "hello there"
    assert streamed(client, input=said).output_text == f"You said: {last}"


def test_what_came_back_is_taken_again(client: openai.OpenAI, server: ModelServer) -> None:
    server.reply({"reasoning_content": "Hm."}, opening(0, "weather"), PART_OF_CALL)
    reasoning, call = streamed(client, store=False).output
    assert reasoning.type == "reasoning"
    assert call.type == "function_call"
    items = [reasoning.to_dict(), call.to_dict(exclude_unset=True), OUTPUT | {"call_id": "call_0"}]
    del items[1]["id"]
    assert "sunny" in streamed(client, input=items, store=False).output_text


REASONING = {"type": "reasoning", "id": "rs_9", "summary": []}
Refused = tuple[Mapping[str, Any], int, str | None, str]
REFUSED: Sequence[Refused] = [
    ({"stop": ["x"]}, 400, "stop", "Unknown parameter"),
    ({"max_output_tokens": 15}, 400, "max_output_tokens", "below minimum value"),
    ({"tools": [ON_CHAT]}, 400, "tools[0].name", "Missing required parameter"),
    ({"input": [{"role": "tool", "content": "x"}]}, 400, "input[0].role", "Invalid value: 'tool'"),
    (
        {"input": [{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}]},
        400,
        "input[0].content[0].type",
        "'output_text' and 'refusal'",
    ),
    (
        {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": {"url": "x"}}]}]},
        400,
        "input[0].content[0].image_url",
        "got an object",
    ),
    ({"input": [CALL]}, 400, "input", "No tool output found for function call call_1"),
    ({"input": [OUTPUT]}, 400, "input", "No tool call found"),
    ({"input": [REASONING, CALL, OUTPUT]}, 404, "input", "Item with id 'rs_9' not found"),
    ({"input": [CALL | {"id": "fc_1"}, OUTPUT]}, 404, "input", "Item with id 'fc_1' not found"),
    ({"input": [REASONING | {"encrypted_content": "?"}, CALL, OUTPUT]}, 400, None, "could not be verified"),
    ({"model": "gpt-4.1", "reasoning": {"effort": "low"}}, 400, "reasoning.effort", "Unsupported parameter"),
    ({"model": "gpt-4o-mini", "text": {"verbosity": "low"}}, 400, "text.verbosity", "Unsupported parameter"),
    ({"model": "gpt-6-astra", "reasoning": {"effort": "none"}}, 400, "reasoning.effort", "'xhigh', and 'max'."),
    ({"model": "gpt-6.1-sol", "temperature": 0.3}, 400, "temperature", "not supported with this model"),
    ({"model": "gpt-5.6-luna", "top_p": 0.3}, 400, "top_p", "not supported with this model"),
]


@pytest.mark.parametrize("refused", REFUSED)
def test_a_request_is_refused_as_openai_does(server: ModelServer, client: openai.OpenAI, refused: Refused) -> None:
    asked, status, param, message = refused
    server.reply("for the right one")
    with pytest.raises(openai.APIStatusError, match=re.escape(message)) as caught:
        client.responses.create(model=MODEL, input="x", store=False, extra_body=asked)
    assert (caught.value.status_code, caught.value.param) == (status, param)
    assert client.responses.create(model=MODEL, input="x").output_text == "for the right one"


def test_reasoning_goes_back_with_what_followed_it(server: ModelServer, client: openai.OpenAI) -> None:
    server.reply({"reasoning_content": "Hm."}, "Hello")
    reasoning = streamed(client, store=False).output[0].to_dict()
    with pytest.raises(openai.BadRequestError, match="without its required following item"):
        streamed(client, input=[reasoning, {"role": "user", "content": "And?"}], store=False)


def test_another_server_cannot_read_encrypted_reasoning(server: ModelServer, client: openai.OpenAI) -> None:
    server.reply({"reasoning_content": "Hm."}, "Hello")
    items = [item.to_dict() for item in streamed(client, store=False).output]
    del items[1]["id"]
    with (
        ModelServer() as other,
        openai.OpenAI(base_url=other.base_url, api_key="k", max_retries=0) as elsewhere,
        pytest.raises(openai.BadRequestError, match="could not be verified"),
    ):
        streamed(elsewhere, input=items, store=False)


@pytest.mark.parametrize(
    ("model", "asked", "param"),
    [
        ("gpt-6-astra", {"tools": [ON_CHAT]}, "reasoning_effort"),
        ("gpt-6.1-sol-2026-11-01", {"tools": [ON_CHAT], "reasoning_effort": "low"}, "reasoning_effort"),
        ("gpt-5.6-sol", {"tools": [ON_CHAT]}, "reasoning_effort"),
        ("gpt-5.4", {"tools": [ON_CHAT], "reasoning_effort": "low"}, "reasoning_effort"),
        ("gpt-6-luna", {"reasoning_effort": "max"}, "reasoning_effort"),
        ("gpt-5-mini", {"temperature": 0.3}, "temperature"),
        ("gpt-5-mini", {"max_tokens": 30}, "max_tokens"),
        ("gpt-4o", {"reasoning_effort": "low"}, "reasoning_effort"),
        ("o3-pro", {}, "model"),
    ],
)
def test_chat_completions_refuse_what_openai_refuses_there(
    client: openai.OpenAI, model: str, asked: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": "x"}], extra_body=asked)
    assert caught.value.param == param


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        ("gpt-5.6-sol", {"tools": [ON_CHAT], "reasoning_effort": "none"}),
        ("gpt-5.4-mini", {"tools": [ON_CHAT]}),
        ("gpt-5.1", {"tools": [ON_CHAT], "reasoning_effort": "high"}),
        ("gpt-5.1", {"temperature": 0.3}),
        ("gpt-4o", {"temperature": 0.3, "max_tokens": 5, "tools": [ON_CHAT]}),
        ("llama", {"reasoning_effort": "max", "temperature": 0.3, "tools": [ON_CHAT]}),
    ],
)
def test_chat_completions_take_what_openai_takes_there(
    client: openai.OpenAI, model: str, asked: dict[str, Any]
) -> None:
    answer = client.chat.completions.create(model=model, messages=[{"role": "user", "content": "x"}], extra_body=asked)
    assert answer.choices[0].message.content == "You said: x"
