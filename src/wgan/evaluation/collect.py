"""Collects samples in summaries, and estimates a metric's interval from summaries of parts."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from torch import Tensor

from wgan.metrics import AskedExtractor, Extractor, Metric, Summary, SummarySpec
from wgan.training import Stream, random_numbers
from wgan.types import Samples
from wgan.types.condition import Rows

PARTS = 20
"""Equal parts of the fakes, of which halves are made; fewer fakes have no interval."""
HALVES = 16
WIDTH = 1.96
"""Standard deviations on either side that hold 95% of a normal distribution."""


def collect(
    batches: Iterable[Tensor],
    specs: Sequence[SummarySpec],
    extractors: Mapping[str, Extractor | AskedExtractor],
    n: int,
    parts: int = 1,
    *,
    asked: Rows | None = None,
) -> dict[SummarySpec, list[Summary]]:
    """For each spec, summaries of `parts` equal runs of the n samples, in order. Each extractor runs once per batch.

    `asked` is what each of the n samples was asked to be, where anything was.
    """
    collected = {spec: [spec.summary(extractors[spec.extractor].size) for _ in range(parts)] for spec in specs}
    seen = 0
    for batch in batches:
        wanted = {spec.extractor for spec in specs if seen < spec.used(n)}
        beside = None if asked is None else asked[seen : seen + len(batch)]
        rows = {name: _read(extractors[name], batch, beside) for name in wanted}
        for spec in (spec for spec in specs if spec.extractor in rows):
            ends = [spec.used(n) * part // parts - seen for part in range(parts + 1)]
            for part, (start, stop) in enumerate(pairwise(ends)):
                if len(piece := rows[spec.extractor][max(start, 0) : max(stop, 0)]):
                    collected[spec][part].add(piece)
        seen += len(batch)
    return collected


def _read(extractor: Extractor | AskedExtractor, samples: Samples, asked: Rows | None) -> Tensor:
    if isinstance(extractor, Extractor):
        return extractor(samples)
    assert asked is not None, "such an extractor is not built for data without a condition"
    return extractor(samples, asked)


def interval(
    metric: Metric[Any], real: Summary, parts: Sequence[Summary], value: float, seed: int
) -> tuple[float, float] | tuple[None, None]:
    """The value ± 1.96 standard deviations over 16 random halves of the fakes, each of 10 of 20 equal parts.

    Half of a sample, drawn without replacement, varies around the whole sample's value as that varies around the
    distribution's (Shao and Wu 1989, the delete-half jackknife). Unlike a bootstrap it repeats no fake, which would
    disturb nearest neighbours and unbiased sums. The reals stay the same. The interval is cut at the metric's bounds;
    it is (None, None) where there is one part or a value is not finite.
    """
    if len(parts) < PARTS:
        return None, None
    random = random_numbers(seed, Stream.EVALUATION, 1)
    halves = [random.permutation(len(parts))[: len(parts) // 2] for _ in range(HALVES)]
    values = [metric.compare(real, metric.summary.merged([parts[i] for i in half])) for half in halves]
    if not np.isfinite([value, *values]).all():
        return None, None
    spread = WIDTH * float(np.std(values, ddof=1))
    lowest, highest = metric.bounds
    return max(value - spread, lowest), min(value + spread, highest)
