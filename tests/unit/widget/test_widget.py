"""ChatWidget as an object in Python: asking, waiting, observing, closing. The models answer offline."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import subprocess
import sys
import threading

import pytest
import traitlets
from anywidget import AnyWidget

from chatwidget import ChatError, ChatWidget, ConversationError, DemoModel, SettingsError, Status
from tests.contract.run import run

pytestmark = pytest.mark.usefixtures("no_settings")


def script(*replies, delay=0, **kwargs):
    return DemoModel(list(replies), delay=delay, **kwargs)


class Held:
    """A function whose answer waits in its middle until released."""

    def __init__(self):
        self.release = threading.Event()

    def __call__(self, _messages):
        yield "first "
        self.release.wait(10)
        yield "last"

    @staticmethod
    def asked(chat):
        """Ask in another thread, and wait until the first piece is in; gives the way to the reply."""
        heard = threading.Event()
        chat.observe(lambda change: change["new"] == "streaming" and heard.set(), "status")
        join = in_thread(lambda: chat.ask("hi"))
        assert heard.wait(10)
        return join


def in_thread(function):
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()

    def join():
        thread.join(10)
        return results[0]

    return join


def sent_to_views(chat):
    """Records what the widget sends to its views."""
    sent = []
    chat._views._send = sent.append
    return sent


def snapshot_of(chat):
    return chat._runner.call(chat._views.snapshot)


def test_ask_gives_the_reply(chats):
    reply = chats(script("hello")).ask("hi")
    assert (reply.content, reply.status, reply.role) == ("hello", Status.COMPLETE, "assistant")


def test_send_is_what_every_widget_has(chats):
    """Fails when a method of the chat's own is called `send`."""
    chat = chats(lambda _: "hi")
    assert ChatWidget.send is AnyWidget.send
    assert chat.send({"type": "theirs"}, buffers=[b"x"]) is None


def test_ask_async_gives_the_reply_on_any_loop(chats):
    chat = chats(script("one", "two"))
    assert run(chat.ask_async("a")).content == "one"
    assert run(chat.ask_async("b")).content == "two"


def test_a_failed_turn_raises_with_the_partial_reply(chats):
    chat = chats(script("one two three", fail_at=1))
    with pytest.raises(ChatError, match="broke off") as caught:
        chat.ask("hi")
    assert (caught.value.reply.status, caught.value.reply.content) == (Status.INTERRUPTED, "one")


def test_stop_from_another_thread_ends_ask(chats):
    held = Held()
    chat = chats(held)
    join = held.asked(chat)
    chat.stop()
    reply = join()
    held.release.set()
    assert (reply.status, reply.content) == (Status.STOPPED, "first ")


def test_cancelling_ask_async_stops_the_turn(chats):
    chat = chats(script("a b c d e f", "next", delay=0.05))

    async def cancel_midway():
        task = asyncio.create_task(chat.ask_async("hi"))
        while chat.status != "streaming":  # noqa: ASYNC110 another thread changes it
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(cancel_midway())
    assert [message.status for message in chat.conversation][-1] == Status.STOPPED
    assert chat.ask("again").content == "next"


def test_an_interrupt_of_ask_stops_the_turn():
    code = """
import _thread, threading, time
from chatwidget import ChatWidget
started = threading.Event()
def slow(messages):
    yield "a"
    started.set()
    threading.Event().wait(10)
chat = ChatWidget(slow)
threading.Thread(target=lambda: (started.wait(), _thread.interrupt_main()), daemon=True).start()
try:
    chat.ask("hi")
except KeyboardInterrupt:
    pass
reply = list(chat.conversation)[-1]
assert (str(reply.status), reply.content) == ("stopped", "a"), reply
chat.model = lambda messages: "ok"
assert chat.ask("again").content == "ok"
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_asking_from_inside_a_streaming_function_says_what_to_do(chats):
    def ask_again(_messages):
        return chat.ask("again")

    async def ask_on_the_loop(_messages):
        return chat.ask("again").content

    chat = chats(ask_on_the_loop)
    with pytest.raises(ChatError, match="wait for itself"):
        chat.ask("hi")


def test_ask_inside_a_running_loop_works_for_a_cell(chats):
    chat = chats(script("ok"))

    async def cell():
        return chat.ask("hi").content

    assert run(cell()) == "ok"


def test_messages_can_be_read_set_and_observed(chats):
    chat = chats(script("ok"), messages=[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}])
    seen = []
    chat.observe(lambda change: seen.append(change["new"]), "messages")
    chat.ask("c")
    assert [message["content"] for message in chat.messages] == ["a", "b", "c", "ok"]
    assert [len(messages) for messages in seen] == [3, 4]
    chat.messages = chat.messages[:2]
    assert len(chat.messages) == 2
    assert len(seen[-1]) == 2


def test_what_messages_gives_is_a_copy(chats):
    chat = chats(script("ok"))
    chat.ask("hi")
    chat.messages[0]["content"] = "changed"
    assert chat.messages[0]["content"] == "hi"


@pytest.mark.parametrize("bad", [None, "text", [{"role": "nobody", "content": "x"}], [{"content": "x"}], [1]])
def test_messages_that_are_none_are_refused_and_change_nothing(chats, bad):
    chat = chats(script("ok"))
    chat.ask("hi")
    before = chat.messages
    with pytest.raises(ConversationError):
        chat.messages = bad
    assert chat.messages == before


def test_setting_messages_stops_the_running_turn(chats):
    held = Held()
    chat = chats(held)
    join = held.asked(chat)
    chat.messages = [{"role": "user", "content": "new"}]
    held.release.set()
    assert join().status == Status.STOPPED
    assert [message["content"] for message in chat.messages] == ["new"]


def test_undo_and_clear(chats):
    chat = chats(script("ok"))
    chat.ask("a")
    chat.ask("b")
    chat.undo()
    assert [message["content"] for message in chat.messages] == ["a", "ok"]
    chat.clear()
    assert chat.messages == []


def test_retry_and_edit_branch(chats):
    chat = chats(script("one", "two", "three"))
    chat.ask("hi")
    assert chat.retry().content == "two"
    assert chat.edit(chat.conversation.path[0], "ho").content == "three"
    assert [message["content"] for message in chat.messages] == ["ho", "three"]


def test_status_is_observed_through_a_turn(chats):
    chat = chats(script("a b"))
    seen = []
    chat.observe(lambda change: seen.append(change["new"]), "status")
    chat.ask("hi")
    assert seen == ["waiting", "streaming", "ready"]


def test_a_failing_observer_ends_the_turn_and_the_next_works(chats):
    chat = chats(script("ok"))

    def fail(_change):
        raise ZeroDivisionError

    chat.observe(fail, "messages")
    with pytest.raises(ChatError, match="ZeroDivisionError"):
        chat.ask("hi")
    chat.unobserve(fail, "messages")
    assert chat.ask("hi").content == "ok"


def test_the_model_can_be_changed(chats):
    chat = chats(script("demo"))
    chat.model = lambda _messages: "mine"
    assert chat.ask("hi").content == "mine"
    chat.model = "demo"
    assert "demo model" in chat.ask("hi").content


def test_the_demo_model_shows_what_models_can(chats):
    chat = chats(DemoModel(delay=0))
    thought = chat.ask("Show me your reasoning")
    assert thought.reasoning.startswith("**Counting the digits**\n\nThe question is")
    assert "31 digits" in thought.text
    drawn = chat.ask("Draw a picture")
    assert re.search(r"!\[The bell curve\]\(data:image/png;base64,\S+\)$", drawn.markdown)
    assert "base64" not in drawn.text
    sourced = chat.ask("Which sources?")
    assert [citation.title for citation in sourced.citations] == ["Boiling point", "Mount Everest"]
    assert chat.ask("Make a call with a tool").tool_calls[0].arguments == '{"city": "Oslo"}'
    for message in (thought, drawn, sourced):
        assert message.status == "complete"


def test_another_model_of_the_same_server_keeps_server_and_key(chats):
    chat = chats("one", base_url="http://127.0.0.1:9/v1", api_key="canary-key-0123456789abcdef")
    before = chat._chat.session.transport
    chat.model = "two"
    assert chat._chat.session.transport is before
    assert chat._chat.connection.shown() | {"model": None} == {
        "kind": "server",
        "model": None,
        "base_url": "http://127.0.0.1:9/v1",
        "key": "…cdef",
    }
    chat.model = "demo"
    assert "demo model" in chat.ask("hi").content


@pytest.mark.parametrize("bad", [42, object()])
def test_a_model_that_is_none_is_refused_and_the_old_one_stays(chats, bad):
    model = script("ok")
    chat = chats(model)
    with pytest.raises(SettingsError):
        chat.model = bad
    assert chat.model is model
    assert chat.ask("hi").content == "ok"


def test_bad_arguments_are_refused_without_noise(capsys):
    with pytest.raises(SettingsError):
        ChatWidget("m", base_url="ftp://x")
    with pytest.raises(traitlets.TraitError):
        ChatWidget("demo", system_prompt=3)
    gc.collect()
    assert capsys.readouterr().err == ""


def test_two_hundred_sends_from_many_threads_give_a_valid_history(chats):
    chat = chats(lambda messages: f"re: {messages[-1]['content']}")
    threads = [threading.Thread(target=chat.ask, args=(f"q{number}",)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    messages = chat.messages
    assert [message["role"] for message in messages] == ["user", "assistant"] * 200
    assert all(
        reply["content"] == f"re: {asked['content']}"
        for asked, reply in zip(messages[::2], messages[1::2], strict=True)
    )


def test_the_snapshot_holds_the_conversation_and_no_key(chats):
    chat = chats("m", base_url="http://127.0.0.1:9/v1", api_key="canary-key-0123456789abcdef")
    chat.messages = [{"role": "user", "content": "hi 😀"}]
    state = chat.get_state()
    assert [message["content"] for message in state["_snapshot"]["messages"]] == ["hi 😀"]
    shown = json.dumps(state) + repr(chat) + repr(vars(chat)) + repr(chat.trait_values())
    assert "0123456789" not in shown
    assert state["_snapshot"]["state"]["connection"]["key"] == "…cdef"


def test_five_thousand_tokens_flat_out_take_few_patches(chats):
    chat = chats(script(["tok "] * 5000))
    sent = sent_to_views(chat)
    chat.ask("hi")
    snapshot_of(chat)
    assert len(sent) <= 40
    text = "".join(op["text"] for message in sent for op in message["ops"] if op["op"] == "text")
    assert text == "tok " * 5000


def test_a_view_submits_stops_and_connects(chats):
    chat = chats()
    ready = threading.Event()
    chat.observe(lambda change: change["new"] == "ready" and ready.set(), "status")
    chat._receive_from_view(chat, {"type": "connect", "demo": True}, [])
    assert chat.status == "ready"
    ready.clear()
    chat._receive_from_view(chat, {"type": "submit", "id": "one", "text": "a table"}, [])
    chat._receive_from_view(chat, {"type": "submit", "id": "one", "text": "a table"}, [])
    chat._receive_from_view(chat, {"type": "stop"}, [])
    assert ready.wait(5)
    assert [message["role"] for message in chat.messages][:1] == ["user"]
    assert len(chat.conversation) == 2


def test_a_view_that_connects_wrongly_is_told(chats):
    chat = chats()
    for message in ({"base_url": "nonsense", "model": "m", "key": ""}, {"base_url": "", "model": "", "key": ""}):
        chat._receive_from_view(chat, {"type": "connect", **message}, [])
        assert snapshot_of(chat)["state"]["notice"]
        assert chat.status == "disconnected"


def test_nonsense_from_a_view_is_dropped_with_a_warning(chats, caplog):
    chat = chats("demo")
    for message in (None, {}, {"type": "submit"}, {"type": "submit", "id": "<b>", "text": "x"}, {"type": "eval"}):
        chat._receive_from_view(chat, message, [])
    assert len(caplog.records) == 5
    assert len(chat.conversation) == 0


def test_a_view_that_lost_track_gets_a_snapshot(chats):
    chat = chats(script("ok"))
    chat.ask("hi")
    snapshot = snapshot_of(chat)
    sent = sent_to_views(chat)
    chat._receive_from_view(chat, {"type": "resync", "rev": snapshot["rev"]}, [])
    assert sent == [{"type": "patch", "rev": snapshot["rev"], "ops": []}]
    chat._receive_from_view(chat, {"type": "resync", "rev": 0}, [])
    assert sent[1:] == [{"type": "snapshot", "snapshot": snapshot}]


@pytest.mark.parametrize("ending", ["chat.close()", "pass", "del chat"])
def test_r29_closing_or_leaving_in_mid_stream_is_silent(ending):
    code = f"""
import asyncio
from chatwidget import ChatWidget, DemoModel
async def main():
    chat = ChatWidget(DemoModel(["a b c"] , delay=0.05))
    task = asyncio.create_task(chat.ask_async("hi"))
    while not any(m["role"] == "assistant" for m in chat.messages): await asyncio.sleep(0.01)
    {ending}
    try:
        await task
    except Exception as error:
        print(error)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
