"""The view's folders keep to themselves: who may import whom. Imports of types count like all others."""

from __future__ import annotations

import re
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

JS = Path(__file__).parents[1] / "js"
SOURCES = JS / "src"

# A folder imports only from rows below its own: none beside it, none above. No exception.
FLOORS = (
    {"loader.js", "widget.js"},
    {"view"},
    {"transcript"},
    {"message"},
    {"markdown"},
    {"syntax"},
    {"code"},
    {"composer", "header", "host"},
    {"kernel"},
    {"state", "dom"},
    {"protocol", "i18n", "text"},
)

FLOOR = {part: -row for row, parts in enumerate(FLOORS) for part in parts}
LARGEST = 16
MODULES = sorted(SOURCES.rglob("*.js"))


def module_name(path: Path) -> str:
    return path.relative_to(SOURCES).as_posix()


def part(path: Path) -> str:
    """The folder of a module; of one on top, its own name."""
    return path.relative_to(SOURCES).parts[0]


def specifiers(text: str) -> list[str]:
    """The modules of ours that a text names: in code and, for their types, in comments."""
    return re.findall(r"""(?:\bfrom|\bimport)\s*\(?\s*["'`](\.[^"'`\n]*)["'`]""", text)


def imports(path: Path) -> set[Path]:
    return {(path.parent / name).resolve() for name in specifiers(path.read_text("utf-8"))}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_imports_from_its_own_folder_and_from_those_below(path):
    found = imports(path)
    assert found <= set(MODULES)
    above = {module_name(each) for each in found if part(each) != part(path) and FLOOR[part(each)] >= FLOOR[part(path)]}
    assert not above


def test_no_module_imports_itself_on_any_way():
    TopologicalSorter({path: imports(path) for path in MODULES}).prepare()


def test_the_table_has_every_folder_and_none_that_is_gone():
    assert set(FLOOR) == {part(path) for path in MODULES}
    assert len(FLOOR) == sum(map(len, FLOORS))


def test_a_folder_has_neither_a_single_module_nor_too_many_to_see():
    sizes = Counter(part(path) for path in MODULES if path.parent != SOURCES)
    assert {name: count for name, count in sizes.items() if not 1 < count <= LARGEST} == {}


def test_unit_tests_lie_in_the_folders_of_their_modules():
    assert {path.parts[0] for path in (path.relative_to(JS / "test") for path in JS.glob("test/*/*.js"))} <= set(FLOOR)
    assert {path.name for path in JS.glob("test/*.js")} == {"support.js", "widget.test.js"}


@pytest.mark.parametrize(
    "text",
    [
        'import { a } from "../dom/b.js";',
        'import {\n  a,\n  c,\n} from "../dom/b.js";',
        'import "../dom/b.js";',
        'export { a } from "../dom/b.js";',
        'const { a } = await import("../dom/b.js");',
        'const a = import(\n  "../dom/b.js"\n);',
        '/** @import { A } from "../dom/b.js" */',
        '/** @type {import("../dom/b.js").A} */',
        '/** @typedef {typeof import("../dom/b.js")} B */',
    ],
)
def test_an_import_of_any_kind_is_seen(text):
    assert specifiers(text) == ["../dom/b.js"]
