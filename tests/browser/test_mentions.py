"""`@name` in the composer: offered, chosen with keys and mouse, looked at, sent."""

from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook
from tests.server import ModelServer

VALUES = """\
heights = {"La Paz": 3640, "password": "hunter2x"}
class Table:
    columns = ["city", "height"]
    shape = (2, 2)
    def itertuples(self, **_):
        return iter([(0, "La Paz", 3640), (1, "Oslo", 23)])
table = Table()"""


def test_a_variable_is_named_and_goes_along(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(f"{VALUES}\n{chat_cell(server)}", "chat.context = ['heights']")
    notebook.run_all()
    chat = notebook.chat
    options = chat.root.get_by_role("option")
    along = chat.root.locator(".chatwidget-along")
    expect(along).to_contain_text("heights")
    cells = notebook.cells.count()
    chat.input.press_sequentially("What of @")
    expect(options).to_have_text(["tableTable 2×2", "heightsdict (2)", "Tabletype"])  # noqa: RUF001 of a table
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(chat.input).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
    chat.input.press("ArrowDown")
    chat.input.press("ArrowDown")
    chat.input.press("ArrowUp")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    chat.input.press("Enter")
    expect(options).to_have_count(0)
    expect(chat.input).to_have_value("What of @heights ")
    chat.input.press_sequentially("and @t")
    expect(options).to_have_count(3)
    chat.input.press("Escape")
    expect(options).to_have_count(0)
    chat.input.press("Backspace")
    chat.input.press_sequentially("ta")
    expect(options).to_have_count(0)
    for _ in "@ta":
        chat.input.press("Backspace")
    chat.input.press_sequentially("@TA")
    expect(options).to_have_text(["tableTable 2×2", "Tabletype"])  # noqa: RUF001 as above
    options.first.click()
    chat.input.press_sequentially("or me@table?")
    expect(chat.input).to_be_focused()
    expect(along).to_contain_text("@heights (dict (2)), @table (Table 2×2), heights")  # noqa: RUF001 as above
    along.locator("summary").click()
    shown = along.locator("pre")
    expect(shown).to_contain_text("@table (Table, 2 rows, 2 columns):")
    expect(shown).to_contain_text("'password': '[secret …]'")
    preview = shown.text_content() or ""
    chat.input.press("Enter")
    chat.expect_status("complete")
    context, question, *values = server.chats[-1].json["messages"][-1]["content"]
    assert question == {"type": "text", "text": "What of @heights and @table or me@table?"}
    said = [context["text"].removesuffix("\n\nThe question:"), *(part["text"] for part in values)]
    assert "\n\n".join(said) == preview
    expect(chat.messages.first.locator(".chatwidget-text")).to_have_text(question["text"])
    expect(chat.messages.first.locator(".chatwidget-file > summary")).to_have_text(
        ["@heights (dict)", "@table (Table, 2 rows, 2 columns)"]
    )
    expect(notebook.cells).to_have_count(cells)
