"""A conversation as a file."""

import html
import json
import re
import subprocess
import sys
import time
from importlib.metadata import requires
from pathlib import Path

import nbformat
import pytest

from chatwidget import Conversation, Delta, SettingsError, Status, from_json
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


VALUE = "<df> | $x$ (DataFrame, 2 rows)"
WITH_VALUE = [
    {"type": "text", "text": "Look at `df`."},
    {"type": "text", "text": f"{VALUE}:\n````\n| a |\n```\n<b>\n````"},
]


def test_values_and_files_are_folded_under_their_names():
    conversation = Conversation([{"role": "user", "content": WITH_VALUE}])
    title = "&#60;df&#62; &#124; &#36;x&#36; &#40;DataFrame, 2 rows&#41;"
    folded = f"<details>\n<summary>{title}</summary>\n\n````\n| a |\n```\n<b>\n````\n\n</details>"
    assert to_markdown(conversation) == f"## User\n\nLook at `df`.\n\n{folded}\n"
    cells = nbformat.reads(exporter(conversation, "notebook")().text, 4).cells
    assert [cell.source for cell in cells] == [f"## User\n\nLook at `df`.\n\n{folded}"]
    page = exporter(conversation, "html")().text
    assert f"<details>\n<summary>{html.escape(VALUE)}</summary>\n<pre>| a |\n```\n&lt;b&gt;</pre></details>" in page


def test_an_answer_that_failed_says_so():
    conversation = Conversation()
    conversation.begin(id="a")
    conversation.apply("a", Delta(content="Half"))
    conversation.finish("a", Status.ERROR, error="The <server> fell over.")
    assert to_markdown(conversation) == "## Assistant\n\nHalf\n\n*Failed.*\n\nThe &lt;server> fell over.\n"


LINES = "\n".join(map(str, range(400)))


@pytest.fixture
def called():
    """Calls of four tools: one with a long result and a log, one refused, one unknown, one with long arguments."""
    calls = [("c1", "load", "{}"), ("c2", "erase", "{}"), ("c3", "<b>`x", "{}"), ("c4", "write", "x" * 2000)]
    deltas = tuple(ToolCallDelta(index, *call) for index, call in enumerate(calls))
    conversation = answered(content="Look:", tool_calls=deltas)
    for number, (content, values) in enumerate(
        [
            (LINES, {"log": "printed <b>\n```"}),
            ("The user refused this call.", {"status": Status.ERROR, "error_code": "refused"}),
            ("There is no such tool.", {"status": Status.ERROR, "error_code": "unknown_tool"}),
            ("Not run.", {"status": Status.STOPPED, "error_code": "not_run"}),
        ]
    ):
        conversation.add({"role": "tool", "tool_call_id": f"c{number + 1}", "content": content}, **values)
    return conversation


def test_results_have_the_name_of_their_tool_and_say_how_the_call_ended(called):
    """Fails when `with_tools` yields no names, and when `ending_of` looks at the status alone."""
    text = to_markdown(called)
    assert "## Tool result: `load`\n" in text
    assert "## Tool result: `erase`\n\n```\nThe user refused this call.\n```\n\n*Refused.*\n" in text
    assert "## Tool result: `<b>'x`\n\n```\nThere is no such tool.\n```\n\n*Unknown tool.*\n" in text
    assert text.endswith("*Not run.*\n")
    page = exporter(called, "html")().text
    assert "Tool result: <code>load</code></h2>" in page
    assert "Tool result: <code>&lt;b&gt;`x</code></h2>" in page
    assert 'dir="auto">Refused.</p>' in page


def test_what_is_long_and_the_details_are_folded(called):
    """Fails when `size_if_long` is always empty."""
    text = to_markdown(called)
    assert f"<details>\n<summary>Result (400 lines)</summary>\n\n```\n{LINES}\n```\n\n</details>" in text
    assert "<details>\n<summary>Tool call (2,007 characters)</summary>\n\n```\nwrite(xx" in text
    assert "<details>\n<summary>Details</summary>\n\n````\nprinted <b>\n```\n````\n\n</details>" in text
    assert "Tool call:\n\n```\nload({})\n```" in text
    assert "\n\n".join(source for _, source in cells(called)) + "\n" == text
    page = exporter(called, "html")().text
    assert f"<details>\n<summary>Result (400 lines)</summary>\n<pre>{LINES}</pre></details>" in page
    assert "<summary>Details</summary>\n<pre>printed &lt;b&gt;\n```</pre></details>" in page


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


def test_footnotes_lead_to_each_other_within_their_message():
    text = "a[^1] b[^1]\n\n[^1]: c"
    page = exporter(Conversation([{"role": role, "content": text} for role in ("user", "assistant")]), "html")().text
    assert len(re.findall(r'<sup id="text-(\d+)-1"><a href="#note-\1-1">1</a></sup>', page)) == 2
    assert len(re.findall(r'<sup><a href="#note-\d+-1">1</a></sup>', page)) == 2
    assert len(re.findall(r'<sup id="note-(\d+)-1"><a href="#text-\1-1">1</a></sup>', page)) == 2
    ids = re.findall(' id="([^"]*)"', page)
    assert len(ids) == len(set(ids)) == 4
    assert set(re.findall('href="#([^"]*)"', page)) == set(ids)


def test_an_alert_has_its_kind_and_title():
    assert rendered("> [!Caution]\n> a") == (
        '<blockquote class="alert caution">\n<p class="title">Caution</p>\n<p>a</p>\n</blockquote>\n'
    )


def compact(page):
    """HTML without spaces beside tags. A line of a paragraph is one in the exported page, too, and ends like `<br>`.

    Only the page has the links of footnotes and the titles of alerts; the view adds its own later.
    """
    page = re.sub(r'<p class="title">\w+</p>|<a href="#[^"]*">(.*?)</a>|(?<=<sup) id="[^"]*"', r"\1", page)
    page = re.sub(r'(?<=<section) class="note"|(?<=<blockquote) class="alert \w+"', "", page)
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


def test_html_needs_no_extra():
    """Fails when markdown-it-py is not among the packages that every installation gets."""
    assert [each for each in requires("chatwidget") if each.startswith("markdown-it-py")] == ["markdown-it-py>=4"]
    code = "from chatwidget import ChatWidget; import sys; ChatWidget('demo'); sys.exit('markdown_it' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0, "it is imported when it is used"


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
