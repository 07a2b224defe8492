"""What the critic's slope, the norm of its gradient, is penalised for: one of an objective's three axes."""

from collections.abc import Callable

from torch import Tensor
from torch.nn.functional import relu

from wgan.types import Uniforms

PENALTIES: dict[str, Callable[[Uniforms], Tensor]] = {
    "one-centred": lambda slope: (slope - 1).square(),
    "one-sided": lambda slope: relu(slope - 1).square(),
    "zero-centred": lambda slope: slope.square() / 2,
}
"""From slopes (B,) to penalties (B,): Gulrajani et al. 2017, eq. 3 (WGAN-GP); Petzka et al. 2018 (WGAN-LP); Mescheder
et al. 2018, section 4 (R1, R2)."""
