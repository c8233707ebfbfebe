"""Requests built from the conversation, the system prompt, the parameters and the tools.

Everything here runs on the runner's loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from .. import _requests
from .._content.attachments import as_named_text
from .._conversation.messages import LeftOut, Message, MessageDict, Usage
from .._conversation.tree import Conversation, plain_dicts
from .._errors import TransportError
from .._transports.base import ChatRequest, Retrying, Transport, sender_of
from .._transports.models.facts import ListedModel
from .context_window import ContextLimit, Size, is_of_system, sent_from
from .image_replay import ImageReplay
from .model_lookup import ModelInfoFetcher
from .reasoning_replay import ReasoningReplay
from .role_order import RoleOrder
from .token_estimates import tokens_beside, tokens_in, tokens_of

if TYPE_CHECKING:
    from .._tools.toolbox import Toolbox

_QUESTION: Final = "The question:"


class Requests:
    """The builder of one chat's requests. Settings apply from the next request on.

    Args:
        conversation: The conversation to send.
        chat: The chat, passed to functions that answer and ask for it.
        on_change: Called when a server has reported something about the model.
        on_notice: Called with notices for the user that are not part of the conversation.
        on_model_end: Called with a model in use and its last day.

    """

    def __init__(
        self,
        conversation: Conversation,
        chat: object = None,
        *,
        on_change: Callable[[], None] = lambda: None,
        on_notice: Callable[[str], None] = lambda _: None,
        on_model_end: Callable[[str, date], None] = lambda _, __: None,
    ) -> None:
        self._conversation = conversation
        self._chat = chat
        self._on_notice = on_notice
        self.model: str | None = None
        self.system_prompt: str | None = None
        self.params: dict[str, Any] = {}
        self.limit = ContextLimit()
        self._lookup = ModelInfoFetcher(self.limit, on_change, on_model_end)
        self._replay = ReasoningReplay()
        self._images = ImageReplay()
        self._order = RoleOrder()
        self._asked: str | None = None
        """The model that the learned facts are about."""

    def use(
        self,
        model: str | None,
        transport: Transport | None,
        on_list: Callable[[Iterable[ListedModel]], None] | None = None,
    ) -> None:
        """Switch to another model, perhaps on another server.

        Args:
            model: The name of the model, or None.
            transport: The transport to ask it through, or None if not connected.
            on_list: Called with the models that the server lists, if the list decides which one to ask.

        """
        self.model = model
        self._lookup.watch_list(on_list)
        self._begin_with(model, transport)

    def configure(self, system_prompt: str | None, params: Mapping[str, Any]) -> None:
        """Use another system prompt and other parameters from the next request on.

        Args:
            system_prompt: The system prompt, or None.
            params: The parameters of the API.

        """
        self.system_prompt = system_prompt
        self.params = dict(params)

    @property
    def prices(self) -> Mapping[str, tuple[float, float]]:
        """Dollars per million prompt tokens and per million completion tokens by model, as servers report them."""
        return self._lookup.prices

    def read_list(self, transport: Transport) -> None:
        """Start reading the server's list of models, if it decides which one to ask.

        Args:
            transport: The transport to the server.

        """
        self._lookup.list_models(transport)

    @property
    def asked(self) -> str | None:
        """The model asked last. A single question may have named it in place of the chat's."""
        return self._asked

    def _begin_with(self, model: str | None, transport: Transport | None) -> None:
        self._asked = model
        self.limit.forget()
        self._lookup.begin(transport, model)
        self._replay.forget()
        self._images.forget()
        self._order.forget()

    def answered(self, transport: Transport, usage: Usage | None, *, is_shown: bool) -> None:
        """Learn from a request that was answered.

        Args:
            transport: The transport that answered.
            usage: The tokens that the server counted, if it did.
            is_shown: Whether a view shows the answer.

        """
        self.limit.counted(usage)
        self._replay.confirm()
        self._images.confirm()
        self._order.confirm()
        self._lookup.after(transport, self._asked, is_shown=is_shown)

    def learn(self, error: Exception) -> bool:
        """Learn from a refused request.

        Args:
            error: The refusal.

        Returns:
            Whether to ask again, in another form.

        """
        # The images first: their refusals are the easiest to tell.
        return self._images.learn(error) or self._order.learn(error) or self._replay.learn(error)

    async def aclose(self) -> None:
        """End what runs in the background."""
        await self._lookup.aclose()

    def forked(self) -> None:
        """Reset after a fork: what runs in the background belongs to the parent process."""
        self._lookup.forked()

    async def make(
        self,
        transport: Transport,
        reply_id: str,
        *,
        params: Mapping[str, Any],
        toolbox: Toolbox | None,
        is_first: bool,
        context_parts: Sequence[Mapping[str, Any]],
        on_retry: Callable[[Retrying], None],
        on_message: Callable[[MessageDict], None],
    ) -> ChatRequest:
        """Build the request for a reply, and record with the reply whom it asks and the messages it leaves out.

        Args:
            transport: The transport that will send the request.
            reply_id: The id of the reply, which has begun.
            params: Parameters of the question, which override the chat's.
            toolbox: The tools to offer, if any.
            is_first: Whether this is the first request of the question; later ones return the results of tools.
            context_parts: Content parts to send with the question that are not in the conversation.
            on_retry: Called before a failed request is tried again.
            on_message: Called with messages of other roles, such as a tool's result, that arrive before the answer.

        Returns:
            The request.

        Raises:
            TransportError: The request cannot be made: a parameter is invalid, or the messages do not fit.

        """
        params = {**self.params, **params}
        timeout = _timeout_of(params.pop("timeout", None))
        if toolbox is not None:
            params = toolbox.params(params, is_first=is_first)
        system_prompt, history = params.pop("system_prompt", self.system_prompt), params.pop("history", True)
        if (model := params.get("model", self.model)) != self._asked:
            self._begin_with(model, transport)
        sender = sender_of(transport, model)
        self._conversation.sent_by(reply_id, sender)
        request = ChatRequest([], self.model, params, on_retry, timeout, on_message, self._chat, self._on_notice)
        wanted = self._replay.applied(self._wanted(history=history), sender)
        rest = tokens_beside(system_prompt, params)
        if context_parts:
            rest += tokens_of({"content": context_parts})
        messages, left_out = await self._fitting(transport, reply_id, wanted, rest, request)
        messages = with_context([_in_one_text(message) for message in messages], context_parts)
        if system_prompt:
            messages = [{"role": "system", "content": system_prompt}, *messages]
        if left_out is not None and left_out.summary is not None:
            messages = _requests.summary.with_summary(messages, left_out.summary)
        return replace(request, messages=self._order.applied(self._images.applied(messages)))

    def _wanted(self, *, history: bool) -> list[Message]:
        """Return all messages, or without `history` only the last question and those after it."""
        messages = self._conversation.whole
        if history:
            return messages
        return messages[max((index for index, message in enumerate(messages) if message.role == "user"), default=0) :]

    async def _fitting(
        self, transport: Transport, reply_id: str, messages: list[Message], rest: int, request: ChatRequest
    ) -> tuple[list[MessageDict], LeftOut | None]:
        """Return the messages that the model takes in addition to `rest` tokens, and a record of those left out.

        The record is stored with the reply.
        """
        names = (name for name in ("max_completion_tokens", "max_tokens") if name in request.params)
        answer = next((request.params[name] for name in names), None)
        size = self.limit.size_of(messages, rest, answer)
        await self._lookup.before(transport, self._asked, size.whole())
        start = self.limit.start(messages, size)
        left_out = LeftOut(_count(messages, start)) if start else None
        self._conversation.leave_out(reply_id, left_out)
        if left_out is not None and self.limit.trim == "summarize":
            start, left_out = await self._summarized(transport, messages, size, request)
            self._conversation.leave_out(reply_id, left_out)
        return plain_dicts(sent_from(messages, start)), left_out

    async def _summarized(
        self, transport: Transport, messages: list[Message], size: Size, request: ChatRequest
    ) -> tuple[int, LeftOut]:
        """Return the number of the first message to send, and a summary of those before it."""
        room = _requests.summary.ROOM
        covered, before = _last_summary(messages)
        if before is not None:
            start = self.limit.start(messages, size.with_more(tokens_in(before)), least=covered)
            # The last summary still suffices.
            if start == covered:
                return covered, LeftOut(_count(messages, covered), before)
        try:
            # Half of the room stays free, so that the summary holds for some turns.
            start = self.limit.start(messages, size.with_more(room), least=covered, share=0.5)
            most = self.limit.estimated(self.limit.tokens or 0) - room
            news = [message for message in messages[covered:start] if not is_of_system(message)]
            summary, usage = await _requests.summary.summarize(transport, request, news, before, most)
        except Exception as failure:  # noqa: BLE001 a function that answers is the user's code
            request.on_notice(f"The older messages could not be summarized ({failure}), so they were not sent.")
            start = self.limit.start(messages, size)
            return start, LeftOut(_count(messages, start))
        return start, LeftOut(_count(messages, start), summary, usage)


def _count(messages: Sequence[Message], start: int) -> int:
    """Count the messages before number `start` that are left out."""
    return sum(not is_of_system(message) for message in messages[:start])


def _last_summary(messages: Sequence[Message]) -> tuple[int, str | None]:
    """Return the number of the first message that the latest summary does not cover, and that summary."""
    for message in reversed(messages):
        if message.left_out is not None and message.left_out.summary is not None:
            covered = [index for index, candidate in enumerate(messages) if not is_of_system(candidate)][
                : message.left_out.count
            ]
            return covered[-1] + 1 if covered else 0, message.left_out.summary
    return 0, None


def with_context(messages: Sequence[MessageDict], parts: Sequence[Mapping[str, Any]]) -> list[MessageDict]:
    """Insert context parts before the text of the last question.

    Args:
        messages: The messages to send.
        parts: The context as content parts, text first.

    Returns:
        A new list; the messages themselves are not changed.

    """
    index = max((index for index, message in enumerate(messages) if message.get("role") == "user"), default=None)
    if not parts or index is None:
        return list(messages)
    question = messages[index]
    return [*messages[:index], {**question, "content": _before(parts, question["content"])}, *messages[index + 1 :]]


def _in_one_text(message: MessageDict) -> MessageDict:
    """Join a question with the texts of files and values that go along. Many servers and functions take only text."""
    content = message["content"]
    if not isinstance(content, list) or message.get("role") != "user":
        return message
    named = content[1:]
    is_text = all(part.keys() == {"type", "text"} for part in content) and all(map(as_named_text, named))
    return {**message, "content": "\n\n".join(part["text"] for part in content)} if named and is_text else message


def _before(parts: Sequence[Mapping[str, Any]], content: Any) -> Any:
    first, *images = parts
    text = f"{first['text']}\n\n{_QUESTION}"
    if isinstance(content, str) and not images:
        return f"{text}\n\n{content}"
    content_parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    return [{"type": "text", "text": text}, *images, *content_parts]


def _timeout_of(value: object) -> float | None:
    """Return the parameter `timeout` in seconds, None if it is not set. Raises TransportError."""
    if value is None:
        return None
    if isinstance(value, int | float) and 0 < value < float("inf"):
        return float(value)
    message = f"timeout must be a number of seconds above 0, not {value!r}"
    raise TransportError(message)
