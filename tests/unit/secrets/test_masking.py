"""Secrets of a notebook: not sent to a model, and nothing else changed."""

from __future__ import annotations

import base64
import random
import time

import pytest

from chatwidget._secrets.keys import Secret
from chatwidget._secrets.masking import masked

# Words, not keys: no scanner takes them for real ones.
WORD = "notAReal1KeyNotAReal1KeyNotAReal1Key"
TAIL = "tail"
LONG = WORD + TAIL
# In two parts, for no file here may look as if it held one.
PEM = "-----BEGIN PRIVATE" + " KEY-----"

SHAPES = {
    "openai": f"sk-{LONG}",
    "project": f"sk-proj-{LONG}",
    "anthropic": f"sk-ant-api03-{LONG}",
    "stripe": f"sk_live_{LONG}",
    "github": f"ghp_{LONG}",
    "github app": f"ghs_{LONG}",
    "github fine": f"github_pat_{LONG}",
    "gitlab": f"glpat-{LONG}",
    "slack": f"xoxb-1-{LONG}",
    "aws": "AKIA" + "NOTAREALKEY1TAIL",
    "google": "AIza" + "notAReal1KeyNotAReal1KeyNotARea" + TAIL,
    "hugging face": f"hf_{LONG}",
    "groq": f"gsk_{LONG}",
    "jwt": f"eyJ{WORD}.eyJ{WORD}.{LONG}",
}


@pytest.mark.parametrize("key", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize(
    "text",
    ["{}", "client = Client('{}')", "{{'a': '{}'}}", "line\\n{}\\nline", "see {}, please.", "| 1 | {} |", "x={}"],
)
def test_what_has_the_shape_of_a_key_goes(text, key):
    shown = masked(text.format(key), environ={})
    assert key[:-4] not in shown
    assert key[4:12] not in shown
    assert shown.startswith(text.partition("{")[0])
    assert "[secret …" in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('password = "hunter2x"', 'password = "[secret …]"'),
        ("DB_PASSWORD: str = 'correcthorse'", "DB_PASSWORD: str = '[secret …]'"),
        ('os.environ["MY_TOKEN"] = "abcd1234"', 'os.environ["MY_TOKEN"] = "[secret …]"'),
        ('{"api_key": "abcd1234", "n": 3}', '{"api_key": "[secret …]", "n": 3}'),
        ("connect(user='u', passwd='hunter2x')", "connect(user='u', passwd='[secret …]')"),
        ('if token == "abcd1234":', 'if token == "[secret …]":'),
        ("clientSecret: 'abcd1234abcd1234abcd1234'", "clientSecret: '[secret …1234]'"),
        ('"{\\"api_key\\": \\"abcd1234\\"}"', '"{\\"api_key\\": \\"[secret …]\\"}"'),
        ("password='correct horse battery staple'", "password='[secret …]'"),
        ('password = """hunter2x"""', 'password = """[secret …]"""'),
        ('password = "it\'s hunter2x"', 'password = "[secret …]"'),
        ("export SERVICE_TOKEN=abcd1234", "export SERVICE_TOKEN=[secret …]"),
        ("A=1\nPASSWORD=hunter22\nB=2", "A=1\nPASSWORD=[secret …]\nB=2"),
        ("password: hunter22\nuser: me", "password: [secret …]\nuser: me"),
        ("GET /x?a=1&token=abcd1234&b=2", "GET /x?a=1&token=[secret …]&b=2"),
        ("Server=s;Password=hunter22;User=me", "Server=s;Password=[secret …];User=me"),
        ("postgresql://me:hunter2@db:5432/x?y=1", "postgresql://me:[secret …]@db:5432/x?y=1"),
        ("Authorization: Bearer abc.def1~x/y+z==", "Authorization: Bearer [secret …]"),
        ('{"Authorization": "Basic dXNlcjpodW50ZXIy"}', '{"Authorization": "Basic [secret …]"}'),
    ],
)
def test_what_stands_behind_a_name_for_it_goes(text, shown):
    assert masked(text, environ={}) == shown


@pytest.mark.parametrize("kind", ["", "RSA ", "OPENSSH ", "ENCRYPTED "])
@pytest.mark.parametrize("newline", ["\n", "\\n"])
def test_a_private_key_goes(kind, newline):
    lines = [f"-----BEGIN {kind}PRIVATE KEY-----", *[WORD * 2] * 3, f"-----END {kind}PRIVATE KEY-----"]
    assert masked(f"k = '{newline.join(lines)}' # rest", environ={}) == (
        f"k = '{lines[0]}[secret …]{lines[-1]}' # rest"
    )
    cut = masked(newline.join(lines[:-1]) + "\nand so on", environ={})
    assert WORD[:16] not in cut
    assert cut.endswith("and so on")


def test_a_private_key_that_is_only_spoken_of_takes_nothing_along():
    text = f'if "{PEM}" in text:\n    return load(text)'
    assert masked(text, environ={}) == text


def test_what_the_environment_holds_under_such_a_name_goes():
    environ = {
        "SERVICE_KEY": "opaque one",
        "my_token": "opaque one and more, to its tail",
        "APP_SECRET": "short",
        "DB_PASSWORD": "opaque-two",
        "DB_PASS": "opaque-three",
        "PWD": "/home/someone",
        "EDITOR": "some-editor",
        "KEYBOARD": "some-keyboard",
    }
    text = "a opaque one b opaque one and more, to its tail c short opaque-twoopaque-three /home/someone some-editor"
    assert masked(text, environ=environ) == (
        "a [secret …] b [secret …tail] c short [secret …][secret …] /home/someone some-editor"
    )
    assert masked("some-keyboard", environ=environ) == "some-keyboard"


def test_the_environment_is_that_of_now(monkeypatch):
    monkeypatch.setenv("SOME_SERVICE_TOKEN", "opaque one")
    assert masked("(opaque one)") == "([secret …])"


def test_the_chats_own_key_goes_in_whatever_form():
    key = Secret("opaque-" + "-".join(str(number) for number in range(100, 120)))
    encoded = base64.b64encode(b"user:" + key.reveal().encode()).decode()
    shown = masked(f"{key.reveal()} {encoded} {key.reveal()[10:30]}", key, environ={})
    assert "opaque" not in shown
    assert "103-104-105" not in shown


IMAGE = base64.b64encode(random.Random(1).randbytes(50_000)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "da39a3ee5e6b4b0d3255bfef95601890afd80709 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "123e4567-e89b-12d3-a456-426614174000",
        f"data:image/png;base64,{IMAGE}",
        "sklearn sk-container-id-1 div.sk-toggleable__content task-1234567890123 risk-free-rate-2024-q1-estimate-x",
        "pk_customer_orders_2024_index sk_customer_dim_2024_version hf_dataset_v2",
        "token = tokenizer.decode(ids)\nmax_tokens=1000\ntokens: 12345678\ntoken_count = 12345678",
        "pad_token = '<pad>'\neos_token='</s>'\nsep_token: '[SEP]'\ntoken = 'hello'\ntoken = 'tokenization'",
        "password = os.environ['DB_PASSWORD']\npassword=getpass('Password: ')\npassword = input()",
        "def login(user: str, password: str, token: Token2Type) -> None:\n    self.password = password",
        "connect(\n    password=password12\n)\nconnect(user=u, password=password12, token=token_of_2)",
        '{"password": "string", "token": token_v2x\n}',
        "password='{password}' token='${SOME_TOKEN_1}' api_key='<your-key-1>' secret='********1' key='customer_id_2'",
        "sort(key=lambda x: x[1])\nprimary_key = 'customer_id_2024'\nkeys = ['a1234567', 'b1234567']",
        "https://example.org/a:b@c http://localhost:8888/lab?x=1 http://user@host/ mailto:me@example.org",
        "postgresql://{user}:{password}@host/db",
        "secret_key_path = '/etc/keys/key_1.pem'\nprivate_key='/etc/keys/key_1.pem'",
        "print('password =', user, 'and token=', token, 'x1234567')\nform = {'password': 'Enter your password'}",
        "Bearer of bad news; the bearer bond 2024",
        "names = ['password', 'username1', 'token', 'abcdefg1']",
        "df['token'].str.len().mean()\ntokens['secret'] > 12345678",
        "",
    ],
)
def test_ordinary_code_and_data_stay(text):
    assert masked(text, environ={"SOME_TOKEN": "", "A_KEY": "another"}) == text


def test_what_is_masked_stays_as_it_is():
    text = "\n".join([*SHAPES.values(), 'password = "hunter2x"', "https://me:hunter2@host/", "token=abcd1234"])
    once = masked(text, environ={})
    assert masked(once, environ={}) == once


SIZE = 500_000
PIECES = [
    *("x", " ", "\n", "=", "-", "sk-", "eyJ", "-eyJ", "\\neyJ", "eyJaaaaaaaa.", "://a:", "://", "password=", "token:"),
    *(
        "password = ",
        'token="',
        "password='x'",
        "token=abcd1234)",
        "password=' ",
        "token=\"a'",
        "Bearer ",
        "bearer a",
        "authorization: basic ",
    ),
    *(
        PEM,
        f"{PEM}\nabcd",
        "SG.aaaaaaaaaaaaaaaaaaaa",
        "AKIA",
        "gh",
        "token",
    ),
    *("passpwdsecret", "password: a", "xoxb-", '"', "token : str = ", "://a:b@"),
]


@pytest.mark.parametrize("piece", PIECES)
def test_a_long_text_takes_no_time(piece):
    # Linear, it takes half a second; quadratic, it would take minutes.
    text = piece * (SIZE // len(piece))
    began = time.process_time()
    masked(text, Secret(LONG), environ={"A_KEY": "opaque one"})
    masked("sk-" + text, environ={})
    assert time.process_time() - began < 10
