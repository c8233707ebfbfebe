"""Files that a person sends along, as content parts."""

import base64

import pytest

from chatwidget import ConversationError
from chatwidget._content.attachments import Attachment, content_like, content_with
from chatwidget._conversation.normalize import message_dict

PNG = b"\x89PNG\r\n\x1a\n\0\0"
PDF = b"%PDF-1.7\xff"


def attached(name, mime, raw):
    return Attachment(name, mime, base64.b64encode(raw).decode())


def part(name, mime, raw):
    [found] = content_with("", [attached(name, mime, raw)])
    message_dict({"role": "user", "content": [found]})
    return found


def test_text_alone_stays_text():
    assert content_with("hi", []) == "hi"


def test_an_image_is_a_data_url():
    url = "data:image/png;base64," + base64.b64encode(PNG).decode()
    assert content_with("What is it?", [attached("a.png", "image/png", PNG)]) == [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": url}, "alt": "a.png"},
    ]


@pytest.mark.parametrize(
    ("mime", "kind"), [("audio/wav", "wav"), ("audio/x-wav", "wav"), ("audio/mpeg", "mp3"), ("Audio/MPEG; x=1", "mp3")]
)
def test_a_sound_is_input_audio(mime, kind):
    assert part("a", mime, b"RIFF\xff")["input_audio"] == {"data": "UklGRv8=", "format": kind}


@pytest.mark.parametrize(
    ("name", "mime", "raw"),
    [
        ("a.txt", "text/plain", b"a < b"),
        ("a.csv", "text/csv;charset=utf-8", b"\xef\xbb\xbfa < b"),
        ("a.json", "application/json", b"a < b\n"),
        ("a.ipynb", "application/x-ipynb+json", b"a < b"),
        ("a.svg", "image/svg+xml", b"a < b"),
        ("a.py", "", b"a < b"),
        ("a.jl", "application/octet-stream", b"a < b"),
        ("a.txt", "text/plain", "a < b".encode("utf-16")),
    ],
)
def test_a_text_file_is_text_under_its_name(name, mime, raw):
    assert part(name, mime, raw) == {"type": "text", "text": f"{name}:\n```\na < b\n```"}


def test_no_text_closes_its_fence():
    assert part("a.md", "text/markdown", b"```\nx\n````\n")["text"] == "a.md:\n`````\n```\nx\n````\n`````"


@pytest.mark.parametrize(
    ("name", "mime"),
    [("a.pdf", "application/pdf"), ("a.bin", ""), ("a.txt", "text/plain"), ("a", 'x/y"><script>')],
)
def test_a_pdf_is_a_file_by_whatever_name(name, mime):
    data = "data:application/pdf;base64," + base64.b64encode(PDF).decode()
    assert part(name, mime, PDF) == {"type": "file", "file": {"filename": name, "file_data": data}}


@pytest.mark.parametrize(
    ("name", "kept"), [("/home/me/a.pdf", "a.pdf"), ("C:\\me\\a.pdf", "a.pdf"), (" ", "file"), ("../..", "..")]
)
def test_of_a_path_the_name_is_kept(name, kept):
    assert part(name, "application/pdf", PDF)["file"]["filename"] == kept


@pytest.mark.parametrize("data", ["AAA", "AA A", "A\nAA", "é", "====", "data:image/png;base64,AAAA"])
def test_what_did_not_arrive_whole_is_refused_by_its_name(data):
    with pytest.raises(ConversationError, match=r"cat\.png .* again"):
        content_with("", [Attachment("cat.png", "image/png", data)])


def test_an_empty_file_is_refused():
    with pytest.raises(ConversationError, match=r"cat\.png is empty"):
        content_with("", [Attachment("cat.png", "image/png", "")])


def test_a_new_version_keeps_what_the_old_one_brought():
    files = [attached("a.png", "image/png", PNG), attached("a.py", "", b"x = 1")]
    assert content_like(content_with("old", files), "new") == content_with("new", files)
    assert content_like(content_with("", files), "new") == content_with("new", files)
    assert content_like("old", "new") == "new"


def test_a_new_version_without_text_is_the_files_alone():
    files = [attached("a.png", "image/png", PNG)]
    assert content_like(content_with("old", files), " ") == content_with("", files)
