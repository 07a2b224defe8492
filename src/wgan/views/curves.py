"""The course of training as a picture: one panel for each thing that is measured."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANELS = {
    "distance": ("distance: mean C(real) - mean C(fake)", ("distance",)),
    "js": ("Jensen-Shannon divergence (lower bound)", ("js",)),
    "scores": ("mean scores of real and fake", ("real_score", "fake_score")),
    "margin": ("margin: mean C(real) - C(fake) of pairs", ("margin",)),
    "losses": ("losses", ("critic_loss", "generator_loss")),
    "penalty": ("critic's input gradient: norm, and penalty", ("gradient_norm", "penalty", "r1", "r2")),
}


def curves(metrics: Sequence[Mapping[str, Any]]) -> "Figure":
    """The metrics over generator steps; only the panels of which something was measured."""
    from matplotlib.figure import Figure

    measured = set().union(*metrics)
    panels = [panel for panel in PANELS.values() if measured & set(panel[1])]
    figure = Figure(figsize=(4.6 * max(len(panels), 1), 3.4), dpi=110, layout="constrained")
    marker = "o" if len(metrics) == 1 else ""  # one point makes no line
    steps = [row["step"] for row in metrics]
    for axes, (title, names) in zip(figure.subplots(1, max(len(panels), 1), squeeze=False)[0], panels, strict=False):
        for name in names:
            if name in measured:
                axes.plot(steps, [row.get(name) for row in metrics], label=name, linewidth=1.2, marker=marker)
        axes.set(title=title, xlabel="generator step")
        axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
        axes.grid(alpha=0.25)
        if len(names) > 1:
            axes.legend(frameon=False)
    return figure
