"""The errors of chatwidget.

ChatWidgetError
├── ChatError               a turn ended as `error` or `interrupted`; `.reply` holds what arrived
│   └── AnswerFormatError   an answer that is whole, but not of the form that was asked for
├── ConversationError       messages or a file that are not a conversation (also a ValueError)
├── SettingsError           an argument or a setting that cannot work (also a ValueError)
├── CannotWaitError         this call would block a loop that must not be blocked (also a RuntimeError)
├── MissingPackageError     what was asked for needs a package that is not installed (also an ImportError)
└── TransportError          no answer, or only a part of one
    ├── NotConnectedError   nothing to ask: no key, no server, no function
    ├── ConnectError        the server was not reached
    ├── ServerError         the server answered, with an error; `.status` is its HTTP status
    └── StreamInterruptedError  the stream ended before the answer did
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._conversation.messages import Message


class ChatWidgetError(Exception):
    """Base class of every error that chatwidget raises on purpose."""


class ChatError(ChatWidgetError):
    """A turn did not reach its end.

    `reply` is the assistant message with the text that did arrive, its `status` and its `error`.
    """

    def __init__(self, message: str, reply: Message) -> None:
        super().__init__(message)
        self.reply = reply


class AnswerFormatError(ChatError):
    """The answer is not of the form that `response_format` asked for; `reply` holds it as it is."""


class ConversationError(ChatWidgetError, ValueError):
    """What was given is not a conversation; nothing was changed."""


class SettingsError(ChatWidgetError, ValueError):
    """An argument or a setting that cannot work; nothing was changed."""


class CannotWaitError(ChatWidgetError, RuntimeError):
    """A blocking call from a place that must not block; the message names the call to use instead."""


class MissingPackageError(ChatWidgetError, ImportError):
    """What was asked for needs a package that is not installed; the message names it."""


class TransportError(ChatWidgetError):
    """The model's answer did not come, or came only in part.

    `code` names the cause, where it is known, for a program or a view to act on: `wrong_key`, `no_key`, `wrong_url`,
    `model_not_found`, `too_long`, `not_connected`, `too_many_rounds` of tools; `rejected`, `not_found`, `too_many`,
    `timeout`, `server_fault` as the HTTP status says; `cut_off` where a part came; or why the server was not reached:
    `offline`, `no_host`, `refused`, `no_answer`, `dropped`, `proxy`, `certificate`, `no_tls`, `unreached`, or
    `environment` if one of its variables cannot be used; in the browser also `cors`, `preflight`, `mixed_content`,
    `local_network`, `untrusted`.
    """

    code: str | None = None

    def __init__(self, message: str = "", *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class NotConnectedError(TransportError):
    """There is nothing to ask: no key, no server and no function."""

    code = "not_connected"


class ConnectError(TransportError):
    """The server was not reached."""


class ServerError(TransportError):
    """The server answered with an error, `status` being its HTTP status where there is one.

    Of what is `too_long`, `limit` and `asked` are the tokens that the model takes and that the question had, where
    the server says so.
    """

    limit: int | None = None
    asked: int | None = None
    param: str | None = None
    """The parameter that is at fault, where the server names one."""

    def __init__(self, message: str, status: int | None = None, *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.status = status


class StreamInterruptedError(TransportError):
    """The stream ended before the answer did."""

    code = "cut_off"
