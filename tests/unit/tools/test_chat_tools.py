"""The tools of a chat, without the chat."""

import asyncio

import pytest

from chatwidget import SettingsError, ToolCall
from chatwidget._runtime import default_runner
from chatwidget._tools.chat_tools import ChatTools
from chatwidget._tools.tool import Tool


def add(a: int, b: int) -> int:
    return a + b


def fails() -> None:
    message = "the key is 123"
    raise ValueError(message)


def redacted(text: str) -> str:
    return text.replace("123", "***")


class Changes:
    """ChatTools, and how often it has changed."""

    def __init__(self, *tools, **settings):
        self.count = 0
        self.tools = ChatTools(default_runner(), tools, redact=redacted, on_change=self.changed, **settings)

    def changed(self, _):
        self.count += 1


def names(tools):
    return [] if tools.current is None else tools.current.names


def ready(tools, name, arguments="{}"):
    return tools.current.prepare(ToolCall("1", name, arguments))


def test_without_tools_there_is_no_toolbox():
    changes = Changes()
    assert changes.tools.current is None
    assert changes.tools.in_use == []
    changes.tools.close()


def test_the_first_tools_are_there_without_a_change():
    changes = Changes(add)
    assert names(changes.tools) == ["add"]
    assert changes.count == 0


def test_a_toolbox_is_used_only_when_it_is_asked_for():
    changes = Changes(add)
    toolbox = changes.tools.make_toolbox([fails])
    assert names(changes.tools) == ["add"]
    changes.tools.use(toolbox)
    assert names(changes.tools) == ["fails"]
    assert changes.count == 1


def test_a_function_is_added_or_replaces_the_one_of_its_name():
    changes = Changes()
    changes.tools.add(add, title="Adding")
    assert (names(changes.tools), changes.tools.titles) == (["add"], {"add": "Adding"})
    changes.tools.add(fails, name="add")
    assert (names(changes.tools), changes.tools.titles) == (["add"], {})
    assert changes.tools.in_use[0].function is fails
    assert changes.count == 2


def test_a_title_stays_after_its_tool_until_the_name_is_taken():
    changes = Changes(Tool(add, title="Adding"))
    changes.tools.use(changes.tools.make_toolbox([fails]))
    assert changes.tools.titles == {"add": "Adding"}
    changes.tools.make_toolbox([add])
    assert changes.tools.titles == {}


def test_what_is_no_tool_changes_nothing():
    changes = Changes(add)
    with pytest.raises(SettingsError):
        changes.tools.make_toolbox([add, 3])
    with pytest.raises(SettingsError):
        changes.tools.add(add, name="with blanks")
    assert names(changes.tools) == ["add"]
    assert changes.count == 0


@pytest.mark.parametrize("approve", [True, False])
def test_a_call_is_approved_as_the_tool_says_or_else_the_chat(approve):
    changes = Changes(add, Tool(fails, approve=not approve), approve=approve)
    arguments = '{"a": 1, "b": 2}'
    assert asyncio.run(ready(changes.tools, "add", arguments).asks()) is approve
    assert asyncio.run(ready(changes.tools, "fails").asks()) is not approve


def test_a_ready_call_runs_though_other_tools_are_used_by_then():
    changes = Changes(add)
    call = ready(changes.tools, "add", '{"a": 1, "b": 2}')
    changes.tools.use(changes.tools.make_toolbox([]))
    assert asyncio.run(call.run()).content == "3"


def test_an_error_of_a_tool_is_its_result_without_keys():
    result = asyncio.run(ready(Changes(fails).tools, "fails").run())
    assert result.failed
    assert result.content == "ValueError: the key is ***"
