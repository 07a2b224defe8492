"""Where the critic's slope is penalised: one of an objective's three axes."""

from collections.abc import Callable

from wgan.types import Noise, Samples, Uniforms


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
