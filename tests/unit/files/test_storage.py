"""Conversations saved to a file and loaded from it."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time

import pytest

from chatwidget import ChatWidget, ConversationError, DemoModel, SettingsError, to_json
from chatwidget._files import autosave as autosave_module
from tests.keys._canary import leaks

PATIENCE = 10
QUICK = DemoModel(["An answer."], delay=0)
NASTY = "\ud83d \udc00 \0 \ufffe\uffff\U0010ffff \u2028 </script><!--<script> ñ 😀"
"""Lone surrogates, NUL, non-characters, and what ends or begins things elsewhere."""


def until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def texts(path):
    return [entry["message"]["content"] for entry in json.loads(path.read_text("utf-8"))["messages"]]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "chat.json"


def test_what_is_saved_comes_back_with_its_branches(chats, path):
    chat = chats(lambda messages: f"{len(messages)}: {messages[-1]['content']}")
    question = chat.ask("one").id and chat.conversation.path[0]
    chat.edit(question, "two")
    chat.save(path)
    loaded = ChatWidget.load(path, model="demo", system_prompt="Be brief.")
    assert to_json(loaded.conversation) == to_json(chat.conversation)
    assert (loaded.model, loaded.system_prompt) == ("demo", "Be brief.")
    loaded.ask("three")
    assert len(chat.messages) == 2
    loaded.close()


def test_a_conversation_as_messages_is_copied_with_its_branches(chats):
    chat = chats(QUICK)
    chat.ask("one")
    chat.edit(chat.conversation.path[0], "two")
    copy = chats(QUICK, messages=chat.conversation)
    assert to_json(copy.conversation) == to_json(chat.conversation)
    copy.clear()
    assert len(chat.messages) == 2


def test_r32_surrogates_nul_and_non_characters_are_saved_as_valid_utf8(chats, path):
    chat = chats(lambda _: NASTY)
    chat.ask(NASTY)
    chat.save(path)
    assert path.read_bytes().decode("utf-8", "strict").isascii()
    loaded = ChatWidget.load(path, model="demo")
    assert loaded.messages == chat.messages
    assert loaded.messages[1]["content"].startswith("\ufffd \ufffd \0 \ufffe\uffff\U0010ffff")
    loaded.close()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not a conversation file"),
        (b'{"format": "chatwidget.conversation", "version": 1, "messages": [', "not JSON"),
        (b"[]", "JSON object"),
        (b'{"format": "other"}', "not a conversation file"),
        (b'{"format": "chatwidget.conversation", "version": 2, "messages": []}', "pip install -U chatwidget"),
        (b"[" * 10_000, "nested"),
    ],
)
def test_what_is_no_conversation_is_refused_and_stays_as_it_is(chats, path, content, problem):
    path.write_bytes(content)
    for make in (lambda: ChatWidget.load(path), lambda: chats(QUICK, autosave=path)):
        with pytest.raises(ConversationError, match=problem) as refused:
            make()
        assert str(path) in str(refused.value)
    assert path.read_bytes() == content


def test_a_file_that_is_not_there_is_named(path):
    with pytest.raises(FileNotFoundError, match=r"chat\.json"):
        ChatWidget.load(path)


def test_a_save_that_fails_leaves_the_old_file_and_nothing_beside_it(chats, path, monkeypatch):
    chat = chats(QUICK, messages=[{"role": "user", "content": "old"}])
    chat.save(path)
    old = path.read_bytes()
    chat.clear()

    def no_space(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space left"):
        chat.save(path)
    assert path.read_bytes() == old
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="modes and links are those of POSIX")
def test_a_save_keeps_the_mode_of_the_file_and_the_link_to_it(chats, path, tmp_path):
    path.write_text("")
    path.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(path)
    chats(QUICK).save(link)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert json.loads(path.read_text())["messages"] == []


def test_the_conversation_is_kept_at_the_end_of_each_turn(chats, path):
    chat = chats(lambda messages: f"answer {len(messages)}", autosave=path)
    chat.ask("one")
    until(lambda: path.exists() and texts(path) == ["one", "answer 1"])
    chat.ask("two")
    until(lambda: texts(path) == ["one", "answer 1", "two", "answer 3"])
    chat.clear()
    until(lambda: texts(path) == [])


def test_the_cell_run_again_goes_on_with_what_is_in_the_file(chats, path):
    presets = [{"role": "user", "content": "preset"}]
    first = chats(QUICK, autosave=path, messages=presets)
    first.ask("hello")
    # At once, without a wait: the chat before writes what it has not written yet.
    second = chats(QUICK, autosave=path, messages=presets)
    assert second.messages == first.messages
    assert second.messages[0]["content"] == "preset"
    assert "no longer saved" in first._chat.notice
    first.ask("not in the file")
    second.ask("in the file")
    second.close()
    assert texts(path) == [message["content"] for message in second.messages]
    assert "not in the file" not in texts(path)


def test_r17_while_an_answer_streams_no_more_than_five_seconds_are_lost(chats, path, monkeypatch):
    """Fails when `_changed` schedules at `MessagesChanged` only."""
    assert autosave_module.INTERVAL + autosave_module._SOON < 5
    monkeypatch.setattr(autosave_module, "INTERVAL", 0.05)
    steps = [threading.Event() for _ in range(2)]

    def model(_):
        yield "half "
        steps[0].wait(PATIENCE)
        yield "more "
        steps[1].wait(PATIENCE)
        yield "and all"

    chat = chats(model, autosave=path)
    asking = threading.Thread(target=lambda: chat.ask("q"))
    asking.start()
    until(lambda: path.exists() and texts(path)[1:] == ["half "])
    until(lambda: not chat._autosave._busy and not chat._autosave._dirty)
    steps[0].set()
    until(lambda: texts(path)[1:] == ["half more "])
    loaded = ChatWidget.load(path, model="demo")
    assert loaded.conversation[loaded.conversation.path[-1]].status == "interrupted"
    loaded.close()
    steps[1].set()
    asking.join()
    until(lambda: texts(path)[1:] == ["half more and all"])


def test_what_was_said_last_is_in_the_file_when_the_process_ends(path):
    code = f"from chatwidget import ChatWidget; ChatWidget('demo', autosave={str(path)!r}).ask('last words')"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert texts(path)[0] == "last words"
    assert texts(path)[1]


def test_closing_keeps_a_running_answer_as_stopped(chats, path):
    said = threading.Event()

    async def model(_):
        yield "half"
        said.set()
        await asyncio.sleep(PATIENCE)

    chat = chats(model, autosave=path)
    asking = threading.Thread(target=lambda: chat.ask("q"))
    asking.start()
    said.wait(PATIENCE)
    chat.close()
    asking.join()
    entry = json.loads(path.read_text())["messages"][1]
    assert (entry["message"]["content"], entry["status"]) == ("half", "stopped")


def test_a_folder_that_is_not_there_is_an_error_at_once(chats, tmp_path):
    with pytest.raises(SettingsError, match="there is no folder"):
        chats(QUICK, autosave=tmp_path / "none" / "chat.json")


def test_an_autosave_that_fails_is_told_and_goes_on_when_it_can(chats, tmp_path):
    """Fails when `_write` lets an OSError out."""
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "chat.json"
    chat = chats(QUICK, autosave=path)
    chat.ask("one")
    until(path.exists)
    path.unlink()
    folder.rename(tmp_path / "elsewhere")
    assert chat.ask("two").status == "complete"
    until(lambda: chat._chat.notice is not None)
    assert "Not saved" in chat._chat.notice
    assert chat._chat.notice_code == "not_saved"
    folder.mkdir()
    chat.ask("three")
    until(lambda: chat._chat.notice is None)
    assert len(texts(path)) == 6


def test_a_file_that_something_else_has_written_is_left_alone(chats, path):
    """Fails when `_write` does not look at the file first."""
    chat = chats(QUICK, autosave=path)
    chat.ask("one")
    until(path.exists)
    chat._runner.call(chat._autosave.flush)
    path.write_text("someone else's work")
    chat.ask("two")
    until(lambda: chat._chat.notice is not None)
    assert "another program" in chat._chat.notice
    assert path.read_text() == "someone else's work"


def test_a_large_conversation_is_written_beside_the_loop(chats, path):
    """Fails when `_save` writes on the loop."""
    long = [{"role": ("user", "assistant")[place % 2], "content": "x" * 2000} for place in range(10_000)]
    chat = chats(QUICK, autosave=path, messages=long)
    where = []
    write = autosave_module.write_text

    def noted(path, text):
        where.append(threading.current_thread().name)
        write(path, text)

    autosave_module.write_text = noted
    try:
        chat.ask("one")
        until(path.exists)
    finally:
        autosave_module.write_text = write
    assert where
    assert "chatwidget" not in where


def test_k09_no_file_holds_a_key_or_a_server(chats, server, path, key):
    """K09. Key in the argument, in the base URL's query and in a header; the server echoes them in an error."""
    server.reply_error(401, f"wrong key {key}")
    chat = chats("m", base_url=f"{server.base_url}?key={key}", api_key=key, extra_headers={"x-key": key}, autosave=path)
    chat._runner.call(lambda: chat._chat.session.submit("hello")).reply.result(PATIENCE)
    until(path.exists)
    chat.save(path.with_suffix(".2.json"))
    for file in path.parent.iterdir():
        assert leaks(file.read_text(), key) == []
        assert "127.0.0.1" not in file.read_text()
