"""Every text has two languages, and both take the same values."""

from string import Formatter

import pytest

from language.texts import HAN, english_in, spoken
from wgan.language import zh

SYMBOLS = {
    ", ",
    "; ",
    " and ",
    "{name}, {step}",
    "{where} ({step:,})",
    "{name} {value:.2f}",
    " ({names})",
    "{severity}: {code}{since}",
    "{severity}: {code}. {evidence} {advice}",
    "  {severity}: {code}. {evidence}",
    "{player}'s {momentum:g}",
    "the {player}'s weights by {change:.0%}",
}
"""Between values, Chinese needs no word."""


def fields(text):
    return sorted((name, spec, conversion) for _, name, spec, conversion in Formatter().parse(text) if name is not None)


def test_what_is_said_is_what_has_a_translation():
    said = spoken()
    assert None not in said, "the first argument of `say` and `marked` is a literal"
    assert len(said) > 300
    assert {*said} - {*zh.MESSAGES} == set(), "said, and not in wgan/language/zh"
    assert {*zh.MESSAGES} - {*said} == set(), "in wgan/language/zh, and never said"


def test_no_text_is_translated_twice():
    tables = [zh.PARTS, zh.SETTINGS, zh.COURSE, zh.VERDICTS, zh.REPORT, zh.PANELS, zh.SHARE, zh.SWEEPS]
    assert sum(map(len, tables)) == len(zh.MESSAGES)


@pytest.mark.parametrize("english", zh.MESSAGES)
def test_both_take_the_same_values_in_the_same_form(english):
    assert fields(english) == fields(zh.MESSAGES[english])
    for _, spec, _ in fields(english):
        number = 3 if "," in spec else 3.0
        if spec:
            assert format(number, spec)


@pytest.mark.parametrize("english", [text for text in zh.MESSAGES if text not in SYMBOLS])
def test_chinese_is_chinese(english):
    chinese = zh.MESSAGES[english]
    assert HAN.search(chinese)
    assert not english_in(chinese)
