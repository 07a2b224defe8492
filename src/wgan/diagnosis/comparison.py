"""Comparisons of samples with held-out reals, beside what as many real samples in their place would give.

The verdict rests on these. What counts as near, and what as a gain, follows from the data themselves: from many draws
of training reals, compared with the same held-out reals.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from wgan.diagnosis.asked import Answer, Answered, Narrowest, answers
from wgan.diagnosis.signals import thumbnails
from wgan.metrics import METRICS, AllRows, Better, Metric, Moments
from wgan.metrics.columns import Columns, Correlations
from wgan.metrics.energy import Energy
from wgan.metrics.extractors.random_network import RandomNetwork
from wgan.metrics.summaries import Arrays
from wgan.types import Conditions, Samples, SampleSpec

DRAWS = 24
"""Draws of training reals that give a floor and its noise."""
COARSE, FINE = "thumbnails", "features"

SPATIAL: dict[str, Metric[Any]] = {
    "frechet": METRICS["frechet"],
    "energy": METRICS["energy"],
    "coarse_energy": Energy(COARSE),
    "precision": METRICS["precision"],
    "recall": METRICS["recall"],
    "coverage": METRICS["coverage"],
}
"""On features of a random network, which see texture; coarse, on thumbnails, which see what is where."""
POINTS = {name: metric for name, metric in SPATIAL.items() if metric.extractor == FINE} | {
    "columns": Columns(FINE),
    "correlations": Correlations(FINE),
}
"""On columns scaled to deviation 1."""


@dataclass(frozen=True)
class NearestClasses(Metric[AllRows]):
    """The total variation distance between class shares, where a sample has the class of the nearest real one."""

    extractor: str
    labels: tuple[int, ...]
    """Of the reals, in their order."""
    summary = AllRows
    bounds = (0.0, 1.0)

    def compare(self, real: AllRows, fake: AllRows) -> float:
        """The reals must be those that the labels belong to."""
        nearest = torch.cdist(fake.precise, real.precise).argmin(dim=1)
        labels = np.asarray(self.labels)
        classes = labels.max() + 1
        shares = (np.bincount(found, minlength=classes) / len(found) for found in (labels, labels[nearest.numpy()]))
        first, second = shares
        return float(np.abs(first - second).sum() / 2)


class Measure(NamedTuple):
    """One metric of a comparison."""

    value: float
    floor: float
    """The mean over draws of as many training reals in the samples' place: the best that can be expected."""
    noise: float
    """The standard deviation over these draws."""
    better: Better


@dataclass(frozen=True)
class Comparer:
    """Compares samples with real ones (N, *data).

    `reference` are held-out reals, `pool` are training reals, of which `count` at a time are drawn for the floors. In a
    conditional run each of them has a condition, and samples are asked for what the first of the reference are.
    """

    reference: Tensor
    pool: Tensor
    spec: SampleSpec
    count: int
    labels: tuple[int, ...] = ()
    """The classes of the reference, in its order; empty if it has none."""
    conditions: Tensor | None = None
    """Of the reference, (N, size), as networks see them."""
    pool_conditions: Tensor | None = None

    @property
    def metrics(self) -> Mapping[str, Metric[Any]]:
        classes = {"classes": NearestClasses(FINE, self.labels)} if len({*self.labels}) > 1 else {}
        return (SPATIAL if self.spec.is_spatial else POINTS) | classes

    @property
    def answers(self) -> Mapping[str, Answer]:
        """The metrics of samples with conditions; none without."""
        return answers(None if self.conditions is None else self.spec.condition)

    @property
    def asked(self) -> Conditions | None:
        """What the samples that are compared must have been asked for."""
        return None if self.conditions is None else self.conditions[: self.count]

    def floors(self, random: np.random.Generator) -> Arrays:
        """The floor and the noise of each metric, in the order of `metrics` and then `answers`, each (metrics,)."""
        views = self._views(self.pool)
        values = []
        for _ in range(DRAWS):
            drawn = torch.from_numpy(random.permutation(len(self.pool))[: self.count])
            conditions = None if self.pool_conditions is None else self.pool_conditions[drawn]
            values.append(self._values({name: rows[drawn] for name, rows in views.items()}, conditions))
        return {"floor": np.mean(values, axis=0), "noise": np.std(values, axis=0, ddof=1)}

    def compare(self, fake: Samples, floors: Mapping[str, NDArray[Any]]) -> dict[str, Measure]:
        """The metrics of samples, without those that are not finite numbers."""
        values = self._values(self._views(self.spec.as_shown(fake)), self.asked)
        better = {name: metric.better for name, metric in (*self.metrics.items(), *self.answers.items())}
        measures = {
            name: Measure(float(value), float(floor), float(noise), direction)
            for (name, direction), value, floor, noise in zip(
                better.items(), values, floors["floor"], floors["noise"], strict=True
            )
        }
        return {name: measure for name, measure in measures.items() if np.isfinite(measure[:3]).all()}

    def alike(self, fake: Samples, below: float) -> dict[str, list[str]]:
        """By part, the groups whose samples are less varied than this share of such real samples: the least first."""
        real, made = (
            self._answered(of, conditions)
            for of, conditions in (
                (self._reference, self.conditions),
                (self._summarised(self._views(self.spec.as_shown(fake))), self.asked),
            )
        )
        found = {}
        for metric in self.answers.values():
            if isinstance(metric, Narrowest):
                varieties = metric.varieties(real, made)
                found[metric.part.name] = sorted(
                    (name for name, variety in varieties.items() if variety < below), key=varieties.__getitem__
                )
        return {part: names for part, names in found.items() if names}

    def _values(self, views: Mapping[str, Tensor], conditions: Conditions | None) -> list[float]:
        summaries = self._summarised(views)
        values = [
            metric.compare(*(of[metric.extractor][metric.summary] for of in (self._reference, summaries)))
            for metric in self.metrics.values()
        ]
        if self.conditions is None:
            return values
        real, fake = self._answered(self._reference, self.conditions), self._answered(summaries, conditions)
        return values + [metric.compare(real, fake) for metric in self.answers.values()]

    @cached_property
    def _reference(self) -> dict[str, dict[type, Any]]:
        return self._summarised(self._views(self.reference))

    def _summarised(self, views: Mapping[str, Tensor]) -> dict[str, dict[type, Any]]:
        return {name: _summaries(rows) for name, rows in views.items()}

    def _answered(self, summaries: Mapping[str, dict[type, Any]], conditions: Conditions | None) -> Answered:
        assert conditions is not None
        return Answered(summaries[FINE][AllRows].precise, conditions)

    def _views(self, samples: Samples) -> dict[str, Tensor]:
        """What metrics see of samples."""
        seen = {FINE: self._features(samples)}
        return seen | ({COARSE: thumbnails(samples, self.spec)} if self.spec.is_spatial else {})

    @cached_property
    def _features(self) -> Callable[[Samples], Tensor]:
        if self.spec.is_spatial:
            return RandomNetwork(self.spec.shape, self.pool[: self.count])
        mean, deviation = self.pool.mean(dim=0), self.pool.std(dim=0)
        constant = self.pool.amax(dim=0) == self.pool.amin(dim=0)
        deviation = torch.where(constant, deviation.max().clamp_min(1e-12), deviation)
        return lambda samples: (samples.float() - mean) / deviation


def _summaries(rows: Tensor) -> dict[type, Any]:
    """Rows (N, F) in each form that a metric may want."""
    every, moments = AllRows(), Moments(rows.shape[1])
    every.add(rows)
    moments.add(rows)
    return {AllRows: every, Moments: moments}
