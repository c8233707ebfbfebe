"""What becomes of calls, in a view: how each ended, what it printed, where it failed. In JupyterLite too."""

import re

from playwright.sync_api import Locator, expect

from tests.browser._chat import Chat, chat_cell
from tests.browser._notebook import Notebook
from tests.server import ModelServer
from tests.unit.tools._calls import call, calls

TOOLS = """
import asyncio, logging, sys, threading

logging.basicConfig()
done = asyncio.Event()

@chat.tool
async def slow():
    print("slow begins")
    await done.wait()
    return "slow result"

@chat.tool(approve=True)
def erase(path: str):
    return "erased"

@chat.tool
def divide(number: float):
    print("dividing", number)
    print("carefully", file=sys.stderr)
    logging.getLogger("mine").warning("by zero")
    return number / 0

@chat.tool
def finish():
    chat._runner.call(done.set)
    return list(range(400))
"""

FUNCTION = """
from chatwidget import ChatWidget

class OwnError(Exception):
    pass

def deep(text):
    raise OwnError(f"about {text}")

def answer(messages):
    print("thinking about", messages[-1]["content"])
    if messages[-1]["content"] == "nothing":
        return "Nothing."
    deep(messages[-1]["content"])

chat = ChatWidget(answer)
chat"""

TRY = """\
try:
    chat.ask("it")
except Exception as error:
    print("caused by", repr(error.__cause__))"""


def cards(chat: Chat) -> Locator:
    """A card for each call."""
    return chat.root.locator(".chatwidget-call")


def head(card: Locator) -> Locator:
    """What is in sight of a folded card."""
    return card.locator("summary").first


def details(within: Locator) -> Locator:
    """The section for what was printed, and the traceback."""
    return within.locator(".chatwidget-section", has=within.page.get_by_text("Details", exact=True))


def test_calls_say_how_they_ended_and_are_folded(notebook: Notebook, server: ModelServer) -> None:
    """Fails when `finished` is not among the state, and when a refused call is one that failed."""
    wanted = [
        call(0, "slow"),
        call(1, "erase", {"path": "one.txt"}),
        call(2, "guess"),
        call(3, "divide", {"number": 1}),
        call(4, "finish"),
    ]
    calls(server, *wanted[:4])
    calls(server, {**wanted[4], "tool_calls": [{**wanted[4]["tool_calls"][0], "id": "other"}]})
    server.reply("Well.")
    notebook.open(chat_cell(server), TOOLS, "chat._runner.call(done.set)")
    notebook.run(0)
    notebook.run(1)
    chat = notebook.chat
    chat.send("go")
    slow, erase, guess, divide = (cards(chat).nth(index) for index in range(4))
    # All but the first one are done, and say so, while it runs.
    erase.get_by_role("button", name="Refuse", exact=True).click()
    expect(head(erase)).to_have_text(re.compile("refused"))
    expect(head(guess)).to_have_text(re.compile("unknown tool"))
    expect(head(divide)).to_have_text(re.compile("failed"))
    expect(head(slow)).to_have_text(re.compile("running…"))
    expect(chat.root.get_by_role("group", name="Tool call: guess, unknown tool")).to_be_visible()
    notebook.run(2)
    chat.expect_status("complete")
    expect(head(slow)).to_have_text(re.compile(r"done · \d"))
    expect(head(divide)).to_have_text(re.compile(r"failed · 0\.\d s"))
    expect(head(erase)).not_to_have_text(re.compile("·"))
    # Folded, they take a line each.
    for index in range(5):
        expect(cards(chat).nth(index).locator("pre:visible")).to_have_count(0)
    head(slow).click()
    expect(slow.locator("pre:visible")).to_have_text("slow result")
    expect(slow.locator("pre:visible")).to_have_count(1)


def test_a_stopped_call_is_no_failed_one(notebook: Notebook, server: ModelServer) -> None:
    calls(server, call(0, "slow"), call(1, "erase", {"path": "one.txt"}))
    notebook.open(chat_cell(server), TOOLS)
    notebook.run(0)
    notebook.run(1)
    chat = notebook.chat
    chat.send("go")
    expect(cards(chat).nth(1).get_by_role("button", name="Refuse", exact=True)).to_be_visible()
    chat.stop()
    expect(head(cards(chat).first)).to_have_text(re.compile("stopped · "))
    expect(head(cards(chat).last)).to_have_text(re.compile("not run"))


def test_what_a_tool_prints_and_where_it_fails_is_under_details(notebook: Notebook, server: ModelServer) -> None:
    """Fails when the log is not sent to views."""
    calls(server, call(0, "divide", {"number": 1}))
    server.reply("Hm.")
    calls(server, call(0, "divide", {"number": 2}))
    server.reply("Again.")
    notebook.open(chat_cell(server), TOOLS, "reply = await chat.ask_async('again')")
    notebook.run(0)
    notebook.run(1)
    chat = notebook.chat
    chat.send("go")
    chat.expect_status("complete")
    card = cards(chat).first
    head(card).click()
    section = details(card)
    expect(section.locator("pre")).to_be_hidden()
    section.locator("summary").click()
    expect(section.locator("pre")).to_have_text(
        re.compile(
            r"^dividing 1\.0\ncarefully\nWARNING:mine:by zero\nTraceback \(most recent call last\):\n"
            r"  Cell In\[\d+\], line \d+, in divide\n    return number / 0\n[ ~^]*\n?"
            r"ZeroDivisionError: (float )?division by zero$"
        )
    )
    assert "dividing" not in str(server.chats[-1].json["messages"])
    # Asked from a cell it prints there, as ever.
    notebook.start(2)
    expect(notebook.output(2)).to_contain_text("dividing 2.0")
    notebook.wait(2)


def test_where_a_function_fails_is_under_details_and_in_the_cell(notebook: Notebook) -> None:
    """Fails when the cause is lost on the way to the asker."""
    notebook.open(FUNCTION, TRY, "chat.ask('this')")
    notebook.run(0)
    chat = notebook.chat
    chat.send("that")
    chat.expect_status("error")
    status = chat.replies.last.locator(".chatwidget-status")
    expect(status).to_contain_text("OwnError: about that")
    section = details(status)
    expect(section.locator("pre")).to_be_hidden()
    section.locator("summary").click()
    expect(section.locator("pre")).to_have_text(
        re.compile(
            r"^thinking about that\nTraceback[^\n]*\n  Cell In\[\d+\], line \d+, in answer\n.*in deep\n.*about that$",
            re.DOTALL,
        )
    )
    notebook.run(1)
    expect(notebook.output(1)).to_contain_text("caused by OwnError('about it')")
    notebook.start(2)
    expect(notebook.output(2)).to_contain_text("thinking about this")
    output = notebook.output(2).locator('[data-mime-type="application/vnd.jupyter.error"], .jp-OutputArea-output').last
    expect(output).to_contain_text("OwnError: about this")
    expect(output).to_contain_text("The above exception was the direct cause of the following exception")
    # It begins in the user's code.
    expect(output).to_have_text(re.compile(r"OwnError\s+Traceback \(most recent call last\)\s+Cell In\[\d+\]"))
    chat.send("nothing")
    chat.expect_status("complete")
    section = details(chat.replies.last.locator(".chatwidget-status"))
    section.locator("summary").click()
    expect(section.locator("pre")).to_have_text("thinking about nothing")
