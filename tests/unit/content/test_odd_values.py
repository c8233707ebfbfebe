"""Odd values: classes, mocks and what fails when it is looked at are described, or a sentence says why not."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any
from unittest.mock import MagicMock, Mock, create_autospec

import pytest

from chatwidget._content.answer_chunks import coerce_chunk, is_single_chunk
from chatwidget._content.rich_values import image_of, is_rich, markdown_of
from chatwidget._errors import ConversationError, SettingsError, TransportError
from chatwidget._notebook.attach import with_attached
from chatwidget._notebook.context import Context
from chatwidget._notebook.mentions import names_of, values_of
from chatwidget._notebook.variables import filled
from chatwidget._secrets.masking import masked
from chatwidget._tools.results import content_of


class Frame:
    """A dataframe, of which the class itself is sent."""

    columns = ("a",)

    @property
    def shape(self):
        return 1, 1

    def itertuples(self, **_):
        return iter([(0, 1)])

    def to_csv(self):
        return "a\n1\n"

    def head(self, _rows):
        return self

    def describe(self):
        return self

    def savefig(self, file, **_):
        file.write(b"")

    def _repr_png_(self):
        return b"png"


class AnyName:
    """Has whatever it is asked for."""

    def __getattr__(self, name):
        return self

    def __call__(self, *_, **__):
        return self

    def __repr__(self):
        return "an answer to any name"


class Failing:
    """Fails however it is looked at."""

    def __getattribute__(self, name):
        if name == "__class__":
            return Failing
        message = f"no {name} today"
        raise RuntimeError(message)

    def __repr__(self):
        message = "no repr today"
        raise RuntimeError(message)

    __str__ = __repr__


class Leaving:
    def __repr__(self):
        sys.exit("left")


class Unspeakable(Exception):  # noqa: N818 a value, not one of ours
    def __str__(self):
        raise self


class RaisingUnspeakable:
    def __repr__(self):
        raise Unspeakable


class NoText:
    def __repr__(self):
        return 42


class Nonsense:
    """Its representations are none."""

    def _repr_png_(self):
        return 7

    def _repr_mimebundle_(self, **_):
        return ["nonsense"]

    def _repr_markdown_(self):
        message = "not now"
        raise ValueError(message)

    def __repr__(self):
        return "nonsense"


class Meta(type):
    def __repr__(cls):
        message = "no repr of the class"
        raise RuntimeError(message)

    def __getattr__(cls, name):
        message = f"no {name} of the class"
        raise RuntimeError(message)


class OfMeta(metaclass=Meta):
    pass


def endless() -> list[Any]:
    value: list[Any] = []
    value.append({"again": value})
    return value


def odd_values() -> dict[str, Any]:
    return {
        "class of a dataframe": Frame,
        "magic mock": MagicMock(),
        "mock": Mock(),
        "mock of a class": create_autospec(Frame, instance=True),
        "any name": AnyName(),
        "failing": Failing(),
        "leaving": Leaving(),
        "unspeakable": RaisingUnspeakable(),
        "no text": NoText(),
        "nonsense": Nonsense(),
        "of meta": OfMeta(),
        "meta": OfMeta,
        "endless": endless(),
        "type": type,
        "not implemented": NotImplemented,
        "ellipsis": ...,
    }


WAYS = {
    "{x}": lambda value: filled("{x}?", {"x": value}, masked),
    "@x": lambda value: values_of(["x"], {"x": value}, masked),
    "names": lambda value: names_of({"x": value}),
    "context": lambda value: Context([value], lambda _: False).parts(masked, 1000),
    "attached": lambda value: with_attached("q", [value], masked),
    "shown": markdown_of,
    "image": image_of,
    "function": lambda value: is_single_chunk(value) and coerce_chunk(value),
    "tool": content_of,
}


@pytest.mark.parametrize("is_inner", [False, True], ids=["itself", "in a list"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", odd_values())
def test_no_odd_value_fails_but_with_a_sentence(name, way, is_inner):
    value = odd_values()[name]
    # Where the repr itself is asked for, and fails, the caller says so: the toolbox to the model.
    has_no_repr = name in {"failing", "leaving", "unspeakable", "no text", "meta"}
    fails = not is_inner and way in {"tool", "shown"} and has_no_repr
    # A MagicMock is a path, too, of no file.
    no_file = [FileNotFoundError] * (way == "attached")
    with suppress(ConversationError, SettingsError, TransportError, *no_file, *[Exception, SystemExit] * fails):
        WAYS[way]([value] if is_inner else value)


def test_a_class_is_described_by_its_source():
    text = filled("{x}", {"x": Frame}, masked)
    assert "class Frame:" in str(text)


def test_a_mock_is_written_as_its_repr():
    mock = MagicMock(name="basin")
    assert filled("{x}", {"x": mock}, masked) == repr(mock)
    assert not is_rich(mock)
    assert content_of(mock) == repr(mock)


@pytest.mark.parametrize("kind", [Failing, Leaving, RaisingUnspeakable, NoText])
def test_a_value_whose_repr_fails_is_named_with_its_failure(kind):
    with pytest.raises(ConversationError, match=r"\{x\} could not be read: \w"):
        filled("{x}", {"x": kind()}, masked)
    [part] = values_of(["x"], {"x": kind()}, masked)
    assert "could not be read" in part["text"]
    text = filled("{x}", {"x": [1, kind(), 2]}, masked)
    assert text.startswith(f"[1, <{kind.__name__}, whose repr failed: ")
    assert text.endswith(">, 2]")


def test_an_expression_that_leaves_the_program_is_a_sentence():
    with pytest.raises(ConversationError, match="SystemExit: left"):
        filled("{x()}", {"x": lambda: sys.exit("left")}, masked)
