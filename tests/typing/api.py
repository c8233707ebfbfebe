"""The types that checkers infer for the public names; never run. `make lint` checks it with mypy and pyright."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypedDict, assert_type

from chatwidget import ChatWidget, Conversation, Delta, LeftOut, Message, ToolCall, Usage, concat_stream


class City(TypedDict):
    name: str


@dataclass
class Point:
    x: float


def pieces(_messages: list[dict[str, Any]], chat: ChatWidget) -> Iterator[str]:
    yield chat.update("a")


def making() -> None:
    assert_type(ChatWidget(pieces), ChatWidget)
    ChatWidget("m", system_prompt="Be brief.", temperature=0.2, messages=[{"role": "user", "content": "a"}])
    ChatWidget(pieces, cumulative=True, tool_titles={"get_price": "Fetching **price**..."})
    assert_type(ChatWidget.load("chat.json"), ChatWidget)


def settings(chat: ChatWidget) -> None:
    assert_type(chat.system_prompt, str | None)
    assert_type(chat.params, dict[str, Any])
    assert_type(chat.starters, list[dict[str, str]])
    assert_type(chat.height, str | None)
    assert_type(chat.locale, str | None)
    assert_type(chat.tool_titles, dict[str, str])
    assert_type(chat.prices, dict[str, tuple[float, float]])
    assert_type(chat.messages, list[dict[str, Any]])
    assert_type(chat.status, str)


def parsed(chat: ChatWidget, form: type[Point] | None) -> None:
    assert_type(chat.ask("a", response_format=City), Message[City])
    assert_type(chat.ask("a", response_format=City).parsed, City)
    assert_type(chat.ask("a", response_format=Point).parsed.x, float)
    assert_type(chat.ask("a", response_format=dict[str, int]).parsed, dict[str, int])
    assert_type(chat.ask("a", response_format={"type": "json_object"}), Message)
    assert_type(chat.ask("a", response_format=form).id, str)
    printed(chat.ask("a", response_format=Point))


async def parsed_later(chat: ChatWidget) -> None:
    assert_type((await chat.ask_async("a", response_format=City)).parsed, City)
    assert_type(await chat.ask_async("a", response_format={"type": "object"}), Message)


def printed(reply: Message) -> str:
    return reply.text


def asking(chat: ChatWidget) -> None:
    reply = chat.ask("hi", temperature=0.2, attachments=["plot.png"], variables=True)
    assert_type(reply, Message)
    assert_type(reply.usage, Usage | None)
    assert_type(reply.left_out, LeftOut | None)
    assert_type(chat.context_window, int | None)
    chat.context_window, chat.trim = 8192, "summarize"
    assert_type(reply.tool_calls, list[ToolCall])
    assert_type(reply.text, str)
    assert_type(reply.log, str | None)
    assert_type(chat.retry(), Message)
    assert_type(chat.preview("{df}"), str)
    assert_type(chat.context, list[Any])
    chat.context = ["cells", "data.csv"]
    assert_type(chat.context_tokens, int)
    assert_type(chat.usage, Usage)
    assert_type(chat.cost, float | None)
    assert_type(chat.models(), list[str])
    assert_type(chat.conversation, Conversation)
    assert_type(chat.last, Message | None)
    assert_type(len(chat), int)
    assert_type(list(chat), list[Message])
    ChatWidget("demo", messages=chat)


async def awaiting(chat: ChatWidget) -> None:
    assert_type(await asyncio.create_task(chat.ask_async("hi")), Message)
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
