"""Which language is spoken, and when."""

import pytest

import wgan
from wgan.language import language, marked, preferred, say, set_language, told, using


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LC_MESSAGES": "zh_CN", "LANG": "en_GB"}, "zh"),
        ({"LC_ALL": "en_GB", "LC_MESSAGES": "zh_CN", "LANG": "zh_CN"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_CN"}, "zh"),  # POSIX: an empty variable is as good as none
        ({"WGAN_LANG": "en", "LC_ALL": "zh_CN"}, "en"),
        ({"WGAN_LANG": "zh", "LC_ALL": "en_GB"}, "zh"),
    ],
)
def test_the_environment_asks_for_a_language(environment, expected):
    assert preferred(environment) == expected


def test_a_language_that_is_set_comes_before_the_environment(monkeypatch):
    monkeypatch.setenv("WGAN_LANG", "zh")
    assert language() == "zh"
    with using("en"):
        assert language() == "en"
        with using(None):
            assert language() == "zh"
        assert language() == "en"
    assert language() == "zh"


def test_python_sets_it():
    try:
        wgan.set_language("zh")
        assert say("generator") == "生成器"
    finally:
        wgan.set_language(None)
    assert say("generator") == "generator"


def test_an_error_ends_it_too():
    with pytest.raises(RuntimeError, match="on purpose"), using("zh"):
        raise RuntimeError("on purpose")
    assert language() == "en"


def test_a_language_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="Unknown language 'fr'"):
        set_language("fr")
    assert language() == "en"


def test_values_are_filled_in():
    assert say("step {step}", step=7) == "step 7"
    with using("zh"):
        assert say("step {step}", step=7) == "第 7 步"


def test_what_nobody_translated_is_english():
    text = marked("generator")
    with using("zh"):
        assert (told(text), told("an objective's own term")) == ("生成器", "an objective's own term")
