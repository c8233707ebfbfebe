"""Writes the API reference, from the docstrings of the public names.

python lite/reference.py build/lite/api
"""

import sys
from pathlib import Path

import pdoc
import pdoc.render

from chatwidget import ChatWidget


def main() -> None:
    """Write it into the folder that is named."""
    # To users it is one class, and pdoc passes over what comes from the private ones that it is made of.
    for base in ChatWidget.__mro__[1:]:
        if base.__module__.startswith("chatwidget."):
            for name, member in vars(base).items():
                if not (name.startswith("_") or name in vars(ChatWidget)):
                    setattr(ChatWidget, name, member)
    pdoc.render.configure(docformat="google", show_source=False)
    pdoc.pdoc("chatwidget", output_directory=Path(sys.argv[1]))


if __name__ == "__main__":
    main()
