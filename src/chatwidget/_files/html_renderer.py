"""Conversion of Markdown to HTML by markdown-it-py. Only pictures that are in the text itself are shown."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from markdown_it import MarkdownIt

from .._content.formulas import formulas
from .html_emphasis import emphasis
from .html_footnotes import alerts, footnotes
from .html_tags import tags

if TYPE_CHECKING:
    from markdown_it.token import Token

_LINKS: Final = ("http://", "https://", "mailto:")
_PICTURE: Final = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=]+", re.IGNORECASE)


def renderer() -> Callable[[str], str]:
    """Return a function that converts Markdown to HTML. Each text may have footnotes of its own."""
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True, "langPrefix": ""})
    markdown.enable(["table", "strikethrough"]).use(emphasis).use(formulas).use(tags).use(footnotes).use(alerts)
    markdown.validateLink = _is_shown  # type: ignore[method-assign]
    markdown.add_render_rule("image", _image)
    markdown.add_render_rule("link_open", _link)
    numbers = count(1)
    return lambda text: str(markdown.render(text, {"message": next(numbers)}))


def _is_shown(url: str) -> bool:
    return bool(_PICTURE.fullmatch(url)) or url.lower().startswith(_LINKS)


def _image(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    """Render a picture whose data is in the text. One that would have to be loaded becomes a link."""
    token = tokens[index]
    url, label = html.escape(str(token.attrs["src"])), html.escape(token.content)
    return f'<img src="{url}" alt="{label}">' if _PICTURE.fullmatch(url) else f'<a href="{url}">{label}</a>'


def _link(renderer: Any, tokens: Sequence[Token], index: int, options: Any, *_: object) -> str:
    if _PICTURE.fullmatch(str(tokens[index].attrs["href"])):
        return "<a>"
    return str(renderer.renderToken(tokens, index, options, {}))
