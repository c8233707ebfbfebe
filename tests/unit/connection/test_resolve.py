"""Which model, where, with which key: from arguments, else from the environment; a key for one origin only."""

import itertools
import json
from dataclasses import replace
from types import SimpleNamespace

import openai
import pytest

from chatwidget._connection import resolve
from chatwidget._connection.connection import Connection
from chatwidget._connection.resolve import OPENAI_MODEL, OPENAI_URL, other_model
from chatwidget._errors import SettingsError
from chatwidget._secrets.keys import Secret, conceal
from chatwidget._transports.base import Transport
from chatwidget._transports.demo import DEMO, DemoModel
from chatwidget._transports.endpoint import url_below
from chatwidget._transports.function import CallableTransport

ENV_KEY = "canary-from-the-environment-0123"
OWN_KEY = "canary-from-an-argument-4567890"
LOCAL = "http://localhost:11434/v1"
OTHER = "https://models.example.org/v1"

EVERYTHING = {"OPENAI_API_KEY": ENV_KEY, "OPENAI_BASE_URL": OTHER, "CHATWIDGET_MODEL": "env-model"}


def resolved(connection):
    """Kind, model, address and key of a connection."""
    endpoint = connection.endpoint
    key = endpoint.key.reveal() if endpoint is not None and endpoint.key is not None else None
    return connection.kind, connection.model, endpoint.base_url if endpoint is not None else None, key


def connect(model, base_url, api_key, environ, **more):
    return resolve.resolve_connection(model, base_url, conceal(api_key), environ, **more)


@pytest.mark.parametrize(
    ("model", "base_url", "api_key", "environ", "expected"),
    [
        (None, None, None, {}, ("none", OPENAI_MODEL, OPENAI_URL, None)),
        (None, None, None, {"OPENAI_API_KEY": ENV_KEY}, ("server", OPENAI_MODEL, OPENAI_URL, ENV_KEY)),
        (None, None, OWN_KEY, {}, ("server", OPENAI_MODEL, OPENAI_URL, OWN_KEY)),
        (None, None, OWN_KEY, {"OPENAI_API_KEY": ENV_KEY}, ("server", OPENAI_MODEL, OPENAI_URL, OWN_KEY)),
        (None, None, Secret(OWN_KEY), {}, ("server", OPENAI_MODEL, OPENAI_URL, OWN_KEY)),
        ("m", None, None, {"OPENAI_API_KEY": ENV_KEY}, ("server", "m", OPENAI_URL, ENV_KEY)),
        ("m", None, None, {}, ("none", "m", OPENAI_URL, None)),
        (None, None, None, EVERYTHING, ("server", "env-model", OTHER, ENV_KEY)),
        ("m", None, None, EVERYTHING, ("server", "m", OTHER, ENV_KEY)),
        ("m", LOCAL, None, {}, ("server", "m", LOCAL, None)),
        (None, LOCAL, None, {}, ("none", None, LOCAL, None)),
        (None, LOCAL, None, {"CHATWIDGET_MODEL": "env-model"}, ("server", "env-model", LOCAL, None)),
        (None, None, None, {"OPENAI_BASE_URL": LOCAL}, ("none", None, LOCAL, None)),
        ("", None, "", {"OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}, ("none", OPENAI_MODEL, OPENAI_URL, None)),
        (None, None, " \n", {"OPENAI_API_KEY": ENV_KEY}, ("server", OPENAI_MODEL, OPENAI_URL, ENV_KEY)),
        (None, None, f" {OWN_KEY}\n", {}, ("server", OPENAI_MODEL, OPENAI_URL, OWN_KEY)),
        (DEMO, None, None, {}, ("demo", DEMO, None, None)),
        (DEMO, None, None, EVERYTHING, ("demo", DEMO, None, None)),
        (None, None, None, {"CHATWIDGET_MODEL": DEMO}, ("demo", DEMO, None, None)),
        (DEMO, LOCAL, None, {}, ("server", DEMO, LOCAL, None)),
    ],
)
def test_arguments_come_before_the_environment(model, base_url, api_key, environ, expected):
    assert resolved(connect(model, base_url, api_key, environ)) == expected


@pytest.mark.parametrize("environ", [{}, EVERYTHING])
def test_only_a_connection_that_can_answer_has_a_transport(environ):
    for model, base_url in itertools.product([None, "m", DEMO], [None, LOCAL]):
        connection = connect(model, base_url, None, environ)
        assert (connection.transport is None) == (connection.kind == "none")


# The key


SAME_ORIGIN = ["https://models.example.org/v2", "HTTPS://Models.Example.org:443/v1/", "https://models.example.org"]
OTHER_ORIGINS = [
    LOCAL,
    OPENAI_URL,
    "http://models.example.org/v1",
    "https://models.example.org:8443/v1",
    "https://example.org/v1",
    "https://models.example.org.evil.example/v1",
    "https://evil.example/models.example.org/v1",
    "https://evil.example#models.example.org",
    "https://evil.example?https://models.example.org/v1",
]


ODD_ADDRESSES = [
    "https://models.example.org@evil.example/v1",
    "https://evil.example\\@models.example.org/v1",
    "https:\\\\evil.example/v1",
    "https://evil.example/\t@models.example.org",
    "https://models.example.org/v1\n",
    " https://models.example.org/v1",
    "https://models.example.org\u200b/v1",
]


@pytest.mark.parametrize("base_url", ODD_ADDRESSES)
def test_an_address_that_a_browser_may_read_otherwise_is_refused(base_url):
    with pytest.raises(SettingsError, match="base_url"):
        connect("m", base_url, None, EVERYTHING)


@pytest.mark.parametrize("base_url", SAME_ORIGIN)
def test_a_key_of_the_environment_goes_to_the_origin_of_the_environment(base_url):
    assert connect("m", base_url, None, EVERYTHING).endpoint.key == Secret(ENV_KEY)


@pytest.mark.parametrize("base_url", OTHER_ORIGINS)
def test_a_key_of_the_environment_goes_to_no_other_origin(base_url):
    assert connect("m", base_url, None, EVERYTHING).endpoint.key is None


@pytest.mark.parametrize("base_url", [LOCAL, OTHER, "https://api.openai.com.evil.example/v1"])
def test_a_key_for_openai_goes_to_no_other_origin(base_url):
    assert connect("m", base_url, None, {"OPENAI_API_KEY": ENV_KEY}).endpoint.key is None


@pytest.mark.parametrize("base_url", [None, LOCAL, OTHER])
def test_a_key_that_was_given_goes_where_it_was_given_for(base_url):
    assert connect("m", base_url, OWN_KEY, EVERYTHING).endpoint.key == Secret(OWN_KEY)


def test_nothing_that_may_be_shown_has_the_key():
    connection = connect("m", LOCAL, OWN_KEY, EVERYTHING)
    for shown in (json.dumps(connection.shown()), repr(connection), str(connection), repr(replace(connection))):
        assert not any(key[:8] in shown for key in (OWN_KEY, ENV_KEY))
    assert connection.shown() == {"kind": "server", "model": "m", "base_url": LOCAL, "key": "…7890"}


@pytest.mark.parametrize(
    "key", ["two words 123456", "canary-\u200bcopied-0123", "clé-0123456789", "canary-“0123456789”"]
)
def test_a_key_that_no_header_can_hold_is_refused_without_repeating_it(key):
    with pytest.raises(SettingsError, match="copy it again") as caught:
        connect("m", LOCAL, key, {})
    assert key not in str(caught.value)


def test_a_key_is_text():
    with pytest.raises(SettingsError, match="api_key must be text, not int"):
        connect("m", LOCAL, 12345, {})


# The address


@pytest.mark.parametrize(
    "base_url",
    [
        "localhost:11434",
        "ftp://a/v1",
        "/v1",
        "http://",
        "http:///v1",
        "http://a:99999/v1",
        "http://a:b/v1",
        "http://[::1/v1",
    ],
)
def test_what_is_no_address_is_refused_with_an_example(base_url):
    with pytest.raises(SettingsError, match=r"base_url must be a URL such as http://"):
        connect("m", base_url, None, {})


def test_an_address_of_the_environment_is_checked_too():
    with pytest.raises(SettingsError, match="base_url"):
        connect(None, None, None, {"OPENAI_BASE_URL": "localhost"})


@pytest.mark.parametrize("base_url", ["http://a/v1", "http://a/v1/", "http://a/v1//"])
def test_completions_are_asked_for_below_the_address(base_url):
    endpoint = connect("m", base_url, None, {}).endpoint
    assert url_below(endpoint.base_url, "/chat/completions") == "http://a/v1/chat/completions"


# What brings its own way to answer


def a_function(_messages):
    return "hi"


class Own:
    """A transport of a user's."""

    async def stream(self, _request):
        yield

    async def warm(self):
        pass

    async def aclose(self):
        pass


class Answering:
    """An object that can be called."""

    def __call__(self, _messages):
        return "hi"


def test_a_function_answers():
    connection = connect(a_function, None, None, EVERYTHING)
    assert resolved(connection) == ("callable", "a_function", None, None)
    assert isinstance(connection.transport, CallableTransport)
    assert connection.choice is a_function


def test_an_object_that_can_be_called_answers():
    assert resolved(connect(Answering(), None, None, {})) == ("callable", "Answering", None, None)


def test_a_transport_answers_itself():
    own = Own()
    connection = connect(own, None, None, {})
    assert isinstance(own, Transport)
    assert resolved(connection) == ("callable", "Own", None, None)
    assert connection.transport is own


def test_a_demo_model_answers_itself():
    demo = DemoModel(["hi"])
    assert connect(demo, None, None, {}) == Connection("demo", demo, DEMO, choice=demo)


def test_a_client_of_the_sdk_answers_with_its_own_key():
    client = openai.AsyncOpenAI(api_key=OWN_KEY, base_url=LOCAL)
    connection = connect(client, None, None, {"CHATWIDGET_MODEL": "env-model", "OPENAI_API_KEY": ENV_KEY})
    assert resolved(connection) == ("server", "env-model", None, None)
    assert connection.choice is client


def test_an_azure_client_answers():
    client = openai.AsyncAzureOpenAI(api_key=OWN_KEY, azure_endpoint="http://localhost", api_version="1")
    assert connect(client, None, None, {}).kind == "server"


OF_ANOTHER_SDK = SimpleNamespace(chat=SimpleNamespace(completions=SimpleNamespace(create=lambda **_: None)))


def test_a_client_may_come_with_the_name_of_its_model():
    client = openai.OpenAI(api_key=OWN_KEY)
    connection = connect("m", None, None, {"CHATWIDGET_MODEL": "env-model"}, client=client)
    assert (resolved(connection), connection.choice) == (("server", "m", None, None), "m")
    other = other_model(connection, "n")
    assert (other.transport, other.model, other.choice) == (connection.transport, "n", "n")


@pytest.mark.parametrize(
    ("client", "arguments", "told"),
    [
        (OF_ANOTHER_SDK, (None, None, None), "needs a model name"),
        (object(), ("m", None, None), "not object"),
        (a_function, ("m", None, None), "not function"),
        (OF_ANOTHER_SDK, ("m", LOCAL, None), "can only be combined with a model name"),
        (OF_ANOTHER_SDK, (a_function, None, None), "can only be combined with a model name"),
    ],
)
def test_a_client_that_cannot_be_asked_is_refused_with_what_to_do(client, arguments, told):
    with pytest.raises(SettingsError, match=told):
        connect(*arguments, {}, client=client)


@pytest.mark.parametrize("given", [{"base_url": LOCAL}, {"api_key": OWN_KEY}])
@pytest.mark.parametrize("model", [a_function, DemoModel(["hi"]), Own()], ids=["function", "demo", "transport"])
def test_an_address_or_a_key_goes_with_a_name_only(model, given):
    with pytest.raises(SettingsError, match="can only be combined with a model name"):
        connect(model, given.get("base_url"), given.get("api_key"), {})


@pytest.mark.parametrize("model", [3, [], {"model": "m"}, object(), b"m"])
def test_what_is_no_model_is_refused(model):
    with pytest.raises(SettingsError, match=f"not {type(model).__name__}"):
        connect(model, None, None, {})
