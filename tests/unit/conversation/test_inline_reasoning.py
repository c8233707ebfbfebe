"""Reasoning in the content of an answer, in any cut. Runs in Pyodide too."""

from __future__ import annotations

import random

import pytest

from chatwidget._conversation.inline_reasoning import InlineReasoning, Step


def apart(pieces: list[str]) -> tuple[str, str]:
    """The reasoning and the answer in `pieces`."""
    texts = {"reasoning": "", "content": ""}
    reader = InlineReasoning()
    for step in [*(step for piece in pieces for step in reader.feed(piece)), *reader.close()]:
        other = "content" if step.field == "reasoning" else "reasoning"
        text = step.text
        if step.taken == "":
            text, texts[other] = texts[other].strip(), ""
        elif step.taken is not None:
            assert texts[other].endswith(step.taken)
            texts[other] = texts[other].removesuffix(step.taken)
        texts[step.field] += text
    return texts["reasoning"], texts["content"]


FOUND = {
    # tags
    "<think>hm</think>\n\n42": ("hm", "42"),
    "<thinking>hm</thinking>42": ("hm", "42"),
    "\n\n <THINK>\nhm\n\nhm\n</Think>\n42\n": ("hm\n\nhm", "42\n"),
    "<Thought>a < b</thought>42": ("a < b", "42"),
    "[THINK]hm[/THINK]42": ("hm", "42"),
    "<think></think>\n\n42": ("", "42"),
    "<think>\n\n</think>\n\n42": ("", "42"),
    "<think>a</think>\n<think>b</think>\n42": ("a\n\nb", "42"),
    "<think>a<think>b</think>c</think>42": ("a<think>b</think>c", "42"),
    "<think>a <think> b</think>42": ("a <think> b", "42"),
    "<think>`</think>` ends it</think>42": ("`</think>` ends it", "42"),
    "<think>```\n</think>\n```\nhm</think>42": ("```\n</think>\n```\nhm", "42"),
    "<think>```\nx = 1\n</think>\n\n42": ("```\nx = 1", "42"),
    "<think>a ` b</think>\n42": ("a ` b", "42"),
    "<think>hm": ("hm", ""),
    "<think>hm\n</thi": ("hm\n</thi", ""),
    "<think>it wrote `</think>` and": ("it wrote `</think>` and", ""),
    "<think>": ("", ""),
    # only the end of it
    "hm</think>\n\n42": ("hm", "42"),
    "hm\n\nhm.\n</think>\n42": ("hm\n\nhm.", "42"),
    "</think>\n\n42": ("", "42"),
    "`</think>` would end it.\n</think>42": ("`</think>` would end it.", "42"),
    "hm</think>": ("hm", ""),
    "hm </think>\n42": ("hm", "42"),
    # channels
    "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>42": ("hm", "42"),
    "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>42<|return|>": ("hm", "42"),
    "<|start|>assistant<|channel|>analysis<|message|>a<|end|>"
    "<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>"
    "<|start|>assistant<|channel|>final <|constrain|>json<|message|>{}<|end|>": ("a\n\n{}", "{}"),
    "<|channel|>final<|message|>42<|end|>": ("", "42"),
    "<|channel|>analysis<|message|>hm": ("hm", ""),
    "<|channel|>analy": ("", ""),
    "<|channel|>final<|message|>`<|end|>` ends it<|return|>": ("", "`<|end|>` ends it"),
    "hm<|end|><|start|>assistant<|channel|>final<|message|>42": ("hm", "42"),
}

LEFT = [
    "42",
    "",
    " ",
    "\n\n42",
    "<",
    "<thi",
    "<thin air>",
    "<b>x</b> < y > z",
    "a <think>b</think> c",
    "Models write <think> first and </think> then.",
    "Models write `<think>`, then `</think>`.",
    "`<think>hm</think>`",
    "```\n<think>hm</think>\n```",
    "Look:\n\n```html\n<p>\n</think>\n```\n\nThat is it.",
    "- ~~~\n  </think>\n  ~~~",
    "The tag </think> ends it.",
    'It ends with "</think>".',
    "`<|channel|>final<|message|>42`",
    "<|tool|>",
    "[THIN] [link](x)",
    "a </thinker> b",
]


def cuts(text: str) -> list[list[str]]:
    rng = random.Random(text)
    places = [sorted(rng.sample(range(len(text) + 1), min(len(text), 5))) for _ in range(20)]
    parts = [[text[start:end] for start, end in zip([0, *at], [*at, len(text)], strict=True)] for at in places]
    return [[text], list(text), *([text[:at], text[at:]] for at in range(len(text))), *parts]


@pytest.mark.parametrize("text", FOUND)
def test_reasoning_is_told_apart_however_it_is_cut(text):
    for pieces in cuts(text):
        assert apart(pieces) == FOUND[text], pieces


@pytest.mark.parametrize("text", LEFT)
def test_what_is_not_reasoning_stays_as_it_is(text):
    for pieces in cuts(text):
        assert apart(pieces) == ("", text), pieces


def test_an_answer_comes_in_the_pieces_that_it_came_in():
    reader = InlineReasoning()
    pieces = ["Hel", "lo ", "`x`", "\n", " there"]
    assert [reader.feed(piece) for piece in pieces] == [[Step("content", piece)] for piece in pieces]
    reader = InlineReasoning()
    pieces = ["<think>", "a", " b", "</think>", "c"]
    steps = [step for piece in pieces for step in reader.feed(piece)]
    assert steps == [Step("reasoning", "a"), Step("reasoning", " b"), Step("content", "c")]
