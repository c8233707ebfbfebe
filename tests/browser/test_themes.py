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


@only_jupyterlab
def test_a_reader_may_want_stillness_another_script_or_little_room(notebook: Notebook, server: ModelServer) -> None:
    server.reply(
        "# שלום\n\nמה נשמע?\n\n- אחת\n- שתיים\n\n| "
        + "עמודה | " * 20
        + "\n|"
        + "-|" * 20
        + "\n\n```\n"
        + "x" * 400
        + "\n```"
    )
    server.reply("never", gate=server.gate())
    notebook.open(chat_cell(server))
    notebook.run_all()
    chat = notebook.chat
    chat.send("مرحبا")
    chat.expect_status("complete")
    for text in ("p >> text=מה", "li >> nth=0", "h1"):
        expect(chat.text.locator(text)).to_have_css("direction", "rtl")
    expect(chat.text.locator("code")).to_have_css("direction", "ltr")
    expect(chat.messages.first.locator(".chatwidget-text")).to_have_css("direction", "rtl")
    notebook.page.emulate_media(reduced_motion="reduce")
    chat.send("And then?")
    chat.expect_status("waiting")
    expect(chat.replies.last.locator(".chatwidget-dots i").first).to_have_css("animation-name", "none")
    chat.root.evaluate("root => { root.parentElement.style.width = '280px'; }")
    expect(chat.root).to_have_css("width", "280px")
    inside = "root => [root, root.querySelector('.chatwidget-transcript')].every((e) => e.scrollWidth <= e.clientWidth)"
    assert chat.root.evaluate(inside)
