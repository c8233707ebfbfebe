"""Answers are Markdown, shown as it streams; what a model writes never becomes more than text and harmless HTML."""

import re
from html.entities import html5

from playwright.sync_api import Dialog, expect

from tests.browser._chat import Chat, chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

ANSWER = """\
# Title

Some *text*, a [link](https://example.org/page) and `code`.

| a | b |
|---|--:|
| 1 | 2 |

- [x] done
- [ ] open

```python
print("<b>")
```
"""

HOSTILE = """\
<script>alert(1)</script> <img src=x onerror=alert(1)>
<button data-commandlinker-command="terminal:create-new">run</button>

![remote](http://192.0.2.1/pixel.png) [run](javascript:alert(1)) [data](data:text/html,x)

<div id="jp-main" style="position:fixed" class="jp-Dialog">over everything</div>

```html" onload="alert(1)
<script>alert(1)</script>
```
"""


TAGS = """\
前**「警告」**电池过热。 H<sub>2</sub>O, <kbd class="jp-Dialog">Esc</kbd> <!-- hidden --> <mark>new</mark> <b>text</b>

| a |
|---|
| 1<br>2<BR/>3 |

<details>
<summary>How</summary>

- like **this**
"""

LINKS = {
    "https://bücher.example/größe?q=ü#ö": "https://xn--bcher-kva.example/gr%C3%B6%C3%9Fe?q=%C3%BC#%C3%B6",
    "https://例え.テスト": "https://xn--r8jz45g.xn--zckzah",
    "https://p\u0430ypal.example/": "https://xn--pypal-4ve.example/",
    "https://User@Some_Host.Example:8080/": "https://User@Some_Host.Example:8080/",
}


def answered(notebook: Notebook, server: ModelServer, text: str) -> Chat:
    server.reply(*(text[start : start + 7] for start in range(0, len(text), 7)))
    notebook.open(chat_cell(server))
    notebook.run_all()
    notebook.chat.send("Go on")
    notebook.chat.expect_status("complete")
    return notebook.chat


def test_markdown_is_shown_as_what_it_means(notebook: Notebook, server: ModelServer) -> None:
    text = answered(notebook, server, ANSWER).text
    expect(text.locator("h1")).to_have_text("Title")
    expect(text.locator("td")).to_have_text(["1", "2"])
    expect(text.locator("pre code")).to_have_text('print("<b>")\n')
    expect(text.locator(".chatwidget-code-language")).to_have_text("python")
    expect(text.locator("input[type=checkbox]")).to_have_count(2)
    link = text.locator("a")
    expect(link).to_have_attribute("href", "https://example.org/page")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(link).to_have_attribute("target", "_blank")


def test_some_tags_are_what_they_mean_and_no_more(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply(TAGS, "</details>\n", gate=gate)
    notebook.open(chat_cell(server))
    notebook.run_all()
    notebook.chat.send("Go on")
    gate.release()
    text = notebook.chat.text
    paragraph = text.locator("p").first
    expect(paragraph).to_have_text("前「警告」电池过热。 H2O, Esc  new <b>text</b>")
    expect(paragraph.locator("strong, sub, kbd, mark")).to_have_text(["「警告」", "2", "Esc", "new"])
    expect(text.locator("td br")).to_have_count(2)
    item = text.locator("details li")
    expect(item).to_be_hidden()
    text.locator("summary").click()
    expect(item).to_be_visible()
    gate.open()
    notebook.chat.expect_status("complete")
    expect(item).to_be_visible()
    expect(text.locator("details")).to_have_text(re.compile(r"^\s*How\s+like this\s*$"))
    names = text.locator("kbd, mark, sub, br").evaluate_all("all => all.flatMap(each => each.getAttributeNames())")
    assert names == []


def test_footnotes_and_alerts_are_shown_as_they_are_written(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply("It is so[^1].\n\nAnd more.\n\n", "[^1]: Says *who*.\n\n", "> [!NOTE]\n", "> Mind it.", gate=gate)
    notebook.open(chat_cell(server))
    notebook.run_all()
    notebook.chat.send("Go on")
    text = notebook.chat.text
    gate.release()
    reference = text.get_by_role("button", name="Footnote 1", exact=True)
    expect(reference).to_have_text("1")
    gate.release()
    expect(text.locator(".chatwidget-note")).to_have_text(re.compile(r"^\s*1\s*Says who\.\s*$"))
    gate.open()
    notebook.chat.expect_status("complete")
    expect(text.locator("blockquote > p")).to_have_text(["Note", "Mind it."])
    expect(text.locator(".chatwidget-alert-note")).to_be_visible()
    reference.click()
    back = text.get_by_role("button", name="Back to footnote 1 in the text")
    expect(back).to_be_focused()
    notebook.page.keyboard.press("Enter")
    expect(reference).to_be_focused()
    assert text.locator("[id], [name], [style]").count() == 0


@only_jupyterlab
def test_alerts_differ_in_colour_by_their_kind(notebook: Notebook, server: ModelServer) -> None:
    kinds = ["NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION"]
    chat = answered(notebook, server, "\n\n".join(f"> [!{kind}]\n> Mind it." for kind in kinds))
    alerts = chat.text.locator("blockquote")
    expect(alerts).to_have_count(len(kinds))
    colours = alerts.evaluate_all("all => all.map(each => getComputedStyle(each).borderInlineStartColor)")
    assert len(set(colours)) == len(kinds)


@only_jupyterlab
def test_a_host_is_shown_as_it_is_asked_for(notebook: Notebook, server: ModelServer) -> None:
    chat = answered(notebook, server, "\n\n".join(f"<{link}>" for link in LINKS))
    links = chat.text.locator("a")
    assert links.evaluate_all("all => all.map(each => each.getAttribute('href'))") == list(LINKS.values())
    assert links.all_inner_texts() == list(LINKS.values())


def test_hostile_text_stays_inert(notebook: Notebook, server: ModelServer) -> None:
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    notebook.page.on("dialog", dismiss)
    text = answered(notebook, server, HOSTILE).text
    expect(text).to_contain_text("<script>alert(1)</script>")
    expect(text).to_contain_text("over everything")
    ours = ".chatwidget-code-head *, .chatwidget-load-remote"
    foreign = f"script, img, iframe, object, form, button:not({ours}), [id], [name], [style]"
    assert text.locator(foreign).count() == 0
    names = text.evaluate("root => [...root.querySelectorAll('*')].flatMap(each => each.getAttributeNames())")
    assert not [name for name in names if name.startswith(("on", "data-"))]
    addresses = text.locator("a").evaluate_all("links => links.map(link => link.protocol)")
    assert set(addresses) <= {"http:", "https:", "mailto:"}
    classes = text.evaluate("root => [...root.querySelectorAll('*')].flatMap(each => [...each.classList])")
    assert all(name.startswith(("chatwidget-", "language-")) for name in classes)
    assert dialogs == []
    notebook.page.remove_listener("dialog", dismiss)


@only_jupyterlab
def test_the_browser_knows_every_named_character(notebook: Notebook, server: ModelServer) -> None:
    names = {name: text for name, text in html5.items() if name.endswith(";")}
    unknown = ["notit;", "foo;", "amplt;"]
    chat = answered(notebook, server, "\n\n".join(f"x&{name}x" for name in [*names, *unknown]))
    shown = chat.text.locator("p")
    expect(shown).to_have_count(len(names) + len(unknown))
    wanted = [f"x{text}x" for text in names.values()] + [f"x&{name}x" for name in unknown]
    assert shown.evaluate_all("all => all.map(each => each.textContent)") == wanted
