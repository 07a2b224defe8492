"""What is said below the table: where the values come from, column by column and class by class."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wgan.metrics import AskedExtractor, Extractor, GroupMetric, Metric
from wgan.metrics.columns import Columns, Correlations
from wgan.metrics.condition_accuracy import ConditionAccuracy
from wgan.metrics.condition_error import ConditionError
from wgan.metrics.extractors.asked import GroupFeatures, NamesRead, NumbersRead
from wgan.types import SampleSpec

NOTED = (Columns, Correlations, ConditionAccuracy, ConditionError, GroupMetric)
"""Metrics of which there is more to say than the value."""
TOLD = 8
"""Columns or groups that are named."""


class Compared(NamedTuple):
    """A metric, and what it compared."""

    name: str
    metric: Metric[Any]
    real: Any
    """The summary of held-out reals."""
    fake: Any
    floors: NDArray[Any] | None
    """Within each group, where there are groups."""
    extractor: Extractor | AskedExtractor
    spec: SampleSpec


def notes_of(compared: Iterable[Compared]) -> Iterator[str]:
    """What is behind the values of these metrics, in a sentence each."""
    found = list(compared)
    for one in found:
        if isinstance(one.metric, Columns | Correlations):
            yield from _columns(one)
        elif isinstance(one.metric, ConditionAccuracy):
            yield from _accuracy(one)
        elif isinstance(one.metric, ConditionError):
            yield from _error(one)
        elif isinstance(one.metric, GroupMetric):
            yield from _worst_group(one)
    if fitted := [one.name for one in found if one.metric.fitted]:
        yield (
            f"the floor of {' and '.join(fitted)} is that of the held-out reals themselves: the reader was fitted to "
            "training reals"
        )
    yield from _small_groups(found)


def _columns(one: Compared) -> Iterator[str]:
    """Of a table: how far each column is, and which two go together otherwise than they should."""
    names = one.spec.names or tuple(f"column {column}" for column in range(one.spec.shape[0]))
    if isinstance(one.metric, Columns):
        each = one.metric.each(one.real, one.fake)
        furthest = sorted(zip(each, names, strict=True), reverse=True)[:TOLD]
        yield f"columns, the furthest first: {', '.join(f'{name} {value:.2f}' for value, name in furthest)}"
    elif isinstance(one.metric, Correlations) and (pair := one.metric.worst(one.real, one.fake)):
        yield (
            f"the correlation that is furthest off: {names[pair.first]} with {names[pair.second]}, "
            f"{pair.fake:.2f} of fakes and {pair.real:.2f} of reals"
        )


def _accuracy(one: Compared) -> Iterator[str]:
    """What is listened to least, and each part by itself if there are several."""
    assert isinstance(one.extractor, NamesRead)
    if len(parts := one.extractor.parts) > 1:
        told = [
            f"{part} {fake:.1%} (real {real:.1%})"
            for part, fake, real in zip(parts, one.fake.right, one.real.right, strict=True)
        ]
        yield f"{one.name} of each: {', '.join(told)}"
    yield f"a generator that does not listen has a {one.name} of {one.extractor.chance:.3g}"
    lacking = np.where(one.fake.asked > 0, one.real.shares - one.fake.shares, np.nan)
    if (lacking > 0).any():
        part, cell = np.unravel_index(np.nanargmax(lacking), lacking.shape)
        yield (
            f"least of what was asked for: {one.extractor.names[part][cell]}, read in {one.fake.shares[part, cell]:.1%}"
            f" of those fakes and in {one.real.shares[part, cell]:.1%} of such reals"
        )


def _error(one: Compared) -> Iterator[str]:
    """In the numbers' own units."""
    assert isinstance(one.extractor, NumbersRead)
    told = [
        f"{part.name} {fake * part.spread:.3g} (real {real * part.spread:.3g})"
        for part, fake, real in zip(one.extractor.parts, one.fake.mean, one.real.mean, strict=True)
    ]
    yield f"off what was asked for, on average and in their own units: {', '.join(told)}"


def _worst_group(one: Compared) -> Iterator[str]:
    assert isinstance(one.metric, GroupMetric)
    assert isinstance(one.extractor, GroupFeatures)
    values = one.metric.each(one.real, one.fake)
    floors = [math.nan] * len(values) if one.floors is None else one.floors.tolist()
    sign = 1 if one.metric.better == "lower" else -1
    found = [
        (sign * value, name, value, floor)
        for name, value, floor in zip(one.extractor.names, values, floors, strict=True)
        if math.isfinite(value)
    ]
    if len(found) > 1:
        _, name, value, floor = max(found)
        yield f"{one.name} is worst of {name}: {value:.3g}" + (f" (floor {floor:.3g})" if math.isfinite(floor) else "")


def _small_groups(found: Sequence[Compared]) -> Iterator[str]:
    """The groups that are left out, once for all metrics on groups."""
    for one in found:
        if isinstance(one.metric, GroupMetric) and isinstance(one.extractor, GroupFeatures):
            few = [
                f"{name} ({reals.count})"
                for name, reals in zip(one.extractor.names, one.real.groups, strict=True)
                if reals.count < one.metric.members
            ]
            if few:
                more = f" and {len(few) - TOLD:,} more" if len(few) > TOLD else ""
                names = [other.name for other in found if isinstance(other.metric, GroupMetric)]
                yield (
                    f"left out of {' and '.join(names)}, with fewer than {one.metric.members} held-out reals: "
                    f"{', '.join(few[:TOLD])}{more}"
                )
            return
