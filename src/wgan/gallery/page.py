"""All figures on one page, which loads nothing."""

import base64
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from wgan.gallery.figure import Shown
from wgan.report import STYLESHEET, pages

HERE = Path(__file__).parent


def write_page(figures: Sequence[Shown], target: Path) -> None:
    """Write the page, in the style of a run's report; the drawings follow the reader's light or dark screen."""
    page = (
        pages.environment(HERE)
        .get_template("page.html")
        .render(
            figures=[(shown, base64.b64encode(shown.svg.encode()).decode()) for shown in figures],
            style=Markup(STYLESHEET.read_text(encoding="utf-8")),
        )
    )
    pages.write_page(page, target)
