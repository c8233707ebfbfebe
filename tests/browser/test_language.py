"""The view speaks the reader's language, or the one it is told to."""

import json
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer


def test_the_language_can_be_chosen_and_changed_while_one_writes(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server).replace('"k")', '"k", locale="es")'), "chat.locale = 'en'", "chat.locale = 'de'")
    notebook.run(0)
    assert notebook.chat.input.get_attribute("placeholder") == "Pregunta algo…"
    expect(notebook.chat.root).to_have_attribute("lang", "es")
    notebook.chat.input.fill("Un borrador")
    notebook.run(1)
    expect(notebook.chat.root).to_have_attribute("lang", "en")
    expect(notebook.chat.input).to_have_value("Un borrador")
    assert notebook.page.locator(".chatwidget").count() == 1
    notebook.chat.send("Hello")
    notebook.chat.expect_status("complete")
    notebook.chat.input.press("ArrowUp")
    notebook.chat.messages.locator("textarea").fill("Hello again")
    notebook.start(2)
    notebook.wait(2)
    assert "not available in the language 'de' yet" in notebook.errors(2)
    expect(notebook.chat.root).to_have_attribute("lang", "en")
    expect(notebook.chat.messages.locator("textarea")).to_have_count(0)
    expect(notebook.chat.input).to_have_value("Hello again")


@only_jupyterlab
def test_the_page_decides_where_nobody_does_also_how_errors_are_told(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.page.evaluate("document.documentElement.lang = 'es-MX'")
    notebook.run(0)
    expect(notebook.chat.root).to_have_attribute("lang", "es")
    server.reply_error(401, "No such key.")
    notebook.chat.send("Hola")
    notebook.chat.expect_status("error")
    told = notebook.chat.replies.last.locator(".chatwidget-status .chatwidget-error")
    expect(told).to_contain_text("El servidor rechazó esta clave.")
    expect(told).to_contain_text("No such key")
    server.reply_error(404, "No such model.")
    notebook.chat.send("Hola")
    expect(told).to_contain_text("El servidor no ofrece este modelo")
    expect(told).to_contain_text("No such model")


@only_jupyterlab
def test_the_end_of_a_model_is_told_in_the_readers_language(notebook: Notebook, server: ModelServer) -> None:
    day = str((datetime.now(UTC) + timedelta(9)).date())
    server.list_models(json.dumps({"data": [{"id": "test-model", "shutdown_date": day}, {"id": "n"}]}).encode())
    notebook.open(chat_cell(server).replace('"k")', '"k", locale="es")'), "chat.locale = 'en'")
    notebook.run(0)
    notebook.chat.send("Hola")
    notice = notebook.chat.root.locator(".chatwidget-notice")
    expect(notice).to_have_text(f"test-model se apagará el {day}: elige otro modelo.")
    notebook.run(1)
    expect(notice).to_have_text(f"test-model will be shut down on {day}: choose another model.")
