"""The demo model: offline, scripted, and openly labelled as such. For first steps, workshops and tests."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Final, TypeAlias

from .._conversation.messages import Delta, MessageDict, ToolCallDelta, Usage
from .._errors import StreamInterruptedError
from .base import ChatRequest

DEMO = "demo"

Reply: TypeAlias = str | Sequence[str | Delta]
"""An answer: text, which is streamed word by word, or the exact chunks to stream."""

_WORD: Final = re.compile(r"\s*\S+\s*$|\s*\S+")

_GREETING: Final = """\
Hello! I am the **demo model** that comes with chatwidget. I run offline, I do not think, and I \
answer from a small script: whatever you write, you get one of a few prepared texts.

Ask me about one of these to see it stream:

- `code`
- `math`
- a `table`
- a `tool` call

To talk to a real model, you need an API key: set `OPENAI_API_KEY` before you start Jupyter, or \
fill in the form of an empty `ChatWidget()`.
"""

_CODE: Final = """\
Here is a prepared piece of Python:

```python
def fibonacci(n: int) -> list[int]:
    \"\"\"The first n Fibonacci numbers.\"\"\"
    numbers = [0, 1]
    while len(numbers) < n:
        numbers.append(numbers[-1] + numbers[-2])
    return numbers[:n]

print(fibonacci(10))
```

I did not run it; copy it into a cell and try it.
"""

_MATH: Final = r"""
The area under the bell curve, prepared earlier:

$$\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}$$

and inline, $e^{i\pi} + 1 = 0$.
""".lstrip()

_TABLE: Final = """\
A prepared table, with real figures:

| planet  | moons | day in hours |
|---------|------:|-------------:|
| Mercury |     0 |       4222.6 |
| Earth   |     1 |         24.0 |
| Mars    |     2 |         24.7 |
"""

_TOOL: Final = (
    "This is what a function call looks like. I made it up, and nothing was run.",
    Delta(tool_calls=(ToolCallDelta(0, id="call_demo", name="get_weather"),)),
    Delta(tool_calls=(ToolCallDelta(0, arguments='{"city": '),)),
    Delta(tool_calls=(ToolCallDelta(0, arguments='"Oslo"}'),)),
)

_TOPICS: Final[tuple[tuple[str, Reply], ...]] = (
    (r"\b(code|python|function|c[oó]digo|funci[oó]n)\b", _CODE),
    (r"\b(math|formula|equation|integral|f[oó]rmula|ecuaci[oó]n)", _MATH),
    (r"\b(table|planets?|tabla|planetas?)\b", _TABLE),
    (r"\b(tools?|weather|herramientas?|tiempo)\b", _TOOL),
)


class DemoModel:
    """A model that follows a script.

    Args:
        replies: The answers, one per turn; the last one is repeated. By default the demo's own texts, chosen by a word
            in the question.
        delay: Seconds between two chunks.
        fail_at: Break off each answer before the chunk of this number (from 0), as a lost connection would.

    Example:
        >>> chat = ChatWidget(DemoModel(["Hello!"], delay=0))
        >>> chat.ask("Hi").text
        'Hello!'

    """

    name: Final = "demo"

    def __init__(
        self, replies: Sequence[Reply] | None = None, *, delay: float = 0.02, fail_at: int | None = None
    ) -> None:
        if isinstance(replies, str):
            replies = [replies]
        self.replies = replies
        self.delay = delay
        self.fail_at = fail_at
        self._turn = 0

    async def warm(self) -> None:
        """Do nothing: there is no connection to prepare."""

    async def aclose(self) -> None:
        """Do nothing: no resources are held."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream the next answer.

        Args:
            request: The request to answer.

        Yields:
            The chunks of the answer, then the reason of its end.

        Raises:
            StreamInterruptedError: `fail_at` was reached.

        """
        pieces = list(_pieces(self._next(request.messages)))
        for number, delta in enumerate(pieces):
            if number == self.fail_at:
                message = "The demo model broke off here, as fail_at says."
                raise StreamInterruptedError(message)
            await asyncio.sleep(self.delay)
            yield delta
        called = any(delta.tool_calls for delta in pieces)
        yield Delta(finish_reason="tool_calls" if called else "stop", model=self.name, usage=_usage(request, pieces))

    def _next(self, messages: list[MessageDict]) -> Reply:
        if not self.replies:
            return _answer_to(messages)
        reply = self.replies[min(self._turn, len(self.replies) - 1)]
        self._turn += 1
        return reply


def _answer_to(messages: list[MessageDict]) -> Reply:
    question = next((str(message.get("content")) for message in reversed(messages) if message["role"] == "user"), "")
    return next((reply for topic, reply in _TOPICS if re.search(topic, question, re.IGNORECASE)), _GREETING)


def _pieces(reply: Reply) -> Iterator[Delta]:
    for part in [reply] if isinstance(reply, str) else reply:
        if isinstance(part, Delta):
            yield part
        elif isinstance(reply, str) or reply is _TOOL:
            yield from (Delta(content=word) for word in _WORD.findall(part))
        else:
            yield Delta(content=part)


def _usage(request: ChatRequest, pieces: list[Delta]) -> Usage:
    """Count words as tokens, as a script has no others."""
    prompt = sum(len(str(message.get("content") or "").split()) for message in request.messages)
    return Usage(prompt, len(pieces), prompt + len(pieces))
