"""The conversation as a Markdown output of the cell that shows the view."""

import json

import nbclient
import nbconvert
import nbformat
import pytest

from chatwidget import Conversation, Delta, Status
from chatwidget._widget import markdown_output as transcript_module
from chatwidget._widget.markdown_output import transcript_of
from tests.keys._canary import leaks

SHOWN = """\
from chatwidget import ChatWidget, DemoModel
chat = ChatWidget(DemoModel(["The <b>answer</b>."], delay=0))
chat"""


def of(*texts):
    roles = ("user", "assistant")
    return list(Conversation([{"role": roles[at % 2], "content": text} for at, text in enumerate(texts)]))


def test_roles_are_no_headings():
    assert transcript_of(of("Why?", "Because.")) == "**User**\n\nWhy?\n\n**Assistant**\n\nBecause.\n"


def test_nothing_is_shown_of_no_conversation():
    assert transcript_of([]) == ""


def test_r14_what_still_streams_is_interrupted():
    conversation = Conversation([{"role": "user", "content": "q"}])
    reply = conversation.begin()
    conversation.apply(reply, Delta(content="Half"))
    assert transcript_of(list(conversation)).endswith("Half\n\n*Interrupted.*\n")
    conversation.finish(reply, Status.COMPLETE)
    assert "Interrupted" not in transcript_of(list(conversation))


def test_what_is_cut_in_a_folded_block_ends_it():
    """Fails when `_shortened` only cuts."""
    conversation = Conversation([{"role": "tool", "tool_call_id": "c", "content": "a line ```\n" * 5000}])
    ending = "\na line ```\n````\n\n</details>\n\n*The rest is left out here.*\n"
    assert transcript_of(list(conversation)).endswith(ending)


def test_results_have_the_name_of_their_tool():
    """Fails when each message is formatted without those before it."""
    call = {"id": "c", "type": "function", "function": {"name": "price", "arguments": "{}"}}
    conversation = Conversation(
        [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": "3"},
        ]
    )
    assert "**Tool result: `price`**\n\n```\n3\n```" in transcript_of(list(conversation))


def test_of_much_text_the_end_is_shown(monkeypatch):
    monkeypatch.setattr(transcript_module, "_MOST", 60)
    earlier = "*Earlier messages are left out here.*\n\n"
    assert transcript_of(of("first " * 9, "second", "third")).startswith(f"{earlier}**Assistant**\n\nsecond")
    shortened = transcript_of(of("a", "b", "line\n" * 100))
    assert shortened.startswith(f"{earlier}**User**\n\nline\nline")
    assert shortened.endswith("*The rest is left out here.*\n")
    assert len(shortened) < 200


def test_a_value_that_is_cut_is_closed_and_nothing_is_said_of_earlier_messages(monkeypatch):
    monkeypatch.setattr(transcript_module, "_MOST", 200)
    parts = [{"type": "text", "text": "Why?"}, {"type": "text", "text": "log.txt:\n```\n" + "line\n" * 100 + "```"}]
    text = transcript_of(list(Conversation([{"role": "user", "content": parts}])))
    assert text.startswith("**User**\n\nWhy?\n\n<details>\n<summary>log.txt</summary>\n\n```\nline\n")
    assert text.endswith("line\n```\n\n</details>\n\n*The rest is left out here.*\n")


@pytest.fixture(scope="module")
def executed():
    """A notebook that was run without a front end: a view in one cell, a question in the next."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in (SHOWN, 'chat.ask("The question?");')]
    )
    nbclient.NotebookClient(notebook, timeout=60, store_widget_state=False).execute()
    return notebook


def test_r12_the_transcript_is_in_the_outputs_without_any_front_end(executed):
    """Fails when `_wait` does not call `_answered`."""
    transcript, view = executed.cells[0].outputs
    text = transcript.data["text/markdown"]
    assert text == "**User**\n\nThe question?\n\n**Assistant**\n\nThe &lt;b>answer&lt;/b>.\n"
    assert transcript.metadata.chatwidget.startswith("chatwidget-")
    assert "application/vnd.jupyter.widget-view+json" in view.data


def test_r14_nbconvert_shows_the_conversation(executed):
    text, _ = nbconvert.HTMLExporter().from_notebook_node(executed)
    assert "The &lt;b&gt;answer&lt;/b&gt;." in text
    text, _ = nbconvert.MarkdownExporter().from_notebook_node(executed)
    assert "The question?" in text
    nbformat.validate(json.loads(nbformat.writes(executed)))


LOOKED_AT = (
    SHOWN,
    'chat.ask("The question?")',
    "chat.last",
    "await chat.ask_async('The question?')",
    "print(chat.last)",
    "chat.ask_async('Not awaited?')",
    "chat.ask_async('Not awaited?')\nlen(chat);",
)


@pytest.fixture(scope="module")
def looked_at():
    """A notebook in which replies and questions are the values of cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in LOOKED_AT])
    nbclient.NotebookClient(notebook, timeout=60, store_widget_state=False).execute()
    return notebook


def test_the_line_that_stands_for_a_chat_in_text_is_in_no_output(executed):
    shown, _ = nbconvert.HTMLExporter().from_notebook_node(executed)
    plain, _ = nbconvert.MarkdownExporter().from_notebook_node(executed)
    for text in (nbformat.writes(executed), shown, plain):
        assert "ChatWidget: " not in text


def test_a_reply_at_the_end_of_a_cell_is_its_text(looked_at):
    for cell in looked_at.cells[1:4]:
        (output,) = cell.outputs
        assert output.data["text/markdown"] == "The &lt;b>answer&lt;/b>."
        assert output.data["text/plain"] == "<Message: assistant, 'The <b>answer</b>.'>"
    assert looked_at.cells[4].outputs[0].text == "The <b>answer</b>.\n"


def test_an_unawaited_question_is_told_in_its_cell(looked_at):
    (shown,), (discarded,) = looked_at.cells[5].outputs, looked_at.cells[6].outputs
    assert "write `await chat.ask_async(...)`" in shown.data["text/plain"]
    assert "'Not awaited?'" in discarded.text
    assert "write `await chat.ask_async(...)`" in discarded.text
    assert "Not awaited?" not in str(looked_at.cells[0].outputs)


def test_k24_no_form_of_the_notebook_holds_the_key(server, key, tmp_path):
    """K24. The server echoes the key, and the widget's state is saved, too."""
    (tmp_path / "key").write_text(key)
    server.reply_error(401, f"wrong key {key}")
    source = f"""\
from chatwidget import ChatError, ChatWidget
chat = ChatWidget("m", base_url={server.base_url!r}, api_key=open({str(tmp_path / "key")!r}).read())
try:
    chat.ask("Question")
except ChatError as error:
    print(error)
chat"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbclient.NotebookClient(notebook, timeout=60).execute()
    assert "Question" in nbformat.writes(notebook)
    assert leaks(nbformat.writes(notebook), key) == []
    for exporter in (nbconvert.HTMLExporter, nbconvert.MarkdownExporter, nbconvert.ScriptExporter):
        assert leaks(exporter().from_notebook_node(notebook)[0], key) == []
