"""`%chat` in a real IPython shell, as in a terminal and as in a notebook."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from chatwidget import ChatWidget, Delta, DemoModel, ToolCallDelta
from chatwidget._connection.manager import ModelList
from chatwidget._widget.widget import latest_widget


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
    "answer",
    [
        ("<think>Perhaps ```python\ny = 0\n```</think>", "```python\nx = 42\n```"),
        ("Perhaps y.\n</think>\n", "```python\nx = 42\n```"),
        ("<|channel|>analysis<|message|>y<|end|>", "<|start|>assistant<|channel|>final<|message|>```\nx = 42\n```"),
    ],
)
def test_reasoning_in_an_answer_is_no_part_of_what_is_shown_and_kept(notebook, answer):
    """Fails where `follow` does not take back what was said."""
    chat = ChatWidget(DemoModel([answer, answer], delay=0))
    with capture_output() as captured:
        notebook.run_line_magic("chat", "-f code -o made write it")
        notebook.run_line_magic("chat", "write it")
    assert notebook.user_ns["made"] == "x = 42"
    shown = markdown(captured)[-1]
    assert shown.startswith("```")
    assert shown.count("x = 42") == 1
    assert "y" not in shown.replace("python", "")
    chat.close()


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
@pytest.mark.parametrize("line", ["", "-t 0.5"])
def test_in_a_terminal_a_chat_is_not_shown(shell, line):
    with capture_output() as captured:
        shell.run_line_magic("chat", line)
    assert (captured.stdout, captured.stderr, captured.outputs) == ("", "", [])


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


def test_what_is_said_before_a_tool_is_called_stays_and_its_result_is_no_part_of_it(notebook):
    """Fails when `follow` puts nothing between two replies, or `_ask` shows the last reply alone."""
    called = Delta(tool_calls=(ToolCallDelta(0, "1", "look"),))
    calling = ChatWidget(DemoModel([["Let me ", "look.", called], "**Seen.**"], delay=0))
    calling.tool(lambda: "a result", name="look")
    with capture_output() as captured:
        notebook.run_line_magic("chat", "hi")
        notebook.run_line_magic("chat", "-f text -o value hi")
    calling.close()
    texts = markdown(captured)
    assert "Let me look.\n\n**Seen.**" in texts
    assert "a result" not in "".join(text or "" for text in texts)
    assert notebook.user_ns["value"] == "**Seen.**"


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
    latest_widget().close()


# Options


@pytest.fixture
def asked(server, notebook):
    """A chat with the test server; gives what it was asked last, and says what it answers next."""
    chat = ChatWidget("m", base_url=server.base_url, system_prompt="Be kind.")
    notebook.user_ns["chat"] = chat
    yield lambda: server.chats[-1].json
    chat.close()


def run(shell, cell):
    """Runs a cell; gives its Markdown outputs and what it printed."""
    with capture_output() as captured:
        result = shell.run_cell(cell, store_history=False)
    return [*markdown(captured), captured.stdout + captured.stderr], result


def test_options_are_for_the_one_question(notebook, asked):
    run(notebook, "%chat first")
    run(notebook, "%chat -m other -s 'Be brief.' -t 0.5 --no-history What's {1}?")
    said = [(message["role"], message["content"]) for message in asked()["messages"]]
    assert said == [("system", "Be brief."), ("user", "What's {1}?")]
    assert (asked()["model"], asked()["temperature"]) == ("other", 0.5)
    run(notebook, "%%chat --model=third\nand\nthen")
    assert asked()["model"] == "third"
    assert [message["content"] for message in asked()["messages"]][:2] == ["Be kind.", "first"]
    run(notebook, "%chat --new again")
    assert [message["content"] for message in asked()["messages"]] == ["Be kind.", "again"]
    assert "temperature" not in asked()
    assert asked()["model"] == "m"


def test_a_question_is_asked_as_it_is_written(notebook, asked):
    notebook.user_ns["unit"] = "cm"
    run(notebook, r"%chat In {unit}, `{unit}` or \{unit}?")
    assert asked()["messages"][-1]["content"] == "In cm, `{unit}` or {unit}?"
    run(notebook, r"%chat --plain In {unit} or \{unit}?")
    assert asked()["messages"][-1]["content"] == r"In {unit} or \{unit}?"
    run(notebook, "%%chat --plain -m other\nIn {unit}?")
    assert asked()["messages"][-1]["content"] == "In {unit}?"
    run(notebook, "%%chat\nIn {unit}:\n\n```python\nprint(f'{unit}')\n```")
    assert asked()["messages"][-1]["content"] == "In cm:\n\n```python\nprint(f'{unit}')\n```"


def test_options_without_a_question_are_for_the_chat(notebook, asked):
    run(notebook, '%chat -m other -s "Be brief." -t 0.5')
    run(notebook, "%chat hi")
    assert (asked()["model"], asked()["temperature"], asked()["messages"][0]["content"]) == ("other", 0.5, "Be brief.")


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("-5 + 3?", "-5 + 3?"),
        ("- what?", "- what?"),
        ("-- --help me", "--help me"),
        ("-- clear", "clear"),
        ("save the whales", "save the whales"),
        ("explain recursion", "explain recursion"),
        ("what does -m do?", "what does -m do?"),
    ],
)
@pytest.mark.usefixtures("asked")
def test_a_question_is_known_from_options_and_commands(notebook, server, question, text):
    run(notebook, f"%chat {question}")
    assert server.chats[-1].json["messages"][-1]["content"] == text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-z what", "unrecognized arguments: -z"),
        ("--api-key=k what", "unrecognized arguments: --api-key=k"),
        ("-f prose what", "invalid choice: 'prose'"),
        ("-t warm what", "invalid float value: 'warm'"),
        ("-o 1x what", "'1x' is not a valid variable name"),
        ("-w nothing what", "nothing is not a ChatWidget"),
        ("-m", "expected one argument"),
        ("-o x", "need a question"),
        ("--plain", "need a question"),
    ],
)
def test_a_wrong_option_is_a_sentence_and_halts(notebook, asked, line, said):
    out, result = run(notebook, f"%chat {line}")
    assert said in out[-1]
    assert "Traceback" not in out[-1]
    assert result.success is False
    with pytest.raises(IndexError):
        asked()


def test_help_names_every_option(notebook):
    out, _ = run(notebook, "%chat --help")
    for word in (
        "--model",
        "--system",
        "--format",
        "--output",
        "--new",
        "--no-history",
        "--temperature",
        "--chat",
        "--plain",
    ):
        assert word in out[-1]
    assert "key" not in out[-1]


@pytest.mark.usefixtures("asked")
def test_another_chat_can_be_named(notebook, chat):
    notebook.user_ns["other"] = chat
    run(notebook, "%chat -w other hello")
    assert chat.messages[0]["content"] == "hello"


def test_a_name_alone_connects_where_no_server_is(notebook, chat):
    notebook.user_ns["other"] = chat
    run(notebook, "%chat -m demo table")
    assert "moons" in chat.messages[-1]["content"]


CODE = "Here:\n\n```python\nx = 1\n```\n\nand\n\n```\ny = 2\n```\n"


@pytest.mark.parametrize(
    ("format_name", "answer", "value", "shown"),
    [
        ("markdown", "**a** <b>", "**a** <b>", "**a** &lt;b>"),
        ("text", "**a** <b>", "**a** <b>", "```\n**a** <b>\n```"),
        ("json", '```json\n{"a": [1]}\n```', {"a": [1]}, '```json\n{"a": [1]}\n```'),
        ("json", "[1, 2]", [1, 2], "```json\n[1, 2]\n```"),
        ("code", CODE, "x = 1\n\ny = 2", "```python\nx = 1\n\ny = 2\n```"),
        ("math", "$$a < b$$", "$$a < b$$", "$$\na \\lt  b\n$$"),
    ],
)
def test_what_an_answer_is_to_be(request, format_name, answer, value, shown):
    notebook, asked, server = (request.getfixturevalue(name) for name in ("notebook", "asked", "server"))
    notebook.payload_manager.clear_payload()
    server.reply(answer)
    out, _ = run(notebook, f"%chat -f {format_name} -o it give it")
    assert out[-2] == shown
    assert notebook.user_ns["it"] == value
    payload = [{"source": "set_next_input", "text": value, "replace": False}] if format_name == "code" else []
    assert notebook.payload_manager.read_payload() == payload
    system = asked()["messages"][0]["content"]
    assert system.startswith("Be kind.")
    assert (format_name == "markdown") == (system == "Be kind.")


@pytest.mark.usefixtures("asked")
def test_html_is_shown_in_a_frame_that_runs_nothing(notebook, server):
    server.reply('<p>Hi "there"</p><script>alert(1)</script>')
    with capture_output() as captured:
        notebook.run_cell("%chat -f html -o page give it", store_history=False)
    shown = captured.outputs[-1].data
    assert "<iframe sandbox srcdoc=" in shown["text/html"]
    assert "<script" not in shown["text/html"]
    assert "default-src &#x27;none&#x27;" in shown["text/html"]
    assert notebook.user_ns["page"].startswith("<p>")


@pytest.mark.usefixtures("asked")
def test_an_answer_that_is_no_json_is_told_and_not_kept(notebook, server):
    server.reply("I would rather not.")
    out, _ = run(notebook, "%chat -f json -o it give it")
    assert "not valid JSON" in out[-2]
    assert "I would rather not." in out[-2]
    assert "it" not in notebook.user_ns


@pytest.mark.usefixtures("asked")
def test_json_that_was_cut_says_so(notebook, server):
    server.reply('{"a": [1, 2', finish_reason="length")
    out, _ = run(notebook, "%chat -f json -o it give it")
    assert "cut off at the length limit" in out[-2]
    assert "it" not in notebook.user_ns


def test_what_was_left_out_is_told_below_the_answer(notebook, chats):
    said = [{"role": role, "content": "word " * 200} for _ in range(5) for role in ("user", "assistant")]
    model = DemoModel(["one"], delay=0)
    notebook.user_ns["chat"] = chats(model, messages=said, context_window=700, max_tokens=100)
    out, _ = run(notebook, "%chat -w chat hello")
    assert "one\n\n> 8 older messages not sent" in out


# Commands


@pytest.mark.usefixtures("asked")
def test_commands(notebook, tmp_path):
    out, _ = run(notebook, "%chat models")
    assert "- `test-model`" in out[0]
    out, _ = run(notebook, "%chat cost")
    assert out[0] == "No tokens have been counted yet."
    run(notebook, "%chat hello")
    out, _ = run(notebook, "%chat cost")
    assert "| m | 1 | 3 | unknown |" in out[0]
    notebook.user_ns["chat"].prices = {"m": (1000, 1_000_000)}
    out, _ = run(notebook, "%chat cost")
    assert "| m | 1 | 3 | $3.0010 |" in out[0]
    run(notebook, f"%chat save {tmp_path}/talk.json")
    run(notebook, f'%chat save "{tmp_path}/a talk.md"')
    assert ChatWidget.load(tmp_path / "talk.json").messages == notebook.user_ns["chat"].messages
    assert "You said: hello" in (tmp_path / "a talk.md").read_text()
    out, _ = run(notebook, "%chat save talk")
    assert "export format of" in out[-1]
    run(notebook, "%chat clear")
    assert notebook.user_ns["chat"].messages == []


def test_fix_takes_the_error_and_its_cell(notebook, asked):
    run(notebook, "def half(x):\n    return x / 0")
    notebook.run_cell("a = 5\nhalf(a)", store_history=True)
    run(notebook, "b = 1")
    run(notebook, "%chat fix")
    question = asked()["messages"][-1]["content"]
    assert "```python\na = 5\nhalf(a)\n```" in question
    assert "ZeroDivisionError: division by zero" in question
    notebook.run_cell("a = = 5", store_history=True)
    run(notebook, "%chat fix")
    assert "```python\na = = 5\n```" in asked()["messages"][-1]["content"]


def test_explain_takes_the_cell_run_last(notebook, asked):
    with capture_output():
        notebook.run_cell("a = 5", store_history=True)
        notebook.run_cell("%chat hello", store_history=True)
        notebook.run_cell("%chat explain", store_history=True)
    assert asked()["messages"][-1]["content"] == "Explain what this cell does:\n\n```python\na = 5\n```"


def test_explain_takes_a_cell_as_it_was_written_and_none_about_a_chat(notebook, asked):
    with capture_output():
        notebook.run_cell("%precision 3", store_history=True)
        notebook.run_cell("chat", store_history=True)
        notebook.run_cell("chat.ask('hi').text", store_history=True)
        notebook.run_cell("%chat explain", store_history=True)
    assert asked()["messages"][-1]["content"] == "Explain what this cell does:\n\n```python\n%precision 3\n```"


def test_secrets_in_cells_and_errors_are_masked(notebook, asked):
    with capture_output():
        notebook.run_cell('password = "hunter2x"', store_history=True)
        notebook.run_cell("%chat explain", store_history=True)
    assert 'password = "[secret …]"' in asked()["messages"][-1]["content"]
    notebook.run_cell('raise ValueError("no sk-" + "notAReal1Key" * 3, dict(password="hunter2x"))', store_history=True)
    run(notebook, "%chat fix")
    question = asked()["messages"][-1]["content"]
    assert "hunter2x" not in question
    assert "notAReal1KeynotAReal1Key" not in question
    assert "ValueError: ('no [secret …1Key]', {'password': '[secret …]'})" in question


# Tab


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("%chat --mo", "--model"),
        ("%%chat --te", "--temperature"),
        ("%chat mod", "models"),
        ("%chat -f js", "json"),
        ("%chat -w ch", "chat"),
        ("%chat -m test", "test-model"),
        ("%chat what is {lon", "long_name"),
    ],
)
def test_tab_completes(notebook, line, found):
    notebook.user_ns["long_name"] = 1
    notebook.user_ns["chat"]._chat.connections.models = ModelList(["test-model"])
    with provisionalcompleter():
        completions = list(notebook.Completer.completions(line, len(line)))
    assert found in {completion.text for completion in completions}


@pytest.mark.usefixtures("asked")
def test_tab_asks_for_the_models_and_does_not_wait(notebook):
    with provisionalcompleter():
        assert "demo" in {completion.text for completion in notebook.Completer.completions("%chat -m ", 9)}
    assert notebook.user_ns["chat"]._chat.connections.models is not None


def test_plain_ipython_loads_it():
    code = (
        "%load_ext chatwidget\nfrom chatwidget import *\nc = ChatWidget(DemoModel(['fine', '[1, 2]'], delay=0))\n"
        "%chat hello\n%chat -f json -o it numbers\nprint('sum', sum(it))\n%chat cost\n%chat -z\n"
    )
    command = [sys.executable, "-m", "IPython", "--no-banner", "--simple-prompt", "--colors=NoColor"]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=False)
    for text in ("fine", "sum 3", "| demo |", "UsageError: unrecognized arguments: -z"):
        assert text in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
