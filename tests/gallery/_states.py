"""What a view can look like: snapshots as a kernel sends them, and what a person then opens."""

import base64
import json
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import expect

from tests.browser._chat import Chat
from tests.browser._files import file, paste_files

Act = Callable[[Chat], object]


def opening(selector: str) -> Act:
    """A click on what opens something."""
    return lambda chat: chat.root.locator(selector).click()


def edit_question(chat: Chat) -> None:
    """Write another version of the question."""
    chat.messages.first.hover()
    chat.messages.first.get_by_role("button").filter(has=chat.root.page.locator("svg")).nth(1).click()


def scroll_up(chat: Chat) -> None:
    """Read what was said before."""
    chat.root.locator(".chatwidget-transcript").press("PageUp")


def fill_connect(chat: Chat) -> None:
    """A key for an address that others can listen to."""
    fields = chat.root.locator(".chatwidget-connect input")
    fields.nth(0).fill("http://example.org/v1")
    fields.nth(2).fill("not a key")


def stay(chat: Chat) -> None:
    """Leave it as it is."""


def toggle_reasoning(chat: Chat) -> None:
    """Unfold or fold what the model thought."""
    chat.replies.last.locator(".chatwidget-reasoning > summary").click()


def unfold_failed(chat: Chat) -> None:
    """Unfold the call that failed, or the answer's details."""
    folded = chat.root.locator(':is([data-state="failed"], .chatwidget-status) details')
    folded.evaluate_all("all => all.forEach((details) => { details.open = true; })")


def attach_files(chat: Chat) -> None:
    """Attach what goes with a message, and something that does not."""
    picture_bytes = base64.b64decode(picture(40, 30).partition(",")[2])
    table = file("results of the second experiment, final.csv", "text/csv", b"a,b\n1,2\n")
    paste_files(chat.input, file("plot.png", "image/png", picture_bytes), table, file("a.zip", "", b"PK\x03\x04\x14\0"))
    chat.input.fill("What do these show?\n\nCompare them.")
    expect(chat.root.locator(".chatwidget-problem")).to_be_visible()


def detach_files(chat: Chat) -> None:
    """Empty the composer."""
    chips = chat.root.locator(".chatwidget-composer .chatwidget-chip")
    for _ in range(chips.count()):
        chips.first.locator(".chatwidget-chip-remove").click()
    chat.input.fill("")


def offer_names(chat: Chat) -> None:
    """Begin to name a variable."""
    chat.input.press_sequentially("What of @h")
    chat.input.press("Backspace")
    chat.input.press("ArrowDown")
    expect(chat.root.get_by_role("option")).to_have_count(4)


def show_what_goes_along(chat: Chat) -> None:
    """Look at what is sent with a question."""
    chat.input.fill("What of @heights?")
    chat.root.locator(".chatwidget-along > summary").click()
    expect(chat.root.locator(".chatwidget-along > pre")).to_contain_text("120 rows")


def misspell_a_name(chat: Chat) -> None:
    """Try to send a question with the name of no variable."""
    chat.input.fill("What of {hieghts}?")
    chat.input.press("Enter")
    expect(chat.root.locator(".chatwidget-problem")).to_be_visible()


def take_back(chat: Chat) -> None:
    """Fold it and empty the composer."""
    chat.input.press("Escape")
    details = chat.root.locator(".chatwidget-along[open] > summary")
    if details.count():
        details.click()
    chat.input.fill("")


def find_text(chat: Chat) -> None:
    """Find a text in the conversation, and go on to the second match."""
    chat.input.press("Control+f")
    chat.root.get_by_role("search").get_by_role("textbox").fill("the")
    chat.root.page.keyboard.press("Enter")


def stop_finding(chat: Chat) -> None:
    """Close the find bar."""
    chat.root.get_by_role("search").get_by_role("textbox").press("Escape")


def fill_window(chat: Chat) -> None:
    """Show the chat over the whole window."""
    chat.root.locator(".chatwidget-full").click()


@dataclass(frozen=True)
class Shown:
    """One state of a view. ``act`` opens something in it, ``undo`` closes that again."""

    name: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    state: Mapping[str, Any] = field(default_factory=dict)
    act: Act | None = None
    undo: Act = lambda chat: chat.root.page.keyboard.press("Escape")
    saved: bool = False

    def snapshot(self, locale: str) -> dict[str, Any]:
        """What the kernel would send, or what a notebook has saved of it."""
        state = {**READY, **self.state}
        state["look"] = {**LOOK, **state["look"], "locale": locale}
        snapshot = {"version": 1, "rev": 0, "channel": "gallery", "messages": self.messages, "state": state}
        return {"json": json.dumps(snapshot)} if self.saved else snapshot


def message(number: int, role: str, content: object, **values: Any) -> dict[str, Any]:
    """What a view is told of a message: what is as usual is left out."""
    return {"id": f"m{number}", "role": role, "content": content} | values


def turn(question: object, answer: str, **values: Any) -> list[dict[str, Any]]:
    """A question and its answer."""
    return [message(0, "user", question), message(1, "assistant", answer, **values)]


def picture(width: int, height: int) -> str:
    """A PNG of two colours, as a data URL."""
    row = b"\0" + b"".join(bytes((70, 130, x * 255 // width)) for x in range(width))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(row * height)), (b"IEND", b""))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return "data:image/png;base64," + base64.b64encode(png).decode()


SERVER = {"kind": "server", "model": "example-large", "base_url": "https://example.org/v1", "key": "…1234"}
NONE = {"kind": "none", "model": None, "base_url": None, "key": None}
DEMO = {"kind": "demo", "model": "demo", "base_url": None, "key": None}
LOOK = {"locale": None, "height": None, "starters": [], "titles": {}}
READY = {
    "status": "ready",
    "queue": [],
    "retry": None,
    "notice": None,
    "notice_code": None,
    "connection": SERVER,
    "models": None,
    "servers": None,
    "setup": {"system_prompt": "", "temperature": None, "max_tokens": None},
    "restorable": False,
    "approvals": [],
    "spent": None,
    "look": LOOK,
}
MODELS = {
    "names": ["example-small", "example-large", "example-large-2026-11-with-a-long-name"],
    "error": None,
    "pending": False,
}
SETUP = {"system_prompt": "Answer in one sentence.", "temperature": 0.2, "max_tokens": None}
DISCONNECTED = {"status": "disconnected", "connection": NONE}

RICH = """\
## What the data say

The mean is **4.2** and the median *3.9*; see the [documentation](https://example.org/docs) and `df.describe()`.

| column | mean | missing |
|:-------|-----:|:-------:|
| price  | 4.20 | no      |
| weight | 1.07 | **yes** |

1. Load the data
2. Clean them
   - drop what is empty
   - ~~guess~~ fill in what is missing

- [x] loaded
- [ ] plotted

> A quotation, over
> two lines.

```python
def mean(values: list[float]) -> float:
    \"\"\"The average.\"\"\"
    total = sum(values)  # may overflow
    return total / len(values) if values else float("nan")
```

The variance is $\\sigma^2 = \\frac{1}{n}\\sum_i (x_i - \\bar x)^2$, and

$$\\int_0^1 x^2 \\, dx = \\frac{1}{3}$$
"""

NOTED = """\
The mean is robust here[^1], the maximum is not[^max].

> [!NOTE]
> Two rows are missing.

> [!TIP]
> Use `df.dropna()`.

> [!IMPORTANT]
> - Look at the units
> - and at the dates

> [!WARNING]
> The file is large.

> [!CAUTION]
> What is deleted is gone.

A picture:

![Figure: Sales](@PICTURE@)

[^1]: See the *documentation*, which is long enough to need a second line where the chat is as narrow as it is in a
    notebook beside another.
[^max]: An outlier.
"""

CALL = {"id": "c1", "name": "get_weather", "arguments": '{"city": "La Paz", "unit": "celsius"}'}
SECOND = {"id": "c2", "name": "delete_file", "arguments": '{"path": "results.csv"}'}
CALLING = [
    message(0, "user", "What is the weather in La Paz? And delete the old results."),
    message(1, "assistant", "I will look.", tool_calls=[CALL, SECOND], finish_reason="tool_calls"),
]
RESULT = message(2, "tool", '{"temperature": 11, "sky": "clear"}', tool_call_id="c1")

LOG = """\
loading results.csv
12 rows left out
Traceback (most recent call last):
  Cell In[3], line 8, in average
    return total / len(rows)
           ~~~~~~^~~~~~~~~~~
ZeroDivisionError: division by zero"""
ENDINGS = [
    ("get_weather", '{"temperature": 11, "sky": "clear"}', {"timings": {"first_token": None, "duration": 0.42}}),
    ("delete_file", "The user refused this call: keep it", {"status": "error", "error_code": "refused"}),
    ("guess", "There is no tool 'guess'.", {"status": "error", "error_code": "unknown_tool"}),
    (
        "average",
        "ZeroDivisionError: division by zero",
        {"status": "error", "log": LOG, "timings": {"first_token": None, "duration": 2.31}},
    ),
    (
        "search_the_archive",
        "Stopped before there was a result; what it has already done is not undone.",
        {"status": "stopped", "timings": {"first_token": None, "duration": 74.2}},
    ),
    ("send_mail", "Not run: the answer was stopped first.", {"status": "stopped", "error_code": "not_run"}),
    ("plot", [{"type": "image_url", "image_url": {"url": picture(240, 120)}, "alt": "Figure: Sales"}], {}),
]
ENDED = [
    message(0, "user", "Do all of it."),
    message(
        1,
        "assistant",
        "I will try.",
        tool_calls=[{"id": f"c{n}", "name": name, "arguments": "{}"} for n, (name, _, _) in enumerate(ENDINGS)],
        finish_reason="tool_calls",
    ),
    *(
        message(n + 2, "tool", content, tool_call_id=f"c{n}", **values)
        for n, (_, content, values) in enumerate(ENDINGS)
    ),
]

LONG_NAME = "a-model-with-a-very-long-name-that-somebody-chose-without-a-view-in-mind-2026-11"

STATES = [
    Shown("connect", state=DISCONNECTED),
    Shown(
        "connect-refused",
        state=DISCONNECTED | {"notice": "The key was refused (401).", "notice_code": "wrong_key"},
    ),
    Shown(
        "connect-found",
        state=DISCONNECTED
        | {
            "servers": {
                "pending": False,
                "found": [{"name": "Ollama", "base_url": "http://127.0.0.1:11434/v1", "models": ["llama3"]}],
            }
        },
        act=fill_connect,
        undo=stay,
    ),
    Shown("models", state={"models": MODELS}, act=opening(".chatwidget-model-button")),
    Shown("setup", state={"setup": SETUP}, act=opening(".chatwidget-setup-button")),
    Shown("menu", turn("Hello", "Hello!"), act=opening(".chatwidget-menu-button")),
    Shown("empty"),
    Shown("empty-demo", state={"connection": DEMO}),
    Shown(
        "starters",
        state={
            "look": {
                "starters": [
                    {"label": "Explain this dataset", "text": "Explain"},
                    {"label": "Plot the prices by month, with a trend and its uncertainty", "text": "Plot"},
                    {"label": "¿Qué falta?", "text": "Missing"},
                ]
            }
        },
    ),
    Shown("notes", turn("What is to note?", NOTED.replace("@PICTURE@", picture(240, 120)), model="example-large")),
    Shown("rich", turn("What do the data say?\n\nBe brief, **please**.", RICH, model="example-large")),
    Shown(
        "waiting",
        [message(0, "user", "Hello"), message(1, "assistant", "", status="waiting")],
        {"status": "waiting"},
    ),
    Shown(
        "streaming",
        turn("Why is the sky blue?", "Because of *Rayleigh", status="streaming", reasoning="Light scatters."),
        {"status": "streaming", "queue": [{"id": "q1", "text": "And why is it red in the evening?"}]},
    ),
    Shown(
        "reasoning",
        turn("Why?", "Because.", reasoning="First, **consider** the question.\n\nThen answer it."),
        act=toggle_reasoning,
        undo=toggle_reasoning,
    ),
    Shown("tools", [*CALLING, RESULT, message(3, "assistant", "11 °C and clear.")]),
    Shown(
        "approval",
        [*CALLING, RESULT],
        {"approvals": ["c2"], "look": {"titles": {"delete_file": "Deleting a **file**"}}},
    ),
    Shown(
        "images",
        turn(
            [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": picture(320, 180)}},
                {"type": "image_url", "image_url": {"url": "https://images.example.org/cat.png"}},
                {
                    "type": "file",
                    "file": {"filename": "report.pdf", "file_data": "data:application/pdf;base64,JVBERi0="},
                },
                {"type": "text", "text": "data.csv:\n```\na,b\n1,2\n```"},
            ],
            "A gradient.",
        ),
    ),
    Shown(
        "error",
        turn("Hello", "", status="error", error="The server says: you have reached your limit of requests. (429)"),
    ),
    Shown("stopped", turn("Tell me a story", "Once upon a", status="stopped")),
    Shown("interrupted", turn("Tell me a story", "Once upon a time there", status="interrupted")),
    Shown("length", turn("Tell me a story", "Once upon a time there", finish_reason="length")),
    Shown(
        "retrying",
        [message(0, "user", "Hello"), message(1, "assistant", "", status="waiting")],
        {"status": "retrying", "retry": {"attempt": 1, "delay": 3600, "reason": "slow down (429)"}},
    ),
    Shown("saved", turn("Tell me a story", "Once upon a time there", status="streaming"), saved=True),
    Shown(
        "tool-fails",
        [
            *CALLING,
            message(
                2, "tool", "The city is not known.", tool_call_id="c1", status="error", error="ValueError: no city"
            ),
            message(3, "tool", "x" * 9000, tool_call_id="c2"),
            message(4, "assistant", "It did not work."),
        ],
    ),
    Shown("calls", [*ENDED, message(20, "assistant", "Some of it is done.")]),
    Shown("call-details", [*ENDED, message(20, "assistant", "Why?")], act=unfold_failed, undo=stay),
    Shown(
        "function-fails",
        turn("Hello", "", status="error", error="ZeroDivisionError: division by zero", log=LOG),
        {"connection": {"kind": "callable", "model": "answer", "base_url": None, "key": None}},
        act=unfold_failed,
        undo=stay,
    ),
    Shown(
        "function-prints",
        turn("Hello", "Hello!", log="loading results.csv\n12 rows left out"),
        {"connection": {"kind": "callable", "model": "answer", "base_url": None, "key": None}},
    ),
    Shown(
        "queue",
        turn("Why?", "Because", status="streaming"),
        {"status": "streaming", "queue": [{"id": f"q{n}", "text": "And then? " * n * n} for n in (1, 2, 5)]},
    ),
    Shown(
        "spent",
        turn("And in winter?", "Colder.", left_out={"count": 12, "summarized": False}),
        state={"spent": {"prompt_tokens": 18240, "completion_tokens": 912, "dollars": 0.0064, "is_part": False}},
    ),
    Shown("branches", turn("Try again", "The second answer.", branch={"index": 1, "count": 3})),
    Shown("files", act=attach_files, undo=detach_files),
    Shown("names", act=offer_names, undo=take_back),
    Shown("along", state={"context": ["cells", "data.csv"]}, act=show_what_goes_along, undo=take_back),
    Shown("misspelt", act=misspell_a_name, undo=take_back),
    Shown(
        "values",
        [
            message(
                1,
                "user",
                [
                    {"type": "text", "text": "What stands out in `heights`?"},
                    {"type": "text", "text": "heights (DataFrame, 120 rows, 4 columns):\n```\nColumns: city\n```"},
                ],
            ),
            message(2, "assistant", "The Andes."),
        ],
    ),
    Shown("full-window", turn("What do the data say?", RICH), act=fill_window),
    Shown("find", turn("What do the data say?", RICH), act=find_text, undo=stop_finding),
    Shown("editing", turn("What do the data say?", "Nothing."), act=edit_question),
    Shown("cleared", state={"restorable": True}),
    Shown("new-chat", state={"previous": 12}),
    Shown(
        "odd",
        turn(
            "ظهر النص من اليمين إلى اليسار 👩‍👩‍👧‍👦 " + "verylongword" * 12,
            "שלום! `user\u202etxt.exe` "
            + "x" * 300
            + "\n\n| "
            + " | ".join("wide column" for _ in range(14))
            + " |\n|"
            + "---|" * 14
            + "\n| "
            + " | ".join("cell" for _ in range(14))
            + " |\n",
        ),
        {"connection": SERVER | {"model": LONG_NAME}},
    ),
    Shown(
        "long",
        [message(n, "user" if n % 2 == 0 else "assistant", f"Message number {n}. " * 6) for n in range(400)],
        act=scroll_up,
        undo=stay,
    ),
]
