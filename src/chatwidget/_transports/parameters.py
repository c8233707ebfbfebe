"""The parameters that a model takes: all that are set, except those its server is known, or says, not to take."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from .._conversation.messages import Delta
from .._errors import ServerError
from .base import ChatRequest
from .endpoint import is_openai
from .retry import Outcome, respond

_OTHER_NAMES: Final = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
"""OpenAI refuses the old name for its newer models and takes the new one for all; most other servers know the old."""

TUNING: Final = frozenset(
    {
        *("temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty", "seed", "stop"),
        *("max_tokens", "max_completion_tokens", "reasoning_effort", "verbosity", "parallel_tool_calls"),
        *("logprobs", "top_logprobs", "logit_bias"),
    }
)
"""Parameters that an answer can do without. A refusal of any other is reported to the user: the name may be a typo,
or the parameter essential to the answer, as tools and the response format are.
"""

_REFUSALS: Final = frozenset({400, 422})

_SAYS_SO: Final = re.compile(
    r"unsupported|not supported|(does|do) ?n[o']t support|unrecogni[sz]ed|unknown (name|parameter|argument|field)"
    r"|unexpected (keyword|parameter|argument|field)|extra (inputs|fields)|not permitted|not allowed|deprecated"
    r"|may only be|cannot (both )?be (used|specified|set)",
    re.IGNORECASE,
)


Changes: TypeAlias = dict[str, str | None]
"""The name that each parameter is sent under; None if it is not sent."""


class ParameterAdapter:
    """The parameters that one server's models were found to take.

    Args:
        base_url: The address of the server.
        defaults: Parameters that are sent unless a request has its own. They are left out without a notice.
        names: The names in requests of parameters that have another one there.

    """

    def __init__(
        self,
        base_url: str,
        defaults: Mapping[str, Any] = MappingProxyType({}),
        names: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._is_openai = is_openai(base_url)
        self._defaults = defaults
        self._names = names
        self._dispensable = TUNING | defaults.keys()
        self._changes: dict[str | None, Changes] = {}
        """Changes by model."""

    async def answer(
        self, attempt: Callable[[Mapping[str, Any]], Awaitable[Outcome]], request: ChatRequest, max_retries: int
    ) -> AsyncIterator[Delta]:
        """Send a request, and repeat it without the parameters that the server refuses.

        Args:
            attempt: Sends the request once, with the parameters passed to it. Its response is an iterator of deltas.
            request: The request.
            max_retries: How often to retry other failures.

        Returns:
            The deltas of the answer. Once one says something, the user is notified of omitted parameters, and they
            are remembered for the next requests.

        Raises:
            TransportError: The request failed.

        """
        changes, refusals = self._learned(request).copy(), dict[str, ServerError]()
        while True:
            params = self._fitting(changes, request.params)
            try:
                deltas: AsyncIterator[Delta] = await respond(
                    partial(attempt, params),
                    request,
                    max_retries,
                )
            except ServerError as error:
                name = self._refused(params.keys() & self._dispensable, request, error)
                original = _change(changes, request, name) if name is not None else None
                if original is None:
                    raise self._first_alike(refusals, error) from None
                refusals.setdefault(original, error)
            else:
                return self._confirmed(deltas, changes, request) if refusals else deltas

    async def _confirmed(
        self, deltas: AsyncIterator[Delta], changes: Changes, request: ChatRequest
    ) -> AsyncGenerator[Delta, None]:
        """Pass on deltas; the changes are accepted when the answer begins, as it may still be an error."""
        is_accepted = False
        async for delta in deltas:
            if not is_accepted and delta.says_something:
                self._accept(changes, request)
                is_accepted = True
            yield delta

    def _fitting(self, changes: Changes, params: Mapping[str, Any]) -> dict[str, Any]:
        usual = {"max_tokens": "max_completion_tokens"} if self._is_openai else {}
        names = {**usual, **changes}
        wanted = {**self._defaults, **params}
        return {new: value for name, value in wanted.items() if (new := names.get(name, name)) is not None}

    def _accept(self, changes: Changes, request: ChatRequest) -> None:
        left_out = [name for name, new in changes.items() if new is None and name not in self._defaults]
        before = self._learned(request)
        self._changes[_model_of(request)] = changes
        for name in left_out:
            if before.get(name, name) is not None:
                request.on_notice(f"{_model_of(request) or 'This model'} does not accept {name}, so it was left out.")

    def _learned(self, request: ChatRequest) -> Changes:
        return self._changes.get(_model_of(request), {})

    def _first_alike(self, refusals: Mapping[str, ServerError], error: ServerError) -> ServerError:
        """Return the refusal of a parameter that `error` repeats even though it was left out, else `error` itself."""
        for name, refusal in refusals.items():
            is_of_it = error.param in self._names_of(name) or self._position(name, str(error)) >= 0
            if is_of_it and (error.status, error.code) == (refusal.status, refusal.code):
                return refusal
        return error

    def _refused(self, names: Iterable[str], request: ChatRequest, error: ServerError) -> str | None:
        """Return the parameter that `error` says is not taken, if it is one of `names`."""
        text = str(error)
        if error.status not in _REFUSALS:
            return None
        blamed = next((name for name in names if error.param in self._names_of(name)), None)
        if blamed in self._defaults and blamed not in request.params:
            # Whatever the reason is: the user did not ask for it.
            return blamed
        if not _SAYS_SO.search(text):
            return None
        positions = {name: self._position(name, text) for name in names}
        named = [name for name in positions if positions[name] >= 0]
        return blamed or min(named, key=lambda name: positions[name], default=None)

    def _names_of(self, name: str) -> tuple[str, ...]:
        """Return the names that a refusal may have for a parameter."""
        return name, self._names.get(name, name)

    def _position(self, name: str, text: str) -> int:
        """Return the first position of a parameter in `text`, under any of its names; -1 if it is missing."""
        positions = (_position(each, text) for each in self._names_of(name))
        return min((position for position in positions if position >= 0), default=-1)


def _change(changes: Changes, request: ChatRequest, name: str) -> str | None:
    """Rename or omit a parameter. Return its original name, or None if there is no other way."""
    original = next((old for old, new in changes.items() if new == name), name)
    if original in changes and changes[original] is None:
        return None
    other = _OTHER_NAMES.get(name)
    is_new = other is not None and original == name and other not in request.params
    changes[original] = other if is_new else None
    return original


def _model_of(request: ChatRequest) -> str | None:
    """Return the model to ask. A single question may name another one than the chat's."""
    model = request.params.get("model", request.model)
    return model if isinstance(model, str) else None


def _position(name: str, text: str) -> int:
    """Return the position of `name` in `text`, however its words are joined; -1 if it is missing."""
    match = re.search(rf"\b{re.escape(name.replace('_', ''))}\b", text.replace("_", ""), re.IGNORECASE)
    return match.start() if match is not None else -1
