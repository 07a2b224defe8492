"""How many of the known modes are found, how cleanly, how evenly: of toy mixtures and of stacked digits."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from wgan.metrics.metric import Better
from wgan.metrics.summaries import Counts

MIXTURE_SAMPLES = 2500
"""Lin et al. 2018 (PacGAN), section 4.1."""
STACKED_SAMPLES = 26_000
"""Metz et al. 2017, section 3.3.1, and Lin et al. 2018, section 4.2."""


@dataclass(frozen=True)
class Modes:
    """The number of modes that at least one sample falls in. It grows with the count, which the protocols fix."""

    extractor: str
    limit: int
    summary: ClassVar[type[Counts]] = Counts
    better: ClassVar[Better] = "higher"
    bounds: ClassVar[tuple[float, float]] = (0.0, math.inf)
    fewest: ClassVar[int] = 1

    def compare(self, real: Counts, fake: Counts) -> float:
        """0 to the number of modes."""
        return float((fake.classes > 0).sum())


@dataclass(frozen=True)
class HighQuality:
    """The share of samples that fall in any mode: for mixtures, within three standard deviations of its centre."""

    extractor: str
    limit: int
    summary: ClassVar[type[Counts]] = Counts
    better: ClassVar[Better] = "higher"
    bounds: ClassVar[tuple[float, float]] = (0.0, 1.0)
    fewest: ClassVar[int] = 1

    def compare(self, real: Counts, fake: Counts) -> float:
        """0..1."""
        return 1 - fake.none / fake.count


@dataclass(frozen=True)
class ReverseKL:
    """The divergence KL(fakes || equal shares) of the modes' shares, of the samples that fall in a mode.

    In nats: 0 for equal shares, the logarithm of the number of modes where one has all. Even samples with equal
    expected shares have about (modes - 1) / (2 count): the floor shows it. Nothing in any mode is told as that
    logarithm too, since no shares are left to compare.
    """

    extractor: str
    limit: int
    summary: ClassVar[type[Counts]] = Counts
    better: ClassVar[Better] = "lower"
    bounds: ClassVar[tuple[float, float]] = (0.0, math.inf)
    fewest: ClassVar[int] = 1

    def compare(self, real: Counts, fake: Counts) -> float:
        """0 to log(modes)."""
        shares = fake.shares[fake.shares > 0]
        modes = len(fake.shares)
        return float((shares * np.log(shares * modes)).sum()) if len(shares) else float(np.log(modes))
