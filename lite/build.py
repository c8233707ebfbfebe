"""Builds the JupyterLite site: chatwidget's wheel, the notebooks and all they need, nothing of it on a CDN.

    python lite/build.py --wheel build/wheel/chatwidget-0.1.0-py3-none-any.whl --out build/lite

Pyodide comes from npm and the wheels of the browser's Python from the package index, pinned by their hashes.
Both are kept, so that the next build needs no network.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZipFile

from jupyterlite_pyodide_kernel.constants import (
    PYODIDE_KERNEL_NPM_NAME,
    PYODIDE_KERNEL_PLUGIN_ID,
    PYODIDE_PYTHON_VERSION,
    PYODIDE_VERSION,
)
from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DOWNLOADS = ROOT / "build" / "lite-downloads"
REQUIREMENTS = HERE / "requirements.txt"
OPENAI_REQUIREMENTS = HERE / "requirements-openai.txt"

PYODIDE_FILES = ("pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide.mjs", "python_stdlib.zip")
# The kernel brings a stand-in for the one, and has no use for the other.
LEFT_OUT = {"widgetsnbextension", "jupyterlab-widgets"}
KERNEL_WHEELS = Path(sys.prefix, "share", "jupyter", "labextensions", PYODIDE_KERNEL_NPM_NAME, "static", "pypi")
MARKERS = {
    "extra": "",
    "os_name": "posix",
    "platform_machine": "wasm32",
    "platform_system": "Emscripten",
    "python_full_version": f"{PYODIDE_PYTHON_VERSION}.0",
    "python_version": PYODIDE_PYTHON_VERSION,
    "sys_platform": "emscripten",
}


def build_site(
    wheel: Path,
    notebooks: Path,
    out: Path,
    requirements: Sequence[Path] = (REQUIREMENTS,),
    preload: Iterable[str] = (),
) -> None:
    """Build the site in `out`, in place of what is there.

    `requirements` are pins of what the kernel can import; a cell that imports one of them loads it.
    `preload` names those that every kernel starts with, besides chatwidget.
    """
    out = out.resolve()
    source = _empty(out.with_name(f"{out.name}-source"))
    pyodide = source / "static" / "pyodide"
    pyodide.mkdir(parents=True)
    core = _pyodide()
    for name in PYODIDE_FILES:
        shutil.copy2(core / name, pyodide)
    wheels = [wheel, *_wheels(core, requirements)]
    for path in wheels:
        shutil.copy2(path, pyodide)
    (pyodide / "pyodide-lock.json").write_text(json.dumps({"info": _info(core), "packages": _packages(wheels)}))
    (source / "jupyter-lite.json").write_text(json.dumps(_settings(preload)))
    _jupyter_lite(source, notebooks.resolve(), _empty(out))
    shutil.rmtree(source)


def check_pins() -> None:
    """Raise RuntimeError where a package of the browser's Python is pinned, and one that it needs is not."""
    core = _pyodide()
    for requirements in ([REQUIREMENTS], [REQUIREMENTS, OPENAI_REQUIREMENTS]):
        _packages(_wheels(core, requirements))


def _empty(directory: Path) -> Path:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


def _pyodide() -> Path:
    """The npm package, installed if its lock file is newer than what is there."""
    installed = HERE / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < (HERE / "package-lock.json").stat().st_mtime:
        subprocess.run(["npm", "ci"], cwd=HERE, check=True)
    core = HERE / "node_modules" / "pyodide"
    version = json.loads((core / "package.json").read_text())["version"]
    if version != PYODIDE_VERSION:
        message = f"The kernel needs pyodide {PYODIDE_VERSION}: pin that in lite/package.json, not {version}"
        raise RuntimeError(message)
    return core


def _info(core: Path) -> dict[str, Any]:
    """What the core says of itself, its ABI among it."""
    info: dict[str, Any] = json.loads((core / "pyodide-lock.json").read_text())["info"]
    return info


def _wheels(core: Path, requirements: Iterable[Path]) -> list[Path]:
    """The kernel's own wheels, and all that are pinned."""
    wheels = list(KERNEL_WHEELS.glob("*.whl"))
    for pins in requirements:
        wheels += _download(pins, DOWNLOADS / pins.stem, _info(core)["abi_version"])
    return wheels


def _download(pins: Path, directory: Path, abi: str) -> list[Path]:
    """The wheels for the browser's Python, fetched again only when their pins have changed."""
    done = directory / pins.name
    if not done.exists() or done.read_bytes() != pins.read_bytes():
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
        command += [f"--python-version={PYODIDE_PYTHON_VERSION}", "--implementation=cp"]
        # These tags admit wheels compiled for this Pyodide and pure ones alike.
        command += [f"--abi=cp{PYODIDE_PYTHON_VERSION.replace('.', '')}", f"--platform=pyemscripten_{abi}_wasm32"]
        command += ["--require-hashes", f"--requirement={pins}", f"--dest={_empty(directory)}"]
        subprocess.run(command, check=True)
        shutil.copy2(pins, done)
    return list(directory.glob("*.whl"))


def _packages(wheels: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """What Pyodide can load, as its lock file has it. Raises RuntimeError where something is needed and not there."""
    entries: dict[str, dict[str, Any]] = {}
    needs: dict[str, list[Requirement]] = {}
    # Sorted, as the kernel brings two versions of a package: the later one wins.
    for wheel in sorted(wheels):
        entry, needed = _package(wheel)
        entries[entry["name"]], needs[entry["name"]] = entry, needed
    gaps = [
        f"{name} needs {need}"
        for name, needed in needs.items()
        for need in needed
        if need.name not in entries or not need.specifier.contains(entries[need.name]["version"], prereleases=True)
    ]
    if gaps:
        message = f"The pins of the browser's Python have gaps; run `make lock`: {'; '.join(gaps)}"
        raise RuntimeError(message)
    return entries


def _package(wheel: Path) -> tuple[dict[str, Any], list[Requirement]]:
    """A wheel's entry in Pyodide's lock file, and what it needs in the browser."""
    name, version, _, _ = parse_wheel_filename(wheel.name)
    with ZipFile(wheel) as archive:
        files = [PurePosixPath(file) for file in archive.namelist()]
        metadata_file = next(file for file in files if file.match("*.dist-info/METADATA"))
        metadata = Metadata.from_email(archive.read(str(metadata_file)), validate=False)
    needs = [need for need in metadata.requires_dist or () if _applies(need)]
    for need in needs:
        need.name = canonicalize_name(need.name)
    entry = {
        "name": name,
        "version": str(version),
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": sorted({file.parts[0].removesuffix(".py") for file in files if _is_module(file)}),
        "depends": [need.name for need in needs],
        "unvendored_tests": False,
    }
    return entry, needs


def _is_module(file: PurePosixPath) -> bool:
    return file.suffix == ".py" and not file.parts[0].endswith((".data", ".dist-info"))


def _applies(requirement: Requirement) -> bool:
    is_wanted = canonicalize_name(requirement.name) not in LEFT_OUT
    return is_wanted and (requirement.marker is None or requirement.marker.evaluate(MARKERS))


def _settings(preload: Iterable[str]) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads((HERE / "jupyter-lite.json").read_text())
    kernel = settings["jupyter-config-data"]["litePluginSettings"][PYODIDE_KERNEL_PLUGIN_ID]
    kernel["loadPyodideOptions"]["packages"] += preload
    return settings


def _jupyter_lite(source: Path, notebooks: Path, out: Path) -> None:
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--no-sourcemaps", "--no-libarchive"]
    command += [f"--lite-dir={source}", f"--contents={notebooks}", f"--output-dir={out}"]
    subprocess.run(command, cwd=source, check=True)


def main() -> None:
    """Build the site that the command line asks for."""
    parser = argparse.ArgumentParser(description="Build chatwidget's JupyterLite site.")
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--wheel", type=Path, help="chatwidget's wheel")
    task.add_argument("--check-pins", action="store_true", help="build nothing: look for gaps in the pins")
    parser.add_argument("--notebooks", type=Path, default=ROOT / "notebooks", help="a folder of notebooks")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "lite", help="where the site goes")
    parser.add_argument("--requirements", type=Path, action="append", default=[], help="more pins, with hashes")
    parser.add_argument("--with-openai", action="store_true", help="preload the openai SDK, to compare with")
    arguments = parser.parse_args()
    if arguments.check_pins:
        check_pins()
        return
    requirements = [REQUIREMENTS, *arguments.requirements]
    if arguments.with_openai:
        requirements.append(OPENAI_REQUIREMENTS)
    preload = ["openai"] if arguments.with_openai else []
    build_site(arguments.wheel, arguments.notebooks, arguments.out, requirements, preload)


if __name__ == "__main__":
    main()
