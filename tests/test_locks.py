"""Set-up installs what the locks pin, whatever is published meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = {"build/tools": "tools", "build/demo-env": "demo", "build/site-env": "site", ".venv": "tests"}
NEWEST = "9999.0"
# The first environment is made by the standard library, which brings its own.
BUNDLED = {"pip", "setuptools"}


def pins(lock: Path) -> dict[str, str]:
    """Name and version of each package that a lock has for this Python and system."""
    lines = [line.removesuffix("\\").strip() for line in lock.read_text().splitlines() if line[:1].isalnum()]
    found = [Requirement(line) for line in lines]
    return {
        canonicalize_name(each.name): str(each.specifier).removeprefix("==")
        for each in found
        if each.marker is None or each.marker.evaluate()
    }


def publish(name: str, folder: Path) -> None:
    """Put a release of a package there that is newer than any."""
    stem = name.replace("-", "_")
    with ZipFile(folder / f"{stem}-{NEWEST}-py3-none-any.whl", "w") as wheel:
        info = f"{stem}-{NEWEST}.dist-info"
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {NEWEST}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What set-up needs of the repository, and nothing of what it has made here."""
    clone = tmp_path_factory.mktemp("clone")
    for name in ("Makefile", "tests/apt_install.sh", "tests/requirements", "lite"):
        (clone / name).parent.mkdir(exist_ok=True)
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, clone / name)
        else:
            shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    return clone


@pytest.fixture(scope="module")
def tomorrow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which each locked package has published a new release."""
    releases = tmp_path_factory.mktemp("releases")
    locks = [*(ROOT / "tests" / "requirements").glob("*.txt"), *(ROOT / "lite").glob("requirements*.txt")]
    for name in {name for lock in locks for name in pins(lock)}:
        publish(name, releases)
    passed_on = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}}
    return passed_on | {"PIP_FIND_LINKS": str(releases), "UV_FIND_LINKS": str(releases)}


def run(command: list[str], clone: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_environment_is_its_lock(clone, tomorrow):
    run(["make", *(f"{each}/lock.stamp" for each in LOCKS if each != "build/tools")], clone, tomorrow)
    for environment, lock in LOCKS.items():
        listed = run(
            ["build/tools/bin/uv", "pip", "list", "--python", environment, "--format", "json"], clone, tomorrow
        )
        locked = pins(ROOT / "tests" / "requirements" / f"{lock}.txt")
        installed = {each["name"]: each["version"] for each in json.loads(listed)}
        brought = {name for name in BUNDLED - locked.keys() if environment == "build/tools"}
        assert {name: version for name, version in installed.items() if name not in brought} == locked


def test_the_wheels_of_the_browser_are_their_locks(clone, tomorrow):
    run(["make", "build/site-env/lock.stamp"], clone, tomorrow)
    run(["build/site-env/bin/python", "lite/build.py", "--check-pins"], clone, tomorrow)
    for lock in (clone / "lite").glob("requirements*.txt"):
        wheels = [wheel.name for wheel in (clone / "build" / "lite-downloads" / lock.stem).glob("*.whl")]
        found = {canonicalize_name(name): version for name, version, *_ in (wheel.split("-") for wheel in wheels)}
        assert found == pins(lock)
