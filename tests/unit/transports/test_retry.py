"""Retries: the same decisions as the openai SDK, compared with the SDK itself."""

import email.utils
import itertools
from unittest.mock import patch

import httpx2
import openai
import pytest
from openai import _base_client
from openai._models import FinalRequestOptions

from chatwidget._transports.retry import MAX_RETRIES, retry_after, retry_delay

NOW = 1_800_000_000.0


def date(seconds):
    """The time `seconds` from NOW, as a header has it."""
    return email.utils.formatdate(NOW + seconds, usegmt=True)


STATUSES = [200, 302, 400, 401, 403, 404, 408, 409, 413, 418, 422, 429, 499, 500, 502, 503, 504, 529, 599]

HEADERS = [
    {},
    {"x-should-retry": "true"},
    {"x-should-retry": "false"},
    {"x-should-retry": "True"},
    {"x-should-retry": "1"},
    {"x-should-retry": ""},
    {"retry-after": "20"},
    {"retry-after": "0.25"},
    {"retry-after": " 3 "},
    {"retry-after": "1_0"},
    {"retry-after": "120"},
    {"retry-after": "120.001"},
    {"retry-after": "121"},
    {"retry-after": "99999999999999999999999999"},
    {"retry-after": "0"},
    {"retry-after": "-1"},
    {"retry-after": ""},
    {"retry-after": "soon"},
    {"retry-after": "nan"},
    {"retry-after": "inf"},
    {"retry-after": "-inf"},
    {"retry-after": "+Infinity"},
    {"retry-after": "-1e999"},
    {"retry-after": date(5)},
    {"retry-after": date(119)},
    {"retry-after": date(120)},
    {"retry-after": date(121)},
    {"retry-after": date(-60)},
    {"retry-after": date(10**9)},
    {"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"},
    {"retry-after": "Fri, 31 Dec 99999 23:59:59 GMT"},
    {"retry-after": "Mon, 99 Foo 2026 99:99:99 GMT"},
    {"retry-after": email.utils.formatdate(NOW + 7, localtime=False)},
    {"retry-after-ms": "1500"},
    {"retry-after-ms": "0.5"},
    {"retry-after-ms": "120000"},
    {"retry-after-ms": "120001"},
    {"retry-after-ms": "soon", "retry-after": "4"},
    {"retry-after-ms": "", "retry-after": "4"},
    {"retry-after-ms": "1500", "retry-after": "4"},
    {"retry-after-ms": "0", "retry-after": "4"},
    {"retry-after-ms": "soon", "retry-after": date(6)},
    {"retry-after": "121", "x-should-retry": "true"},
    {"retry-after": "20", "x-should-retry": "false"},
    {"retry-after": "20", "x-should-retry": "true"},
]

# Longer than a number can be. The SDK's first releases read them as malformed, its newest as we do.
ENDLESS = [{"retry-after": "1e999"}, {"retry-after": "9" * 400}, {"retry-after-ms": "1e999", "retry-after": "4"}]

TABLE = list(itertools.product(STATUSES, HEADERS, range(MAX_RETRIES)))


@pytest.fixture(scope="module")
def client():
    return openai.AsyncOpenAI(api_key="k")


def sdk_delay(client, status, headers, retries, random):
    """What the SDK does after this failure: seconds to wait, or None."""
    remaining = client.max_retries - retries
    response_headers = httpx2.Headers(headers)
    with patch.object(_base_client, "random", lambda: random), patch.object(_base_client.time, "time", lambda: NOW):
        retried = status is None or client._should_retry(httpx2.Response(status, headers=response_headers))
        if remaining <= 0 or not retried:
            return None
        options = FinalRequestOptions(method="post", url="/chat/completions")
        return client._calculate_retry_timeout(remaining, options, response_headers if status is not None else None)


def test_r01_the_table_has_many_rows():
    assert len(TABLE) >= 60


def test_the_sdk_retries_as_often(client):
    assert client.max_retries == MAX_RETRIES


@pytest.mark.parametrize("headers", HEADERS, ids=repr)
def test_r01_a_status_is_retried_as_by_the_sdk(client, headers):
    for status, retries, random in itertools.product(STATUSES, range(MAX_RETRIES), (0.0, 0.5, 0.999)):
        ours = retry_delay(status, headers, retries, now=NOW, random=random)
        theirs = sdk_delay(client, status, headers, retries, random)
        assert ours == (None if theirs is None else pytest.approx(theirs)), (status, retries, random)


@pytest.mark.parametrize("retries", range(MAX_RETRIES))
@pytest.mark.parametrize("random", [0.0, 0.5, 0.999])
def test_r01_a_failed_connection_is_retried_as_by_the_sdk(client, retries, random):
    ours = retry_delay(None, {}, retries, now=NOW, random=random)
    theirs = sdk_delay(client, None, {}, retries, random)
    assert ours == (None if theirs is None else pytest.approx(theirs))


@pytest.mark.parametrize(
    ("status", "headers", "retries", "expected"),
    [
        (None, {}, 0, 0.5),
        (None, {}, 1, 1.0),
        (429, {}, 0, 0.5),
        (400, {}, 0, None),
        (400, {"x-should-retry": "true"}, 0, 0.5),
        (500, {"x-should-retry": "false"}, 0, None),
        (429, {"retry-after": "20"}, 1, 20.0),
        (429, {"retry-after": date(20)}, 0, 20.0),
        (429, {"retry-after-ms": "250"}, 0, 0.25),
        (429, {"retry-after": "121"}, 0, None),
        (503, {"retry-after": date(-5)}, 1, 1.0),
    ],
)
def test_the_rules_in_figures(status, headers, retries, expected):
    assert retry_delay(status, headers, retries, now=NOW, random=0.0) == expected


@pytest.mark.parametrize("headers", ENDLESS, ids=repr)
def test_a_server_that_asks_for_an_endless_wait_is_given_up(headers):
    for status, retries in itertools.product(STATUSES, range(MAX_RETRIES)):
        assert retry_delay(status, headers, retries, now=NOW, random=0.5) is None


def test_jitter_takes_at_most_a_quarter():
    delays = [retry_delay(500, {}, 0, now=NOW, random=random) for random in (0.0, 0.5, 1.0)]
    assert delays == [0.5, 0.4375, 0.375]


@pytest.mark.parametrize("headers", HEADERS, ids=repr)
def test_r01_what_the_server_asks_for_is_read_as_by_the_sdk(client, headers):
    with patch.object(_base_client.time, "time", lambda: NOW):
        theirs = client._parse_retry_after_header(httpx2.Headers(headers))
    assert retry_after(headers, NOW) == (None if theirs is None else pytest.approx(theirs, nan_ok=True))
