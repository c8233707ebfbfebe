"""Masking of secrets in the notebook context for models: source, values, tracebacks, files.

`keys.redact` is for texts of servers, where losing a harmless word does not matter. This module is for code and data,
which must stay intact. It masks text that has the shape of a known kind of key, that follows a name for a secret, or
that is the value of an environment variable with such a name. Hashes, UUIDs and encoded images are none of these.

Every character is read only a few times, whatever the text. No pattern has an unlimited repetition that may fail
afterwards: it consumes the text it has read, and a function judges the match.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from typing import Final

from .keys import Environment, Headers, Secret

_LEAST: Final = 8
"""Characters of an environment value; shorter ones may be common words or numbers."""
_LEAST_PASSWORD: Final = 6
_NEAR: Final = 80
"""Characters before a name that are examined."""
_LONG: Final = 20
"""Characters; a token of this length needs no digit."""

_ENVIRONMENT: Final = Environment()
_MASK: Final = "[secret …]"
_SECRET_NAME: Final = re.compile(r"(?i)(?:key|token|secret|passw(?:or)?d|passphrase|credentials?|_(?:pass|pwd))s?$")

# In a repr or in JSON a line begins after "\n".
_EDGE: Final = r"(?:(?<![A-Za-z0-9_+-])|(?<=\\[nrt]))"
_SHAPES: Final = re.compile(
    _EDGE + r"(?:"
    r"sk-(?=[\w-]{0,64}\d)[\w-]{20,}"
    r"|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}"
    r"|gh[oprsu]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{16,}"
    r"|xox[a-z]-(?=[\w-]{0,64}\d)[\w-]{10,}|xapp-(?=[\w-]{0,64}\d)[\w-]{10,}"
    r"|A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|AIza[\w-]{35}(?![\w-])|ya29\.[\w-]{30,}"
    r"|hf_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{30,}|xai-[A-Za-z0-9]{30,}|r8_[A-Za-z0-9]{30,}"
    r"|pplx-[A-Za-z0-9]{30,}|nvapi-[\w-]{30,}|npm_[A-Za-z0-9]{30,}|pypi-AgE[\w-]{30,}|dapi[0-9a-f]{32}(?![\w-])"
    r"|SG\.[\w-]{16,64}\.[\w-]{16,}"
    r"|eyJ[\w-]{8,4096}\.eyJ[\w-]{8,}(?:\.[\w-]*)?"
    r")"
)
_BEARER: Final = re.compile(
    r"(?P<before>\b[Bb](?i:earer)\s{1,4}|[Aa](?i:uthorization)[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?i:basic|token)\s{1,4})"
    r"(?P<value>[\w.~+/=-]+)"
)
_ASSIGNED: Final = re.compile(
    r"(?i:(?P<password>passw(?:or)?d|passphrase|pwd)|secret|token|credentials?"
    r"|(?:api|access|secret|private|auth|account|signing|encryption)[_-]?key)"
    # A dict key, an item assignment, a name with its type.
    r"(?P<closed>\\?[\"']?\]?)(?:\s{0,4}:\s{0,4}[\w.]{1,40}(?:\s{0,4}\|\s{0,4}None)?(?=\s{0,4}=))?"
    r"(?P<between>\s{0,4}[:=]{1,3}\s{0,8})"
    r"(?:[rbfRBF]?(?:(?P<double>\\?\"(?:\"\")?)(?P<in_double>[^\"\n]+)|(?P<single>\\?'(?:'')?)(?P<in_single>[^'\n]+))"
    r"|(?P<bare>[^\s\"'()\[\]{}<>,;&]+))"
)
_ADDRESS: Final = re.compile(r"://(?P<user>[^\s/?#\"'<>:@]{0,256}):(?P<password>[^\s/?#\"'<>]+)")
_PRIVATE_KEY: Final = re.compile(
    r"(?P<begin>-----BEGIN [A-Z ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----)(?P<body>.*?)"
    r"(?P<end>-----END [A-Z ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----|\Z)",
    re.DOTALL,
)
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/=]{16,}")
_TOKEN: Final = re.compile(r"[\w.~+/=:@!#$%^*-]+")
_NAME: Final = string.ascii_letters + string.digits + "_."
_NO_PASSWORDS: Final = frozenset({"string", "object", "password", "passwd", "secret", "required", "optional", "hidden"})
"""Placeholders for passwords in schemas, forms and examples."""


def masked(text: str, *secrets: Secret | Headers, environ: Mapping[str, str] = _ENVIRONMENT) -> str:
    """Return `text` without secrets: the given ones, those in the environment, and text that looks like one.

    At most the last four characters of a secret remain.

    Args:
        text: Text for a model.
        secrets: The known secrets.
        environ: The environment variables.

    """
    for secret in secrets:
        text = secret.redact(text)
    for value in _secrets_of(environ):
        text = text.replace(value, _mask(value))
    text = _PRIVATE_KEY.sub(_without_private_key, text)
    text = _SHAPES.sub(lambda match: _mask(match[0]), text)
    text = _BEARER.sub(_without_bearer, text)
    text = _ADDRESS.sub(_without_password, text)
    return _ASSIGNED.sub(_without_assigned, text)


def _mask(value: str) -> str:
    return f"[secret {Secret(value).mask}]"


def _secrets_of(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the values of variables with names for secrets, longest first, since one may contain another."""
    values = {value.strip() for name, value in environ.items() if _SECRET_NAME.search(name)}
    return iter(sorted((value for value in values if len(value) >= _LEAST), key=len, reverse=True))


def _without_private_key(match: re.Match[str]) -> str:
    if match["end"]:
        return f"{match['begin']}{_MASK}{match['end']}"
    # The key is cut off, or the text only mentions one.
    return match["begin"] + _ENCODED.sub(_MASK, match["body"])


def _without_bearer(match: re.Match[str]) -> str:
    is_token = len(match["value"]) >= _LEAST and _is_token(match["value"])
    return match["before"] + _mask(match["value"]) if is_token else match[0]


def _without_password(match: re.Match[str]) -> str:
    password, at, host = match["password"].rpartition("@")
    return f"://{match['user']}:{_MASK}{at}{host}" if at and not _is_placeholder(password) else match[0]


def _without_assigned(match: re.Match[str]) -> str:
    quote, value = match["double"] or match["single"], match["in_double"] or match["in_single"] or match["bare"]
    end = "\\" * (quote is not None and value.endswith("\\"))
    secret = value.removesuffix(end)
    is_secret = _is_quoted_secret(match, quote, secret) if quote else _is_bare_secret(match)
    if not is_secret or _is_placeholder(secret):
        return match[0]
    # The end of a password that someone made up is easily completed.
    return match[0][: -len(value)] + (_MASK if match["password"] else _mask(secret)) + end


def _is_quoted_secret(match: re.Match[str], quote: str, value: str) -> bool:
    # The quote may also end a text that contains the name.
    is_closed = match.string[match.end() : match.end() + 1] in {quote[-1], ""} and value[:1] not in {"", *" ,;)"}
    if not match["password"]:
        return is_closed and len(value) >= _LEAST and _is_token(value)
    is_phrase = any(map(str.isspace, value))
    is_set = not is_phrase or "=" in match["between"]
    return is_closed and is_set and len(value) >= _LEAST_PASSWORD and value.lower() not in _NO_PASSWORDS


def _is_bare_secret(match: re.Match[str]) -> bool:
    """Return True for a value, as in a settings file or an address, rather than an expression in a program."""
    value, end, start = match["bare"], match.string[match.end() : match.end() + 1], match.start()
    line = match.string[max(0, start - _NEAR) : start].rpartition("\n")[2]
    is_argument = "=" in match["between"] and line[:1].isspace() and not line.rstrip(_NAME).strip()
    is_setting = match["between"] == "=" or match["between"].rstrip() == ":"
    is_value = len(value) >= _LEAST and _has_digit(value) and _TOKEN.fullmatch(value) is not None
    return is_value and is_setting and not is_argument and not match["closed"] and end in {"", *" \t\r\n&;\"'"}


def _is_token(value: str) -> bool:
    return _TOKEN.fullmatch(value) is not None and (_has_digit(value) or len(value) >= _LONG)


def _has_digit(value: str) -> bool:
    return any(char.isdigit() for char in value)


def _is_placeholder(value: str) -> bool:
    """Return True if `value` is a placeholder or a path, or is already masked."""
    return value[0] in "{<$%*[…" or value.startswith(("/", "./", "~/", "../"))
