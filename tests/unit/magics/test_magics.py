"""`%chat` in a real IPython shell, as in a terminal and as in a notebook."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from chatwidget import ChatWidget, Delta, DemoModel, Message, SettingsError, ToolCallDelta
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
    "question", ["What is it?", "what's (this?", "Is it {} or $chat?", "why??", 'say "hi?"', "¿qué?", "what? "]
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


@pytest.mark.parametrize("line", ["%chat hi", "%%chat\nhi", "%chat -o x hi", "r = %chat hi", "%chat -m some-model hi"])
def test_without_a_model_the_form_is_shown_and_the_cell_fails_with_one_sentence(notebook, line):
    with capture_output() as captured:
        result = notebook.run_cell(line, store_history=False)
    chat = latest_widget()
    assert captured.outputs[-1].data["application/vnd.jupyter.widget-view+json"]["model_id"] == chat.model_id
    printed = captured.stdout + captured.stderr
    assert printed.startswith("NotConnectedError: No model is connected. Choose one in the form above")
    assert "OPENAI_API_KEY" in printed
    assert len(printed.strip().splitlines()) == 1
    assert result.success is False
    assert chat.messages == []
    chat.close()


def test_in_a_terminal_without_a_model_it_is_a_sentence(shell):
    with capture_output() as captured:
        result = shell.run_cell("%chat hi", store_history=False)
    assert captured.outputs == []
    assert 'ChatWidget("demo")' in captured.stdout
    assert "form" not in captured.stdout
    assert result.success is False
    latest_widget().close()


@pytest.mark.parametrize("first", ["%chat hello", "%chat fix", "%chat", "ChatWidget()"])
def test_a_chat_that_was_never_connected_gives_way_to_the_next_one_that_is(notebook, first):
    notebook.user_ns["ChatWidget"] = ChatWidget
    with capture_output():
        notebook.run_cell("1 / 0", store_history=False)
        notebook.run_cell(first, store_history=False)
    unconnected = latest_widget()
    chat, later = ChatWidget(DemoModel(["one", "two"], delay=0)), ChatWidget()
    with capture_output():
        notebook.run_cell("%chat hello", store_history=False)
    assert [message["content"] for message in chat.messages] == ["hello", "one"]
    later.model = "demo"
    with capture_output():
        notebook.run_cell("%chat again", store_history=False)
    assert len(chat.messages) == 4
    assert later.messages == unconnected.messages == []
    for each in (unconnected, chat, later):
        each.close()


def test_the_environment_may_name_a_model_later(notebook, server, monkeypatch):
    """As the error says: with `os.environ`, without a restart."""
    out, _ = run(notebook, "%chat hello")
    assert "set OPENAI_API_KEY" in out[-1]
    unconnected = latest_widget()
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    run(notebook, "%chat hello")
    run(notebook, "%chat again")
    assert [message["content"] for message in server.chats[-1].json["messages"]][::2] == ["hello", "again"]
    for each in (unconnected, latest_widget()):
        each.close()


def test_a_server_that_was_chosen_is_not_replaced_by_that_of_the_environment(notebook, server, chats, monkeypatch):
    chats(base_url="http://localhost:1/v1")
    run(notebook, "%chat hello")
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    _, result = run(notebook, "%chat hello")
    assert result.success is False
    assert not server.chats


def test_a_chat_that_is_connected_in_its_form_is_the_one(notebook):
    with capture_output():
        notebook.run_cell("%chat hello", store_history=False)
    chat = latest_widget()
    chat.model = "demo"
    with capture_output():
        notebook.run_cell("%chat hello", store_history=False)
    assert chat.messages[0]["content"] == "hello"
    chat.close()


def test_without_a_model_the_list_of_models_asks_no_server(notebook):
    out, result = run(notebook, "%chat models")
    assert out[-1].startswith("UsageError: No model server is connected, so there are no models to list.")
    assert "OPENAI_API_KEY" in out[-1]
    assert result.success is False
    chat = latest_widget()
    with pytest.raises(SettingsError, match="No model server is connected"):
        chat.models()
    chat.close()


def test_a_server_lists_its_models_before_one_is_chosen(notebook, server, chats):
    notebook.user_ns["chat"] = chats(base_url=server.base_url)
    out, _ = run(notebook, "%chat models")
    assert "- `test-model`" in out[0]


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


def test_values_are_brought_by_mentions_too_and_a_misspelt_name_is_said(notebook, asked, server):
    notebook.user_ns.update(sizes=[1, 2], chat=notebook.user_ns.get("chat"))
    run(notebook, "%chat What of @sizes, me@sizes.org?")
    assert asked()["messages"][-1]["content"] == "What of @sizes, me@sizes.org?\n\n@sizes (list):\n```\n[1, 2]\n```"
    count = len(server.chats)
    for name in ("{size}", "@size"):
        out, _ = run(notebook, f"%chat What of {name}?")
        meant = name.replace("size", "sizes")
        said = f"there is no variable for {name}; did you mean {meant}? To send it as it is, write `\\{name}`"
        assert said in "".join(out)
    assert len(server.chats) == count
    run(notebook, "%chat --plain What of {size}?")
    run(notebook, r"%chat What of \{size} and \@size?")
    texts = [request.json["messages"][-1]["content"] for request in server.chats[count:]]
    assert texts == ["What of {size}?", "What of {size} and @size?"]


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


FOLD = "<details><summary>Code for the next cell</summary>\n\n"
CODE = "Here:\n\n```python\nx = 1\n```\n\nand\n\n```\ny = 2\n```\n"


@pytest.mark.parametrize(
    ("format_name", "answer", "value", "shown"),
    [
        ("markdown", "**a** <b>", "**a** <b>", "**a** &lt;b>"),
        ("text", "**a** <b>", "**a** <b>", "```\n**a** <b>\n```"),
        ("json", '```json\n{"a": [1]}\n```', {"a": [1]}, '```json\n{"a": [1]}\n```'),
        ("json", "[1, 2]", [1, 2], "```json\n[1, 2]\n```"),
        ("code", CODE, "x = 1\n\ny = 2", f"{FOLD}```python\nx = 1\n\ny = 2\n```\n\n</details>"),
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
@pytest.mark.parametrize("line", ["%chat -f json give it", "%chat -f json -o it give it", "it = %chat -f json give it"])
def test_an_answer_that_is_no_json_is_told_and_halts_where_it_was_to_be_kept(notebook, server, line):
    server.reply("I would rather not.")
    out, result = run(notebook, line)
    is_kept = "it " in line.partition("give")[0]
    assert "not valid JSON" in out[-1 if is_kept else -2]
    assert "I would rather not." in out[-2]
    assert "".join(out).count("not valid JSON") == 1
    assert result.success is not is_kept
    assert "Traceback" not in out[-1]
    assert "it" not in notebook.user_ns


@pytest.mark.usefixtures("asked")
def test_json_that_was_cut_says_so(notebook, server):
    server.reply('{"a": [1, 2', finish_reason="length")
    out, _ = run(notebook, "%chat -f json -o it give it")
    assert "cut off at the length limit" in out[-1]
    assert "it" not in notebook.user_ns


@pytest.mark.parametrize("line", ["%chat -o it {df.sumary()}", "it = %chat hi"])
def test_an_answer_that_was_to_be_kept_and_is_not_there_halts(notebook, line):
    notebook.user_ns["df"] = 1
    broken = ChatWidget(DemoModel(["some text"], delay=0, fail_at=1))
    out, result = run(notebook, line)
    broken.close()
    assert result.success is False
    assert len(out[-1].strip().splitlines()) == 1
    assert "it" not in notebook.user_ns


@pytest.mark.parametrize(
    ("line", "is_error"), [("%chat hi", False), ("%chat -o it hi", True), ("it = %chat hi", False)]
)
def test_a_stopped_answer_is_not_taken_for_a_variable_that_was_set(notebook, line, is_error):
    def answer(_messages, chat):
        yield "Begun"
        chat.stop()
        yield "and on"

    chat = ChatWidget(answer)
    notebook.user_ns["it"] = "old"
    out, result = run(notebook, line)
    chat.close()
    assert result.success is not is_error
    assert "Begun" in out[-2]
    assert ("stopped, so `it` was not set" in out[-1]) is is_error
    assert notebook.user_ns["it"] == "old" or notebook.user_ns["it"].status == "stopped"


# A reply in a variable


@pytest.mark.parametrize("question", ["What is it?", "what's (this?", "-f text -t 0.5 Hi", "hi"])
def test_a_reply_is_assigned_and_shown_once(notebook, asked, question):
    out, result = run(notebook, f"r = %chat {question}")
    reply = notebook.user_ns["r"]
    assert isinstance(reply, Message)
    assert asked()["messages"][-1]["content"] == question.removeprefix("-f text -t 0.5 ")
    assert reply == notebook.user_ns["chat"].conversation[reply.id]
    assert result.result is None
    assert sum(text is not None and "You said" in text for text in out) > 0
    assert out[-1] == ""


def test_replies_are_assigned_wherever_ipython_assigns(notebook, asked):
    notebook.user_ns["d"] = {}
    run(notebook, "for i in range(2):\n    # ask\n    d[i] = %chat number {i}?")
    assert [reply.text for reply in notebook.user_ns["d"].values()] == ["You said: number 0?", "You said: number 1?"]
    run(notebook, "%time r = %chat timed")
    assert notebook.user_ns["r"].text == "You said: timed"
    run(notebook, "with open('/dev/null') as file:\n  r: object = %chat this \\\n   and that")
    assert asked()["messages"][-1]["content"].split() == ["this", "and", "that"]
    reply = notebook.run_cell_magic("chat", "--reply", "as a function")
    assert reply.text == "You said: as a function"


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("line", ["%chat hi", "%%chat\nhi", "%time %chat hi", "1;\n%chat hi"])
def test_nothing_is_returned_that_is_not_assigned(notebook, line):
    _, result = run(notebook, line)
    assert result.success
    assert result.result is None


@pytest.mark.parametrize("escape", ["!echo", "!!echo", "%time", "%%time\n!echo", "%env"])
def test_a_line_for_the_shell_or_another_magic_is_left_to_it(notebook, chat, escape):
    line = f"{escape} r = %chat hi?"
    transformed = notebook.transform_cell(line)
    notebook.run_line_magic("unload_ext", "chatwidget")
    assert transformed == notebook.transform_cell(line)
    assert chat.messages == []


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("line", ["r = %chat", "r = %chat -t 0.5", "r = %chat cost"])
def test_only_a_question_has_a_reply(notebook, line):
    out, result = run(notebook, line)
    assert "needs a question" in out[-1] or "need a question" in out[-1]
    assert result.success is False
    assert "r" not in notebook.user_ns


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


FIX = """The name is misspelt:

```python
df.summary()
```

The whole cell:

```python
df = 1
df.real
```

Install it with

```bash
pip install it
```
"""


@pytest.fixture
def offered(notebook):
    """Gives what is offered as the next cell, once."""
    notebook.payload_manager.clear_payload()

    def take():
        payload = notebook.payload_manager.read_payload()
        notebook.payload_manager.clear_payload()
        return [(item["source"], item["text"], item["replace"]) for item in payload]

    return take


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("tag", ["python", "py", "", "Python3"])
def test_fix_offers_the_mended_cell_as_the_next_cell_and_shows_it_once(notebook, server, offered, tag):
    run(notebook, "df = 1\ndf.sumary()")
    server.reply(FIX.replace("```python", f"```{tag}"))
    out, _ = run(notebook, "%chat fix")
    assert offered() == [("set_next_input", "df = 1\ndf.real", False)]
    shown = out[-2]
    assert shown.index("The whole cell:") < shown.index(FOLD) < shown.index("df.real") < shown.index("</details>")
    assert shown.index("</details>") < shown.index("pip install it")
    assert shown.count("df.real") == shown.count("<details>") == 1


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("%chat fix", "You cannot fix that."),
        ("%chat fix", "Run this:\n\n```bash\npip install it\n```"),
        ("%chat fix", "Run this:\n\n```python\n```"),
        ("%chat -o x fix", FIX),
        ("%chat fix -o x", FIX),
        ("x = %chat fix", FIX),
        ("%chat -f text fix", FIX),
        ("%chat explain", FIX),
        ("%chat How?", FIX),
    ],
)
def test_no_cell_is_offered_without_code_or_when_the_answer_goes_elsewhere(notebook, server, offered, line, answer):
    notebook.run_cell("df = 1\ndf.sumary()", store_history=True)
    server.reply(answer)
    out, result = run(notebook, line)
    assert result.success
    assert offered() == []
    assert "<details>" not in "".join(out)
    if "x" in line.split():
        x = notebook.user_ns["x"]
        assert (x if isinstance(x, str) else x.text).strip() == answer.strip()


@pytest.mark.usefixtures("asked")
def test_a_mended_cell_in_a_list_is_offered_and_shown_once(notebook, server, offered):
    run(notebook, "1 / 0")
    server.reply("- Do this:\n\n  ```python\n  1 / 1\n  ```\n")
    out, _ = run(notebook, "%chat fix")
    assert offered() == [("set_next_input", "1 / 1", False)]
    assert out[-2].count("<details>") == out[-2].count("1 / 1") == 1


def test_in_a_terminal_the_mended_cell_is_the_next_input(shell, server, chats):
    shell.user_ns["chat"] = chats("m", base_url=server.base_url)
    server.reply("```python\n1 / 1\n```")
    with capture_output():
        shell.run_cell("1 / 0", store_history=False)
        shell.run_cell("%chat fix", store_history=False)
    assert shell.rl_next_input == "1 / 1"


@pytest.mark.parametrize(
    "mistyped",
    [
        "%chatt fix",
        "%cht fix",
        "% chat fix",
        "%%Chat\nfix",
        "%%chatt\nfix",
        "# Why?\n%%chat\nfix",
        "%chat -z",
        "%chat -o x {chat.sumary()}",
        "chat fix",
        "x = %chatt fix",
        "%%time\n%chatt fix",
    ],
)
@pytest.mark.parametrize("keep", [True, False])
def test_fix_takes_no_mistyped_question_for_the_failed_cell(notebook, asked, mistyped, keep):
    run(notebook, "a = 5\na / 0")
    with capture_output():
        assert not notebook.run_cell(mistyped, store_history=keep).success
    run(notebook, "%chat fix")
    assert "```python\na = 5\na / 0\n```" in asked()["messages"][-1]["content"]


def test_fix_takes_mistakes_beside_a_question_and_other_magics(notebook, asked):
    for cell, said in [
        ("b = 1 / 0\n%chat hello", "ZeroDivisionError"),
        ("chat.ask(chat.sumary())", "sumary"),
        ("%timeti 1", "timeti"),
        ("%precision 3\nsumm([1])", "summ"),
    ]:
        run(notebook, cell)
        run(notebook, "%chat fix")
        assert said in asked()["messages"][-1]["content"].split("This is the error:")[1]


@pytest.mark.usefixtures("chat")
def test_an_error_from_before_the_magics_were_loaded_can_be_fixed(notebook, chat):
    notebook.run_line_magic("unload_ext", "chatwidget")
    notebook.user_ns["chat"] = chat
    run(notebook, "1 / 0")
    run(notebook, "%load_ext chatwidget")
    run(notebook, "%chat fix")
    assert "ZeroDivisionError" in chat.messages[0]["content"]


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
