"""The API reference in the static site has all that the package offers, and loads nothing from elsewhere."""

import html
import re
from pathlib import Path

import pytest

import chatwidget

PAGE = Path(__file__).parents[1] / "build" / "lite" / "api" / "chatwidget.html"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text("utf-8")


@pytest.mark.parametrize("name", chatwidget.__all__)
def test_each_public_name_has_its_place(page, name):
    assert f'id="{name}"' in page


def test_methods_are_there_with_their_docstrings(page):
    for method in ("ask", "ask_async", "export", "save"):
        said = getattr(chatwidget.ChatWidget, method).__doc__.split(".")[0].split("`")[0]
        assert f'id="ChatWidget.{method}"' in page
        assert re.sub(r"\s+", " ", said) in re.sub(r"\s+", " ", page)


def test_the_constructor_says_more_than_that_of_its_bases(page):
    assert "Public constructor" not in page
    assert "What each of these is, the class says." in page


def test_signatures_name_types_that_are_explained_once(page):
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    assert "attachments: Attachment | Iterable[Attachment] = ()" in text
    assert text.count("The path of a file, the URL of an image") == 1


def test_nothing_is_loaded_from_elsewhere(page):
    assert not re.findall(r"""<(?:script|link|img)\b[^>]*(?:src|href)=["']?(?:https?:)?//""", page)
