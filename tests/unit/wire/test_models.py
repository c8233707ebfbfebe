"""The list of a server's models, as servers write it."""

import json

import pytest

from chatwidget import ServerError
from chatwidget._wire.models import model_names


@pytest.mark.parametrize(
    "value",
    [
        {"object": "list", "data": [{"id": "a", "object": "model"}, {"id": "b"}]},
        {"data": [{"id": "a"}, {"id": "b"}, {"id": "a"}]},
        {"models": [{"name": "a"}, {"model": "b"}]},
        [{"id": "a"}, {"id": "b"}],
        {"data": ["a", "b"]},
        {"data": [{"id": "a"}, None, 3, {}, {"id": ""}, {"id": 7}, {"id": "x" * 201}, {"id": "b"}]},
    ],
)
def test_names_are_found(value):
    assert model_names(json.dumps(value).encode()) == ["a", "b"]


@pytest.mark.parametrize("body", [b'{"object": "list", "data": null}', b'{"data": []}', b"[]"])
def test_a_server_may_have_none(body):
    assert model_names(body) == []


def test_names_are_unicode_and_not_without_end():
    body = json.dumps([{"id": "\ud83d"}, *({"id": str(number)} for number in range(5000))]).encode()
    names = model_names(body)
    assert names[0] == "\ufffd"
    assert len(names) == 2000


@pytest.mark.parametrize(
    "body", [b"<!doctype html><title>Welcome</title>", b"", b"Ollama is running", b"\xff\xfe\x00", b"[" * 5000]
)
def test_what_is_no_json_is_another_address(body):
    with pytest.raises(ServerError) as caught:
        model_names(body)
    assert caught.value.code == "wrong_url"


def test_a_server_that_does_not_know_the_address_says_so():
    with pytest.raises(ServerError, match="Unexpected endpoint") as caught:
        model_names(b'{"error": "Unexpected endpoint or method. (GET /models)"}')
    assert caught.value.code == "wrong_url"


@pytest.mark.parametrize("body", [b"{}", b"3", b'{"data": {"id": "a"}}'])
def test_any_other_answer_is_no_list(body):
    with pytest.raises(ServerError, match="does not list") as caught:
        model_names(body)
    assert caught.value.code is None
