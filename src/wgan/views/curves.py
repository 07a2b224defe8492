"""The course of training as a picture: one panel for each thing that is measured."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wgan.views.panels import PANELS, measured

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 4
"""Panels in a row: more of them would be too small to read on a screen."""


def curves(metrics: Sequence[Mapping[str, Any]]) -> "Figure":
    """The metrics over generator steps; only the panels of which something was measured."""
    from matplotlib.figure import Figure

    panels = measured(PANELS, set().union(*metrics))
    columns = min(max(len(panels), 1), COLUMNS)
    rows = -(-len(panels) // columns) or 1
    figure = Figure(figsize=(4.6 * columns, 3.4 * rows), dpi=110)
    # Fixed margins: a layout that fits itself to the labels draws everything twice, which took a second of each run.
    wide, high = 1 / figure.get_figwidth(), 1 / figure.get_figheight()
    figure.subplots_adjust(0.6 * wide, 0.6 * high, 1 - 0.2 * wide, 1 - 0.4 * high, wspace=0.22, hspace=0.42)
    marker = "o" if len(metrics) == 1 else ""  # one point makes no line
    steps = [row["step"] for row in metrics]
    for place, panel in enumerate(panels, start=1):
        axes = figure.add_subplot(rows, columns, place)
        for term in panel.terms:
            axes.plot(steps, [row.get(term, math.nan) for row in metrics], label=term, linewidth=1.2, marker=marker)
        axes.set(title=panel.title, xlabel="generator step")
        if panel.logarithmic:
            axes.set_yscale("symlog", linthresh=1e-6)  # a network that stands still has updates of zero
        if panel.reference is not None:
            axes.axhline(panel.reference, color="0.8", linewidth=0.8, zorder=0)
        axes.grid(alpha=0.25)
        axes.legend(frameon=False)
    return figure
