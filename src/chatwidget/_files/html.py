"""Export of a conversation to a page of its own: no script, nothing loaded, light and dark, printable.

Raw HTML stays text, and the page's policy forbids the browser everything but the page's own style and embedded pictures
and sounds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from .._conversation.messages import Citation, Message
from .._errors import MissingPackageError
from .sections import HEADINGS, Attached, ending_of, file_name, label_and_url, parts_of

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.55 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 1rem 1.25rem 3rem;
  overflow-wrap: break-word; }
section { border-top: 1px solid color-mix(in srgb, currentcolor 20%, transparent); padding: .75rem 0; }
section:first-child { border: 0; }
h2.role { font-size: .8rem; letter-spacing: .04em; margin: 0 0 .5rem; opacity: .65; text-transform: uppercase; }
.user > div, pre { background: color-mix(in srgb, currentcolor 7%, transparent); padding: .1rem .9rem; }
pre, code { font: .875em/1.45 ui-monospace, monospace; }
pre { overflow: auto; padding: .7rem .9rem; }
blockquote { border-left: 3px solid color-mix(in srgb, currentcolor 30%, transparent); margin: 0; padding-left: 1rem; }
table { border-collapse: collapse; display: block; overflow: auto; }
img { max-width: 100%; }
td, th { border: 1px solid color-mix(in srgb, currentcolor 25%, transparent); padding: .25rem .6rem; }
kbd { border: 1px solid color-mix(in srgb, currentcolor 30%, transparent); border-radius: 4px; padding: 0 .3em; }
kbd, .formula { font: .875em ui-monospace, monospace; }
.formula { white-space: pre-wrap; }
.note { font-style: italic; opacity: .75; }
@media print {
  body { font-size: 11pt; max-width: none; padding: 0; }
  pre { overflow: visible; white-space: pre-wrap; }
  h2.role { break-after: avoid; }
  a[href]::after { content: " (" attr(href) ")"; font-size: .8em; }
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

    Raises:
        MissingPackageError: markdown-it-py is not installed.

    """
    try:
        from .html_renderer import renderer  # noqa: PLC0415 its package is optional
    except ImportError as error:
        message = "HTML export needs the package markdown-it-py: run `%pip install markdown-it-py`, then try again"
        raise MissingPackageError(message) from error
    messages = list(messages)
    render = renderer()
    sections = "\n".join(_section(message, render) for message in messages)
    title = html.escape(file_name(messages).replace("-", " "))
    return (
        '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{sections}\n</body>\n</html>\n"
    )


def _section(message: Message, render: Callable[[str], str]) -> str:
    body = "\n".join(part for part in _parts(message, render) if part)
    return f'<section class="{message.role}">\n<h2 class="role">{HEADINGS[message.role]}</h2>\n{body}\n</section>'


def _parts(message: Message, render: Callable[[str], str]) -> Iterator[str]:
    if message.reasoning:
        yield f"<details>\n<summary>Reasoning</summary>\n{render(message.reasoning)}</details>"
    if message.role in {"tool", "function"}:
        yield _code(message.text)
    else:
        for part in parts_of(message):
            yield _note(f"({part.name})") if isinstance(part, Attached) else f'<div dir="auto">\n{render(part)}</div>'
    yield render(message.refusal)
    for call in message.tool_calls:
        yield f"<p>Tool call:</p>\n{_code(f'{call.name}({call.arguments})')}"
    if message.sound and _SOUND.fullmatch(message.sound):
        yield f'<audio controls src="{message.sound}"></audio>'
    yield _sources(message.citations)
    yield _note(f"{ending_of(message)} {message.error or ''}".strip())


def _sources(citations: Iterable[Citation]) -> str:
    entries = (label_and_url(citation) for citation in citations)
    lines = [
        f'<li><a href="{html.escape(url)}">{html.escape(label)}</a></li>' if url else f"<li>{html.escape(label)}</li>"
        for label, url in entries
    ]
    return "\n".join(["<p>Sources:</p>", "<ol>", *lines, "</ol>"]) if lines else ""


def _code(text: str) -> str:
    return f"<pre>{html.escape(text)}</pre>"


def _note(text: str) -> str:
    return f'<p class="note" dir="auto">{html.escape(text)}</p>' if text else ""
