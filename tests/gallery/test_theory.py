"""docs/theory.md shows every figure, and quotes code that is there."""

import re
from pathlib import Path

from wgan.gallery import FIGURES

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "theory.md").read_text()


def test_every_figure_is_in_the_story_in_this_order():
    assert re.findall(r"\(pictures/theory/([a-z-]+)\.svg\)", TEXT) == list(FIGURES)


def test_quoted_lines_are_lines_of_the_file_named_before_them():
    quotes = re.findall(r"\[[a-z_]+\.py\]\(([^)]+)\):\n\n```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(quotes) == TEXT.count("```python") > 0
    for file, quote in quotes:
        lines = {line.strip() for line in (DOCS / file).read_text().splitlines()}
        assert set(quote.splitlines()) <= lines, file
