"""`import chatwidget` against `import anywidget`, which it cannot do without."""

import os
import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from tests.bench._report import Row, ms

REPEATS = 21
TARGET = 1.3

# CPU time: it waits for nothing, and what else the machine does is not its doing.
TIMED = "from time import process_time; start = process_time(); import {}; print(process_time() - start)"


def measure() -> Iterator[Row]:
    """Each import in a process of its own, by turns."""
    # The first of each compiles what is not compiled yet, and brings the files into memory.
    pairs = [(_seconds("chatwidget"), _seconds("anywidget")) for _ in range(1 + REPEATS)][1:]
    ours, base = (median(times) for times in zip(*pairs, strict=True))
    ratio = ours / base
    yield Row("import chatwidget, CPU time", ms(ours), f"anywidget {ms(base)}", ratio, "at most 1.3x", ratio <= TARGET)


def _seconds(module: str) -> float:
    command = [sys.executable, "-c", TIMED.format(module)]
    # Else a module that is not compiled yet would be compiled each time.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
    run = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return float(run.stdout)
