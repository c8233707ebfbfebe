"""What a developer sets for the views."""

import pytest

from chatwidget import SettingsError
from chatwidget._widget.appearance import height_of, locale_of, starters_of, titles_of


@pytest.mark.parametrize(
    ("given", "height"),
    [(400, "400px"), (12.5, "12.5px"), ("30em", "30em"), ("400", "400px"), (" 50vh ", "50vh"), (None, None)],
)
def test_a_height_is_a_number_of_pixels_or_a_length(given, height):
    assert height_of(given) == height


@pytest.mark.parametrize(
    "given", [0, -1, True, float("nan"), float("inf"), "", "tall", "1px;color:red", "calc(1px)", [1], "1e9px", "٤px"]
)
def test_what_is_no_height_is_refused(given):
    with pytest.raises(SettingsError, match="height must be"):
        height_of(given)


@pytest.mark.parametrize("tag", ["en", "es-MX", "zh_Hant_TW", None])
def test_a_locale_is_a_language_tag(tag):
    assert locale_of(tag) == tag


@pytest.mark.parametrize("tag", ["", "e", "es MX", "<b>", "español"])
def test_what_is_no_locale_is_refused(tag):
    with pytest.raises(SettingsError, match="language tag"):
        locale_of(tag)


def test_a_starter_is_written_in_three_ways():
    given = ["Hi?", ("Short", "A long question?"), {"label": "L", "text": "T"}, {"text": "T"}, "\ud83d"]
    assert starters_of(given) == [
        {"label": "Hi?", "text": "Hi?"},
        {"label": "Short", "text": "A long question?"},
        {"label": "L", "text": "T"},
        {"label": "T", "text": "T"},
        {"label": "\ufffd", "text": "\ufffd"},
    ]


@pytest.mark.parametrize("given", ["Hi?", {"label": "a"}, 3, None])
def test_starters_are_a_list(given):
    with pytest.raises(SettingsError, match="starters must be a list"):
        starters_of(given)


@pytest.mark.parametrize("starter", ["", " ", ("a",), ("a", ""), ("a", "b", "c"), {"label": "a"}, 3, None, ("a", 3)])
def test_what_is_no_starter_is_refused_by_its_place(starter):
    with pytest.raises(SettingsError, match=r"starters\[1\]"):
        starters_of(["fine", starter])


def test_titles_are_text_by_text():
    assert titles_of({"f": "*F* \ud83d"}) == {"f": "*F* \ufffd"}
    with pytest.raises(SettingsError, match=r"tool_titles\['f'\]"):
        titles_of({"f": 3})
