"""Text for people: names made safe to show, and settings as one types them."""

import re
import shlex
import textwrap
import unicodedata
from collections.abc import Iterable
from typing import Literal

HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters, among them those of terminal commands
    "\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible, or turn text around
    "\ud800-\udfff"  # surrogates, which stand for bytes that are no UTF-8
    "\ue000-\uf8ff\U000e0000-\U0010ffff]"  # tags and private use
)
"""Characters that cannot be seen. The joiners U+200C and U+200D are allowed: scripts and emoji need them."""


def printable(text: str, kept: str = "") -> str:
    r"""The text with hidden characters as escapes like `\x1b`, except those in `kept`.

    A file name can contain characters that control a terminal or hide text.
    """

    def escaped(found: re.Match[str]) -> str:
        return found[0] if found[0] in kept else found[0].encode("unicode_escape").decode("ascii")

    return HIDDEN.sub(escaped, text)


def writable(text: str) -> str:
    r"""The text with surrogates as escapes like `\ud800`: JSON and names of files may have them, and no file can."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def typed(settings: Iterable[str]) -> list[str]:
    """Settings as a shell takes them, each with its flag."""
    return [f"--set {shlex.quote(setting)}" for setting in settings]


WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60"
"""Characters that take two columns of a terminal: those of Chinese and its punctuation."""
PIECES = re.compile(f"\\s+|[（《“]*(?:[{WIDE}]|[^\\s{WIDE}“]+)[，。：；、）》”？！]*")
"""What a line is not broken within: a word or a Chinese character, with its punctuation."""


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def padded(text: str, width: int, align: Literal["<", "^", ">"]) -> str:
    """The text with spaces up to a number of columns, as `format` would put them."""
    missing = max(0, width - columns(text))
    return f"{text:{align}{len(text) + missing}}"


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """The text in lines of at most so many columns. Chinese can be broken between any two characters."""
    if columns(text) == len(text):
        return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent)
    lines = [indent]
    for piece in PIECES.findall(text):
        if columns(lines[-1] + piece.rstrip()) > width and lines[-1] != indent:
            lines.append(indent)
        lines[-1] += piece if lines[-1] != indent else piece.lstrip()
    return [line.rstrip() for line in lines]


def counted(count: int, thing: str, things: str = "") -> str:
    """A number of things: "1 value", "1,200 values"; `things` where an "s" does not make several."""
    return f"{count:,} {thing if count == 1 else things or thing + 's'}"
