"""A conversation as a file."""

import pytest

from chatwidget import Conversation, Delta, Status, from_json
from chatwidget._archive import to_json
from chatwidget._exports import as_file, to_markdown
from chatwidget._messages import ToolCallDelta


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
    assert to_markdown(conversation) == "## Assistant\n\nHalf\n\n*Failed.* The &lt;server> fell over.\n"


def test_json_is_the_archive_with_all_branches():
    conversation = answered()
    conversation.edit("q", "And a set?", id="q2")
    file = as_file(conversation, "json")
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
    file = as_file(answered(question), "markdown")
    assert (file.name, file.mime) == (f"{name}.md", "text/markdown")


def test_an_empty_conversation_has_a_file_too():
    assert as_file(Conversation(), "markdown").name == "chat.md"
