"""How large the bundle is that a notebook loads, and what it consists of."""

import gzip
import json
import re
import shlex
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import chatwidget
from tests.bench._report import Row, size

STATIC = Path(chatwidget.__file__).parent / "static"
JS = Path(__file__).parents[2] / "js"
LARGEST, LARGEST_ZIPPED = 270_000, 99_000
OURS = "our own modules"
SMALL = 0.01
"""A part below this share is not listed."""


def measure() -> Iterator[Row]:
    """The whole bundle, and its parts from the largest on."""
    bundle = (STATIC / "widget.js").read_bytes()
    zipped = len(gzip.compress(bundle))
    yield _whole("bundle", len(bundle), LARGEST)
    yield _whole("bundle, gzipped", zipped, LARGEST_ZIPPED)
    parts = _parts()
    total = sum(parts.values())
    for name, count in parts.most_common():
        if count >= SMALL * total:
            yield Row(f"bundle: {name}", size(count), f"of {size(total)}", count / total)


def _whole(name: str, count: int, largest: int) -> Row:
    return Row(name, size(count), "", count / largest, f"at most {size(largest)}", count <= largest)


def _parts() -> Counter[str]:
    """Bytes by package, as the build that makes the bundle counts them."""
    command = shlex.split(json.loads((JS / "package.json").read_text())["scripts"]["build:js"])
    options = [option for option in command[1:] if not option.startswith("--outfile")]
    with tempfile.TemporaryDirectory() as folder:
        made = [f"--outfile={folder}/widget.js", f"--metafile={folder}/meta.json", "--log-level=error"]
        subprocess.run(["node_modules/.bin/esbuild", *options, *made], cwd=JS, check=True)
        (output,) = json.loads(Path(folder, "meta.json").read_text())["outputs"].values()
    parts: Counter[str] = Counter()
    for path, part in output["inputs"].items():
        package = re.search(r"node_modules/((?:@[^/]+/)?[^/]+)", path)
        parts[package[1] if package else OURS] += part["bytesInOutput"]
    return parts
