"""Every state of the view, in every theme, against the rules of axe-core."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.browser._notebook import Notebook, only_jupyterlab
from tests.gallery._gallery import Gallery
from tests.gallery._states import STATES

pytestmark = pytest.mark.own_page

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """async ([roots, options]) => {
    const { passes, violations, incomplete } = await axe.run({ include: roots }, options);
    const measured = [...passes, ...violations, ...incomplete].flatMap(({ nodes }) => nodes)
        .filter(({ any }) => any.some(({ data }) => data?.contrastRatio)).length;
    if (measured < roots.length) throw new Error(`the contrast of ${measured} texts in ${roots.length} views is known`);
    return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => [id, html, failureSummary]));
}"""
# JupyterLab's body has no height of its own and hides what overflows; axe then takes all that is in it for hidden.
ON_SCREEN = "html, body { height: 100%; }"
WIDTH = 600
# Pixels, for all states at once: what is off the screen would be passed over.
ALL = {"width": 1280, "height": 30_000}
# Many forms of one name are on the page here only.
TOGETHER = {"rules": {"landmark-unique": {"enabled": False}}}
AA = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
AAA = {"runOnly": {"type": "rule", "values": ["color-contrast-enhanced", "link-in-text-block"]}}
# Which rules are for which theme: names, roles and structure are the same in all.
THEMES: dict[str, dict[str, Any]] = {
    "JupyterLab Light": {},
    "JupyterLab Dark": AA,
    "JupyterLab Dark High Contrast": AAA,
}


# A menu closes when another opens, and a full window hides the rest.
ALONE = "root => root.matches(':popover-open') || root.querySelector(':popover-open') !== null"


@only_jupyterlab
def test_no_state_breaks_a_rule(notebook: Notebook) -> None:
    gallery = Gallery(notebook, "en")
    notebook.page.evaluate(AXE.read_text("utf-8"))
    notebook.page.add_style_tag(content=ON_SCREEN)
    screen = notebook.page.viewport_size
    assert screen is not None
    roots = [gallery.root(shown, WIDTH) for shown in STATES if not shown.act]
    alone = []
    found = {}
    with ExitStack() as open_states:
        for shown in filter(lambda shown: shown.act, STATES):
            with ExitStack() as state:
                root = state.enter_context(gallery.show(shown, WIDTH))
                if root.evaluate(ALONE):
                    alone.append(shown)
                else:
                    open_states.push(state.pop_all())
                    roots.append(root)
        for theme, options in THEMES.items():
            notebook.set_theme(theme)
            notebook.page.set_viewport_size(ALL)
            notebook.cells.first.scroll_into_view_if_needed()
            assert notebook.cells.first.evaluate("cell => cell.getBoundingClientRect().top > 0")
            assert notebook.cells.last.evaluate("cell => cell.getBoundingClientRect().bottom < innerHeight")
            handles = [root.element_handle() for root in roots]
            found[theme, "together"] = notebook.page.evaluate(VIOLATIONS, [handles, TOGETHER | options])
            notebook.page.set_viewport_size(screen)
            for shown in alone:
                with gallery.show(shown, WIDTH) as root:
                    found[theme, shown.name] = root.evaluate(
                        f"(root, options) => ({VIOLATIONS})([[root], options])", options
                    )
    assert len(roots) + len(alone) == len(STATES)
    assert not {state: violations for state, violations in found.items() if violations}
