"""Where the weights of a critic end up: Gulrajani et al. 2017, figure 1, right."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import nn

from wgan.diagnosis import AT_BOUND
from wgan.gallery.drawing import BLUE, ORANGE, Canvas, canvas
from wgan.gallery.planes import CLIP, METHODS, critic
from wgan.gallery.value_surfaces import STEPS

PLANE = "swissroll"


class Weights(NamedTuple):
    """The weights of the Swiss roll's critics, by method."""

    values: dict[str, NDArray[np.float32]]

    def at_bound(self, method: str) -> float:
        """The share of weights at the bound of the clipping, or beyond."""
        return float((np.abs(self.values[method]) >= AT_BOUND * CLIP).mean())


def flat(network: nn.Module) -> NDArray[np.float32]:
    """All weights of the linear layers; the biases are left out."""
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
    return np.concatenate([layer.weight.detach().flatten().numpy() for layer in layers])


def measure(seed: int = 0, steps: int = STEPS) -> Weights:
    """Train the critics, or take those of the value surfaces."""
    return Weights({method: flat(critic(PLANE, method, seed, steps)) for method in METHODS})


def caption(found: Weights) -> str:
    """What the figure shows, with its numbers."""
    beyond = found.at_bound("penalty")
    return (
        f"Clipping has pushed {found.at_bound('clipping'):.0%} of the critic's weights to ±{CLIP:g}; under the penalty "
        f"they stay spread around 0, and {beyond:.0%} lie beyond ±{CLIP:g}."
    )


def draw(found: Weights) -> Canvas:
    """A histogram for each method, both in shares of all weights."""
    drawn, (row,) = canvas(1, len(METHODS), height=3.2, sharey=True)
    for axes, method, colour in zip(row, METHODS, (ORANGE, BLUE), strict=True):
        values = found.values[method]
        edge = 1.15 * CLIP if method == "clipping" else 0.35
        shares = np.full(len(values), 1 / len(values))
        axes.hist(values, bins=np.linspace(-edge, edge, 47).tolist(), weights=shares, color=colour)
        axes.set(title=f"{method}: {found.at_bound(method):.0%} at ±{CLIP:g} or beyond", xlabel="weight")
        for bound in (-CLIP, CLIP):
            axes.axvline(bound, color=colour, linestyle=":", linewidth=1.0)
    row[0].set_ylabel("share of weights")
    row[0].yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    return drawn
