"""The examples in the docstrings of public names are run, as in a notebook: with a chat, and `await` anywhere."""

from __future__ import annotations

import ast
import doctest
import inspect
import io
import sys
import types
from contextlib import redirect_stdout

import anywidget
import pytest

import chatwidget
from chatwidget import ChatWidget
from tests.contract.run import run

NOT_RUN = {"ChatWidget.models": "the chat of the examples has no server"}
"""The examples that are not run, and why."""


def found_in(value, name):
    finder = doctest.DocTestFinder(recurse=inspect.isclass(value))
    return [test for test in finder.find(value, name) if test.examples]


def public():
    yield chatwidget, "chatwidget"
    for name in chatwidget.__all__:
        value = getattr(chatwidget, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            yield value, name
    for base in ChatWidget.__mro__[1:]:
        if base.__module__.startswith("chatwidget."):
            yield base, "ChatWidget"


EXAMPLES = {test.name: test for value, name in public() for test in found_in(value, name)}


def output_of(source, namespace):
    """What a cell with this source prints and shows."""
    code = compile(source, "<example>", "single", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    with redirect_stdout(io.StringIO()) as printed:
        done = eval(code, namespace)
        if inspect.iscoroutine(done):
            run(done)
    text = printed.getvalue()
    return text if text.endswith("\n") or not text else f"{text}\n"


@pytest.fixture
def namespace(chats, monkeypatch, tmp_path):
    """The variables of a notebook in a folder of its own, with a chat that was asked one question."""
    monkeypatch.chdir(tmp_path)
    # pytest sets its own, which does not print.
    monkeypatch.setattr(sys, "displayhook", sys.__displayhook__)
    notebook = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", notebook)
    chat = chats(lambda messages: messages[-1]["content"].upper())
    chat.ask("hello")
    names = {name: getattr(chatwidget, name) for name in chatwidget.__all__}
    vars(notebook).update(names, chat=chat)
    yield vars(notebook)
    for value in vars(notebook).values():
        if isinstance(value, ChatWidget):
            value.close()


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in NOT_RUN])
def test_an_example_does_what_it_shows(name, namespace):
    checker = doctest.OutputChecker()
    for example in EXAMPLES[name].examples:
        got = output_of(example.source, namespace)
        assert checker.check_output(example.want, got, 0), f"{example.source}{got!r}, not {example.want!r}"


def test_what_is_not_run_is_there():
    assert set(NOT_RUN) <= set(EXAMPLES)


def test_each_action_of_a_chat_has_an_example():
    own = {name for name in set(dir(ChatWidget)) - set(dir(anywidget.AnyWidget)) if not name.startswith("_")}
    actions = {name for name in own if inspect.isroutine(getattr(ChatWidget, name))}
    assert {name for name in actions if f"ChatWidget.{name}" not in EXAMPLES} == set()


def test_an_example_with_another_output_fails(namespace):
    """Fails when `output_of` runs nothing, or does not wait."""
    assert output_of("(await chat.ask_async('a')).text\n", namespace) == "'A'\n"
    assert output_of("async for delta in chat.stream('b'): print(delta.content, end='')\n", namespace) == "B\n"
    assert output_of("chat.status\n", namespace) == "'ready'\n"
