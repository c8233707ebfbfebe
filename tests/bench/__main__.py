"""Measure everything, or one thing: ``python -m tests.bench [--only NAME]``.

The exit code tells whether everything could be measured. A missed target is in the table.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Iterator

from tests.bench import bundle, comm, decode, first_token, import_time, lite, page, rendering, saved
from tests.bench._report import Row, table

MEASUREMENTS: dict[str, Callable[[], Iterator[Row]]] = {
    "decode": decode.measure,
    "first-token": first_token.measure,
    "comm": comm.measure,
    "import": import_time.measure,
    "saved": saved.measure,
    "bundle": bundle.measure,
    "answers": page.answers,
    "opening": page.opening,
    "scrolling": page.scrolling,
    "rendering": rendering.measure,
    "lite": lite.measure,
}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--only", choices=MEASUREMENTS, help="this measurement alone")
    only = parser.parse_args().only
    # Loopback requests go nowhere else, whatever the user's proxy.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
    rows: list[Row] = []
    failed = []
    for name in [only] if only else MEASUREMENTS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        try:
            rows += MEASUREMENTS[name]()
        except Exception:  # noqa: BLE001 the others can be measured all the same
            traceback.print_exc()
            failed.append(name)
    print(table(rows))
    for name in failed:
        print(f"{name}: could not be measured")
    return 1 if failed else 0


sys.exit(main())
