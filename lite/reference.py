"""Writes the API reference, from the docstrings of the public names.

python lite/reference.py build/lite/api
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pdoc
import pdoc.doc_ast
import pdoc.render

import chatwidget
from chatwidget import ChatWidget, _types


class Name:
    """The name of a type, in signatures that would otherwise list all that the type is made of.

    Args:
        text: The name, or an expression of names.

    """

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text

    def __or__(self, other: Any) -> Name:
        return Name(f"{self} | {_shown(other)}")

    def __ror__(self, other: Any) -> Name:
        return Name(f"{_shown(other)} | {self}")

    def __getitem__(self, inner: Any) -> Name:
        return Name(f"{self}[{_shown(inner)}]")


def _shown(annotation: Any) -> str:
    return str(getattr(annotation, "__name__", annotation)) if isinstance(annotation, type) else str(annotation)


def main() -> None:
    """Write it into the folder that is named."""
    # To users it is one class, and pdoc passes over what comes from the private ones that it is made of.
    for base in ChatWidget.__mro__[1:]:
        if base.__module__.startswith("chatwidget."):
            for name, member in vars(base).items():
                if not (name.startswith("_") or name in vars(ChatWidget)):
                    setattr(ChatWidget, name, member)
    # Each type is written out once, at its own place.
    docstrings = pdoc.doc_ast.walk_tree(_types).var_docstrings
    pdoc.doc_ast.walk_tree(chatwidget).var_docstrings.update(docstrings)
    for name in docstrings:
        getattr(chatwidget, name, None)  # the package keeps it
        setattr(_types, name, Name("Iterable" if name == "Items" else name))
    pdoc.render.configure(docformat="google", show_source=False)
    pdoc.pdoc("chatwidget", output_directory=Path(sys.argv[1]))


if __name__ == "__main__":
    main()
