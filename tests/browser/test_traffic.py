"""What an answer costs on the comm."""

from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook, only_jupyterlab
from tests.server import ModelServer

TOKENS = [f" {number}" for number in range(5000)]
LONG_HISTORY = """
turn = [{"role": "user", "content": "And then?"}, {"role": "assistant", "content": "Then it went on."}]
chat.messages = turn * 5000
"""
# In JupyterLite no websocket can be watched; what goes into the comm is counted where it goes in.
COUNT = """
sent = []
publish = chat.comm.publish_msg
def count(kind, *args, **kwargs):
    sent.append(kind)
    publish(kind, *args, **kwargs)
chat.comm.publish_msg = count
"""


@only_jupyterlab
def test_r21_5000_tokens_flat_out_arrive_whole_in_few_messages(notebook: Notebook, server: ModelServer) -> None:
    server.reply(*TOKENS)
    notebook.open(chat_cell(server))
    notebook.run_all()
    chat = notebook.chat
    notebook.traffic.clear()
    chat.send("Count")
    chat.expect_status("complete")
    assert chat.text.text_content() == "".join(TOKENS).strip()
    assert len(notebook.traffic.frames) <= 40


def test_the_kernel_puts_few_messages_on_the_comm(notebook: Notebook, server: ModelServer) -> None:
    server.reply(*TOKENS)
    notebook.open(chat_cell(server), COUNT, "print(len(sent), set(sent))")
    notebook.run(0)
    notebook.run(1)
    notebook.chat.send("Count")
    notebook.chat.expect_status("complete")
    assert notebook.chat.text.text_content() == "".join(TOKENS).strip()
    notebook.run(2)
    count, kinds = notebook.output(2).inner_text().strip().split(maxsplit=1)
    assert kinds == "{'comm_msg'}"
    assert int(count) <= 40


@only_jupyterlab
def test_r23_a_delta_costs_no_more_in_a_conversation_of_10000_messages(notebook: Notebook, server: ModelServer) -> None:
    words = [f" word{number}" for number in range(20)]
    gate = server.gate()
    server.reply(*words, gate=gate)
    notebook.open(chat_cell(server), LONG_HISTORY, "print(len(chat.messages))")
    notebook.run_all()
    expect(notebook.output(2)).to_contain_text("10000")
    chat = notebook.chat
    expect(chat.messages).not_to_have_count(0)
    notebook.traffic.clear()
    chat.send("Count")
    for step in range(1, len(words) + 1):
        gate.release()
        expect(chat.text).to_have_text("".join(words[:step]).strip())
    gate.open()
    chat.expect_status("complete")
    traffic = notebook.traffic
    # On a busy machine, a view that heard nothing for a second asks for everything, and gets it.
    asked = [frame for frame in traffic.sent if frame.kind == "resync"]
    snapshots = [frame for frame in traffic.frames if frame.kind == "snapshot"]
    assert len(snapshots) <= len(asked)
    sizes = [frame.size for frame in traffic.frames if frame not in snapshots]
    assert len(sizes) >= len(words)
    assert max(sizes) <= 2000
    assert sum(sizes) / len(words) <= 2000
    assert len(server.chats[0].json["messages"]) == 10_001
