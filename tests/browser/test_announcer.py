"""What a screen reader hears of an answer: sentences as they are finished, and how it ended."""

from itertools import pairwise

from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

# Each text that is added to the live region, and when.
LISTEN = """root => {
    const region = root.querySelector("[aria-live=polite][role=log]");
    window.heard = [];
    new MutationObserver((records) => {
        for (const { addedNodes } of records)
            for (const node of addedNodes) window.heard.push([performance.now(), node.textContent]);
    }).observe(region, { childList: true, subtree: true, characterData: true });
}"""


def heard(notebook: Notebook) -> list[str]:
    """What was announced so far."""
    return [text for _, text in notebook.page.evaluate("window.heard")]


def wait_to_hear(notebook: Notebook, text: str) -> None:
    """Wait until it is announced, whatever else is."""
    notebook.page.wait_for_function(
        "text => window.heard.some((entry) => entry[1].includes(text))", arg=text, polling=100
    )


def test_sentences_are_announced_when_they_are_finished(notebook: Notebook, server: ModelServer) -> None:
    gate = server.gate()
    server.reply("The **first** sen", "tence. The sec", "ond one", gate=gate)
    notebook.open(chat_cell(server))
    notebook.run_all()
    notebook.chat.root.evaluate(LISTEN)
    notebook.chat.send("Speak")
    gate.release()
    expect(notebook.chat.text).to_have_text("The first sen")
    assert heard(notebook) == []
    gate.release()
    wait_to_hear(notebook, "The first sentence.")
    assert heard(notebook) == ["Answer: The first sentence."]
    gate.open()
    wait_to_hear(notebook, "End of the answer.")
    assert heard(notebook) == ["Answer: The first sentence.", "The second one End of the answer."]


@only_jupyterlab
def test_a_fast_answer_is_announced_once_a_second_with_blocks_named(notebook: Notebook, server: ModelServer) -> None:
    parts = ["One. ", "Two.\n\n", "```python\nx = 1\n```\n\n", "| a |\n|---|\n| 1 |\n\n"] * 5
    server.reply(*parts, "Done", delay=0.15)
    notebook.open(chat_cell(server))
    notebook.run_all()
    notebook.chat.root.evaluate(LISTEN)
    notebook.chat.send("Speak")
    wait_to_hear(notebook, "End of the answer.")
    said = " ".join(heard(notebook))
    assert said == "Answer: " + "One. Two. Code block. Table. " * 5 + "Done End of the answer."
    times = [time for time, _ in notebook.page.evaluate("window.heard")]
    assert min(later - earlier for earlier, later in pairwise(times)) > 900
    # Who searches the page is not to find it all twice.
    expect(notebook.chat.root.locator("[role=log] > *")).to_have_count(0)


@only_jupyterlab
def test_how_an_answer_ended_is_announced(notebook: Notebook, server: ModelServer) -> None:
    notebook.open(chat_cell(server))
    notebook.run_all()
    notebook.chat.root.evaluate(LISTEN)
    gate = server.gate()
    server.reply("Never", " finished", gate=gate)
    notebook.chat.send("Speak")
    gate.release()
    expect(notebook.chat.text).to_have_text("Never")
    notebook.chat.stop()
    wait_to_hear(notebook, "Answer: Never Stopped.")
    server.reply_error(400, "Such a question is not answered")
    notebook.chat.send("Again")
    wait_to_hear(notebook, "Such a question is not answered")
