"""The parts keep to themselves: who may import whom, and what importing costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import chatwidget

PACKAGE = Path(chatwidget.__file__).parent

LEAVES = {"_errors", "_json"}
"""May be imported by every module."""

_TRANSPORT = {"_messages", "_secrets", "_wire", "_transports._base"}

# What each module may import besides the standard library and the leaves. This is the design's
# table; a package such as `_wire` is one part, free inside.
MAY_IMPORT = {
    "__init__": {"_archive", "_conversation", "_messages", "_streams", "_transports", "_widget", "_magic", "IPython"},
    "_errors": {"_messages"},  # for the type of ChatError.reply only
    "_json": set(),
    "_secrets": set(),
    "_masking": {"_secrets"},
    "_messages": set(),
    "_changes": {"_messages"},
    "_inline_reasoning": set(),
    "_reasoning_blocks": {"_messages"},
    "_sounds": set(),
    "_draft": {"_changes", "_inline_reasoning", "_messages", "_reasoning_blocks", "_sounds"},
    "_conversation": {"_changes", "_draft", "_messages"},
    "_archive": {"_conversation", "_messages"},
    "_sse": set(),
    "_wire": {"_messages", "_sse"},
    "_retry": set(),
    "_transports._base": {"_messages", "_secrets"},
    "_transports._status_text": {"_retry", "_secrets", "_wire"},
    "_transports._advice": set(),
    "_transports._asking": {"_secrets"},
    "_transports._extra": {"_secrets"},
    "_transports._causes": {"_secrets", "_transports._advice", "_transports._environment"},
    "_transports._environment": {"_secrets", "httpx2"},
    "_transports._forks": set(),
    "_transports._browser": {"pyodide", "js"},
    "_transports._diagnosis": {
        *(f"_transports.{name}" for name in ("_advice", "_base", "_browser")),
        "pyodide",
        "js",
    },
    "_transports._retrying": {"_retry", "_transports._base"},
    "_transports._model_facts": {"_transports._base"},
    "_transports._openai_models": {"_transports._base"},
    "_transports._catalog": {"_transports._base", "_transports._model_facts", "_transports._openai_models"},
    "_transports._params": {"_transports._base", "_transports._retrying"},
    "_transports._openai": {
        *_TRANSPORT,
        "_retry",
        "_transports._retrying",
        "_transports._status_text",
        *(f"_transports.{name}" for name in ("_advice", "_asking", "_causes", "_environment", "_extra")),
        *(f"_transports.{name}" for name in ("_catalog", "_forks", "_model_facts", "_params")),
        "openai",
        "httpx2",
        "httpcore2",
        "anyio",
    },
    "_transports._pyfetch": {
        *_TRANSPORT,
        "_retry",
        "_transports._retrying",
        "_transports._status_text",
        *(f"_transports.{name}" for name in ("_advice", "_asking", "_browser", "_catalog", "_diagnosis", "_extra")),
        *("_transports._model_facts", "_transports._params"),
        "pyodide",
        "js",
    },
    "_bounded_repr": set(),
    "_figures": set(),
    "_rich_values": {"_bounded_repr"},
    "_pieces": {"_bounded_repr", "_messages", "_rich_values", "_wire"},
    "_streams": {"_draft", "_messages", "_pieces"},
    "_transports._threads": set(),
    "_transports._callable": {"_figures", "_messages", "_pieces", "_transports._base", "_transports._threads"},
    "_transports._foreign": {
        *("_messages", "_secrets", "_wire"),
        *(f"_transports.{name}" for name in ("_advice", "_causes", "_status_text")),
    },
    "_transports._client": {
        *_TRANSPORT,
        *(f"_transports.{name}" for name in ("_anthropic", "_catalog", "_foreign", "_forks", "_gemini")),
        *(f"_transports.{name}" for name in ("_params", "_retrying", "_threads")),
    },
    "_transports._anthropic": {*_TRANSPORT, "_transports._client"},
    "_transports._gemini": {*_TRANSPORT, "_transports._client"},
    "_transports._llm_messages": {"_messages", "llm"},
    "_transports._llm": {
        *_TRANSPORT,
        *(f"_transports.{name}" for name in ("_foreign", "_llm_messages", "_threads")),
        "llm",
    },
    "_transports._demo": {"_messages", "_transports._base"},
    "_transports._probe": set(),
    "_transports": {
        *(f"_transports.{name}" for name in ("_base", "_callable", "_catalog", "_client", "_demo", "_llm", "_openai")),
        *(f"_transports.{name}" for name in ("_openai_models", "_probe", "_pyfetch")),
    },
    "_runner": {"pyodide", "pyodide_js", "js"},
    "_approvals": set(),
    "_tools": {"_tools._mcp", "_tools._results", "_tools._tool", "_tools._toolbox"},
    "_tools._mcp": {"_file_contents", "_tools._results", "_tools._tool", "mcp"},
    "_tools._docstring": set(),
    "_tools._results": {"_bounded_repr", "_file_contents", "_messages", "_rich_values", "pydantic_core"},
    "_tools._tool": {"_figures", "_tools._docstring", "_tools._results", "pydantic"},
    "_tools._toolbox": {"_messages", "_tools._mcp", "_tools._results", "_tools._tool"},
    "_tool_loop": {"_approvals", "_messages", "_tools"},
    "_turn": {"_messages", "_tool_loop", "_tools"},  # the last two for types only
    "_updates": {"_conversation", "_messages", "_pieces", "_turn"},
    "_tokens": {"_messages"},
    "_context_limit": {"_messages", "_tokens"},
    "_summaries": {"_draft", "_messages", "_tokens", "_transports._base"},
    "_model_lookup": {"_context_limit", "_transports._base", "_transports._catalog"},
    "_reasoning_replay": {"_messages"},
    "_role_order": {"_messages", "_wire"},
    "_requests": {
        *("_model_lookup", "_reasoning_replay", "_role_order", "_summaries"),
        *("_context_limit", "_conversation", "_messages", "_tokens", "_tools", "_transports._base", "_turn"),
    },
    "_session": {
        *("_approvals", "_conversation", "_messages", "_requests", "_tool_loop", "_tools", "_transports._base"),
        *("_turn", "_updates"),
    },
    "_settings": {"_secrets", "_transports"},
    "_setup": set(),
    "_file_contents": set(),  # and what reads office files, by name
    "_attachments": {"_file_contents"},
    "_commands": {"_attachments", "_messages", "_secrets"},
    "_protocol": {"_changes", "_conversation", "_messages"},
    "_publisher": {"_protocol"},
    "_emphasis": set(),
    "_safe_markdown": {"_emphasis"},
    "_exports": {"_archive", "_conversation", "_html", "_messages", "_safe_markdown"},
    "_files": {"_archive", "_conversation"},
    "_alarm": {"_runner"},
    "_autosave": {"_alarm", "_archive", "_changes", "_conversation", "_files", "_runner"},
    "_html": {*("_exports", "_html_emphasis", "_html_formulas", "_html_tags", "_messages"), "markdown_it"},
    "_html_emphasis": {"_emphasis", "markdown_it"},
    "_html_formulas": {"_html_lines", "markdown_it"},
    "_html_lines": {"markdown_it"},
    "_html_tags": {"_html_lines", "markdown_it"},
    "_transcript": {"_alarm", "_changes", "_conversation", "_exports", "_messages", "_runner", "IPython"},
    "_look": {"_messages"},
    "_servers": {"_settings", "_transports", "_wire"},
    "_chat": {
        *("_changes", "_context", "_conversation", "_masking", "_runner", "_secrets", "_servers", "_session"),
        *("_settings", "_tools", "_transports"),
    },
    "_views": {"_changes", "_chat", "_messages", "_protocol", "_publisher", "_setup", "_usage"},
    "_handler": {
        *("_attachments", "_chat", "_commands", "_conversation", "_exports", "_mentions", "_protocol"),
        *("_settings", "_transports", "_views"),
    },
    "_asking": {
        *("_answer_formats", "_attached_values", "_changes", "_chat", "_events", "_messages", "_requests", "_runner"),
        *("_turn", "_variables"),
    },
    "_talk": {
        *("_context", "_context_limit"),
        *("_archive", "_asking", "_conversation", "_events", "_exports", "_files", "_messages", "_pieces"),
        *("_servers", "_tools", "_turn", "_usage"),
    },
    "_widget": {
        *(
            "_archive",
            "_asking",
            "_autosave",
            "_changes",
            "_chat",
            "_context_limit",
            "_conversation",
            "_files",
            "_handler",
            "_lookups",
            "_look",
            "_messages",
            "_runner",
            "_secrets",
            "_settings",
            "_setup",
            "_talk",
            "_usage",
            "_transcript",
        ),
        *("_tools", "_transports", "_views", "anywidget", "traitlets", "IPython"),
    },
    "_answer_formats": {"_messages", "pydantic"},
    "_attached_values": {"_attachments", "_bounded_repr", "_files", "_rich_values"},
    "_events": {"_changes", "_conversation", "_messages", "_runner", "_turn"},
    "_cells": {"_rich_values"},
    "_context": {
        *("_attachments", "_bounded_repr", "_cells", "_descriptions", "_file_contents", "_files", "_rich_values"),
        *("_variables", "IPython"),
    },
    "_descriptions": {"_attachments", "_bounded_repr", "_rich_values"},
    "_lookups": {"_chat", "_mentions", "_variables"},
    "_mentions": {
        *("_attachments", "_bounded_repr", "_descriptions", "_markdown_code", "_rich_values", "_variables", "IPython")
    },
    "_variables": {"_bounded_repr", "_descriptions", "_markdown_code", "IPython"},
    "_markdown_code": set(),
    "_usage": {"_conversation", "_messages"},
    "_magic_options": set(),
    "_magic_formats": {"_messages", "_safe_markdown"},
    "_magic_outputs": {"_magic_formats", "_runner", "_safe_markdown", "IPython"},
    "_magic_cells": {"_cells", "_rich_values"},
    "_magic_commands": {"_usage", "_widget"},
    "_magic_completion": {"_magic_options", "_widget"},
    "_magic": {
        *(f"_magic_{name}" for name in ("cells", "commands", "completion", "formats", "options", "outputs")),
        *("_exports", "_messages", "_transports", "_widget", "IPython"),
    },
}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    if parts[0] == "_wire":
        return "_wire"
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def imports(path: Path) -> set[str]:
    """The parts and the foreign packages that a module imports, wherever in it."""
    found = set()
    package = ("chatwidget", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) + 1 - node.level]) if node.level else ""
            whole = ".".join(part for part in (base, node.module) if part)
            found |= {f"{whole}.{alias.name}" if whole == "chatwidget" else whole for alias in node.names}
    return {part(name) for name in found if name.partition(".")[0] not in sys.stdlib_module_names}


def part(name: str) -> str:
    if not name.startswith("chatwidget."):
        return name.partition(".")[0]
    inner = name.removeprefix("chatwidget.")
    return "_wire" if inner.startswith("_wire") else inner


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=module_name)
def test_a_module_imports_only_what_the_design_lets_it(path):
    name = module_name(path)
    assert imports(path) - {name} <= MAY_IMPORT[name] | LEAVES


def test_the_table_has_no_module_that_is_gone():
    assert set(MAY_IMPORT) == {module_name(path) for path in PACKAGE.rglob("*.py")}


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
