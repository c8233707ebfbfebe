"""Clients of SDKs as the model: OpenAI's sync ones, Groq's, Anthropic's, functions; real ones at a real server.

The tests fail where `ClientTransport` or `_wire.anthropic` leaves out what they name.
"""

from __future__ import annotations

import base64
import json
import threading
from functools import partial

import anthropic
import groq
import httpx2
import openai
import pytest
from google import genai
from mistralai.client import Mistral

from chatwidget import ChatError, Citation, SettingsError, Status
from chatwidget._connection.resolve import for_endpoint
from chatwidget._secrets.keys import Secret
from chatwidget._transports.endpoint import Endpoint
from chatwidget._transports.models.openai import PREFERRED
from chatwidget._wire.anthropic import ANTHROPIC
from tests.keys._canary import leaks, new_canary
from tests.server import error, raw
from tests.unit.tools._calls import call, calls, results

PIXEL = b"\x89PNG\r\n\x1a\n pixel"


def groqs(kind, server, key, **more):
    return kind(api_key=key, base_url=server.url, max_retries=0, **more)


def openais(kind, server, key, **more):
    return kind(api_key=key, base_url=server.base_url, max_retries=0, **more)


def azures(server, key):
    return openai.AzureOpenAI(api_key=key, api_version="2024-10-21", azure_endpoint=server.url, max_retries=0)


def mistrals(server, key):
    return Mistral(api_key=key, server_url=server.url)


def a_function(server, key):
    client = openais(openai.OpenAI, server, key)

    def completion(model: str, messages: list[dict[str, str]] = [], **more: object) -> object:  # noqa: B006 as LiteLLM has it
        body = {"brand_new_option": more.pop("brand_new_option")} if "brand_new_option" in more else {}
        return client.chat.completions.create(model=model, messages=messages, extra_body=body, **more)

    return completion


CLIENTS = {
    "openai": partial(openais, openai.OpenAI),
    "azure": azures,
    "groq": partial(groqs, groq.Groq),
    "groq-async": partial(groqs, groq.AsyncGroq),
    "mistral": mistrals,
    "function": a_function,
}


OTHERS = {
    "anthropic": partial(groqs, anthropic.Anthropic),
    "anthropic-async": partial(groqs, anthropic.AsyncAnthropic),
    "google": lambda server, key: genai.Client(api_key=key, http_options={"base_url": server.url}),
}


@pytest.fixture
def key():
    return new_canary()


@pytest.fixture
def chat_through(chats, server, key):
    """Makes a chat through the client of that name."""

    def make(name, **more):
        return chats("m", client=CLIENTS[name](server, key), **more)

    return make


each_client = pytest.mark.parametrize("name", CLIENTS)


def failure(chat):
    with pytest.raises(ChatError) as caught:
        chat.ask("hi")
    return caught.value.reply


def price(symbol: str) -> int:
    """Get a price."""
    return len(symbol)


@pytest.mark.parametrize("way", ["objects", "dicts", "async", "whole"])
def test_choices_are_taken_as_their_chunks_are(chats, server, key, way):
    """A client of one's own hands on what the SDK's chunks, or its answer, have in `choices`."""
    server.reply("It", " is 1.")
    client = openais(openai.OpenAI, server, key)

    def completion(model: str, messages: object, **more: object) -> object:
        if way == "whole":
            return client.chat.completions.create(model=model, messages=messages).choices[0]
        choices = (each for chunk in client.chat.completions.create(model=model, messages=messages, **more)
                   for each in chunk.choices)  # fmt: skip
        return (each.model_dump() for each in choices) if way == "dicts" else choices

    async def later(model: str, messages: object, **more: object) -> object:
        async def choices() -> object:
            async with openais(openai.AsyncOpenAI, server, key) as client:
                async for chunk in await client.chat.completions.create(model=model, messages=messages, **more):
                    for choice in chunk.choices:
                        yield choice

        return choices()

    reply = chats("m", client=later if way == "async" else completion).ask("hi")
    assert (reply.text, reply.status, reply.finish_reason) == ("It is 1.", Status.COMPLETE, "stop")


@each_client
def test_it_answers_with_tools_files_parameters_and_usage(chat_through, server, name):
    calls(server, "Let me see.", call(0, "price", {"symbol": "A"}))
    server.reply({"reasoning_content": "Hm."}, "It", " is 1.")
    # Mistral's client takes and gives what it knows, and nothing else; its server tells the usage unasked.
    brand_new = {"brand_new_option": 1} if name != "mistral" else {}
    chat = chat_through(name, tools=[price], system_prompt="Be brief.", temperature=0.5, **brand_new)
    reply = chat.ask("How much?", attachments=[PIXEL])
    assert (reply.text, reply.status) == ("It is 1.", Status.COMPLETE)
    assert (reply.model, reply.finish_reason) == ("m", "stop")
    assert name == "mistral" or (reply.reasoning, reply.usage.total_tokens) == ("Hm.", 4)
    assert results(chat) == ["1"]
    first, second = (request.json for request in server.chats)
    assert [message["role"] for message in second["messages"]] == ["system", "user", "assistant", "tool"]
    assert first.items() >= {"model": "m", "temperature": 0.5, **brand_new}.items()
    assert chat.model == "m"


@each_client
def test_another_model_is_asked_through_the_same_client(chat_through, server, name):
    chat = chat_through(name)
    chat.model = "other"
    chat.ask("hi")
    assert [request.json["model"] for request in server.chats] == ["other"]


@each_client
def test_what_the_server_refuses_is_told_without_the_key(chat_through, server, key, name):
    server.reply_error(401, f"Incorrect key {key}")
    chat = chat_through(name)
    reply = failure(chat)
    assert (reply.error_code, "API key" in reply.error) == ("wrong_key", True)
    # Which key a function has, nobody knows here.
    seen = [reply, repr(chat), chat.get_state(), chat.trait_values(), vars(chat._chat)]
    assert name == "function" or not leaks(seen, key)


@each_client
def test_an_answer_that_is_cut_keeps_its_text(chat_through, server, name):
    server.reply("one ", "two ", "three", drop_after=450)
    reply = failure(chat_through(name))
    assert reply.status is Status.INTERRUPTED
    assert reply.text.startswith("one ")
    assert "cut off" in reply.error


def stop_in_mid_answer(chat, server, gate):
    """Ask, stop once the first piece is there, and wait until the server has noticed."""
    heard = threading.Event()
    chat.on("delta", lambda _: heard.set())
    thread = threading.Thread(target=chat.ask, args=("hi",))
    thread.start()
    gate.release()
    assert heard.wait(20)
    chat.stop()
    assert server.wait_for_disconnect()
    thread.join(20)


@each_client
def test_stop_closes_its_connection_at_once_and_the_next_question_works(chat_through, server, name):
    gate = server.gate()
    server.reply("a", "b", gate=gate)
    chat = chat_through(name)
    stop_in_mid_answer(chat, server, gate)
    assert list(chat.conversation)[-1].text == "a"
    assert chat.ask("again").text == "You said: again"


@pytest.mark.parametrize("name", ["openai", "groq-async"])
def test_a_parameter_that_the_model_does_not_take_is_left_out_and_told(chat_through, server, name):
    said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    server.reply_error(400, said)
    server.reply_error(400, "Unsupported parameter: 'temperature' is not supported.")
    server.reply_error(400, "stream_options: Extra inputs are not permitted")
    chat = chat_through(name, max_tokens=5, temperature=0.5)
    assert chat.ask("hi").text == "You said: hi"
    assert chat.ask("again").text == "You said: again"
    sent = server.chats[-1].json
    assert sent["max_completion_tokens"] == 5
    assert sent.get("stream_options") is None
    assert not {"max_tokens", "temperature"} & sent.keys()
    assert chat._chat.notice == "m does not accept temperature, so it was left out."


@pytest.mark.parametrize("name", ["openai", "groq-async"])
def test_a_parameter_that_was_left_out_in_vain_is_not_told(chat_through, server, name):
    for more in ("", ", still"):
        server.reply_error(400, f"Tools with 'top_p' are not supported{more}.")
    chat = chat_through(name, top_p=0.5)
    with pytest.raises(ChatError, match=r"supported\)"):
        chat.ask("hi")
    assert [request.json.get("top_p") for request in server.chats] == [0.5, None]
    assert chat._chat.notice is None


@pytest.mark.parametrize("name", ["openai", "groq", "groq-async", "anthropic", "anthropic-async", "google"])
def test_its_models_are_listed(chats, server, key, name):
    google = {"models": [{"name": "models/one"}, {"name": "models/two"}]}
    others = {"object": "list", "data": [{"id": each, "object": "model", "type": "model"} for each in ("one", "two")]}
    server.list_models(json.dumps(google if name == "google" else others).encode())
    client = {**CLIENTS, **OTHERS}[name](server, key)
    chat = chats("m", client=client)
    assert chat.models() == ["one", "two"]
    server.list_models(json.dumps({"error": {"message": f"bad {key}"}}).encode(), 401)
    with pytest.raises(SettingsError) as caught:
        chat.models()
    assert not leaks([caught.value], key)


def test_a_function_lists_no_models(chat_through):
    with pytest.raises(SettingsError, match="give the name of one"):
        chat_through("function").models()


def test_an_azure_client_asks_its_deployment(chats, server, key):
    chats("my-deployment", client=azures(server, key)).ask("hi")
    assert server.chats[0].path == "/openai/deployments/my-deployment/chat/completions"


def test_a_sync_client_alone_asks_the_usual_model(chats, server, key):
    client = openais(openai.OpenAI, server, key)
    chat = chats(client)
    chat.ask("hi")
    assert server.chats[0].json["model"] == PREFERRED[0]
    assert chat.model is client


def test_a_server_that_is_not_there_is_named(chats, key):
    client = openai.OpenAI(api_key=key, base_url="http://127.0.0.1:9/v1", max_retries=0)
    reply = failure(chats("m", client=client))
    assert (reply.error_code, "http://127.0.0.1:9/v1" in reply.error) == ("refused", True)


def test_a_server_that_falls_silent_is_given_up(chats, server, key):
    server.reply("a", "b", gate=server.gate())
    reply = failure(chats("m", client=openais(openai.OpenAI, server, key), timeout=0.5))
    assert reply.error_code == "no_answer"


@pytest.mark.parametrize("kind", [openai.OpenAI, anthropic.Anthropic])
def test_the_client_stays_open(chats, server, key, kind):
    http_client = httpx2.Client() if kind is openai.OpenAI else None
    client = kind(api_key=key, base_url=server.base_url, **({"http_client": http_client} if http_client else {}))
    chat = chats("m", client=client)
    with pytest.raises(ChatError) if kind is anthropic.Anthropic else http_client:
        chat.ask("hi")
        chat.close()
        chat._runner.submit(chat._chat.session.aclose()).result(20)
        assert not client.is_closed()


def test_a_function_of_the_messages_is_no_client(chats):
    def answer(messages, model="m"):
        return f"{model} {len(messages)}"

    assert chats(answer).ask("hi").text == "m 1"


# Anthropic's


def events(*values):
    return b"".join(f"event: {value['type']}\ndata: {json.dumps(value)}\n\n".encode() for value in values)


def answer_of(*blocks, reason="end_turn"):
    """An answer as Anthropic's API streams it; a block is (its start, the pieces of it)."""
    usage = {"input_tokens": 3, "cache_read_input_tokens": 4, "output_tokens": 1}
    message = {"id": "msg", "type": "message", "role": "assistant", "content": [], "model": "claude", "usage": usage}
    told = [{"type": "message_start", "message": message}, {"type": "ping"}]
    for index, (block, pieces) in enumerate(blocks):
        told.append({"type": "content_block_start", "index": index, "content_block": block})
        told += [{"type": "content_block_delta", "index": index, "delta": piece} for piece in pieces]
        told.append({"type": "content_block_stop", "index": index})
    told.append({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 9}})
    return events(*told, {"type": "message_stop"})


def text(*pieces):
    return {"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in pieces]


THOUGHT = (
    {"type": "thinking", "thinking": "", "signature": ""},
    [{"type": "thinking_delta", "thinking": "Hm."}, {"type": "signature_delta", "signature": "signed"}],
)


def use(name, *pieces):
    block = {"type": "tool_use", "id": f"toolu_{len(pieces)}", "name": name, "input": {}}
    return block, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]


@pytest.fixture(params=[anthropic.Anthropic, anthropic.AsyncAnthropic, None], ids=["sync", "async", "bytes"])
def claude(request, chats, server, key):
    """Makes a chat through Anthropic's client, or with Anthropic's API over the bytes."""

    def over_bytes(**more):
        chat = chats(for_endpoint(Endpoint(server.base_url, Secret(key)), ANTHROPIC), **more)
        chat.params = {"model": "claude", **chat.params}
        return chat

    if request.param is None:
        return over_bytes
    client = request.param(api_key=key, base_url=server.url, max_retries=0)
    return lambda **more: chats("claude", client=client, **more)


LOUD = {"type": "image_url", "image_url": {"url": f"DATA:Image/PNG;BASE64,{base64.b64encode(PIXEL).decode()}"}}
"""A picture whose scheme and type are in capitals, as both may be."""


def test_anthropics_pictures_are_of_any_case(claude, server):
    server.reply_raw(answer_of(text("A pixel.")))
    assert claude().ask([LOUD]).text == "A pixel."
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(PIXEL).decode()}
    assert server.chats[0].json["messages"][0]["content"] == [{"type": "image", "source": source}]


def test_googles_pictures_are_of_any_case(gemini, server):
    server.reply_raw(pieces(piece({"text": "A pixel."}, finishReason="STOP")))
    assert gemini().ask([LOUD]).text == "A pixel."
    [part] = server.chats[0].json["contents"][0]["parts"]
    assert "image/png" in part["inlineData"].values()


def test_anthropics_answer_with_reasoning_usage_and_calls(claude, server):
    server.reply_raw(
        answer_of(THOUGHT, text("Let me ", "see."), use("price", '{"symbol":', '"AB"}'), reason="tool_use")
    )
    server.reply_raw(answer_of(text("It is 2.")))
    chat = claude(tools=[price], system_prompt="Be brief.", stop="x")
    reply = chat.ask("How much?", attachments=[PIXEL])
    assert (reply.text, reply.finish_reason, reply.model) == ("It is 2.", "stop", "claude")
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens) == (7, 9, 16)
    assert list(chat.conversation)[1].reasoning == "Hm."
    assert "signed" not in str(chat.messages)
    first, second = (request.json for request in server.chats)
    picture = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(PIXEL).decode()}
    assert second == {
        **first,
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "How much?"}, {"type": "image", "source": picture}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Hm.", "signature": "signed"},
                    {"type": "text", "text": "Let me see."},
                    {"type": "tool_use", "id": "toolu_2", "name": "price", "input": {"symbol": "AB"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "toolu_2", "content": [{"type": "text", "text": "2"}]}
                ],
            },
        ],
    }
    schema = first["tools"][0].pop("input_schema")
    assert schema["required"] == ["symbol"]
    del first["messages"], first["tools"]
    assert first == {
        "model": "claude",
        "max_tokens": 8192,
        "stream": True,
        "system": [{"type": "text", "text": "Be brief."}],
        "stop_sequences": ["x"],
    }


@pytest.mark.parametrize(
    ("reason", "ours"), [("max_tokens", "length"), ("refusal", "content_filter"), ("brand_new", "brand_new")]
)
def test_anthropics_reasons(claude, server, reason, ours):
    server.reply_raw(answer_of(text("a"), reason=reason))
    assert claude().ask("hi").finish_reason == ours


def test_anthropics_parameters(claude, server):
    server.reply_raw(answer_of(text('{"a": 1}')))
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    choice = {"type": "function", "function": {"name": "price"}}
    chat = claude(tools=[price], tool_choice=choice, max_tokens=10)
    assert chat.ask("hi", response_format=schema).parsed == {"a": 1}
    sent = server.chats[0].json
    assert sent["max_tokens"] == 10
    assert sent["tool_choice"] == {"type": "tool", "name": "price"}
    assert sent["output_config"]["format"]["schema"]["properties"] == schema["properties"]


def refused(key):
    return error(401, f"bad {key}")


def failed_in_the_stream(key):
    return raw(events({"type": "error", "error": {"type": "overloaded_error", "message": f"Overloaded {key}"}}))


def cut(_key):
    return raw(answer_of(text("a"))[:600])


@pytest.mark.parametrize(
    ("reply", "told"), [(refused, "API key"), (failed_in_the_stream, "Overloaded"), (cut, "cut off")]
)
def test_anthropics_errors_are_told_without_the_key(claude, server, key, reply, told):
    server.reply_with(reply(key))
    chat = claude()
    failed = failure(chat)
    assert told in failed.error
    assert "{" not in failed.error
    assert failed.text == ("a" if reply is cut else "")
    assert not leaks([failed, repr(chat), vars(chat._chat), chat.get_state()], key)


def test_what_anthropics_models_cannot_take_is_told(claude):
    part = {"type": "input_audio", "input_audio": {"data": "", "format": "mp3"}}
    with pytest.raises(ChatError, match="accept images and PDF files, but not input_audio"):
        claude().ask([part])


def test_stop_closes_anthropics_connection(claude, server):
    whole = answer_of(text("a", "b"))
    gate = server.gate()
    server.reply_raw(whole, chunk_sizes=[whole.index(b'"text": "b"') - 60], gate=gate)
    chat = claude()
    stop_in_mid_answer(chat, server, gate)


def test_anthropics_client_may_be_asked_for_another_model_for_one_question(claude, server):
    server.reply_raw(answer_of(text("a")))
    claude().ask("hi", model="other")
    assert server.chats[0].json["model"] == "other"


def test_anthropics_citations(claude, server):
    page = {"type": "web_search_result_location", "url": "https://example.org/a", "title": "A", "cited_text": "a"}
    page["encrypted_index"] = "x"
    start, said = text("It is so.")
    server.reply_raw(answer_of((start, [*said, {"type": "citations_delta", "citation": page}])))
    assert claude().ask("hi").citations == (Citation("https://example.org/a", "A"),)


# Google's


def pieces(*values):
    return b"".join(b"data: " + json.dumps(value).encode() + b"\r\n\r\n" for value in values)


def piece(*parts, **more):
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 4, "thoughtsTokenCount": 5, "totalTokenCount": 12}
    candidate = {"content": {"role": "model", "parts": list(parts)}, "index": 0, **more}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-9"}


@pytest.fixture(params=["sync", "async"])
def gemini(request, chats, server, key):
    """Makes a chat through Google's client."""
    client = genai.Client(api_key=key, http_options={"base_url": server.url})
    given = client if request.param == "sync" else client.aio
    yield lambda **more: chats("gemini-9", client=given, **more)
    client.close()


def test_googles_answer_with_reasoning_usage_and_calls(gemini, server):
    called = {"functionCall": {"name": "price", "args": {"symbol": "AB"}}, "thoughtSignature": "YWI-_w=="}
    server.reply_raw(
        pieces(
            piece({"text": "Hm.", "thought": True}),
            piece({"text": "Let me see."}, called),
            piece({"functionCall": {"name": "price", "args": {"symbol": "ABC"}}}, finishReason="STOP"),
        )
    )
    server.reply_raw(pieces(piece({"text": "It is "}), piece({"text": "2."}, finishReason="STOP")))
    chat = gemini(tools=[price], system_prompt="Be brief.", max_tokens=10, stop="x", temperature=0.5)
    reply = chat.ask("How much?", attachments=[PIXEL])
    assert (reply.text, reply.finish_reason, reply.model) == ("It is 2.", "stop", "gemini-9")
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens) == (3, 9, 12)
    assert results(chat) == ["2", "3"]
    asked, answer, *_ = chat.conversation
    assert (asked.role, answer.reasoning, answer.finish_reason) == ("user", "Hm.", "tool_calls")
    first, second = (request.json for request in server.chats)
    assert first["contents"] == second["contents"][:1]
    user, called, answered = second["contents"]
    assert [list(part) for part in user["parts"]] == [["text"], ["inlineData"]]
    assert base64.urlsafe_b64decode(user["parts"][1]["inlineData"]["data"]) == PIXEL
    assert [part.get("thoughtSignature") for part in called["parts"]] == [None, "YWI-_w==", None]
    assert [part["functionResponse"]["response"] for part in answered["parts"]] == [{"result": "2"}, {"result": "3"}]
    assert [each["role"] for each in second["contents"]] == ["user", "model", "user"]
    (declared,) = first["tools"][0]["functionDeclarations"]
    assert (declared["name"], declared["description"]) == ("price", "Get a price.")
    assert declared["parameters_json_schema"]["required"] == ["symbol"]
    assert first["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    assert first["generationConfig"] == {"maxOutputTokens": 10, "stopSequences": ["x"], "temperature": 0.5}


def test_googles_pictures_sound_and_citations(gemini, server):
    pixel, samples = (base64.b64encode(each).decode() for each in (PIXEL, b"\1\0\2\0"))
    grounds = {"groundingChunks": [{"web": {"uri": "https://example.org/a", "title": "A"}}]}
    server.reply_raw(
        pieces(
            piece({"text": "Look:"}, {"inlineData": {"mimeType": "image/png", "data": pixel}}),
            piece({"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": samples}}),
            piece({"inlineData": {"mimeType": "video/mp4", "data": samples}}),
            piece({"fileData": {"mimeType": "application/pdf", "fileUri": "https://example.org/a.pdf"}}),
            piece({"text": "So."}, groundingMetadata=grounds, finishReason="STOP"),
        )
    )
    reply = gemini().ask("hi")
    shown = [f"![image](data:image/png;base64,{pixel})", "*(video)*", "[file](https://example.org/a.pdf)"]
    assert reply.markdown.split("\n\n") == ["Look:", shown[0], "", shown[1], "", shown[2], "So."]
    assert reply.text == reply.markdown.replace(shown[0], "[image: image]")
    assert base64.b64decode(reply.sound.partition(",")[2]).endswith(b"\1\0\2\0")
    assert reply.citations == (Citation("https://example.org/a", "A"),)


def test_googles_parameters(gemini, server):
    server.reply_raw(pieces(piece({"text": '{"a": 1}'}, finishReason="STOP")))
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    chat = gemini(tools=[price], tool_choice="required")
    assert chat.ask("hi", response_format=schema).parsed == {"a": 1}
    sent = server.chats[0].json
    assert sent["toolConfig"]["functionCallingConfig"] == {"mode": "ANY"}
    assert sent["generationConfig"]["responseMimeType"] == "application/json"
    assert sent["generationConfig"]["responseJsonSchema"]["properties"] == schema["properties"]


@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [
        ({"promptFeedback": {"blockReason": "SAFETY"}}, "error", "Gemini blocked this question (SAFETY)"),
        (piece({"text": "a"}), "interrupted", "cut off"),
        ({}, "error", "no chat completion"),
    ],
)
def test_what_googles_client_does_not_answer_is_told(gemini, server, answer, status, told):
    server.reply_raw(pieces(answer))
    reply = failure(gemini())
    assert (reply.status, told in reply.error) == (status, True)


def test_googles_errors_are_told_without_the_key(gemini, server, key):
    server.reply_error(400, f"API key not valid: {key}")
    chat = gemini()
    reply = failure(chat)
    assert "API key not valid" in reply.error
    assert "\n" not in reply.error
    assert "{" not in reply.error
    assert not leaks([reply, repr(chat), vars(chat._chat), chat.get_state()], key)
