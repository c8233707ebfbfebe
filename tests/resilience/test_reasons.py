"""R18: why there is no answer, in one sentence that says what to do; on CPython, over real sockets.

Unreachable servers: the tests fail when `failures.causes._KINDS` or `_NAMES` is emptied, each at its own entry.
"""

import json
import shutil
import subprocess
import sys

import openai
import pytest

from chatwidget import ChatError, Status
from tests.resilience._servers import (
    answer,
    behind_tls,
    free_port,
    hang_up,
    listening,
    never_answer,
    of_unknown_authority,
    refuse,
)
from tests.server import Reply

KEY = "test-key-0123456789-abcdefghij"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def asked(chats):
    """The reply of a server, asked once."""

    def ask(base_url, **settings):
        client = openai.AsyncOpenAI(base_url=base_url, api_key=KEY, max_retries=0, **settings)
        with pytest.raises(ChatError) as caught:
            chats(client).ask("hi")
        reply = caught.value.reply
        assert reply.status == Status.ERROR
        assert "Traceback" not in reply.error
        assert "\n" not in reply.error
        return reply

    return ask


def test_r18_no_such_computer(asked):
    reply = asked("http://no-such-computer.invalid/v1")
    assert reply.error_code == "no_host"
    assert "The host no-such-computer.invalid was not found: check the address" in reply.error


OFFLINE = """\
import sys
from chatwidget import ChatError, ChatWidget
for url in sys.argv[1:]:
    try:
        ChatWidget("m", base_url=url, api_key="k").ask("hi")
    except ChatError as error:
        print(error.reply.error_code, error.reply.error)"""
UNSHARE = ["unshare", "--map-root-user", "--net"]
"""Runs a program without any network."""


@pytest.mark.skipif(
    not shutil.which("unshare") or subprocess.run([*UNSHARE, "true"], check=False, capture_output=True).returncode,
    reason="needs the right to take the network away from a program",
)
def test_r18_offline_is_not_told_as_a_misspelt_address():
    urls = ["https://api.openai.com/v1", "http://no-such-computer.invalid/v1", "http://192.0.2.1/v1"]
    command = [*UNSHARE, sys.executable, "-c", OFFLINE, *urls]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.splitlines()
    assert len(told) == len(urls)
    for line in told:
        assert line.startswith("offline This computer seems to be offline: connect to the network, or correct")


def test_r18_nothing_listens(asked):
    url = f"http://127.0.0.1:{free_port()}/v1"
    reply = asked(url)
    assert reply.error_code == "refused"
    assert f"Nothing answers at {url}: start the server" in reply.error
    assert "Errno" in reply.error


def test_r18_no_answer_in_time(asked):
    with listening(never_answer) as place:
        reply = asked(f"http://{place}/v1", timeout=0.3)
    assert reply.error_code == "no_answer"
    assert "did not answer in time" in reply.error


def test_r02_how_long_a_server_may_be_silent_is_said_for_a_chat_or_a_question(chats, server):
    """Fails when `TurnRun._receive` leaves `timeout` to the API."""
    chat = chats("test-model", base_url=server.base_url, timeout=0.3)
    gate = server.gate()
    server.reply("One", " two", gate=gate)
    gate.release()
    with pytest.raises(ChatError, match="nothing more before the timeout") as caught:
        chat.ask("Count")
    assert (caught.value.reply.status, caught.value.reply.content) == (Status.INTERRUPTED, "One")
    server.reply("slow", " but", " sure", delay=0.5)
    assert chat.ask("Again", timeout=5).content == "slow but sure"
    assert [request.json for request in server.chats if "timeout" in request.json] == []
    with pytest.raises(ChatError, match="timeout must be a number of seconds above 0, not 'soon'"):
        chat.ask("Again", timeout="soon")


def test_r18_hung_up_without_an_answer(asked):
    with listening(hang_up) as place:
        reply = asked(f"http://{place}/v1")
    assert reply.error_code == "dropped"
    assert "closed the connection" in reply.error


def test_r18_a_certificate_that_is_not_trusted_until_it_is_named(asked, chats, tmp_path, monkeypatch):
    certificate = of_unknown_authority(tmp_path)
    stream = b'data: {"choices": [{"index": 0, "delta": {"content": "hello"}}]}\n\ndata: [DONE]\n\n'
    with listening(behind_tls(certificate, answer(stream))) as place:
        reply = asked(f"https://{place}/v1")
        assert reply.error_code == "certificate"
        assert "SSL_CERT_FILE" in reply.error
        assert "verify failed" in reply.error
        monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
        assert chats("m", base_url=f"https://{place}/v1").ask("hi").content == "hello"


def test_r18_a_server_without_tls(asked, server):
    reply = asked(server.base_url.replace("http:", "https:"))
    assert reply.error_code == "no_tls"
    assert "http://" in reply.error


def test_r18_a_proxy_that_refuses(asked, monkeypatch):
    with listening(refuse) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy}")
        reply = asked("https://models.invalid/v1")
    assert reply.error_code == "proxy"
    assert "HTTPS_PROXY" in reply.error


def test_r18_a_proxy_that_is_not_there(asked, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    assert asked("http://models.invalid/v1").error_code == "proxy"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert asked(f"http://127.0.0.1:{free_port()}/v1").error_code == "refused"


# What the server says: the tests fail when the entry of a status is taken out of `failures.http_status._MEANING`,
# those of lengths when `errors._SAYS_SO` matches nothing, that of the wait when `_wait` gives "a moment".


@pytest.mark.parametrize(
    ("refusal", "code", "told"),
    [
        (
            (400, "bad value"),
            "rejected",
            "did not accept the request (400: bad value): check the model and the settings",
        ),
        ((401, "no"), "wrong_key", "refused the API key (401: no): check it, or create a new one"),
        ((402, "pay"), "no_credit", "no credit left (402: pay): add credit with the provider"),
        ((403, "no"), "forbidden", "does not allow this (403: no): ask those who run it, or use another key"),
        ((403, "Invalid API key"), "wrong_key", "refused the API key (403: Invalid API key): check it"),
        ((400, "API key not valid"), "wrong_key", "refused the API key (400: API key not valid): check it"),
        (
            (400, "Incorrect API key provided: x"),
            "wrong_key",
            "refused the API key (400: Incorrect API key provided: x)",
        ),
        ((400, "bad value for api_key_prefix"), "rejected", "did not accept the request (400: bad value"),
        (
            (404, "no 'm'"),
            "not_found",
            "this model or this address (404: no 'm'): check the model name and the base URL",
        ),
        ((407, "no"), "proxy", "proxy requires a user name and a password"),
        ((413, "big"), "too_long", "too long for this server (413: big): shorten or clear it"),
        ((400, "This model's maximum context length is 8192 tokens"), "too_long", "shorten or clear it, or choose"),
        ((400, "prompt is too long: 9 tokens > 8 maximum"), "too_long", "too long for this model"),
        ((422, "no"), "rejected", "did not accept the request (422: no)"),
        ((429, "slow"), "too_many", "Too many requests (429: slow): wait a moment, then try again"),
        ((500, "oops"), "server_fault", "has a problem (500: oops): try again later"),
        ((503, "busy"), "server_fault", "has a problem (503: busy): try again later"),
        ((418, "tea"), None, "sent no answer (418: tea): check the base URL"),
    ],
)
def test_r18_what_a_server_refuses_is_one_sentence(asked, server, refusal, code, told):
    server.list_models(b"no list of models here", 404)
    server.reply_error(*refusal)
    reply = asked(server.base_url)
    assert told in reply.error
    assert reply.error_code == code
    assert reply.error.count(". ") == 0


QUOTA = {
    "error": {
        "message": "You exceeded your current quota.",
        "type": "insufficient_quota",
        "param": None,
    }
}
BALANCE = {"error": {"message": "Your credit balance is too low to use the API.", "type": "invalid_request_error"}}
ARREARS = {"error": {"message": "Access denied, as the account is not in good standing.", "code": "Arrearage"}}
SUSPENDED = {"error": {"message": "Your account is not active.", "type": "exceeded_current_quota_error"}}
WITHOUT_CREDIT = [
    (429, QUOTA),
    (401, QUOTA),
    (400, BALANCE),
    (400, ARREARS),
    (403, SUSPENDED),
    (400, {"error": {"message": "Budget has been exceeded! Current cost: 2"}}),
    (403, {"error": {"message": "Key limit exceeded (total limit)"}}),
    (400, {"error": {"message": "You have reached your specified API usage limits. Wait until 2030."}}),
    (429, {"error": {"message": "Your team used all available credits or reached its monthly spending limit."}}),
    (403, {"error": {"message": "Your team doesn't have any credits yet."}}),
    (429, {"error": {"message": "Your prepayment credits are depleted."}}),
]
PER_MINUTE = {"error": {"message": "You exceeded your current quota. Please retry in 0.1s.", "code": 429}}


@pytest.mark.parametrize(("status", "body"), WITHOUT_CREDIT)
def test_without_credit_no_wait_helps_and_nothing_is_tried_again(chats, server, status, body):
    server.reply_with(Reply([json.dumps(body).encode()], status, {"content-type": "application/json"}))
    with pytest.raises(ChatError) as caught:
        chats("m", base_url=server.base_url, api_key=KEY).ask("hi")
    reply = caught.value.reply
    assert reply.error_code == "no_credit"
    assert reply.error == (
        f"This account has no credit left ({status}: {body['error']['message'].rstrip('.')}): "
        "add credit with the provider or raise its limit, or use another key."
    )
    assert len(server.chats) == 1


def test_a_quota_per_minute_is_waited_for(chats, server):
    """Gemini's words for too many requests are OpenAI's for no credit."""
    server.reply_with(Reply([json.dumps(PER_MINUTE).encode()], 429, {"content-type": "application/json"}))
    server.reply("ok")
    assert chats("m", base_url=server.base_url, api_key=KEY).ask("hi").content == "ok"


def test_r18_a_limit_tells_how_long_to_wait(asked, server):
    server.reply_error(429, "slow down", headers={"retry-after": "200"})
    assert "wait 200 s, then try again" in asked(server.base_url).error


def test_r18_a_key_that_was_not_sent_is_asked_for(chats, server):
    server.reply_error(401, "no")
    with pytest.raises(ChatError, match="requires an API key"):
        chats("m", base_url=server.base_url).ask("hi")
