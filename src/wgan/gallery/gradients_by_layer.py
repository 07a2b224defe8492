"""The gradient on its way through a deep critic, back to the sample: Gulrajani et al. 2017, figure 1, right."""

from copy import deepcopy
from typing import NamedTuple

import torch
from torch import nn

from wgan.gallery.critics import trained
from wgan.gallery.drawing import BLUE, GREEN, ORANGE, SOFT, Canvas, canvas
from wgan.gallery.planes import noisy_pairs
from wgan.networks import MLP
from wgan.objectives import WGAN, WGANGP, slopes
from wgan.training import Adam, OptimizerSettings, RMSprop
from wgan.types import Objective, Samples

NETWORKS = MLP(critic_widths=(64,) * 11, leak=0.0, init="he")
"""Twelve linear layers, ReLU between them."""
RMS, ADAM = RMSprop(learning_rate=1e-3), Adam(learning_rate=1e-3)
METHODS: dict[str, tuple[Objective, OptimizerSettings]] = {
    "clipping, c = 0.001": (WGAN(clip=0.001), RMS),
    "clipping, c = 0.01": (WGAN(clip=0.01), RMS),
    "clipping, c = 0.1": (WGAN(clip=0.1), RMS),
    "penalty": (WGANGP(), ADAM),
}


class Gradients(NamedTuple):
    """For each method, the mean norm of the score's gradient by what each layer gets, the sample itself first."""

    norms: dict[str, list[float]]


def by_layer(critic: nn.Sequential, x: Samples) -> list[float]:
    """The slope of the rest of the critic at the input of each of its linear layers, a mean over samples."""
    critic, x = deepcopy(critic).double(), x.double()  # the squares of some of these norms are no float32
    linear = [place for place, layer in enumerate(critic) if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        return [float(slopes(critic[place:], critic[:place](x)).mean()) for place in linear]


def measure(seed: int = 0, steps: int = 400) -> Gradients:
    """Train a deep critic by each method on the Swiss roll."""
    pairs = noisy_pairs("swissroll", seed, 128)
    found = Gradients({})
    for name, (objective, optimizer) in METHODS.items():
        critic = trained(objective, pairs, steps=steps, networks=NETWORKS, optimizer=optimizer, seed=seed)
        assert isinstance(critic, nn.Sequential)
        found.norms[name] = by_layer(critic, torch.cat(pairs(steps)))
    return found


def caption(found: Gradients) -> str:
    """What the figure shows, with its numbers."""
    told = [f"{norms[0]:.1e} under {name}" for name, norms in found.norms.items()]
    return f"Through twelve layers, the gradient that reaches the sample is {', '.join(told)}."


def draw(found: Gradients) -> Canvas:
    """The norms by layer, on a logarithmic scale."""
    drawn, ((axes,),) = canvas(1, 1, height=4.2)
    strokes = (("v", ":", ORANGE), ("s", "--", ORANGE), ("^", "-.", GREEN), ("o", "-", BLUE))
    for (name, norms), (marker, stroke, colour) in zip(found.norms.items(), strokes, strict=True):
        layers = range(1, len(norms) + 1)
        axes.semilogy(layers, norms, marker=marker, linestyle=stroke, color=colour, markersize=5)
        axes.annotate(name, (1, norms[0]), xytext=(-10, 0), textcoords="offset points", ha="right", va="center")
    axes.hlines(1, 1, 12, color=SOFT, linewidth=0.8)
    axes.set(title="the gradient of the score at each layer's input", xlabel="layer; the first one reads the sample")
    axes.set(xlim=(-2.6, 12.4), xticks=range(1, 13))
    return drawn
