"""How far a metric would move with other fakes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from wgan.metrics import Metric, Summary
from wgan.training import Stream, random_numbers

PARTS = 20
"""Equal parts of the fakes, of which halves are made; with fewer fakes than parts there is no interval."""
HALVES = 16
WIDTH = 1.96
"""Standard deviations to either side that hold 95% of a normal distribution."""


def interval(
    metric: Metric[Any], real: Summary, parts: Sequence[Summary], value: float, seed: int
) -> tuple[float, float] | tuple[None, None]:
    """The value ± 1.96 standard deviations over 16 random halves of the fakes (each of 10 of 20 equal parts).

    Half of a sample, drawn without replacement, spreads about the whole's value as the whole does about the
    distribution's (Shao and Wu 1989, the delete-half jackknife): like a bootstrap, but no fake is there twice, which
    neighbours and unbiased sums would notice. The reals stay the same. It ends where the metric's range does; None
    where there is one part, or a value is not finite.
    """
    if len(parts) < PARTS:
        return None, None
    random = random_numbers(seed, Stream.EVALUATION, 1)
    halves = [random.permutation(len(parts))[: len(parts) // 2] for _ in range(HALVES)]
    values = [metric.compare(real, merged([parts[i] for i in half])) for half in halves]
    if not np.isfinite([value, *values]).all():
        return None, None
    spread = WIDTH * float(np.std(values, ddof=1))
    lowest, highest = metric.bounds
    return max(value - spread, lowest), min(value + spread, highest)


def merged(parts: Sequence[Summary]) -> Summary:
    """The summary of all that the parts have seen."""
    return parts[0] if len(parts) == 1 else type(parts[0]).merged(parts)
