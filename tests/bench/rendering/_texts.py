"""Answers to render: long, and with everything in them that models write."""

from random import Random

CHARS_PER_TOKEN = 4
WORDS = [
    "data",
    "model",
    "value",
    "column",
    "mean",
    "error",
    "plot",
    "array",
    "index",
    "train",
    "test",
    "split",
    "feature",
    "target",
    "noise",
    "signal",
    "window",
    "filter",
    "sample",
    "batch",
    "epoch",
    "weight",
    "bias",
    "layer",
    "token",
    "prompt",
    "answer",
    "context",
    "the",
    "a",
    "of",
    "and",
    "to",
    "in",
    "for",
    "with",
    "that",
    "this",
    "is",
    "was",
    "were",
    "which",
    "from",
    "over",
    "under",
    "between",
]


class Writer:
    """Writes the same texts each time."""

    def __init__(self) -> None:
        self._random = Random(11)

    def words(self, count: int) -> str:
        """Prose with some Markdown in it."""
        written = []
        for _ in range(count):
            word = self._random.choice(WORDS)
            written.append(self._random.choices([word, f"**{word}**", f"*{word}*", f"`{word}`"], [20, 1, 1, 1])[0])
        return " ".join(written)

    def paragraph(self) -> str:
        """A paragraph."""
        return self.words(60).capitalize() + ".\n\n"

    def items(self, count: int) -> str:
        """A list, without the blank line that ends it."""
        return "".join(f"{'  ' if n % 4 == 3 else ''}- {self.words(9)}\n" for n in range(count))

    def table(self, rows: int) -> str:
        """A table, without the blank line that ends it."""
        head = "| name | mean | note | link |\n|:-----|-----:|:----:|------|\n"
        return head + "".join(
            f"| {self.words(2)} | {n}.5 | {self.words(3)} | [{n}](https://example.org/{n}) |\n" for n in range(rows)
        )

    def code(self, lines: int) -> str:
        """The inside of a fence."""
        return "".join(
            f'    value_{n} = compute("{self.words(2)}", index={n})  # {self.words(3)}\n' for n in range(lines)
        )


def answer(tokens: int) -> str:
    """Headings, paragraphs, lists, tables and code, one after the other."""
    writer, text = Writer(), ""
    while len(text) < tokens * CHARS_PER_TOKEN:
        text += f"## {writer.words(4)}\n\n" + writer.paragraph() + writer.items(8) + "\n" + writer.paragraph()
        text += writer.table(8) + "\n```python\ndef function():\n" + writer.code(14) + "```\n\n"
    return text[: tokens * CHARS_PER_TOKEN]


def giants(tokens: int, table_tokens: int) -> dict[str, str]:
    """Answers that are one single block."""
    writer = Writer()
    return {
        "paragraph": writer.words(tokens)[: tokens * CHARS_PER_TOKEN],
        "list": writer.items(tokens // 12)[: tokens * CHARS_PER_TOKEN],
        "table": writer.table(table_tokens // 15)[: table_tokens * CHARS_PER_TOKEN],
        "fence": "```python\n" + writer.code(tokens // 16)[: tokens * CHARS_PER_TOKEN] + "```\n",
    }
