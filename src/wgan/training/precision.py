"""Networks in the precision of a run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from wgan.types import Samples, Scores

Precision = Literal["fp32", "tf32", "bf16"]
"""The precision of matrix products and convolutions: tf32 (on GPUs only) has 11 significant bits, bf16 has 8. Weights,
losses, penalties, averages and updates are always in fp32."""

Network = Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)  # compared by identity: dynamo of torch 2.11 hashes it before its fields are there
class InPrecision:
    """A generator or a critic that computes in a precision and returns fp32.

    With `independent_scores`, a critic scores each sample by itself, so one call may score real and fake ones.
    """

    network: Network
    precision: Precision = "fp32"
    independent_scores: bool = False

    def __call__(self, x: Tensor) -> Tensor:
        """(B, Z) to (B, *data), or (B, *data) to (B, *scores)."""
        if self.precision != "bf16":
            return self.network(x)
        # Per call and not around the whole step: what an objective computes from scores and slopes stays in fp32.
        with torch.autocast(x.device.type, torch.bfloat16):
            result = self.network(x)
        return result.float()

    def score_both(self, real: Samples, fake: Samples) -> tuple[Scores, Scores]:
        """The scores of real and of fake samples; in one call, which is faster, if they are independent."""
        if not self.independent_scores:
            return self(real), self(fake)
        real_score, fake_score = self(torch.cat([real, fake])).split([len(real), len(fake)])
        return real_score, fake_score


def with_precision(network: Network, precision: Precision, *, independent_scores: bool = False) -> Network:
    """The network in a precision; the network itself if that changes nothing, since a user's objective may need it."""
    return InPrecision(network, precision, independent_scores) if precision == "bf16" or independent_scores else network
