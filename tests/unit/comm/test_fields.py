"""The fields of a message: each is what it is read as, or a ValueError that does not quote it."""

import pytest

from chatwidget._comm.fields import MAX_TEXT_BYTES, Fields

READERS = {
    "text": lambda fields: fields.text("value"),
    "clean_text": lambda fields: fields.clean_text("value"),
    "id": lambda fields: fields.id("value"),
    "one_of": lambda fields: fields.one_of("value", frozenset({"a", "b"})),
    "flag": lambda fields: fields.flag("value"),
    "number": lambda fields: fields.number("value", 0),
    "whole_number": lambda fields: fields.whole_number("value", 1),
}
NULL = type("JsNull", (), {})()


@pytest.mark.parametrize(
    ("reader", "value", "read"),
    [
        ("text", "\ud83d", "\ud83d"),
        ("clean_text", "\ud83d", "\ufffd"),
        ("id", "a_B-9", "a_B-9"),
        ("one_of", "a", "a"),
        ("flag", False, False),
        ("number", 0.5, 0.5),
        ("number", 0, 0),
        ("whole_number", 1, 1),
    ],
)
def test_a_field_that_fits_is_read(reader, value, read):
    assert READERS[reader](Fields("kind", {"value": value})) == read


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        *((reader, value) for reader in READERS for value in (None, NULL, ["canary"], {"canary": 1})),
        ("text", "canary" * MAX_TEXT_BYTES),
        ("id", "canary canary"),
        ("id", ""),
        ("one_of", "canary"),
        ("flag", 1),
        *(("number", value) for value in (-0.5, True, float("nan"), float("inf"), "1")),
        *(("whole_number", value) for value in (0, True, 1.0, "1")),
    ],
)
def test_a_field_that_does_not_fit_is_refused_by_its_name(reader, value):
    with pytest.raises(ValueError, match="kind: value ") as refused:
        READERS[reader](Fields("kind", {"value": value}))
    assert "canary" not in str(refused.value)


def test_a_field_may_be_missing_or_null():
    fields = Fields("kind", {"none": None, "js": NULL, "zero": 0})
    assert [name in fields for name in ("none", "zero", "missing")] == [True, True, False]
    assert [fields.is_null(name) for name in ("none", "js", "zero", "missing")] == [True, True, False, True]
