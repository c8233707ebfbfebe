"""Pyplot figures of tools and function-models: drawn, then closed, with a real Matplotlib, also in a real kernel."""

from __future__ import annotations

import asyncio
import pickle
import threading

import matplotlib as mpl
import pytest
from jupyter_client.manager import start_new_kernel

from tests.unit.tools._calls import call, calls

mpl.use("agg")

from matplotlib import pyplot as plt


@pytest.fixture(autouse=True)
def _none_open():
    yield
    plt.close("all")


def curve():
    plt.figure()
    plt.plot([3, 1, 2])
    return plt.gcf()


def axes():
    return curve().gca()


def pair():
    return [curve(), curve(), "two curves"]


def plots_alone():
    """Returns nothing, as a cell that plots."""
    plt.figure()
    plt.plot([5, 8])
    plt.figure()
    plt.bar([1, 2], [3, 4])


def after_a_new_style():
    """The reset takes the hook away."""
    mpl.rcdefaults()
    with plt.style.context("default"):
        curve()


async def later():
    await asyncio.sleep(0)
    curve()


def made_async():
    return later()


def results(chat):
    """The contents of the tool messages, pictures in them."""
    return [message.content for message in chat.conversation if message.role == "tool"]


def pictures(content):
    return [part["type"] for part in content] if isinstance(content, list) else []


@pytest.mark.parametrize(
    ("tool", "count"),
    [(curve, 1), (axes, 1), (pair, 2), (plots_alone, 2), (after_a_new_style, 1), (later, 1), (made_async, 1)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_figures_of_tools_are_drawn_and_closed(chat_with, server, tool, count):
    calls(server, call(0, tool.__name__))
    server.reply("Done.")
    chat = chat_with(tool)
    mine = plt.figure()
    assert chat.ask("Plot it.").text == "Done."
    [content] = results(chat)
    assert pictures(content).count("image_url") == count
    assert [plt.figure(number) for number in plt.get_fignums()] == [mine]


def test_figures_that_are_not_the_result_are_closed(chat_with, server):
    def saves() -> str:
        figure = curve()
        return pickle.loads(pickle.dumps(figure)).get_label() + "saved"

    def fails() -> None:
        curve()
        raise LookupError

    calls(server, call(0, "saves"), call(1, "fails"))
    server.reply("Done.")
    chat = chat_with(saves, fails)
    chat.ask("Plot it.")
    saved, failed = results(chat)
    assert saved == "saved"
    assert "LookupError" in failed
    assert plt.get_fignums() == []


def test_figures_made_meanwhile_elsewhere_are_left_alone(chat_with, server):
    """Two tools side by side, and the user's own figure in the middle."""
    both_begun, first_is_over, made = threading.Barrier(3), threading.Event(), threading.Event()

    def quick() -> None:
        both_begun.wait(30)
        made.wait(30)
        plt.figure("quick")

    def slow() -> None:
        plt.figure("slow")
        both_begun.wait(30)
        first_is_over.wait(30)
        assert "quick" not in plt.get_figlabels()
        plt.figure("slow").gca().plot([1, 2])

    def look(reply):
        if reply.role == "tool":
            first_is_over.set()

    calls(server, call(0, "quick"), call(1, "slow"))
    server.reply("Done.")
    chat = chat_with(quick, slow)
    chat.on("message", look)
    asked = threading.Thread(target=chat.ask, args=("Plot both.",))
    asked.start()
    both_begun.wait(30)
    plt.figure("mine")
    made.set()
    asked.join(30)
    assert [pictures(content) for content in results(chat)] == [["image_url"]] * 2
    assert plt.get_figlabels() == ["mine"]


def test_figures_of_a_stopped_tool_are_closed_when_its_thread_ends(chat_with, server):
    begun, go_on = threading.Event(), threading.Event()
    threads = []

    def slow() -> None:
        threads.append(threading.current_thread())
        begun.set()
        assert go_on.wait(30)
        curve()

    calls(server, call(0, "slow"))
    chat = chat_with(slow)
    asked = threading.Thread(target=chat.ask, args=("Plot it.",))
    asked.start()
    assert begun.wait(30)
    chat.stop()
    asked.join(30)
    go_on.set()
    threads[0].join(30)
    assert plt.get_fignums() == []


def yields(_messages):
    yield "One: "
    yield curve()
    curve()


async def yields_later(_messages):
    yield "One: "
    yield axes()


def gives(_messages):
    return curve()


def only_plots(_messages):
    plots_alone()


async def only_plots_later(_messages):
    plots_alone()


def empty_generator(_messages):
    plots_alone()
    yield ""


@pytest.mark.parametrize(
    ("function", "count"),
    [(yields, 1), (yields_later, 1), (gives, 1), (only_plots, 2), (only_plots_later, 2), (empty_generator, 2)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_figures_of_functions_are_shown_and_closed(chats, function, count):
    mine = plt.figure()
    reply = chats(function).ask("Plot it.")
    assert reply.status == "complete"
    assert reply.markdown.count("](data:image/png;base64,") == count
    assert [plt.figure(number) for number in plt.get_fignums()] == [mine]


def test_figures_of_a_handler_between_two_pieces_are_its_own(chats):
    async def answers(_messages):
        yield "a"
        yield "b"
        await asyncio.sleep(0)

    chat = chats(answers)
    chat.on("delta", lambda _: plt.figure("live"))
    chat.ask("Go on.")
    assert plt.get_figlabels() == ["live"]


SETUP = """
from chatwidget import ChatWidget, Delta, ToolCallDelta

def shows():
    '''Plots as in a cell.'''
    import matplotlib.pyplot as plt
    plt.plot([1, 2])
    plt.show()

def gives():
    '''Returns the figure, and is the first to import Matplotlib.'''
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots()
    axes.plot([2, 1])
    kept.append(figure)
    return figure

def answers(messages):
    if messages[-1]["role"] == "tool":
        return "Done."
    call = ToolCallDelta(0, "call_0", messages[-1]["content"], "{}")
    return [Delta(tool_calls=(call,)), Delta(finish_reason="tool_calls")]

def plots(messages):
    import matplotlib.pyplot as plt
    plt.bar([1], [2])
    plt.show()

kept = []
"""


def test_nothing_is_shown_below_a_cell_of_a_notebook():
    """Fails when a figure is left open, or `plt.show()` reaches the notebook."""
    manager, client = start_new_kernel(startup_timeout=60)
    outputs: list[str] = []

    def hear(message):
        if message["msg_type"] in {"display_data", "stream", "error"}:
            outputs.append(str(message["content"].get("data", message["content"]))[:2000])

    def run(code):
        outputs.clear()
        client.execute_interactive(code, timeout=60, output_hook=hear)
        return list(outputs)

    try:
        assert run(SETUP) == []
        assert run("chat = ChatWidget(answers, tools=[shows, gives])") == []
        assert run("reply = chat.ask('gives')") == []
        assert run("1") == []
        assert run("reply = chat.ask('shows')") == []
        assert run("1") == []
        [parts] = run("print([[part['type'] for part in m.content] for m in chat.conversation if m.role == 'tool'])")
        assert "[['image_url'], ['image_url']]" in parts
        assert run("reply = ChatWidget(plots).ask('Plot it.')") == []
        assert run("1") == []
        [told] = run("import matplotlib.pyplot as plt; print(reply.markdown.count('](data:image'), plt.get_fignums())")
        assert "1 []" in told
        # What the user keeps is shown again.
        [shown] = run("display(kept[0])")
        assert "image/png" in shown
        [own] = run("plt.plot([1]); plt.show()")
        assert "image/png" in own
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
