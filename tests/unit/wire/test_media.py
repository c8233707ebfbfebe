"""Pictures, sound and citations in answers: shown, kept, exported, and never an empty answer."""

import base64
import json

import pytest

from chatwidget import ChatWidget, concat_stream
from chatwidget._chat.questions import Question
from chatwidget._conversation.messages import Citation
from chatwidget._conversation.sounds import sound_url
from chatwidget._conversation.tree import Conversation
from chatwidget._files.markdown import to_markdown
from tests.unit.transports.test_function import PIXEL
from tests.unit.wire.test_chat_completions import finish, replay, stream

DATA = base64.b64encode(PIXEL).decode()
URL = f"data:image/png;base64,{DATA}"
SHOWN = f"![image]({URL})"
FAR = "https://example.org/a b(1).png?x=1"
FAR_SHOWN = "![image](https://example.org/a%20b%281%29.png?x=1)"
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0 and more").decode()


def image(url=URL, **more):
    return {"type": "image_url", "image_url": {"url": url}, **more}


@pytest.mark.parametrize(
    ("deltas", "text"),
    [
        # beside the content, as OpenRouter and LiteLLM have it
        ([{"content": "Here:"}, {"content": "", "images": [image(index=0)]}], f"Here:\n\n{SHOWN}"),
        ([{"images": [image()]}, {"content": "That is it."}], f"{SHOWN}\n\nThat is it."),
        ([{"images": [image(), image(FAR)]}], f"{SHOWN}\n\n\n\n{FAR_SHOWN}"),
        ([{"images": [image()]}, {"images": [image()]}], SHOWN),
        ([{"images": [{"url": URL}]}], SHOWN),
        ([{"images": [URL]}], SHOWN),
        ([{"images": [{"type": "image", "b64_json": DATA}]}], SHOWN),
        ([{"images": [{"image_url": URL}]}], SHOWN),
        ([{"images": {"type": "image_url", "image_url": URL}}], SHOWN),
        # in the content
        ([{"content": [{"type": "text", "text": "See "}, image(), {"type": "text", "text": "there"}]}],
         f"See \n\n{SHOWN}\n\nthere"),
        ([{"content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": DATA}}]}],
         SHOWN),
        ([{"content": [{"inlineData": {"mimeType": "image/png", "data": DATA}}]}], SHOWN),
        ([{"content": [{"type": "output_image", "image_url": URL}]}], SHOWN),
        ([{"content": image()}], SHOWN),
        # of the kind that its data is, in the alphabet that a browser reads
        ([{"images": [image(f"data:application/octet-stream;base64,{DATA}")]}], SHOWN),
        ([{"images": [image(f"data:image/png;base64,{JPEG}")]}], f"![image](data:image/jpeg;base64,{JPEG})"),
        ([{"images": [image(DATA.replace("+", "-").replace("/", "_"))]}], SHOWN),
        ([{"images": [image(f"{URL[:60]}\n{URL[60:]}")]}], SHOWN),
        # schemes and types are of any case
        ([{"images": [image(f"DATA:image/PNG;base64,{DATA}")]}], SHOWN),
        ([{"images": [image("Data:Image/WebP;Base64,AAAA")]}], "![image](data:image/webp;base64,AAAA)"),
        ([{"content": [image(f"DATA:;BASE64,{DATA}")]}], SHOWN),
        ([{"images": [image("HTTPS://example.org/x.png")]}], "![image](HTTPS://example.org/x.png)"),
        # what must not or cannot be shown is named
        ([{"images": [image("javascript:alert(1)")]}], "*(image)*"),
        ([{"images": [image("data:image/svg+xml;base64,PHN2Zz4=")]}], "*(image)*"),
        ([{"images": [image("data:text/html,<b>")]}], "*(image)*"),
        ([{"content": [{"type": "image_file", "image_file": {"file_id": "f1"}}]}], "*(image)*"),
        ([{"images": [image("https://example.org/)](javascript:x)")]}],
         "![image](https://example.org/%29]%28javascript:x%29)"),
        ([{"images": None, "content": "No."}], "No."),
        ([{"images": [], "content": "No."}], "No."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [None, 7])
def test_pictures(deltas, text, size):
    reply = replay(stream(*deltas, finish()), size=size)
    assert (reply.markdown.strip(), reply.status) == (text, "complete")


@pytest.mark.parametrize("key", ["delta", "message"])
def test_a_picture_of_a_whole_answer_is_there_once(key):
    whole = {"role": "assistant", "content": "Here", "images": [image()]}
    chunks = [{"choices": [{"delta": {"content": "Here"}}]}] if key == "message" else []
    reply = replay(stream(*chunks, {"choices": [{key: whole, "finish_reason": "stop"}]}))
    assert reply.markdown.strip() == f"Here\n\n{SHOWN}"
    assert (
        replay(json.dumps({"choices": [{"message": whole}]}), "application/json").markdown.strip()
        == reply.markdown.strip()
    )


WAV = b"RIFF\x24\0\0\0WAVEfmt " + bytes(24)


def spoken(raw):
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(
    ("deltas", "text", "raw"),
    [
        # each piece in base64 of its own, padded or not
        ([{"audio": {"id": "a", "transcript": "Good "}}, {"audio": {"data": spoken(b"ab")}},
          {"audio": {"data": spoken(b"cde").rstrip("="), "transcript": "morning"}}], "Good morning", b"abcde"),
        ([{"content": None, "audio": {"id": "a", "data": spoken(WAV), "transcript": "Hi"}}], "Hi", WAV),
        ([{"audio": {"data": spoken(WAV)}}], "", WAV),
        # said twice, shown once
        ([{"content": "Hi"}, {"audio": {"transcript": "Hi", "data": spoken(WAV)}}], "Hi", WAV),
        ([{"content": [{"type": "input_audio", "input_audio": {"data": spoken(WAV), "format": "wav"}}]}], "", WAV),
        ([{"content": [{"type": "audio", "audio": {"data": spoken(WAV), "transcript": "Hi"}}]}], "Hi", WAV),
        ([{"content": [{"type": "audio_url", "audio_url": {"url": f"data:audio/wav;base64,{spoken(WAV)}"}}]}], "", WAV),
        ([{"audio": {"data": f"DATA:audio/WAV;base64,{spoken(WAV)}"}}], "", WAV),
        ([{"audio": {"data": "%%", "transcript": "Hi"}}], "Hi", b""),
        ([{"audio": None, "content": "Hi"}], "Hi", b""),
        ([{"audio": {"id": "a", "expires_at": 1}, "content": "Hi"}], "Hi", b""),
    ],
)  # fmt: skip
def test_sound(deltas, text, raw):
    reply = replay(stream(*deltas, finish()))
    assert (reply.text, reply.status) == (text, "complete")
    assert reply.sound == (sound_url(raw) if raw else None)
    assert "base64" not in json.dumps(reply.data)


def test_sound_from_elsewhere_is_a_link():
    part = {"type": "audio_url", "audio_url": {"url": "https://example.org/a.mp3"}}
    assert "https://example.org/a.mp3" in replay(stream({"content": [part]}, finish())).text


@pytest.mark.parametrize(
    ("raw", "kind"),
    [(WAV, "wav"), (b"ID3\4", "mpeg"), (b"\xff\xfb\x90", "mpeg"), (b"OggS", "ogg"), (b"fLaC", "flac"),
     (b"\0\0\0\x20ftypM4A ", "mp4")],
)  # fmt: skip
def test_sound_is_of_the_kind_that_its_data_is(raw, kind):
    assert sound_url(raw) == f"data:audio/{kind};base64,{spoken(raw)}"


def test_samples_get_a_header():
    head, _, data = sound_url(b"\1\0\2\0").partition(",")
    raw = base64.b64decode(data)
    assert head == "data:audio/wav;base64"
    assert (raw[:4], raw[8:16], raw[-4:]) == (b"RIFF", b"WAVEfmt ", b"\1\0\2\0")
    assert int.from_bytes(raw[4:8], "little") == len(raw) - 8
    assert int.from_bytes(raw[24:28], "little") == 24_000


A, B = "https://example.org/a", "https://example.org/b"


def cited(url, title="", **more):
    return {"type": "url_citation", "url_citation": {"url": url, "title": title, "start_index": 0, **more}}


def chunk(delta=None, **more):
    return {"choices": [{"index": 0, "delta": delta or {}}], **more}


@pytest.mark.parametrize(
    ("chunks", "citations"),
    [
        # OpenAI's and OpenRouter's, which come bit by bit and again
        ([{"annotations": [cited(A, "An A")]}, {"annotations": [cited(B), cited(A, "An A")]}], [(A, "An A"), (B, "")]),
        ([{"annotations": [{"type": "url_citation", "url": A, "title": "An A"}]}], [(A, "An A")]),
        ([{"annotations": [{"type": "file_citation", "file_citation": {"file_id": "f1", "filename": "a.pdf"}}]}],
         [("", "a.pdf")]),
        # Perplexity's: the text numbers them, so none is left out
        ([chunk({"content": "x [3]"}, citations=[A, None, A, B])] * 2, [(A, ""), ("", ""), (A, ""), (B, "")]),
        ([chunk(citations=[A, B], search_results=[{"title": "The B", "url": B, "date": "2026"}])],
         [(A, ""), (B, "The B")]),
        ([chunk(search_results=[{"title": "The B", "url": B}])], [(B, "The B")]),
        ([chunk(citations=[B]), chunk(citations=[A, B])], [(A, ""), (B, "")]),
        # both, and in a chunk without a choice
        ([{"annotations": [cited(B, "The B")]}, {"choices": [], "citations": [A]}], [(A, ""), (B, "The B")]),
        ([{"annotations": [], "content": "x"}, chunk(citations=[], search_results=None)], []),
        ([{"annotations": "odd"}, chunk(citations={"odd": 1}), {"annotations": [None, 3, {}]}], []),
        # of the choice, of a whole message, and Azure's, whose documents may have no address
        ([{"choices": [{"index": 0, "delta": {}, "citations": [A, B]}]}], [(A, ""), (B, "")]),
        ([{"choices": [{"delta": {"content": "."}, "citations": [{"url": A, "title": "An A"}]}]}], [(A, "An A")]),
        ([{"choices": [{"delta": {}, "annotations": [cited(B)]}]}], [(B, "")]),
        ([{"choices": [{"delta": {}, "message": {"content": "Well.", "citations": [B]}}]}], [(B, "")]),
        ([{"context": {"intent": "x", "citations": [
            {"content": "Long text", "title": "An A", "url": A, "filepath": "a.md", "chunk_id": "0"},
            {"content": "words " * 100, "title": None, "url": None, "filepath": "b.md"},
            {"content": "words\n" * 100, "title": "", "url": ""}]}}],
         [(A, "An A"), ("", "b.md"), ("", "words " * 33 + "wo…")]),
        ([{"choices": [{"message": {"content": "", "context": {"citations": [{"url": A}]}}}]}], [(A, "")]),
        ([{"context": {"citations": None}}, {"context": "odd"}], []),
        ([chunk(citations=["javascript:alert(1)"])], [("javascript:alert(1)", "")]),
        ([chunk(citations=[f"{A}/{n}" for n in range(1000)])], [(f"{A}/{n}", "") for n in range(200)]),
    ],
)  # fmt: skip
def test_citations(chunks, citations):
    reply = replay(stream({"content": "Well."}, *chunks, finish()))
    assert [(each.url, each.title) for each in reply.citations] == citations
    assert reply.data == {"role": "assistant", "content": reply.text}


def test_lone_surrogates_do_no_harm():
    reply = replay(stream(chunk(citations=["https://e.org/\ud800"]), {"annotations": [cited(A, "\udc00")]}, finish()))
    assert json.dumps([each.title for each in reply.citations], ensure_ascii=False).encode()


FILM = "https://example.org/a%20b.mp4"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"type": "video_url", "video_url": {"url": "https://example.org/a b.mp4"}}], f"[video]({FILM})"),
        ([{"type": "output_video", "output_video": FILM}], f"[video]({FILM})"),
        ([{"type": "video", "video": {"data": "AAAA", "format": "mp4"}}], "*(video)*"),
        ([{"inlineData": {"mimeType": "Video/MP4", "data": "AAAA"}}], "*(video)*"),
        ([{"fileData": {"mimeType": "video/mp4", "fileUri": FILM}}], f"[video]({FILM})"),
        ([{"type": "file", "file": {"file_id": "f1", "filename": "report_2026.pdf"}}], "*(file: report_2026.pdf)*"),
        ([{"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "](x) *a*"}}],
         "*(file: __x_ _a_)*"),
        ([{"type": "input_file", "file_id": "f1"}], "*(file)*"),
        ([{"type": "document_url", "document_url": "https://example.org/a.pdf"}], "[file](https://example.org/a.pdf)"),
        ([{"type": "file", "file": {"url": "javascript:alert(1)"}}], "*(file)*"),
        ([{"type": "document", "title": "A", "source": {"media_type": "application/pdf", "data": "AAAA"}}],
         "*(file: A)*"),
        ({"type": "video_url", "video_url": FILM}, f"[video]({FILM})"),
        # what is text is no file
        ([{"type": "text", "text": "Hi", "mimeType": "text/plain"}, {"type": "document", "text": " all"}], "Hi all"),
    ],
)  # fmt: skip
def test_videos_and_files_are_links_or_named(content, text):
    reply = replay(stream({"content": content}, finish()))
    assert (reply.markdown.strip(), reply.status) == (text, "complete")


ANSWERS = {
    "video": [{"content": [{"type": "video_url", "video_url": {"url": FILM}}]}],
    "file": [{"content": [{"type": "file", "file": {"file_id": "f1"}}]}],
    "citations in a context": [{"context": {"citations": [{"title": "A", "url": A}]}}],
    "citations of a message": [{"citations": [A]}],
    "picture": [{"images": [image()]}],
    "sound": [{"audio": {"data": spoken(WAV)}}],
    "citations": [{"annotations": [cited(A)]}],
    "picture in parts": [{"content": [image()]}],
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("way", ["server", "function", "function that gives all"])
def test_an_answer_of_that_alone_is_not_empty_and_is_kept(chats, server, tmp_path, name, way):
    """Fails when `Message.shows_nothing` looks at texts only."""
    server.reply(*ANSWERS[name])
    ways = {
        "server": lambda: chats("m", base_url=server.base_url, api_key="k"),
        "function": lambda: chats(lambda _: iter(ANSWERS[name])),
        "function that gives all": lambda: chats(lambda _: {"role": "assistant", **ANSWERS[name][0]}),
    }
    chat = ways[way]()
    reply = chat.ask("hi")
    assert reply.status == "complete"
    chat.save(tmp_path / "chat.json")
    loaded = ChatWidget.load(tmp_path / "chat.json")
    kept = list(loaded.conversation)[-1]
    assert (kept.text, kept.sound, kept.citations) == (reply.text, reply.sound, reply.citations)
    loaded.close()
    assert "sound" not in str(chat.messages)
    assert all(set(message) == {"role", "content"} for message in chat.messages)


def test_pictures_in_a_text_are_of_any_case(chats, server, tmp_path):
    text = f"![a](DATA:image/PNG;base64,{DATA})"
    server.reply(text)
    server.reply("Nice.")
    chat = chats("m", base_url=server.base_url, api_key="k")
    chat.ask("hi")
    chat.export(tmp_path / "chat.html")
    chat.export(tmp_path / "chat.md")
    assert f'<img src="DATA:image/PNG;base64,{DATA}"' in (tmp_path / "chat.html").read_text()
    assert text in (tmp_path / "chat.md").read_text()
    chat.ask("more")
    assert server.chats[1].json["messages"][1]["content"] == "[image: a]"
    assert server.chats[1].json["messages"][2]["content"][1]["type"] == "image_url"


def test_exports_have_all_of_it(chats, server, tmp_path):
    hostile = "A *b* [c](javascript:x) <script>"
    server.reply(
        {"content": "Look"},
        {"images": [image()], "audio": {"data": spoken(WAV)}},
        {"annotations": [cited(A, hostile), cited("javascript:alert(1)", "Bad")]},
    )
    chat = chats("m", base_url=server.base_url, api_key="k")
    chat.ask("hi")
    texts = {}
    for suffix in ("md", "html", "ipynb", "json"):
        chat.export(tmp_path / f"chat.{suffix}")
        texts[suffix] = (tmp_path / f"chat.{suffix}").read_text()
    markdown = texts["md"]
    assert SHOWN in markdown
    assert "*(sound)*" in markdown
    assert f"1. [A \\*b\\* \\[c\\]\\(javascript:x\\) &lt;script\\>]({A})\n2. Bad" in markdown
    cells = json.loads(texts["ipynb"])["cells"]
    [attached] = [cell["attachments"] for cell in cells if "attachments" in cell]
    assert attached == {"image-1.png": {"image/png": DATA}}
    assert "\n\n".join(cell["source"] for cell in cells).replace("attachment:image-1.png", URL) in markdown
    page = texts["html"]
    assert f'<img src="{URL}"' in page
    assert f'<audio controls src="{sound_url(WAV)}">' in page
    assert f'<li><a href="{A}">A *b* [c](javascript:x) &lt;script&gt;</a></li>\n<li>Bad</li>' in page
    assert "img-src data:; media-src data:" in page
    assert "<script" not in page
    assert json.loads(texts["json"])["messages"][1]["citations"][0] == {"url": A, "title": hostile}


def test_pages_have_no_other_pictures(chats, tmp_path):
    text = f"![a](https://example.org/a.png) ![b](data:text/html;base64,{DATA}) [c]({URL})"
    chat = chats(lambda _: text)
    chat.ask("hi")
    chat.export(tmp_path / "chat.html")
    page = (tmp_path / "chat.html").read_text()
    assert "<img" not in page
    assert '<a href="https://example.org/a.png">a</a>' in page
    assert 'href="data:' not in page


@pytest.mark.parametrize(
    "citations", ["x", [1], [{"url": 3}], {"url": "https://example.org"}],
)  # fmt: skip
def test_a_file_that_says_other_things_is_refused(tmp_path, citations):
    entry = {"id": "a", "message": {"role": "assistant", "content": "x"}, "citations": citations}
    content = {"format": "chatwidget.conversation", "version": 1, "active": "a", "messages": [entry]}
    (tmp_path / "chat.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match="citations"):
        ChatWidget.load(tmp_path / "chat.json")


def test_chunks_as_one_message_have_pictures_and_what_was_said():
    chunks = [{"choices": [{"delta": each}]} for each in ({"images": [image()]}, {"audio": {"transcript": " Hi"}})]
    assert concat_stream(chunks) == {"role": "assistant", "content": f"\n\n{SHOWN}\n\n Hi"}


def test_what_is_heard_of_an_answer_is_not_taken_back_by_citations(chats, server):
    """Fails when the follower of a question takes citations for another text."""
    server.reply("Hello", {"annotations": [cited(A)]}, " there")
    chat = chats("m", base_url=server.base_url, api_key="k")
    heard, retracted = [], []
    chat._chat.questions.follow(Question("hi"), heard.append, retracted.append)
    assert ("".join(heard), retracted) == ("Hello there", [])


def test_a_file_without_a_title_is_named_by_its_address():
    conversation = Conversation()
    reply = replay(stream(chunk({"content": "x"}, citations=[A, "ftp://example.org"]), finish()))
    assert reply.citations == (Citation(A), Citation("ftp://example.org"))
    conversation.load([reply])
    assert to_markdown([reply]).endswith(f"Sources:\n\n1. [{A}]({A})\n2. ftp://example.org\n")
