"""Images in answers and tool results go to models that take them, as real servers see it."""

import pytest
from matplotlib.figure import Figure

from chatwidget import ChatError
from tests.server import completion, error
from tests.unit.tools._calls import call, calls
from tests.unit.transports.test_function import IMAGE, Picture

PART = {"type": "image_url", "image_url": {"url": IMAGE}}
REFUSALS = [
    (404, "No endpoints found that support image input"),
    (400, "Invalid content type. image_url is only supported by certain models."),
    (400, "messages[2].content must be a string"),
    (422, "Failed to deserialize: unknown variant `image_url`, expected `text`"),
    (500, "image input is not supported - hint: you may need to provide the mmproj"),
    (400, "test-model is not a multimodal model"),
]


def has_images(request):
    return "image_url" in str(request.json["messages"])


@pytest.mark.parametrize(("status", "text"), REFUSALS)
def test_a_model_that_refuses_images_gets_their_names(chats, server, status, text):
    """Fails when `Requests.learn` does not ask the images."""
    server.handler = lambda request: error(status, text) if has_images(request) else completion(request, ["ok"])
    chat = chats(lambda _: Picture())
    chat.ask("draw")
    chat.connect("test-model", base_url=server.base_url, api_key="k")
    assert [chat.ask(each).text for each in ("what is it?", "and now?")] == ["ok", "ok"]
    # A failure of the server is tried again as it is first.
    assert [has_images(request) for request in server.chats[-3:]] == [True, False, False]
    assert server.chats[-1].json["messages"][1]["content"] == "[image: Picture]"
    # What is stored is as it was, for a model that takes it.
    assert IMAGE in chat.conversation[chat.conversation.path[1]].markdown


def test_figures_of_tools_are_named_for_such_a_model(chat_with, server):
    def look():
        return Picture()

    def answer(request):
        if has_images(request):
            return error(400, "This model does not support image input")
        return completion(request, ["ok"])

    calls(server, call(0, "look"))
    server.handler = answer
    assert chat_with(look).ask("hi").text == "ok"
    assert server.chats[-1].json["messages"][2]["content"] == [{"type": "text", "text": "[image: Picture]"}]


def test_an_image_of_the_users_is_sent_all_the_same(chats, server):
    server.handler = lambda _: error(400, "This model does not support image input")
    chat = chats(lambda _: Picture())
    chat.ask("draw")
    chat.connect("test-model", base_url=server.base_url, api_key="k")
    with pytest.raises(ChatError, match="image input"):
        chat.ask([{"type": "text", "text": "and this?"}, {**PART, "alt": "mine.png"}])
    assert [str(request.json["messages"]).count("image_url'") for request in server.chats] == [4, 2]
    # The name is of no server's business.
    assert "mine.png" not in str(server.chats[-1].json)


def test_what_is_streamed_to_python_names_an_image(chats):
    chat = chats(lambda _: iter(["Look:", Picture()]))
    heard = []
    chat.on("delta", lambda delta: heard.append(delta.content))
    chat.ask("hi")
    assert "".join(heard) == "Look:\n\n[image: Picture]"


async def test_the_deltas_of_a_stream_name_an_image(chats):
    chat = chats(lambda _: iter(["Look:", Picture()]))
    assert "".join([delta.content async for delta in chat.stream("hi")]) == "Look:\n\n[image: Picture]"


def test_the_titles_of_a_figure_are_its_alternative_text(chats):
    figure = Figure()
    figure.subplots().set_title("Sales [k$]")
    figure.suptitle("2024")
    assert chats(lambda _: figure).ask("hi").text == "[image: Figure: 2024; Sales _k__]"
