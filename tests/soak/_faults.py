"""A model server on a bad day."""

import random
from collections import Counter

from tests.server import Received, Reply, completion, error, raw

SILENCE = 0.01
"""Seconds between two pieces of a slow answer."""


class Faults:
    """Answers each request in one of many ways, by its own dice; `seen` counts them."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self.seen: Counter[str] = Counter()

    def __call__(self, request: Received) -> Reply:
        """The next answer."""
        kinds = {"plain": 10, "slow bytes": 4, "long": 2, "drop": 2, "reset": 1, "429": 1, "500": 1, "empty": 1}
        [kind] = self._dice.choices(list(kinds), list(kinds.values()))
        self.seen[kind] += 1
        question = request.json["messages"][-1]["content"]
        pieces = [f"**{question}**", *(f" word{number} ü👩" for number in range(self._dice.randrange(1, 30)))]
        body = b"".join(completion(request, pieces).parts)
        return {
            "plain": lambda: completion(request, pieces),
            "slow bytes": lambda: raw(body[:4000], chunk_sizes=100, delay=SILENCE),
            "long": lambda: completion(request, [*pieces, "\n\n- item" * 200]),
            "drop": lambda: raw(body, drop_after=self._dice.randrange(len(body))),
            "reset": lambda: Reply(headers=None),
            "429": lambda: error(429, headers={"retry-after-ms": "20"}),
            "500": lambda: error(500, headers={"retry-after-ms": "20"}),
            "empty": lambda: completion(request, []),
        }[kind]()
