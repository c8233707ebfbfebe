"""The names of settings and parameters: which ones an API can have, and which one a mistyped name stands for.

A name that no API can have is refused before anything is sent: a server may ignore it, and a key under another name
would go out in the body of each request. A name that is not known here passes, as servers have parameters of their own.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

from .._errors import SettingsError
from .._transports.parameters import TUNING

SETTINGS: Final = {
    **dict.fromkeys(("base_url", "api_key", "headers", "client", "cumulative"), "chat.connect({}=...)"),
    **dict.fromkeys(("model", "system_prompt", "messages", "tools", "tool_titles"), "chat.{} = ..."),
    **dict.fromkeys(("starters", "locale", "height", "context", "context_window", "trim"), "chat.{} = ..."),
    **dict.fromkeys(("approve", "autosave"), "ChatWidget({}=...)"),
}
"""The arguments of `ChatWidget`, and the way to set each of them later."""

QUESTION: Final = {
    **dict.fromkeys(("attachments", "variables", "tools", "response_format"), "chat.ask(..., {}=...)"),
    **dict.fromkeys(("system_prompt", "history", "timeout"), "chat.ask(..., {}=...)"),
}
"""The arguments of `ask`."""

_API: Final = TUNING | {
    *(
        "model",
        "messages",
        "tools",
        "tool_choice",
        "response_format",
        "n",
        "stream_options",
        "store",
        "metadata",
        "user",
    ),
    *("service_tier", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "modalities", "audio"),
    *("prediction", "web_search_options", "functions", "function_call", "timeout"),
    *("extra_headers", "extra_query", "extra_body"),
}
"""Parameters that are passed on, or have a meaning here."""

_OF_SERVERS: Final = frozenset({"mode", "models", "min_tokens"})
"""Parameters of some servers that look like a misspelt name: of text-generation-webui, OpenRouter and vLLM."""

_OTHER_NAMES: Final = {
    **dict.fromkeys(("url", "uri", "host", "endpoint", "api_base", "api_url", "api_endpoint"), "base_url"),
    **dict.fromkeys(("server_url", "azure_endpoint", "openai_api_base", "openai_base_url"), "base_url"),
    **dict.fromkeys(("system", "system_message", "system_instruction", "system_instructions"), "system_prompt"),
    **dict.fromkeys(("default_headers", "http_headers"), "headers"),
    **dict.fromkeys(("request_timeout",), "timeout"),
    **dict.fromkeys(("model_name", "model_id"), "model"),
    "temp": "temperature",
}
"""Names that other packages have for our settings."""

_CREDENTIAL: Final = re.compile(
    r"(?:.*_)?(?:key|token|secrets?|passw(?:or)?d|passphrase|pwd|jwt|bearer|cookies?|cred(?:ential)?s?"
    r"|auth|authori[sz]ation|api_keys|(?:api|access|auth)_tokens)"
    r"|(?:.*_)?(?:api|access|auth|secret|private|openai|anthropic|hf)(?:keys?|tokens?)|auth_headers?|service_account.*"
)
_NO_CREDENTIAL: Final = re.compile(
    r".*(?:cache|idempotency)_key|.*(?:max|min|bos|eos|pad|sep|stop|special|image)_token"
)
"""Names of servers for other keys, and for tokens that are words."""


def check_parameters(names: Iterable[object], arguments: Iterable[str] = ()) -> None:
    """Raise an error if a parameter has a name that no API has for one.

    Args:
        names: The names of the parameters.
        arguments: The names of the other arguments of the call, if it has any.

    Raises:
        SettingsError: If a name is that of a credential or of a setting, or nearly the name of one.

    """
    fault = next((fault for name in names if (fault := _fault_of(name, set(arguments)))), None)
    if fault is not None:
        raise SettingsError(fault)


def nearest(name: str, others: Iterable[str] = ()) -> str | None:
    """Return the setting or parameter that a name stands for, None if it is like none.

    Args:
        name: The name that was used.
        others: More names that it may stand for.

    """
    plain = _plain(name)
    if _CREDENTIAL.fullmatch(_snake(name)) and not _NO_CREDENTIAL.fullmatch(_snake(name)):
        return "api_key"
    own = {*SETTINGS, *QUESTION, *others}
    exact = {_plain(other): other for other in (*_API, *own)}
    if plain in exact or _snake(name) in _OTHER_NAMES:
        return exact.get(plain) or _OTHER_NAMES[_snake(name)]
    close = difflib.get_close_matches(name.lower(), sorted(own), 1, 0.8)
    # Servers have many parameters that are a little like OpenAI's.
    return next(iter(close or difflib.get_close_matches(name.lower(), sorted(_API), 1, 0.9)), None)


def way_to_set(name: str) -> str:
    """Return the code that sets a setting or parameter of a chat.

    Args:
        name: Its name.

    """
    way = SETTINGS.get(name) or (QUESTION.get(name) if name not in _API else None) or "chat.params[{!r}] = ..."
    return way.format(name)


def is_parameter(name: object) -> bool:
    """Return whether this is the name of a parameter that an API is known to have.

    Args:
        name: The name.

    """
    return name in _API or name in _OF_SERVERS


def _fault_of(name: object, arguments: set[str]) -> str | None:
    """Return why a parameter cannot have this name, None if it can."""
    if not isinstance(name, str):
        return f"the names of parameters are texts, not {type(name).__name__}: {{'temperature': 0.2}}"
    if is_parameter(name) or name in {"system_prompt", "history"}:
        return None
    near = nearest(name)
    if near is None:
        return None
    way = f"`{near}`" if near in arguments else f"`{way_to_set(near)}`"
    if near == name:
        return f"{name} is a setting rather than a parameter of the API, so nothing was sent: use {way}"
    elsewhere = "" if near == "api_key" else ". A parameter that only your server knows can be sent in `extra_body`"
    return f"there is no setting or parameter {name!r}, so nothing was sent: did you mean {way}?{elsewhere}"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[-. ]", "_", name).lower()


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
