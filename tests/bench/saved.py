"""How long a saved conversation takes to load and to copy, against what `json.loads` takes to parse it."""

import json
from collections.abc import Callable, Iterator
from statistics import median
from time import process_time

from chatwidget import Conversation, from_json, to_json
from tests.bench._report import Row, ms, size

MESSAGES = 4000
REPEATS = 15
MOST_LOADING, MOST_COPYING = 5, 3


def measure() -> Iterator[Row]:
    """A conversation of some 5 MB."""
    text = 'The answer to this is "yes", as the table shows:\n\n| größer | ½ |\n' * 18
    roles = ("user", "assistant")
    conversation = Conversation([{"role": roles[index % 2], "content": f"{index} {text}"} for index in range(MESSAGES)])
    saved = to_json(conversation)
    parsing, loading, copying = _medians(lambda: json.loads(saved), lambda: from_json(saved), conversation.copy)
    of = f"{MESSAGES} messages, {size(len(saved))}"
    yield _row(f"loading {of}", loading, parsing, MOST_LOADING)
    yield _row(f"copying {of}", copying, parsing, MOST_COPYING)


def _medians(*acts: Callable[[], object]) -> list[float]:
    """The median CPU seconds of each, taken by turns."""
    seconds: list[list[float]] = [[] for _ in acts]
    for _ in range(REPEATS):
        for act, times in zip(acts, seconds, strict=True):
            start = process_time()
            act()
            times.append(process_time() - start)
    return [median(times) for times in seconds]


def _row(name: str, mine: float, parsing: float, most: int) -> Row:
    ratio = mine / parsing
    return Row(name, ms(mine), f"json.loads {ms(parsing)}", ratio, f"at most {most}x", ratio <= most)
