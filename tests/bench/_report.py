"""The table of results: ratios, with the raw figures and the target beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEAD = ("measured", "ours", "baseline", "ratio", "target", "")


@dataclass(frozen=True)
class Row:
    """One comparison. ``ratio`` is ours to the baseline, or what ``target`` says it is."""

    name: str
    ours: str
    baseline: str
    ratio: float
    target: str = ""
    met: bool | None = None
    """None where there is no target."""

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        verdict = {True: "met", False: "MISSED", None: ""}[self.met]
        return (self.name, self.ours, self.baseline, _round(self.ratio), self.target, verdict)


def table(rows: Iterable[Row]) -> str:
    """The rows below their heads, in columns."""
    lines = [HEAD, *(row.cells for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = tuple("-" * width for width in widths)
    return "\n".join(_line(cells, widths) for cells in (lines[0], rule, *lines[1:]))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _round(ratio: float) -> str:
    return f"{ratio:.4f}" if 0 < ratio < 0.01 else f"{ratio:.2f}" if ratio < 100 else f"{ratio:,.0f}"


def ms(seconds: float) -> str:
    """A short time."""
    return f"{seconds * 1000:.1f} ms"


def size(count: float) -> str:
    """A number of bytes."""
    return f"{count:,.0f} B" if count < 10_000 else f"{count / 1000:,.0f} kB"
