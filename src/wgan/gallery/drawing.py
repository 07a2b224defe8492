"""How the figures look: one style, the report's colours, and SVG that is dark where the reader's screen is."""

import io
import re
from typing import TYPE_CHECKING, Any

import matplotlib
from matplotlib.figure import Figure as Canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, SOFT, RULE, PAPER = "#1d1f21", "#62666b", "#e2e3e0", "#ffffff"
BLUE, ORANGE, GREEN = "#2457c5", "#cf4b12", "#12805c"
"""Told apart by colour-blind readers too, and always with a label or another stroke beside them."""

DARK = {
    INK: "#e8e8e6",
    SOFT: "#a0a5ab",
    RULE: "#33363a",
    PAPER: "#1c1e21",
    BLUE: "#86abff",
    ORANGE: "#ff9466",
    GREEN: "#56cfa3",
}
"""The same colours in the dark: those of the report's page."""

STYLE: Any = {
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "text.color": INK,
    "axes.titlecolor": INK,
    "axes.labelcolor": SOFT,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "axes.edgecolor": RULE,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "font.family": "DejaVu Sans",
    "svg.fonttype": "path",
}


def canvas(rows: int, columns: int, width: float = 9.0, height: float = 3.8, **options: Any) -> tuple[Canvas, Any]:
    """An empty drawing and its array of axes, (rows, columns). No window is opened: Agg draws."""
    drawn = Canvas(figsize=(width, height), layout="constrained")
    return drawn, drawn.subplots(rows, columns, squeeze=False, **options)


def bare(axes: "Axes", title: str = "") -> None:
    """Axes without ticks, of a picture or of a plane."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.set_aspect("equal")
    axes.set_title(title)


def png(drawn: Canvas) -> bytes:
    """The drawing as PNG, the same bytes each time."""
    written = io.BytesIO()
    drawn.savefig(written, format="png", dpi=130, metadata={"Software": None})
    return written.getvalue()


def svg(drawn: Canvas, name: str) -> str:
    """The drawing as SVG, the same text each time; `name` keeps its identifiers apart from those of other drawings."""
    written = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": name}):
        drawn.savefig(written, format="svg", metadata={"Date": None})
    # Programs that know no such rule show the light colours.
    rules = "".join(
        f'[style*="{part}: {light}"]{{{part}:{dark}!important}}'
        for light, dark in DARK.items()
        for part in ("fill", "stroke")
    )
    style = f"<style>@media (prefers-color-scheme:dark){{{rules}}}</style>"
    short = re.sub(r"\b([1-9]\d*\.\d\d)\d+", r"\1", written.getvalue())  # a hundredth of a point is enough
    return short.replace("<defs>", style + "<defs>", 1)
