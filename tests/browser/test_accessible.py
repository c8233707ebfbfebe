"""Every state of the view, in every theme, against the rules of axe-core."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser._notebook import Notebook, only_jupyterlab
from tests.gallery._gallery import Gallery
from tests.gallery._states import STATES

pytestmark = pytest.mark.own_page

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """([roots, options]) => axe.run({ include: roots }, options).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary])))"""
WIDTH = 600
# Pixels, for all states at once: what is off the screen would be passed over.
ALL = {"width": 1280, "height": 30_000}
# Many forms of one name are on the page here only.
TOGETHER = {"rules": {"landmark-unique": {"enabled": False}}}
COLOUR = {"runOnly": {"type": "tag", "values": ["cat.color"]}}
# Which rules are for which theme: names, roles and structure are the same in all.
THEMES: dict[str, dict[str, Any]] = {
    "JupyterLab Light": {},
    "JupyterLab Dark": COLOUR,
    "JupyterLab Dark High Contrast": COLOUR,
}


@only_jupyterlab
def test_no_state_breaks_a_rule(notebook: Notebook) -> None:
    gallery = Gallery(notebook, "en")
    notebook.page.evaluate(AXE.read_text("utf-8"))
    screen = notebook.page.viewport_size
    assert screen is not None
    found = {}
    for theme, options in THEMES.items():
        notebook.set_theme(theme)
        notebook.page.set_viewport_size(ALL)
        plain = [gallery.root(shown, WIDTH) for shown in STATES if not shown.act]
        assert notebook.cells.last.evaluate("cell => cell.getBoundingClientRect().bottom < innerHeight")
        handles = [root.element_handle() for root in plain]
        found[theme, "as they come"] = notebook.page.evaluate(VIOLATIONS, [handles, TOGETHER | options])
        notebook.page.set_viewport_size(screen)
        for shown in STATES:
            if shown.act:
                with gallery.show(shown, WIDTH) as root:
                    found[theme, shown.name] = root.evaluate(
                        f"(root, options) => ({VIOLATIONS})([[root], options])", options
                    )
    assert not {state: violations for state, violations in found.items() if violations}
