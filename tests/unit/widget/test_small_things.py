"""What a user tries first, and what is said where it cannot be."""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from chatwidget import ChatError, ChatWidget, DemoModel, SettingsError
from chatwidget._magics.formats import block_in
from chatwidget._widget.appearance import LANGUAGES, warn_of_language

STRINGS = Path(__file__).parents[3] / "js" / "src" / "i18n" / "strings.js"


@pytest.fixture
def chat():
    chat = ChatWidget(DemoModel(["one"], delay=0))
    yield chat
    chat.close()


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


def test_paths_may_begin_at_home(chat, home):
    (home / "notes.txt").write_text("sixty-one")
    chat.ask("hi", attachments=["~/notes.txt"])
    assert "sixty-one" in str(chat.messages[0])
    chat.save("~/talk.json")
    chat.export(Path("~/talk.md"))
    assert {"talk.json", "talk.md"} <= {each.name for each in home.iterdir()}
    loaded = ChatWidget.load("~/talk.json", autosave="~/kept.json")
    assert loaded.messages == chat.messages
    loaded.close()
    chat.context = ["~/notes.txt"]
    assert "sixty-one" in chat.preview("hi")


def test_a_home_that_there_is_not_is_a_file_that_there_is_not(chat):
    with pytest.raises(OSError, match="nobody-of-that-name"):
        chat.save("~nobody-of-that-name/talk.json")


@pytest.mark.parametrize(
    "function",
    [lambda _: None, lambda _: "", lambda _: [], lambda _: iter([None, ""])],
    ids=["None", "text", "list", "pieces"],
)
def test_a_function_that_gives_nothing_is_told_so(function):
    chat = ChatWidget(function)
    with pytest.raises(ChatError, match="The function returned an empty answer: None"):
        chat.ask("hi")
    chat.close()


def test_an_async_function_that_gives_nothing_is_told_so():
    async def answer(_):
        pass

    chat = ChatWidget(answer)
    with pytest.raises(ChatError, match="an empty answer"):
        chat.ask("hi")
    chat.close()


def test_a_function_that_only_updates_has_answered():
    def answer(_, chat):
        chat.update("put in")

    chat = ChatWidget(answer)
    assert chat.ask("hi").content == "put in"
    chat.close()


@pytest.mark.parametrize(
    "way",
    [pickle.dumps, copy.copy, copy.deepcopy, lambda chat: pickle.dumps([chat]), lambda chat: copy.deepcopy({1: chat})],
    ids=["pickle", "copy", "deepcopy", "pickle in a list", "deepcopy in a dict"],
)
def test_a_chat_says_how_it_is_kept_in_place_of_copies(chat, way):
    with pytest.raises(TypeError, match=re.escape("chat.save(path)")):
        way(chat)


def test_the_conversation_is_what_can_be_copied(chat):
    chat.ask("hi")
    other = ChatWidget("demo", messages=chat.conversation)
    assert other.messages == copy.deepcopy(chat.messages)
    other.close()


@pytest.mark.parametrize("tag", ["fr", "de-AT", "zh_Hant_TW", "eng"])
def test_a_language_that_there_is_not_is_told_and_the_chat_is_made(tag):
    with pytest.warns(UserWarning, match=rf"'{tag}'.*English.*'en' and 'es'"):
        chat = ChatWidget("demo", locale=tag)
    assert chat.locale == tag
    with pytest.warns(UserWarning, match="'pt'"):
        chat.locale = "pt"
    chat.close()


@pytest.mark.parametrize("tag", [None, "en", "EN-gb", "es-MX", "es_419"])
def test_a_language_that_there_is_is_taken_silently(tag):
    warn_of_language(tag)


def test_the_languages_are_those_of_the_view():
    tables = re.search(r"const TABLES = \{([^}]*)\}", STRINGS.read_text("utf-8"))[1]
    assert set(re.findall(r"\w+", tables)) == set(LANGUAGES)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("Here: ```python\na = 1\n```", "a = 1"),
        ("Sure! ```\na = 1\nb = 2\n```\nThat is it.", "a = 1\nb = 2"),
        ("Text `x` and ~~~ then:```py\nfor a in b:\n    c\n```", "for a in b:\n    c"),
        ("1. First ```python\n   a = 1\n   ```\n2. Then ```python\n   b = 2\n   ```", "a = 1\n\nb = 2"),
        ("- ```python\n  a = 1\n\n  b = 2\n  ```", "a = 1\n\nb = 2"),
        ("> ```python\n> if a:\n>     b\n> ```", "if a:\n    b"),
        ("So: ````python\nx = '''\n```\n'''\n````", "x = '''\n```\n'''"),
        ("```python\n    a = 1\n```", "    a = 1"),
        ("~~~python\na = '```'\n~~~", "a = '```'"),
        ("Cut: ```python\na = 1", "a = 1"),
        ("a = '```'", "a = '```'"),
        ("a = 1", "a = 1"),
    ],
)
def test_code_is_found_wherever_its_fence_begins(answer, code):
    assert block_in(answer) == code


def test_outside_of_ipython_there_are_no_cells(chat):
    code = (
        "from chatwidget import ChatWidget, SettingsError\n"
        "try: ChatWidget('demo', context=['cells'])\n"
        "except SettingsError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "only available in IPython" in done.stdout
    with pytest.raises(SettingsError, match="only available in IPython"):
        chat.context = ["cells"]
    InteractiveShell.instance()
    try:
        chat.context = ["cells"]
    finally:
        InteractiveShell.clear_instance()


@pytest.mark.usefixtures("no_settings")
def test_what_stands_for_a_chat_in_text_is_a_useful_line():
    chat = ChatWidget()
    assert re.fullmatch(r"<ChatWidget: .+, no messages, disconnected>", repr(chat))

    def answer(_):
        return "hi"

    chat.connect(answer)
    chat.ask("hi")
    assert repr(chat) == "<ChatWidget: answer, 2 messages, ready>"
    assert chat._repr_mimebundle_()[0]["text/plain"] == repr(chat)
    chat.connect("some-model", base_url="http://127.0.0.1:9/v1", api_key="not-a-key")
    chat.messages = [{"role": "user", "content": "hi"}]
    assert repr(chat) == "<ChatWidget: some-model, 1 message, ready>"
    chat.close()
    assert repr(chat) == "<ChatWidget: some-model, 1 message, closed>"
