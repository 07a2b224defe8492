"""Names and words of others, as they may be shown: a file's name can hold what makes a terminal move, hide or lie."""

import unicodedata

HIDDEN = frozenset(["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
"""Unicode's categories of what is not seen, or turns the text around it: control characters, marks of direction, halves
of pairs that cannot be encoded, line separators."""
KEPT = frozenset("\u200c\u200d")
"""Joiners, which scripts and emoji need to be read, and which change nothing around them."""


def printable(text: str, kept: str = "") -> str:
    r"""The text with what cannot be seen written as escapes, `\x1b`; `kept` are characters to leave as they are."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char in kept or char in KEPT or unicodedata.category(char) not in HIDDEN else _escaped(char)
        for char in text
    )


def encodable(text: str) -> str:
    """The text with halves of pairs, which no encoding takes, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
