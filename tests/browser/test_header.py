"""What the line on top opens: the models, the settings of the answers, and what can be done with the conversation."""

import json
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

MODELS = b'{"data": [{"id": "small"}, {"id": "large"}, {"id": "larger"}]}'


def shown(notebook: Notebook, server: ModelServer, *cells: str) -> Locator:
    """The chat, in a notebook with these cells below it."""
    notebook.open(chat_cell(server), *cells)
    notebook.run(0)
    return notebook.chat.root


def test_a_model_is_found_by_typing_and_answers_next(notebook: Notebook, server: ModelServer) -> None:
    server.list_models(MODELS)
    root = shown(notebook, server)
    root.get_by_role("button", name="Model: test-model").click()
    expect(root.get_by_role("option")).to_have_text(["small", "large", "larger"])
    combobox = root.get_by_role("combobox", name="Models")
    combobox.fill("lar")
    expect(root.get_by_role("option")).to_have_text(["large", "larger"])
    combobox.press("ArrowDown")
    combobox.press("ArrowDown")
    combobox.press("Enter")
    expect(root.get_by_role("button", name="Model: larger")).to_be_focused()
    notebook.chat.send("Hello")
    notebook.chat.expect_status("complete")
    assert server.chats[0].json["model"] == "larger"


def test_a_key_alone_is_enough_and_the_line_shows_what_was_chosen(notebook: Notebook, server: ModelServer) -> None:
    listed = [{"id": "embed-large", "created": 9}, {"id": "nova-1", "created": 7}, {"id": "nova-2", "created": 8}]
    server.list_models(json.dumps({"data": listed}).encode())
    notebook.open(chat_cell(server).replace('"test-model", ', ""), "print('asks', chat.model)")
    notebook.run(0)
    expect(notebook.chat.root.get_by_role("button", name="Model: nova-2")).to_be_visible()
    notebook.run(1)
    expect(notebook.page.get_by_text("asks nova-2", exact=True)).to_be_visible()
    notebook.chat.send("Hello")
    notebook.chat.expect_status("complete")
    assert [chat.json["model"] for chat in server.chats] == ["nova-2"]


def test_a_model_that_there_is_not_leads_to_those_there_are(notebook: Notebook, server: ModelServer) -> None:
    server.list_models(MODELS)
    server.reply_error(404, "The model `test-model` does not exist")
    root = shown(notebook, server)
    notebook.chat.send("Hello")
    notebook.chat.expect_status("error")
    expect(root.locator(".chatwidget-status .chatwidget-error:visible")).to_contain_text(
        "such as large, small or larger"
    )
    root.locator(".chatwidget-choose-model:visible").click()
    root.get_by_role("option", name="larger").click()
    expect(root.get_by_role("button", name="Model: larger")).to_be_visible()
    root.locator(".chatwidget-retry:visible").click()
    notebook.chat.expect_status("complete")
    expect(root.locator(".chatwidget-choose-model:visible")).to_have_count(0)
    assert server.chats[-1].json["model"] == "larger"


@only_jupyterlab
def test_any_name_is_taken_where_the_server_has_no_list(notebook: Notebook, server: ModelServer) -> None:
    server.list_models(b"nothing here", status=404)
    root = shown(notebook, server)
    root.get_by_role("button", name="Model: test-model").click()
    expect(root.locator(".chatwidget-models .chatwidget-note")).not_to_be_empty()
    root.get_by_role("combobox", name="Models").fill("by-name")
    root.get_by_role("combobox", name="Models").press("Enter")
    expect(root.get_by_role("button", name="Model: by-name")).to_be_visible()


@only_jupyterlab
def test_another_server_is_a_click_away_and_escape_leads_back(notebook: Notebook, server: ModelServer) -> None:
    root = shown(notebook, server)
    button = root.get_by_role("button", name="Model: test-model")
    button.click()
    notebook.page.keyboard.press("Escape")
    expect(root.get_by_role("dialog", name="Models")).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    root.get_by_role("button", name="Another server…").click()
    expect(root.get_by_label("Base URL")).to_be_focused()
    expect(root.get_by_label("Base URL")).to_have_value(server.base_url)


def test_the_settings_go_with_the_next_question(notebook: Notebook, server: ModelServer) -> None:
    root = shown(notebook, server, "chat.system_prompt, chat.params")
    opener = root.get_by_role("button", name="Answer settings")
    opener.focus()
    # Typed at once: the browser tells of an open popup later than it opens it.
    opener.evaluate(
        "(button) => { button.click(); button.popoverTargetElement.querySelector('textarea').value = 'Be brief.' }"
    )
    panel = root.get_by_role("dialog", name="Answer settings")
    panel.get_by_label("Temperature").fill("3")
    panel.get_by_role("button", name="Apply").click()
    expect(panel.get_by_role("alert")).to_contain_text("from 0 to 2")
    panel.get_by_label("Temperature").fill("0.25")
    panel.get_by_label("Maximum tokens").fill("99")
    panel.get_by_label("Maximum tokens").press("Enter")
    expect(panel).to_be_hidden()
    expect(opener).to_be_focused()
    notebook.chat.send("Hello")
    notebook.chat.expect_status("complete")
    asked = server.chats[0].json
    assert asked["messages"][0] == {"role": "system", "content": "Be brief."}
    assert asked["temperature"] == 0.25
    assert 99 in (asked.get("max_tokens"), asked.get("max_completion_tokens"))
    notebook.run(1)
    expect(notebook.output(1)).to_contain_text("Be brief.")


@only_jupyterlab
def test_a_cleared_conversation_comes_back(notebook: Notebook, server: ModelServer) -> None:
    root = shown(notebook, server)
    menu = root.get_by_role("button", name="Conversation menu")
    expect(menu).to_be_disabled()
    notebook.chat.send("Hello")
    notebook.chat.expect_status("complete")
    menu.click()
    expect(root.get_by_role("menuitem").first).to_be_focused()
    notebook.page.keyboard.press("End")
    notebook.page.keyboard.press("Enter")
    expect(notebook.chat.messages).to_have_count(0)
    expect(root.get_by_text("The conversation was cleared.")).to_be_visible()
    root.get_by_role("button", name="Undo").click()
    notebook.chat.expect_texts("Hello", "You said: Hello")
    expect(root.get_by_role("button", name="Undo")).to_be_hidden()


def test_a_conversation_is_exported(notebook: Notebook, server: ModelServer) -> None:
    root = shown(notebook, server)
    notebook.chat.send("Hello/there")
    notebook.chat.expect_status("complete")
    texts = {}
    for name in ("Export as Markdown", "Export as HTML", "Export as a notebook", "Export as JSON"):
        root.get_by_role("button", name="Conversation menu").click()
        with notebook.page.expect_download() as downloading:
            root.get_by_role("menuitem", name=name).click()
        file = downloading.value
        assert "/" not in file.suggested_filename
        texts[Path(file.suggested_filename).suffix] = Path(file.path()).read_text("utf-8")
    assert "You said: Hello/there" in texts[".md"]
    assert "You said: Hello/there" in texts[".html"]
    assert "You said: Hello/there" in json.loads(texts[".ipynb"])["cells"][1]["source"]
    assert "Hello/there" in json.dumps(json.loads(texts[".json"]))


@only_jupyterlab
def test_what_is_open_closes_by_a_click_elsewhere(notebook: Notebook, server: ModelServer) -> None:
    root = shown(notebook, server)
    root.get_by_role("button", name="Answer settings").click()
    expect(root.get_by_role("dialog")).to_be_visible()
    notebook.cell(0).locator(".cm-content").click()
    expect(root.get_by_role("dialog")).to_be_hidden()


@only_jupyterlab
def test_what_is_open_stays_while_an_answer_scrolls_by(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    lines = [f"Line {number}\n\n" for number in range(80)]
    server.reply(*lines, gate=gate)
    root = shown(notebook, server)
    transcript = root.locator(".chatwidget-transcript")
    notebook.chat.send("Count")
    gate.release(40)
    expect(notebook.chat.text).to_contain_text("Line 39")
    root.get_by_role("button", name="Answer settings").click()
    panel = root.get_by_role("dialog", name="Answer settings")
    panel.get_by_label("System prompt").fill("Be brief.")
    before = transcript.evaluate("element => element.scrollTop")
    gate.open()
    notebook.chat.expect_status("complete")
    assert transcript.evaluate("element => element.scrollTop") > before
    expect(panel).to_be_visible()
    expect(panel.get_by_label("System prompt")).to_have_value("Be brief.")


@only_jupyterlab
def test_a_popup_closes_when_its_button_moves_and_not_before(notebook: Notebook, server: ModelServer) -> None:
    root = shown(notebook, server, "print('a\\n' * 100)")
    notebook.run(1)
    notebook.page.set_viewport_size({"width": 1280, "height": 700})
    root.get_by_role("button", name="Answer settings").click()
    dialog = root.get_by_role("dialog", name="Answer settings")
    expect(dialog.get_by_label("System prompt")).to_be_focused()
    scroller = notebook.page.locator(".jp-WindowedPanel-outer")
    # A host that scrolls to what is in view already does the same.
    told = "scroller => { scroller.dispatchEvent(new Event('scroll')); return new Promise(requestAnimationFrame); }"
    scroller.evaluate(told)
    expect(dialog).to_be_visible()
    scroller.evaluate("scroller => scroller.scrollBy(0, 60)")
    expect(dialog).to_be_hidden()
