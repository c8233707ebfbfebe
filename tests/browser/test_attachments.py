"""Files with a message: pasted, dropped and chosen; shown, removed, refused in words, and sent."""

import base64
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser._chat import chat_cell
from tests.browser._files import PNG, Drag, allow_clipboard, copy, file, paste_files
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

DATA_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
IMAGE_PART = {"type": "image_url", "image_url": {"url": DATA_URL}}


def chips_of(notebook: Notebook) -> Locator:
    return notebook.chat.root.locator(".chatwidget-composer .chatwidget-chip")


def problem_of(notebook: Notebook) -> Locator:
    return notebook.chat.root.locator(".chatwidget-problem")


def picker_of(notebook: Notebook) -> Locator:
    return notebook.chat.root.locator("input[type=file]")


def content_of(server: ModelServer, count: int = 1) -> Any:
    """What the server was sent as the last message."""
    return server.wait_for_request(count).json["messages"][-1]["content"]


def test_a_pasted_picture_is_shown_and_sent(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    chat = notebook.chat
    allow_clipboard(notebook.page)
    copy(notebook.page, png=PNG)
    chat.input.press_sequentially("What is this?")
    chat.input.press("Control+V")
    expect(chips_of(notebook)).to_have_count(1)
    expect(chips_of(notebook).locator("img")).to_be_visible()
    chat.input.press("Enter")
    text, picture = content_of(server)
    assert text == {"type": "text", "text": "What is this?"}
    assert picture["image_url"]["url"].startswith("data:image/png;base64,")
    expect(chips_of(notebook)).to_have_count(0)
    expect(chat.messages.first.locator("img")).to_be_visible()
    chat.expect_status("complete")


@only_jupyterlab
def test_cells_of_a_spreadsheet_are_pasted_as_text(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    allow_clipboard(notebook.page)
    copy(notebook.page, text="1\t2", png=PNG)
    notebook.chat.input.press("Control+V")
    expect(notebook.chat.input).to_have_value("1\t2")
    expect(chips_of(notebook)).to_have_count(0)


def test_files_are_chosen_and_arrive_as_what_they_are(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    with notebook.page.expect_file_chooser() as chooser:
        notebook.chat.root.get_by_role("button", name="Attach files").click()
    assert chooser.value.is_multiple()
    chooser.value.set_files(
        [
            file("plot.png", "image/png", PNG),
            file("data.csv", "text/csv", b"a,b\n1,2\n"),
            file("Makefile", "", "all: ¡olé!\n".encode()),
            file("paper.pdf", "application/pdf", b"%PDF-1.7"),
            file("talk.wav", "audio/x-wav", b"RIFF"),
        ]
    )
    expect(chips_of(notebook)).to_have_count(5)
    expect(chips_of(notebook).nth(1)).to_contain_text("data.csv")
    expect(chips_of(notebook).nth(1)).to_contain_text("1 kB")
    expect(notebook.chat.input).to_be_focused()
    notebook.page.keyboard.press("Enter")
    parts = content_of(server)
    assert parts[0] == IMAGE_PART
    assert "data.csv" in parts[1]["text"]
    assert "a,b\n1,2\n" in parts[1]["text"]
    assert "all: ¡olé!" in parts[2]["text"]
    assert parts[3]["file"]["filename"] == "paper.pdf"
    assert parts[3]["file"]["file_data"].startswith("data:application/pdf;base64,")
    assert parts[4]["input_audio"] == {"data": base64.b64encode(b"RIFF").decode(), "format": "wav"}


def test_files_whose_names_and_types_are_wrong_arrive_as_what_they_are(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    jpeg = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(20)
    chips = chips_of(notebook)
    paste_files(
        notebook.chat.input,
        file("photo.png", "image/png", jpeg),
        file("data.csv", "application/vnd.ms-excel", "姓名,城市\n张三,北京\n".encode("gb18030")),
        file("ville.csv", "text/csv", "prénom;ville\nZoé;Orléans\n".encode("cp1252")),
        file("table.txt", "text/plain", "größe;12\n".encode("utf-16")),
        file("page.png", "image/png", b"<html>not found</html>"),
        file("archive.png", "image/png", b"PK\x03\x04\x00\x00\x00\x00nothing.xml"),
    )
    expect(chips).to_have_count(5)
    expect(problem_of(notebook)).to_contain_text("archive.png was not attached: models accept images")
    expect(chips.first.locator("img")).to_have_attribute(
        "src", f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
    )
    notebook.chat.send("")
    photo, *texts = content_of(server)
    assert photo["image_url"]["url"].startswith("data:image/jpeg;base64,")
    for part, text in zip(texts, ("张三,北京", "Zoé;Orléans", "größe;12", "not found"), strict=True):
        assert text in part["text"]


def test_an_office_file_that_nothing_can_read_is_refused_and_not_lost(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "import sys; sys.modules['openpyxl'] = None")
    notebook.run_all()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    paste_files(notebook.chat.input, file("book.xlsx", "", archive.getvalue()))
    expect(chips_of(notebook)).to_have_count(1)
    notebook.chat.send("What is in it?")
    expect(notebook.chat.root).to_contain_text("book.xlsx was not attached: models accept images")
    expect(notebook.chat.root).to_contain_text("run `%pip install openpyxl`")
    expect(notebook.chat.root.locator('[data-state="lost"]')).to_contain_text("What is in it?")


@only_jupyterlab
def test_files_are_dropped_on_the_chat_and_nowhere_else(
    notebook: Notebook, server: ModelServer, tmp_path: Path
) -> None:
    notebook.open(chat_cell(server), "1 + 1")
    notebook.run(0)
    (tmp_path / "notes.md").write_text("# Notes")
    (tmp_path / "folder").mkdir()
    hint = notebook.chat.root.locator(".chatwidget-drop")
    drag = Drag(notebook.page, [tmp_path / "notes.md", tmp_path / "folder"])
    drag.over(notebook.cell(1))
    expect(hint).to_be_hidden()
    drag.over(notebook.chat.root)
    expect(hint).to_be_visible()
    drag.over(notebook.cell(1))
    expect(hint).to_be_hidden()
    drag.over(notebook.chat.root)
    drag.drop()
    expect(hint).to_be_hidden()
    expect(chips_of(notebook)).to_have_count(1)
    expect(chips_of(notebook)).to_contain_text("notes.md")
    expect(problem_of(notebook)).to_contain_text("folder is a folder")
    notebook.chat.send("")
    assert "# Notes" in str(content_of(server))


@only_jupyterlab
def test_files_are_removed_by_click_and_by_key(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    paste_files(notebook.chat.input, *[file(f"{name}.txt", "text/plain", b"x") for name in "abcd"])
    chips = chips_of(notebook)
    expect(chips).to_have_count(4)
    chips.nth(1).get_by_role("button").click()
    expect(chips.locator(".chatwidget-chip-name")).to_have_text(["a.txt", "c.txt", "d.txt"])
    expect(chips.nth(1).get_by_role("button")).to_be_focused()
    notebook.page.keyboard.press("Delete")
    expect(chips.locator(".chatwidget-chip-name")).to_have_text(["a.txt", "d.txt"])
    notebook.page.keyboard.press("Backspace")
    expect(chips.locator(".chatwidget-chip-name")).to_have_text(["a.txt"])
    notebook.page.keyboard.press("Enter")
    expect(chips).to_have_count(0)
    expect(notebook.chat.input).to_be_focused()
    expect(notebook.cells).to_have_count(1)


@only_jupyterlab
def test_r22_what_cannot_go_is_refused_in_words(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    paste_files(
        notebook.chat.input,
        file("archive.zip", "application/zip", b"PK\xff\xfe"),
        file("nothing.txt", "text/plain", b""),
        file("huge.png", "image/png", b"\xff" * 6_400_000),
        file("good.txt", "text/plain", b"good"),
    )
    problem = problem_of(notebook)
    expect(problem).to_contain_text("archive.zip was not attached: models accept images")
    expect(problem).to_contain_text("nothing.txt is empty")
    expect(problem).to_contain_text("huge.png (6.4 MB) was not attached: a message can have at most 6.29 MB")
    expect(chips_of(notebook)).to_have_count(1)
    paste_files(notebook.chat.input, file("half.png", "image/png", PNG + b"\xff" * 4_000_000))
    expect(problem).to_be_hidden()
    paste_files(notebook.chat.input, file("more.png", "image/png", PNG + b"\xff" * 3_000_000))
    expect(problem).to_contain_text("more.png")
    expect(chips_of(notebook)).to_have_count(2)
    notebook.chat.input.fill("x" * 4_000_000)
    expect(problem).to_contain_text("together are over 8 MiB")
    notebook.chat.input.press("Enter")
    expect(chips_of(notebook)).to_have_count(2)
    notebook.chat.input.fill("")
    notebook.chat.input.press("Enter")
    assert len(content_of(server)) == 2


@pytest.mark.own_page
@only_jupyterlab
def test_send_waits_for_a_file_that_is_being_read(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    notebook.page.evaluate(
        """() => {
            const read = FileReader.prototype.readAsDataURL;
            FileReader.prototype.readAsDataURL = function (file) {
                window.readOn = () => read.call(this, file);
            };
        }"""
    )
    paste_files(notebook.chat.input, file("slow.png", "image/png", PNG))
    expect(chips_of(notebook)).to_contain_text("reading…")
    notebook.chat.send("Look")
    expect(notebook.chat.root.locator(".chatwidget-send")).to_be_disabled()
    expect(notebook.chat.input).to_have_value("Look")
    notebook.page.evaluate("window.readOn()")
    assert content_of(server) == [{"type": "text", "text": "Look"}, IMAGE_PART]


@only_jupyterlab
def test_files_are_part_of_the_draft(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server), "chat")
    notebook.run_all()
    paste_files(notebook.chats(1).input, file("kept.png", "image/png", PNG))
    expect(chips_of(notebook)).to_have_count(0)
    notebook.run(1)
    kept = notebook.chats(1).root.locator(".chatwidget-composer .chatwidget-chip")
    expect(kept).to_contain_text("kept.png")
    notebook.chats(1).send("")
    assert content_of(server) == [IMAGE_PART]


@pytest.mark.own_page
@only_jupyterlab
def test_what_was_lost_comes_back_with_its_files(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run(0)
    notebook.shut_down_kernel()
    paste_files(notebook.chat.input, file("plot.png", "image/png", PNG))
    expect(chips_of(notebook).locator("img")).to_be_visible()
    notebook.chat.send("Look")
    row = notebook.chat.root.locator(".chatwidget-queued")
    expect(row.locator(".chatwidget-chip")).to_contain_text("plot.png")
    expect(row).to_have_attribute("data-state", "lost", timeout=40_000)
    row.get_by_role("button", name="Edit").click()
    expect(notebook.chat.input).to_have_value("Look")
    expect(chips_of(notebook)).to_contain_text("plot.png")
