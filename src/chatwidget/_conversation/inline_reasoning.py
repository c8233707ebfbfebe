"""Separation of reasoning that a model wrote into its answer.

Servers without a parser for their model leave its marks in the content: `<think>...</think>` at the beginning, only
`</think>` if the prompt had opened it, or the channels of gpt-oss (`<|channel|>analysis<|message|>...<|end|>`). Marks
in code, and marks that come later, are text about these marks, and stay.

Pure and incremental: text goes in, cut anywhere, and steps come out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

_NAMES: Final = ("think", "thinking", "thought", "reasoning")
_TAG: Final = re.compile(rf"<(?P<end>/?)(?i:{'|'.join(_NAMES)})>|\[(?P<END>/?)THINK\]")
_TAGS: Final = (*(f"<{end}{name}>" for name in _NAMES for end in ("", "/")), "[think]", "[/think]")
_STARTS: Final = ("<|start|>", "<|channel|>")
_LATE: Final = re.compile(rf"{_TAG.pattern}|(?P<done><\|end\|>)?(?P<head>(?:<\|start\|>assistant)?<\|channel\|>)")
_LATE_MARKS: Final = (*_TAGS, "<|end|><|start|>assistant<|channel|>", "<|start|>assistant<|channel|>", "<|channel|>")
_LONGEST_MARK: Final = max(map(len, _LATE_MARKS))
_MARK: Final = re.compile(r"[<\[]")
_CHANNEL: Final = re.compile(r"<\|channel\|>\s*(\w*)")
_BODY: Final = "<|message|>"
_STOPS: Final = ("<|end|>", "<|return|>", "<|call|>")
_END: Final = re.compile("|".join(map(re.escape, (*_STOPS, *_STARTS))))
_LONGEST_HEAD: Final = 400
"""Characters allowed before `<|message|>`. A longer text is not the head of a message."""
_BEFORE_MENTION: Final = frozenset(" \t\"'(\u201c\u2018")
_AFTER_MENTION: Final = frozenset(" \t\"').,;:!?\u201d\u2019")

_SIGN: Final = re.compile(r"[<\[`~\n]")
_PIECE: Final = re.compile(r"\n|`+|~+|[^\n`~]+")
_PREFIX: Final = re.compile(r"(?:[\s>]|[-*+](?=\s|$)|\d{1,9}(?:[.)](?=\s|$)|$))*")
"""Possible prefixes of a fence: quotes and list marks."""
_LONGEST_PREFIX: Final = 80
_SHORTEST_FENCE: Final = 3


class Step(NamedTuple):
    """`text` to add to a field, `content` or `reasoning`.

    If `taken` is not empty, the other field ends with it, and it has turned out to be `text` of this field. If `taken`
    is empty, the whole of the other field belongs to this one.
    """

    field: str
    text: str
    taken: str | None = None


class InlineReasoning:
    """A parser that separates the content of one answer as it arrives."""

    def __init__(self) -> None:
        self._state: Callable[[], bool] = self._begin
        self._text = ""
        self._is_last = False
        self._steps: list[Step] = []
        self._before = ""
        """The last character of the answer."""
        self._has_thought = False
        self._gap = ""
        """Whitespace after reasoning, which belongs to it if more follows."""
        self._is_new = True
        """True if reasoning begins, perhaps after an earlier part."""
        self._depth = 0
        self._doubt: list[str] | None = None
        """The last closing tag that was not accepted as one, and the reasoning after it."""
        self._is_code = False
        """True if that tag is in code."""
        self._code = _Code()

    def feed(self, text: str) -> list[Step]:
        """Parse more text and return the steps it leads to.

        Args:
            text: The next piece of the answer.

        """
        if self._state == self._plain:
            return [Step("content", text)]
        if not self._text and self._state == self._watch and self._code.is_prose(text):
            self._before = text[-1:]
            return [Step("content", text)]
        self._text += text
        return self._run()

    def close(self) -> list[Step]:
        """Finish and return the remaining steps."""
        self._is_last = True
        steps = self._run()
        if self._doubt is not None and (self._code.is_watched or not self._is_code):
            # No other tag closed it.
            taken = "".join(self._doubt)
            steps.append(Step("content", _TAG.sub("", taken, count=1).lstrip(), taken))
        self._doubt = None
        return steps

    def skip(self) -> None:
        """Treat all further text as the answer."""
        self._state = self._plain

    def _run(self) -> list[Step]:
        while self._text and self._state():
            pass
        steps, self._steps = self._steps, []
        return steps

    # The states. Each reads from `_text` and returns True if there is more to read now.

    def _begin(self) -> bool:
        """Read the start of the answer."""
        text = self._text.lstrip()
        if tag := _TAG.match(text):
            self._text = text[tag.end() :]
            if _closes(tag):
                self._state = self._begin_answer
            else:
                self._think()
            return True
        if text.startswith(_STARTS):
            self._text, self._state = text, self._head
            return True
        is_open = _may_begin(text, (*_TAGS, *_STARTS)) and len(self._text) < _LONGEST_HEAD
        if is_open and not self._is_last:
            return False
        self._state = self._watch
        return True

    def _begin_answer(self) -> bool:
        """Reasoning has ended; more of it may follow."""
        self._text = self._text.lstrip()
        tag = _TAG.match(self._text)
        if tag and not _closes(tag):
            self._text = self._text[tag.end() :]
            self._think()
            return True
        if not self._text or (not self._is_last and _may_begin(self._text, _TAGS)):
            return False
        self._state = self._plain
        return True

    def _plain(self) -> bool:
        """Everything that follows is the answer."""
        self._steps.append(Step("content", self._text))
        self._text = ""
        return False

    def _watch(self) -> bool:
        """Read the answer, unless the mark that ends reasoning is still to come."""
        mark = _LATE.search(self._text)
        if mark is None:
            self._add_answer(self._without_begun(_LATE_MARKS))
            return False
        self._add_answer(self._text[: mark.start()])
        self._text = self._text[mark.start() :]
        after = self._text[len(mark[0]) :]
        if _closes(mark) and not after and not self._is_last:
            return False
        if self._code.is_open() or self._is_mention(mark, after):
            self._add_answer(mark[0])
            self._text = after
            return True
        if mark["head"] is None and not _closes(mark):
            self._state = self._plain
            return True
        self._steps.append(Step("reasoning", "", ""))
        self._has_thought = self._is_new = True
        self._text, self._state = (
            (after, self._begin_answer) if mark["head"] is None else (mark["head"] + after, self._head)
        )
        return True

    def _in_tags(self) -> bool:
        """Read reasoning between tags."""
        tag = _TAG.search(self._text)
        if tag is None:
            self._add_thought(self._without_begun(_TAGS))
            return False
        self._add_thought(self._text[: tag.start()])
        self._text = self._text[tag.end() :]
        is_code = self._code.is_open()
        if not is_code:
            self._depth += -1 if _closes(tag) else 1
        if not self._depth:
            self._gap, self._doubt = "", None
            self._state = self._begin_answer
            return True
        if _closes(tag):
            self._doubt = []
            self._is_code = is_code
            self._code.watch()
        self._add_thought(tag[0])
        return True

    def _head(self) -> bool:
        """Read the header of a gpt-oss message."""
        head, body, rest = self._text.partition(_BODY)
        if body:
            channel = _CHANNEL.search(head)
            self._state = self._final if channel is None or channel[1] == "final" else self._in_channel
            self._text, self._is_new, self._gap = rest, True, ""
            self._code = _Code()
        elif self._is_last:
            self._text = ""
        elif len(head) > _LONGEST_HEAD:
            self._state = self._plain
        else:
            return False
        return True

    def _in_channel(self) -> bool:
        """Read a gpt-oss message that is not the answer."""
        end = _END.search(self._text)
        if end is None:
            self._add_thought(self._without_begun((*_STOPS, *_STARTS)))
            return False
        self._add_thought(self._text[: end.start()])
        self._leave_message(end)
        return True

    def _final(self) -> bool:
        """Read the answer of gpt-oss."""
        end = _END.search(self._text)
        if end is None:
            self._add_answer(self._without_begun((*_STOPS, *_STARTS)))
            return False
        self._add_answer(self._text[: end.start()])
        if self._code.is_open():
            self._add_answer(end[0])
            self._text = self._text[end.end() :]
        else:
            self._leave_message(end)
        return True

    def _leave_message(self, end: re.Match[str]) -> None:
        self._text = self._text[end.start() if end[0] in _STARTS else end.end() :]
        self._state = self._between

    def _between(self) -> bool:
        """A gpt-oss message has ended."""
        self._text = self._text.lstrip()
        if stop := next((stop for stop in _STOPS if self._text.startswith(stop)), ""):
            self._text = self._text.removeprefix(stop)
        elif self._text.startswith(_STARTS):
            self._state = self._head
        elif not self._text or _may_begin(self._text, (*_STOPS, *_STARTS)):
            if self._is_last:
                self._text = ""
            return False
        else:
            self._state = self._plain
        return True

    # Shared by the states

    def _think(self) -> None:
        self._depth, self._is_new, self._gap = 1, True, ""
        self._code = _Code()
        self._state = self._in_tags

    def _add_answer(self, text: str) -> None:
        if text:
            self._code.feed(text)
            self._before = text[-1]
            self._steps.append(Step("content", text))

    def _add_thought(self, text: str) -> None:
        self._code.feed(text)
        text = text.lstrip() if self._is_new else self._gap + text
        thought = text.rstrip()
        if thought:
            self._gap = text[len(thought) :]
            if self._is_new and self._has_thought:
                thought = f"\n\n{thought}"
            self._is_new, self._has_thought = False, True
            if self._doubt is not None:
                self._doubt.append(thought)
            self._steps.append(Step("reasoning", thought))
        elif not self._is_new:
            self._gap = text

    def _without_begun(self, marks: Iterable[str]) -> str:
        """Take the text read so far, except a possible beginning of a mark."""
        text = self._text
        size = 0 if self._is_last else _begun_at_end(text, marks)
        self._text = text[len(text) - size :]
        return text[: len(text) - size]

    def _is_mention(self, mark: re.Match[str], after: str) -> bool:
        """Return True if a closing tag is used like a word in a line."""
        return _closes(mark) and self._before in _BEFORE_MENTION and after[:1] in _AFTER_MENTION


def _closes(tag: re.Match[str]) -> bool:
    return bool(tag["end"] or tag["END"])


def _may_begin(text: str, marks: Iterable[str]) -> bool:
    return any(mark.startswith(text.lower()) for mark in marks)


def _begun_at_end(text: str, marks: Iterable[str]) -> int:
    """Return the number of characters at the end of `text` that may begin one of `marks`."""
    ends = (text[mark.start() :] for mark in _MARK.finditer(text, max(0, len(text) - _LONGEST_MARK)))
    return next((len(end) for end in ends if _may_begin(end, marks)), 0)


class _Code:
    """A tracker for code in text: fences, and backticks within a line."""

    def __init__(self) -> None:
        self.is_watched = False
        """True from `watch` until the code that was open then is closed."""
        self._fence = ""
        self._span = ""
        self._run = ""
        """Backticks or tildes at the end, which may be followed by more."""
        self._prefix: str | None = ""
        """The line so far, if a fence may still begin in it."""

    def is_prose(self, text: str) -> bool:
        """Return True if `text` changes nothing here and cannot contain a mark.

        Args:
            text: The next piece of text.

        """
        return self._prefix is None and not self._run and not _SIGN.search(text)

    def feed(self, text: str) -> None:
        """Read the next piece of text.

        Args:
            text: The piece.

        """
        for piece in _PIECE.findall(text):
            if piece[0] in "`~" and self._run[:1] in {"", piece[0]}:
                self._run += piece
                continue
            self._end_run()
            if piece == "\n":
                self._prefix, self._span = "", ""
            elif piece[0] in "`~":
                self._run = piece
            elif self._prefix is not None:
                self._prefix += piece
                can_begin = len(self._prefix) <= _LONGEST_PREFIX and _PREFIX.fullmatch(self._prefix)
                self._prefix = self._prefix if can_begin else None

    def is_open(self) -> bool:
        """Return True if the next character, if it is neither a backtick nor a tilde, is in code."""
        self._end_run()
        return bool(self._fence or self._span)

    def watch(self) -> None:
        """Watch whether the code that is open now is closed."""
        self.is_watched = self.is_open()

    def _end_run(self) -> None:
        run, self._run = self._run, ""
        if not run:
            return
        can_be_fence = self._prefix is not None and len(run) >= _SHORTEST_FENCE
        self._prefix = None
        if self._fence:
            if can_be_fence and run.startswith(self._fence):
                self._fence, self.is_watched = "", False
        elif can_be_fence:
            self._fence = run
        elif run == self._span:
            self._span, self.is_watched = "", False
        elif run[0] == "`":
            self._span = self._span or run
