"""Samples in batches, through extractors, into summaries: each extractor runs once for all metrics that need it."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from torch import Tensor

from wgan.metrics import Extractor, Metric, Summary


class SummarySpec(NamedTuple):
    """What several metrics may share: the same extractor, the same summary, of as many samples."""

    extractor: str
    summary: type[Summary]
    limit: int | None

    def most(self, n: int) -> int:
        """How many of n samples it takes in."""
        return n if self.limit is None else min(n, self.limit)


def lens(metric: Metric[Any]) -> SummarySpec:
    """What a metric looks through."""
    return SummarySpec(metric.extractor, metric.summary, metric.limit)


def collect(
    batches: Iterable[Tensor],
    lenses: Sequence[SummarySpec],
    extractors: Mapping[str, Extractor],
    n: int,
    parts: int = 1,
) -> dict[SummarySpec, list[Summary]]:
    """For each lens, summaries of `parts` equal runs of the n samples, in their order."""
    made = {one: [one.summary(extractors[one.extractor].size) for _ in range(parts)] for one in lenses}
    seen = 0
    for batch in batches:
        wanted = [one for one in lenses if seen < one.most(n)]
        for name in dict.fromkeys(one.extractor for one in wanted):
            rows = extractors[name](batch)
            for one in (one for one in wanted if one.extractor == name):
                ends = [one.most(n) * part // parts - seen for part in range(parts + 1)]
                for part, (start, stop) in enumerate(pairwise(ends)):
                    if len(piece := rows[max(start, 0) : max(stop, 0)]):
                        made[one][part].add(piece)
        seen += len(batch)
    return made
