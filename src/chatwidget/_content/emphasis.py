"""Where emphasis begins and ends beside Chinese, Japanese and Korean text.

CommonMark goes by the spaces between words, which these scripts do not have: it sees no end of bold text in a `**`
between punctuation and a letter. The rule here is the amendment at https://github.com/tats-u/markdown-cjk-friendly
(specification.md), which the view gets from the npm package markdown-it-cjk-friendly. Its namesake for Python,
mdit-py-cjk-friendly, is no replacement: it excludes markdown-it-py 4, leaves out Korean and variation selectors, and
patches every parser in the process. Text in other scripts is not affected.
"""

from __future__ import annotations

import unicodedata


def can_open_and_close(before: str, after: str, *, in_words: bool = True) -> tuple[bool, bool]:
    """Return whether a run of `*`, `_` or `~` can open emphasis, and whether it can close it.

    Args:
        before: the two characters before the run, or fewer at the beginning of the text
        after: the character after the run, or "" at the end of the text
        in_words: whether such a run may be within a word, as `_` may not

    """
    last, following = before[-1:] or " ", after or " "
    main = last
    is_selected = "\ufe00" <= last <= "\ufe0e" and len(before) > 1
    if is_selected and not is_space(before[-2]):
        main = before[-2]
    if is_space(main) or is_space(following):
        return not is_space(following), not is_space(main)
    opens, closes = is_punctuation(main), is_punctuation(following)
    if in_words:
        is_beside = is_cjk(following) or (_is_cjk_pair(before) if is_selected else _ends_cjk(last))
        return opens or is_beside or not closes, closes or is_beside or not opens
    return opens, closes


def commonmark_can_open_and_close(before: str, after: str) -> tuple[bool, bool]:
    """Return what parsers that follow CommonMark to the letter make of a run of `*` or `~`."""
    last, following = before[-1:] or " ", after or " "
    if is_space(last) or is_space(following):
        return not is_space(following), not is_space(last)
    opens, closes = is_punctuation(last), is_punctuation(following)
    return opens or not closes, closes or not opens


def is_space(character: str) -> bool:
    return character in "\t\n\v\f\r" or unicodedata.category(character) == "Zs"


def is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def is_cjk(character: str) -> bool:
    """Whether a character is wide, or Hangul. Emoji do not count, and with them some squared words of U+1F200."""
    if character < "\u1100" or "\U0001f000" <= character < "\U00020000":
        return False
    width = unicodedata.east_asian_width(character)
    if width == "W":
        return character >= "\u2e80" or not unicodedata.category(character).startswith("S")
    return width in "FH" or unicodedata.name(character, "").startswith("HANGUL")


def _ends_cjk(character: str) -> bool:
    # The second is a selector of ideographic variants.
    return is_cjk(character) or "\U000e0100" <= character <= "\U000e01ef"


def _is_cjk_pair(pair: str) -> bool:
    """Whether a character and its variation selector are CJK, as quotation marks are in their full width."""
    return is_cjk(pair[-2]) or (pair[-2] in "\u2018\u2019\u201c\u201d" and pair[-1] == "\ufe01")
