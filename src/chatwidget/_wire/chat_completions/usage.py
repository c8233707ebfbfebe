"""Token counts, wherever in a stream and however often they appear."""

from __future__ import annotations

from typing import Any, Final

from ..._conversation.messages import Usage
from ..lenient import whole_number

_NAMES: Final = {
    "prompt_tokens": ("prompt_tokens", "input_tokens"),
    "completion_tokens": ("completion_tokens", "output_tokens"),
    "total_tokens": ("total_tokens",),
}


class UsageCounter:
    """The latest value of each count. Servers repeat them, and later reports may lack some."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def read(self, chunk: dict[str, Any]) -> Usage | None:
        """Return the usage so far if a chunk reports any: at its top level, in a choice, or in `x_groq`.

        Args:
            chunk: The chunk.

        Returns:
            The usage; None if the chunk reports nothing.

        """
        choices = chunk.get("choices")
        holders = (chunk, chunk.get("x_groq"), *(choices if isinstance(choices, list) else ()))
        reports = [report for holder in holders if holder and (report := _report_in(holder))]
        for report in reports:
            self._counts.update(_counts(report))
        return self._usage() if reports and self._counts else None

    def _usage(self) -> Usage:
        prompt, completion = self._counts.get("prompt_tokens"), self._counts.get("completion_tokens")
        total = self._counts.get("total_tokens")
        if total is None and prompt is not None and completion is not None:
            total = prompt + completion
        return Usage(prompt, completion, total)


def _report_in(holder: object) -> dict[str, Any] | None:
    report = holder.get("usage") if isinstance(holder, dict) else None
    return report if isinstance(report, dict) else None


def _counts(report: dict[str, Any]) -> dict[str, int]:
    return {
        ours: number
        for ours, theirs in _NAMES.items()
        for name in reversed(theirs)
        if (number := whole_number(report.get(name))) is not None
    }
