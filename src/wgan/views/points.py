"""Points as clouds, and the columns of tables pair by pair."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from wgan.data import Array

MOST_COLUMNS = 5
"""Columns that are drawn pair by pair."""
MADE, REAL = "tab:red", "0.75"
BINS = 60


def cloud(points: Array, around: Array | None = None, names: Sequence[str] = (), *, real: bool = False) -> Image.Image:
    """Points (N, D), made ones in red over the real points `around` in grey, which set the view.

    One column becomes a histogram, two a cloud, and of more the first five are drawn pair by pair. With `real`, the
    points themselves are real ones.
    """
    from matplotlib.figure import Figure

    shown = min(points.shape[1], MOST_COLUMNS)
    side = 5 if shown <= 2 else 2.2 * shown
    figure = Figure(figsize=(side, side), dpi=100, layout="constrained")
    label, colour = ("real", "tab:blue") if real else ("generated", MADE)
    if shown <= 2:
        axes = figure.add_subplot(aspect="equal" if shown == 2 and not names else "auto")
        if shown == 1:
            _marginal(axes, points, around, 0, label, colour)
        else:
            _pair(axes, points, around, 0, 1, label, colour)
        if names:
            axes.set(xlabel=names[0], ylabel=names[1] if shown == 2 else "")
        axes.legend(loc="upper right", markerscale=3)
    else:
        grid = figure.subplots(shown, shown)
        for row in range(shown):
            for column in range(shown):
                axes = grid[row][column]
                if row == column:
                    _marginal(axes, points, around, row, label, colour)
                    axes.set_yticks([])
                else:
                    _pair(axes, points, around, column, row, label, colour)
                if row == shown - 1:
                    axes.set_xlabel(names[column] if names else f"column {column}")
                if column == 0:
                    axes.set_ylabel(names[row] if names else f"column {row}")
                axes.tick_params(labelsize=6)
        grid[0][0].legend(loc="upper right", fontsize=6)
        if points.shape[1] > shown:
            figure.suptitle(f"the first {shown} of {points.shape[1]} columns", fontsize=8)
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return Image.open(content).convert("RGB")


def _marginal(axes, points: Array, around: Array | None, x: int, label: str, colour: str) -> None:  # type: ignore[no-untyped-def]
    """A histogram of one column. What lies outside the view of the real ones is counted at its edges."""
    low, high = _view(points[:, x] if around is None else around[:, x])
    bins = np.linspace(low, high, BINS).tolist()
    if around is not None:
        axes.hist(around[:, x], bins, weights=np.full(len(around), 1 / len(around)), color=REAL, label="real")
    shares = np.full(len(points), 1 / len(points))
    axes.hist(points[:, x].clip(low, high), bins, weights=shares, histtype="step", color=colour, label=label)


def _pair(axes, points: Array, around: Array | None, x: int, y: int, label: str, colour: str) -> None:  # type: ignore[no-untyped-def]
    if around is not None:
        axes.scatter(around[:, x], around[:, y], s=4, c=REAL, linewidths=0, label="real")
        axes.set(xlim=_view(around[:, x]), ylim=_view(around[:, y]))
    axes.scatter(points[:, x], points[:, y], s=4, c=colour, linewidths=0, alpha=0.6, label=label)


def _view(values: Array) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.15 * (high - low) or 0.5
    return low - margin, high + margin
