"""Text in the columns of a terminal, where Chinese characters take two: rich counts them by itself."""

import re
import textwrap

import pytest
from rich.cells import cell_len

from wgan.language import zh
from wgan.system.text import columns, padded, wrapped

LONGEST = 30
CHINESE = [
    text
    for text in zh.MESSAGES.values()
    if len(text) > 20 and text[0] not in "，；" and max(map(len, re.findall("[^\\s\u2e80-\uffef]*", text))) <= LONGEST
]
"""All but those that are short or parts of others, or have a word that is so long that no line could keep it."""


def test_columns_are_those_that_rich_counts():
    for text in [*zh.MESSAGES, *zh.MESSAGES.values()]:
        assert columns(text) == cell_len(text)


@pytest.mark.parametrize("align", ["<", "^", ">"])
def test_padding_fills_columns_as_format_does(align):
    assert padded("floor", 9, align) == f"{'floor':{align}9}"
    assert padded("a longer one", 9, align) == "a longer one"
    filled = padded("基准", 9, align)
    assert cell_len(filled) == 9
    assert filled.strip() == "基准"


def test_english_is_wrapped_as_ever():
    for text in zh.MESSAGES:
        ascii_only = text.replace("é", "e").replace("±", "+").replace("·", "-")
        assert wrapped(ascii_only, 60, "  ") == textwrap.wrap(
            ascii_only, 60, initial_indent="  ", subsequent_indent="  "
        )


@pytest.mark.parametrize("width", [40, 61, 100])
def test_chinese_fits_is_complete_and_keeps_its_punctuation(width):
    assert len(CHINESE) > 50
    for text in CHINESE:
        lines = wrapped(text, width, "  ")
        assert "".join("".join(lines).split()) == "".join(text.split())
        assert max(map(cell_len, lines)) <= width
        assert min(map(cell_len, lines[:-1]), default=width) > width - LONGEST - 4, "a line is full, but for a word"
        for line in lines:
            assert line.startswith("  ")
            assert line[2] not in "，。：；、）”》", "what belongs to the line before"
            assert line[-1] not in "（“《", "what belongs to the line after"
