"""The players as a step calls them: networks that compute in the run's precision."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from wgan.types import Samples, Scores

Precision = Literal["fp32", "tf32", "bf16"]
"""How matrix products and convolutions compute: in single precision, or faster and with fewer binary digits (11 in
tf32, which only GPUs have; 8 in bf16). Weights, losses, penalties, means and updates are in single precision always."""

Network = Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)  # compared by identity: dynamo of torch 2.11 hashes it before its fields are there
class Player:
    """A generator or a critic in some precision; what it returns has that of its weights again.

    With `apart`, a critic scores each sample by itself, so that real and fake ones may go through it in one call.
    """

    network: Network
    precision: Precision = "fp32"
    apart: bool = False

    def __call__(self, x: Tensor) -> Tensor:
        """(B, Z) to (B, *data), or (B, *data) to (B, *scores)."""
        if self.precision != "bf16":
            return self.network(x)
        # Per call, and not around the whole step: what an objective makes of scores and slopes keeps all its digits.
        with torch.autocast(x.device.type, torch.bfloat16):
            result = self.network(x)
        return result.float()

    def score_both(self, real: Samples, fake: Samples) -> tuple[Scores, Scores]:
        """The scores of real and of fake samples: in one call, which is faster, if that is the same."""
        if not self.apart:
            return self(real), self(fake)
        real_score, fake_score = self(torch.cat([real, fake])).split([len(real), len(fake)])
        return real_score, fake_score


def played(network: Network, precision: Precision, *, apart: bool = False) -> Network:
    """The network as a player; itself, if that adds nothing: a user's objective may ask it for more than scores."""
    return Player(network, precision, apart) if precision == "bf16" or apart else network
