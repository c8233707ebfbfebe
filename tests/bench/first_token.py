"""How long until the first token is on its way to the view, against a bare socket that receives it."""

import time
from collections.abc import Iterator
from statistics import median

from tests.bench._bare_client import BareClient
from tests.bench._kernel import Kernel
from tests.bench._report import Row, ms
from tests.bench._server import model_server

QUESTIONS = 20
FEW, LONG = 8, 1000
KERNELS = 5
TOKENS, DELAY = 3, 0.02
"""Slow enough that the first token comes alone, as a model's does."""
THINKING = 2.0
"""Seconds from seeing the widget to the first question, for a user who types fast."""
ALLOWED = 0.010

SHOW = """\
from chatwidget import ChatWidget
chat = ChatWidget("test-model", base_url={base_url!r}, api_key="k")
chat"""
TOOLS = "from tests.bench._asked import QUESTION, BareClient, by_turns, first_token"
HISTORY = """\
turn = [{{"role": "user", "content": "And then?"}}, {{"role": "assistant", "content": "Then it went on."}}]
chat.messages = turn * {turns}"""
FIRST = "ours = first_token(chat)"
BARE = "bare = BareClient({base_url!r}).first_token([{{'role': 'user', 'content': QUESTION}}])"


def measure() -> Iterator[Row]:
    """Questions to a widget in use, then first ones, each in a fresh kernel."""
    with model_server(tokens=TOKENS, delay=DELAY) as base_url:
        # The server's own first request is nobody's.
        BareClient(base_url).first_token([{"role": "user", "content": "Hello"}])
        yield _row("first token, warm", _warm(base_url, QUESTIONS))
        yield _row(f"first token, warm, after {LONG:,} messages", _warm(base_url, FEW, history=LONG))
        firsts = [_first(base_url, THINKING) for _ in range(KERNELS)]
        yield _row(f"first token, first question, {THINKING:.0f} s after showing", firsts)
        yield _at_once([_first(base_url, 0.0) for _ in range(KERNELS)], [_import_sdk() for _ in range(KERNELS)])


def _warm(base_url: str, questions: int, history: int = 0) -> list[tuple[float, float]]:
    with Kernel() as kernel:
        kernel.run(TOOLS)
        kernel.run(SHOW.format(base_url=base_url))
        kernel.run(HISTORY.format(turns=history // 2))
        return kernel.run("", f"by_turns(chat, {base_url!r}, {questions})")


def _first(base_url: str, pause: float) -> tuple[float, float]:
    with Kernel() as kernel:
        kernel.run(TOOLS)
        kernel.run(SHOW.format(base_url=base_url))
        time.sleep(pause)
        kernel.run(FIRST)
        return kernel.run(BARE.format(base_url=base_url), "(ours, bare)")


def _import_sdk() -> float:
    with Kernel() as kernel:
        kernel.run("import time\nbegan = time.perf_counter()\nimport openai")
        return kernel.run("", "time.perf_counter() - began")


def _at_once(pairs: list[tuple[float, float]], imports: list[float]) -> Row:
    """A question in the cell that shows the widget: it waits for the import of the SDK, which none may do earlier."""
    later, sdk = median(ours - bare for ours, bare in pairs), median(imports)
    name = "first token, first question, in the cell that shows the widget"
    return Row(name, f"{ms(later)} after the socket", f"import openai {ms(sdk)}", later / sdk)


def _row(name: str, pairs: list[tuple[float, float]]) -> Row:
    ours, bare = (median(times) for times in zip(*pairs, strict=True))
    later = median(first - second for first, second in pairs)
    figures = f"{ms(ours)}, {ms(later)} later"
    return Row(name, figures, f"socket {ms(bare)}", ours / bare, "at most 10 ms later", later <= ALLOWED)
