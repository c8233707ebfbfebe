"""Every state of the view, in every theme, against the rules of axe-core."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser._notebook import Notebook, only_jupyterlab
from tests.gallery._gallery import Gallery
from tests.gallery._states import STATES

pytestmark = pytest.mark.own_page

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """(root, options) => axe.run(root, options).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary])))"""
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
    found = {}
    for theme, options in THEMES.items():
        notebook.set_theme(theme)
        for shown in STATES:
            with gallery.show(shown, 600) as root:
                found[theme, shown.name] = root.evaluate(VIOLATIONS, options)
    assert not {state: violations for state, violations in found.items() if violations}
