"""What critics between real points and noisy ones look like: Gulrajani et al. 2017, figure 1, left."""

from typing import NamedTuple

import torch
from torch import Tensor

from wgan.gallery.critics import compared
from wgan.gallery.drawing import BLUE, INK, ORANGE, Canvas, bare, canvas
from wgan.gallery.planes import METHODS, PLANES, critic, noisy_pairs
from wgan.metrics import ExactWasserstein
from wgan.objectives import slopes
from wgan.types import Critic, Samples

SIDE, EDGE = 40, 2.5
COMPARED = 500
STEPS = 800


class Surface(NamedTuple):
    """One critic over the plane."""

    values: Tensor
    """(SIDE, SIDE), on [-EDGE, EDGE]²."""
    share: float
    """What it measures, for each unit of its steepest slope, of the exact W1. At most one: that is duality."""


class Surfaces(NamedTuple):
    """For each distribution: some of its points, the exact W1 to the noisy ones, and a critic by each method."""

    points: dict[str, Samples]
    w1: dict[str, float]
    surfaces: dict[str, dict[str, Surface]]


def plane() -> Samples:
    """A grid of points, (SIDE², 2)."""
    ticks = torch.linspace(-EDGE, EDGE, SIDE)
    return torch.cartesian_prod(ticks, ticks).flip(1)


def reached(critic: Critic, real: Samples, fake: Samples) -> float:
    """The distance that a critic measures, for each unit of its steepest slope. Its dual bound: W1 or less."""
    with torch.no_grad():
        steepest = slopes(critic, torch.cat([real, fake, plane()])).max()
        return float((critic(real).mean() - critic(fake).mean()) / steepest)


def measure(seed: int = 0, steps: int = STEPS) -> Surfaces:
    """Train six critics."""
    found = Surfaces({}, {}, {})
    for name in PLANES:
        real, fake = noisy_pairs(name, seed + 1, COMPARED)(0)
        w1 = compared(ExactWasserstein(1), real, fake)
        found.points[name], found.w1[name], found.surfaces[name] = real, w1, {}
        for method in METHODS:
            trained = critic(name, method, seed, steps)
            values = trained(plane()).reshape(SIDE, SIDE)
            found.surfaces[name][method] = Surface(values, reached(trained, real, fake) / w1)
    return found


def caption(found: Surfaces) -> str:
    """What the figure shows, with its numbers."""
    told = [
        f"{min(shares):.0%} to {max(shares):.0%} with {method}"
        for method in METHODS
        for shares in [[surfaces[method].share for surfaces in found.surfaces.values()]]
    ]
    return f"Of the exact W1, critics find, for each unit of their steepest slope: {told[0]}, {told[1]}."


def draw(found: Surfaces) -> Canvas:
    """Contours of each critic behind the points."""
    drawn, rows = canvas(len(METHODS), len(PLANES), height=6.2)
    ticks = torch.linspace(-EDGE, EDGE, SIDE)
    for axes_row, method, colour in zip(rows, METHODS, (ORANGE, BLUE), strict=True):
        for axes, name in zip(axes_row, PLANES, strict=True):
            surface = found.surfaces[name][method]
            axes.contour(ticks, ticks, surface.values, levels=8, colors=colour, linewidths=1.1, linestyles="solid")
            axes.plot(*found.points[name][:64].T, ".", color=INK, markersize=2.5)
            bare(axes, f"{method}: {surface.share:.0%} of W1")
            axes.set_xlabel(PLANES[name])
    return drawn
