"""Submodules that are imported when they are first used, as in https://scientific-python.org/specs/spec-0001/."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from types import ModuleType


def import_on_use(
    package: str, submodules: Sequence[str]
) -> tuple[Callable[[str], ModuleType], Callable[[], list[str]]]:
    """Return the functions `__getattr__` and `__dir__` of a package with submodules that are imported on first use.

    Type checkers do not see them, but imports under `TYPE_CHECKING`, so that they know each name and no others.

    Args:
        package: The name of the package.
        submodules: The names of its submodules.

    Example:
        >>> if TYPE_CHECKING:
        ...     from . import export, storage
        ... else:
        ...     __getattr__, __dir__ = import_on_use(__name__, __all__)

    """

    def submodule(name: str) -> ModuleType:
        if name in submodules:
            # The import sets the attribute, so this function is called once for each.
            return importlib.import_module(f"{package}.{name}")
        message = f"module {package!r} has no attribute {name!r}"
        raise AttributeError(message)

    return submodule, lambda: sorted(submodules)
