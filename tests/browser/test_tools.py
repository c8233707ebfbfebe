"""Functions that the model calls: asked about, refused, allowed, stopped. In JupyterLite beside a cell that waits."""

from playwright.sync_api import Locator, expect

from tests.browser._chat import Chat, chat_cell
from tests.browser._notebook import Notebook
from tests.server import ModelServer
from tests.unit.tools._calls import assert_valid, call, calls

TOOLS = """
ran = []

@chat.tool(title="Getting the **price**")
def price(symbol: str) -> dict:
    "Get a price."
    return {"symbol": symbol, "price": 3}

@chat.tool(approve=True)
async def erase(path: str) -> str:
    "Erase a file."
    ran.append(path)
    return f"erased {path}"

@chat.tool(approve=lambda name, arguments: name == "burn")
def burn():
    ran.append("all")

@chat.tool
def picture() -> bytes:
    "Draw."
    import base64
    return base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
"""


def cards(chat: Chat) -> Locator:
    """A card for each call."""
    return chat.root.locator(".chatwidget-call")


def press(card: Locator, name: str) -> None:
    """Answer what the card asks."""
    card.get_by_role("button", name=name, exact=True).click()


def test_a_person_refuses_allows_and_stops_what_a_model_calls(notebook: Notebook, server: ModelServer) -> None:
    """Fails when `approve` is not heard while a cell waits, and when the view shows no answer to a call."""
    calls(
        server,
        call(0, "price", {"symbol": "A"}),
        call(1, "erase", {"path": "one.txt"}),
        call(2, "erase", {"path": "two.txt"}),
        call(3, "picture"),
    )
    server.reply("Done what was allowed.")
    ask = 'reply = await chat.ask_async("Clean up")'
    notebook.open(chat_cell(server), TOOLS, ask, "print(reply.text, ran)", ask, "print(reply.status, ran)")
    notebook.run(0)
    notebook.run(1)
    notebook.start(2)
    chat = notebook.chat
    first, second, third, fourth = (cards(chat).nth(index) for index in range(4))
    expect(first).to_contain_text("Getting the price")
    expect(first).to_contain_text('"price": 3')
    expect(second).to_contain_text("waiting for approval")
    expect(second).to_contain_text('"path": "one.txt"')
    second.get_by_role("textbox").fill("not that one")
    press(second, "Refuse")
    expect(second).to_contain_text("refused")
    expect(second).to_contain_text("The user refused this call: not that one")
    press(third, "Always allow")
    expect(third).to_contain_text("erased two.txt")
    expect(fourth.locator("img")).to_be_visible()
    chat.expect_status("complete")
    notebook.wait(2)
    notebook.run(3)
    expect(notebook.output(3)).to_contain_text("Done what was allowed. ['two.txt']")

    # What is always allowed is not asked again.
    calls(server, call(0, "erase", {"path": "three.txt"}))
    chat.send("More")
    expect(cards(chat).nth(4)).to_contain_text("erased three.txt")
    chat.expect_status("complete")

    # Stop refuses what waits, and the question can be gone on with.
    calls(server, call(0, "burn"))
    notebook.start(4)
    last = cards(chat).nth(5)
    expect(last).to_contain_text("Run this tool?")
    chat.stop()
    chat.expect_status("stopped")
    expect(last).to_contain_text("not run")
    expect(last).to_contain_text("Not run: the answer was stopped first.")
    expect(last.get_by_role("button", name="Allow once", exact=True)).to_be_hidden()
    notebook.wait(4)
    notebook.run(5)
    expect(notebook.output(5)).to_contain_text("stopped ['two.txt', 'three.txt']")
    server.reply("So be it.")
    chat.root.get_by_role("button", name="Try again", exact=True).last.click()
    expect(chat.text).to_have_text("So be it.")
    chat.expect_status("complete")
    assert_valid(server.chats[-1].json["messages"])
