"""All figures on one page, which loads nothing."""

import base64
from collections.abc import Sequence
from pathlib import Path

import jinja2
from markupsafe import Markup

from wgan.gallery.figure import Shown
from wgan.report import STYLESHEET
from wgan.system.files import make_folder, write_text

TEMPLATE = Path(__file__).with_name("page.html")


def write_page(figures: Sequence[Shown], target: Path) -> None:
    """Write the page, in the style of a run's report; the drawings follow the reader's light or dark screen."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        figures=[(shown, base64.b64encode(shown.svg.encode()).decode()) for shown in figures],
        style=Markup(STYLESHEET.read_text(encoding="utf-8")),
    )
    make_folder(target.parent)
    write_text(target, page)
