"""JSON from strangers: how deep it may be is known before it is parsed."""

import json
import sys

import pytest

from chatwidget._json import MAX_DEPTH, _text_depth, loads

TRICKY = ["]", "[[[", r"\\", "\\", '"', '\\"', '\\\\"[', "{}", "\n[", "\u2028[", "😀]", "\\u005b", "/[", "b", "\b[{"]


def values():
    yield from ([], {}, "[", [["{"]], {"[": {"]": "}"}}, 1, None, [[], {}, [[[{}]]]])
    yield TRICKY
    yield {text: [text, {text: text}] for text in TRICKY}
    yield ["".join(TRICKY[index:] + TRICKY[:index]) for index in range(len(TRICKY))]


def depth_of(value):
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if items is None else 1 + max(map(depth_of, items), default=0)


@pytest.mark.parametrize("value", list(values()), ids=repr)
@pytest.mark.parametrize("is_ascii", [True, False])
@pytest.mark.parametrize("indent", [None, 1])
def test_brackets_in_strings_do_not_count(value, is_ascii, indent):
    text = json.dumps(value, ensure_ascii=is_ascii, indent=indent)
    assert _text_depth(text) == depth_of(value)


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a\\\\":', '[1, {"b": "]", "c":'])
@pytest.mark.parametrize("recursion_limit", [sys.getrecursionlimit(), 20_000])
def test_what_is_nested_too_deeply_is_refused_and_not_parsed(opening, recursion_limit):
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(recursion_limit)
    try:
        with pytest.raises(ValueError, match="levels deep"):
            loads(opening * 100_000)
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("padding", [0, 200_000])
@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1])
def test_the_greatest_depth_is_the_same_for_short_and_long_texts(padding, depth):
    text = "[" * depth + json.dumps("x" * padding) + "]" * depth
    if depth > MAX_DEPTH:
        with pytest.raises(ValueError, match="levels deep"):
            loads(text)
    else:
        assert loads(text) == json.loads(text)
