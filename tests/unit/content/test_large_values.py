"""Large values: what is not sent is neither written nor described nor masked."""

from __future__ import annotations

import collections
import dataclasses
import time
import tracemalloc
import types
from typing import Any, NamedTuple

import pydantic
import pytest

from chatwidget._content.bounded_repr import is_small, written
from chatwidget._notebook.attach import with_attached
from chatwidget._notebook.context import Context
from chatwidget._notebook.mentions import values_of
from chatwidget._notebook.variables import filled
from chatwidget._secrets.masking import masked
from chatwidget._tools.results import MAX_TEXT, content_of

MANY = 2_000_000


@dataclasses.dataclass
class Record:
    items: Any
    name: str = "n"
    hidden: int = dataclasses.field(default=0, repr=False)


class Model(pydantic.BaseModel):
    items: Any
    name: str = "n"


class Pair(NamedTuple):
    items: Any
    name: Any


class Stack(list):
    """One that has the repr of a list."""


class Loud:
    def __repr__(self):
        return "loud " * 10


class Broken:
    def __repr__(self):
        message = "not now"
        raise RuntimeError(message)


class Corner:
    """A dataframe of so many columns and rows; counts the cells that are read."""

    def __init__(self, rows: int, columns: int, cells: collections.Counter | None = None) -> None:
        self.shape = (rows, columns)
        self.columns = range(columns)
        self.read = collections.Counter() if cells is None else cells

    @property
    def iloc(self):
        return self

    def __getitem__(self, place):
        rows, columns = place if isinstance(place, tuple) else (place, slice(None))
        size = len(range(self.shape[0])[rows]), len(range(self.shape[1])[columns])
        return Corner(*size, self.read)

    def itertuples(self, **_):
        for row in range(self.shape[0]):
            self.read["cells"] += self.shape[1]
            yield row, *("c" * 1000 for _ in range(self.shape[1]))

    def describe(self):
        self.read["described"] += self.shape[0] * self.shape[1]
        return Corner(2, self.shape[1], self.read)

    def head(self, rows):
        return self[:rows, :]

    def to_csv(self):
        return "".join(map(str, self.itertuples()))


NUMBERS = list(range(MANY))
VALUES = {
    "list": NUMBERS,
    "tuple": tuple(NUMBERS),
    "subclass": Stack(NUMBERS),
    "dict": dict.fromkeys(NUMBERS),
    "keys": dict.fromkeys(NUMBERS).keys(),
    "set": set(NUMBERS),
    "frozenset": frozenset(NUMBERS),
    "deque": collections.deque(NUMBERS),
    "ordered": collections.OrderedDict.fromkeys(range(300_000)),
    "counter": collections.Counter(range(300_000)),
    "default": collections.defaultdict(int, dict.fromkeys(range(300_000), 1)),
    "user list": collections.UserList(NUMBERS),
    "dataclass": Record(NUMBERS),
    "named tuple": Pair(NUMBERS, 1),
    "namespace": types.SimpleNamespace(items=NUMBERS),
    "pydantic": Model.model_construct(items=NUMBERS),
    "nested": {"a": [{"b": (NUMBERS,)}]},
    "text": "a word " * 10_000_000,
    "other text": "größe " * 10_000_000,
    "bytes": b"q" * 60_000_000,
    "bytearray": bytearray(60_000_000),
    "texts": ["t" * 1_000_000] * 60,
    "text in a dict": {"log": "line\n" * 12_000_000},
    "number": 7**1_000_000,
    "frame": Corner(5, 3000),
    "long frame": Corner(10_000_000, 40),
}
deep: list[Any] = []
for _ in range(100_000):
    deep = [deep]
shared: list[Any] = [1]
for _ in range(40):
    shared = [shared, shared]
VALUES |= {"deep": deep, "shared": shared}

WAYS = {
    "{x}": lambda value: filled("{x}?", {"x": value}, masked),
    "@x": lambda value: values_of(["x"], {"x": value}, masked),
    "attachments": lambda value: with_attached("x?", [[value]], masked),
    "context": lambda value: Context([[value]], lambda _: False).parts(masked, 4000),
    "tool": content_of,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", VALUES)
def test_what_is_large_is_sent_in_no_time_and_takes_no_memory(name, way):
    send, value = WAYS[way], VALUES[name]
    if way == "context" and isinstance(value, str):
        return  # a name, or the path of a file
    send([1])
    took = []
    for _ in range(3):
        start = time.thread_time()
        sent = send(value)
        took.append(time.thread_time() - start)
        if took[-1] < 0.1:
            break
    assert min(took) < 0.1
    tracemalloc.start()
    try:
        send(value)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
    assert 0 < len(str(sent)) < 50_000


def test_of_a_dataframe_only_what_is_shown_is_read():
    frame = Corner(3_000_000, 3000)
    text = str(filled("{x}", {"x": frame}, masked))
    assert frame.read["cells"] <= 5 * 20 + 2 * 20
    assert frame.read["described"] <= 10_000 * 20
    assert "3,000,000 rows, 3,000 columns" in text
    assert "(2,900 more)" in text
    assert "Summary of every 300th row" in text


def test_what_is_missing_is_said():
    assert "(4,000 more characters not sent)" in str(filled("{x}", {"x": "a" * 20_000}, masked))
    assert "(984,000 more characters not sent)" in str(filled("{x}", {"x": "a" * 1_000_000}, masked))
    assert "(more characters not sent)" in str(filled("{x}", {"x": NUMBERS}, masked))
    assert content_of(NUMBERS).endswith("[… the rest is left out …]")
    assert len(content_of(NUMBERS)) <= MAX_TEXT


@pytest.mark.parametrize("before", range(19_900, 20_200, 7))
def test_a_secret_that_is_cut_is_not_sent(before):
    secret = "hf_" + "notAReal1Key" * 3
    text = "password = 'sesame-street-7' " * 400
    text = text[:before] + " " + secret + " " + "x" * 100_000
    for sent in (
        str(filled("{x}", {"x": text}, masked)),
        str(values_of(["x"], {"x": [text]}, masked)),
        str(Context([[text]], lambda _: False).parts(masked, 4000)),
    ):
        assert "hf_not" not in sent
        assert "street" not in sent


def test_of_a_file_a_secret_that_is_cut_is_not_sent(tmp_path):
    file = tmp_path / "log.txt"
    file.write_text("password = 'sesame-street-7'\n" * 100_000)
    for tokens in (100, 500, 1001, 4000):
        assert "sesame" not in str(Context(file, lambda _: False).parts(masked, tokens))


@pytest.mark.parametrize(
    "value",
    [
        *(True, None, 1.5, "it's", b"x", bytearray(b"q"), 10**50),
        *([], [1], (), (1,), (1, 2), {1}, set(), frozenset(), frozenset({2}), {}, {"a": [1]}),
        *(Stack([1]), Record([1]), Model(items=[1]), Pair([1], 2), types.SimpleNamespace(a=1), [Loud()]),
        *(collections.OrderedDict(), collections.Counter("abca"), collections.Counter()),
        *(collections.defaultdict(int, a=1), collections.deque([1, 2]), collections.deque([1], maxlen=3)),
        *({}.keys(), {1: 2}.items(), {1: 2}.values(), collections.UserDict(a=1), types.MappingProxyType({1: 2})),
        *(print, int, Record),
    ],
    ids=repr,
)
def test_what_is_small_is_written_as_python_writes_it(value):
    assert written(value, 1000).text == repr(value)
    assert written(value, 1000).is_whole
    whole = len(repr(value))
    assert written(value, whole) == written(value, 1000)
    assert written(value, whole - 1).text == repr(value)[: whole - 1]
    assert not written(value, whole - 1).is_whole


def test_a_circle_is_written_as_one():
    circle: list[Any] = [1]
    circle.append(circle)
    assert written(circle, 100).text == repr(circle)


def test_what_fails_inside_leaves_the_rest_readable():
    assert written([1, Broken(), 2], 200).text == "[1, <Broken, whose repr failed: RuntimeError: not now>, 2]"


def test_smallness_is_known_without_running_any_repr():
    assert is_small([Broken()], 1000)
    assert not is_small(NUMBERS, 1000)


class Series:
    """A column of a dataframe; only its corner may be read."""

    shape = (10_000_000,)

    def to_frame(self):
        return Corner(10_000_000, 1)

    def head(self, rows):
        raise AssertionError(rows)

    def __repr__(self):
        raise AssertionError


def test_a_column_is_described_as_a_dataframe_of_one():
    text = str(filled("{x}", {"x": Series()}, masked))
    assert "x (Series, 10,000,000 rows)" in text
    assert "Summary of every 1,000th row" in text
