"""A chat with a language model that lives in a notebook, in JupyterLab as well as in JupyterLite.

Example:
    >>> from chatwidget import ChatWidget
    >>> chat = ChatWidget("demo")
    >>> reply = chat.ask("hello")

"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _content, _magics
from ._conversation.messages import Citation, Delta, LeftOut, Message, Status, ToolCall, ToolCallDelta, Usage
from ._conversation.serialize import from_json, to_json
from ._conversation.tree import Conversation
from ._errors import (
    AnswerFormatError,
    CannotWaitError,
    ChatError,
    ChatWidgetError,
    ConnectError,
    ConversationError,
    MissingPackageError,
    NotConnectedError,
    ServerError,
    SettingsError,
    StreamInterruptedError,
    TransportError,
)
from ._transports.base import ChatRequest, Transport
from ._transports.demo import DemoModel
from ._widget.widget import ChatWidget

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from ._content.concat_stream import concat_stream

__version__ = "0.1.0"

__all__ = [
    "AnswerFormatError",
    "CannotWaitError",
    "ChatError",
    "ChatRequest",
    "ChatWidget",
    "ChatWidgetError",
    "Citation",
    "ConnectError",
    "Conversation",
    "ConversationError",
    "Delta",
    "DemoModel",
    "LeftOut",
    "Message",
    "MissingPackageError",
    "NotConnectedError",
    "ServerError",
    "SettingsError",
    "Status",
    "StreamInterruptedError",
    "ToolCall",
    "ToolCallDelta",
    "Transport",
    "TransportError",
    "Usage",
    "concat_stream",
    "from_json",
    "to_json",
]


def __getattr__(name: str) -> object:
    if name != "concat_stream":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    globals()[name] = _content.concat_stream.concat_stream
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics `%chat` and `%%chat`. Called by `%load_ext chatwidget`.

    Args:
        shell: The IPython shell.

    """
    _magics.magics.load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Remove the magics. Called by `%unload_ext chatwidget`.

    Args:
        shell: The IPython shell.

    """
    _magics.magics.unload(shell)
