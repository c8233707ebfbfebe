"""File types and texts determined from the contents, since names and declared types may be wrong.

Text is decoded by rules of our own, since the libraries that guess encodings are wrong about short files: they take two
names with accents for Korean. Byte-order marks and UTF-8 are unambiguous. For the other encodings, the decoded text has
to look like the language that the encoding is for.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import islice, zip_longest
from typing import Any, Final

from .._errors import ConversationError

_BEGINNINGS: Final = (
    (re.compile(rb"\x89PNG"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"%PDF"), "application/pdf"),
    (re.compile(rb"RIFF.{4}WAVE", re.DOTALL), "audio/wav"),
    (re.compile(rb"ID3[\x02-\x04]|\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef]"), "audio/mpeg"),
)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE: Final = 20_000
"""Bytes or characters that a guess is based on."""
_CONTROLS: Final = re.compile(r"[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f]")
_HIGH: Final = re.compile(rb"[\x80-\xff]+")
"""Bytes of non-ASCII characters: single in Western text, in pairs or longer runs in all other text."""
_MOSTLY: Final = 0.75
_LIKELY: Final = 0.9
"""Share of characters that must be common ones."""
_SOME: Final = 0.1
_NEARLY_ALL: Final = 0.99
_SURELY_KOREAN: Final = 8
"""Characters, if all are from the first syllables of the alphabet. Fewer may well be Chinese."""
_SURELY_CYRILLIC: Final = 4
"""Letters; twice as many if all are capitals. Fewer may well be accents, or Chinese."""
_RARE_IN_WESTERN: Final = re.compile(rb"[\x82\x83\x86-\x89\x8b\x98\x9b]")
"""Daggers and the like in cp1252, but usually the first half of a Japanese character."""

_OFFICE: Final = {
    "xl/workbook.xml": ("openpyxl", "openpyxl"),
    "word/document.xml": ("docx", "python-docx"),
    "ppt/presentation.xml": ("pptx", "python-pptx"),
}
"""For a file in the archive: the module that reads the document, and the package that provides it."""
_ARCHIVE: Final = re.compile(rb"PK[^\s -~]")
_LARGEST_UNPACKED: Final = 200_000_000
"""Bytes."""
_LONGEST: Final = 200_000
"""Characters of an office file, some 50,000 tokens."""
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[ >]")
_MOST_ROWS: Final = 1_048_576
"""The maximum in Excel. A damaged sheet may claim that its next row is the billionth."""
_WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACES: Final = {f"{_WORD}{name}": text for name, text in (("tab", "\t"), ("br", "\n"), ("cr", "\n"), ("p", "\n"))}
_NOT_SHOWN: Final = {
    f"{_WORD}pPr",
    f"{_WORD}moveFrom",
    # The same content again, for old programs.
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_REST: Final = "… (the rest is left out)"


def media_type(data: bytes | bytearray) -> str | None:
    """Return the media type of an image, a sound or a PDF that models accept; None for other data.

    Args:
        data: The contents of the file.

    """
    start = bytes(data[:16])
    return next((kind for beginning, kind in _BEGINNINGS if beginning.match(start)), None)


def text_in(data: bytes, *, is_cut: bool = False) -> str | None:
    """Return the text of a file; None if it is not a text file.

    Args:
        data: The contents of the file.
        is_cut: True if the end is missing, so that the last character may be incomplete.

    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data, encoding, is_cut=is_cut)
    if (text := _in_unmarked_utf_16(data, is_cut=is_cut)) is not None:
        return text
    if (text := _decoded(data, "utf-8", is_cut=is_cut)) is not None or b"\0" in data:
        return text
    if _ARCHIVE.match(data) or _CONTROLS.search(data[:_SAMPLE].decode("latin-1")):
        return None
    if _is_nearly_utf_8(data[:_SAMPLE]):
        return data.decode("utf-8", "replace")
    return _in_old_encoding(data, is_cut=is_cut)


def office_text(name: str, data: bytes) -> str | None:
    """Return the text of a document, workbook or presentation.

    Args:
        name: The name of the file, for errors.
        data: The contents of the file.

    Returns:
        The text; None for other files.

    Raises:
        ConversationError: The file is too large or cannot be read, or the package that reads it is not installed.

    """
    if not _ARCHIVE.match(data):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {member.filename: member.file_size for member in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    names = next((names for inside, names in _OFFICE.items() if inside in members), None)
    if names is None:
        return None
    module, package = names
    if sum(members.values()) > _LARGEST_UNPACKED:
        message = f"{name} was not attached: it is too large; attach only the part that the question is about"
        raise ConversationError(message)
    try:
        # The library leaves out parts that it does not know, and prints a warning.
        with warnings.catch_warnings(action="ignore"):
            return _within(_READERS[module](import_module(module), data), _LONGEST)
    except ImportError:
        message = f"{refusal(name)}. To attach the text of this file, run `%pip install {package}`, then try again"
        raise ConversationError(message) from None
    except Exception as error:
        message = f"{name} was not attached: it could not be read ({type(error).__name__}); save it as PDF or CSV"
        raise ConversationError(message) from error


def refusal(name: str) -> str:
    """Return the reason why a file cannot be sent, worded as in the view.

    Args:
        name: The name of the file.

    """
    return f"{name} was not attached: models accept images (PNG, JPEG, GIF, WebP), PDF, audio (WAV, MP3) and UTF-8 text"


def _decoded(data: bytes, encoding: str, *, is_cut: bool) -> str | None:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(data, final=not is_cut)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _in_unmarked_utf_16(data: bytes, *, is_cut: bool) -> str | None:
    """Return the text if of every two bytes, one is sometimes zero and the other never, as with ASCII in UTF-16."""
    sample = data[:_SAMPLE]
    is_even, is_odd = 0 in sample[::2], 0 in sample[1::2]
    if is_even == is_odd:
        return None
    text = _decoded(data, "utf-16-be" if is_even else "utf-16-le", is_cut=is_cut)
    return text if text is not None and all(map(_is_written, text[:_SAMPLE])) else None


def _is_written(char: str) -> bool:
    return char in "\t\n\r\f\x1b" or unicodedata.category(char) not in {"Cc", "Cn", "Co", "Cs"}


def _is_nearly_utf_8(data: bytes) -> bool:
    """Return True for UTF-8 with a few wrong bytes, as in a log shared by several programs."""
    text = data.decode("utf-8", "replace")
    wrong = text.count("\N{REPLACEMENT CHARACTER}")
    return sum(char > "\x7f" for char in text) > 4 * wrong


def _in_old_encoding(data: bytes, *, is_cut: bool) -> str | None:
    sample = data[:_SAMPLE]
    runs = [len(run) for run in _HIGH.findall(sample)]
    is_western = runs.count(1) >= _MOSTLY * len(runs) and len(_RARE_IN_WESTERN.findall(sample)) <= _SOME * len(runs)
    if is_western and (text := _decoded(data, "cp1252", is_cut=is_cut)) is not None:
        return text
    for encoding, is_likely in _OLD_ENCODINGS:
        text = _decoded(data, encoding, is_cut=is_cut)
        if text is not None and is_likely(text[:_SAMPLE], encoding):
            return text
    return None


def _first_bytes(text: str, encoding: str) -> list[int]:
    """Return the first byte of each non-ASCII character in `encoding`, which separates common from rare characters."""
    return [char.encode(encoding)[0] for char in text if char > "\x7f"]


def _share(first_bytes: list[int], *ranges: range) -> float:
    return sum(any(byte in byte_range for byte_range in ranges) for byte in first_bytes) / max(1, len(first_bytes))


def _is_euc_jp(text: str, encoding: str) -> bool:
    first_bytes = _first_bytes(text, encoding)
    kana = _share(first_bytes, range(0xA4, 0xA6))
    return kana > _SOME and _share(first_bytes, range(0xA1, 0xA6), range(0xB0, 0xD0)) > _LIKELY


def _is_korean(text: str, encoding: str) -> bool:
    first_bytes = _first_bytes(text, encoding)
    common = _share(first_bytes, range(0xA1, 0xA4), range(0xB0, 0xC9))
    return len(first_bytes) >= _SURELY_KOREAN and common > _NEARLY_ALL


def _is_simplified_chinese(text: str, encoding: str) -> bool:
    pairs = [pair for char in text if char > "\x7f" and len(pair := char.encode(encoding)) > 1]
    full = [pair[0] for pair in pairs if pair[1] in range(0xA1, 0xFF) and pair[0] not in range(0xA4, 0xB0)]
    common = sum(byte in range(0xA1, 0xD8) for byte in full)
    # Few characters were added later, but a name may contain one.
    return 5 * common >= 2 * len(pairs) and 3 * len(full) >= 2 * len(pairs)


def _is_traditional_chinese(text: str, encoding: str) -> bool:
    return _share(_first_bytes(text, encoding), range(0xA1, 0xC7)) > _LIKELY


def _is_shift_jis(text: str, encoding: str) -> bool:
    return _share(_first_bytes(text, encoding), range(0x81, 0x84), range(0x88, 0x98)) > _LIKELY


def _is_cyrillic(text: str, _: str) -> bool:
    """Return True if most letters are non-ASCII in words that have such a letter, unlike in Western languages."""
    words = [word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()]
    letters = "".join(words)
    cyrillic = sum("\u0400" <= char <= "\u04ff" for char in letters)
    return (
        len(letters) >= (_SURELY_CYRILLIC if any(map(str.islower, letters)) else 2 * _SURELY_CYRILLIC)
        and cyrillic > _LIKELY * len(letters)
        and cyrillic > _MOSTLY * sum(char > "\x7f" for char in text)
        and not any(map(_has_capitals_inside, words))
    )


def _has_capitals_inside(word: str) -> bool:
    return word[1:].lower() != word[1:] and word.upper() != word


def _is_western(text: str, _: str) -> bool:
    return sum(char > "\x7f" and char.isalpha() for char in text) * 2 <= len(text) + 3


_OLD_ENCODINGS: Final[tuple[tuple[str, Callable[[str, str], bool]], ...]] = (
    ("cp1251", _is_cyrillic),
    ("euc_jp", _is_euc_jp),
    ("cp949", _is_korean),
    ("gb18030", _is_simplified_chinese),
    ("big5", _is_traditional_chinese),
    ("cp932", _is_shift_jis),
    ("cp1252", _is_western),
)
"""The most specific first: no other decoding yields words in small letters after the first one, or kana."""


def _cells_of(openpyxl: Any, data: bytes) -> Iterator[str]:
    sheets = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets
    formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True).worksheets if _has_formulas(data) else []
    for sheet, same_sheet in zip_longest(sheets, formulas):
        yield f"## {sheet.title}"
        rows = _rows_of(sheet)
        if same_sheet is not None:
            rows = map(_filled, rows, _rows_of(same_sheet))
        for cells in rows:
            if any(cell is not None for cell in cells):
                yield _csv_line(cells).rstrip(",")


def _has_formulas(data: bytes) -> bool:
    """Return True if there are formulas, which deserve a second pass: files written by programs lack their results."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = (name for name in archive.namelist() if name.startswith("xl/worksheets/"))
        return any(_FORMULA.search(archive.read(name)) for name in sheets)


def _filled(values: Iterable[Any], formulas: Iterable[Any]) -> list[Any]:
    return [
        getattr(formula, "text", formula) if value is None else value
        for value, formula in zip(values, formulas, strict=True)
    ]


def _rows_of(sheet: Any) -> Iterator[Sequence[Any]]:
    # The declared size may be wrong, or a million rows; without it, rows end with their last cell.
    sheet.reset_dimensions()
    return islice(sheet.iter_rows(values_only=True), _MOST_ROWS)


def _paragraphs_of(docx: Any, data: bytes) -> Iterator[str]:
    return _blocks_in(docx.Document(io.BytesIO(data)).element.body)


def _blocks_in(parent: Any) -> Iterator[str]:
    """Yield paragraphs and table rows, including those in forms and tracked changes, which the library leaves out."""
    for child in parent:
        if child.tag == f"{_WORD}p":
            yield "".join(_text_in(child))
        elif child.tag == f"{_WORD}tr":
            yield _csv_line(["\n".join(_blocks_in(cell)) for cell in child.iterchildren(f"{_WORD}tc")])
        elif child.tag not in _NOT_SHOWN:
            yield from _blocks_in(child)


def _text_in(parent: Any) -> Iterator[str]:
    for child in parent:
        if child.tag == f"{_WORD}t":
            yield child.text or ""
        elif child.tag not in _NOT_SHOWN:
            yield _SPACES.get(child.tag, "")
            yield from _text_in(child)


def _slides_of(pptx: Any, data: bytes) -> Iterator[str]:
    for number, slide in enumerate(pptx.Presentation(io.BytesIO(data)).slides, 1):
        yield f"## Slide {number}"
        yield from _shapes_in(slide.shapes)
        if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame) is not None and notes.text.strip():
            yield f"Notes: {notes.text}"


def _shapes_in(shapes: Any) -> Iterator[str]:
    for shape in shapes:
        if shape.has_text_frame and shape.text_frame.text.strip():
            yield shape.text_frame.text
        if shape.has_table:
            yield from (_csv_line([cell.text for cell in row.cells]) for row in shape.table.rows)
        yield from _shapes_in(getattr(shape, "shapes", ()))


_READERS: Final[Mapping[str, Callable[[Any, bytes], Iterator[str]]]] = {
    "openpyxl": _cells_of,
    "docx": _paragraphs_of,
    "pptx": _slides_of,
}


def _csv_line(cells: Sequence[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _within(lines: Iterator[str], room: int) -> str:
    kept: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            kept.append(_REST)
            break
        kept.append(line)
    return "\n".join(kept)
