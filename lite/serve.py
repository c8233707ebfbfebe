"""Serves the built JupyterLite site on this machine: python lite/serve.py build/lite."""

import argparse
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TRIES = 50


def listen(site: Path, port: int) -> ThreadingHTTPServer:
    """A server of `site` on `port`, or on the next one that is free."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(site))
    for candidate in range(port, port + TRIES):
        try:
            return ThreadingHTTPServer(("127.0.0.1", candidate), handler)
        except OSError:
            continue
    message = f"No port is free from {port} to {port + TRIES - 1}"
    raise SystemExit(message)


def main() -> None:
    """Serve until Ctrl+C."""
    parser = argparse.ArgumentParser(description="Serve chatwidget's JupyterLite site.")
    parser.add_argument("site", type=Path)
    parser.add_argument("--port", type=int, default=8888)
    arguments = parser.parse_args()
    with listen(arguments.site, arguments.port) as server:
        root = f"http://127.0.0.1:{server.server_port}"
        print(f"The API reference is at {root}/api/")
        print(f"JupyterLite is at {root}/lab/index.html?path=quickstart.ipynb (Ctrl+C stops it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
