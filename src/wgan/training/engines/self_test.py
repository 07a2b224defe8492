"""The self-test of an engine: its gradients beside those of plain PyTorch in single precision, on the same batch."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from wgan.training.engines.eager import Eager
from wgan.training.engines.engine import computing
from wgan.training.engines.timing import unchanged
from wgan.training.precision import Precision
from wgan.training.state import TrainState
from wgan.training.steps import Batch, Game, Gradients
from wgan.types import Latents

TOLERANCE: dict[Precision, float] = {"fp32": 0.02, "tf32": 0.1, "bf16": 0.4}
"""By how much the gradient of a weight may differ: several times what rounding was seen to do (0.003 in fp32 and 0.17
in bf16, both in the first layers of generators), and less than half of what a lost second derivative does, which
changes it by about as much as there is of it (pytorch issue 181581). A critic of 16 units was off by 0.43 in bf16, and
has to do without."""
SMALL = 0.1
"""A gradient below that share of its network's is compared with that share: where much cancels, little but rounding is
left, and before a BatchNorm nothing else."""


class Disagreement(NamedTuple):
    """Where gradients differ most from the plain ones."""

    difference: float
    """The norm of the difference, relative to that of the gradient; infinite if one has none and the other has."""
    weight: str


Found = dict[str, dict[str, Tensor | None]]
"""The gradient of each weight, by player and name."""


def disagreement(
    gradients: Gradients, precision: Precision, state: TrainState, game: Game, batch: Batch, z: Latents
) -> Disagreement:
    """Compare `gradients` in `precision` with plain ones, for both players. The state stays as it is."""
    plain = gradients_of(Eager(), "fp32", state, game, batch, z)
    return furthest(plain, gradients_of(gradients, precision, state, game, batch, z))


def furthest(expected: Found, found: Found) -> Disagreement:
    """Where what was found differs most from what was expected."""
    worst = Disagreement(0.0, "")
    for player, gradients in expected.items():
        total = math.hypot(*(float(gradient.norm()) for gradient in gradients.values() if gradient is not None))
        for name, gradient in gradients.items():
            difference = _difference(gradient, found[player][name], SMALL * total)
            worst = max(worst, Disagreement(difference, f"{name} of the {player}"), key=lambda found: found.difference)
    return worst


def _difference(plain: Tensor | None, other: Tensor | None, least: float) -> float:
    if plain is None or other is None:
        return 0.0 if plain is other else math.inf
    difference = float((plain - other).norm()) / max(float(plain.norm()), least, 1e-30)
    return math.inf if math.isnan(difference) else difference


def gradients_of(
    gradients: Gradients, precision: Precision, state: TrainState, game: Game, batch: Batch, z: Latents
) -> Found:
    """What is found of both losses at this state, which stays as it is."""
    with unchanged(state), computing(precision, z.device):
        torch.manual_seed(0)  # dropout
        gradients.of_critic(state, game, batch)
        gradients.of_generator(state, game, batch.real, z)
        return {player: _of(network) for player, network in (("critic", state.critic), ("generator", state.generator))}


def _of(network: nn.Module) -> dict[str, Tensor | None]:
    return {name: None if p.grad is None else p.grad.clone() for name, p in network.named_parameters()}
