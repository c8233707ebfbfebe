"""A conversation as a file."""

import html
import json
import re
import sys
import time
from pathlib import Path

import nbformat
import pytest

from chatwidget import Conversation, Delta, MissingPackageError, SettingsError, Status, from_json
from chatwidget._conversation.messages import ToolCallDelta
from chatwidget._conversation.serialize import to_json
from chatwidget._files.export import exporter
from chatwidget._files.markdown import to_markdown

CASES = Path(__file__).parents[2] / "cases"
MARKDOWN = json.loads((CASES / "markdown.json").read_text("utf-8"))
FORMULAS = json.loads((CASES / "formulas.json").read_text("utf-8"))
ENDLESS_FORMULAS = ["$a ", "\\(", "$$\n", "\\begin{CD}", "\\begin{split}\n"]
ENDLESS_TAGS = ["<u>", "<u></kbd>", "<!--", "<!--\n", "<details>", "<details>\n", "- <details>\n"]
ENDLESS = [*ENDLESS_FORMULAS, *ENDLESS_TAGS, "<details><summary>\n", "**。中"]


def answered(question="What is a list?", **delta):
    conversation = Conversation()
    conversation.add(question, id="q")
    conversation.begin(id="a")
    conversation.apply("a", Delta(**(delta or {"content": "A sequence."})))
    conversation.finish("a", Status.COMPLETE)
    return conversation


def test_roles_are_headings():
    assert to_markdown(answered()) == "## User\n\nWhat is a list?\n\n## Assistant\n\nA sequence.\n"


def test_reasoning_is_folded_away():
    text = to_markdown(answered(content="Yes.", reasoning="Hm.\n</details>\n```\nx"))
    folded = "<details>\n<summary>Reasoning</summary>\n\nHm.\n&lt;/details>\n\n```\nx\n```\n\n</details>"
    assert text == f"## User\n\nWhat is a list?\n\n## Assistant\n\n{folded}\n\nYes.\n"


def test_nothing_in_it_is_html_or_a_picture_from_afar():
    hostile = "<script>x</script> ![a](http://example.org/a.png)"
    call = ToolCallDelta(0, "c", "f", "```\n<b>")
    conversation = answered(hostile, content=hostile, refusal=hostile, tool_calls=(call,))
    conversation.add({"role": "tool", "tool_call_id": "c", "content": "````\n" + hostile})
    text = to_markdown(conversation)
    assert text.count("<script>") == 1
    assert f"`````\n````\n{hostile}\n`````" in text
    assert "````\nf(```\n<b>)\n````" in text


def test_parts_are_named():
    parts = [{"type": "text", "text": "Look:"}, {"type": "image_url", "image_url": {"url": "data:,"}}, {"type": "odd"}]
    conversation = Conversation([{"role": "user", "content": parts}])
    assert to_markdown(conversation) == "## User\n\nLook:\n\n*(image)*\n\n*(attachment)*\n"


def test_an_answer_that_failed_says_so():
    conversation = Conversation()
    conversation.begin(id="a")
    conversation.apply("a", Delta(content="Half"))
    conversation.finish("a", Status.ERROR, error="The <server> fell over.")
    assert to_markdown(conversation) == "## Assistant\n\nHalf\n\n*Failed.*\n\nThe &lt;server> fell over.\n"


def test_json_is_the_archive_with_all_branches():
    conversation = answered()
    conversation.edit("q", "And a set?", id="q2")
    file = exporter(conversation, "json")()
    assert (file.name, file.mime) == ("And-a-set.json", "application/json")
    assert to_json(from_json(file.text)) == to_json(conversation)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What is a list?", "What-is-a-list"),
        ("¿Qué es 列表 / «lista»?", "Qué-es-列表-lista"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\u202etxt.exe\0\n", "a-txt-exe"),
        ("x" * 200, "x" * 50),
        ("…", "chat"),
        (" ", "chat"),
    ],
)
def test_the_name_comes_from_the_first_question(question, name):
    file = exporter(answered(question), "markdown")()
    assert (file.name, file.mime) == (f"{name}.md", "text/markdown")


def test_an_empty_conversation_has_a_file_too():
    assert exporter(Conversation(), "markdown")().name == "chat.md"


ANSWER = """\
Take this:

```python
x = [1, 2]
```

or, in a shell:

```bash
echo hi
```

- in a list
  ```python
  y = 1
  ```

~~~
z = 3
"""


def cells(conversation):
    notebook = exporter(conversation, "notebook")()
    nbformat.validate(nbformat.reads(notebook.text, as_version=4))
    return [(cell["cell_type"], cell["source"]) for cell in json.loads(notebook.text)["cells"]]


def test_prompts_are_markdown_cells_and_python_is_in_code_cells():
    *text, (kind, last) = cells(answered(content=ANSWER))
    assert text[:3] == [
        ("markdown", "## User\n\nWhat is a list?"),
        ("markdown", "## Assistant\n\nTake this:"),
        ("code", "x = [1, 2]"),
    ]
    assert text[3][0] == "markdown"
    assert "```bash\necho hi\n```" in text[3][1]
    assert "y = 1" in text[3][1]
    assert (kind, last) == ("code", "z = 3")


def test_a_notebook_has_all_that_markdown_has():
    conversation = answered(content="Half <b>", reasoning="Hm.", tool_calls=(ToolCallDelta(0, "c", "f", "{}"),))
    conversation.add({"role": "tool", "tool_call_id": "c", "content": "42"})
    assert "\n\n".join(source for _, source in cells(conversation)) + "\n" == to_markdown(conversation)


def test_html_is_markdown_rendered_without_anything_active():
    hostile = "<script>x</script> ![a](http://example.org/a.png) [b](javascript:x) **bold**"
    conversation = answered(hostile, content=hostile, refusal=hostile, reasoning=hostile)
    conversation.add({"role": "tool", "content": hostile})
    file = exporter(conversation, "html")()
    assert (file.name.rpartition(".")[2], file.mime) == ("html", "text/html")
    assert "<strong>bold</strong>" in file.text
    assert "<script" not in file.text
    assert "<img" not in file.text
    assert 'href="javascript' not in file.text
    assert "<summary>Reasoning</summary>" in file.text
    assert "default-src 'none'" in file.text


def rendered(content):
    """An answer's content as HTML."""
    page = exporter(answered(content=content), "html")().text
    return page.rpartition('<div dir="auto">\n')[2].rpartition("</div>")[0]


def compact(page):
    """HTML without spaces beside tags. A line of a paragraph is one in the exported page, too, and ends like `<br>`."""
    return re.sub(r"\n+(?=<)|(?<=>)\n+", "", re.sub(r"<br(?: /)?>\n?", "\n", page.strip()))


@pytest.mark.parametrize(("source", "wanted"), [case for cases in MARKDOWN.values() for case in cases])
def test_html_is_that_of_the_view(source, wanted):
    assert compact(rendered(source)) == compact(wanted)


@pytest.mark.parametrize(("source", "formulas"), FORMULAS)
def test_html_keeps_the_source_of_formulas(source, formulas):
    found = re.findall('<span class="formula">(.*?)</span>', rendered(source), re.DOTALL)
    assert [html.unescape(each) for each in found] == formulas


@pytest.mark.parametrize("sign", ENDLESS)
def test_html_of_signs_without_end_takes_no_time(sign):
    started = time.process_time()
    rendered(sign * (50_000 // len(sign)))
    # Linear, this takes a second or two; quadratic, it takes minutes.
    assert time.process_time() - started < 15


def test_html_without_its_package_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "markdown_it", None)
    monkeypatch.delitem(sys.modules, "chatwidget._files.html_renderer", raising=False)
    with pytest.raises(MissingPackageError, match="pip install markdown-it-py"):
        exporter(answered(), "html")()


def test_what_still_streams_is_interrupted_in_a_file():
    conversation = Conversation()
    conversation.begin(id="a")
    conversation.apply("a", Delta(content="Half"))
    assert to_markdown(conversation) == "## Assistant\n\nHalf\n\n*Interrupted.*\n"
    assert "Interrupted." in exporter(conversation, "html")().text


def test_the_name_of_the_file_tells_the_format(chats, tmp_path):
    chat = chats("demo", messages=[{"role": "user", "content": "Hello"}])
    for suffix, begin in {".md": "## User", ".html": "<!DOCTYPE", ".ipynb": "{", ".JSON": "{"}.items():
        chat.export(tmp_path / f"talk{suffix}")
        assert (tmp_path / f"talk{suffix}").read_text("utf-8").startswith(begin)
    chat.export(tmp_path / "talk", format="markdown")
    with pytest.raises(SettingsError, match=r"ends in \.md"):
        chat.export(tmp_path / "talk.pdf")
    assert not (tmp_path / "talk.pdf").exists()
