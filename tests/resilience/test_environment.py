"""Variables of the environment that no client can work with: a sentence names them, and without them all is well.

Each test asks one widget twice, before and after its variable is taken away, over a real socket.
"""

from __future__ import annotations

import os

import openai
import pytest

from chatwidget import ChatError, SettingsError
from chatwidget._connection.resolve import resolve_connection
from tests.resilience._servers import answer, behind_tls, free_port, hang_up, listening, of_unknown_authority

KEY = "test-key-0123456789-abcdefghij"

pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture
def clean(monkeypatch):
    """Nothing of this machine's own."""
    for name in list(os.environ):
        if name.upper().endswith("_PROXY") or name.startswith(("SSL_CERT", "SSLKEY", "OPENAI_")):
            monkeypatch.delenv(name)


def failure(chat, **question) -> ChatError:
    with pytest.raises(ChatError) as caught:
        chat.ask("hi", **question)
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith(".")
    assert "Traceback" not in said
    return caught.value


def own(chats, server):
    return chats("m", base_url=server.base_url, api_key=KEY)


def through_a_client(chats, server):
    return chats("m", client=openai.AsyncOpenAI(api_key=KEY, base_url=server.base_url))


@pytest.fixture(params=[own, through_a_client])
def chat(request, chats, server):
    return request.param(chats, server)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("SSL_CERT_FILE", "/there/is/none.pem", "/there/is/none.pem: No such file or directory"),
        ("SSL_CERT_FILE", "none.pem", "none.pem: No such file or directory"),
        ("SSL_CERT_FILE", "/", "/: Is a directory"),
        ("SSL_CERT_FILE", __file__, "no certificate"),
        ("ALL_PROXY", "socks://127.0.0.1:1080", "it must be the address of a proxy"),
        ("ALL_PROXY", "socks5://127.0.0.1:1080", "socksio"),
        ("all_proxy", "quic://127.0.0.1", "it must be the address of a proxy"),
        ("HTTP_PROXY", "http://127.0.0.1:port", "it must be the address of a proxy"),
        ("http_proxy", "http://[::1", "it must be the address of a proxy"),
        ("HTTPS_PROXY", "ftp://user:pass-word-of-a-test@proxy", "it must be the address of a proxy"),
        ("https_proxy", "socks4a://127.0.0.1", "it must be the address of a proxy"),
    ],
)
def test_h_what_keeps_a_client_from_being_made(chat, server, monkeypatch, name, value, reason):  # noqa: PLR0917 fixtures
    monkeypatch.setenv(name, value)
    for _ in range(2):
        error = failure(chat)
        assert error.reply.error_code == "environment"
        assert f"environment variable {name} " in str(error)
        assert reason in str(error)
        assert "pass-word" not in str(error)
    monkeypatch.delenv(name)
    assert chat.ask("hi").status == "complete"
    assert len(server.chats) == 1


def test_h_a_log_of_keys_that_cannot_be_written(chats, server, monkeypatch, tmp_path):
    of_unknown_authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem.crt"))
    monkeypatch.setenv("SSLKEYLOGFILE", "/there/is/none.log")
    chat = own(chats, server)
    assert "variable SSLKEYLOGFILE cannot be used (/there/is/none.log: No such file" in str(failure(chat))
    monkeypatch.delenv("SSLKEYLOGFILE")
    assert chat.ask("hi").status == "complete"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_ORG_ID", "org\nX-Evil: 1"),
        ("OPENAI_ORG_ID", "org-1\r\n"),
        ("OPENAI_ORG_ID", "org-ñ"),
        ("OPENAI_PROJECT_ID", "pro\x7fject"),
        ("OPENAI_CUSTOM_HEADERS", "X-Team: blue\nX Team: red"),
        ("OPENAI_CUSTOM_HEADERS", "X-Team: bl\x01ue"),
        ("OPENAI_CUSTOM_HEADERS", ": red"),
    ],
)
def test_h_what_no_header_can_hold(chats, server, monkeypatch, name, value):
    chat = own(chats, server)
    monkeypatch.setenv(name, value)
    error = failure(chat)
    assert f"environment variable {name} cannot be used" in str(error)
    assert error.reply.error_code == "environment"
    with pytest.raises(SettingsError, match=name):
        chat.models()
    monkeypatch.delenv(name)
    assert chat.ask("hi").status == "complete"


@pytest.mark.parametrize("value", ["org-1", "with blanks in it", ""])
def test_h_what_a_header_can_hold_goes_along(chats, server, monkeypatch, value):
    monkeypatch.setenv("OPENAI_ORG_ID", value)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "nonsense\nX-Team: blue")
    own(chats, server).ask("hi")
    assert server.chats[0].headers.get("openai-organization", "") == value
    assert server.chats[0].headers["x-team"] == "blue"


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("kind", ["none", "unknown", "silent"])
def test_h_a_proxy_that_is_none_is_named(chats, server, monkeypatch, name, kind):
    chat = own(chats, server)
    with listening(hang_up) as place:
        address = {"none": f"http://127.0.0.1:{free_port()}", "unknown": "no-such-proxy.invalid", "silent": place}[kind]
        monkeypatch.setenv(name, address)
        error = failure(chat)
    assert error.reply.error_code == "proxy"
    assert f"check {name} and NO_PROXY" in str(error)
    monkeypatch.delenv(name)
    assert chat.ask("hi").status == "complete"


def test_h_a_proxy_that_answers_is_left_with_its_variable(chats, server, monkeypatch):
    with listening(answer(b'data: {"choices": [{"delta": {"content": "proxy"}}]}\n\ndata: [DONE]\n\n')) as place:
        chat = own(chats, server)
        assert chat.ask("hi").status == "complete"
        monkeypatch.setenv("HTTP_PROXY", f"http://{place}")
        assert chat.ask("hi").content == "proxy"
        monkeypatch.setenv("NO_PROXY", "example.org, 127.0.0.1")
        assert chat.ask("hi").status == "complete"


@pytest.mark.parametrize("value", ["*", "[", "http://[", "1.2.3.4/99", ",, ,", "127.0.0.1:port", "fe80::1%eth0", "ñ"])
def test_h_an_odd_no_proxy_is_no_hindrance(chats, server, monkeypatch, value):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", value)
    assert own(chats, server).ask("hi").status == "complete"


def test_h_a_folder_without_certificates_is_named(chats, monkeypatch, tmp_path):
    certificate = of_unknown_authority(tmp_path)
    stream = b'data: {"choices": [{"index": 0, "delta": {"content": "hello"}}]}\n\ndata: [DONE]\n\n'
    with listening(behind_tls(certificate, answer(stream))) as place:
        chat = chats("m", base_url=f"https://{place}/v1")
        for folder in (tmp_path, tmp_path / "none"):
            monkeypatch.setenv("SSL_CERT_DIR", str(folder))
            error = failure(chat)
            assert f"environment variable SSL_CERT_DIR cannot be used ({folder}: " in str(error)
        monkeypatch.delenv("SSL_CERT_DIR")
        monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
        assert chat.ask("hi").content == "hello"


def test_h_a_file_of_certificates_that_is_mended_under_its_name_holds(chats, monkeypatch, tmp_path):
    certificate = of_unknown_authority(tmp_path)
    stream = b'data: {"choices": [{"index": 0, "delta": {"content": "hello"}}]}\n\ndata: [DONE]\n\n'
    bundle = tmp_path / "bundle.pem"
    other = tmp_path / "other"
    other.mkdir()
    bundle.write_bytes((of_unknown_authority(other).parent / "server.pem.crt").read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    with listening(behind_tls(certificate, answer(stream))) as place:
        chat = chats("m", base_url=f"https://{place}/v1")
        assert failure(chat).reply.error_code == "certificate"
        bundle.write_bytes((tmp_path / "server.pem.crt").read_bytes())
        assert chat.ask("hi").content == "hello"


@pytest.mark.parametrize("value", ["nonsense", "//host/v1", "http://h:99999", "http://h\\v1", "file:///v1"])
def test_h_an_address_of_the_environment_is_told_by_its_name(value):
    with pytest.raises(SettingsError, match=r"\(from OPENAI_BASE_URL\) must be a URL such as http"):
        resolve_connection("m", None, None, {"OPENAI_BASE_URL": value})
    # Who names a server has nothing to do with it.
    assert resolve_connection("m", "http://h/v1", None, {"OPENAI_BASE_URL": value}).kind == "server"


def test_h_a_key_of_the_environment_is_told_by_its_name():
    with pytest.raises(
        SettingsError, match=r"\(from OPENAI_API_KEY\) contains a character that is not allowed in keys"
    ):
        resolve_connection("m", None, None, {"OPENAI_API_KEY": "two words"})
