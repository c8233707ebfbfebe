"""Names that are no parameters: credentials and settings, spelt rightly or wrongly, before anything is sent."""

from __future__ import annotations

import asyncio
import copy
import inspect
import json
import pickle
import re
from itertools import chain

import pytest
import traitlets

from chatwidget import ChatWidget, DemoModel, SettingsError, UnknownSettingError
from chatwidget._chat.parameter_names import QUESTION, SETTINGS, check_parameters

CREDENTIALS = [
    *("key", "apikey", "apiKey", "API_KEY", "api-key", "token", "api_token", "access_token", "auth_token", "secret"),
    *("openai_api_key", "OPENAI_API_KEY", "anthropic_api_key", "openai_key", "hf_token", "password", "bearer"),
    *("authorization", "Authorization", "auth", "api_keys", "secret_key", "credentials"),
    *("gemini_key", "my_key", "subscription_key", "Ocp-Apim-Subscription-Key", "azure_ad_token", "hugging_face_token"),
    *(
        "client_secret",
        "passphrase",
        "proxy_password",
        "creds",
        "jwt",
        "cookies",
        "auth_header",
        "service_account_file",
    ),
]

NEAR_MISSES = {
    "modle": "model",
    "modell": "model",
    "model_name": "model",
    "Model": "model",
    "system": "system_prompt",
    "sytem_prompt": "system_prompt",
    "systemPrompt": "system_prompt",
    "baseurl": "base_url",
    "base_ulr": "base_url",
    "api_base": "base_url",
    "url": "base_url",
    "base-url": "base_url",
    "endpoint": "base_url",
    "host": "base_url",
    "tool": "tools",
    "header": "headers",
    "default_headers": "headers",
    "message": "messages",
    "autosaves": "autosave",
    "starter": "starters",
    "context_windows": "context_window",
    "aprove": "approve",
    "temprature": "temperature",
    "temp": "temperature",
    "max_token": "max_tokens",
    "maxTokens": "max_tokens",
    "top_log_probs": "top_logprobs",
    "timeouts": "timeout",
    "extra_header": "extra_headers",
}

PARAMETERS = [
    # OpenAI's
    *("temperature", "top_p", "n", "stop", "seed", "max_tokens", "max_completion_tokens", "presence_penalty", "user"),
    *("frequency_penalty", "logit_bias", "logprobs", "top_logprobs", "tool_choice", "parallel_tool_calls", "metadata"),
    *("service_tier", "store", "reasoning_effort", "verbosity", "modalities", "audio", "prediction", "response_format"),
    *(
        "prompt_cache_key",
        "idempotency_key",
        "prompt_cache_retention",
        "safety_identifier",
        "web_search_options",
        "stream_options",
    ),
    *("instructions", "reasoning", "include", "truncation", "max_tool_calls", "background", "previous_response_id"),
    # vLLM's
    *("top_k", "min_p", "min_tokens", "stop_token_ids", "allowed_token_ids", "add_special_tokens", "ignore_eos"),
    *(
        "add_bos_token",
        "ban_eos_token",
        "skip_special_tokens",
        "spaces_between_special_tokens",
        "repetition_penalty",
        "length_penalty",
        "best_of",
    ),
    *("prompt_logprobs", "truncate_prompt_tokens", "guided_json", "guided_choice", "structured_outputs", "priority"),
    *("chat_template", "chat_template_kwargs", "add_generation_prompt", "continue_final_message", "documents", "echo"),
    *("include_stop_str_in_output", "mm_processor_kwargs", "kv_transfer_params", "cache_salt", "request_id"),
    *("return_tokens_as_token_ids", "return_token_ids", "bad_words", "vllm_xargs", "use_beam_search"),
    # those of llama.cpp, Ollama, text-generation-webui
    *(
        "n_predict",
        "n_keep",
        "cache_prompt",
        "id_slot",
        "samplers",
        "mirostat",
        "mirostat_tau",
        "grammar",
        "json_schema",
    ),
    *(
        "typical_p",
        "dry_multiplier",
        "xtc_probability",
        "repeat_penalty",
        "repeat_last_n",
        "reasoning_format",
        "n_probs",
    ),
    *(
        "num_ctx",
        "keep_alive",
        "options",
        "think",
        "num_predict",
        "mode",
        "character",
        "preset",
        "instruction_template",
    ),
    # those of OpenRouter, Groq, Mistral, DeepSeek, Perplexity, xAI, Together, Fireworks, Cerebras, Qwen
    *("models", "route", "provider", "transforms", "plugins", "include_reasoning", "top_a", "usage", "session_id"),
    *("safe_prompt", "random_seed", "prompt_mode", "prefix", "thinking", "search_mode", "search_domain_filter"),
    *("return_images", "return_related_questions", "search_recency_filter", "search_parameters", "deferred"),
    *("safety_model", "context_length_exceeded_behavior", "prompt_truncate_len", "enable_thinking", "thinking_budget"),
    *(
        "enable_search",
        "incremental_output",
        "compound_custom",
        "citation_options",
        "disable_search",
        "language_preference",
    ),
    # Anthropic's, Google's, LiteLLM's
    *(
        "stop_sequences",
        "container",
        "mcp_servers",
        "context_management",
        "betas",
        "safety_settings",
        "thinking_config",
    ),
    *(
        "cached_content",
        "candidate_count",
        "response_mime_type",
        "response_schema",
        "max_output_tokens",
        "speech_config",
    ),
    *(
        "fallbacks",
        "num_retries",
        "mock_response",
        "drop_params",
        "custom_llm_provider",
        "guardrails",
        "tags",
        "caching",
    ),
    # ours
    *("timeout", "extra_headers", "extra_query", "extra_body", "system_prompt", "history"),
]

SENT = re.compile("sesame")


@pytest.fixture
def asked(chats, server):
    """A chat with a real server, and a function that returns the bodies of its requests."""
    chat = chats("m", base_url=server.base_url, api_key="k")
    return chat, lambda: [request.json for request in server.requests]


def test_the_tables_are_those_of_the_signatures():
    arguments = inspect.signature(ChatWidget).parameters
    assert set(SETTINGS) == {name for name, parameter in arguments.items() if parameter.kind != parameter.VAR_KEYWORD}
    question = inspect.signature(ChatWidget.ask).parameters
    assert set(QUESTION) - {"system_prompt", "history", "timeout"} == set(question) - {"self", "content", "params"}


@pytest.mark.parametrize("name", CREDENTIALS)
def test_a_credential_under_another_name_is_refused_without_its_value(chats, asked, name):
    chat, requests = asked
    ways = (
        lambda: chats("m", **{name: "open-sesame"}),
        lambda: chat.ask("hi", **{name: "open-sesame"}),
        lambda: setattr(chat, "params", {name: "open-sesame"}),
        lambda: chat.params.update({name: "open-sesame"}),
        lambda: chat.params.__setitem__(name, "open-sesame"),
    )
    for way in ways:
        with pytest.raises(SettingsError, match=r"did you mean `.*api_key") as error:
            way()
        assert not SENT.search(str(error.value))
    assert requests() == []
    assert chat.params == {}
    assert chat.messages == []


@pytest.mark.parametrize(("name", "meant"), NEAR_MISSES.items())
def test_a_mistyped_setting_is_refused_with_the_nearest(chats, asked, name, meant):
    chat, requests = asked
    for way in (
        lambda: chats("m", **{name: 1}),
        lambda: chat.ask("hi", **{name: 1}),
        lambda: setattr(chat, "params", {name: 1}),
    ):
        with pytest.raises(SettingsError, match=rf"{re.escape(repr(name))}.*did you mean `.*\b{meant}\b"):
            way()
    assert requests() == []


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_of_servers_pass(name):
    check_parameters([name], SETTINGS)
    check_parameters([name], QUESTION)
    check_parameters([name])


def test_they_reach_the_server(asked):
    chat, requests = asked
    chat.params = {"top_k": 3, "max_tokens": 5}
    chat.ask("hi", models=["a"], user="ada", metadata={"a": "b"}, extra_body={"system": "as the server likes"})
    body = requests()[-1]
    assert [body[name] for name in ("top_k", "models", "user", "system")] == [3, ["a"], "ada", "as the server likes"]


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("api_key", "chat.connect(api_key=...)"),
        ("base_url", "chat.connect(base_url=...)"),
        ("starters", "chat.starters = ..."),
        ("autosave", "ChatWidget(autosave=...)"),
        ("attachments", "chat.ask(..., attachments=...)"),
    ],
)
def test_a_setting_among_the_parameters_is_told_its_place(chats, name, way):
    chat = chats("demo")
    with pytest.raises(SettingsError, match=re.escape(way)):
        chat.params = {name: "x"}
    if name != "attachments":
        with pytest.raises(SettingsError, match=re.escape(way)):
            chat.ask("hi", **{name: "x"})


def test_all_ways_of_asking_refuse(chats):
    chat = chats(DemoModel(["a"], delay=0))

    async def stream():
        return [delta async for delta in chat.stream("hi", key="k")]

    for coroutine in (lambda: chat.ask_async("hi", key="k"), stream):
        with pytest.raises(SettingsError, match="api_key"):
            asyncio.run(coroutine())
    assert chat.messages == []


def test_names_are_texts(chats):
    with pytest.raises(SettingsError, match="texts, not int"):
        chats("demo").params = {3: 4}


def test_an_item_assigned_to_the_parameters_takes_effect(asked):
    chat, requests = asked
    changes = []
    chat.observe(lambda change: changes.append((dict(change.old), dict(change.new))), "params")
    params = chat.params
    params["temperature"] = 0.5
    params["top_p"] = 0.25
    chat.params |= {"seed": 3}
    assert params.pop("top_p") == 0.25
    chat.ask("hi")
    assert {name: requests()[-1].get(name) for name in ("temperature", "top_p", "seed")} == {
        "temperature": 0.5,
        "top_p": None,
        "seed": 3,
    }
    assert changes[0] == ({}, {"temperature": 0.5})
    chat.params = {"n": 1}
    params["user"] = "ada"
    assert chat.params == params == {"n": 1, "user": "ada"}
    del params["user"]
    assert params.setdefault("n", 2) == 1
    assert params.popitem() == ("n", 1)
    params["n"] = 2
    params.clear()
    assert chat.params == {}


def test_prices_and_titles_are_live_as_well(chats):
    chat = chats(DemoModel(["a"], delay=0))
    chat.prices["m"] = (1, 2)
    assert chat._chat.known_prices["m"] == (1.0, 2.0)
    with pytest.raises(SettingsError, match="dollars"):
        chat.prices["m"] = 3
    chat.tool_titles["add"] = "Adding"
    assert chat._look()["titles"] == {"add": "Adding"}


def test_copies_are_plain_dicts(chats):

    params = chats("demo", temperature=0.5).params
    for made in (copy.copy(params), copy.deepcopy(params), pickle.loads(pickle.dumps(params)), params.copy()):
        assert type(made) is dict
        assert made == {"temperature": 0.5}
    assert json.dumps(params) == '{"temperature": 0.5}'


ATTRIBUTES = {
    "temperature": "use `chat.params['temperature'] = ...`",
    "timeout": "use `chat.params['timeout'] = ...`",
    "top_k": "use `chat.params['top_k'] = ...`",
    "temprature": "did you mean `chat.params['temperature'] = ...`",
    "sytem_prompt": "did you mean `chat.system_prompt`",
    "system": "did you mean `chat.system_prompt`",
    "hieght": "did you mean `chat.height`",
    "on_mesage": "did you mean `chat.on_message`",
    "api_key": "did you mean `chat.connect(api_key=...)`",
    "key": "did you mean `chat.connect(api_key=...)`",
    "base_url": "did you mean `chat.connect(base_url=...)`",
    "autosave": "did you mean `ChatWidget(autosave=...)`",
    "foo": "`chat.params['foo'] = ...`",
}


@pytest.mark.parametrize(("name", "advice"), ATTRIBUTES.items())
def test_an_unknown_attribute_is_refused_with_the_nearest(chats, name, advice):
    chat = chats("demo")
    with pytest.raises(UnknownSettingError, match=re.escape(advice)) as error:
        setattr(chat, name, "open-sesame")
    assert isinstance(error.value, AttributeError)
    assert not SENT.search(str(error.value))
    assert not hasattr(chat, name)


def test_what_ipywidgets_and_users_set_still_works(chats):

    chat = chats("demo")
    chat._mine = 1
    chat.add_traits(mood=traitlets.Unicode("good"))
    chat.mood = "better"
    other = traitlets.HasTraits()
    other.add_traits(height=traitlets.Any())
    traitlets.dlink((chat, "height"), (other, "height"))
    chat.height = 300
    assert (chat._mine, chat.mood, other.height) == (1, "better", "300px")


class Mixin:
    def remember(self, fact):
        self.facts = [*getattr(self, "facts", []), fact]


class Tutor(ChatWidget, Mixin):
    level: int
    subject = "maths"

    def __init__(self, name, **settings):
        self.before = name
        super().__init__(DemoModel(["a"], delay=0), **settings)
        self.name = name


def test_subclasses_have_the_attributes_that_they_declare():
    tutor = Tutor("Ada")
    tutor.level, tutor.subject, tutor.name, tutor.before = 3, "music", "Bea", "Cleo"
    tutor.remember("x")
    assert (tutor.level, tutor.subject, tutor.name, tutor.before, tutor.facts) == (3, "music", "Bea", "Cleo", ["x"])
    with pytest.raises(UnknownSettingError, match=r"did you mean `chat\.subject`"):
        tutor.subjekt = "x"
    with pytest.raises(UnknownSettingError):
        tutor.other = "x"
    tutor.close()


def test_no_parameter_is_taken_for_a_setting():
    assert not set(chain(CREDENTIALS, NEAR_MISSES)) & set(PARAMETERS)
