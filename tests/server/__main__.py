"""Run the server on its own: ``python -m tests.server --port 8000``.

It prints its base URL and serves until SIGINT or SIGTERM.
"""

import argparse
import signal

from tests.server import ModelServer, Received, Reply, completion
from tests.server._replies import echo

STOPPING = {signal.SIGINT, signal.SIGTERM}


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.server")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--tokens", type=int, default=0, help="answer so many one-token chunks in place of an echo")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds between those chunks")
    options = parser.parse_args()

    def count(request: Received) -> Reply:
        return completion(request, [f" {n}" for n in range(options.tokens)], delay=options.delay)

    # Blocked before the server's thread starts, which inherits it: the signals wait for sigwait.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    with ModelServer(options.port, count if options.tokens else echo) as server:
        print(server.base_url, flush=True)
        signal.sigwait(STOPPING)


main()
