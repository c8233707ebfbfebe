"""The quickstart notebook, as it is in the repository, runs from top to bottom in both runtimes."""

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.browser._notebook import Notebook

QUICKSTART = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"


def test_it_runs_unchanged(notebook: Notebook) -> None:
    notebook.open_notebook(json.loads(QUICKSTART.read_text()))
    code = [index for index in range(notebook.cells.count()) if notebook.is_code(index)]
    for index in code:
        notebook.run(index)
    outputs = [notebook.output(index) for index in code]
    chat = notebook.chat
    expect(chat.messages).to_have_count(6)
    expect(outputs[1]).to_contain_text("complete")
    expect(outputs[4]).to_contain_text("fibonacci")
    expect(outputs[5]).to_contain_text("bell curve")
    expect(outputs[7]).to_contain_text("HELLO FROM A CELL")
    expect(outputs[8].locator(".chatwidget-connect")).to_be_visible()
    chat.send("Show me a tool call")
    chat.expect_status("complete")
    expect(chat.replies.last).to_contain_text("get_weather")
