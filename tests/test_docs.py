"""README and docs/ speak of what there is: their code is Python, their names exist, their links lead somewhere."""

import ast
import re
from pathlib import Path

import pytest

from chatwidget import ChatWidget, Message

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
CODE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@pytest.fixture(params=PAGES, ids=lambda path: path.name)
def page(request):
    return request.param


def blocks(page):
    return [ast.parse(code, page.name) for code in CODE.findall(page.read_text("utf-8"))]


def test_its_code_is_python_and_names_what_there_is(page):
    known = {"chat": ChatWidget, "reply": Message}
    for tree in blocks(page):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
                assert hasattr(known[node.value.id], node.attr), f"{node.value.id}.{node.attr}"


def test_what_it_names_in_a_sentence_is_there(page):
    for code in INLINE.findall(page.read_text("utf-8")):
        for name in re.findall(r"\bchat\.([a-z]\w*)", code.replace("chat.completions", "").replace("chat.json", "")):
            assert hasattr(ChatWidget, name), code


def test_its_links_lead_to_files(page):
    missing = [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert missing == []


def test_the_readme_is_short():
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert len(lines) < 150
    assert [line for line in lines if len(line) > 120] == []
