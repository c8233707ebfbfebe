"""The conversation before a new chat: of the same cell, of the same variable, and never of any other."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from chatwidget import ChatWidget, ConversationError
from chatwidget._notebook.cells import CellRun
from chatwidget._widget.places import Places
from chatwidget._widget.widget import chat_of

TALK = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]


class Notebook:
    """Cells that run, and variables."""

    def __init__(self, chats):
        self.variables = {}
        self._chats = chats
        self._requests = 0
        self._run = None
        self._places = Places(lambda: self._run, lambda: self.variables)

    def run(self, cell):
        self._requests += 1
        self._run = CellRun(cell, str(self._requests)) if cell is not None else None

    def create(self, messages=(), name=None):
        """A chat, and what it could continue."""
        previous = self._places.predecessor()
        chat = chat_of(self._chats("demo", messages=messages))
        self._places.add(chat)
        if name is not None:
            self.variables[name] = chat
        found = previous(chat)
        return chat, None if found is None else [message.content for message in found]


@pytest.fixture
def notebook(chats):
    return Notebook(chats)


@pytest.fixture
def shell_of(request):
    """Runs cells as a kernel does; returns their `chat`."""
    request.getfixturevalue("no_settings")
    shell = InteractiveShell.instance()
    shell.user_ns["ChatWidget"] = ChatWidget
    made = []
    parent = {}
    shell.get_parent = lambda: parent

    def start():
        def run(cell, source):
            parent.update(metadata={"cellId": cell}, header={"msg_id": f"request {len(made)}"})
            assert shell.run_cell(source).success
            made.append(shell.user_ns["chat"])
            return made[-1]

        return run

    yield start
    for chat in made:
        chat.close()
    InteractiveShell.clear_instance()


def talk(*contents):
    return [{"role": "user", "content": content} for content in contents]


def test_a_cell_that_runs_again_finds_the_chat_of_its_last_run(notebook):
    notebook.run("cell")
    assert notebook.create(talk("first"))[1] is None
    notebook.run("other")
    assert notebook.create(talk("elsewhere"))[1] is None
    notebook.run("cell")
    assert notebook.create()[1] == ["first"]


def test_chats_of_one_cell_are_told_apart_by_their_order(notebook):
    notebook.run("cell")
    assert [notebook.create(talk(text))[1] for text in ("first", "second")] == [None, None]
    notebook.run("cell")
    assert [notebook.create()[1] for _ in range(3)] == [["first"], ["second"], None]


def test_a_chat_that_stayed_empty_passes_on_what_it_could_have_continued(shell_of):
    run = shell_of()
    first = run("cell", "chat = ChatWidget('demo')")
    first.messages = TALK
    run("cell", "chat = ChatWidget('demo')")
    third = run("cell", "chat = ChatWidget('demo')")
    third.restore()
    assert third.messages == TALK


def test_without_cells_a_variable_finds_the_chat_that_it_held(notebook):
    notebook.run(None)
    notebook.create(talk("first"), "chat")
    assert notebook.create(name="other")[1] is None
    assert notebook.create(name="chat")[1] == ["first"]


def test_a_new_chat_gets_a_copy_with_branches_and_keeps_its_own_settings(shell_of):
    run = shell_of()
    old = run("cell", "chat = ChatWidget('demo', system_prompt='Be old.')")
    old.ask("Hello")
    old.edit(old.conversation.path[0], "Hello again")
    new = run("cell", "chat = ChatWidget('demo', system_prompt='Be new.')")
    assert new.messages == []
    new.restore()
    assert new.messages == old.messages
    assert len(new.conversation.siblings(new.conversation.path[0])) == 2
    assert new.system_prompt == "Be new."
    new.ask("More")
    assert len(new.messages) == len(old.messages) + 2
    moved = run("other", "chat = ChatWidget('demo')")
    moved.restore()
    assert moved.messages == new.messages


@pytest.mark.parametrize("given", ["messages=[{'role': 'user', 'content': 'x'}]", "autosave=path"])
def test_a_chat_that_is_given_its_conversation_is_offered_none(shell_of, given, tmp_path):
    run = shell_of()
    run("cell", "chat = ChatWidget('demo')").messages = TALK
    chat = run("cell", f"path = {str(tmp_path / 'chat.json')!r}; chat = ChatWidget('demo', {given})")
    assert not chat_of(chat).is_new
    with pytest.raises(ConversationError, match="nothing to restore"):
        chat.restore()


def test_the_offer_ends_with_the_first_message(shell_of):
    run = shell_of()
    run("cell", "chat = ChatWidget('demo')").messages = TALK
    new = run("cell", "chat = ChatWidget('demo')")
    assert [message.content for message in chat_of(new).previous] == ["Hello", "Hi"]
    new.ask("Something else")
    assert chat_of(new).previous is None
    new.clear()
    new.restore()
    assert new.messages[0]["content"] == "Something else"
