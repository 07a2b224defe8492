"""Points as clouds, and the columns of tables pair by pair."""

import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from wgan.data import Array
from wgan.system.text import printable
from wgan.views.fonts import families

MOST_COLUMNS = 5
"""Columns that are drawn pair by pair."""
MADE, REAL = "tab:red", "0.75"
BINS = 60
SHADES = 10
"""Of more classes, colours go from the first to the last."""


class By(NamedTuple):
    """What points are coloured by."""

    name: str
    values: Array
    """(N,) a number, or the place of a name, for each point."""
    names: tuple[str, ...] = ()
    """Of classes; empty for numbers."""


def cloud(
    points: Array,
    around: Array | None = None,
    names: Sequence[str] = (),
    *,
    real: bool = False,
    by: By | None = None,
) -> Image.Image:
    """Points (N, D), made ones in red over the real points `around` in grey, which set the view.

    One column becomes a histogram, two a cloud, and of more the first five are drawn pair by pair. With `real`, the
    points themselves are real ones. Clouds are coloured `by` what their points were asked for.
    """
    from matplotlib import rc_context

    words = "".join([*names, *([] if by is None else (by.name, *by.names))])
    with rc_context({"font.family": families(words)}):
        return _cloud(points, around, [*map(_plain, names)], real, by)


def _cloud(points: Array, around: Array | None, names: Sequence[str], real: bool, by: By | None) -> Image.Image:
    from matplotlib.figure import Figure

    shown = min(points.shape[1], MOST_COLUMNS)
    label, colour = ("real", "tab:blue") if real else ("generated", MADE)
    if shown <= 2:
        beside = by is not None and shown == 2  # what the colours mean, which would hide points
        equal = shown == 2 and not names
        figure = Figure(figsize=(6.2 if beside else 5, 5), dpi=100, layout="compressed" if equal else "constrained")
        axes = figure.add_subplot(aspect="equal" if equal else "auto")
        colours = None
        if shown == 1:
            _marginal(axes, points, around, 0, label, colour)
        else:
            colours = _pair(axes, points, around, 0, 1, label, colour, by)
            if colours is not None:
                figure.colorbar(colours, ax=axes, label=_plain(by.name) if by else "", shrink=0.7)
        if names:
            axes.set(xlabel=names[0], ylabel=names[1] if shown == 2 else "")
        if axes.get_legend_handles_labels()[1]:  # none where a colour bar says it all
            where = "upper left" if colours is None else "lower left"  # beside the axes, or above them
            at = {"loc": where, "bbox_to_anchor": (colours is None, 1)} if beside else {"loc": "upper right"}
            axes.legend(markerscale=3, **at)
    else:
        figure = Figure(figsize=(2.2 * shown, 2.2 * shown), dpi=100)
        _pairs(figure, points, around, names, shown, label, colour, by)
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return Image.open(content).convert("RGB")


def _pairs(  # type: ignore[no-untyped-def]
    figure,
    points: Array,
    around: Array | None,
    names: Sequence[str],
    shown: int,
    label: str,
    colour: str,
    by: By | None,
) -> None:
    """Each column alone on the diagonal, and each pair once below it: an axis takes a while to be drawn."""
    titles = names or [f"column {column}" for column in range(shown)]
    told: dict[str, object] = {}
    colours = None
    for row in range(shown):
        for column in range(row + 1):
            axes = figure.add_subplot(shown, shown, row * shown + column + 1)
            if row == column:
                _marginal(axes, points, around, row, label, colour)
                axes.set_yticks([])
                axes.set_title(titles[row], fontsize=8)
            else:
                colours = _pair(axes, points, around, column, row, label, colour, by)
            for handle, text in zip(*axes.get_legend_handles_labels(), strict=True):
                told.setdefault(text, handle)
            axes.tick_params(labelsize=6, labelbottom=row == shown - 1, labelleft=column == 0 and row > 0)
            if row == shown - 1:
                axes.set_xlabel(titles[column], fontsize=8)
            if column == 0 and row:
                axes.set_ylabel(titles[row], fontsize=8)
    figure.legend(told.values(), told, loc="upper right", fontsize="small" if by else None, markerscale=3 if by else 1)
    if colours is not None:
        across = figure.add_axes((0.62, 0.9, 0.2, 0.02))  # above the diagonal, beside the legend
        figure.colorbar(colours, cax=across, orientation="horizontal", label=_plain(by.name) if by else "")
        across.tick_params(labelsize=6)
    if points.shape[1] > shown:
        figure.suptitle(f"the first {shown} of {points.shape[1]} columns", fontsize=9)
    figure.subplots_adjust(left=0.08, right=0.98, bottom=0.06, top=0.94, wspace=0.12, hspace=0.14)


def _marginal(axes, points: Array, around: Array | None, x: int, label: str, colour: str) -> None:  # type: ignore[no-untyped-def]
    """A histogram of one column. What lies outside the view of the real ones is counted at its edges."""
    low, high = _view(points[:, x] if around is None else around[:, x])
    bins = np.linspace(low, high, BINS)
    if around is not None:
        shares = np.histogram(around[:, x], bins)[0] / len(around)
        axes.stairs(shares, bins, fill=True, color=REAL, label="real")
    axes.stairs(np.histogram(points[:, x].clip(low, high), bins)[0] / len(points), bins, color=colour, label=label)


def _pair(  # type: ignore[no-untyped-def]
    axes, points: Array, around: Array | None, x: int, y: int, label: str, colour: str, by: By | None
):
    """A cloud of two columns. What a colour bar needs where there is one, else None."""
    if around is not None:
        axes.scatter(around[:, x], around[:, y], s=4, c=REAL, linewidths=0, label="real")
        axes.set(xlim=_view(around[:, x]), ylim=_view(around[:, y]))
    if by is None:
        axes.scatter(points[:, x], points[:, y], s=4, c=colour, linewidths=0, alpha=0.6, label=label)
        return None
    if len(by.names) > SHADES or not by.names:
        return axes.scatter(points[:, x], points[:, y], s=6, c=by.values, cmap="viridis", linewidths=0)
    for place, name in enumerate(by.names):
        chosen = points[by.values == place]
        if len(chosen):
            told = _plain(f"{by.name} {name}")
            axes.scatter(chosen[:, x], chosen[:, y], s=6, color=f"C{place}", linewidths=0, label=told)
    return None


def _plain(text: str) -> str:
    """A text of the data as Matplotlib shows it: no formula between dollars, and in legends no underscore first."""
    shown = printable(text).replace("$", r"\$")
    return f" {shown}" if shown.startswith("_") else shown


def _view(values: Array) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.15 * (high - low) or 0.5
    return low - margin, high + margin
