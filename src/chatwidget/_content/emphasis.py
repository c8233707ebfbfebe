"""The boundaries of emphasis beside Chinese, Japanese and Korean text.

CommonMark relies on the spaces between words, which these scripts do not have: it does not recognise a `**` between
punctuation and a letter as the end of bold text. The rule here is the amendment at
https://github.com/tats-u/markdown-cjk-friendly (specification.md), which the view gets from the npm package
markdown-it-cjk-friendly. Its Python namesake, mdit-py-cjk-friendly, is no replacement: it excludes markdown-it-py 4,
leaves out Korean and variation selectors, and patches every parser in the process. Text in other scripts is not
affected.
"""

from __future__ import annotations

import unicodedata


def can_open_and_close(before: str, after: str, *, in_words: bool = True) -> tuple[bool, bool]:
    """Return whether a run of `*`, `_` or `~` can open emphasis, and whether it can close it.

    Args:
        before: The two characters before the run, or fewer at the beginning of the text.
        after: The character after the run, or "" at the end of the text.
        in_words: True if such a run may be within a word, unlike `_`.

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
    """Return whether a run of `*` or `~` can open and close emphasis by the letter of CommonMark.

    Args:
        before: The characters before the run.
        after: The character after the run, or "" at the end of the text.

    """
    last, following = before[-1:] or " ", after or " "
    if is_space(last) or is_space(following):
        return not is_space(following), not is_space(last)
    opens, closes = is_punctuation(last), is_punctuation(following)
    return opens or not closes, closes or not opens


def is_space(character: str) -> bool:
    """Return True if a character is whitespace as CommonMark defines it.

    Args:
        character: A single character.

    """
    return character in "\t\n\v\f\r" or unicodedata.category(character) == "Zs"


def is_punctuation(character: str) -> bool:
    """Return True if a character is punctuation or a symbol as CommonMark defines them.

    Args:
        character: A single character.

    """
    return unicodedata.category(character)[0] in "PS"


def is_cjk(character: str) -> bool:
    """Return True if a character is wide, or Hangul.

    Emoji do not count, and neither do some squared words of U+1F200.

    Args:
        character: A single character.

    """
    if character < "\u1100" or "\U0001f000" <= character < "\U00020000":
        return False
    width = unicodedata.east_asian_width(character)
    if width == "W":
        return character >= "\u2e80" or not unicodedata.category(character).startswith("S")
    return width in "FH" or unicodedata.name(character, "").startswith("HANGUL")


def _ends_cjk(character: str) -> bool:
    # The second condition is for selectors of ideographic variants.
    return is_cjk(character) or "\U000e0100" <= character <= "\U000e01ef"


def _is_cjk_pair(pair: str) -> bool:
    """Return True if a character with its variation selector is CJK, such as full-width quotation marks."""
    return is_cjk(pair[-2]) or (pair[-2] in "\u2018\u2019\u201c\u201d" and pair[-1] == "\ufe01")
