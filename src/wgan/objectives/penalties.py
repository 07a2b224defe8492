"""What the critic's slope, the norm of its gradient, is penalised for: one of an objective's three axes."""

from collections.abc import Callable

from torch import Tensor
from torch.nn.functional import relu

from wgan.types import Noise, Samples, Uniforms

PENALTIES: dict[str, Callable[[Uniforms], Tensor]] = {
    "one-centred": lambda slope: (slope - 1).square(),
    "one-sided": lambda slope: relu(slope - 1).square(),
    "zero-centred": lambda slope: slope.square() / 2,
}
"""From slopes (B,) to penalties (B,): Gulrajani et al. 2017, eq. 3 (WGAN-GP); Petzka et al. 2018 (WGAN-LP); Mescheder
et al. 2018, section 4 (R1, R2)."""


def interpolate(real: Samples, fake: Samples, alpha: Uniforms) -> Samples:
    """A point on the segment between each real and fake sample: `alpha` real + (1 - `alpha`) fake."""
    return fake.lerp(real, alpha.reshape(-1, *[1] * (real.ndim - 1)))


def around(real: Samples, normal: Samples, spread: float = 0.5) -> Samples:
    """Real samples with normal noise, `spread` times as wide as all numbers of the batch spread around their mean."""
    return real + spread * real.std(correction=0) * normal


POINTS: dict[str, Callable[[Samples, Samples, Noise], Samples]] = {
    "line": lambda real, fake, noise: interpolate(real, fake, noise.uniform()),
    "real": lambda real, fake, noise: real,
    "fake": lambda real, fake, noise: fake,
    "around-real": lambda real, fake, noise: around(real, noise.normal()),
}
"""Between real and fake (WGAN-GP), at real (R1), at fake (R2), around real (DRAGAN)."""
