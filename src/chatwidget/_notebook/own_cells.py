"""The cells that belong to a chat: they ask it, show what it says, or only make it. They are never context."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher
from itertools import islice
from typing import Any, Final

from .._conversation.messages import Message

_MAGIC: Final = "chat"
_PACKAGE: Final = "chatwidget"
_CLASS: Final = "ChatWidget"
_LIKENESS: Final = 0.75
"""Minimum similarity of a magic that does not exist to be taken for a mistyped `%chat`, such as `%cht`."""

_MOST_ITEMS: Final = 10

_SPEAKING: Final = frozenset({"ask", "ask_async", "stream", "retry", "edit", "preview", "models"})
"""Methods of a chat whose results repeat what it says."""

_MAGIC_LINE: Final = re.compile(r"^[ \t]*(?:[^\n=%]*=[ \t]*)?%{1,2}[ \t]*(\w+)", re.MULTILINE)
_WITHOUT_PERCENT: Final = re.compile(rf"\s*({_MAGIC})[ \t]+\w")
_DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_ASSIGNMENTS: Final = (ast.Assign, ast.AnnAssign)


class OwnCells:
    """The rule by which a cell belongs to a chat, for the notebook as it is now.

    A cell belongs to a chat if a statement in it asks a chat or shows it or its answers, or if all of its statements
    make a chat or change its settings. A mistyped `%chat` counts as one.

    Args:
        shell: The IPython shell.
        is_chat: Whether a value is a chat.

    """

    def __init__(self, shell: Any, is_chat: Callable[[object], bool]) -> None:
        self._shell = shell
        self._is_chat = is_chat
        values = dict(shell.user_ns).items()
        self._chats = {name for name, value in values if is_chat(value) or any(map(is_chat, _items(value)))}
        self._shown = {_CLASS, *self._chats, *(name for name, value in values if isinstance(value, Message))}

    def includes(self, source: str, result: object = None) -> bool:
        """Return whether a cell belongs to a chat.

        Args:
            source: The cell as transformed by IPython.
            result: The value of its last line.

        """
        if self._is_chat(result) or isinstance(result, Message):
            return True
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return _WITHOUT_PERCENT.match(source) is not None or self._has_magic(source)
        return any(map(self._speaks, _nodes(tree))) or (bool(tree.body) and all(map(self._makes, tree.body)))

    def _speaks(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Expr):
            return _mentions(node, self._shown) and not self._is_setting(node.value)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return False
        if (magic := _magic_in(node)) is not None:
            name, *texts = magic
            word = name.strip("%") or (texts[0].split() or [""])[0]
            return self._is_mistyped(word) or any(map(self._is_own_code, texts))
        return node.func.attr in _SPEAKING and _mentions(node.func.value, self._chats)

    def _makes(self, statement: ast.stmt) -> bool:
        if isinstance(statement, ast.ImportFrom):
            return (statement.module or "").partition(".")[0] == _PACKAGE
        if isinstance(statement, ast.Import):
            return all(alias.name.partition(".")[0] == _PACKAGE for alias in statement.names)
        if isinstance(statement, _ASSIGNMENTS):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            return _is_class_call(statement.value) or all(_mentions(target, self._chats) for target in targets)
        return isinstance(statement, ast.Expr) and self._is_setting(statement.value)

    def _is_setting(self, value: ast.expr) -> bool:
        """Return whether an expression loads the magics, or calls a method of a chat that shows nothing."""
        if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
            return False
        magic = _magic_in(value)
        if magic is not None:
            return magic[0] in {"load_ext", "reload_ext"} and magic[1].strip() == _PACKAGE
        owner = value.func.value
        return isinstance(owner, ast.Name) and owner.id in self._chats and value.func.attr not in _SPEAKING

    def _is_own_code(self, text: str) -> bool:
        """Return whether the text of another magic, such as `%%time`, is code that belongs to a chat."""
        return self._has_magic(text) or self.includes(text)

    def _has_magic(self, text: str) -> bool:
        """Return whether a line of a text is a `%chat`."""
        return any(map(self._is_mistyped, _MAGIC_LINE.findall(text)))

    def _is_mistyped(self, name: str) -> bool:
        """Return whether a magic is `%chat`, or resembles it and does not exist."""
        word = name.lower()
        if word == _MAGIC:
            return True
        is_like = word.startswith(_MAGIC) or SequenceMatcher(None, word, _MAGIC).ratio() >= _LIKENESS
        return is_like and not any(self._shell.find_magic(name, kind) for kind in ("line", "cell"))


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run with a cell: all of them, except those inside definitions."""
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        yield node
        if not isinstance(node, _DEFINITIONS):
            nodes += ast.iter_child_nodes(node)


def _mentions(node: ast.AST, names: set[str]) -> bool:
    return any(
        (isinstance(inner, ast.Name) and inner.id in names)
        or (isinstance(inner, ast.Attribute) and inner.attr == _CLASS and _CLASS in names)
        for inner in ast.walk(node)
    )


def _items(value: object) -> Iterable[object]:
    """Return the first items of a list, tuple or dict that may hold chats."""
    items = dict.values(value) if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return islice(items, _MOST_ITEMS)


def _is_class_call(value: ast.expr | None) -> bool:
    """Return whether an expression is a new chat: `ChatWidget(...)` or `ChatWidget.load(...)`."""
    return isinstance(value, ast.Call) and _mentions(value.func, {_CLASS})


def _magic_in(call: ast.Call) -> list[str] | None:
    """Return the name and the texts of a magic, as IPython transforms it into a call."""
    texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    is_magic = isinstance(call.func, ast.Attribute) and call.func.attr in {"run_line_magic", "run_cell_magic"}
    return texts if is_magic and len(texts) > 1 else None
