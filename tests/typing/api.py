"""The public names as a type checker sees them; never run. `make lint` checks it with mypy and pyright."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, assert_type

from chatwidget import ChatWidget, Conversation, Delta, DemoModel, LeftOut, Message, ToolCall, Usage, concat_stream


def answer(messages: list[dict[str, Any]]) -> str:
    return str(messages[-1]["content"])


def pieces(_messages: list[dict[str, Any]], chat: ChatWidget) -> Iterator[str]:
    yield chat.update("a")


async def pieces_later(_messages: list[dict[str, Any]]) -> AsyncIterator[Delta]:
    yield Delta(content="a")


def making() -> None:
    for model in (answer, pieces, pieces_later, "demo", None, DemoModel(["a"])):
        assert_type(ChatWidget(model), ChatWidget)
    ChatWidget("m", system_prompt="Be brief.", temperature=0.2, messages=[{"role": "user", "content": "a"}])
    ChatWidget("claude", client=object(), tools=[len, {"type": "function"}, "https://example.org/mcp"], approve=True)
    ChatWidget(pieces, cumulative=True, tool_titles={"get_price": "Fetching **price**..."})
    assert_type(ChatWidget.load("chat.json"), ChatWidget)


def asking(chat: ChatWidget) -> None:
    reply = chat.ask("hi", temperature=0.2, attachments=["plot.png"], variables=True)
    assert_type(reply, Message)
    assert_type(reply.usage, Usage | None)
    assert_type(reply.left_out, LeftOut | None)
    assert_type(chat.context_limit, int | None)
    chat.context_limit, chat.trim = 8192, "summarize"
    assert_type(reply.tool_calls, list[ToolCall])
    assert_type(reply.text, str)
    assert_type(chat.retry(), Message)
    assert_type(chat.preview("{df}"), str)
    assert_type(chat.context, list[Any])
    chat.context = ["cells", "data.csv"]
    assert_type(chat.context_tokens, int)
    assert_type(chat.usage, Usage)
    assert_type(chat.cost, float | None)
    assert_type(chat.models(), list[str])
    assert_type(chat.conversation, Conversation)


async def awaiting(chat: ChatWidget) -> None:
    assert_type(await chat.ask_async("hi"), Message)
    async for delta in chat.stream("hi"):
        assert_type(delta, Delta)


def answering(chat: ChatWidget) -> None:
    @chat.on_message
    def first(messages: list[dict[str, Any]]) -> str:
        return str(messages)

    @chat.on_message(cumulative=True)
    def second(messages: list[dict[str, Any]], chat: ChatWidget) -> str:
        return str(messages) + chat.update("a")

    assert_type(first([]), str)
    assert_type(second([], chat), str)
    assert_type(chat.update({"role": "assistant", "content": "a"}, id="b"), str)
    assert_type(concat_stream([{"choices": []}]), dict[str, Any])


async def joining(chunks: AsyncIterator[Any]) -> None:
    assert_type(await concat_stream(chunks), dict[str, Any])


def hearing(chat: ChatWidget) -> None:
    def piece(delta: Delta) -> None:
        assert_type(delta.content, str)

    def whole(message: Message) -> None:
        assert_type(message.content, str | list[dict[str, Any]])

    assert_type(chat.on("delta", piece), Callable[[], None])
    chat.on("turn", whole)
    chat.on("delta", whole)  # type: ignore[call-overload]
