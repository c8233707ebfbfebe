"""`%chat` in a real IPython shell, as in a terminal and as in a notebook."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from chatwidget import ChatWidget, DemoModel


@pytest.fixture
def shell(request):
    request.getfixturevalue("no_settings")
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "chatwidget")
    yield shell
    shell.run_line_magic("unload_ext", "chatwidget")
    InteractiveShell.clear_instance()


@pytest.fixture
def notebook(shell):
    """The shell as a kernel has it: outputs are rich."""
    shell.kernel = object()
    yield shell
    del shell.kernel


@pytest.fixture
def chat():
    chat = ChatWidget(DemoModel(["one **two**", "<b>three</b>"], delay=0))
    yield chat
    chat.close()


def markdown(captured) -> list[str]:
    return [output.data.get("text/markdown") for output in captured.outputs]


def test_a_question_goes_to_the_notebooks_conversation(notebook, chat):
    with capture_output() as captured:
        notebook.run_line_magic("chat", "what is it?")
    assert markdown(captured)[-1] == "one **two**"
    assert [message["content"] for message in chat.messages] == ["what is it?", "one **two**"]


@pytest.mark.parametrize(
    "question", ["What is it?", "what's (this?", "Is it {chat} or $chat?", "why??", 'say "hi?"', "¿qué?", "what? "]
)
def test_a_question_is_asked_as_it_was_written(notebook, chat, question):
    with capture_output():
        notebook.run_cell(f"%chat {question}", store_history=False)
    assert chat.messages[0]["content"] == question.strip()


@pytest.mark.parametrize("line", ["%chat?", "%chat??", 'x = """\\n%chat what?\\n"""'])
def test_help_and_text_stay_what_they_are(notebook, chat, line):
    with capture_output():
        notebook.run_cell(line, store_history=False)
    assert chat.messages == []


def test_a_cell_is_a_question_too(notebook, chat):
    with capture_output():
        notebook.run_cell_magic("chat", "", "first line\nsecond line\n")
    assert chat.messages[0]["content"] == "first line\nsecond line"


@pytest.mark.usefixtures("chat")
def test_html_from_a_model_is_shown_as_text(notebook):
    with capture_output() as captured:
        notebook.run_line_magic("chat", "a")
        notebook.run_line_magic("chat", "b")
    assert markdown(captured)[-1] == "&lt;b>three&lt;/b>"


def test_without_a_question_the_widget_is_shown(notebook, chat):
    with capture_output() as captured:
        notebook.run_line_magic("chat", "")
    assert captured.outputs[-1].data["application/vnd.jupyter.widget-view+json"]["model_id"] == chat.model_id


@pytest.mark.usefixtures("chat")
def test_in_a_terminal_the_text_is_printed(shell):
    with capture_output() as captured:
        shell.run_line_magic("chat", "hi")
    assert captured.stdout == "one **two**\n"


def test_an_error_is_one_sentence_without_a_traceback(notebook):
    broken = ChatWidget(lambda _messages: 1 / 0)
    with capture_output() as captured:
        notebook.run_line_magic("chat", "hi")
    broken.close()
    assert markdown(captured)[-1] == "> ZeroDivisionError: division by zero"
    assert captured.stderr == ""


def test_what_arrived_before_an_error_stays(notebook):
    broken = ChatWidget(DemoModel(["some text"], delay=0, fail_at=1))
    with capture_output() as captured:
        notebook.run_line_magic("chat", "hi")
    broken.close()
    assert markdown(captured)[-1].startswith("some\n\n> ")


def test_the_widget_of_the_first_use_stays_the_one(notebook, chat):
    with capture_output():
        notebook.run_line_magic("chat", "hi")
    other = ChatWidget(DemoModel(["other"], delay=0))
    with capture_output():
        notebook.run_line_magic("chat", "hi")
    other.close()
    assert len(chat.messages) == 4


def test_a_closed_widget_is_replaced(notebook, chat):
    with capture_output():
        notebook.run_line_magic("chat", "hi")
    chat.close()
    other = ChatWidget(DemoModel(["other"], delay=0))
    with capture_output():
        notebook.run_line_magic("chat", "hi")
    assert [message["content"] for message in other.messages] == ["hi", "other"]
    other.close()


def test_without_any_widget_one_is_made_and_says_how_to_connect(notebook):
    with capture_output() as captured:
        notebook.run_line_magic("chat", "hi")
    assert "OPENAI_API_KEY" in markdown(captured)[-1]
    ChatWidget.latest().close()


def test_plain_ipython_loads_it():
    code = "%load_ext chatwidget\nfrom chatwidget import *\nc = ChatWidget(DemoModel(['fine'], delay=0))\n%chat hello"
    command = [sys.executable, "-m", "IPython", "--no-banner", "--simple-prompt", "--colors=NoColor"]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=False)
    assert "fine" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
