"""`make screenshots`: every state of the view, in both themes and languages and three widths."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.browser._chromium import launch
from tests.browser._jupyterlab import JupyterLab
from tests.browser._notebook import Notebook
from tests.gallery._gallery import Gallery
from tests.gallery._states import STATES

OUT = Path(__file__).parents[2] / "build" / "gallery"
LOCALES = ("en", "es")
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
WIDTHS = (300, 800, 1400)
# Milliseconds; nothing takes long, but the machine may be busy.
TIMEOUT = 60_000
AROUND = """root => {
    const boxes = [root, ...root.querySelectorAll(":popover-open")].map((each) => each.getBoundingClientRect());
    const least = (side) => Math.max(0, Math.min(...boxes.map((box) => box[side])));
    const most = (side) => Math.max(...boxes.map((box) => box[side]));
    const [x, y] = [least("left"), least("top")];
    return { x, y, width: most("right") - x, height: most("bottom") - y };
}"""


def main() -> None:
    """Write the pictures."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    expect.set_options(timeout=TIMEOUT)
    with (
        tempfile.TemporaryDirectory() as directory,
        JupyterLab(Path(directory)) as lab,
        sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        for locale in LOCALES:
            with browser.new_context(viewport={"width": 1600, "height": 1100}) as context:
                context.set_default_timeout(TIMEOUT)
                gallery = Gallery(Notebook(context.new_page(), lab), locale)
                for theme, name in THEMES.items():
                    gallery.notebook.set_theme(name)
                    shoot(gallery, f"{theme}-{locale}")
                gallery.notebook.shut_down_kernel()
    print(f"{len(list(OUT.iterdir()))} pictures in {OUT}")


def shoot(gallery: Gallery, variant: str) -> None:
    """Every state at every width."""
    for shown in STATES:
        for width in WIDTHS:
            with gallery.show(shown, width) as root:
                root.page.screenshot(path=OUT / f"{shown.name}-{variant}-{width}.png", clip=root.evaluate(AROUND))


if __name__ == "__main__":
    main()
