"""The errors of chatwidget.

ChatWidgetError
├── ChatError               a turn ended as `error` or `interrupted`; `.reply` holds the part that arrived
│   └── AnswerFormatError   the answer is complete, but does not match the requested format
├── ConversationError       messages or a file that are not a conversation (also a ValueError)
├── SettingsError           an argument or a setting that cannot work (also a ValueError)
│   └── UnknownSettingError an attribute that a chat does not have (also an AttributeError)
├── CannotWaitError         this call would block a loop that must not be blocked (also a RuntimeError)
├── NotAwaitedError         a result that is read before its call is awaited (also an AttributeError)
├── MissingPackageError     a feature needs a package that is not installed (also an ImportError)
└── TransportError          no answer, or only a part of one
    ├── NotConnectedError   nothing to ask: no key, no server, no function
    ├── ConnectError        the server was not reached
    ├── ServerError         the server answered with an error; `.status` is its HTTP status
    └── StreamInterruptedError  the stream ended before the answer was complete
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ._conversation.messages import Message


_PACKAGE: Final = __name__.partition(".")[0]


class ChatWidgetError(Exception):
    """Base class of all errors that chatwidget raises on purpose.

    In IPython their tracebacks show the user's code only; those of Python, and that of `%debug`, are complete.
    """

    def _render_traceback_(self) -> list[str]:
        """Return the traceback as IPython shows it."""
        # Only IPython calls this, so it has been imported.
        shell: Any = sys.modules["IPython"].get_ipython()
        with _shortened(self) as traceback:
            lines: list[str] = shell.InteractiveTB.structured_traceback(type(self), self, traceback)
        return lines


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


class UnknownSettingError(SettingsError, AttributeError):
    """An attribute that a chat does not have; the message names the nearest one. Nothing was changed."""


class CannotWaitError(ChatWidgetError, RuntimeError):
    """A blocking call in a place that must not block; the message names the call to use instead."""


class NotAwaitedError(ChatWidgetError, AttributeError):
    """A result that is read before its call is awaited; nothing has been asked. The message says what to write."""


class MissingPackageError(ChatWidgetError, ImportError):
    """A feature that needs a package that is not installed; the message names the package."""


class TransportError(ChatWidgetError):
    """An answer of the model that did not arrive, or only in part.

    `code` names the cause, if it is known, so that programs and the view can react:

    - `wrong_key`, `no_key`, `forbidden`, `no_credit`, `wrong_url`, `model_not_found`, `too_long`, `not_connected`, and
      `too_many_rounds` of tools
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


@contextmanager
def _shortened(error: BaseException) -> Iterator[TracebackType | None]:
    """Leave the frames of this package out of the tracebacks of an error and its causes for a while."""
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__) is not None and cause not in chain:
        chain.append(cause)
    complete = [each.__traceback__ for each in chain]
    try:
        error.__traceback__ = _joined(_before_ours(_frames(complete[0])))
        for cause, traceback in zip(chain[1:], complete[1:], strict=True):
            cause.__traceback__ = _joined(_after_ours(_frames(traceback)))
        yield error.__traceback__
    finally:
        for each, traceback in zip(chain, complete, strict=True):
            each.__traceback__ = traceback


def _frames(traceback: TracebackType | None) -> list[TracebackType]:
    frames = []
    while traceback is not None:
        frames.append(traceback)
        traceback = traceback.tb_next
    return frames


def _joined(frames: list[TracebackType]) -> TracebackType | None:
    traceback = None
    for entry in reversed(frames):
        traceback = TracebackType(traceback, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return traceback


def _before_ours(frames: list[TracebackType]) -> list[TracebackType]:
    """Return the frames up to the call of this package; all of them if it was not called by the user's code."""
    first = next((index for index, entry in enumerate(frames) if _is_ours(entry)), len(frames))
    return frames[:first] or frames


def _after_ours(frames: list[TracebackType]) -> list[TracebackType]:
    """Return the frames that this package called, or those around it if it raised the error, as in a nested chat."""
    last = max((index for index, entry in enumerate(frames) if _is_ours(entry)), default=-1)
    return frames[last + 1 :] or [entry for entry in frames if not _is_ours(entry)]


def _is_ours(entry: TracebackType) -> bool:
    return str(entry.tb_frame.f_globals.get("__name__")).partition(".")[0] == _PACKAGE


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
