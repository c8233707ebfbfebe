"""One notebook, two runtimes: a question typed in the view is answered, streamed and stopped."""

import pytest
from playwright.sync_api import expect

from tests.browser._chat import Chat, chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import Gate, ModelServer

WORDS = ["One", " two", " three", " four", " five", " six"]
TEXT = "".join(WORDS)


def opened(notebook: Notebook, server: ModelServer) -> Chat:
    notebook.open(chat_cell(server))
    notebook.run_all()
    return notebook.chat


def partly_answered(notebook: Notebook, server: ModelServer) -> tuple[Chat, Gate]:
    """A chat whose answer has come as far as its second word."""
    gate = server.gate()
    server.reply(*WORDS, gate=gate)
    chat = opened(notebook, server)
    chat.send("Count")
    gate.release(2)
    expect(chat.text).to_have_text("One two")
    return chat, gate


def test_an_answer_grows_step_by_step_to_what_the_server_sent(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply(*WORDS, gate=gate)
    chat = opened(notebook, server)
    chat.send("Count")
    for step in range(1, len(WORDS) + 1):
        gate.release()
        expect(chat.text).to_have_text("".join(WORDS[:step]))
        chat.expect_status("streaming")
    gate.open()
    chat.expect_status("complete")
    chat.expect_texts("Count", TEXT)
    assert chat.text.text_content() == TEXT


def test_the_request_is_what_the_server_expects(notebook: Notebook, server: ModelServer) -> None:
    chat = opened(notebook, server)
    chat.send("Hello")
    request = server.wait_for_request()
    chat.expect_status("complete")
    assert request.headers["authorization"] == "Bearer k"
    assert request.json["model"] == "test-model"
    assert request.json["stream"] is True
    assert request.json["messages"] == [{"role": "user", "content": "Hello"}]
    assert ("origin" in request.headers) is notebook.in_browser
    assert not notebook.in_browser or not any(name.startswith("x-stainless") for name in request.headers)


def test_r03_stop_ends_the_request_and_keeps_what_came(notebook: Notebook, server: ModelServer) -> None:
    chat, _ = partly_answered(notebook, server)
    chat.stop_seen_by(server)
    chat.expect_texts("Count", "One two")
    chat.send("Go on")
    chat.expect_texts("Count", "One two", "Go on", "You said: Go on")


def test_the_second_turn_sends_the_first_as_history(notebook: Notebook, server: ModelServer) -> None:
    chat = opened(notebook, server)
    chat.send("first")
    chat.expect_status("complete")
    chat.send("second")
    assert server.wait_for_request(2).json["messages"] == [
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "You said: first"},
        {"role": "user", "content": "second"},
    ]
    chat.expect_texts("first", "You said: first", "second", "You said: second")


@pytest.mark.own_page
@only_jupyterlab
def test_r09_a_page_reloaded_in_mid_stream_shows_the_whole_answer(notebook: Notebook, server: ModelServer) -> None:
    chat, gate = partly_answered(notebook, server)
    notebook.save()
    notebook.reload()
    expect(chat.text).to_have_text("One two")
    gate.release()
    expect(chat.text).to_have_text("One two three")
    gate.open()
    chat.expect_status("complete")
    chat.expect_texts("Count", TEXT)


@pytest.mark.own_page
@only_jupyterlab
def test_r09_an_answer_that_ends_while_the_page_is_closed_is_there_afterwards(
    notebook: Notebook, server: ModelServer
) -> None:
    chat, gate = partly_answered(notebook, server)
    notebook.save()
    address = notebook.page.url
    notebook.page.goto("about:blank")
    gate.open()
    server.wait_for_finish()
    notebook.page.goto(address)
    chat.expect_status("complete")
    chat.expect_texts("Count", TEXT)
    chat.send("Thanks")
    chat.expect_texts("Count", TEXT, "Thanks", "You said: Thanks")
