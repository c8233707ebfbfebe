"""R18-R20: a browser says of a request only that it failed. What the checks after it tell apart, and what is told.

The tests fail when `failures.browser._cause` gives "unreached" at once, and each row when its own branch is taken out.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Playwright

from tests.browser._chromium import launch
from tests.browser._jupyterlite import JupyterLite
from tests.browser._notebook import Notebook, only_jupyterlite
from tests.browser.conftest import SITE, TIMEOUT
from tests.resilience._servers import behind_tls, free_port, hang_up, listening, never_answer, of_unknown_authority
from tests.server import ModelServer

KEY = "test-key-0123456789-abcdefghij"

# One attempt and short checks: how often and how long is tested elsewhere.
PREPARE = """
from chatwidget import ChatError, ChatWidget, TransportError
from chatwidget._transports import fetch
from chatwidget._transports.failures import browser
fetch.MAX_RETRIES = 0
fetch._PATIENCE = browser._PATIENCE = 1000

async def why(url):
    chat = ChatWidget("m", base_url=url, api_key="{key}")
    if url.endswith("/silent"):
        # A model may take its time, a list of models may not.
        try:
            await chat._chat.session.transport.models()
        except TransportError as error:
            return [error.code, str(error)]
    try:
        await chat.ask_async("hi")
    except ChatError as error:
        return [error.reply.error_code, error.reply.error]
    return ["answered", ""]
"""

ASK = """
import asyncio, json
print(json.dumps(await asyncio.gather(*map(why, {urls}))))
"""


class Asking:
    """Asks servers from cells of one notebook: several at once, or the same again once something has changed."""

    def __init__(self, notebook: Notebook, *cells: list[str]) -> None:
        self._notebook = notebook
        notebook.open(PREPARE.format(key=KEY), *(ASK.format(urls=urls) for urls in cells))
        notebook.run(0)

    def ask(self, cell: int = 0) -> list[tuple[str, str]]:
        """For each server of a cell the code and the sentence."""
        self._notebook.run(cell + 1)
        told = [(code, text) for code, text in json.loads(self._notebook.output(cell + 1).inner_text())]
        assert not any("Traceback" in text for _, text in told)
        return told


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Addresses that nothing good comes from, by the code of the reason."""
    certificate = of_unknown_authority(tmp_path)
    with listening(behind_tls(certificate, hang_up)) as tls, listening(never_answer) as silent:
        yield {
            "refused": f"http://127.0.0.1:{free_port()}/v1",
            "untrusted": f"https://{tls}/v1",
            "no_answer": f"http://{silent}/silent",
            "unreached": "http://no-such-computer.invalid/v1",
            "offline": "http://192.0.2.1/v1",
        }


@only_jupyterlite
def test_r18_r19_r20_the_reason_is_told_apart(notebook: Notebook, server: ModelServer, broken: dict[str, str]) -> None:
    offline = broken.pop("offline")
    asking = Asking(notebook, [server.base_url], list(broken.values()), [offline])

    server.allow(headers=["authorization", "content-type"])
    assert asking.ask() == [("answered", "")]
    (preflight,) = server.preflights
    assert preflight.headers["access-control-request-headers"] == "authorization,content-type"

    server.allow(headers=[])
    [(code, told)] = asking.ask()
    assert (code, "Access-Control-Allow-Headers" in told) == ("preflight", True)

    server.allow(origins=[])
    [(code, told)] = asking.ask()
    assert (code, f"OLLAMA_ORIGINS={notebook.runtime.url}" in told) == ("cors", True)
    assert len(server.chats) == 1, "no check asks the model"
    checks = [request.headers for request in server.requests[1:]]
    assert checks
    assert not any("authorization" in headers for headers in checks), "no check has the key"

    # What a local server has to allow, as the sentence says.
    server.allow(origins=[notebook.runtime.url])
    assert asking.ask() == [("answered", "")]

    assert [code for code, _ in asking.ask(1)] == list(broken)
    notebook.page.context.set_offline(True)
    assert asking.ask(2)[0][0] == "offline"
    notebook.page.context.set_offline(False)
    notebook.hosts -= {"no-such-computer.invalid", "192.0.2.1"}


@pytest.fixture
def public_site(playwright: Playwright, tmp_path: Path) -> Iterator[Notebook]:
    """A notebook of a site that came over https from what the browser takes for the Internet."""
    with JupyterLite(SITE, of_unknown_authority(tmp_path)) as lite:
        public = f"--ip-address-space-overrides={urlsplit(lite.url).netloc}=public"
        with launch(playwright, "--ignore-certificate-errors", public, with_prompts=True) as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 1600})
            page.set_default_timeout(TIMEOUT)
            yield Notebook(page, lite)


def test_r18_r20_what_a_page_from_the_internet_may_not_ask(public_site: Notebook, server: ModelServer) -> None:
    asking = Asking(public_site, ["http://192.0.2.1/v1", server.base_url], [server.base_url])
    [(mixed, told_mixed), (local, told_local)] = asking.ask()
    assert (mixed, "over https" in told_mixed) == ("mixed_content", True)
    assert (local, "site settings" in told_local) == ("local_network", True)
    assert server.requests == []
    public_site.page.context.grant_permissions(["local-network-access"])
    assert asking.ask(1) == [("answered", "")]
