"""Which parameters a model takes: all that are given, but for what its server is known, or says, not to take."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from .._errors import ServerError
from ._base import ChatRequest
from ._retrying import Outcome, respond

_OPENAI: Final = ("https", "api.openai.com")

_OTHER_NAMES: Final = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
"""OpenAI refuses the old name for its newer models and takes the new one for all; most other servers know the old."""

_TUNING: Final = frozenset(
    {
        *("temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty", "seed", "stop"),
        *("max_tokens", "max_completion_tokens", "reasoning_effort", "verbosity", "parallel_tool_calls"),
        *("logprobs", "top_logprobs", "logit_bias", "stream_options"),
    }
)
"""What an answer can do without. A refusal of any other is the user's to hear of: it may be a slip of the pen, or what
makes the answer the one that was asked for, as tools and its form do."""

_OURS: Final = frozenset({"stream_options"})
"""Sent unasked, and left out without a word."""

_REFUSALS: Final = frozenset({400, 422})

_SAYS_SO: Final = re.compile(
    r"unsupported|not supported|(does|do) ?n[o']t support|unrecogni[sz]ed|unknown (name|parameter|argument|field)"
    r"|unexpected (keyword|parameter|argument|field)|extra (inputs|fields)|not permitted|not allowed|deprecated"
    r"|may only be|cannot (both )?be (used|specified|set)",
    re.IGNORECASE,
)


class Params:
    """What was learned of one server's models."""

    def __init__(self, base_url: str) -> None:
        self.is_openai = urlsplit(base_url)[:2] == _OPENAI
        self._changes: dict[str | None, dict[str, str | None]] = {}
        """By model: the name that a parameter is sent under, None where it is not sent."""

    async def respond(
        self, attempt: Callable[[Mapping[str, Any]], Awaitable[Outcome]], request: ChatRequest, max_retries: int
    ) -> Any:
        """The response to `request`, asked again without what the server says not to take. Raises TransportError."""
        while True:
            params = self._fitting(_model_of(request), request.params)
            try:
                return await respond(lambda: attempt(params), request, max_retries)  # noqa: B023 awaited at once
            except ServerError as error:
                name = _refused({**params, "stream_options": params.get("stream_options", {})}, error)
                if name is None or not self._change(request, name):
                    raise

    def _fitting(self, model: str | None, params: Mapping[str, Any]) -> dict[str, Any]:
        usual = {"max_tokens": "max_completion_tokens"} if self.is_openai else {}
        names = {**usual, **self._changes.get(model, {})}
        sent = {new: value for name, value in params.items() if (new := names.get(name, name)) is not None}
        return {**sent, **{name: None for name in _OURS if name in names}}

    def _change(self, request: ChatRequest, name: str) -> bool:
        """Send parameter `name` otherwise from now on; whether there is another way."""
        changes = self._changes.setdefault(_model_of(request), {})
        given = next((old for old, new in changes.items() if new == name), name)
        if given in changes and changes[given] is None:
            return False
        other = _OTHER_NAMES.get(name)
        is_new = other is not None and given == name and other not in request.params
        changes[given] = other if is_new else None
        if not is_new and name not in _OURS:
            request.on_notice(f"{_model_of(request) or 'This model'} does not take {given}: it is asked without.")
        return True


def _model_of(request: ChatRequest) -> str | None:
    """The model that is asked, which one question may name in place of the chat's."""
    model = request.params.get("model", request.model)
    return model if isinstance(model, str) else None


def _refused(names: Iterable[str], error: ServerError) -> str | None:
    """The parameter of `names` that `error` says is not taken, where an answer can do without it."""
    text = str(error)
    if error.status not in _REFUSALS or not _SAYS_SO.search(text):
        return None
    found = {name: _place(name, text) for name in names if name in _TUNING}
    named = [name for name in found if found[name] >= 0]
    return error.param if error.param in found else min(named, key=lambda name: found[name], default=None)


def _place(name: str, text: str) -> int:
    """Where `name` stands in `text`, however its words are joined; -1 where it does not."""
    match = re.search(rf"\b{name.replace('_', '')}\b", text.replace("_", ""), re.IGNORECASE)
    return match.start() if match is not None else -1
