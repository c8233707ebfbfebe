"""What is installed and tested is the wheel, and the wheel is what it should be."""

from __future__ import annotations

import gzip
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

import pytest

import chatwidget

ROOT = Path(__file__).parent.parent
LARGEST = 650_000  # Both of the APIs are in it. Python in Pyodide downloads it once.
LARGEST_LOADER = 4_000
LARGEST_BUNDLE = 270_000
LARGEST_BUNDLE_GZIPPED = 99_000


@pytest.fixture(scope="module")
def wheel() -> Path:
    [wheel] = (ROOT / "build" / "wheel").glob("*.whl")
    return wheel


def test_the_tests_run_what_the_wheel_installed(wheel):
    installed = Path(chatwidget.__file__)
    assert ROOT / "src" not in installed.parents
    with ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.startswith("chatwidget/"):
                assert (installed.parent.parent / name).read_bytes() == archive.read(name)


def test_it_is_small(wheel):
    assert wheel.stat().st_size <= LARGEST


def test_the_bundle_is_small(wheel):
    # Each chat of a notebook saves it.
    assert len(ZipFile(wheel).read("chatwidget/static/loader.js")) <= LARGEST_LOADER
    bundle = ZipFile(wheel).read("chatwidget/static/widget.js")
    assert len(bundle) <= LARGEST_BUNDLE
    assert len(gzip.compress(bundle, 9)) <= LARGEST_BUNDLE_GZIPPED


def test_it_runs_anywhere_and_carries_the_view_and_its_types(wheel):
    assert wheel.name.endswith("-py3-none-any.whl")
    names = ZipFile(wheel).namelist()
    static = {f"chatwidget/static/{name}" for name in ("loader.js", "widget.js", "widget.css", "math.js", "colours.js")}
    assert static | {"chatwidget/py.typed"} <= set(names)
    assert not [name for name in names if not name.startswith(("chatwidget/", "chatwidget-"))]


def test_it_needs_the_sdk_on_cpython_only(wheel):
    assert distribution("chatwidget").version in wheel.name
    requirements = distribution("chatwidget").requires
    assert [text.replace('"', "'") for text in requirements] == [
        "anywidget>=0.11",
        "markdown-it-py>=4",
        "openai>=3.4; sys_platform != 'emscripten'",
        "mcp>=2.3; extra == 'mcp'",
        "openpyxl>=3.1.3; extra == 'office'",
        "python-docx>=1.1; extra == 'office'",
        "python-pptx>=1; extra == 'office'",
    ]


def test_the_bundle_fetches_nothing_from_elsewhere(wheel):
    archive = ZipFile(wheel)
    bundle = archive.read("chatwidget/static/widget.js").decode()
    for resource in ("math.js", "colours.js"):
        assert "import(" not in archive.read(f"chatwidget/static/{resource}").decode()
    # The one import is of what came over the comm.
    assert bundle.count("import(") == archive.read("chatwidget/static/loader.js").decode().count("import(") == 1
    assert 'from"http' not in bundle.replace(" ", "")
