"""Names in a question that are none: said with what may be meant, unless they are hardly meant as names."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from chatwidget import ChatWidget, ConversationError
from chatwidget._notebook.references import mistakes
from chatwidget._notebook.variables import filled


class App:
    state = "on"

    def route(self, path):
        return path

    @property
    def config(self):
        raise AssertionError


NAMESPACE = {
    "df": np.zeros((2, 2)),
    "mix": {"a": 1},
    "heights": [3640],
    "median": 3,
    "slice_1": [1],
    "app": App(),
    "math": math,
    "sqrt": math.sqrt,
    "_hidden": 1,
}


@pytest.fixture(scope="module", autouse=True)
def chat():
    NAMESPACE["chat"] = chat = ChatWidget("demo")
    yield
    chat.close()


def wrong(text, *, evaluates=True):
    return [(mistake.written, mistake.nearest) for mistake in mistakes(text, NAMESPACE, evaluates=evaluates)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{dff}", [("{dff}", "{df}")]),
        ("{ DF }", [("{DF}", "{df}")]),
        ("{dff.mean()} and {dff[0]}", [("{dff.mean()}", "{df.mean()}"), ("{dff[0]}", "{df[0]}")]),
        ("{median + mixx}", [("{median + mixx}", "{median + mix}")]),
        ("{nothing_like_it}", [("{nothing_like_it}", None)]),
        ("{idden}", [("{idden}", None)]),
        ("@dff, @Heights and @heigths.", [("@dff", "@df"), ("@Heights", "@heights"), ("@heigths", "@heights")]),
        ("@df.x and @dff.x, @df.mean", [("@df.x", "@df"), ("@dff.x", "@df"), ("@df.mean", "@df")]),
        ("@app.state, @app.config", [("@app.state", "@app"), ("@app.config", "@app")]),
        ("{dff} {dff} @dff @dff", [("{dff}", "{df}"), ("@dff", "@df")]),
        (
            "{median:.2f}, {mix['a']:>10}",
            [("{median:.2f}", "{format(median, '.2f')}"), ("{mix['a']:>10}", "{format(mix['a'], '>10')}")],
        ),
        ("{df!r}, {median!s:5d}", [("{df!r}", "{repr(df)}"), ("{median!s:5d}", "{format(str(median), '5d')}")]),
        ("{medain:,.0f} {dff!r}", [("{medain:,.0f}", "{median}"), ("{dff!r}", "{df}")]),
    ],
)
def test_what_looks_like_a_name_and_is_none_is_found(text, expected):
    assert wrong(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{df} {mix['a']} {math.pi} @df, @mix and @_hidden. {_hidden}",
        "me@dff.org, user@dff, a/@dff, @@dff, https://example.org/@dff",
        "`{dff}` and `@dff`\n```\n{dff} @dff\n```",
        'f"{dff}"' + " rf'{dff}'",
        "\\{dff} \\@dff",
        "{{dff}} x_{dff} ${dff} \\frac{dff}",
        '{"dff": 1} {dff: 1} {dff, mixx} {a | b} {} {1} {print} {if}',
        "{median: 1} {df:1} {df:x} {df: red;} {df:red} {median:=5} {other_thing:.2f.3}",
        "{mix['a:b.c']} {df[0:1]} {median != 1}",
        "function () {\n  dff\n}",
        "@property @staticmethod @media @import @param @override @alice @pytest.fixture @types",
        "@dff\ndef f(): ...",
        "@app.route('/')\ndef f(): ...",
        "@app.route @chat.tool @math.sqrt @sqrt.x @slice",
        "@df(1) {} @",
    ],
)
def test_what_is_hardly_meant_as_a_name_is_left_alone(text):
    assert wrong(text) == []


def test_a_view_takes_names_only():
    assert wrong("{df} {df.mean()} {mix['a']} {len([1])}", evaluates=False) == [
        ("{df.mean()}", "{df}"),
        ("{mix['a']}", "{mix}"),
    ]
    assert wrong("{dff.mean()}", evaluates=False) == [("{dff.mean()}", "{df}")]
    assert wrong("{median:.2f} {df.size:,}", evaluates=False) == [("{median:.2f}", "{median}"), ("{df.size:,}", "{df}")]


@pytest.mark.parametrize("piece", ["@a{0} ", "{{a{0}}} ", "@", "{{a}} ", "@df.a{0} ", "\\@a"])
def test_a_long_question_takes_no_time(piece):
    names = {f"name_{index}": index for index in range(3000)}
    text = "".join(piece.format(index) for index in range(30_000))
    began = time.process_time()
    mistakes(text, names, evaluates=True)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "{dff}",
            r"there is no variable for \{dff\}; did you mean \{df\}\? To send it as it is, write `\\\{dff\}`, or",
        ),
        ("{nothing_like_it}", r"there is no variable for \{nothing_like_it\}\. To send"),
        ("@dff", r"there is no variable for @dff; did you mean @df\? To send it as it is, write `\\@dff`, or"),
        ("{median:.1f}", r"\{median:\.1f\} is not an expression: write \{format\(median, '\.1f'\)\}\. To send"),
        ("{median:.1f}", r"To send it as it is, write `\\\{median:\.1f\}`"),
        ("@df.x", r"@df\.x is not a name: write \{df\.x\} for its value, or @df for all of it\."),
    ],
)
def test_python_says_so_before_anything_is_evaluated(text, sentence):
    with pytest.raises(ConversationError, match=sentence):
        filled(f"{{app.config}} and {text}", NAMESPACE, str)


def test_what_is_escaped_is_sent_without_the_backslash():
    assert filled(r"\{median:.1f} and {format(median, '.1f')}", NAMESPACE, str) == "{median:.1f} and 3.0"
    assert filled(r"\{dff}, \@dff, \@df and `\@df`, me\@x", NAMESPACE, str) == r"{dff}, @dff, @df and `\@df`, me\@x"


def test_a_mention_brings_its_value_and_stays():
    text, frame, mix = filled("{median} of @df and @mix", NAMESPACE, str)
    assert text["text"] == "3 of @df and @mix"
    assert frame["text"].startswith("@df (ndarray):\n```\nshape (2, 2)")
    assert mix["text"] == "@mix (dict):\n```\n{'a': 1}\n```"
