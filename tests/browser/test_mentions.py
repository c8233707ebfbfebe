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

NAMES = "\n".join(f"name_{letter * 3} = 1" for letter in "abcdefgh")


def test_the_list_stays_on_its_side_as_it_shrinks(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(f"{NAMES}\n{chat_cell(server)}")
    notebook.run(0)
    chat = notebook.chat
    # There is room for one name below the field, and not for all.
    below = chat.input.evaluate("element => element.getBoundingClientRect().bottom")
    notebook.page.set_viewport_size({"width": 1280, "height": int(below) + 150})
    chat.input.press_sequentially("@")
    expect(chat.root.get_by_role("option")).not_to_have_count(0)
    bottom = "element => element.getBoundingClientRect().bottom"
    list_of_names = chat.root.get_by_role("listbox")
    assert list_of_names.evaluate(bottom) <= chat.input.evaluate("element => element.getBoundingClientRect().top")
    chat.input.press_sequentially("name_aaa")
    expect(chat.root.get_by_role("option")).to_have_count(1)
    assert list_of_names.evaluate(bottom) <= chat.input.evaluate("element => element.getBoundingClientRect().top")


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
    question = "What of @heights and @table or me@table?"
    said = server.chats[-1].json["messages"][-1]["content"]
    assert said.replace(f"\n\nThe question:\n\n{question}", "") == preview
    expect(chat.messages.first.locator(".chatwidget-text")).to_have_text(question)
    expect(chat.messages.first.locator(".chatwidget-file > summary")).to_have_text(
        ["@heights (dict)", "@table (Table, 2 rows, 2 columns)"]
    )
    expect(notebook.cells).to_have_count(cells)


ASKED = "Which of {table} and {heights} is {1 + len(heights)} long?"


def test_values_in_braces_are_folded_as_mentioned_ones_are(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(f"{VALUES}\n{chat_cell(server)}", f"reply = chat.ask({ASKED!r}, variables=True)")
    notebook.run_all()
    question = notebook.chat.messages.first
    expect(question.locator(".chatwidget-text")).to_have_text(
        "Which of `table` and {'La Paz': 3640, 'password': '[secret …]'} is 3 long?"
    )
    value = question.locator(".chatwidget-file")
    expect(value.locator("summary")).to_have_text("table (Table, 2 rows, 2 columns)")
    expect(value.locator("pre")).to_be_hidden()
    value.locator("summary").click()
    expect(value.locator("pre")).to_contain_text("Columns: city, height")
    # Where the view is not shown, the value is folded too.
    expect(notebook.output(0).locator("details:not(.chatwidget *) > summary")).to_have_text(
        "table (Table, 2 rows, 2 columns)"
    )
    assert server.chats[0].json["messages"][-1]["content"].startswith("Which of `table` and {")


def test_a_name_of_no_variable_is_said_before_it_is_sent(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(f"{VALUES}\n{chat_cell(server)}")
    notebook.run_all()
    chat = notebook.chat
    problem = chat.root.locator(".chatwidget-problem")
    wrong = "What of {tabel}, @hights, {table.shape}, me@tabel.org and @media?"
    chat.input.fill(wrong)
    chat.input.press("Enter")
    expect(problem).to_have_text(
        "There is no variable for {tabel}. Did you mean {table}? "
        "{table.shape} brings no value: only names do, not expressions. Did you mean {table}? "
        "There is no variable for @hights. Did you mean @heights? Send again to leave the text as it is."
    )
    expect(chat.input).to_have_value(wrong)
    expect(chat.input).to_be_focused()
    chat.input.press("End")
    chat.input.press_sequentially(" ")
    expect(problem).to_be_hidden()
    chat.input.press("Enter")
    expect(problem).to_contain_text("There is no variable")
    assert server.chats == []
    chat.input.press("Enter")
    chat.expect_status("complete")
    assert server.chats[0].json["messages"][-1]["content"].rstrip() == wrong
    expect(problem).to_be_hidden()
    # What is right is sent at once, whichever way it is written.
    chat.send("What of {table} and {heights}, `{tabel}` or @property?")
    expect(chat.replies).to_have_count(2)
    expect(chat.messages.nth(2).locator(".chatwidget-file > summary")).to_have_text(
        ["@table (Table, 2 rows, 2 columns)", "@heights (dict)"]
    )
    # An edit is a question too.
    chat.messages.nth(2).hover()
    chat.messages.nth(2).get_by_role("button", name="Edit").click()
    editor = chat.root.get_by_role("textbox", name="Edit the message")
    editor.fill("And @tabel?")
    editor.press("Enter")
    expect(chat.root.locator(".chatwidget-editor .chatwidget-error")).to_contain_text("Did you mean @table?")
    editor.fill("And @table?")
    editor.press("Enter")
    expect(chat.messages.nth(2).locator(".chatwidget-text")).to_have_text("And @table?")
    expect(chat.messages.nth(2).locator(".chatwidget-file > summary")).to_have_text("@table (Table, 2 rows, 2 columns)")
