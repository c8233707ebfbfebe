"""Submodules that are imported when they are first used."""

from __future__ import annotations

import importlib
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with a submodule that is imported late, and slowly, and one that it does not name."""
    folder = tmp_path / "a_lazy_package"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from chatwidget._lazy import import_on_use\n__getattr__, __dir__ = import_on_use(__name__, ['slow'])\n"
    )
    (folder / "slow.py").write_text("import time\ntime.sleep(0.05)\nvalue = object()\n")
    (folder / "other.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("a_lazy_package")
    for name in [name for name in sys.modules if name.partition(".")[0] == "a_lazy_package"]:
        del sys.modules[name]


def test_a_submodule_is_imported_when_it_is_first_used(package):
    assert "a_lazy_package.slow" not in sys.modules
    slow = package.slow
    assert slow is sys.modules["a_lazy_package.slow"]
    assert vars(package)["slow"] is slow


def test_a_submodule_can_still_be_imported_directly(package):
    assert importlib.import_module("a_lazy_package.slow") is package.slow


def test_other_names_are_no_attributes(package):
    assert not hasattr(package, "other")
    with pytest.raises(AttributeError, match=r"module 'a_lazy_package' has no attribute 'missing'"):
        package.missing  # noqa: B018


def test_the_submodules_are_listed_without_being_imported(package):
    assert dir(package) == ["slow"]
    assert "a_lazy_package.slow" not in sys.modules


def test_threads_that_use_a_submodule_at_once_find_it_complete(package):
    together = threading.Barrier(4)

    def value():
        together.wait()
        return package.slow.value

    with ThreadPoolExecutor(4) as pool:
        values = list(pool.map(lambda _: value(), range(4)))
    assert len(set(values)) == 1
