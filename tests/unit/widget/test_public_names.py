"""The names of a chat that a user sees after Tab."""

import inspect
import re

import anywidget

from chatwidget import ChatWidget

LIST = re.compile(r"^(\w+)(?:, .*)?:\n\n((?:- .*\n)+)", re.MULTILINE)
ENTRY = re.compile(r"^- `(\w+)`: \S", re.MULTILINE)
GROUPS = {group: ENTRY.findall(entries) for group, entries in LIST.findall(inspect.getdoc(ChatWidget) + "\n")}


def own_names():
    """Those that are not of ipywidgets and anywidget."""
    return {name for name in set(dir(ChatWidget)) - set(dir(anywidget.AnyWidget)) if not name.startswith("_")}


def test_the_reference_lists_each_name_once():
    assert list(GROUPS) == ["Settings", "Actions", "State"]
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(own_names())


def test_actions_are_called_and_all_else_is_read():
    assert {name for name in own_names() if callable(getattr(ChatWidget, name))} == set(GROUPS["Actions"])


def test_a_setting_can_be_assigned_as_it_is_read():
    chat = ChatWidget("demo")
    for name in GROUPS["Settings"]:
        setattr(chat, name, getattr(chat, name))
    chat.close()
