"""A chat without a model says so, and connects from its form. The key goes to the server and nowhere else."""

import json
import re

from playwright.sync_api import Locator, expect

from tests.browser._notebook import Notebook, only_jupyterlab, only_jupyterlite
from tests.server import ModelServer

KEY = "canary-0123456789-abcdefghij"
EMPTY = "from chatwidget import ChatWidget\nchat = ChatWidget()\nchat"


def form_of(notebook: Notebook) -> Locator:
    return notebook.chat.root.locator(".chatwidget-connect")


def connect(notebook: Notebook, server: ModelServer) -> None:
    """Fill in the form, and wait until it was taken."""
    fill_in(notebook, server, "test-model")
    expect(form_of(notebook)).to_be_hidden()


def fill_in(notebook: Notebook, server: ModelServer, model: str) -> None:
    form = form_of(notebook)
    form.get_by_label("Base URL").fill(server.base_url)
    form.get_by_label("Model").fill(model)
    form.get_by_label("API key").fill(KEY)
    form.locator(".chatwidget-connect-save").click()


def test_the_form_connects_to_a_server(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(EMPTY, "chat.status")
    notebook.run(0)
    expect(form_of(notebook)).to_be_visible()
    expect(form_of(notebook).get_by_label("API key")).to_have_attribute("type", "password")
    connect(notebook, server)
    notebook.chat.send("Hello")
    notebook.chat.expect_texts("Hello", "You said: Hello")
    assert server.chats[0].headers["authorization"] == f"Bearer {KEY}"
    notebook.run(1)
    expect(notebook.output(1)).to_contain_text("ready")


@only_jupyterlab
def test_the_form_offers_the_demo(notebook: Notebook) -> None:
    notebook.open(EMPTY)
    notebook.run_all()
    form_of(notebook).locator(".chatwidget-connect-demo").click()
    expect(form_of(notebook)).to_be_hidden()
    notebook.chat.send("Hello")
    notebook.chat.expect_status("complete")
    expect(notebook.chat.text).to_contain_text("demo model")
    expect(notebook.chat.root).to_contain_text("demo model")


@only_jupyterlab
def test_what_is_missing_is_told(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(EMPTY)
    notebook.run_all()
    form = form_of(notebook)
    form.get_by_label("Base URL").fill(server.base_url)
    form.locator(".chatwidget-connect-save").click()
    expect(form.get_by_role("alert").filter(has_text="name of a model")).to_be_visible()


@only_jupyterlab
def test_a_key_is_enough_where_the_server_lists_its_models(notebook: Notebook, server: ModelServer) -> None:
    server.list_models(b'{"object": "list", "data": [{"id": "older", "created": 1}, {"id": "newer", "created": 2}]}')
    notebook.open(EMPTY)
    notebook.run_all()
    fill_in(notebook, server, model="")
    expect(form_of(notebook)).to_be_hidden()
    notebook.chat.send("Hello")
    notebook.chat.expect_texts("Hello", "You said: Hello")
    assert server.chats[0].json["model"] == "newer"


@only_jupyterlab
def test_a_known_service_fills_in_its_address(notebook: Notebook) -> None:
    notebook.open(EMPTY)
    notebook.run_all()
    form = form_of(notebook)
    form.get_by_role("button", name="LM Studio", exact=True).click()
    expect(form.get_by_label("Base URL")).to_have_value("http://localhost:1234/v1")
    expect(form.get_by_label("API key")).to_have_attribute("placeholder", "not needed here")
    form.get_by_role("button", name="OpenAI", exact=True).click()
    expect(form.get_by_label("Base URL")).to_have_value("https://api.openai.com/v1")
    expect(form.get_by_label("API key")).to_be_focused()


@only_jupyterlab
def test_a_key_on_an_open_line_is_warned_of(notebook: Notebook) -> None:
    notebook.open(EMPTY)
    notebook.run_all()
    form = form_of(notebook)
    form.get_by_label("API key").fill("k")
    for address, is_open in {
        "http://example.org/v1": True,
        "http://127.0.0.1:9/v1": False,
        "https://example.org": False,
    }.items():
        form.get_by_label("Base URL").fill(address)
        expect(form.locator(".chatwidget-warning").filter(has_text="not encrypted")).to_have_count(int(is_open))


def test_a_server_of_this_computer_is_found_and_used(notebook: Notebook, server: ModelServer) -> None:
    table = f"import chatwidget._connection.discovery as s\ns.LOCAL_SERVERS = (('Ollama', '{server.base_url}'),)\n"
    notebook.open(table + EMPTY)
    notebook.run_all()
    form_of(notebook).get_by_role("button", name="Use Ollama (test-model)").click()
    expect(form_of(notebook)).to_be_hidden()
    notebook.chat.send("Hello")
    notebook.chat.expect_texts("Hello", "You said: Hello")


CONNECT_AND_ENTER = """root => {
    root.querySelector(".chatwidget-connect-save").click();
    const options = { key: "Enter", bubbles: true, cancelable: true };
    root.querySelector(".chatwidget-input").dispatchEvent(new KeyboardEvent("keydown", options));
}"""


@only_jupyterlab
def test_what_is_sent_while_connecting_goes_out_then(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(EMPTY)
    notebook.run_all()
    chat, form = notebook.chat, form_of(notebook)
    form.get_by_label("Base URL").fill(server.base_url)
    form.get_by_label("Model").fill("test-model")
    chat.input.fill("Hello")
    chat.root.evaluate(CONNECT_AND_ENTER)
    chat.expect_texts("Hello", "You said: Hello")
    expect(form).to_be_hidden()
    chat.expect_status("complete")
    chat.root.locator(".chatwidget-other-server").evaluate("button => button.click()")
    expect(form).to_be_visible()
    wrong = "http://127.0.0.1:9/v1"
    form.get_by_label("Base URL").fill(wrong)
    chat.input.fill("Again")
    chat.root.evaluate(CONNECT_AND_ENTER)
    expect(form.get_by_text(wrong)).to_be_visible()
    expect(form.get_by_label("Base URL")).to_have_value(wrong)
    expect(chat.input).to_have_value("Again")
    expect(chat.root.locator(".chatwidget-problem")).to_contain_text("Not sent")
    form.get_by_role("button", name="Cancel").click()
    chat.input.press("Enter")
    chat.expect_texts("Hello", "You said: Hello", "Again", "You said: Again")


def test_a_wrong_key_is_told_at_its_field_and_all_stays(notebook: Notebook, server: ModelServer) -> None:
    server.list_models(b'{"error": {"message": "no"}}', status=401)
    server.reply_error(401, "no")
    notebook.open(EMPTY)
    notebook.run_all()
    fill_in(notebook, server, "test-model")
    form = form_of(notebook)
    expect(form.get_by_text("The server refused the API key (401: no): check it")).to_be_visible()
    expect(form.get_by_label("Base URL")).to_have_value(server.base_url)
    expect(form.get_by_label("Model")).to_have_value("test-model")
    expect(form.get_by_label("API key")).to_have_value(KEY)
    expect(notebook.chat.root).to_have_attribute("data-connection", "none")


@only_jupyterlab
def test_the_key_stays_until_it_has_worked(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(EMPTY)
    notebook.run_all()
    form = form_of(notebook)
    form.get_by_label("Base URL").fill(server.url)
    form.get_by_label("Model").fill("test-model")
    form.get_by_label("API key").fill(KEY)
    form.locator(".chatwidget-connect-save").click()
    expect(form.get_by_text("most end in /v1")).to_be_visible()
    expect(notebook.chat.root).to_have_attribute("data-connection", "none")
    form.get_by_label("Base URL").fill(server.base_url)
    form.locator(".chatwidget-connect-save").click()
    expect(form).to_be_hidden()
    expect(form.locator("input[type=password]")).to_have_value("")
    notebook.chat.send("Hello")
    notebook.chat.expect_texts("Hello", "You said: Hello")
    assert server.chats[-1].headers["authorization"] == f"Bearer {KEY}"


def test_what_a_gateway_says_is_told_in_each_language(notebook: Notebook, server: ModelServer) -> None:
    words = "Only from the office network"
    server.list_models(json.dumps({"error": {"message": words}}).encode(), status=403)
    for _ in range(2):
        server.reply_error(403, words)
    notebook.open(EMPTY, "chat.locale = 'es'")
    notebook.run(0)
    fill_in(notebook, server, "test-model")
    form = form_of(notebook)
    expect(form.get_by_text(f"The server does not allow this (403: {words}): ask those who run it")).to_be_visible()
    notebook.run(1)
    expect(form.get_by_text("El servidor no lo permite. Pregunta a quien lo administra")).to_contain_text(words)


def test_a_service_has_a_link_to_where_keys_are_made(notebook: Notebook) -> None:
    notebook.open(EMPTY)
    notebook.run_all()
    form = form_of(notebook)
    # OpenAI is the service of an empty address.
    expect(form.get_by_role("link")).to_have_attribute("href", "https://platform.openai.com/api-keys")
    for service, host, page in (
        ("Anthropic", "api.anthropic.com", "https://platform.claude.com/settings/keys"),
        ("Google", "generativelanguage.googleapis.com", "https://aistudio.google.com/apikey"),
        ("Mistral", "api.mistral.ai", "https://console.mistral.ai/api-keys"),
    ):
        form.get_by_role("button", name=service, exact=True).click()
        expect(form.get_by_label("Base URL")).to_have_value(re.compile(f"^https://{re.escape(host)}/"))
        link = form.get_by_role("link", name=f"Create a key at {service}")
        expect(link).to_have_attribute("href", page)
        expect(link).to_have_attribute("target", "_blank")
        expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    form.get_by_role("button", name="Ollama", exact=True).click()
    expect(form.get_by_role("link")).to_have_count(0)


@only_jupyterlab
def test_where_nothing_listens_is_told_in_the_readers_language(notebook: Notebook) -> None:
    notebook.open(EMPTY.replace("ChatWidget()", "ChatWidget(locale='es')"))
    notebook.run_all()
    form = form_of(notebook)
    form.get_by_label("URL base").fill("http://127.0.0.1:9/v1")
    form.get_by_label("Modelo").fill("m")
    form.locator(".chatwidget-connect-save").click()
    expect(form.get_by_text("Nada responde en http://127.0.0.1:9/v1")).to_be_visible()


@only_jupyterlite
def test_a_server_that_refuses_the_page_is_told_as_such(notebook: Notebook, server: ModelServer) -> None:
    server.allow(origins=[])
    notebook.open(EMPTY)
    notebook.run_all()
    fill_in(notebook, server, "test-model")
    expect(form_of(notebook).get_by_text("CORS")).to_be_visible()


@only_jupyterlab
def test_the_key_is_on_the_page_and_in_the_notebook_nowhere(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(EMPTY, "import json\njson.dumps(chat.get_state()) + repr(chat) + repr(vars(chat))")
    notebook.run(0)
    connect(notebook, server)
    notebook.chat.send("Hello")
    notebook.chat.expect_status("complete")
    notebook.run(1)
    values = notebook.page.eval_on_selector_all("input, textarea", "fields => fields.map(field => field.value)")
    page = notebook.page.content() + json.dumps(values)
    stored = notebook.page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    assert not any(KEY[start : start + 12] in page + stored for start in range(len(KEY) - 11))


def test_a_retry_is_shown_while_it_waits(notebook: Notebook, server: ModelServer) -> None:
    server.allow(exposed=["retry-after"])
    server.reply_error(429, "slow down", headers={"retry-after": "3"})
    server.reply("ok")
    notebook.open(EMPTY)
    notebook.run_all()
    connect(notebook, server)
    notebook.chat.send("Hello")
    expect(notebook.chat.root).to_have_attribute("data-status", "retrying")
    expect(notebook.chat.replies.last.locator(".chatwidget-status")).to_contain_text("slow down")
    notebook.chat.expect_status("complete")
    notebook.chat.expect_texts("Hello", "ok")
    assert len(server.chats) == 2
