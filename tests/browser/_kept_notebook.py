"""A notebook whose page and kernel serve one test after another."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser._jupyterlab import JupyterLab
from tests.browser._notebook import NAMES, Notebook, Runtime, notebook_of

VIEWPORT = {"width": 1280, "height": 1600}
THEME = "JupyterLab Light"
LANGUAGE = "en"
# Milliseconds, for what takes a second.
PATIENCE = 30_000

# Leaves a kernel as if freshly started, but for what other packages have loaded.
CLEAN = """\
import os, sys, warnings
if not hasattr(sys, "started_with"):
    sys.started_with = dict(os.environ), list(warnings.filters)
if "ipywidgets" in sys.modules:
    sys.modules["ipywidgets"].Widget.close_all()
shell = get_ipython()
if "chatwidget" in shell.extension_manager.loaded:
    shell.extension_manager.unload_extension("chatwidget")
for name in [name for name in sys.modules if name.partition(".")[0] == "chatwidget"]:
    del sys.modules[name]
os.environ.clear()
os.environ.update(sys.started_with[0])
warnings.filters[:] = sys.started_with[1]
shell.reset(new_session=False)
"""

# ipykernel complains of subshells that the page before ended at once, as soon as they are collected: below any cell.
COLLECT = "import gc; gc.collect()"

# What JupyterLite has saved would be shown in place of what its server gives. Returns how many files that was.
FORGET = """async () => {
  sessionStorage.clear();
  let files = 0;
  for (const { name } of await indexedDB.databases()) {
    await new Promise((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onerror = reject;
      request.onsuccess = () => {
        const database = request.result;
        if (!database.objectStoreNames.contains("files")) return resolve(database.close());
        const transaction = database.transaction("files", "readwrite");
        const store = transaction.objectStore("files");
        store.count().onsuccess = ({ target }) => { files += target.result };
        store.clear();
        transaction.oncomplete = () => resolve(database.close());
      };
    });
  }
  return files;
}"""

AGE = "document.querySelectorAll('.jp-Cell').forEach((cell) => { cell.dataset.old = '' })"
RENEWED = "!document.querySelector('.jp-Cell[data-old]')"


class KeptNotebook(Notebook):
    """Opens notebooks one after another as one file, in one page and one kernel, which is cleaned between them."""

    def __init__(self, page: Page, runtime: Runtime) -> None:
        super().__init__(page, runtime)
        self.name = next(NAMES)
        self._is_open = False

    def open_notebook(self, notebook: dict[str, Any]) -> None:
        """Show these cells, with a kernel that knows of nothing before."""
        if self._is_open and isinstance(self.runtime, JupyterLab):
            self.runtime.execute(self.name, CLEAN)
        else:
            self._show(notebook_of([CLEAN]))
            self.run(0)
        self._show(notebook)
        if isinstance(self.runtime, JupyterLab):
            self.runtime.execute(self.name, COLLECT)
        self.hosts.clear()
        self.traffic.clear()

    def _show(self, notebook: dict[str, Any]) -> None:
        address = self.runtime.add(self.name, notebook)
        if self._is_open:
            self._load_again()
        else:
            self.page.goto(address)
            self._is_open = True
        expect(self.cells).to_have_count(len(notebook["cells"]))
        self.wait_for_kernel()

    def _load_again(self) -> None:
        """Take what the file now holds."""
        page = self.page
        page.set_viewport_size(VIEWPORT)
        page.emulate_media(media="null", reduced_motion="null")
        page.evaluate(f"document.documentElement.lang = '{LANGUAGE}'")
        if page.locator("body").get_attribute("data-jp-theme-name") != THEME:
            self.set_theme(THEME)
        page.mouse.move(0, 0)
        page.unroute_all()
        page.evaluate(FORGET)
        self._reload_from_disk()
        while page.evaluate(FORGET):
            # JupyterLite has saved the notebook before, in that very moment, and shown it again.
            self._reload_from_disk()

    def _reload_from_disk(self) -> None:
        page = self.page
        page.evaluate(AGE)
        page.get_by_role("menuitem", name="File", exact=True).click()
        page.get_by_role("menuitem", name="Reload Notebook from Disk").click()
        page.wait_for_function(f"document.querySelector('.jp-Dialog') || {RENEWED}", timeout=PATIENCE)
        dialog = page.locator(".jp-Dialog")
        if dialog.is_visible():
            # What the test before has changed is not to be kept.
            dialog.get_by_role("button", name="Reload").click()
            page.wait_for_function(RENEWED, timeout=PATIENCE)
