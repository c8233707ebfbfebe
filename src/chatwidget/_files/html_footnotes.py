"""Footnotes and alerts in an exported page.

These are the rules of the view (`footnotes.js` and `alerts.js` in `js/src/syntax/`) for markdown-it-py. The plugin of
mdit-py-plugins numbers footnotes and moves them to the end, unlike the view.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from markdown_it.token import Token

from .._content.markdown_lines import line_of, start_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.utils import EnvType

_BEGINNING: Final = re.compile(r"\[\^([^\[\]\s]{1,50})\]:[ \t]*(?=\S)")
_REFERENCE: Final = re.compile(r"\[\^([^\[\]\s]{1,50})\]")
_ALERT: Final = re.compile(r"\[!(note|tip|important|warning|caution)\][ \t]*(?:\n|\Z)", re.IGNORECASE)
_INDENT: Final = 2
"""The indentation of the other lines of a note."""
_OF_CODE: Final = 4


def footnotes(markdown: MarkdownIt) -> None:
    """Add the rules for footnotes to a parser. `env["message"]` tells the notes of one message from others.

    Args:
        markdown: The parser.

    """
    alt = ["paragraph", "reference", "blockquote", "list"]
    markdown.block.ruler.before("reference", "note", _note, {"alt": alt})
    markdown.inline.ruler.before("link", "note", _reference)
    markdown.add_render_rule("note_label", _render_label)
    markdown.add_render_rule("note_reference", _render_reference)


def alerts(markdown: MarkdownIt) -> None:
    """Add the rule for alerts to a parser.

    Args:
        markdown: The parser.

    """
    markdown.core.ruler.after("block", "alerts", _mark_alerts)
    markdown.add_render_rule("alert_title", _render_title)


def _note(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    beginning = _BEGINNING.match(line_of(state, first))
    indent = state.sCount[first]
    if not beginning or indent >= _OF_CODE:
        return False
    if silent:
        return state.level == 0 or indent < min(_INDENT, state.blkIndent)
    if state.level > 0:
        return False
    label = beginning[1]
    state.env.setdefault("notes", set()).add(label.lower())
    opening = state.push("note_open", "section", 1)
    opening.attrs = {"class": "note"}
    state.push("note_label", "", 0).content = label
    indent_before, parent, tight = state.blkIndent, state.parentType, state.tight
    marks = state.bMarks, state.tShift, state.sCount
    kept = [mark[first] for mark in marks]
    state.bMarks[first] = start_of(state, first) + beginning.end()
    state.tShift[first] = 0
    state.sCount[first] = state.blkIndent = _INDENT
    state.parentType = "note"
    state.md.block.tokenize(state, first, last)
    for mark, value in zip(marks, kept, strict=True):
        mark[first] = value
    state.blkIndent, state.parentType, state.tight = indent_before, parent, tight
    opening.map = [first, state.line]
    state.push("note_close", "section", -1)
    return True


def _reference(state: StateInline, silent: bool) -> bool:
    reference = _REFERENCE.match(state.src, state.pos)
    if not reference or reference[1].lower() not in state.env.get("notes", ()):
        return False
    if not silent:
        state.push("note_reference", "", 0).content = reference[1]
    state.pos = reference.end()
    return True


def _render_label(_: object, tokens: Sequence[Token], index: int, __: object, env: EnvType) -> str:
    label = tokens[index].content
    return f'<sup id="{_id("note", env, label)}"><a href="#{_id("text", env, label)}">{html.escape(label)}</a></sup>'


def _render_reference(_: object, tokens: Sequence[Token], index: int, __: object, env: EnvType) -> str:
    label = tokens[index].content
    shown: set[str] = env.setdefault("shown", set())
    # The note leads back to its first reference.
    place = "" if label.lower() in shown else f' id="{_id("text", env, label)}"'
    shown.add(label.lower())
    return f'<sup{place}><a href="#{_id("note", env, label)}">{html.escape(label)}</a></sup>'


def _id(kind: str, env: EnvType, label: str) -> str:
    return html.escape(f"{kind}-{env.get('message', 0)}-{label.lower()}")


def _mark_alerts(state: StateCore) -> None:
    """Turn quotations into alerts if their first line says so and others follow."""
    for index in reversed(range(len(state.tokens) - 3)):
        quotation, paragraph, inline, _, following = (*state.tokens[index : index + 5], None)[:5]
        marker = _ALERT.match(inline.content) if inline and inline.type == "inline" else None
        is_first = quotation and paragraph and (quotation.type, paragraph.type) == ("blockquote_open", "paragraph_open")
        if not quotation or not inline or not marker or not is_first or quotation.level > 0:
            continue
        text = inline.content[marker.end() :]
        if not text and following and following.type == "blockquote_close":
            continue
        kind = marker[1].lower()
        quotation.attrs = {"class": f"alert {kind}"}
        inline.content = text
        title = Token("alert_title", "", 0, content=kind, block=True)
        state.tokens[index + 1 : index + (1 if text else 4)] = [title]


def _render_title(_: Any, tokens: Sequence[Token], index: int, *__: object) -> str:
    return f'<p class="title">{tokens[index].content.capitalize()}</p>\n'
