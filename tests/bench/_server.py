"""The model server in a process of its own, so that its work is not counted as ours."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def model_server(tokens: int = 0, delay: float = 0.0) -> Iterator[str]:
    """Its base URL; it answers ``tokens`` one-token chunks, ``delay`` seconds apart, or an echo."""
    command = [sys.executable, "-m", "tests.server", f"--tokens={tokens}", f"--delay={delay}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip()
            if not url:
                message = "The model server did not start"
                raise RuntimeError(message)
            yield url
        finally:
            process.terminate()
