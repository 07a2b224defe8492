"""Networks as a step calls them: in the run's precision."""

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
class InPrecision:
    """A generator or a critic in some precision; what it returns has that of its weights again.

    With `independent_scores`, a critic scores each sample by itself, so real and fake ones may go through it in one
    call.
    """

    network: Network
    precision: Precision = "fp32"
    independent_scores: bool = False

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
        if not self.independent_scores:
            return self(real), self(fake)
        real_score, fake_score = self(torch.cat([real, fake])).split([len(real), len(fake)])
        return real_score, fake_score


def with_precision(network: Network, precision: Precision, *, independent_scores: bool = False) -> Network:
    """The network in a precision; itself, if that adds nothing: a user's objective may ask it for more than scores."""
    return InPrecision(network, precision, independent_scores) if precision == "bf16" or independent_scores else network
