"""Every state of the view, in every theme, against the rules of axe-core."""

from pathlib import Path

import pytest

from tests.browser._notebook import Notebook, only_jupyterlab
from tests.gallery._gallery import Gallery
from tests.gallery._states import STATES

pytestmark = pytest.mark.own_page

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """root => axe.run(root).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary])))"""


@only_jupyterlab
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"])
def test_no_state_breaks_a_rule(notebook: Notebook, theme: str) -> None:
    gallery = Gallery(notebook, "en")
    notebook.set_theme(theme)
    notebook.page.evaluate(AXE.read_text("utf-8"))
    found = {}
    for shown in STATES:
        with gallery.show(shown, 600) as root:
            found[shown.name] = root.evaluate(VIOLATIONS)
    assert not {name: violations for name, violations in found.items() if violations}
