"""The built JupyterLite site, served as a plain host of static files would."""

import json
import ssl
import threading
from collections.abc import Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

LISTING = "/api/contents/all.json"
ENTRY = {
    "type": "notebook",
    "content": None,
    "created": "2026-01-01T00:00:00Z",
    "format": None,
    "last_modified": "2026-01-01T00:00:00Z",
    "mimetype": None,
    "size": 0,
    "writable": True,
}


class JupyterLite:
    """Serves a site, with notebooks laid over it that the site was not built with."""

    def __init__(self, site: Path, certificate: Path | None = None) -> None:
        if not (site / "index.html").exists():
            message = f"There is no JupyterLite site in {site}: build it with `make lite-site`"
            raise RuntimeError(message)
        self._site = site
        self._overlay: dict[str, bytes] = {}
        handler = partial(_Handler, overlay=self._overlay, directory=str(site))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, name="jupyterlite", daemon=True)

    @property
    def url(self) -> str:
        """The site's origin."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add(self, name: str, notebook: Mapping[str, Any]) -> str:
        """Put a notebook there; the address that opens it."""
        self._overlay[f"/files/{name}"] = json.dumps(notebook).encode()
        self._overlay[LISTING] = self._list(name)
        return f"{self.url}/lab/index.html?path={name}"

    def put(self, name: str, body: bytes) -> str:
        """Put any file there; its address."""
        self._overlay[f"/{name}"] = body
        return f"{self.url}/{name}"

    def _list(self, name: str) -> bytes:
        listing = json.loads((self._site / LISTING.strip("/")).read_bytes())
        listing["content"].append(ENTRY | {"name": name, "path": name})
        return json.dumps(listing).encode()

    def shut_down_kernel(self, name: str) -> None:
        """Nothing to do: a kernel here ends with its page."""


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".ipynb": "application/json",
        ".js": "text/javascript",
        ".json": "application/json",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
        ".whl": "application/zip",
    }

    def __init__(self, *args: Any, overlay: Mapping[str, bytes], **kwargs: Any) -> None:
        self._overlay = overlay
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        body = self._overlay.get(self.path.partition("?")[0])
        if body is None:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""
