"""The view takes the colours of the page it is in, and follows when they change."""

from playwright.sync_api import Locator, expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

LUMINANCE = """root => {
    const [r, g, b] = getComputedStyle(root).backgroundColor.match(/[\\d.]+/g).map(Number);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}"""


def luminance(root: Locator) -> float:
    """That of the background, 0 to 255."""
    value: float = root.evaluate(LUMINANCE)
    return value


def test_the_theme_switches_while_open(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    root = notebook.chat.root
    notebook.set_theme("JupyterLab Dark")
    assert luminance(root) < 64
    expect(root).to_have_css("color-scheme", "dark")
    notebook.set_theme("JupyterLab Light")
    assert luminance(root) > 192
    expect(root).to_have_css("color-scheme", "light")


@only_jupyterlab
def test_the_variables_of_vs_code_come_first(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    notebook.page.evaluate("""() => {
        document.body.dataset.vscodeThemeKind = "vscode-dark";
        document.body.style.setProperty("--vscode-editor-background", "#010203");
        document.body.style.setProperty("--vscode-editor-foreground", "#fdfefd");
    }""")
    expect(notebook.chat.root).to_have_css("background-color", "rgb(1, 2, 3)")
    expect(notebook.chat.root).to_have_css("color", "rgb(253, 254, 253)")


@only_jupyterlab
def test_a_printed_conversation_is_whole(notebook: Notebook, server: ModelServer) -> None:
    server.reply("\n\n".join(f"Paragraph {number}" for number in range(80)))
    notebook.open(chat_cell(server))
    notebook.run_all()
    notebook.chat.send("Hello")
    notebook.chat.expect_status("complete")
    notebook.page.emulate_media(media="print")
    transcript = notebook.chat.root.locator(".chatwidget-transcript")
    assert transcript.evaluate("element => element.scrollHeight - element.clientHeight") <= 1
    expect(notebook.chat.input).to_be_hidden()
