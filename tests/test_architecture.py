"""The parts keep to themselves: who may import whom, and what importing costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import chatwidget

PACKAGE = Path(chatwidget.__file__).parent

ROWS = (
    {"__init__"},
    {"_magics"},
    {"_widget"},
    {"_comm"},
    {"_chat"},
    {"_turns"},
    {"_requests", "_connection", "_notebook"},
    {"_types"},
    {"_tools", "_transports", "_files"},
    {"_content"},
    {"_wire"},
    {"_conversation", "_runtime"},
    {"_errors", "_json", "_text", "_secrets"},
    {"_lazy"},
)
"""A package may import those in the rows below its own: none above, none beside."""

UPWARDS = {
    ("_errors", "_conversation.messages"): "the type of ChatError.reply; the errors in one file are worth it",
}
"""The modules that import one from a row above, and why."""

VENDORS = {
    "__init__": {"IPython"},
    "_chat.structured_output": {"pydantic"},
    "_content.call_log": {"IPython"},
    "_conversation.messages": {"typing_extensions"},
    "_content.dollars": {"markdown_it"},
    "_content.formulas": {"markdown_it"},
    "_content.markdown_lines": {"markdown_it"},
    "_files.html_emphasis": {"markdown_it"},
    "_files.html_footnotes": {"markdown_it"},
    "_files.html_renderer": {"markdown_it"},
    "_files.html_tags": {"markdown_it"},
    "_magics.magics": {"IPython"},
    "_magics.outputs": {"IPython"},
    "_notebook.context": {"IPython"},
    "_notebook.failures": {"IPython"},
    "_notebook.mentions": {"IPython"},
    "_notebook.references": {"IPython"},
    "_notebook.variables": {"IPython"},
    "_runtime.page_runner": {"js", "pyodide", "pyodide_js"},
    "_tools.mcp": {"mcp"},
    "_tools.parameters": {"pydantic"},
    "_tools.results": {"pydantic_core"},
    "_transports.failures.browser": {"js", "pyodide"},
    "_transports.failures.environment": {"httpx2"},
    "_transports.fetch": {"js", "pyodide"},
    "_transports.js_fetch": {"js", "pyodide"},
    "_transports.sdk.llm": {"llm"},
    "_transports.sdk.llm_messages": {"llm"},
    "_transports.sdk.openai": {"anyio", "httpcore2", "httpx2", "openai"},
    "_widget.markdown_output": {"IPython"},
    "_widget.view_code": {"IPython", "ipywidgets", "traitlets"},
    "_widget.widget": {"IPython", "anywidget", "ipywidgets", "traitlets"},
}
"""The packages of others that a module may import, wherever in it. No other module imports any."""


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text()) for name, path in MODULES.items()}


def names_imported(module: str) -> list[tuple[str, str]]:
    """The names that a module imports, at the top, in functions, or for types, and the full name of each."""
    package = ("chatwidget", *MODULES[module].relative_to(PACKAGE).parts[:-1])
    found = []
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            found += [(alias.asname or alias.name, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            inner = ".".join((*base, *filter(None, [node.module])))
            found += [(alias.asname or alias.name, f"{inner}.{alias.name}") for alias in node.names]
    return found


NAMES = {module: names_imported(module) for module in MODULES}
BOUND = {
    module: {name: inner for name, full in names if (inner := full.removeprefix("chatwidget.")) in MODULES}
    for module, names in NAMES.items()
}
"""The names in each module that are modules of ours."""


def module_at(node: ast.expr, bound: dict[str, str]) -> str | None:
    """The module of ours that an expression is, such as `_files.storage`, which is imported when it is evaluated."""
    if isinstance(node, ast.Name):
        return bound.get(node.id)
    owner = module_at(node.value, bound) if isinstance(node, ast.Attribute) else None
    if owner is None:
        return None
    inner = f"{owner}.{node.attr}"
    return inner if inner in MODULES else BOUND[owner].get(node.attr)


def imported(module: str) -> tuple[set[str], set[str]]:
    """Our modules and the packages of others that a module imports, in whatever way."""
    full = {name for _, name in NAMES[module]}
    ours = {name for name in full if name.partition(".")[0] == "chatwidget"}
    foreign = {name.partition(".")[0] for name in full - ours} - sys.stdlib_module_names
    attributes = (node for node in ast.walk(TREES[module]) if isinstance(node, ast.Attribute))
    through_packages = {module_at(node, BOUND[module]) for node in attributes} - {None}
    return {module_in(name) for name in ours} | through_packages, foreign


def module_in(name: str) -> str:
    """The module that is imported with `name`, which may be the name of something in it."""
    inner = name.removeprefix("chatwidget").removeprefix(".") or "__init__"
    if inner in MODULES:
        return inner
    return inner.rpartition(".")[0] or "__init__"


IMPORTS = {name: imported(name) for name in MODULES}


def package_of(module: str) -> str:
    return module.partition(".")[0]


def row_of(module: str) -> int:
    return next(row for row, packages in enumerate(ROWS) if package_of(module) in packages)


def upwards(module: str) -> set[tuple[str, str]]:
    others = {other for other in IMPORTS[module][0] if package_of(other) != package_of(module)}
    return {(module, other) for other in others if row_of(other) <= row_of(module)}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_from_the_rows_below_its_package(module):
    assert upwards(module) <= set(UPWARDS)


def test_each_package_has_a_row_and_each_row_its_packages():
    packages = [package for row in ROWS for package in row]
    assert sorted(packages) == sorted({package_of(module) for module in MODULES})


def test_each_import_that_goes_upwards_by_name_is_there():
    assert set(UPWARDS) == {each for module in MODULES for each in upwards(module)}


def test_no_modules_import_each_other_in_a_circle():
    """What imports nothing of what is left, or is imported by none of it, is taken away, until circles are left."""
    left = {name: ours - {name} for name, (ours, _) in IMPORTS.items()}
    while ends := {name for name in left if not left[name] & set(left) or name not in set().union(*left.values())}:
        left = {name: ours for name, ours in left.items() if name not in ends}
    assert not left


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_the_packages_of_others_that_it_may(module):
    assert IMPORTS[module][1] == VENDORS.get(module, set())


def test_the_table_of_others_packages_has_no_module_that_is_gone():
    assert set(VENDORS) <= set(MODULES)


def test_a_module_is_found_behind_the_packages_and_modules_that_lead_to_it():
    bound = {"_files": "_files", "api": "_widget.api"}

    def found(expression):
        return module_at(ast.parse(expression, mode="eval").body, bound)

    assert found("_files.storage") == "_files.storage"
    assert found("api._files.storage") == "_files.storage"
    assert found("_files.storage.path_of") is None
    assert found("other.storage") is None
    assert found("call()._files") is None


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_needs_neither_the_sdk_nor_a_browser():
    python(
        "import sys\n"
        "for name in ('openai', 'httpx2', 'pydantic', 'pyodide', 'js'): sys.modules[name] = None\n"
        "import chatwidget\n"
        "assert chatwidget.ChatWidget('demo').ask('hi').status == 'complete'"
    )


def test_importing_does_not_import_the_sdk():
    loaded = python("import sys, chatwidget; print(*sys.modules)").split()
    assert not {"openai", "httpx2", "pydantic"} & set(loaded)


def test_the_public_names_are_exact_and_sorted():
    names = chatwidget.__all__
    assert names == sorted(names)
    public = {name for name in dir(chatwidget) if not name.startswith("_")}
    functions = {"load_ipython_extension", "unload_ipython_extension"}
    assert public - functions - {"annotations", "TYPE_CHECKING"} == set(names)
