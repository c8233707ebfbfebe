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


BAYES = r"P(A_i \mid B) = \frac{P(B \mid A_i) P(A_i)}{P(B \mid A_1) P(A_1) + \dots + P(B \mid A_n) P(A_n)}"
LONG = rf"""Bayes: ${BAYES} = \frac{{{BAYES}}}{{1}}$ holds for the $n$th.

- As \({BAYES} = {BAYES}\), so

| a | b |
|---|---|
| c | ${BAYES} = {BAYES}$ |

\begin{{align}}
a &= b + {BAYES} + {BAYES} \\
- c &= d_1 * e * f
\end{{align}}

Then \begin{{pmatrix}} 1 & 2 \\ 3 & 4 \end{{pmatrix}}, not $5 and $6.
"""


def answered(notebook: Notebook, server: ModelServer, *, step: int, answer: str = ANSWER) -> Chat:
    server.reply(*(answer[start : start + step] for start in range(0, len(answer), step)))
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
def test_a_formula_wider_than_its_line_scrolls(notebook: Notebook, server: ModelServer) -> None:
    chat = answered(notebook, server, step=5, answer=LONG)
    expect(chat.text.locator("math")).to_have_count(6)
    expect(chat.text.locator("math[display=block]")).to_have_count(1)
    expect(chat.text.locator("math[display=block] mtr")).to_have_count(2)
    expect(chat.text).to_contain_text("not $5 and $6.")
    transcript = chat.root.locator(".chatwidget-transcript")
    for width in (560, 280):
        chat.root.evaluate("(root, width) => { root.style.width = `${width}px`; }", width)
        for place in (chat.root, transcript, chat.text):
            # The view may still follow its new width.
            fits = "place => place.scrollWidth <= place.clientWidth"
            notebook.page.wait_for_function(fits, arg=place.element_handle())
        for formula in (chat.text.locator("p .chatwidget-math").first, chat.text.locator("li .chatwidget-math")):
            overflows = "formula => formula.scrollWidth > formula.clientWidth"
            notebook.page.wait_for_function(overflows, arg=formula.element_handle())
            hidden = "formula => { formula.scrollLeft = 1e4; return formula.scrollWidth - formula.clientWidth; }"
            assert abs(formula.evaluate(hidden) - formula.evaluate("formula => formula.scrollLeft")) <= 1


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
