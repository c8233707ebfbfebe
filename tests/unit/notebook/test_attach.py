"""Attachments from Python: what `{x}` takes, by the same road; files by name; never cut in silence."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from chatwidget import ConversationError
from chatwidget._notebook.attach import with_attached
from chatwidget._notebook.variables import filled
from tests.unit.chat.test_questions import half
from tests.unit.transports.test_function import IMAGE, Figure

FRAME = pd.DataFrame({"city": ["La Paz", "Oslo", "Oslo"], "height": [3640, 23, None]})
POLARS = pl.DataFrame({"city": ["La Paz", "Oslo", "Oslo"], "height": [3640, 23, None]})
VALUES = {
    "frame": FRAME,
    "series": FRAME["height"],
    "polars": POLARS,
    "polars_series": pl.Series("height", [3640, 23]),
    "array": np.arange(12).reshape(3, 4),
    "numbers": np.arange(3),
    "grouped": FRAME.groupby("city"),
    "index": FRAME.index,
    "data": {"k": 1, "type": 3},
    "nested": {"a.b": [1, 2]},
    "function": half,
    "module": np,
    "text": ["a", "b"],
}


@pytest.fixture
def namespace(monkeypatch):
    for module in ("attach", "variables"):
        monkeypatch.setattr(f"chatwidget._notebook.{module}.notebook", lambda: VALUES)


@pytest.mark.usefixtures("namespace")
@pytest.mark.parametrize("name", [name for name in VALUES if name not in {"data", "nested", "text"}])
def test_a_value_is_attached_as_braces_bring_it(name):
    [question, part] = with_attached("What is it?", VALUES[name], str)
    assert question == {"type": "text", "text": "What is it?"}
    assert part == filled(f"{{{name}}}", VALUES, str)[1]
    assert part["text"].startswith(f"{name} (")
    assert with_attached("What is it?", [VALUES[name]], str) == [question, part]


@pytest.mark.usefixtures("namespace")
def test_data_that_braces_write_into_the_text_is_attached_under_its_name():
    parts = with_attached("", [VALUES["data"], VALUES["nested"], VALUES["text"]], str)
    assert [part["text"] for part in parts] == [
        "data (dict):\n```\n{'k': 1, 'type': 3}\n```",
        "nested (dict):\n```\n{'a.b': [1, 2]}\n```",
        "text (list):\n```\n['a', 'b']\n```",
    ]
    assert with_attached("", [VALUES["frame"], *VALUES["text"][:0]], str) != []


def test_a_group_is_described_by_its_sizes():
    [part] = with_attached("", FRAME.groupby("city"), str)
    assert part["text"].startswith(
        "DataFrameGroupBy (DataFrameGroupBy):\n```\n2 groups by city: Oslo (2), La Paz (1)\n"
    )
    assert "| 0 | La Paz | 3640 |" in part["text"]


@pytest.mark.parametrize(
    ("groups", "sizes"),
    [
        (FRAME.groupby(lambda index: index % 2), "2 groups: 0 (2), 1 (1)\n\n"),
        (FRAME.groupby("city")["height"], "2 groups by city: Oslo (2), La Paz (1)\n\n"),
        (FRAME.iloc[:0].groupby("city"), "0 groups by city\n\n"),
        (POLARS.group_by("city"), "2 groups by city: Oslo (2), La Paz (1)\n\n"),
        (POLARS.group_by("city", "height"), "3 groups by city, height: ("),
    ],
)
def test_groups_of_any_kind_are_described_by_their_sizes(groups, sizes):
    [part] = with_attached("", groups, str)
    assert f"\n{sizes}" in part["text"]


def test_a_figure_is_attached_as_an_image():
    assert with_attached("", Figure(), str) == [{"type": "image_url", "image_url": {"url": IMAGE}, "alt": "Figure"}]


@pytest.mark.parametrize("frame", [FRAME, FRAME["height"], POLARS, pl.Series("height", [3640, 23])])
def test_a_dataframe_under_a_name_is_whole_csv(frame):
    csv = frame.to_csv() if hasattr(frame, "to_csv") else pl.DataFrame(frame).write_csv()
    [part] = with_attached("", {"heights.csv": frame}, str)
    assert part["text"] == f"heights.csv:\n```\n{csv}```"


def test_a_long_dataframe_is_whole_and_one_that_is_too_large_is_refused(monkeypatch):
    long = pd.DataFrame({"text": ["x" * 60] * 5000})
    [part] = with_attached("", {"long.csv": long}, str)
    assert part["text"].count("\n") == 5000 + 3
    monkeypatch.setattr("chatwidget._notebook.attach._LARGEST", 100_000)
    sentence = r"long\.csv \(0 MB\) was not attached: a file can have at most 0 MB"
    with pytest.raises(ConversationError, match=sentence):
        with_attached("", {"long.csv": long}, str)


def test_a_dataframe_that_is_far_too_large_is_not_even_written():
    huge = pd.DataFrame({"a": np.zeros(30_000_000, dtype="int8")})
    began = time.process_time()
    with pytest.raises(ConversationError, match=r"huge\.csv \(60 MB\) was not attached"):
        with_attached("", {"huge.csv": huge}, str)
    assert time.process_time() - began < 1


def test_texts_and_bytes_have_the_names_that_they_are_given():
    parts = with_attached("", [{"a.txt": "one", "b.md": b"two"}], lambda text: text.upper())
    assert [part["text"] for part in parts] == ["a.txt:\n```\nONE\n```", "b.md:\n```\ntwo\n```"]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"a.xlsx": FRAME}, r"a dataframe is attached as CSV: give it a name that ends in \.csv in place of a\.xlsx"),
        (3, "a value of type int cannot be attached: write it into the question"),
        ([None], "a value of type NoneType cannot be attached"),
        ("frame", "there is no file frame: to attach the variable, leave out the quotes"),
    ],
)
@pytest.mark.usefixtures("namespace")
def test_what_cannot_be_attached_is_said(value, sentence):
    with pytest.raises(ConversationError, match=sentence):
        with_attached("", value, str)


def test_nothing_is_attached_for_none_and_several_for_any_collection(tmp_path):
    paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for path in paths:
        path.write_text(path.stem)
    assert with_attached("q", None, str) == "q"
    for several in (paths, tuple(paths), iter(paths), (Path(path) for path in paths), dict.fromkeys(paths).keys()):
        assert [part["text"] for part in with_attached("", several, str)] == [
            "a.txt:\n```\na\n```",
            "b.txt:\n```\nb\n```",
        ]


def test_a_value_that_cannot_be_read_is_said():
    class Broken:
        def __repr__(self):
            message = "not now"
            raise RuntimeError(message)

    with pytest.raises(ConversationError, match="Broken could not be read, so it was not attached: RuntimeError: not"):
        with_attached("", [Broken()], str)
