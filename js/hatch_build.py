"""Builds the view into the wheel: hatchling runs this before it packs."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SKIP = "CHATWIDGET_SKIP_JS_BUILD"
BUNDLE = ("loader.js", "widget.js", "widget.css", "math.js", "colours.js")


class ViewBuildHook(BuildHookInterface[Any]):
    """Runs esbuild through npm, unless a packager has done that before."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 given by hatchling
        """Leave the bundle where the wheel takes it from. What goes wrong is for users: no traceback."""
        root = Path(self.root)
        if os.environ.get(SKIP, "0") in {"", "0"}:
            _build(root / "js")
        static = root / "src" / "chatwidget" / "static"
        missing = [name for name in BUNDLE if not (static / name).is_file()]
        if missing:
            message = (
                f"The view is not built: {' and '.join(missing)} not found in {static}. Unset {SKIP}, "
                "or run `npm ci` and `npm run build` in js/ first."
            )
            raise SystemExit(message)


def _build(source: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        message = (
            "chatwidget's view is built with npm, and npm was not found: install Node.js 20 or later. "
            f"Or build the view elsewhere, copy it to src/chatwidget/static/ and set {SKIP}=1."
        )
        raise SystemExit(message)
    commands = [["run", "build"]] if _is_installed(source) else [["ci"], ["run", "build"]]
    for command in commands:
        if subprocess.run([npm, *command], cwd=source, check=False).returncode != 0:
            message = f"chatwidget's view could not be built: `npm {' '.join(command)}` failed in {source}, see above."
            raise SystemExit(message)


def _is_installed(source: Path) -> bool:
    """Whether node_modules is what the lock file says: npm leaves a copy of it there."""
    installed = source / "node_modules" / ".package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= (source / "package-lock.json").stat().st_mtime
