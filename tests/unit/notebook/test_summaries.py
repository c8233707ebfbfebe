"""What a data scientist looks at first: missing values, ranges, frequent values; in some milliseconds."""

from __future__ import annotations

import time
import tracemalloc
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

from chatwidget._notebook.describe import described

ROWS = 10_000_000
FRAME = pd.DataFrame(
    {
        "city": ["Oslo", "La Paz", None, "Oslo"],
        "size": pd.Categorical(["big", "small", "big", "big"]),
        "coast": [True, False, True, True],
        "height": [23.0, 3640.0, np.nan, 25.0],
        "since": pd.to_datetime(["2020-01-01", "2020-01-02", None, "2020-01-04"]),
        "tags": [["a"], [], ["b"], None],
    }
)


def text_of(value):
    return described("x", value, str, 16_000).text


POLARS = pl.DataFrame(
    [
        pl.Series("city", ["Oslo", "La Paz", None, "Oslo"]),
        pl.Series("size", ["big", "small", "big", "big"], pl.Categorical),
        pl.Series("coast", [True, False, True, True]),
        pl.Series("height", [23.0, 3640.0, None, 25.0]),
        pl.Series("since", ["2020-01-01", "2020-01-02", None, "2020-01-04"]).str.to_date(),
        pl.Series("tags", [["a"], [], ["b"], None]),
    ]
)


@pytest.mark.parametrize("frame", [FRAME, POLARS], ids=["pandas", "polars"])
def test_a_dataframe_tells_missing_and_frequent_values(frame):
    text = text_of(frame)
    assert "Missing values: city 1, height 1, since 1, tags 1\n" in text
    assert "\n- city: 2 distinct: Oslo (2), La Paz (1)\n" in text
    assert "\n- size: 2 distinct: big (3), small (1)\n" in text
    assert "\n- coast: 2 distinct: True (3), False (1)" in text
    summary = text.partition("Summary:\n\n")[2]
    assert "| height | since |\n" in summary
    assert "| mean | 1229.33 |" in summary
    assert "Oslo" not in summary


def test_a_column_does_too():
    assert "- city: 2 distinct: Oslo (2), La Paz (1)" in text_of(FRAME["city"])
    assert "Missing values: height 1" in text_of(FRAME["height"])
    # To polars, NaN is a number.
    text = text_of(pl.Series("height", [1.0, float("nan"), None, 3.0]))
    assert "Missing values: height 2" in text
    assert "| mean | 2 |" in text


def test_values_that_are_all_different_are_no_list_of_counts():
    frame = pd.DataFrame({"id": [f"id-{index}" for index in range(50)], "n": range(50)})
    assert "- id: 50 distinct, each once, such as id-0, id-1, id-2, id-3, id-4, …" in text_of(frame)
    assert "Missing values: none" in text_of(frame)


def test_values_are_cut_and_long_texts_not_counted():
    frame = pd.DataFrame({"text": ["x" * 5000] * 20, "line": ["a\nb" + "c" * 100] * 20})
    text = text_of(frame)
    assert "- text" not in text
    assert f"- line: 1 distinct: a b{'c' * 37}… (20)" in text


def test_a_dataframe_without_rows_has_no_summary():
    assert "Missing" not in text_of(FRAME.iloc[:0]) + text_of(pd.DataFrame())


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([1, np.nan, 4]), "missing values: 1\nmin 1.0, max 4.0, mean 2.5\n"),
        (np.array([[np.nan, 2], [3, 7]]).T, "missing values: 1\nmin 2.0, max 7.0, mean 4\n"),
        (np.array([np.nan, np.nan]), "dtype float64\nmissing values: 2\nfirst"),
        (np.array([1, 2, 6]), "dtype int64\nmin 1, max 6, mean 3\n"),
        (np.array([1, np.inf]), "min 1.0, max inf, mean inf\n"),
        (np.array(["2020-01-01", "NaT"], "M8[D]"), "missing values: 1\nmin 2020-01-01, max 2020-01-01\nfirst"),
        (np.array([True, False, True]), "dtype bool\nvalues: 2 distinct: True (2), False (1)\n"),
        (np.array(["b", "a", "b"]), "dtype <U1\nvalues: 2 distinct: b (2), a (1)\n"),
        (np.array(["b", None], object), "missing values: 1\nvalues: 1 distinct: b (1)\n"),
        (np.array([[1], None], object), "dtype object\nmissing values: 1\nfirst"),
        (np.array([]), "dtype float64\nfirst elements: "),
        (pd.array([1, None, 4], "Int64"), "missing values: 1\nmin 1, max 4, mean 2.5\n"),
        (pd.Index([1.0, np.nan, 4.0]), "missing values: 1\nmin 1.0, max 4.0\n"),
        (np.array([np.inf, -np.inf, np.nan]), "missing values: 1\nmin -inf, max inf, mean nan\nfirst"),
        (np.ma.array([1.0, 2, np.nan, 6], mask=[0, 1, 0, 0]), "missing values: 2\nmin 1.0, max 6.0, mean 3.5\n"),
        (np.ma.array([1, 2], mask=[1, 1]), "dtype int64\nmissing values: 2\nfirst"),
        (
            np.array(["1", None, np.nan, pd.NA, pd.NaT, Decimal("sNaN")], object),
            "missing values: 5\nvalues: 1 distinct",
        ),
        (
            pd.DatetimeIndex(["2020-01-01", None]),
            "missing values: 1\nmin 2020-01-01 00:00:00, max 2020-01-01 00:00:00\nf",
        ),
        (pd.PeriodIndex(["2020-01", None], freq="M"), "missing values: 1\n"),
        (pd.Categorical(["a", "b", "a"]), "dtype category\nvalues: 2 distinct: a (2), b (1)\n"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_an_array_leaves_missing_values_out_of_its_range(array, expected):
    assert expected in text_of(array)


@pytest.mark.filterwarnings("error")
def test_infinite_values_warn_nobody():
    """Fails when `_without_warnings` changes nothing: the cell that asks would warn of code that is not in it."""
    assert "| max | inf |" in text_of(pd.Series([1.0, np.inf, np.nan]))


NUMBERS = np.linspace(0, 1, ROWS)
GAPS = np.where(np.arange(ROWS) % 7 == 0, np.nan, NUMBERS)
LARGE = {
    "numbers": NUMBERS,
    "gaps": GAPS,
    "transposed": GAPS.reshape(1000, -1).T,
    "more numbers": np.broadcast_to(GAPS, (30, ROWS)),
    "words": np.array(["a", "b"])[np.arange(ROWS) % 2],
    "frame": pd.DataFrame({"gaps": GAPS, "word": pd.Categorical.from_codes(np.arange(ROWS) % 2, ["a", "b"])}),
    "polars": pl.DataFrame({"gaps": GAPS, "flag": NUMBERS > 0.5}),
    "groups": pd.DataFrame({"gaps": GAPS, "word": np.arange(ROWS) % 3}).groupby("word"),
    "wide": pd.DataFrame({f"c{index}": [f"word {row % 50}" for row in range(10_000)] for index in range(100)}),
}


@pytest.mark.parametrize("name", LARGE)
def test_ten_million_rows_take_little_time_and_memory(name):
    value, took = LARGE[name], []
    text_of(value)
    for _ in range(5):
        start = time.thread_time()
        text = text_of(value)
        took.append(time.thread_time() - start)
    assert min(took) < 0.1
    assert len(text) < 4 * 4000
    tracemalloc.start()
    try:
        text_of(value)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_what_is_not_of_all_rows_says_so():
    assert "missing values: 1,428,572\nmin " in text_of(GAPS)
    assert "(every 10th element)" in text_of(GAPS)
    assert "(every" not in text_of(NUMBERS)
    assert "values in every 1,000th element: 1 distinct: a (10,000)" in text_of(LARGE["words"])
    text = text_of(LARGE["frame"])
    for beginning in (
        "Missing values in every 1,000th row: gaps",
        "Values in every 1,000th row:",
        "Summary of every 1,",
    ):
        assert beginning in text
    assert "Missing values in the first 20 columns: none" in text_of(LARGE["wide"])
