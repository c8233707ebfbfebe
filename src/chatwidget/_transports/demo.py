"""The demo model: offline, scripted, and openly labelled as such. For first steps, workshops and tests."""

from __future__ import annotations

import asyncio
import base64
import math
import re
import struct
import zlib
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from typing import Final, TypeAlias

from .._conversation.messages import Citation, Delta, MessageDict, ToolCallDelta, Usage
from .._conversation.records import excerpt
from .._errors import SettingsError, StreamInterruptedError
from .base import ChatRequest

DEMO = "demo"

Reply: TypeAlias = str | Sequence[str | Delta]
"""An answer: text, which is streamed word by word, or the exact chunks to stream."""

_WORD: Final = re.compile(r"\s*\S+\s*$|\s*\S+")


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


_GREETING: Final = """\
Hello! I am the **demo model** that comes with chatwidget. I run offline, I do not think, and I \
answer from a small script: whatever you write, you get one of a few prepared texts.

Ask me about one of these to see it stream:

- `code`
- `math`
- a `table`
- a `picture`
- a `tool` call
- a bit of `reasoning`
- an answer with `sources`

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

_TOOL: Final[Reply] = (
    *_words("This is what a function call looks like. I made it up, and nothing was run."),
    Delta(tool_calls=(ToolCallDelta(0, id="call_demo", name="get_weather"),)),
    Delta(tool_calls=(ToolCallDelta(0, arguments='{"city": '),)),
    Delta(tool_calls=(ToolCallDelta(0, arguments='"Oslo"}'),)),
)

_THOUGHT: Final = """\
**Counting the digits**

The question is how many digits 2 to the power of 100 has. Its logarithm to base 10 is 100 times 0.30103: 30.103.

**Checking**

A number whose logarithm begins with 30 lies between 10³⁰ and 10³¹, so it has 31 digits."""

_REASONING: Final[Reply] = (
    *(Delta(reasoning=word) for word in _words(_THOUGHT)),
    *_words("It has **31 digits**. Above is what models that reason show of it; mine is prepared, too."),
)

_SOURCES: Final[Reply] = (
    *_words("A prepared fact: water boils at 100 °C at sea level [1], and at about 71 °C on Mount Everest [2]."),
    Delta(
        citations=(
            Citation("https://en.wikipedia.org/wiki/Boiling_point", "Boiling point"),
            Citation("https://en.wikipedia.org/wiki/Mount_Everest", "Mount Everest"),
        )
    ),
)


def _picture() -> Reply:
    return (*_words("Here is a picture that I draw of the bell curve:\n\n"), f"![The bell curve]({_bell_curve()})")


def _bell_curve() -> str:
    """Return a small PNG as a data URL."""
    width, height, curve, ground = 320, 120, b"\x46\x82\xb4", b"\xf4\xf4\xf4"

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    tops = [height * (1 - 0.95 * math.exp(-((6 * column / width - 3) ** 2))) for column in range(width)]
    rows = (b"\0" + b"".join(curve if row > top else ground for top in tops) for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(rows))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


_TOPICS: Final[tuple[tuple[str, Callable[[], Reply]], ...]] = (
    (r"\b(code|python|function|c[oó]digo|funci[oó]n)\b", lambda: _CODE),
    (r"\b(math|formula|equation|integral|f[oó]rmula|ecuaci[oó]n)", lambda: _MATH),
    (r"\b(table|planets?|tabla|planetas?)\b", lambda: _TABLE),
    (r"\b(pictures?|images?|draw|im[aá]gen(es)?|dibuj[ao])\b", _picture),
    (r"\b(tools?|weather|herramientas?|tiempo)\b", lambda: _TOOL),
    (r"\b(reason(ing)?|think(ing)?|razona(miento)?|piensa)\b", lambda: _REASONING),
    (r"\b(sources?|citations?|fuentes?|citas?)\b", lambda: _SOURCES),
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
        if not (replies is None or isinstance(replies, Sequence)):
            message = f"replies must be a list of answers, not {type(replies).__name__}"
            raise SettingsError(message)
        self.replies = replies
        self.delay = delay
        self.fail_at = fail_at
        self._turn = 0

    def __repr__(self) -> str:
        return "DemoModel()" if self.replies is None else f"DemoModel({excerpt(repr(self.replies))})"

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
    return next((reply() for topic, reply in _TOPICS if re.search(topic, question, re.IGNORECASE)), _GREETING)


def _pieces(reply: Reply) -> Iterator[Delta]:
    for part in _words(reply) if isinstance(reply, str) else reply:
        yield part if isinstance(part, Delta) else Delta(content=part)


def _usage(request: ChatRequest, pieces: list[Delta]) -> Usage:
    """Count words as tokens, as a script has no others."""
    prompt = sum(len(str(message.get("content") or "").split()) for message in request.messages)
    return Usage(prompt, len(pieces), prompt + len(pieces))
