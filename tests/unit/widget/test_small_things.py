"""What a user tries first, and what is said where it cannot be."""

from __future__ import annotations

import copy
import functools
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from chatwidget import (
    ChatError,
    ChatWidget,
    ChatWidgetError,
    ConversationError,
    DemoModel,
    SettingsError,
    from_json,
)
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
    chat.connect(lambda _: "hi")
    assert repr(chat) == "<ChatWidget: function, 2 messages, ready>"
    chat.connect(functools.partial(answer))
    assert repr(chat) == "<ChatWidget: answer, 2 messages, ready>"
    assert chat._repr_mimebundle_()[0]["text/plain"] == repr(chat)
    chat.connect("some-model", base_url="http://127.0.0.1:9/v1", api_key="not-a-key")
    chat.messages = [{"role": "user", "content": "hi"}]
    assert repr(chat) == "<ChatWidget: some-model, 1 message, ready>"
    chat.close()
    assert repr(chat) == "<ChatWidget: some-model, 1 message, closed>"


def test_a_chat_is_a_row_of_messages(chat):
    assert (len(chat), list(chat), chat.last, bool(chat)) == (0, [], None, True)
    reply = chat.ask("hi")
    assert chat.last == reply
    assert [message.role for message in chat] == ["user", "assistant"]
    assert len(chat) == 2
    chat.update({"role": "user", "content": "and?"})
    assert chat.last == reply


def test_another_chat_is_continued_with_its_branches(chat):
    chat.ask("hi")
    chat.retry()
    other = ChatWidget("demo", messages=chat)
    assert other.messages == chat.messages
    assert len(other.conversation.siblings(other.conversation.path[-1])) == 2
    other.close()


def three(_first, _second, _third):
    return "hi"


@pytest.mark.parametrize("function", [lambda: "hi", three, DemoModel.warm.__get__(DemoModel())])
def test_a_function_that_cannot_be_asked_is_refused_at_once(function):
    with pytest.raises(SettingsError, match=r"takes the messages.*\(messages\) or .*\(messages, chat\), not \("):
        ChatWidget(function)


def gradio(message, history):
    return f"{message} {history}"


def gradio_with_system_prompt(message, history, system_prompt):
    return f"{message} {history} {system_prompt}"


class Bot:
    async def answer(self, message, history=None):
        yield f"{message} {history}"


@pytest.mark.parametrize("function", [gradio, gradio_with_system_prompt, Bot().answer, functools.partial(gradio)])
def test_a_function_for_gradio_is_told_how_it_is_here(function, chat):
    with pytest.raises(
        SettingsError, match=r"Gradio's \(message, history\): ChatWidget\(lambda messages: \w+\(messages"
    ):
        chat.on_message(function)


def test_the_way_that_is_told_works():
    chat = ChatWidget(lambda messages: gradio(messages[-1]["content"], messages[:-1]))
    assert chat.ask("hi").text == "hi []"
    chat.close()


def test_other_functions_with_a_history_pass():
    def answer(messages, history=()):
        return f"{len(messages)} {history}"

    chat = ChatWidget(answer)
    assert chat.ask("hi").text == "1 ()"
    chat.close()


WRONG = {
    "tools": lambda chat: setattr(chat, "tools", 3),
    "no text": lambda chat: chat.ask(3),
    "attachment": lambda chat: chat.ask("a", attachments=3),
    "system prompt": lambda chat: chat.ask("a", system_prompt=3),
    "no such message": lambda chat: chat.edit("x", "b"),
    "id": lambda chat: chat.edit([], "b"),
    "id of a piece": lambda chat: chat.update("a", id=[]),
    "id that is a number": lambda chat: chat.update("a", id=3),
    "event": lambda chat: chat.on([], print),
    "format": lambda chat: chat.export("a.md", format=[]),
    "path to write": lambda chat: chat.save(3),
    "path to read": lambda _: ChatWidget.load(3),
    "path to keep": lambda _: ChatWidget("demo", autosave=3),
    "address": lambda chat: chat.connect("m", base_url=3),
    "approve": lambda _: ChatWidget("demo", approve=3),
    "function": lambda chat: chat.on_message("model"),
    "tool": lambda chat: chat.tool(3),
    "replies": lambda _: DemoModel(3),
    "file": lambda _: from_json(3),
    "attribute": lambda chat: setattr(chat, "temperature", 3),
}


@pytest.mark.parametrize("way", WRONG.values(), ids=WRONG)
def test_wrong_arguments_are_told_in_a_sentence_and_change_nothing(chat, way):
    with pytest.raises(ChatWidgetError) as error:
        way(chat)
    assert " " in str(error.value).strip()
    assert chat.messages == []


@pytest.mark.parametrize("way", WRONG.values(), ids=WRONG)
def test_ipython_shows_the_code_of_the_user_and_the_sentence(chat, way):
    text = shown_in_ipython(way, chat)
    assert "way(chat)" in text
    assert "chatwidget/_" not in text
    assert text.splitlines()[-1].partition(": ")[2]


def shown_in_ipython(way, chat):
    """What IPython shows of the error."""
    shell = InteractiveShell.instance()
    shell.run_line_magic("colors", "nocolor")
    shown = []
    shell._showtraceback = lambda *error: shown.extend(error[2])
    try:
        try:
            way(chat)
        except ChatWidgetError:
            shell.showtraceback()
    finally:
        InteractiveShell.clear_instance()
    return "\n".join(shown)


def test_the_cause_in_code_of_the_user_is_shown(chat):
    def fails(_):
        try:
            int("x")
        except ValueError as error:
            message = "wrong"
            raise ConversationError(message) from error

    assert 'int("x")' in shown_in_ipython(fails, chat)


def test_a_file_that_cannot_be_written_is_named_as_it_was(chat, tmp_path):
    with pytest.raises(OSError, match=r"talk\.json") as error:
        chat.save(tmp_path / "none" / "talk.json")
    assert error.value.filename == str(tmp_path / "none" / "talk.json")


def test_a_chat_in_a_question_is_its_conversation(chat):
    shell = InteractiveShell.instance()
    try:
        shell.user_ns.update(chat=chat, talk=chat.conversation)
        assert chat.preview("Sum up {chat}") == "Sum up no messages"
        shell.user_ns["reply"] = chat.ask("What is it?")
        assert chat.preview("{reply} was said") == "one was said"
        for name in ("chat", "talk"):
            text = chat.preview(f"Sum up {{{name}}}")
            assert text.startswith(f"Sum up `{name}`\n\n{name} (conversation, 2 messages):\n```\n")
            assert "What is it?" in text
    finally:
        InteractiveShell.clear_instance()


def test_what_waits_for_a_server_is_called_and_all_else_is_read(chat):
    """In a listener nothing can wait."""
    failures = []

    def listen(_):
        names = [name for name in dir(ChatWidget) if isinstance(vars(ChatWidget.__mro__[1]).get(name), property)]
        for name in (*names, "messages", "model", "params", "status"):
            getattr(chat, name)
        try:
            chat.models()
        except ChatWidgetError as error:
            failures.append(type(error).__name__)

    chat.on("turn", listen)
    chat.ask("hi")
    assert failures == ["CannotWaitError"]
