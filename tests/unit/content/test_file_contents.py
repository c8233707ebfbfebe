"""Files that lie: what is in them decides, by whichever way they come."""

from __future__ import annotations

import base64
import io
import json
import sys
import types
import zipfile
from pathlib import Path

import pytest

from chatwidget import ConversationError
from chatwidget._content.attachments import Attachment, content_with
from chatwidget._content.file_contents import media_type, office_text, text_in
from chatwidget._notebook.attach import with_attached
from chatwidget._notebook.context import Context
from chatwidget._tools.results import content_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(20)
GIF = b"GIF89a" + bytes(20)
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8 " + bytes(20)
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(20)
MP3 = b"ID3\x03\x00\x00" + bytes(20)

TEXTS = [
    *(
        ("cp1252", text)
        for text in (
            "prénom;ville\nZoé;Orléans\n",
            "Maß;Größe\n5 €;…\n",
            "¿Y el niño?",
            "“naïve”",
            "thé",
            "Heizung;21,5 °C\n",
            "5 µg",
            "Œuvre",
            "Älvö;Åäö;Råttfälla\n",
        )
    ),
    *(
        ("gb18030", text)
        for text in (
            "编号,水果\n1,香蕉\n2,葡萄\n",
            "早上好",
            "温度、二十度。",
            "id,name\n1,Li Wei 李玮,Shenzhen 深圳\n",
            "朱镕基",
        )
    ),
    *(("shift_jis", text) for text in ("商品,値段\nりんご,120\n", "ありがとう")),
    *(("euc_jp", text) for text in ("商品,値段\nりんご,120\n", "ありがとう")),
    ("big5", "編號,水果\n1,香蕉\n2,葡萄與蘋果\n"),
    ("euc_kr", "과일,가격\n사과와 바나나,포도\n"),
    *(
        ("cp1251", text)
        for text in ("Дата;Цена\nМай;12\n", "Здравствуйте", "ИМЯ;ГОРОД\nИГОРЬ;КАЗАНЬ\n")  # noqa: RUF001
    ),
    *((encoding, "größe;城市\n") for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32")),
    *(
        (encoding, text)
        for encoding in ("utf-16-le", "utf-16-be")
        for text in ("größe;Straße\n", "编号,水果\n1,香蕉\n", "Имя, город\n")
    ),
]


def in_archive(*names: str, size: int = 1) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, "x" * size)
    return data.getvalue()


def uploaded(name: str, mime: str, data: bytes) -> object:
    [part] = content_with("", [Attachment(name, mime, base64.b64encode(data).decode())])
    return part


def attached(path: Path) -> object:
    [part] = with_attached("", path, str)  # type: ignore[misc]
    return part


@pytest.mark.parametrize(
    ("data", "kind"),
    [(PNG, "image/png"), (JPEG, "image/jpeg"), (GIF, "image/gif"), (WEBP, "image/webp")],
    ids=["png", "jpeg", "gif", "webp"],
)
@pytest.mark.parametrize("name", ["photo.png", "photo.jpg", "photo.txt", "photo", "photo.pdf"])
def test_a_picture_is_what_its_first_bytes_say(tmp_path, data, kind, name):
    url = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    picture = {"type": "image_url", "image_url": {"url": url}, "alt": name}
    file = tmp_path / name
    file.write_bytes(data)
    assert attached(file) == picture
    assert with_attached("", data, str) == [{**picture, "alt": "data"}]
    assert uploaded(name, "image/png", data) == picture
    assert Context([file], lambda _: False).parts(str, 4000)[1] == picture
    del picture["alt"]
    assert content_of(data) == [picture]


@pytest.mark.parametrize(("data", "kind"), [(WAV, "wav"), (MP3, "mp3")])
@pytest.mark.parametrize("mime", ["audio/wav", "audio/mpeg", "text/plain", ""])
def test_a_sound_is_what_its_first_bytes_say(data, kind, mime):
    assert uploaded("talk.wav", mime, data)["input_audio"]["format"] == kind


@pytest.mark.parametrize("mime", ["audio/mpeg", "audio/wav"])
def test_a_page_that_was_saved_as_a_sound_is_text(mime):
    assert "404" in uploaded("talk", mime, b"<html>404</html>")["text"]


def test_a_page_that_was_saved_as_a_picture_is_text(tmp_path):
    file = tmp_path / "photo.png"
    file.write_text("<html>404</html>")
    assert attached(file) == {"type": "text", "text": "photo.png:\n```\n<html>404</html>\n```"}
    assert "404" in str(Context([file], lambda _: False).parts(str, 4000))


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_text_is_decoded_from_whichever_encoding(tmp_path, encoding, text):
    data = text.encode(encoding)
    assert text_in(data) == text
    file = tmp_path / "data.csv"
    file.write_bytes(data)
    assert text.strip() in attached(file)["text"]
    assert text.strip() in uploaded("data.csv", "text/csv", data)["text"]
    assert text.strip() in uploaded("data.csv", "application/vnd.ms-excel", data)["text"]
    assert text.strip() in Context([file], lambda _: False).parts(str, 4000)[0]["text"]


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_of_a_long_file_the_beginning_is_decoded(encoding, text):
    lines = (text + "\n") * 2000
    data = lines.encode(encoding)
    for end in range(9001, 9006):
        found = text_in(data[:end], is_cut=True)
        assert found is not None
        assert lines.startswith(found)


def test_a_wrong_byte_leaves_the_rest_of_utf_8_readable():
    assert (
        text_in("Grüße aus Köln, Müller\n".encode() + b"\xff\n")
        == "Grüße aus Köln, Müller\n\N{REPLACEMENT CHARACTER}\n"
    )


@pytest.mark.parametrize(
    "data",
    [
        *(
            b"MZ\x90\0\3\0\0\0\4\0",
            b"\x7fELF\2\1\1\0\0",
            b"\x1f\x8b\x08\0\0\1",
            in_archive("a.txt"),
            b"\xd0\xcf\x11\xe0\xa1\xb1",
        ),
        *(b"PK\xff\xfe", b"\1\0\2\0\3\0\4\0", b"BM\x36\0\0\0\0\0", b"\x80\x04\x95\0\x8c\x01", bytes(range(256))),
    ],
)
def test_what_no_model_takes_is_refused_by_its_name(tmp_path, data):
    for name, mime in (("thing.png", "image/png"), ("thing.txt", "text/plain"), ("thing", "")):
        with pytest.raises(ConversationError, match=rf"^{name} was not attached: models accept images"):
            uploaded(name, mime, data)
    file = tmp_path / "thing.csv"
    file.write_bytes(data)
    with pytest.raises(ConversationError, match=r"^thing\.csv was not attached: models accept images"):
        attached(file)
    assert "no text, not sent" in str(Context([file], lambda _: False).parts(str, 4000))


@pytest.mark.parametrize(
    ("inside", "package"),
    [
        ("xl/workbook.xml", "openpyxl"),
        ("word/document.xml", "python-docx"),
        ("ppt/presentation.xml", "python-pptx"),
    ],
)
def test_without_what_reads_it_an_office_file_is_refused_with_what_to_install(tmp_path, monkeypatch, inside, package):
    for module in ("openpyxl", "docx", "pptx"):
        monkeypatch.setitem(sys.modules, module, None)
    file = tmp_path / "report.bin"
    file.write_bytes(in_archive(inside))
    with pytest.raises(ConversationError, match=rf"^report\.bin was not attached: .* run `%pip install {package}`"):
        attached(file)
    assert f"`%pip install {package}`" in str(Context([file], lambda _: False).parts(str, 4000))


def test_an_office_file_that_is_damaged_or_unpacks_endlessly_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", types.ModuleType("openpyxl"))
    with pytest.raises(ConversationError, match=r"book\.xlsx was not attached: it could not be read"):
        office_text("book.xlsx", in_archive("xl/workbook.xml"))
    with pytest.raises(ConversationError, match=r"book\.xlsx was not attached: it is too large"):
        office_text("book.xlsx", in_archive("xl/workbook.xml", size=120_000_000))


def test_a_workbook_is_its_cells_by_sheet(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "Fruit"
    for row in (["name", "price"], ["Äpfel, rot", 1.5], [], ["pear", None]):
        book.active.append(row)
    book.create_sheet("Empty")
    book.save(tmp_path / "book.docx")
    text = attached(tmp_path / "book.docx")["text"]
    assert text == 'book.docx:\n```\n## Fruit\nname,price\n"Äpfel, rot",1.5\npear\n## Empty\n```'
    assert "Äpfel" in str(Context([tmp_path / "book.docx"], lambda _: False).parts(str, 4000))


def test_of_a_workbook_nothing_is_lost(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"] = 2, "=A1*21"
    book.active["C1"] = openpyxl.worksheet.formula.ArrayFormula("C1", "=A1*5")
    book.active["A900000"] = "far below"
    book.save(tmp_path / "book.xlsx")
    # A size that a sheet tells need not be its own.
    changed = io.BytesIO()
    with zipfile.ZipFile(tmp_path / "book.xlsx") as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'ref="A1:C900000"', b'ref="A1"'))
    assert office_text("book.xlsx", changed.getvalue()) == "## Sheet\n2,=A1*21,=A1*5\nfar below"


def test_a_document_is_its_paragraphs_and_tables(tmp_path):
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_paragraph("First.")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "a", "b, c"
    document.add_paragraph("Last.")
    document.save(tmp_path / "letter.docx")
    assert 'First.\na,"b, c"\nLast.' in attached(tmp_path / "letter.docx")["text"]


def test_of_a_document_nothing_is_lost_and_nothing_twice():
    docx = pytest.importorskip("docx")
    document = docx.Document()
    body = document.element.body
    namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    word = lambda text: f"<w:r><w:t>{text}</w:t></w:r>"  # noqa: E731
    changes = f"<w:ins>{word('added')}</w:ins><w:moveFrom>{word('moved')}</w:moveFrom>"
    tabs = "<w:pPr><w:tabs><w:tab/></w:tabs></w:pPr>"
    cells = f"<w:tc><w:p>{word('wide')}</w:p></w:tc><w:tc><w:p>{word('b, c')}</w:p></w:tc>"
    for block in (
        f"<w:p {namespace}>{tabs}{word('a')}<w:r><w:tab/></w:r>{changes}</w:p>",
        f"<w:sdt {namespace}><w:sdtContent><w:p>{word('in a form')}</w:p></w:sdtContent></w:sdt>",
        f"<w:tbl {namespace}><w:tr>{cells}</w:tr></w:tbl>",
    ):
        body.insert(len(body) - 1, docx.oxml.parse_xml(block))
    data = io.BytesIO()
    document.save(data)
    assert office_text("letter.docx", data.getvalue()) == 'a\tadded\nin a form\nwide,"b, c"'


def test_a_presentation_is_its_slides(tmp_path):
    pptx = pytest.importorskip("pptx")
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[0])
    slide.shapes.title.text = "Growth"
    slide.notes_slide.notes_text_frame.text = "say why"
    box = slide.shapes.add_group_shape().shapes.add_textbox(0, 0, 9, 9)
    box.text_frame.text = "in a group"
    presentation.save(tmp_path / "talk.pptx")
    assert "## Slide 1\nGrowth\nin a group\nNotes: say why" in attached(tmp_path / "talk.pptx")["text"]


def test_what_is_far_too_large_is_refused_before_it_is_read(tmp_path):
    file = tmp_path / "log.txt"
    with file.open("wb") as written:
        written.truncate(10**11)
    with pytest.raises(ConversationError, match=r"^log\.txt \(100,000 MB\) was not attached: .* 50 MB"):
        attached(file)
    with pytest.raises(ConversationError, match=r"^data \(60 MB\) was not attached"):
        with_attached("", bytes(60_000_000), str)


def test_notebooks_and_other_text_by_odd_types_stay_text():
    notebook = json.dumps({"cells": []}).encode()
    assert "cells" in uploaded("a.ipynb", "video/mp4", notebook)["text"]


def test_no_media_are_seen_in_text():
    for text in (b"BM25", b"ID3 is a tree", b"RIFF", b"GIF87 was first", b"\x89"):
        assert media_type(text) is None
