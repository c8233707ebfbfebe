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
    lock = {"info": json.loads((core / "pyodide-lock.json").read_text())["info"]}
    wheels = [*KERNEL_WHEELS.glob("*.whl"), wheel]
    for pins in requirements:
        wheels += _download(pins, DOWNLOADS / pins.stem, lock["info"]["abi_version"])
    for path in wheels:
        shutil.copy2(path, pyodide)
    (pyodide / "pyodide-lock.json").write_text(json.dumps(lock | {"packages": _packages(wheels)}))
    (source / "jupyter-lite.json").write_text(json.dumps(_settings(preload)))
    _jupyter_lite(source, notebooks.resolve(), _empty(out))
    shutil.rmtree(source)


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


def _download(pins: Path, directory: Path, abi: str) -> list[Path]:
    """The wheels for the browser's Python, fetched again only when their pins have changed."""
    done = directory / pins.name
    if not done.exists() or done.read_bytes() != pins.read_bytes():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        command += [f"--python-version={PYODIDE_PYTHON_VERSION}", "--implementation=cp"]
        # These tags admit wheels compiled for this Pyodide and pure ones alike.
        command += [f"--abi=cp{PYODIDE_PYTHON_VERSION.replace('.', '')}", f"--platform=pyemscripten_{abi}_wasm32"]
        command += ["--require-hashes", f"--requirement={pins}", f"--dest={_empty(directory)}"]
        subprocess.run(command, check=True)
        shutil.copy2(pins, done)
    return list(directory.glob("*.whl"))


def _packages(wheels: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """What Pyodide can load, as its lock file has it."""
    # Sorted, as the kernel brings two versions of a package: the later one wins.
    entries = {entry["name"]: entry for entry in map(_package, sorted(wheels))}
    for entry in entries.values():
        # Those left out of the pins are of no use in a kernel, and Pyodide stumbles over unknown names.
        entry["depends"] = [name for name in entry["depends"] if name in entries]
    return entries


def _package(wheel: Path) -> dict[str, Any]:
    name, version, _, _ = parse_wheel_filename(wheel.name)
    with ZipFile(wheel) as archive:
        files = [PurePosixPath(file) for file in archive.namelist()]
        metadata_file = next(file for file in files if file.match("*.dist-info/METADATA"))
        metadata = Metadata.from_email(archive.read(str(metadata_file)), validate=False)
    return {
        "name": name,
        "version": str(version),
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": sorted({file.parts[0].removesuffix(".py") for file in files if _is_module(file)}),
        "depends": [canonicalize_name(need.name) for need in metadata.requires_dist or () if _applies(need)],
        "unvendored_tests": False,
    }


def _is_module(file: PurePosixPath) -> bool:
    return file.suffix == ".py" and not file.parts[0].endswith((".data", ".dist-info"))


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(MARKERS)


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
    parser.add_argument("--wheel", type=Path, required=True, help="chatwidget's wheel")
    parser.add_argument("--notebooks", type=Path, default=ROOT / "notebooks", help="a folder of notebooks")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "lite", help="where the site goes")
    parser.add_argument("--requirements", type=Path, action="append", default=[], help="more pins, with hashes")
    parser.add_argument("--with-openai", action="store_true", help="preload the openai SDK, to compare with")
    arguments = parser.parse_args()
    requirements = [REQUIREMENTS, *arguments.requirements]
    if arguments.with_openai:
        requirements.append(OPENAI_REQUIREMENTS)
    preload = ["openai"] if arguments.with_openai else []
    build_site(arguments.wheel, arguments.notebooks, arguments.out, requirements, preload)


if __name__ == "__main__":
    main()
