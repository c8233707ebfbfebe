"""Model output in a cell: no parser of Markdown finds a tag or a picture in it, and code stays code."""

import html
import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chatwidget._content.safe_markdown import safe_markdown
from chatwidget._files.html_renderer import renderer

CASES = json.loads((Path(__file__).parents[2] / "cases" / "markdown.json").read_text())
FORMULAS = json.loads((Path(__file__).parents[2] / "cases" / "formulas.json").read_text())
PAGE = renderer()
PARSERS = [
    MarkdownIt("commonmark", {"html": True}),
    MarkdownIt("js-default", {"html": True, "breaks": True}),
]
DANGEROUS = {"html_block", "html_inline", "image"}
HARMLESS = {
    "html_block": re.compile(r"<details>\n(?:<summary>[^<>]*</summary>)?\n?|</details>\n?"),
    # A model's own `<span>` is in none of the texts below.
    "html_inline": re.compile(r"<br>|</?(?:kbd|mark|span|sub|sup|u)>"),
}
INVISIBLE = "\u200b"

TAGS = ["<b>", "</div>", "<img src=x onerror=alert(1)>", "<!--", "-->", "<!DOCTYPE x>", "<?php", "<![CDATA[", "]]>"]
KEPT = ["<u>", "</u>", "<kbd a=b>", "</KBD>", "<br>", "<br/>", "<sub>a</sub>", "<mark>", "</mark>", "\\<u>"]
FOLDS = ["<details>", "<details>\n", "</details>", "</details>\n", "<summary>a</summary>", "<summary>", "</summary>"]
CJK = ["注意", "。", "。**", "「", "」**", "한", "~~"]
LINKS = ["<http://a>", "<a@b.c>", "http://x.y/", "![a](b)", "![a][b]", "[a](b)", "[a](x`)", "](", ")", "[", "]", "!"]
DEFINITIONS = [
    "[a]: /u",
    "[a]: /u '",
    '[a]: /u "',
    "[`a]:",
    "[^1]:",
    "[^1]: a\n",
    "[^1]",
    "> [!NOTE]\n",
    "]:",
    "'",
    '"',
]
BACKTICKS = ["`", "``", "```", "````", "`<b>`", "``<b>``", "`|<b>|`", "\\`", "&#96;"]
FENCES = ["```\n", "~~~\n", "```js\n", "```js title=<b>\n", "``` `\n", "~~~ `\n", "   ```\n", "\t```\n", "```~\n"]
STRANGE_FENCES = ["```\u00a0\n", "- ```\n", "> ```\n", "1. ```\n", ": ```\n", "    ~~~\n", "~~~~~\n", "\ufeff```\n"]
BLOCKS = ["> ", "- ", "1. ", "# ", "    ", "\t", "---\n", "===\n", "|", "|-|\n", "| a | b |\n|---|---|\n", ": "]
ENDS = ["\n", "\n\n", "\r", "\r\n", "\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1f", "\u00a0", "\u3000", "\0"]
MARKS = ["a", " ", "\\", "\\\\", "\\<", "<", "< ", "&lt;", "*", "_", "~", "$", "$$", "{", "}", "^", "@"]
FRAGMENTS = [
    *TAGS,
    *KEPT,
    *FOLDS,
    *CJK,
    *LINKS,
    *DEFINITIONS,
    *BACKTICKS,
    *FENCES,
    *STRANGE_FENCES,
    *BLOCKS,
    *ENDS,
    *MARKS,
]

HOSTILE = {
    "a tag": "<b>",
    "a tag across lines": "<img\nsrc=x\nonerror=alert(1)>",
    "a comment": "<!-- x -->",
    "a declaration": "<!DOCTYPE html>",
    "an instruction": "<?php x ?>",
    "an address in brackets": "<http://a.b/>",
    "an image": "![a](http://a.b/c.png)",
    "an image behind a backslash": "\\![a](b)",
    "an image behind two backslashes": "\\\\![a](b)",
    "an image by reference": "![a]\n\n[a]: /u",
    "a tag behind two backslashes": "\\\\<b>",
    "a definition that swallows a fence": "[a]: /u '\n```\n'\n<b>\n```",
    "a definition with code that swallows a fence": "[`a]: x '`\n```js\n'\n<b>\n```",
    "a fence closed with spaces before": "```\n   ```\n<b>",
    "a fence with attributes": '```js title="x"\n```\n<b>',
    "a fence that begins with spaces": "  ~~~\n~~~\n<b>",
    "a fence in a list": "- ```\n  x\n  ```\n```\n<b>",
    "a fence in a list that ends early": "- ```\n<b>\n  ```",
    "a fence in a quote that ends early": "> ```\n<b>\n> ```",
    "a fence closed by another mark": "```\n~~~\n<b>\n```~\n<b>",
    "a fence closed with a strange space": "```\n```\u00a0\n```\n<b>",
    "tildes with a backtick": "~~~`\n~~~\n<b>",
    "backticks that do not pair": "`` <b> `",
    "backticks over two lines": "a ` b\nc ` <b> ` d `",
    "backticks over a line with a strange space": "a ` b\n\u00a0\nc `<b>` d",
    "backticks over a form feed": "a ` b\x0cc `<b>` d",
    "an escaped backtick": "\\`<b>`<b>`",
    "backticks behind a tilde": "~`<b>`<b>`",
    "a link that swallows a backtick": "[a](x`) ` `<b>`",
    "a title that swallows a backtick": '[a](x "`") ` `<b>`',
    "an address that swallows a backtick": "http://a.b/c` ` `<b>`",
    "math that swallows a backtick": "$`$ ` `<b>`",
    "code across cells": "a|b\n-|-\n`|`<b>`|`",
    "a fence in tildes": "~~~~\n~~~\n<b>",
}

CODE = {
    "plain": "x = 1",
    "tags": "<div>\n  <img src='x'>\n</div>",
    "an image": "![a](b)",
    "definitions": "[a]: /u 'x\nd[k]: int",
    "backslashes": "\\<b> \\\\ \\`",
    "entities": "&lt;b&gt; &#96;",
    "blank lines": "a\n\n\nb",
    "indented": "def f():\n    return 1\n\n        # deep\n",
    "shorter marks": "~~\n``",
    "deep fences": 'def f():\n    """\n    ```\n    <b>\n    ```\n    """',
    "tabs": "a\tb\n\tc",
    "dollars": "echo $$ > $HOME",
    "nothing": "",
}


def found(text):
    """The dangerous things that a parser finds in `text`."""
    for parser in PARSERS:
        tokens = parser.parse(text)
        for token in tokens:
            yield from (each.type for each in [token, *(token.children or ())] if is_dangerous(each))
            yield from unbalanced([each.content for each in token.children or () if each.type == "html_inline"])
        yield from unbalanced([each.content.split()[0] for each in tokens if each.type == "html_block"])


def is_dangerous(token):
    harmless = HARMLESS.get(token.type)
    return token.type in DANGEROUS and not (harmless and harmless.fullmatch(token.content))


def unbalanced(tags):
    """The tags that reach further than they should, or end what they did not begin."""
    begun = []
    for tag in tags:
        if tag.startswith("</"):
            if not begun or begun.pop() != tag.replace("/", ""):
                yield tag
        elif tag != "<br>":
            begun.append(tag)
    yield from begun


def fences(text):
    """The fenced code that CommonMark finds in `text`: language and content."""
    return [(token.info, token.content) for token in PARSERS[0].parse(text) if token.type == "fence"]


def spans(text):
    """The code within lines that CommonMark finds in `text`."""
    return [
        child.content
        for token in PARSERS[0].parse(text)
        for child in token.children or ()
        if child.type == "code_inline"
    ]


def shown(text):
    """What a reader sees of a text without code."""
    return html.unescape("".join(child.content for token in PARSERS[0].parse(text) for child in token.children or ()))


def written(source):
    """A safe text as HTML, by a parser that follows CommonMark to the letter."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    rendered = parser.render(safe_markdown(source)).replace(INVISIBLE, "").replace(" />", ">").strip()
    return re.sub(r"\s*\n\s*", "\n", re.sub(r">\n+(?=<)", ">", rendered))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_has_no_effect(text):
    assert not list(found(safe_markdown(text)))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_has_no_effect_at_any_time_while_it_streams(text):
    for length in range(len(text)):
        assert not list(found(safe_markdown(text[:length])))


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join))
@settings(max_examples=1_000)
@example("```\n```\n<b>")
def test_no_mixture_has_an_effect(text):
    assert not list(found(safe_markdown(text)))


@given(st.text())
def test_any_text_is_taken(text):
    assert not list(found(safe_markdown(text)))


@pytest.mark.parametrize(
    "swallowing",
    [
        "http://a/c`",
        "www.a.b/c`",
        "c@a.b`",
        "~`",
        "$`$",
        "\\`",
        "[a](x`)",
        '[a](x "`")',
        "|`|",
        "[a]: `",
        "[^a`]",
        "{x`}",
    ],
)
def test_code_is_no_tag_where_some_parser_swallows_a_backtick(swallowing):
    # Some find links, math and more in running text; here is no oracle that knows them all.
    assert "<b>" not in safe_markdown(f"{swallowing} ` `<b>` `")
    assert "<b>" not in safe_markdown(f"before `<b>`\n{swallowing} `\n`<b>` after")


# What is shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello, *world*: 1 < 2, a<3 and <- or <= x!",
        "# Title\n\n- one\n- **two**\n\n1. three\n   - four\n\n> quoted",
        "| a | b |\n|---|---|\n| 1 | `c` |",
        "[link](https://en.wikipedia.org/wiki/A_(b)) and https://a.b/c?d=e#f",
        "$x^2$ and $$\\begin{pmatrix} a \\\\ b \\end{pmatrix}$$",
        "Use `List<int>`, ``a`<b>`c`` or (`<br>`).\nThen `</div>` follows.",
        "¿Qué? 你好 😀",
        "~~gone~~ and `~~~`",
    ],
)
def test_harmless_text_stays_as_it_is(text):
    assert safe_markdown(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "<b>bold</b>",
        "a <u>b",
        "</kbd>",
        "a <!-- b",
        "\\<b>",
        "<br",
        "\\<br>",
        "!<img src=x>",
        "x<y>z",
        "<?php ?>",
        "<a@b.c>",
        "```a` <b>",
    ],
)
def test_a_tag_shows_as_it_was_written(text):
    assert shown(safe_markdown(text)) == text.replace("\\<", "<")


def test_an_image_becomes_a_link():
    assert shown(safe_markdown("See ![a cat](http://a.b/c.png)")) == "See !a cat"


@pytest.mark.parametrize(
    "text",
    ["costs $5: `<b>`", "| a |\n|---|\n| `<b>` |", "[a](b) `![c](d)`", "\\* `<b>`", "``a `<b>`", "see a@b.c or `<b>`"],
)
def test_code_among_other_marks_shows_as_it_is(text):
    [code] = [span for span in spans(safe_markdown(text)) if len(span) > 1]
    assert code.replace(INVISIBLE, "") in text


@pytest.mark.parametrize(("source", "wanted"), CASES["emphasis"])
def test_emphasis_beside_cjk_is_seen_by_parsers_that_follow_commonmark_to_the_letter(source, wanted):
    assert written(source) == wanted


@pytest.mark.parametrize(
    "source", ["5 * 3 and **b**", "a**(b)**c", "snake_case_name", "**a**b", "x**\U0001f600**y", "`**。**中`", "**。`中"]
)
def test_other_text_gets_no_entities(source):
    assert "&#" not in safe_markdown(source)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("a<br>b<BR/>c", "<p>a<br>b<br>c</p>"),
        ("<br>\n**b** `<b>`", "<p><br><strong>b</strong> <code>&lt;b&gt;</code></p>"),
        ("- <br>\n- <kbd>A</kbd>", "<ul><li><br></li><li><kbd>A</kbd></li></ul>"),
        ("H<sub>2</sub>O, <KBD class='x'>Esc</KBD>", "<p>H<sub>2</sub>O, <kbd>Esc</kbd></p>"),
        ("<u>**a** `b` [c](https://d.example)</u>", None),
        (
            "| a |\n|---|\n| 1<br>x<sub>i</sub> |",
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1<br>x<sub>i</sub></td></tr></tbody></table>",
        ),
        ("a<!-- hidden\nstill -->b", "<p>a\nb</p>"),
        ("a\n<!-- hidden -->\nb", "<p>a\nb</p>"),
        ("<!-- x\n\n- y -->\n\nb", "<p>b</p>"),
        (
            "<details open>\n<summary>A *b* <i></summary>\n\n- c\n\n```\n</details>\n```\n</details> d",
            (
                "<details><summary>A &#42;b&#42; &#60;i&#62;</summary><ul><li>c</li></ul>"
                "<pre><code>&lt;/details&gt;\n</code></pre></details><p>d</p>"
            ),
        ),
        ("<details><summary>a</summary>b</details>", "<details><summary>a</summary><p>b</p></details>"),
        (
            "<details>\n  <summary>a\n  b</summary>\n  <details>\n    c\n  </details>\n</details>",
            "<details><summary>a b</summary><details><p>c</p></details></details>",
        ),
    ],
)
def test_the_tags_of_the_view_stay_and_comments_go(source, wanted):
    if wanted is None:
        wanted = '<p><u><strong>a</strong> <code>b</code> <a href="https://d.example">c</a></u></p>'
    assert written(source) == wanted


@pytest.mark.parametrize(
    "source",
    [
        "`<br> <u>a</u> <!-- b -->`",
        "a `\n<sup>b</sup> <!-- c -->\n` d",
        "<u>a\nb</u>",
        "<u>a | b</u>",
        "[<u>](https://x.example/</u>)",
        "<u>$a</u>$",
        "<details>\na",
        "a <details>b</details>",
        "- <summary>a</summary>",
    ],
)
def test_a_tag_stays_text_in_code_and_where_its_halves_may_be_parted(source):
    safe = safe_markdown(source)
    assert re.findall("<.+?>", html.unescape(safe).replace(INVISIBLE, "")) == re.findall("<.+?>", source)
    assert not [each for parser in PARSERS for each in parser.parseInline(safe)[0].children if "html" in each.type]


@pytest.mark.parametrize("mark", ["```", "~~~", "`````"])
@pytest.mark.parametrize("language", ["", "python", "c++", "objective-c", "c#", "asp.net"])
@pytest.mark.parametrize("code", CODE.values(), ids=CODE)
def test_fenced_code_stays_as_it_is(mark, language, code):
    text = f"Before:\n{mark}{language}\n{code}\n{mark}\nafter"
    assert fences(safe_markdown(text)) == [(language, f"{code}\n")]


def test_fenced_code_that_holds_a_fence_stays_as_it_is():
    text = "````markdown\n```js\n<b>\n```\n````"
    assert fences(safe_markdown(text)) == [("markdown", "```js\n<b>\n```\n")]


@pytest.mark.parametrize(
    "text",
    [
        "1. Do:\n   ```sh\n   a <b\n     c\n   ```\n2. More",
        "- Do:\n\n    ```sh\n    a <b\n      c\n    ```",
        "- ```sh\n  a <b\n    c\n  ```",
        "> ```sh\n> a <b\n>   c\n> ```",
        '```sh title="<b>"\na <b\n  c\n```',
        "```sh\na <b\n  c\n  ```",
        "```sh\r\na <b\r\n  c\r\n```\r\n",
        "```sh\na <b\n  c",
    ],
    ids=["list", "deep", "behind a mark", "quote", "attributes", "indented end", "CRLF", "open"],
)
def test_fenced_code_is_found_where_models_put_it(text):
    assert fences(safe_markdown(text)) == [("sh", "a <b\n  c\n")]


def test_a_fence_that_is_open_does_not_swallow_what_is_put_after_it():
    assert fences(safe_markdown("```\nx") + "\n\nStopped.") == [("", "x\n")]


def test_a_list_goes_on_after_its_code():
    tokens = PARSERS[0].parse(safe_markdown("1. a\n   ```\n   x\n   ```\n2. b"))
    assert [token.attrGet("start") for token in tokens if token.type == "ordered_list_open"] == [None, 2]


def test_making_safe_what_is_safe_changes_nothing_that_is_seen():
    for text in HOSTILE.values():
        once = safe_markdown(text)
        assert fences(safe_markdown(once)) == fences(once)


@pytest.mark.parametrize(
    "text",
    [
        "` " * 100_000,
        "<b>" * 100_000,
        "```\n" * 50_000,
        "\\" * 200_000,
        "> " * 100_000,
        "](" * 100_000,
        "~~~`" * 50_000,
        "<u>" * 50_000,
        "<u></kbd>" * 20_000,
        "<!--" * 50_000,
        "<!---->" * 30_000,
        "<!--\n" * 50_000 + "-->",
        "<details>" * 20_000,
        "<details>\n" * 20_000,
        "<details>\n" * 20_000 + "</details>\n" * 20_000,
        "<details>\n</details>\n<details>\n" * 5_000,
        "**。中" * 30_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_long_text_takes_no_time(text):
    # Linear, this takes a fraction of a second; quadratic, it takes minutes.
    began = time.process_time()
    safe_markdown(text)
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "address", ["javascript:x", "&#74;avascript:x", "data:text/html,x", "file:///x", "/lab/tree/x", "#x"]
)
def test_a_link_that_does_not_lead_to_the_web_is_text(address):
    """Nbconvert keeps such links, and a host's own address can do what a person can."""
    assert "<a " not in PARSERS[0].render(safe_markdown(f"[a]({address})"))
    assert f"`[a]({address})`" == safe_markdown(f"`[a]({address})`").replace(INVISIBLE, "")


@pytest.mark.parametrize("address", ["https://example.org/a", "HTTP://example.org", "mailto:a@b.c"])
def test_a_link_to_the_web_stays_one(address):
    assert safe_markdown(f"[a]({address})") == f"[a]({address})"


@pytest.mark.parametrize(("source", "formulas"), FORMULAS)
def test_a_dollar_sign_stays_only_in_what_the_view_sees_as_a_formula(source, formulas):
    """Fails when `_inert` leaves dollar signs alone: JupyterLab makes a formula of "$5 to $10"."""
    safe = safe_markdown(source)
    found = re.findall('<span class="formula">(.*?)</span>', PAGE(safe), re.DOTALL)
    assert [html.unescape(each) for each in found] == formulas
    for formula in formulas:
        safe = safe.replace(formula, "", 1)
    assert "$" not in re.sub(r"`[^`]*`|~~~.*?~~~|\\\$|^    .*$", "", safe, flags=re.DOTALL | re.MULTILINE)


def test_dollar_signs_are_escaped_for_jupyterlab():
    """A backslash alone is gone in its page, where MathJax looks for formulas, in one element at a time."""
    assert safe_markdown("It costs $5.") == "It costs \\$5."
    assert safe_markdown("$5 to \\$10") == "<span>\\$</span>5 to <span>\\$</span>10"
    assert safe_markdown("| a |\n|---|\n| $5 |\n| $6 |").count("<span>\\$</span>") == 2
    assert safe_markdown("`$a` and $x^2$") == "`$a` and $x^2$"
    assert safe_markdown("[a $](https://example.org/$b) $c") == (
        "[a <span>\\$</span>](https://example.org/%24b) <span>\\$</span>c"
    )
    assert "<span>" not in safe_markdown("<span>a</span>")


@pytest.mark.parametrize("sign", ["&dollar;", "&#36;", "&#0036;", "&#x24;", "&#X0024;"])
def test_entities_of_dollar_signs_are_escaped_too(sign):
    """Fails when `dollars` looks for the character alone: JupyterLab looks for formulas once entities are read."""
    assert safe_markdown(f"{sign}5 to $10") == "<span>\\$</span>5 to <span>\\$</span>10"
    assert safe_markdown(f"It costs {sign}5.") == "It costs \\$5."
    for source in (f"`{sign}5`", f"\\{sign}5", f"a\n\n    {sign}5"):
        assert safe_markdown(source) == source
    assert safe_markdown("&dollars; &#360; &#x240;") == "&dollars; &#360; &#x240;"


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("a[^1].\n\n[^1]: The source.", "a<sup>1</sup>.\n\n<sup>1</sup> The source."),
        ("a[^1]\n\n[^1]: A\n[^*X*]: B", "a<sup>1</sup>\n\n<sup>1</sup> A\n\n<sup>&#42;X&#42;</sup> B"),
        ("none[^1] [^1] `[^1]`", "none[^1] [^1] `[^1]`"),
        ("[^1]: javascript:x", "<sup>1</sup> javascript:x"),
        ("[^1]: a\n\n\\[^1] `[^1]` [^1](x:y)", "<sup>1</sup> a\n\n\\[^1] `[^1]` <sup>1</sup>(x:y)"),
        ("> [!NOTE]\n> Mind *this*.", "> **Note**\n>\n> Mind *this*."),
        ("> [!tip]\n\n> [!NOTE] a", "> [!tip]\n\n> [!NOTE] a"),
        ("> a\n> [!NOTE]\n> b", "> a\n> [!NOTE]\n> b"),
    ],
)
def test_footnotes_and_alerts_are_written_for_readers_that_know_neither(source, wanted):
    """Fails when `_safe_lines` leaves them: JupyterLab shows their marks, and `[^1]: address` becomes a link."""
    assert safe_markdown(source).replace(INVISIBLE, "") == wanted


def test_a_drawing_is_shown_as_its_source():
    assert safe_markdown("```mermaid\ngraph TD\n```") == "```\ngraph TD\n```"


def test_a_picture_with_its_data_stays_one_and_no_other():
    picture = "![Figure](data:image/png;base64,iVBORw0KGgo=)"
    assert safe_markdown(f"See\n\n{picture}\n\nthere") == f"See\n\n{picture}\n\nthere"
    assert safe_markdown(f"- See {picture}{picture}") == f"- See {picture}{picture}"
    assert safe_markdown(picture.replace("Figure", "*a* & $b")) == picture.replace("Figure", "&#42;a&#42; &#38; \\$b")
    assert safe_markdown(f"`{picture}`").startswith("`!")
    for other in (
        "![a](data:image/svg+xml;base64,PHN2Zz4=)",
        "![a](data:text/html;base64,PHN2Zz4=)",
        "![a](https://example.org/a.png)",
        f"\\{picture}",
        '![a](data:image/png;base64,AA== "title")',
    ):
        assert "![" not in safe_markdown(other)
