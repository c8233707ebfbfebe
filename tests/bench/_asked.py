"""What the measurements run inside a kernel: questions to a widget, timed where its answer leaves."""

from concurrent.futures import Future
from time import perf_counter
from typing import Any

from chatwidget import ChatWidget
from tests.bench._bare_client import BareClient

QUESTION = "How long is a piece of string?"
TIMEOUT = 20


def first_token(chat: ChatWidget) -> float:
    """Seconds from a question until its first text has been sent to the views."""
    publish = chat.comm.publish_msg
    sent: Future[float] = Future()

    def watch(kind: str, data: Any = None, **more: Any) -> None:
        publish(kind, data, **more)
        if not sent.done() and _has_text(data):
            sent.set_result(perf_counter())

    chat.comm.publish_msg = watch
    try:
        start = perf_counter()
        chat.ask(QUESTION)
        return sent.result(TIMEOUT) - start
    finally:
        chat.comm.publish_msg = publish


def _has_text(data: Any) -> bool:
    ops = data.get("content", {}).get("ops", ())
    return any(op["op"] == "text" for op in ops)


def by_turns(chat: ChatWidget, base_url: str, count: int) -> list[tuple[float, float]]:
    """The times to the first token of ``count`` questions, each asked by the widget and by a bare client."""
    bare = BareClient(base_url)
    pairs = []
    # The first of each makes the connection.
    for _ in range(1 + count):
        messages = [*chat.messages, {"role": "user", "content": QUESTION}]
        pairs.append((first_token(chat), bare.first_token(messages)))
    return pairs[1:]
