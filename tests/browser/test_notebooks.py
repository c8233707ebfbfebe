"""The notebooks, as they are in the repository, run from top to bottom in both runtimes."""

import json
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser._chat import Chat
from tests.browser._notebook import Notebook

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def outputs_of(notebook: Notebook, name: str) -> list[Locator]:
    """What the code cells of a notebook show, after all of them have run."""
    notebook.open_notebook(json.loads((NOTEBOOKS / f"{name}.ipynb").read_text()))
    code = [index for index in range(notebook.cells.count()) if notebook.is_code(index)]
    for index in code:
        notebook.run(index)
    return [notebook.output(index) for index in code]


def test_quickstart(notebook: Notebook) -> None:
    outputs = outputs_of(notebook, "quickstart")
    chat = notebook.chat
    expect(chat.messages).to_have_count(6)
    expect(outputs[1]).to_contain_text("complete")
    expect(outputs[4]).to_contain_text("fibonacci")
    expect(outputs[5]).to_contain_text("bell curve")
    expect(outputs[6]).to_contain_text("2 older messages were not sent")
    expect(outputs[8]).to_contain_text("HELLO FROM A CELL")
    expect(outputs[9].locator(".chatwidget-connect")).to_be_visible()
    chat.send("Show me a tool call")
    chat.expect_status("complete")
    expect(chat.replies.last).to_contain_text("get_weather")


def test_your_own_function(notebook: Notebook) -> None:
    outputs = outputs_of(notebook, "your_own_function")
    expect(outputs[2]).to_contain_text("You said: All at once?")
    expect(outputs[4]).to_contain_text("One moment. You said: Word by word?")
    expect(outputs[5].locator(".chatwidget-call-title strong")).to_have_text("price")
    expect(outputs[7]).to_contain_text("They cost **3.10** a kilo.")
    expect(outputs[8]).to_contain_text("The shop closes at six.")
    shop = Chat(outputs[6].locator(".chatwidget"))
    shop.send("And apples?")
    shop.expect_status("complete")
    expect(shop.replies.last).to_contain_text("They cost 2.40 a kilo.")


def test_tools(notebook: Notebook) -> None:
    outputs = outputs_of(notebook, "tools")
    cards = outputs[1].locator(".chatwidget-call")
    expect(cards).to_have_count(3)
    expect(cards.first).to_contain_text("Looking up a price")
    expect(cards.nth(1)).to_contain_text('should be a valid number, not "many". Nothing was run.')
    expect(outputs[2]).to_contain_text("['4.8', 'Wrong arguments")
    expect(outputs[4]).to_contain_text("['notes.txt']")


def test_data_in_questions(notebook: Notebook) -> None:
    outputs = outputs_of(notebook, "data_in_questions")
    expect(outputs[1]).to_contain_text("Which of ['La Paz', 'Quito'] is highest, given {'La Paz': 3640")
    expect(outputs[1]).to_contain_text("The cities that are so many metres high.")
    expect(outputs[2]).to_contain_text("La Paz, by far.")
    expect(outputs[3]).to_contain_text("City(name='Oslo', inhabitants=717710)")
    expect(outputs[4]).to_contain_text("Three cities with their heights.")
    expect(outputs[5]).to_contain_text("city,height")
    expect(outputs[5]).to_contain_text("'password': '[secret …]'")
    expect(outputs[6]).to_contain_text("The same three in both.")
    expect(outputs[7]).to_contain_text("They are 2,171 metres high on average.")
    files = outputs[0].locator(".chatwidget-message[data-role=user]").nth(2)
    expect(files).to_contain_text("heights.csv")


def test_magics(notebook: Notebook) -> None:
    outputs = outputs_of(notebook, "magics")
    expect(outputs[0].locator(".chatwidget-message")).to_have_count(8)
    expect(outputs[2]).to_contain_text("how surprising the data would be")
    expect(outputs[4]).to_contain_text("3640")
    expect(outputs[5]).to_contain_text("--temperature")
    expect(outputs[6]).to_contain_text("Higher than most.")
    expect(outputs[7]).to_contain_text("chat.prices")
    expect(notebook.cells.last.locator(".cm-content")).to_contain_text("heights = sorted(cities.values())")


def test_saving(notebook: Notebook) -> None:
    outputs = outputs_of(notebook, "saving")
    expect(outputs[0].locator(".chatwidget-message")).to_have_count(2)
    expect(outputs[1]).to_contain_text("2")
    expect(outputs[2]).to_contain_text("True")
    expect(outputs[3]).to_contain_text("[{'role': 'user', 'content': 'Show me a table of planets, please.'}]")
    expect(outputs[4]).to_contain_text("| Mercury |     0 |       4222.6 |")
