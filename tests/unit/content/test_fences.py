"""Code blocks: nothing in them closes them, and nothing in them changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chatwidget._content.fences import fenced


def read(text):
    """The code blocks that CommonMark finds in a text: language and content."""
    return [(token.info, token.content) for token in MarkdownIt().parse(text)]


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("a", "```\na\n```"),
        ("a\nb\n", "```\na\nb\n```"),
        ("a\n\n", "```\na\n\n```"),
        ("", "```\n\n```"),
        ("a ``` b", "````\na ``` b\n````"),
        ("````\na\n````", "`````\n````\na\n````\n`````"),
    ],
)
def test_a_block_is_longer_than_any_run_in_it(text, block):
    assert fenced(text) == block


def test_a_block_names_its_language():
    assert fenced("1", "python") == "```python\n1\n```"


@given(st.text(st.sampled_from("`~> \na-1")))
def test_any_text_is_one_block(text):
    [(language, content)] = read(fenced(text, "text"))
    assert (language, content.removesuffix("\n")) == ("text", text.removesuffix("\n"))
