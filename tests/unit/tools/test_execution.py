"""Turns in which the model calls functions, with a real server on a socket."""

import asyncio
import threading
import time

import pytest

from chatwidget import ChatError, Delta, DemoModel, SettingsError, Status, ToolCallDelta
from chatwidget._tools.tool import Tool
from tests.contract.run import run
from tests.unit._view import View, whole
from tests.unit.tools._calls import assert_valid, call, calls, results

DICT = {"type": "function", "function": {"name": "search", "parameters": {"type": "object", "properties": {}}}}


def price(symbol: str) -> dict[str, object]:
    """Get a price."""
    return {"symbol": symbol, "price": 3}


def test_what_a_function_gives_goes_to_the_model_which_then_answers(chat_with, server):
    """Fails when `TurnRun.run_tools` returns False at once."""
    calls(server, "Let me see.", call(0, "price", {"symbol": "A"}))
    server.reply("It is 3.")
    chat = chat_with(price)
    reply = chat.ask("How much?")
    assert (reply.text, reply.status) == ("It is 3.", Status.COMPLETE)
    assert [message["role"] for message in chat.messages] == ["user", "assistant", "tool", "assistant"]
    first, second = (request.json for request in server.chats)
    assert first["tools"][0]["function"]["name"] == "price"
    assert second["tools"] == first["tools"]
    assert second["messages"] == chat.messages[:3]
    assert second["messages"][2] == {
        "role": "tool",
        "tool_call_id": "call_0",
        "content": '{"symbol": "A", "price": 3}',
    }
    assert chat.status == "ready"


def test_calls_run_side_by_side_and_are_answered_in_their_order(chat_with, server):
    """Fails when `ToolBatch.run` awaits each call before it begins the next one."""
    all_here = threading.Barrier(3)
    answered = threading.Event()

    def meet(name: str) -> str:
        all_here.wait(30)
        if name == "a":
            assert answered.wait(30)
        answered.set()
        return name

    calls(server, *(call(index, "meet", {"name": name}) for index, name in enumerate("abc")))
    chat = chat_with(meet)
    chat.ask("go")
    assert results(chat) == ["a", "b", "c"]


def test_functions_run_beside_the_loop_and_async_ones_on_it(chat_with, server):
    def blocks() -> str:
        return threading.current_thread().name

    async def flows() -> str:
        await asyncio.sleep(0)
        return threading.current_thread().name

    calls(server, call(0, "blocks"), call(1, "flows"))
    chat = chat_with(blocks, flows)
    chat.ask("go")
    blocking, flowing = results(chat)
    assert flowing == "chatwidget"
    assert blocking != "chatwidget"


class OddError(Exception):
    def __str__(self):
        raise ValueError


def test_what_fails_is_told_to_the_model_without_keys(chat_with, server):
    """Fails when `Toolbox.run` catches Exception alone, or `told` does not redact."""

    def fails(how: str) -> str:
        raise {"exit": SystemExit(3), "value": ValueError("no"), "odd": OddError(), "stop": StopIteration()}[how]

    async def leaks() -> str:
        message = "Bearer " + "x1" * 20
        raise RuntimeError(message)

    async def exits() -> str:
        raise SystemExit

    calls(
        server,
        *(call(index, "fails", {"how": how}) for index, how in enumerate(["exit", "value", "odd", "stop"])),
        call(4, "leaks"),
        call(5, "exits"),
    )
    server.reply("I see.")
    chat = chat_with(fails, leaks, exits)
    assert chat.ask("go").text == "I see."
    assert results(chat) == [
        "SystemExit: 3",
        "ValueError: no",
        "OddError",
        "RuntimeError: StopIteration",
        "RuntimeError: Bearer [key removed]",
        "SystemExit",
    ]
    assert {message.status for message in chat.conversation if message.role == "tool"} == {Status.ERROR}


def test_the_chats_own_key_is_taken_out_of_errors(chats, server):
    def leaks() -> str:
        message = "it is correct-horse-battery"
        raise ValueError(message)

    calls(server, call(0, "leaks"))
    chat = chats("m", base_url=server.base_url, api_key="correct-horse-battery", tools=[leaks])
    chat.ask("go")
    assert results(chat) == ["ValueError: it is [key removed]"]


@pytest.mark.parametrize("is_async", [True, False])
def test_an_interrupt_in_a_function_ends_the_turn(chat_with, server, is_async):
    """Fails when `Toolbox.run` catches BaseException."""

    async def later():
        raise KeyboardInterrupt

    def now():
        raise KeyboardInterrupt

    function = later if is_async else now
    calls(server, call(0, function.__name__))
    chat = chat_with(function)
    with pytest.raises(ChatError) as caught:
        chat.ask("go")
    assert caught.value.reply.error == "KeyboardInterrupt"
    assert chat.ask("again").text == "You said: again"
    assert_valid(server.chats[-1].json["messages"])


def test_a_cancelled_function_ends_the_turn(chat_with, server):
    async def cancelled():
        raise asyncio.CancelledError

    calls(server, call(0, "cancelled"))
    chat = chat_with(cancelled)
    with pytest.raises(ChatError) as caught:
        chat.ask("go")
    assert caught.value.reply.status == Status.INTERRUPTED
    assert chat.ask("again").text == "You said: again"
    assert_valid(server.chats[-1].json["messages"])


def test_two_calls_with_one_id_are_two_calls(chats):
    """Fails when `ReplyBuilder._set_apart` leaves the ids as they are."""
    one, two = (
        Delta(tool_calls=(ToolCallDelta(index, "same", "price", f'{{"symbol": "{index}"}}'),)) for index in range(2)
    )
    nameless = Delta(tool_calls=(ToolCallDelta(2, "", "price", '{"symbol": "2"}'),))
    chat = chats(DemoModel([[one, two, nameless], [one], "done"], delay=0), tools=[price])
    assert chat.ask("go").text == "done"
    assert [message.split('"')[3] for message in results(chat)] == ["0", "1", "2", "0"]
    ids = [each.id for message in chat.conversation for each in message.tool_calls]
    assert len(set(ids)) == 4
    assert ids[0] == "same"
    assert_valid(chat.messages)


def test_two_calls_with_one_id_under_two_indexes_are_two_calls(chat_with, server):
    """Fails when `ToolCallSlots` looks at the id alone."""
    calls(server, *(call(index, "price", {"symbol": name}, id="same") for index, name in enumerate("AB")))
    chat = chat_with(price)
    assert chat.ask("go").status == Status.COMPLETE
    assert results(chat) == ['{"symbol": "A", "price": 3}', '{"symbol": "B", "price": 3}']
    assert_valid(server.chats[1].json["messages"])


def test_a_view_that_follows_the_patches_has_the_same_messages(chat_with, server):
    """The ids that were set apart and the results too."""
    calls(server, call(0, "price", {"symbol": "A"}), call(1, "odd", "{"))
    calls(server, call(0, "price", {"symbol": "B"}))
    chat = chat_with(price)
    runner, views = chat._runner, chat._views
    view = View(runner.call(views.snapshot))
    sent = []
    send = views._send
    views._send = lambda content: (sent.append(content), send(content))
    chat.ask("go")
    final = runner.call(views.snapshot)
    for patch in sent:
        assert view.receive(patch) == "applied"
    assert view.snapshot == whole(final)


def test_openai_dicts_are_passed_on_and_their_calls_are_left(chat_with, server):
    """Fails when `calls_to_run` leaves out `passes_on`."""
    calls(server, call(0, "price", {"symbol": "A"}), call(1, "search"))
    chat = chat_with(price, DICT)
    reply = chat.ask("go")
    assert [tool["function"]["name"] for tool in server.chats[0].json["tools"]] == ["price", "search"]
    assert [each.name for each in reply.tool_calls] == ["price", "search"]
    assert reply.status == Status.COMPLETE
    assert results(chat) == ['{"symbol": "A", "price": 3}']
    assert len(server.chats) == 1


def test_dicts_alone_and_those_in_params_are_passed_on(chat_with, server):
    calls(server, call(0, "search"))
    other = {**DICT, "function": {"name": "other"}}
    chat = chat_with(DICT)
    chat.params = {"tools": [other]}
    assert [each.name for each in chat.ask("go").tool_calls] == ["search"]
    assert [tool["function"]["name"] for tool in server.chats[0].json["tools"]] == ["search", "other"]


def test_a_question_may_have_tools_of_its_own(chat_with, server):
    """Fails when `TurnRun._toolbox` is the chat's."""

    def own() -> str:
        return "mine"

    calls(server, call(0, "own"))
    chat = chat_with(price)
    chat.ask("go", tools=[own])
    assert results(chat) == ["mine"]
    assert [tool["function"]["name"] for tool in server.chats[1].json["tools"]] == ["own"]
    chat.ask("none", tools=[])
    assert "tools" not in server.chats[-1].json
    run(chat.ask_async("go", tools=[own]))
    assert server.chats[-1].json["tools"][0]["function"]["name"] == "own"
    chat.ask("as ever")
    assert server.chats[-1].json["tools"][0]["function"]["name"] == "price"


def test_tools_are_added_replaced_and_listed(chat_with, server):
    chat = chat_with()
    assert chat.tools == []

    @chat.tool
    def one() -> str:
        return "old"

    @chat.tool(name="two", title="Counting **two**")
    def second() -> int:
        return 2

    @chat.tool
    def one() -> str:  # noqa: F811 a cell is run again
        return "new"

    assert one() == "new"
    assert chat._look()["titles"] == {"two": "Counting **two**"}
    calls(server, call(0, "one"), call(1, "two"))
    chat.ask("go")
    assert results(chat) == ["new", "2"]
    kept = chat.tools
    chat.tools = [price, DICT]
    assert len(chat.tools) == 2
    chat.tools = kept
    assert [tool.name for tool in chat.tools] == ["one", "two"]


def test_a_title_is_shown_for_a_questions_own_tool_as_long_as_it_is_that_ones(chat_with, server):
    """Fails when `_look` takes the titles of the chat's own tools only."""
    calls(server, call(0, "price", {"symbol": "A"}))
    chat = chat_with()
    chat.ask("How much?", tools=[Tool(price, title="Fetching **price**")])
    chat.ask("And now?")
    assert chat._look()["titles"] == {"price": "Fetching **price**"}
    chat.tool(price)
    assert chat._look()["titles"] == {}


@pytest.mark.parametrize(
    ("tools", "says"),
    [
        ([1], "not int"),
        ("text", "a list"),
        (price, "a list"),
        ([price, price], "two tools"),
        ([{"a": 1}], "must look like"),
    ],
)
def test_what_is_no_tool_is_refused(chats, tools, says):
    with pytest.raises(SettingsError, match=says):
        chats("demo", tools=tools)


def test_a_model_that_was_made_to_call_is_free_once_it_has(chat_with, server):
    """Fails when `Toolbox.params` keeps the choice."""
    calls(server, call(0, "price", {"symbol": "A"}))
    chat = chat_with(price)
    chat.ask("go", tool_choice="required")
    assert [request.json.get("tool_choice") for request in server.chats] == ["required", None]


def test_a_function_of_the_users_may_be_the_model(chats):
    def model(messages):
        if messages[-1]["role"] == "tool":
            return f"It said {messages[-1]['content']}"
        return call(0, "price", {"symbol": "A"})

    assert chats(model, tools=[price]).ask("go").text == 'It said {"symbol": "A", "price": 3}'


def test_a_function_cannot_ask_its_own_chat_and_wait(chat_with, server):
    """It would wait for itself. Fails when `TurnRun._answer` does not enter the turn."""

    def nested() -> str:
        return chat.ask("what?").text

    calls(server, call(0, "nested"))
    chat = chat_with(nested)
    chat.ask("go")
    assert results(chat)[0].startswith("CannotWaitError: ")


def test_asking_again_for_the_last_answer_runs_nothing_again(chat_with, server):
    ran = []

    def count() -> int:
        ran.append(1)
        return len(ran)

    calls(server, call(0, "count"))
    server.reply("one")
    server.reply("still one")
    chat = chat_with(count)
    chat.ask("go")
    assert chat.retry().text == "still one"
    assert len(ran) == 1
    assert_valid(chat.messages)


def test_what_a_messages_observer_stops_runs_nothing(chat_with, server):
    ran = []
    calls(server, call(0, "runs"))

    def runs() -> None:
        ran.append(1)

    chat = chat_with(runs)
    chat.observe(lambda change: change["new"][-1].get("tool_calls") and chat.stop(), "messages")
    chat.ask("go")
    assert ran == []
    assert chat.status == "ready"


def test_while_functions_run_the_chat_waits(chat_with, server):
    go_on = threading.Event()
    seen = []

    def wait() -> str:
        seen.append(chat.status)
        go_on.wait(30)
        return "done"

    calls(server, call(0, "wait"))
    chat = chat_with(wait)
    asked = threading.Thread(target=lambda: chat.ask("go"))
    asked.start()
    deadline = time.monotonic() + 30
    while not seen and time.monotonic() < deadline:
        time.sleep(0.01)
    assert seen == ["waiting"]
    go_on.set()
    asked.join(30)
    assert results(chat) == ["done"]
