"""The code of the view, which the chats of a kernel share."""

from __future__ import annotations

import base64
import gzip
from typing import Any, Final

import traitlets
from IPython.core.getipython import get_ipython
from ipywidgets import Widget

from .._comm.modules import VIEW, module_source
from .._connection.resolve import in_colab


class ViewCode(Widget):  # type: ignore[misc] # ipywidgets has no types
    """The source of the view, in a model without a view of its own, which a notebook saves once."""

    # JupyterLab saves no bytes of this kind of model.
    source = traitlets.Unicode(read_only=True).tag(sync=True)
    """The module of the view, compressed by gzip, in base64."""

    def __init__(self, **kwargs: Any) -> None:
        # The same bytes each time, so that notebooks differ only where their chats do.
        zipped = gzip.compress((module_source(VIEW) or "").encode(), mtime=0)
        self.set_trait("source", base64.b64encode(zipped).decode())
        super().__init__(**kwargs)


class SharedCode:
    """The `ViewCode` of this process, made when it is first needed."""

    def __init__(self) -> None:
        self._code: ViewCode | None = None

    def get(self) -> ViewCode | None:
        """Return the shared code. None if the front end may not pass it from one widget to another."""
        # Colab shows each output in a page of its own; other hosts than Jupyter kernels make models only for views.
        if in_colab() or not hasattr(get_ipython(), "kernel"):
            return None
        # `Widget.close_all()` closes it with all others.
        if self._code is None or self._code.comm is None:
            self._code = ViewCode()
        return self._code


SHARED_CODE: Final = SharedCode()
