"""The arguments that type checkers accept, and those that they refuse; never run. `make lint` checks it.

A line with `type: ignore` is an error that must be there: both checkers report one that is not needed.
"""

from __future__ import annotations

import functools
import math
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import anthropic
import llm
import mcp
import openai
from google import genai
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mcp.server.mcpserver import MCPServer
from mistralai.client import Mistral
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessageParam
from PIL.Image import Image

from chatwidget import ChatRequest, ChatWidget, Conversation, Delta, DemoModel, Message


def answer(messages: list[dict[str, Any]]) -> str:
    return str(messages[-1]["content"])


async def answer_later(_messages: list[dict[str, str]]) -> dict[str, str]:
    return {"role": "assistant", "content": "a"}


def pieces(_messages: Sequence[ChatCompletionMessageParam], chat: ChatWidget) -> Iterator[str]:
    yield chat.update("a")


async def pieces_later(_messages: list[ChatCompletionMessageParam]) -> AsyncIterator[Delta]:
    yield Delta(content="a")


def completion(model: str, messages: list[Any], timeout: float | None = None, **_: Any) -> object:
    return model, messages, timeout


class Agent:
    def __call__(self, messages: list[dict[str, Any]], chat: object = None) -> str:
        return f"{messages} {chat}"

    def run(self, messages: list[dict[str, Any]]) -> str:
        return str(messages)


class OwnTransport:
    async def stream(self, request: ChatRequest) -> AsyncIterator[Delta]:
        yield Delta(content=str(request.model))

    async def warm(self) -> None: ...

    async def aclose(self) -> None: ...


def no_arguments() -> str:
    return "a"


def three_arguments(messages: list[dict[str, Any]], chat: ChatWidget, more: int) -> str:
    return f"{messages} {chat} {more}"


def models(agent: Agent) -> None:
    for model in ("m", None, answer, answer_later, pieces, pieces_later, Agent(), agent.run, DemoModel(["a"])):
        ChatWidget(model)
    ChatWidget(lambda messages: messages[-1]["content"])
    ChatWidget(functools.partial(pieces, chat=ChatWidget()))
    ChatWidget(openai.OpenAI())
    ChatWidget(openai.AsyncAzureOpenAI())
    ChatWidget(llm.get_model("m"))
    ChatWidget(llm.get_async_model("m"))
    ChatWidget().connect(answer)
    ChatWidget().model = "m"
    ChatWidget(42)  # type: ignore[arg-type]
    ChatWidget(b"m")  # type: ignore[arg-type]
    ChatWidget(["m"])  # type: ignore[arg-type]
    ChatWidget({"model": "m"})  # type: ignore[arg-type]
    ChatWidget(object())  # type: ignore[arg-type]
    ChatWidget(Path("m"))  # type: ignore[arg-type]
    ChatWidget(no_arguments)  # type: ignore[arg-type]
    ChatWidget(three_arguments)  # type: ignore[arg-type]
    ChatWidget().connect(42)  # type: ignore[arg-type]
    ChatWidget().model = 42  # type: ignore[assignment]


def clients() -> None:
    ChatWidget(client=openai.OpenAI())
    ChatWidget("m", client=openai.AsyncOpenAI())
    ChatWidget("m", client=anthropic.Anthropic())
    ChatWidget("m", client=anthropic.AsyncAnthropic())
    ChatWidget("m", client=genai.Client())
    ChatWidget("m", client=genai.Client().aio)
    ChatWidget("m", client=Mistral())
    ChatWidget("m", client=completion)
    ChatWidget("m", client=object())  # type: ignore[arg-type]
    ChatWidget("m", client="openai")  # type: ignore[arg-type]
    ChatWidget("m", client=openai.OpenAI)  # type: ignore[arg-type]
    ChatWidget("m", client=answer)  # type: ignore[arg-type]
    ChatWidget().connect("m", client=3)  # type: ignore[arg-type]


def tools(server: MCPServer, chat: ChatWidget) -> None:
    process = mcp.StdioServerParameters(command="npx", args=["-y"])
    ChatWidget(tools=[answer, len, {"type": "function"}, "https://example.org/mcp", process])
    ChatWidget(tools=(each for each in (answer, no_arguments)))
    ChatWidget(tools={answer})
    ChatWidget(tools=(mcp.Client(process), server))
    chat.tools = [answer, process]
    chat.tools = [*chat.tools, answer]
    chat.ask("a", tools=[answer_later])
    ChatWidget(tools=[3])  # type: ignore[list-item]
    ChatWidget(tools=[None])  # type: ignore[list-item]
    ChatWidget(tools=answer)  # type: ignore[arg-type]
    ChatWidget(tools="https://example.org/mcp")  # type: ignore[arg-type]
    ChatWidget(tools=process)  # type: ignore[arg-type]
    chat.tools = 3  # type: ignore[assignment]
    chat.ask("a", tools=[3])  # type: ignore[list-item]
    chat.tool(3)  # type: ignore[call-overload]
    ChatWidget(approve=lambda name, arguments: name in arguments)
    ChatWidget(approve="yes")  # type: ignore[arg-type]


class PandasFrame:
    shape = (1, 2)

    @property
    def columns(self) -> Sequence[str]:
        return ["a", "b"]

    def itertuples(self, *, name: str | None = "Pandas") -> Iterator[tuple[Any, ...]]:
        yield (name,)


class PolarsFrame:
    @property
    def shape(self) -> tuple[int, int]:
        return 1, 2

    @property
    def columns(self) -> list[str]:
        return ["a", "b"]

    def iter_rows(self, *, named: bool = False) -> Iterator[tuple[Any, ...]]:
        yield (named,)


class Column:
    def to_frame(self) -> PandasFrame:
        return PandasFrame()


class Grouped:
    @property
    def ngroups(self) -> int:
        return 1


class Numbers:
    def __array__(self, dtype: Any = None) -> Any:
        return dtype


class Plot:
    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"image/png": f"{include}{exclude}"}


def questions(chat: ChatWidget, figure: Figure, axes: Axes, image: Image) -> None:
    chat.ask("a", attachments="plot.png")
    chat.ask("a", attachments=Path("plot.png"))
    chat.ask("a", attachments=b"a")
    chat.ask("a", attachments=[figure, axes, image, PandasFrame(), PolarsFrame(), Plot(), "https://example.org/a.png"])
    chat.ask("a", attachments=[Column(), Grouped(), Numbers(), answer, math, {"a.csv": PandasFrame(), "b.txt": "text"}])
    chat.ask("a", attachments=Column())
    chat.ask("a", attachments=figure)
    chat.ask("a", attachments=(path for path in Path().iterdir()))
    chat.ask([{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "a"}}])
    chat.ask("a", attachments=3)  # type: ignore[call-overload]
    chat.ask("a", attachments=[3])  # type: ignore[list-item]
    chat.ask("a", attachments=object())  # type: ignore[call-overload]
    chat.ask(3)  # type: ignore[call-overload]
    chat.ask(["a"])  # type: ignore[list-item]
    chat.ask("a", variables="x")  # type: ignore[call-overload]
    chat.ask("a", response_format=3)  # type: ignore[call-overload]
    chat.ask("a", response_format="json")  # type: ignore[call-overload]
    chat.edit("1", 3)  # type: ignore[arg-type]
    chat.preview(3)  # type: ignore[arg-type]


async def questions_later(chat: ChatWidget) -> None:
    await chat.ask_async("a", attachments=3)  # type: ignore[call-overload]
    await chat.ask_async("a", response_format=3)  # type: ignore[call-overload]
    async for _ in chat.stream("a", tools=[3]):  # type: ignore[list-item]
        pass
    async for _ in chat.stream("a", attachments=3):  # type: ignore[arg-type]
        pass


def updates(chat: ChatWidget, figure: Figure, chunk: ChatCompletionChunk, message: Message) -> None:
    for piece in ("a", {"role": "tool"}, figure, chunk, chunk.choices[0], message, Delta(), PandasFrame()):
        chat.update(piece)
    chat.update(3)  # type: ignore[arg-type]
    chat.update("a", id=3)  # type: ignore[arg-type]


def conversations(response: ChatCompletion, conversation: Conversation, message: Message) -> None:
    ChatWidget(messages=conversation)
    ChatWidget(messages=[{"role": "user", "content": "a"}, response.choices[0].message, message])
    ChatWidget().messages = []
    ChatWidget(messages="a")  # type: ignore[arg-type]
    ChatWidget(messages=["a"])  # type: ignore[list-item]
    ChatWidget(messages=3)  # type: ignore[arg-type]
    ChatWidget().messages = "a"  # type: ignore[assignment]


async def token() -> str:
    return "a"


def settings(frame: PandasFrame) -> None:
    ChatWidget(api_key="a", base_url="https://example.org/v1", headers={"X-Tenant": "blue"})
    ChatWidget(api_key=no_arguments)
    ChatWidget(api_key=token)
    ChatWidget(starters=["a", ("b", "c"), {"label": "d", "text": "e"}], height="30em", locale="es")
    ChatWidget(height=400, autosave=Path("chat.json"), trim=None, context_window=8192)
    ChatWidget(context=["cells", "df", frame, Path("data.csv"), 3])
    ChatWidget(context="cells")
    ChatWidget().context = frame
    ChatWidget().prices = {"m": (0.25, 2.0)}
    ChatWidget(api_key=3)  # type: ignore[arg-type]
    ChatWidget(api_key=answer)  # type: ignore[arg-type]
    ChatWidget(base_url=3)  # type: ignore[arg-type]
    ChatWidget(headers=["X-Tenant"])  # type: ignore[arg-type]
    ChatWidget(system_prompt=3)  # type: ignore[arg-type]
    ChatWidget(starters=[3])  # type: ignore[list-item]
    ChatWidget(starters=[("a", "b", "c")])  # type: ignore[list-item]
    ChatWidget(starters="a")  # type: ignore[arg-type]
    ChatWidget(height=[3])  # type: ignore[arg-type]
    ChatWidget(locale=3)  # type: ignore[arg-type]
    ChatWidget(tool_titles={"a": 3})  # type: ignore[dict-item]
    ChatWidget(autosave=3)  # type: ignore[arg-type]
    ChatWidget(context_window="a")  # type: ignore[arg-type]
    ChatWidget(trim="newest")  # type: ignore[arg-type]
    ChatWidget().height = [3]  # type: ignore[assignment]
    ChatWidget().starters = [3]  # type: ignore[list-item]
    ChatWidget().prices = {"m": 3}  # type: ignore[dict-item]
    ChatWidget().trim = "newest"  # type: ignore[assignment]
    ChatWidget().context_tokens = "a"  # type: ignore[assignment]


def functions(chat: ChatWidget) -> None:
    chat.on_message(answer)
    chat.on_message(no_arguments)  # type: ignore[type-var]
    chat.on_message(3)  # type: ignore[call-overload]
    chat.on("turn", print)
    chat.on("end", print)  # type: ignore[call-overload]
    chat.on("turn", 3)  # type: ignore[call-overload]


def files(chat: ChatWidget) -> None:
    chat.save(Path("chat.json"))
    chat.save(3)  # type: ignore[arg-type]
    chat.export(3)  # type: ignore[arg-type]
    ChatWidget.load(3)  # type: ignore[arg-type]
