"""Export of a conversation to a page of its own: no script, nothing loaded, light and dark, printable.

Raw HTML stays text, and the page's policy forbids the browser everything but the page's own style and embedded pictures
and sounds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from .._content.attachments import NamedText
from .._conversation.messages import Citation, Message
from .sections import (
    HEADINGS,
    Attached,
    Picture,
    ending_of,
    file_name,
    is_result,
    label_and_url,
    parts_of,
    size_if_long,
    with_tools,
)

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.55 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 1rem 1.25rem 3rem;
  overflow-wrap: break-word; }
section { border-top: 1px solid color-mix(in srgb, currentcolor 20%, transparent); padding: .75rem 0; }
section:first-child { border: 0; }
h2.role { font-size: .8rem; letter-spacing: .04em; margin: 0 0 .5rem; opacity: .65; text-transform: uppercase; }
h2.role code { letter-spacing: 0; text-transform: none; }
.user > div, pre { background: color-mix(in srgb, currentcolor 7%, transparent); padding: .1rem .9rem; }
pre, code { font: .875em/1.45 ui-monospace, monospace; }
pre { overflow: auto; padding: .7rem .9rem; }
blockquote { border-left: 3px solid color-mix(in srgb, currentcolor 30%, transparent); margin: 0; padding-left: 1rem; }
table { border-collapse: collapse; display: block; overflow: auto; }
img { height: auto; max-height: 40rem; max-width: 100%; object-fit: contain; }
td, th { border: 1px solid color-mix(in srgb, currentcolor 25%, transparent); padding: .25rem .6rem; }
kbd { border: 1px solid color-mix(in srgb, currentcolor 30%, transparent); border-radius: 4px; padding: 0 .3em; }
kbd, .formula { font: .875em ui-monospace, monospace; }
.formula { white-space: pre-wrap; }
section.note { border: 0; display: grid; gap: .5rem; grid-template-columns: auto minmax(0, 1fr); opacity: .85;
  padding: 0; }
section.note > * { grid-column: 2; margin: 0; }
section.note > sup { grid-column: 1; grid-row: 1; line-height: inherit; }
.alert { border-color: #1976d2; }
.alert.tip { border-color: #2e7d32; }
.alert.important { border-color: #8e24aa; }
.alert.warning { border-color: #e08600; }
.alert.caution { border-color: #d32f2f; }
.alert > .title { font-weight: 600; margin: 0 0 .25rem; }
p.note { font-style: italic; opacity: .75; }
@media print {
  body { font-size: 11pt; max-width: none; padding: 0; }
  pre { overflow: visible; white-space: pre-wrap; }
  h2.role { break-after: avoid; }
  a[href]:not([href^="#"])::after { content: " (" attr(href) ")"; font-size: .8em; }
}
"""
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:; base-uri 'none'; form-action 'none'"
)
_SOUND: Final = re.compile(r"data:audio/[a-z0-9]+;base64,[A-Za-z0-9+/=]+")


def to_html(messages: Iterable[Message]) -> str:
    """Convert messages to an HTML page.

    Args:
        messages: The messages to convert.

    Returns:
        The page.

    """
    from .html_renderer import renderer  # noqa: PLC0415 its package takes long to import, and few chats are exported

    messages = list(messages)
    render = renderer()
    sections = "\n".join(_section(message, tool, render) for message, tool in with_tools(messages))
    title = html.escape(file_name(messages).replace("-", " "))
    return (
        '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{sections}\n</body>\n</html>\n"
    )


def _section(message: Message, tool: str, render: Callable[[str], str]) -> str:
    body = "\n".join(part for part in _parts(message, render) if part)
    heading = HEADINGS[message.role] + (f": <code>{html.escape(tool)}</code>" if tool else "")
    return f'<section class="{message.role}">\n<h2 class="role">{heading}</h2>\n{body}\n</section>'


def _parts(message: Message, render: Callable[[str], str]) -> Iterator[str]:
    if message.reasoning:
        yield _folded("Reasoning", render(message.reasoning))
    is_output = is_result(message)
    for part in parts_of(message):
        yield _output(part) if is_output and isinstance(part, str) else _part(part, render)
    yield render(message.refusal)
    for call in message.tool_calls:
        text = f"{call.name}({call.arguments})"
        size = size_if_long(text)
        yield _folded(f"Tool call ({size})", _code(text)) if size else f"<p>Tool call:</p>\n{_code(text)}"
    if message.sound and _SOUND.fullmatch(message.sound):
        yield f'<audio controls src="{message.sound}"></audio>'
    yield _sources(message.citations)
    yield _note(f"{ending_of(message)} {message.error or ''}".strip())
    if message.log:
        yield _folded("Details", _code(message.log))


def _folded(title: str, content: str) -> str:
    return f"<details>\n<summary>{title}</summary>\n{content}</details>"


def _output(text: str) -> str:
    size = size_if_long(text)
    return _folded(f"Result ({size})", _code(text)) if size else _code(text)


def _part(part: str | NamedText | Picture | Attached, render: Callable[[str], str]) -> str:
    if isinstance(part, Picture):
        return _image(part)
    if isinstance(part, Attached):
        return _note(f"({part.name})")
    if isinstance(part, NamedText):
        return _folded(html.escape(part.name), _code(part.text))
    return f'<div dir="auto">\n{render(part)}</div>'


def _sources(citations: Iterable[Citation]) -> str:
    entries = (label_and_url(citation) for citation in citations)
    lines = [
        f'<li><a href="{html.escape(url)}">{html.escape(label)}</a></li>' if url else f"<li>{html.escape(label)}</li>"
        for label, url in entries
    ]
    return "\n".join(["<p>Sources:</p>", "<ol>", *lines, "</ol>"]) if lines else ""


def _image(picture: Picture) -> str:
    alt, url = html.escape(picture.alt), html.escape(picture.url)
    return f'<p><img src="{url}" alt="{alt}"></p>' if picture.is_embedded else f'<p><a href="{url}">{alt}</a></p>'


def _code(text: str) -> str:
    return f"<pre>{html.escape(text)}</pre>"


def _note(text: str) -> str:
    return f'<p class="note" dir="auto">{html.escape(text)}</p>' if text else ""
