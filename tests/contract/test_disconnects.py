"""A server notices at once that its stream was left; in the browser, `tests/browser` asks the server this."""

from __future__ import annotations

import pytest

from tests.contract.run import run
from tests.contract.test_transports import ANTHROPICS, NETWORK, Over, cancel, leave, serving


@pytest.mark.parametrize("kind", [NETWORK, ANTHROPICS])
@pytest.mark.parametrize("how", [leave, cancel])
def test_r04_the_server_sees_that_it_was_left(server, how, kind):
    over = Over(kind, serving(server))
    run(over.run(how(over)))
    assert server.wait_for_disconnect(timeout=1).disconnected_at
