"""The sources of the modules that views import."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).parents[1] / "static"

VIEW: Final = "view"
_NAMES: Final = frozenset({"math", "colours"})


def module_source(name: str) -> str | None:
    """Return the source of a module.

    Args:
        name: The name by which views request it: `view` for the whole view, which exports its style sheet as `css`.

    Returns:
        The source, or None if there is no such module. No other file is read.

    """
    if name == VIEW:
        return f"{_read('widget.js')}\nexport const css = {json.dumps(_read('widget.css'))};\n"
    return _read(f"{name}.js") if name in _NAMES else None


def _read(name: str) -> str:
    return (STATIC / name).read_text("utf-8")
