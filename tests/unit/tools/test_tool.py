"""A function as a model sees it, and what its arguments have to be."""

from __future__ import annotations

import asyncio
import datetime as dt
import enum
import functools
import json
import subprocess
import sys
from typing import Annotated, Literal

import pydantic
import pytest

from chatwidget import SettingsError
from chatwidget._runtime import default_runner
from chatwidget._tools.arguments import ArgumentsError
from chatwidget._tools.tool import Tool


class Colour(enum.Enum):
    RED = "red"


class Point(pydantic.BaseModel):
    x: int
    y: int = 0


def price(symbol: str, days: int = 3, *, kind: Literal["open", "close"] = "close", title: str | None = None) -> str:
    """Get a price.

    Args:
        symbol: the ticker
        days: how many
        kind: of which
        title: over it

    """
    return f"{symbol} {days} {kind} {title}"


def run(tool, arguments):
    return asyncio.run(tool.call(tool.validated(arguments), default_runner()))


def test_a_model_is_told_name_description_and_parameters():
    function = Tool(price).definition["function"]
    assert (function["name"], function["description"]) == ("price", "Get a price.")
    schema = function["parameters"]
    assert schema["required"] == ["symbol"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["symbol"] == {"type": "string", "description": "the ticker"}
    assert schema["properties"]["days"] == {"type": "integer", "description": "how many", "default": 3}
    assert schema["properties"]["kind"]["enum"] == ["open", "close"]
    assert set(schema["properties"]) == {"symbol", "days", "kind", "title"}
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("arguments", ["", "  ", "{}", "null"])
def test_nothing_is_enough_for_a_function_without_parameters(arguments):
    assert run(Tool(lambda: "here", name="where"), arguments) == "here"


def test_arguments_become_what_the_types_say():
    def typed(when: dt.date, colour: Colour, points: list[Point], names: set[str]):
        assert isinstance(points[0], Point)
        return [when.year, colour is Colour.RED, points[0].y, sorted(names)]

    given = {"when": "2026-01-02", "colour": "red", "points": [{"x": 1}], "names": ["b", "a", "a"]}
    assert run(Tool(typed), json.dumps(given)) == '[2026, true, 0, ["a", "b"]]'


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("{}", "symbol is missing"),
        ('{"symbol": "A", "days": "x"}', 'days: should be a valid integer, not "x"'),
        ('{"symbol": "A", "kind": "odd"}', "kind: should be 'open' or 'close', not \"odd\""),
        ('{"symbol": "A", "when": 1}', "there is no parameter when"),
        ('{"symbol": 1, "days": []}', "; "),
        ('{"symbol": "A"', "they are not JSON"),
        ("[]", "they must be a JSON object, not []"),
        ('"A"', "they must be a JSON object"),
        ("[" * 500, "they are not JSON"),
        ('{"symbol": "\\ud800"}', "symbol"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(arguments, says):
    with pytest.raises(ArgumentsError) as caught:
        Tool(price).validated(arguments)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_many_and_long_faults_are_cut_short():
    def many(numbers: list[int]): ...

    with pytest.raises(ArgumentsError) as caught:
        Tool(many).validated(json.dumps({"numbers": ["x" * 1000] * 50}))
    assert "and 40 more" in str(caught.value)
    assert len(str(caught.value)) < 2000


class Shop:
    def sell(self, what: str, /, *more: int, price: int = 1, **rest: str) -> str:
        """Sell it."""
        return f"{what} {more} {price} {rest}"

    def __call__(self, number: int) -> int:
        """Call it."""
        return number + 1


async def later(x: int) -> int:
    """Later."""
    await asyncio.sleep(0)
    return x


@functools.wraps(price)
def wrapped(*args, **kwargs):
    return price(*args, **kwargs)


@pytest.mark.parametrize(
    ("function", "arguments", "result"),
    [
        (Shop().sell, {"what": "tea", "price": 2, "colour": "green"}, "tea () 2 {'colour': 'green'}"),
        (functools.partial(price, days=5), {"symbol": "A"}, "A 5 close None"),
        (Shop(), {"number": 1}, "2"),
        (later, {"x": 1}, "1"),
        (functools.partial(later, 7), {}, "7"),
        (lambda x: later(x), {"x": 3}, "3"),  # noqa: PLW0108 a plain function
        (wrapped, {"symbol": "W"}, "W 3 close None"),
    ],
)
def test_anything_that_can_be_called_is_a_tool(function, arguments, result):
    tool = Tool(function, name="it")
    assert run(tool, json.dumps(arguments)) == result


def test_of_wrapped_and_partial_functions_the_inner_one_is_described():
    for function in (wrapped, functools.partial(price, days=5), price):
        assert Tool(function).definition["function"]["description"] == "Get a price."
    assert Tool(Shop()).definition["function"]["description"] == "Call it."


def test_what_annotations_say_of_parameters_is_told():
    def f(a: Annotated[int, "a number"], b: Annotated[str, pydantic.Field(description="a text", max_length=2)]): ...

    properties = Tool(f).definition["function"]["parameters"]["properties"]
    assert [properties[name]["description"] for name in "ab"] == ["a number", "a text"]
    with pytest.raises(ArgumentsError):
        Tool(f).validated('{"a": 1, "b": "long"}')


def test_parameters_may_be_called_anything():
    def f(self_, model_config: int, json, schema, args, kwargs, arguments): ...  # noqa: PLR0917 names

    names = ["self_", "model_config", "json", "schema", "args", "kwargs", "arguments"]
    tool = Tool(f)
    assert list(tool.definition["function"]["parameters"]["properties"]) == names
    assert tool.validated(json.dumps(dict.fromkeys(names, 1))) == dict.fromkeys(names, 1)


class Odd:
    pass


def test_a_default_that_json_cannot_hold_is_the_functions_own():
    def f(x: int = Odd()): ...  # type: ignore[assignment]

    assert Tool(f).definition["function"]["parameters"]["properties"]["x"] == {"type": "integer"}


def of_odd(thing: Odd): ...


def of_unknown(thing: Unknown): ...  # noqa: F821 what the test is about


@pytest.mark.parametrize(
    ("function", "says"), [(lambda: 1, "pass name="), (of_odd, "of_odd"), (of_unknown, "of_unknown")]
)
def test_what_a_model_cannot_call_is_refused_at_once(function, says):
    with pytest.raises(SettingsError, match=says):
        Tool(function)


def test_without_pydantic_it_is_said_what_to_install():
    code = (
        "import sys; sys.modules['pydantic'] = None\n"
        "from chatwidget import ChatWidget, MissingPackageError\n"
        "ChatWidget('demo', tools=[{'type': 'function', 'function': {'name': 'f'}}])\n"
        "try: ChatWidget('demo', tools=[print])\n"
        "except MissingPackageError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install pydantic" in done.stdout


def test_a_chat_without_tools_loads_none_of_it():
    code = "import sys, chatwidget; chatwidget.ChatWidget('demo').ask('hi'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    of_tools = {name for name in loaded if name.startswith("chatwidget._tools.")}
    assert of_tools == {"chatwidget._tools.approvals", "chatwidget._tools.chat_tools"}
    assert "pydantic" not in loaded
