"""Texts for people in their language.

English stands where it is said, and is the key; Chinese stands in `zh/`, a text for each key. So that both can be
compared by a test, the first argument of `say` and `marked` is always a literal.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, get_args

from wgan.language.zh import MESSAGES

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_chosen: Language | None = None
"""Of the whole process. A context variable would be lost from one cell of a notebook to the next, and in threads."""


def say(text: str, /, **values: object) -> str:
    """A text in the current language, with its `{values}` filled in."""
    return told(text).format(**values)


def marked(text: str) -> str:
    """The text itself, for tables that are made before the language is known; `told` translates it."""
    return text


def told(text: str) -> str:
    """A marked text in the current language; in English if nobody has translated it."""
    return MESSAGES.get(text, text) if language() == "zh" else text


def language() -> Language:
    """The language of texts: the one that was set, or else the one that the environment asks for."""
    return _chosen or preferred(os.environ)


def set_language(name: Language | None) -> None:
    """Have verdicts, findings and reports in English ("en") or Chinese ("zh"); None asks the environment again.

    Raises:
        ValueError: there is no such language.
    """
    global _chosen
    if name is not None and name not in LANGUAGES:
        raise ValueError(f"Unknown language '{name}'. There are: {', '.join(LANGUAGES)}.")
    _chosen = name


@contextmanager
def using(name: Language | None) -> Iterator[None]:
    """A language for a while; then the one before again."""
    before = _chosen
    set_language(name)
    try:
        yield
    finally:
        set_language(before)


def preferred(environment: Mapping[str, str]) -> Language:
    """The language that an environment asks for: Chinese where the locale is Chinese, else English.

    WGAN_LANG comes before the locale, whose variables come in POSIX's order.
    """
    named = (environment.get(name) for name in ("WGAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, named), "").lower().startswith("zh") else "en"
