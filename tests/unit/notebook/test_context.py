"""What of the notebook goes along with each question: `chat.context`."""

from __future__ import annotations

import sys
import threading

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from chatwidget import ChatWidget, DemoModel, SettingsError
from chatwidget._requests.builder import with_context
from tests.unit.tools._calls import call, calls
from tests.unit.transports.test_function import IMAGE, PIXEL, Figure, Frame


@pytest.fixture
def shell(request, tmp_path, monkeypatch):
    request.getfixturevalue("no_settings")
    monkeypatch.chdir(tmp_path)
    shell = InteractiveShell.instance()
    # All shells of a process share them, and number their cells anew.
    shell.history_manager.outputs.clear()
    shell.run_line_magic("load_ext", "chatwidget")
    yield shell
    # A chat that a cell made would be the one of a later test's `%chat`.
    for value in list(shell.user_ns.values()):
        if isinstance(value, ChatWidget):
            value.close()
    shell.run_line_magic("unload_ext", "chatwidget")
    InteractiveShell.clear_instance()


@pytest.fixture
def chat(shell, chats, server):
    chat = chats("m", base_url=server.base_url)
    shell.user_ns["chat"] = chat
    return chat


def run(shell, *cells):
    with capture_output():
        for cell in cells:
            shell.run_cell(cell, store_history=True)


def said(server, request=-1):
    return server.chats[request].json["messages"][-1]["content"]


def test_cells_with_their_outputs_go_along(shell, chat, server):
    run(shell, "print('printed')\n1 + 1", "x = 5", "1 / 0", "", "import sys; print('oh', file=sys.stderr)")
    chat.context = "cells"
    chat.ask("hi")
    assert said(server) == (
        "For reference, the notebook as it is now:\n\n"
        "Recent cells with their outputs, the latest last:\n\n"
        "```python\n# In [1]\nprint('printed')\n1 + 1\n```\n\n```\nprinted\n2\n```\n\n"
        "```python\n# In [2]\nx = 5\n```\n\n"
        "```python\n# In [3]\n1 / 0\n```\n\n```\nZeroDivisionError: division by zero\n```\n\n"
        "```python\n# In [4]\nimport sys; print('oh', file=sys.stderr)\n```\n\n```\noh\n```\n\n"
        "The question:\n\nhi"
    )
    assert chat.messages[0]["content"] == "hi"


def test_cells_about_the_chat_stay_out(shell, chat):
    run(shell, "a = 1", "%chat hello", "%%chat\nhello", "b = 2\n%chat clear", "chat", "display(chat)", "chat.ask('x')")
    run(shell, "task = 'chat'", "from chatwidget import ChatWidget\nother = ChatWidget('demo')\nother")
    chat.context = ["cells"]
    text = chat.preview()
    assert [line for line in text.splitlines() if line.startswith("# In [")] == ["# In [1]", "# In [8]"]
    shell.user_ns["other"].close()


@pytest.mark.parametrize(
    "cell",
    [
        "%chatt hello",
        "% chat hello",
        "%%Chat\nhello",
        "%%chatt\nhello",
        "# Why?\n%%chat\nhello",
        "%Chat",
        "chat hello",
        "r = %chat hello",
        "r = %chatt hello",
        "%%time\n%chat hello",
        "%time r = %chat hello",
        "chat.preview('secret')",
        "print(chat.preview('secret'))",
        "for line in chat.preview('secret').splitlines():\n    print(line)",
        "text = chat.ask('hello').text\nprint(text)",
        "await chat.ask_async('hello')",
        "async for delta in chat.stream('hello'):\n    print(delta.content)",
        "print(reply.text)",
        "for message in chat:\n    print(message)",
        "chats = [chat]\nchats[0].ask('hello')",
        "print(rooms['first'].ask('hello'))",
        "for each in rooms.values():\n    print(each.last)",
        "%time chat.ask('hello')",
        "%%time\nreply = chat.ask('hello')\nprint(reply)",
        "%%capture out\nprint(chat.messages)",
        "reply",
        "reply.text",
        "print(chat.messages)",
        "from IPython.display import display\ndisplay(chat)",
        "from chatwidget import ChatWidget\nthird = ChatWidget('demo')",
        "import chatwidget as cw\nthird = cw.ChatWidget('demo')\nthird.close()",
        "%load_ext chatwidget",
        "chat.model = 'demo'",
        "chat.clear()",
        "chat.context = ['cells']\nchat.context_tokens = 4000",
    ],
)
def test_cells_that_only_make_ask_or_show_a_chat_stay_out(shell, chat, cell):
    shell.user_ns.update(reply=chat.ask("secret"), rooms={"first": chat})
    run(shell, "a = 1", cell, "b = 2")
    chat.context = ["cells"]
    numbers = [line for line in chat.preview().splitlines() if line.startswith("# In [")]
    assert numbers == ["# In [1]", "# In [3]"]


@pytest.mark.parametrize(
    "cell",
    [
        "import json\ndata = json.loads('1')",
        "df = 1\nchat.context = ['df']",
        "df = 1\nchat.clear()",
        "df = str(reply.text).upper()\ndf[:3]",
        "@chat.tool\ndef look() -> str:\n    'Look.'\n    return 'x'",
        "def ask(question):\n    return chat.ask(question)",
        "task = 'chat.ask()'\n'%chat'",
        "from chatwidget import ChatWidget\ndf = 1",
        "x = 5 % 3",
        "%cd .",
        "%precision 3",
        "chatter = 1\nchatter",
        "%time sum([1, 2])",
        "%%time\ndf = 1\ndf",
        "%%time\nimport json",
        "for row in [1]:\n    print(row)",
        "if",
    ],
)
def test_cells_that_do_something_else_go_along(shell, chat, cell):
    shell.user_ns["reply"] = chat.ask("secret")
    run(shell, cell)
    chat.context = ["cells"]
    assert "# In [1]" in chat.preview()


def test_variables_go_along_as_they_are_at_each_question(shell, chat, server):
    frame, items = Frame(), [1]
    shell.user_ns.update(df=frame, items=items, n=1)
    chat.context = ["n", items, frame, "items", {"k": 1}]
    chat.ask("first")
    assert "`n`: 1\n\n`items`: [1]\n\n`df` (Frame, 3 rows, 2 columns):\n\nColumns: name, a|b" in said(server)
    assert said(server).endswith("`items`: [1]\n\n`dict`: {'k': 1}\n\nThe question:\n\nfirst")
    items.append(2)
    shell.user_ns.update(n=2, items=[9])
    chat.ask("second")
    first, _, second = (message["content"] for message in server.chats[-1].json["messages"])
    assert first == "first"
    assert "`n`: 2\n\n`list`: [1, 2]" in second
    assert "`items`: [9]" in second
    del shell.user_ns["n"]
    chat.ask("third")
    assert "`n` no longer exists." in said(server)


def test_files_go_along_by_their_beginnings_and_images_as_such(chat, server, tmp_path):
    (tmp_path / "plot.png").write_bytes(PIXEL)
    (tmp_path / "data.csv").write_text("a,b\n" + "1,2\n" * 50_000)
    (tmp_path / "notes.txt").write_text("¡Hola!\n")
    (tmp_path / "x.bin").write_bytes(b"\0\1\2")
    chat.context = ["plot.png", tmp_path / "data.csv", "notes.txt", "x.bin"]
    chat.context_tokens = 2000
    chat.ask("hi")
    text, image, question = said(server)
    assert image["image_url"]["url"] == IMAGE
    assert question == {"type": "text", "text": "hi"}
    text = text["text"]
    assert "`plot.png` (file): See the image." in text
    assert "`notes.txt` (file, 8 bytes):\n\n```\n¡Hola!\n```" in text
    assert "`x.bin` (file, 3 bytes, no text, not sent)" in text
    assert "`data.csv` (file, 200,004 bytes; only the first 9" in text
    assert len(text) < 4 * 2000
    (tmp_path / "notes.txt").write_text("changed")
    (tmp_path / "x.bin").unlink()
    chat.ask("again")
    assert "changed" in said(server)[0]["text"]
    assert "`x.bin` no longer exists." in said(server)[0]["text"]


def test_all_keep_to_the_budget_and_say_what_is_missing(shell, chat):
    run(shell, *(f"x = {number}  # {'-' * 200}" for number in range(100)), f"y = '''{'z' * 9000}'''")
    shell.user_ns["long"] = "w" * 50_000
    chat.context = ["cells", "long", *[Figure() for _ in range(9)]]
    chat.context_tokens = 5000
    text = chat.preview()
    assert len(text) < 21_000
    assert text.count("[image_url]") == 5
    assert "(4 more images not sent)" in text
    assert "earlier ones not sent" in text
    assert "more characters not sent" in text
    assert "# In [101]" in text
    chat.context_tokens = 50
    chat.context = "cells"
    assert len(chat.preview()) < 600
    assert "# In [101]" in chat.preview()


def test_secrets_in_it_are_masked(shell, chat, server, tmp_path, monkeypatch):
    monkeypatch.setenv("SERVICE_TOKEN", "opaque one")
    run(shell, "password = 'hunter2x'", "print('opaque one')", "raise ValueError('opaque one')")
    (tmp_path / ".env").write_text("SOME_TOKEN=abcd1234\nA=1\n")
    chat.context = ["cells", ".env"]
    chat.ask("Is password='hunter2x' a good one?")
    context, _, question = said(server).partition("The question:")
    assert "hunter2x" not in context
    assert "opaque one" not in context
    assert "SOME_TOKEN=[secret …]\nA=1" in context
    assert question.strip() == "Is password='hunter2x' a good one?"
    assert chat.preview("Is password='hunter2x' a good one?") == said(server)


def test_tools_and_other_answers_have_it_too(shell, chat, server):
    shell.user_ns["n"] = 1

    @chat.tool
    def change() -> str:
        """Change n."""
        shell.user_ns["n"] += 1
        return "done"

    chat.context = ["n"]
    calls(server, call(0, "change"))
    server.reply("well")
    chat.ask("hi")
    first, second = (request.json["messages"] for request in server.chats)
    assert first[-1]["content"] == second[0]["content"]
    assert "`n`: 1" in first[-1]["content"]
    assert second[-1]["role"] == "tool"
    chat.retry()
    assert "`n`: 2" in server.chats[-1].json["messages"][0]["content"]


def test_a_question_of_parts_keeps_them(chat, server, shell):
    shell.user_ns["n"] = 1
    chat.context = ["n"]
    chat.ask("hi", attachments=[PIXEL])
    assert [part["type"] for part in said(server)] == ["text", "text", "image_url"]
    assert said(server)[1]["text"] == "hi"


def test_it_counts_in_the_limit_of_the_model(chat, server, shell):
    shell.user_ns["long"] = "w" * 12_000
    chat.context_window = 6000
    chat.ask("x" * 8000)
    chat.ask("short")
    assert len(server.chats[-1].json["messages"]) == 3
    chat.context = ["long"]
    reply = chat.ask("short")
    assert len(server.chats[-1].json["messages"]) < 5
    assert reply.left_out is not None


def test_it_is_an_argument_and_can_be_taken_away(shell, chats):
    shell.user_ns["n"] = 1
    chat = chats(DemoModel(["a"]), context=["n"])
    assert chat.context == ["n"]
    assert "`n`: 1" in chat.preview("hi")
    chat.context = []
    assert (chat.context, chat.preview("hi")) == ([], "hi")
    assert with_context([{"role": "assistant", "content": "a"}], [{"type": "text", "text": "b"}]) == [
        {"role": "assistant", "content": "a"}
    ]


def test_a_name_may_be_given_before_its_variable_exists_and_is_missed_when_a_question_is_asked(shell, chats, server):
    shell.user_ns["heights"] = [3640]
    chat = chats("m", base_url=server.base_url, context=["heigths"])
    assert chat.context == ["heigths"]
    assert "`heigths` does not exist yet." in chat.preview("hi")
    with pytest.raises(SettingsError, match='there is no variable heigths yet; did you mean "heights"\\? Assign it'):
        chat.ask("hi")
    assert (chat.messages, server.chats) == ([], [])
    shell.user_ns["heigths"] = [23]
    chat.ask("hi")
    assert "`heigths`: [23]" in said(server)
    # Deleted later, it is only said to the model.
    del shell.user_ns["heigths"]
    chat.ask("hi again")
    assert "`heigths` no longer exists." in said(server)


@pytest.mark.parametrize("wrong", ["no thing", ["cells", "nowhere.csv"], "a/b/c.txt"])
def test_what_is_nothing_is_told_and_changes_nothing(shell, chat, wrong):
    shell.user_ns["n"] = 1
    chat.context = ["n"]
    with pytest.raises(SettingsError, match='neither "cells", a variable of the notebook nor a file'):
        chat.context = wrong
    assert chat.context == ["n"]
    for tokens in (0, "many", True):
        with pytest.raises(SettingsError, match="context_tokens"):
            chat.context_tokens = tokens


def test_a_value_that_cannot_be_read_does_no_harm(chat, server):
    class Broken:
        def __repr__(self):
            message = "not now"
            raise RuntimeError(message)

    chat.context = [Broken()]
    assert chat.ask("hi").status == "complete"
    assert "`Broken` could not be read: RuntimeError: not now" in said(server)


def test_a_cell_may_change_the_namespace_meanwhile(shell, chat):
    done = threading.Event()

    def change():
        number = 0
        while not done.is_set():
            shell.user_ns[f"name_{number % 5000}"] = number
            shell.user_ns.pop(f"name_{(number + 2500) % 5000}", None)
            number += 1

    shell.user_ns["n"] = 1
    frame = Frame()
    chat.context = ["cells", "n", frame]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(300):
            assert "`n`: 1" in chat.preview()
    finally:
        done.set()
        thread.join()
        sys.setswitchinterval(interval)


def test_stop_does_not_wait_for_what_takes_its_time(chat, server):
    begun, gate = threading.Event(), threading.Event()

    class Slow:
        def __repr__(self):
            begun.set()
            assert gate.wait(60)
            return "slow"

    chat.context = [Slow()]
    turn = chat._runner.call(lambda: chat._chat.session.submit("hi"))
    assert begun.wait(60)
    chat.stop()
    assert turn.reply.result(60).status == "stopped"
    gate.set()
    chat.context = []
    chat.ask("again")
    assert len(server.chats) == 1


def test_a_chat_without_a_notebook_has_no_cells(request, chats, server):
    request.getfixturevalue("no_settings")
    chat = chats("m", base_url=server.base_url)
    with pytest.raises(SettingsError, match="only available in IPython"):
        chat.context = "cells"
    chat.ask("hi")
    assert said(server) == "hi"
    assert isinstance(chat, ChatWidget)
