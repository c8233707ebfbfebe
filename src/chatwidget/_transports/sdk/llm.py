"""Models of Simon Willison's `llm` and its plugins, as a transport: `ChatWidget(llm.get_model("..."))`.

The only module that imports `llm`, which is already loaded if there is a model of it. The whole conversation is
sent each time. Tools are declared to the model and its calls are returned, so that they run like all others.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, suppress
from typing import Any
from uuid import uuid4

import llm.models
from llm.parts import ReasoningPart, ToolCallPart

from ..._conversation.messages import Delta, ToolCallDelta, Usage
from ..._errors import TransportError
from ..._runtime.iterate import in_place, in_thread
from ..._secrets.keys import Secret
from ..._wire.sendable import sendable
from ..base import ChatRequest
from ..failures.sdk import guarded
from .llm_messages import METADATA, REASONING, asked


class LlmTransport:
    """Answers from a model of `llm`.

    Args:
        model: An `llm.Model` or `llm.AsyncModel`.
        threads: Whether there are threads to run a blocking model on.

    """

    def __init__(self, model: Any, *, threads: bool = True) -> None:
        self._model = model
        self._threads = threads

    @property
    def identity(self) -> str:
        """The name of the model."""
        return str(self._model.model_id)

    async def warm(self) -> None:
        """Do nothing: there is no connection to prepare."""

    async def aclose(self) -> None:
        """Do nothing: no resources are held."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        """Stream the answer.

        Args:
            request: The request to send.

        Returns:
            The deltas of the answer, as they arrive.

        Raises:
            TransportError: There is no answer, or it was cut off.

        """
        if isinstance(self._model, llm.models._AsyncModel):  # noqa: SLF001 the base of both its public classes
            deltas = self._deltas_later(request)
        else:
            run: Callable[..., AsyncGenerator[Delta, None]] = in_thread if self._threads else in_place
            deltas = run(lambda: self._deltas(request))
        return guarded(deltas, self._secret, str(self._model.model_id), request.timeout)

    def _deltas(self, request: ChatRequest) -> Iterator[Delta]:
        response = self._prompt(request)
        for event in response.stream_events():
            yield from _delta(event)
        yield from _ending(response, response.messages(), response.usage())

    async def _deltas_later(self, request: ChatRequest) -> AsyncGenerator[Delta, None]:
        response = self._prompt(request)
        async with aclosing(response.astream_events()) as events:
            async for event in events:
                for delta in _delta(event):
                    yield delta
        for delta in _ending(response, await response.messages(), await response.usage()):
            yield delta

    def _prompt(self, request: ChatRequest) -> Any:
        """Return the response, not yet started."""
        options = dict(request.params)
        schema = _schema(options.pop("response_format", None))
        tools = _tools(options.pop("tools", ()), options.pop("tool_choice", None))
        question = asked(self._model, sendable(request.messages))
        try:
            return question(tools=tools, schema=schema, stream=self._model.can_stream, options=options)
        except ValueError as error:
            faults = getattr(error, "errors", None)
            if not callable(faults):
                raise
            reasons = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults())
            message = f"{self._model.model_id} does not accept these parameters ({reasons})."
            raise TransportError(message) from None

    def _secret(self) -> Secret | None:
        """Return the model's key, to be redacted from errors."""
        key = None
        # It may be a plugin's code; without a key there is none to redact.
        with suppress(Exception):
            key = self._model.get_key()
        return Secret(key) if isinstance(key, str) and key else None


def _delta(event: Any) -> Iterator[Delta]:
    if event.type == "text" and event.chunk:
        yield Delta(content=event.chunk)
    elif event.type == "reasoning" and event.chunk:
        yield Delta(reasoning=event.chunk)


def _ending(response: Any, messages: list[Any], usage: Any) -> Iterator[Delta]:
    """Yield the tool calls, then the facts known at the end of an answer."""
    # Some plugins send calls as events, others only at the end.
    parts = [part for message in messages for part in message.parts]
    thought = [dict(part.to_dict()) for part in parts if isinstance(part, ReasoningPart) and part.provider_metadata]
    calls = [part for part in parts if isinstance(part, ToolCallPart) and not part.server_executed]
    for index, part in enumerate(calls):
        extra = {METADATA: part.provider_metadata} if part.provider_metadata else {}
        # Arguments that are not valid JSON, as in a truncated answer, are passed on unchanged.
        raw = part.arguments.get("_raw") if set(part.arguments) == {"_raw"} else None
        arguments = raw if isinstance(raw, str) else json.dumps(part.arguments, ensure_ascii=False)
        call_id = part.tool_call_id or f"call_{uuid4().hex}"
        yield Delta(tool_calls=(ToolCallDelta(index, call_id, part.name, arguments, extra),))
    finish_reason = response.response_json.get("finish_reason") if isinstance(response.response_json, dict) else None
    yield Delta(
        finish_reason=finish_reason if isinstance(finish_reason, str) else "tool_calls" if calls else "stop",
        usage=_usage(usage),
        model=response.resolved_model or str(response.model.model_id),
        reasoning_form={REASONING: thought} if thought else None,
    )


def _usage(usage: Any) -> Usage | None:
    if usage.input is None and usage.output is None:
        return None
    return Usage(usage.input, usage.output, (usage.input or 0) + (usage.output or 0))


def _tools(definitions: Any, choice: Any) -> list[Any]:
    if choice not in {None, "auto", "none"} if isinstance(choice, str | None) else True:
        message = "llm models choose for themselves which tools to call: leave out tool_choice."
        raise TransportError(message)
    if choice == "none":
        return []
    functions = [definition.get("function") for definition in definitions]
    if not all(isinstance(function, dict) for function in functions):
        message = "llm models accept only functions as tools, not OpenAI's built-in tools."
        raise TransportError(message)
    return [
        llm.Tool(function["name"], function.get("description"), function.get("parameters") or {})
        for function in functions
    ]


def _schema(form: Any) -> dict[str, Any] | None:
    if form is None:
        return None
    schema = (form.get("json_schema") or {}).get("schema") if isinstance(form, Mapping) else None
    if not isinstance(schema, dict):
        message = "llm models accept only a JSON schema as response_format."
        raise TransportError(message)
    return schema
