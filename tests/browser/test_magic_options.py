"""`%chat` with options, in JupyterLab and in JupyterLite."""

from playwright.sync_api import expect

from tests.browser._chat import chat_cell
from tests.browser._notebook import Notebook
from tests.server import ModelServer


def test_answers_go_into_variables_and_into_the_next_cell(notebook: Notebook, server: ModelServer) -> None:
    server.reply('```json\n{"a": ', "[1, 2]}\n```")
    server.reply("```python\nprint('from ' + 'the model')\n```")
    notebook.open(
        f"{chat_cell(server)}\n%load_ext chatwidget",
        "%chat -f json -o data -m other --no-history Give me numbers",
        "print(sum(data['a']))",
        "%chat cost",
        "%chat --help",
        "%chat -z",
        "%chat -f code Print something",
    )
    for index in range(5):
        notebook.run(index)
    expect(notebook.output(2)).to_contain_text("3")
    expect(notebook.output(3)).to_contain_text("unknown")
    expect(notebook.output(4)).to_contain_text("--no-history")
    assert server.chats[0].json["model"] == "other"
    notebook.start(5)
    notebook.wait(5)
    assert notebook.output(5).inner_text().strip().startswith("UsageError: unrecognized arguments: -z")
    notebook.run(6)
    notebook.run(7)
    expect(notebook.output(7)).to_contain_text("from the model")
