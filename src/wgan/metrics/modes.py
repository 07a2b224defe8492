"""How many of the known modes of toy mixtures and stacked digits are found, how cleanly and how evenly."""

from dataclasses import dataclass

import numpy as np

from wgan.metrics.metric import Metric
from wgan.metrics.summaries import Counts

MIXTURE_SAMPLES = 2500
"""Lin et al. 2018 (PacGAN), section 4.1."""
STACKED_SAMPLES = 26_000
"""Metz et al. 2017, section 3.3.1, and Lin et al. 2018, section 4.2."""


@dataclass(frozen=True)
class ModeMetric(Metric[Counts]):
    """A metric of how samples fall into known modes."""

    extractor: str
    limit: int
    summary = Counts


@dataclass(frozen=True)
class Modes(ModeMetric):
    """The number of modes with at least one sample. It grows with the number of samples, which the protocols fix."""

    better = "higher"

    def compare(self, real: Counts, fake: Counts) -> float:
        return float((fake.classes > 0).sum())


@dataclass(frozen=True)
class HighQuality(ModeMetric):
    """The share of samples in any mode: for mixtures, within three standard deviations of a centre."""

    better = "higher"
    bounds = (0.0, 1.0)

    def compare(self, real: Counts, fake: Counts) -> float:
        return 1 - fake.none / fake.count


@dataclass(frozen=True)
class ReverseKL(ModeMetric):
    """The divergence KL(fakes || uniform) between mode shares, of the samples that fall in a mode.

    In nats: 0 for equal shares, log(modes) if all samples are in one mode or none is in any. Samples of the data have
    about (modes - 1) / (2 count), as the floor shows.
    """

    def compare(self, real: Counts, fake: Counts) -> float:
        shares = fake.shares[fake.shares > 0]
        modes = len(fake.shares)
        return float((shares * np.log(shares * modes)).sum()) if len(shares) else float(np.log(modes))
