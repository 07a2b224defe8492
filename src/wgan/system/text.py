"""Names and words of others, as they may be shown: a file's name can hold what makes a terminal move, hide or lie."""

import re

HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters, among them those that begin a terminal's commands
    "\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # not seen, or turn what follows
    "\ud800-\udfff"  # halves of pairs, which no encoding takes: bytes of a name that is no UTF-8
    "\ue000-\uf8ff\U000e0000-\U0010ffff]"  # tags, and what has no meaning of its own
)
"""What is not seen. The joiners U+200C and U+200D are left: scripts and emoji need them to be read."""


def printable(text: str, kept: str = "") -> str:
    r"""The text with what cannot be seen written as escapes, `\x1b`; `kept` are characters to leave as they are."""
    return HIDDEN.sub(lambda found: found[0] if found[0] in kept else _escaped(found[0]), text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
