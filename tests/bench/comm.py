"""What an answer costs on the way from kernel to page, counted in whole messages on iopub."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.bench._kernel import Kernel
from tests.bench._report import Row, size
from tests.bench._server import model_server

NAIVE_TOKENS = 100
MOST_MESSAGES = 40
MOST_BYTES_A_DELTA = 2000

MAKE = """\
from chatwidget import ChatWidget
chat = ChatWidget("test-model", base_url={base_url!r}, api_key="k", messages={history})
chat"""
ASK = 'reply = await chat.ask_async("Count")'
NO_HISTORY = "[]"
HISTORY = """[
    {"role": "user", "content": "And then?"},
    {"role": "assistant", "content": "Then it went on."},
] * 5000"""
MESSAGE_A_TOKEN = f"""\
import anywidget
class Naive(anywidget.AnyWidget):
    _esm = "export default {{}}"
naive = Naive()
for number in range({NAIVE_TOKENS}):
    naive.send({{"type": "delta", "text": f" {{number}}"}})"""
HISTORY_AS_TRAIT = f"""\
import anywidget, traitlets
class Naive(anywidget.AnyWidget):
    _esm = "export default {{}}"
    messages = traitlets.List().tag(sync=True)
naive = Naive()
naive.messages = {HISTORY}"""


@dataclass
class Cost:
    """Messages of one comm, and their bytes, envelopes included."""

    messages: int = 0
    bytes: int = 0


def measure() -> Iterator[Row]:
    """Answers at a model's pace and flat out, then one at the end of a long conversation."""
    with Kernel() as kernel:
        naive = _naive(kernel, MESSAGE_A_TOKEN, NAIVE_TOKENS).bytes / NAIVE_TOKENS
        yield _per_token("100 tokens/s", _answer(kernel, 400, delay=0.01).bytes / 400, naive)
        yield _per_token("2,000 tokens flat out", _answer(kernel, 2000).bytes / 2000, naive)
        yield _flat_out(_answer(kernel, 5000).messages, 5000)
        whole = _naive(kernel, HISTORY_AS_TRAIT, 1).bytes
        yield _per_delta(_answer(kernel, 20, delay=0.1, history=HISTORY).bytes / 20, whole)


def _per_token(name: str, ours: float, naive: float) -> Row:
    return Row(f"comm bytes a token, {name}", size(ours), f"a message each {size(naive)}", ours / naive)


def _flat_out(ours: int, tokens: int) -> Row:
    target = (f"at most {MOST_MESSAGES}", ours <= MOST_MESSAGES)
    return Row(f"comm messages, {tokens:,} tokens flat out", str(ours), f"one each {tokens:,}", ours / tokens, *target)


def _per_delta(ours: float, whole: float) -> Row:
    target = ("at most 2 kB", ours <= MOST_BYTES_A_DELTA)
    figures = (size(ours), f"history as a trait {size(whole)}")
    return Row("comm bytes a delta, after 10,000 messages", *figures, ours / whole, *target)


def _answer(kernel: Kernel, tokens: int, *, delay: float = 0.0, history: str = NO_HISTORY) -> Cost:
    """The cost of one answer by a new widget, up to the message that says that it is ready again."""
    with model_server(tokens, delay) as base_url:
        comm_id = kernel.run(MAKE.format(base_url=base_url, history=history), "chat.comm.comm_id")
        length = kernel.run(ASK, "len(reply.content.split())")
        assert length == tokens, f"{length} of {tokens} tokens arrived"
        return _cost(kernel, comm_id, lambda _, data: _says_ready(data))


def _naive(kernel: Kernel, code: str, messages: int) -> Cost:
    comm_id = kernel.run(code, "naive.comm.comm_id")
    return _cost(kernel, comm_id, lambda cost, _: cost.messages == messages)


def _cost(kernel: Kernel, comm_id: str, ended: Callable[[Cost, Any], bool]) -> Cost:
    cost = Cost()
    while True:
        kind, content, length = kernel.published()
        if kind == "comm_msg" and content["comm_id"] == comm_id:
            cost.messages += 1
            cost.bytes += length
            if ended(cost, content["data"]):
                return cost


def _says_ready(data: Any) -> bool:
    ops = data.get("content", {}).get("ops", ())
    return any(op["op"] == "state" and op["values"].get("status") == "ready" for op in ops)
