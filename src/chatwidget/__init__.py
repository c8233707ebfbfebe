"""A chat with a language model that lives in a notebook, in JupyterLab as well as in JupyterLite.

Example:
    >>> from chatwidget import ChatWidget
    >>> chat = ChatWidget("demo")
    >>> reply = chat.ask("hello")

"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

from . import _content, _files, _magics
from ._conversation.messages import (
    Citation,
    Delta,
    LeftOut,
    Message,
    Status,
    ToolCall,
    ToolCallDelta,
    Usage,
)
from ._conversation.messages import write_markdown_with as _write_markdown_with
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
    NotAwaitedError,
    NotConnectedError,
    ServerError,
    SettingsError,
    StreamInterruptedError,
    TransportError,
    UnknownSettingError,
)
from ._transports.base import ChatRequest, Transport
from ._transports.demo import DemoModel
from ._widget.widget import ChatWidget

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from ._content.concat_stream import concat_stream
    from ._types import (
        AnswerFormat,
        ApiKey,
        Attachment,
        Client,
        Content,
        ContextItem,
        Messages,
        Model,
        Starter,
        Tool,
    )

__version__ = "0.1.0"

__all__ = [
    "AnswerFormat",
    "AnswerFormatError",
    "ApiKey",
    "Attachment",
    "CannotWaitError",
    "ChatError",
    "ChatRequest",
    "ChatWidget",
    "ChatWidgetError",
    "Citation",
    "Client",
    "ConnectError",
    "Content",
    "ContextItem",
    "Conversation",
    "ConversationError",
    "Delta",
    "DemoModel",
    "LeftOut",
    "Message",
    "Messages",
    "MissingPackageError",
    "Model",
    "NotAwaitedError",
    "NotConnectedError",
    "ServerError",
    "SettingsError",
    "Starter",
    "Status",
    "StreamInterruptedError",
    "Tool",
    "ToolCall",
    "ToolCallDelta",
    "Transport",
    "TransportError",
    "UnknownSettingError",
    "Usage",
    "concat_stream",
    "from_json",
    "to_json",
]


def __getattr__(name: str) -> object:
    """Load a public name that a chat itself does not need."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    if name == "concat_stream":
        globals()[name] = _content.concat_stream.concat_stream
    else:
        globals()[name] = getattr(_import_module("._types", __name__), name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _markdown_of(message: Message) -> str:
    return _files.markdown.shown_in_cell(message)


# Messages are below the package that writes them.
_write_markdown_with(_markdown_of)


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
