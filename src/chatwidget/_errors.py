"""The errors of chatwidget.

ChatWidgetError
├── ChatError               a turn ended as `error` or `interrupted`; `.reply` holds the part that arrived
│   └── AnswerFormatError   the answer is complete, but does not match the requested format
├── ConversationError       messages or a file that are not a conversation (also a ValueError)
├── SettingsError           an argument or a setting that cannot work (also a ValueError)
├── CannotWaitError         this call would block a loop that must not be blocked (also a RuntimeError)
├── MissingPackageError     a feature needs a package that is not installed (also an ImportError)
└── TransportError          no answer, or only a part of one
    ├── NotConnectedError   nothing to ask: no key, no server, no function
    ├── ConnectError        the server was not reached
    ├── ServerError         the server answered with an error; `.status` is its HTTP status
    └── StreamInterruptedError  the stream ended before the answer was complete
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._conversation.messages import Message


class ChatWidgetError(Exception):
    """Base class of all errors that chatwidget raises on purpose."""


class ChatError(ChatWidgetError):
    """A turn that failed.

    `reply` is the assistant message: the text that arrived, its `status` and its `error`.

    Args:
        message: The error message.
        reply: The assistant message.

    Example:
        >>> @chat.on_message
        ... def answer(messages):
        ...     yield "It is"
        ...     raise ValueError("not known")
        >>> try:
        ...     reply = chat.ask("What is it?")
        ... except ChatError as error:
        ...     reply = error.reply
        >>> reply.text, str(reply.status)
        ('It is', 'error')

    """

    def __init__(self, message: str, reply: Message) -> None:
        super().__init__(message)
        self.reply = reply


class AnswerFormatError(ChatError):
    """An answer that does not match the requested `response_format`; `reply` holds it as it is."""


class ConversationError(ChatWidgetError, ValueError):
    """Messages or a file that are not a valid conversation; nothing was changed."""


class SettingsError(ChatWidgetError, ValueError):
    """An argument or a setting that cannot work; nothing was changed."""


class CannotWaitError(ChatWidgetError, RuntimeError):
    """A blocking call in a place that must not block; the message names the call to use instead."""


class MissingPackageError(ChatWidgetError, ImportError):
    """A feature that needs a package that is not installed; the message names the package."""


class TransportError(ChatWidgetError):
    """An answer of the model that did not arrive, or only in part.

    `code` names the cause, if it is known, so that programs and the view can react:

    - `wrong_key`, `no_key`, `wrong_url`, `model_not_found`, `too_long`, `not_connected`, and `too_many_rounds` of tools
    - by HTTP status: `rejected`, `not_found`, `too_many`, `timeout`, `server_fault`
    - `cut_off` if only a part arrived
    - why the server was not reached: `offline`, `no_host`, `refused`, `no_answer`, `dropped`, `proxy`, `certificate`,
      `no_tls`, `unreached`, or `environment` if an environment variable cannot be used
    - in the browser also `cors`, `preflight`, `mixed_content`, `local_network`, `untrusted`

    Args:
        message: The error message.
        code: The cause.

    Example:
        >>> TransportError("the key is wrong", code="wrong_key").code
        'wrong_key'

    """

    code: str | None = None

    def __init__(self, message: str = "", *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class NotConnectedError(TransportError):
    """A chat without a connection: there is no key, no server and no function."""

    code = "not_connected"


class ConnectError(TransportError):
    """A server that was not reached."""


class ServerError(TransportError):
    """A server that answered with an error.

    `status` is the HTTP status, if there is one. If `code` is `too_long`, `limit` is the number of tokens that the
    model accepts and `asked` the number in the request, if the server reports them.

    Args:
        message: The error message.
        status: The HTTP status.
        code: The cause; see `TransportError`.

    """

    limit: int | None = None
    asked: int | None = None
    param: str | None = None
    """The parameter that caused the error, if the server names one."""

    def __init__(self, message: str, status: int | None = None, *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.status = status


class StreamInterruptedError(TransportError):
    """A stream that ended before the answer was complete."""

    code = "cut_off"


def raised_by(function: Callable[[], object]) -> BaseException | None:
    """Call a listener, which may run any code, and return the exception that it raises, if any.

    Args:
        function: The listener.

    """
    try:
        function()
    except (Exception, SystemExit) as error:  # noqa: BLE001 it is the caller's to report
        return error
    return None
