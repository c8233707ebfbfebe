"""Formulas: drawn as MathML once they are whole, and copied as they were written."""

from playwright.sync_api import expect

from tests.browser._chat import Chat, chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

ANSWER = r"""Euler: $e^{i\pi} + 1 = 0$, and \(a_1\) for $5 or $6 in $HOME/$USER.

$$
\begin{aligned}
x &= 1 \\
- y &= 2
\end{aligned}
$$

No formulas: $\frac{$, $\href{javascript:alert(1)}{x}$ and `$code$`.
"""


def answered(notebook: Notebook, server: ModelServer, *, step: int) -> Chat:
    server.reply(*(ANSWER[start : start + step] for start in range(0, len(ANSWER), step)))
    notebook.open(chat_cell(server))
    notebook.run_all()
    notebook.chat.send("Go on")
    notebook.chat.expect_status("complete")
    return notebook.chat


def test_formulas_are_drawn_and_nothing_else_is(notebook: Notebook, server: ModelServer) -> None:
    text = answered(notebook, server, step=3).text
    expect(text.locator("math")).to_have_count(3)
    expect(text.locator("math[display=block]")).to_have_count(1)
    expect(text.locator("math[display=block] mtr")).to_have_count(2)
    expect(text.locator("code")).to_have_text("$code$")
    expect(text).to_contain_text("for $5 or $6 in $HOME/$USER.")
    # What cannot be drawn stays as it is written.
    sources = text.locator(".chatwidget-math:not(:has(math))")
    expect(sources).to_have_text([r"$\frac{$", r"$\href{javascript:alert(1)}{x}$"])
    names = text.evaluate(
        "root => [...root.querySelectorAll('math, math *')].flatMap(each => each.getAttributeNames())"
    )
    assert not {"style", "href", "id"} & set(names)


@only_jupyterlab
def test_a_formula_that_is_drawn_is_not_drawn_again(notebook: Notebook, server: ModelServer) -> None:
    server.reply("Let $x^2$ be", " *the*", " square `of` $y$", ".\n\nAnd then", " more.")
    notebook.open(chat_cell(server))
    notebook.run_all()
    notebook.page.evaluate(
        """() => {
            window.gone = 0;
            const count = (changes) => changes.forEach(({ removedNodes }) => removedNodes.forEach((node) => {
                if (node instanceof Element && (node.matches("math") || node.querySelector("math"))) window.gone += 1;
            }));
            const root = document.querySelector(".chatwidget");
            new MutationObserver(count).observe(root, { childList: true, subtree: true });
        }"""
    )
    notebook.chat.send("Go on")
    notebook.chat.expect_status("complete")
    expect(notebook.chat.text.locator("math")).to_have_count(2)
    assert notebook.page.evaluate("window.gone") == 0


@only_jupyterlab
def test_what_is_copied_has_the_source(notebook: Notebook, server: ModelServer) -> None:
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text = answered(notebook, server, step=200).text
    expect(text.locator("math")).to_have_count(3)
    text.locator("p").first.evaluate("paragraph => getSelection().selectAllChildren(paragraph)")
    notebook.page.evaluate("document.execCommand('copy')")
    copied = notebook.page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == r"Euler: $e^{i\pi} + 1 = 0$, and \(a_1\) for $5 or $6 in $HOME/$USER."
