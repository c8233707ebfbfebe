"""Pyplot figures that a user's function creates and does not close.

Pyplot keeps each figure until it is closed, and a notebook displays all open figures below the next cell that runs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final
from weakref import WeakKeyDictionary, WeakSet

_HOOK: Final = f"{__name__}:note_maker"
_call: ContextVar[Figures | None] = ContextVar("call", default=None)
_makers: Final[WeakKeyDictionary[Any, Figures | None]] = WeakKeyDictionary()


class Figures:
    """The figures of one call.

    Figures that were open before, or are created elsewhere in the meantime, are left alone.
    """

    def __init__(self) -> None:
        self._before: WeakSet[Any] = WeakSet(_open_figures())
        self._shown: list[Any] = []
        self._is_over = False
        _install_hook()

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Attribute figures created in this context to the call, also on threads that inherit the context."""
        token = _call.set(self)
        try:
            yield
        finally:
            _call.reset(token)

    @contextmanager
    def maybe_late(self) -> Iterator[None]:
        """Close the figures again at the end if they were closed in the meantime, since a thread may outlive Stop."""
        try:
            yield
        finally:
            if self._is_over:
                self.close()

    def left(self) -> list[Any]:
        """Return the figures shown with `plt.show()`, and those still open."""
        return [*self._shown, *(figure for figure in self._own() if figure not in self._shown)]

    def close(self) -> None:
        """Close all figures of the call."""
        self._is_over = True
        for figure in self.left():
            vars(figure).pop("_ipython_display_", None)
            _pyplot_registry().destroy_fig(figure)
        self._shown.clear()

    def take_shown(self, figure: Any) -> None:
        """Take a figure that is being shown, in place of the notebook.

        Args:
            figure: The figure.

        """
        if figure not in self._shown:
            self._shown.append(figure)

    def _own(self) -> list[Any]:
        # Matplotlib has no hook if it is too old, or was loaded or reset by the call. All new figures are its own then.
        return [
            figure for figure in _open_figures() if figure not in self._before and _makers.get(figure, self) is self
        ]


class _Taker:
    """A hook that hands a figure to its call when it is shown. Copies and pickles of the figure do not have it."""

    def __init__(self, call: Figures, figure: Any) -> None:
        self._call = call
        self._figure = figure

    def __call__(self) -> None:
        self._call.take_shown(self._figure)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()


def note_maker(figure: Any) -> None:
    """Record which call created a figure. Called by Matplotlib.

    Args:
        figure: The new figure.

    """
    _makers[figure] = call = _call.get()
    if call is not None:
        # IPython tries this first. `plt.show()` would display the figure below a cell, and then close it.
        figure._ipython_display_ = _Taker(call, figure)


def _install_hook() -> None:
    """Make Matplotlib, if it is loaded, call `note_maker`."""
    settings = getattr(sys.modules.get("matplotlib"), "rcParams", {})
    hooks = settings.get("figure.hooks")  # since Matplotlib 3.7
    if hooks is not None and _HOOK not in hooks:
        settings["figure.hooks"] = [*hooks, _HOOK]


def _open_figures() -> list[Any]:
    registry = _pyplot_registry()
    return [manager.canvas.figure for manager in registry.get_all_fig_managers()] if registry is not None else []


def _pyplot_registry() -> Any:
    """Return Pyplot's registry of open figures, or None if Pyplot is not loaded."""
    return getattr(sys.modules.get("matplotlib._pylab_helpers"), "Gcf", None)
