"""What is shown as a page of its own: no script, nothing loaded, light and dark, fit to be printed.

Markdown becomes HTML by markdown-it-py, which is imported when it is needed. Raw HTML stays text, and the page
forbids the browser everything but its own style.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ._errors import MissingPackageError
from ._exports import HEADINGS, Attached, ending_of, file_name, parts_of
from ._messages import Message

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
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_LINKS: Final = ("http://", "https://", "mailto:")


def to_html(messages: Iterable[Message]) -> str:
    """The page. Raises MissingPackageError."""
    messages = list(messages)
    render = _renderer()
    sections = "\n".join(_section(message, render) for message in messages)
    title = html.escape(file_name(messages).replace("-", " "))
    return (
        '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{sections}\n</body>\n</html>\n"
    )


def _renderer() -> Callable[[str], str]:
    try:
        from markdown_it import MarkdownIt  # noqa: PLC0415 for this format only

        from ._html_emphasis import emphasis  # noqa: PLC0415 likewise
        from ._html_formulas import formulas  # noqa: PLC0415 likewise
        from ._html_tags import tags  # noqa: PLC0415 likewise
    except ImportError as error:
        message = "HTML needs the package markdown-it-py: run `%pip install markdown-it-py`, then try again"
        raise MissingPackageError(message) from error
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True, "langPrefix": ""})
    # A picture would have to be loaded; its text and its link remain.
    markdown.enable(["table", "strikethrough"]).disable("image").use(emphasis).use(formulas).use(tags)
    markdown.validateLink = lambda url: url.lower().startswith(_LINKS)  # type: ignore[method-assign]
    return lambda text: str(markdown.render(text))


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
    yield _note(f"{ending_of(message)} {message.error or ''}".strip())


def _code(text: str) -> str:
    return f"<pre>{html.escape(text)}</pre>"


def _note(text: str) -> str:
    return f'<p class="note" dir="auto">{html.escape(text)}</p>' if text else ""
