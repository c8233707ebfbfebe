"""What every transport must do alike, as data: what a model says, and what must come out.

A scenario's name doubles as the model's name in a request, so that a server elsewhere (the browser
tests) knows what to answer without being told beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """A model that says `pieces`, then does what `ending` says."""

    pieces: tuple[str, ...]
    ending: str = "complete"
    """`complete`; `cut` (the connection is lost); `error` (the model reports one); `hang` (nothing more comes).

    Of a server only: `mute` (nothing comes at all); `slow` (complete, long after, with comments before each piece);
    `unended` (complete, with no blank line after the last event), `unended, sized` (the same in a body of a known
    length); `unended, cut` (the connection is lost there), `unended, short` (the body is shorter than announced).
    """


SCENARIOS = {
    "plain": Scenario(("Hel", "lo", ", ", "world")),
    "one-piece": Scenario(("Hello",)),
    "unicode": Scenario(("¡Hola", " 你好", " 👩‍👩‍👧", " \u202eabc", "\n\n```\nx\n```")),
    "long": Scenario(tuple(f"word{number} " for number in range(2000))),
    "repeats": Scenario(("a", "a", "a", "\n", "\n")),
    "cut": Scenario(("Hel", "lo"), "cut"),
    "error": Scenario(("Hel",), "error"),
    "error-at-once": Scenario((), "error"),
    "hang": Scenario(("Hel", "lo"), "hang"),
    "mute": Scenario((), "mute"),
    "unended": Scenario(("Hel", "lo"), "unended"),
    "unended-sized": Scenario(("Hel", "lo"), "unended, sized"),
    "unended-cut": Scenario(("Hel", "lo"), "unended, cut"),
    "unended-short": Scenario(("Hel", "lo"), "unended, short"),
    "slow": Scenario(("Hel", "lo"), "slow"),
}

ERROR_TEXT = "the model is overloaded"
LOST_TEXT = "the connection is lost"
