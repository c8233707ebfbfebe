"""API keys: shown by nothing that prints, and taken out of what others say."""

import base64
import copy
import itertools
import pickle
import time
from dataclasses import asdict
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget._comm.commands import Connect
from chatwidget._secrets.keys import Secret, redact
from chatwidget._transports.endpoint import Endpoint

KEY = "canary-" + "-".join(f"{number:03}" for number in range(0, 900, 75))
RUN = 12

keys = (
    st.text(st.sampled_from("ABCXYZabcxyz0189-_./+%&= "), min_size=RUN, max_size=48)
    .map(str.strip)
    .filter(lambda key: len(key) >= RUN)
)


def runs(text, length=RUN):
    """Every piece of `text` that is long enough to matter."""
    return {text[place : place + length] for place in range(len(text) - length + 1)}


def in_base64(key, shift):
    """The characters of base64 that the key alone decides, when `shift` bytes stand before it."""
    before, after = (base64.b64encode(b"x" * shift + key.encode() + end).decode() for end in (b"\0" * 3, b"\xff" * 3))
    other = base64.b64encode(b"y" * shift + key.encode() + b"\0" * 3).decode()
    return "".join(one for one, two, three in zip(before, after, other, strict=True) if one == two == three)


# Held


@pytest.mark.parametrize("show", [repr, str, ascii, "{}".format, "{!r:>80}".format, "%s".__mod__])
def test_a_secret_prints_as_its_mask(show):
    shown = show(Secret(KEY))
    assert not runs(KEY, 5) & runs(shown, 5)
    assert KEY[-4:] in shown


@pytest.mark.parametrize(
    "holder", [lambda s: Endpoint("http://a", s), lambda s: Connect(key=s), lambda s: {"key": [s]}]
)
def test_what_holds_a_secret_prints_its_mask(holder):
    assert not runs(KEY, 5) & runs(repr(holder(Secret(KEY))), 5)


@pytest.mark.parametrize("length", [0, 1, 4, 12, 23])
def test_of_a_short_key_nothing_is_shown(length):
    key = KEY[:length]
    assert Secret(key).mask == "…"
    assert repr(Secret(key)) == "Secret('…')"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled(protocol):
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Secret(KEY), protocol)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda secret: asdict(Connect(key=secret))])
def test_a_secret_is_not_copied(duplicate):
    with pytest.raises(TypeError):
        duplicate(Secret(KEY))


def test_a_secret_has_no_attributes_to_list():
    secret = Secret(KEY)
    with pytest.raises(TypeError):
        vars(secret)
    public = [getattr(secret, name) for name in dir(secret) if not name.startswith("_")]
    assert KEY not in public


def test_secrets_are_equal_by_content():
    assert Secret(KEY) == Secret(KEY)
    assert Secret(KEY) != Secret(KEY + "x")
    assert Secret(KEY) != KEY
    assert len({Secret(KEY), Secret(KEY)}) == 1


def test_the_key_is_given_to_who_asks_for_it():
    assert Secret(KEY).reveal() == KEY


# Redacted


@given(keys, st.text(max_size=8), st.text(max_size=8))
def test_the_key_is_taken_out(key, before, after):
    shown = redact(f"{before}{key}{after}{key}", Secret(key))
    assert not runs(key) & runs(shown)


@given(keys, st.integers(0, 48), st.integers(RUN, 48))
def test_any_piece_long_enough_is_taken_out(key, start, length):
    piece = key[start : start + length]
    if len(piece) >= RUN:
        assert piece not in redact(f"no such key: {piece}", Secret(key))


@given(keys, st.integers(0, 5), st.binary(max_size=4))
def test_the_key_in_base64_is_taken_out_at_each_alignment(key, shift, after):
    text = base64.b64encode(b"x" * shift + key.encode() + after).decode()
    shown = redact(f"Basic {text}", Secret(key))
    assert not runs(in_base64(key, shift)) & runs(shown)


@given(keys)
def test_the_key_in_an_address_is_taken_out(key):
    shown = redact(f"GET /v1/models?key={quote(key, safe='')}&x=1", Secret(key))
    assert not runs(quote(key, safe="")) & runs(shown)


@pytest.mark.parametrize("half", [KEY[: len(KEY) // 2], KEY[len(KEY) // 2 :]])
def test_half_a_key_is_taken_out(half):
    assert redact(f"({half})", Secret(KEY)) == "([key removed])"


def test_what_stands_around_the_key_stays():
    assert redact(f"Incorrect API key provided: {KEY}. Try another.", Secret(KEY)) == (
        "Incorrect API key provided: [key removed]. Try another."
    )


@pytest.mark.parametrize(("key", "shown"), [("abcdefgh", "[[key removed]]"), ("abcde", "[abcde]"), ("", "[]")])
def test_a_short_key_is_taken_out_whole_where_it_is_no_common_word(key, shown):
    assert redact(f"[{key}]", Secret(key)) == shown


@pytest.mark.parametrize(
    "prefix", ["sk-", "sk_", "sk-proj-", "pk-", "rk_", "gsk_", "xai-", "hf_", "ghp_", "glpat-", "AIza"]
)
def test_what_looks_like_another_key_is_taken_out(prefix):
    other = prefix + "notAReal1Key"
    assert redact(f"Wrong key ({other}), see the docs", None) == "Wrong key ([key removed]), see the docs"


def test_a_token_after_bearer_is_taken_out():
    assert redact("Authorization: Bearer abc.def-123~x/y+z== was refused", None) == (
        "Authorization: Bearer [key removed] was refused"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The server is overloaded. Try again in 20 seconds.",
        "Rate limit reached for test-model in organization org-1 on tokens per min: limit 200000, used 199999",
        "maximum context length is 128000 tokens; your messages resulted in 130123 tokens",
        "Missing bearer authentication in header. Bearer authentication is required.",
        "No module named 'sklearn_extensions_2024' or pkg_resources_2",
        "task-1234567890123 ask-12345678901234 skeleton-key-1234567890",
        "model `hfl/chinese-roberta-wwm-ext-2` or sk-learn",
        "id chatcmpl-9aB8c7D6e5F4g3H2i1J0 at http://localhost:8000/v1/chat/completions",
        "ключ не подходит 🔑",
    ],
)
def test_harmless_text_stays(text):
    assert redact(text, Secret(KEY)) == text


SIZE = 1_000_000
HARD = {
    "nothing": "x" * SIZE,
    "the key": KEY * (SIZE // len(KEY)),
    "nearly the key": KEY[: RUN - 1] * (SIZE // RUN),
    "pieces of the key": "".join(itertools.islice(itertools.cycle(sorted(runs(KEY))), SIZE // RUN)),
    "beginnings of keys": "sk-" * (SIZE // 3),
    "one long word": "sk-" + "x" * SIZE,
    "tokens": "Bearer " * (SIZE // 7),
}


@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_a_long_text_takes_no_time(text):
    # Linear, this takes a fraction of a second; quadratic, it takes minutes.
    began = time.process_time()
    redact(text, Secret(KEY))
    assert time.process_time() - began < 10
