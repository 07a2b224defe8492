"""The judge of one data set: knows its reals and their floors, and compares any number of generators with them."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor

from wgan.data import Array, Pack, plain
from wgan.data.cache import cached
from wgan.errors import InputError, TrainingError
from wgan.evaluation.collecting import SummarySpec, collect, lens
from wgan.evaluation.data_info import data_info_of
from wgan.evaluation.interval import PARTS, interval, merged
from wgan.evaluation.result import Evaluation, Result
from wgan.evaluation.sample_counts import refuse_too_few, too_few, usual_count
from wgan.metrics import EXTRACTORS, METRICS, Metric, Summary, known_metric, usual_metrics
from wgan.metrics.summaries import Arrays
from wgan.training import Stream, random_numbers
from wgan.types import Generator, Latents, Progress, SampleSpec

BATCH = 256
FEW = 1000
SETS = 8
SET_SAMPLES = 10_000
"""Floors are means over so many sets of training reals, of so many samples together: one set of few is noisy."""


class Evaluator:
    """Compares fakes with held-out reals by some metrics.

    Reals that training never saw are the reference: the source's test split, or the share `holdout`; n of them, or all
    if there are fewer. Floors are the metrics of n real training samples against the same reference, the mean over up
    to eight sets of such samples. `metrics` are names of METRICS, None for those that suit the data; `n` None is 2,500,
    the protocol's count where the data have a protocol, and at most what is held out. `seed` decides which reals.

    Raises:
        InputError: a metric is not known, or not for these data, or needs more samples; nothing is held out.
    """

    def __init__(
        self,
        pack: Pack,
        holdout: float,
        metrics: Sequence[str] | None = None,
        n: int | None = None,
        *,
        seed: int = 0,
        progress: Progress = plain,
    ) -> None:
        names = () if metrics is None else tuple(dict.fromkeys(map(known_metric, metrics)))
        refuse_too_few(names, pack, holdout, n)
        train, held_out = pack.split(holdout)
        info = data_info_of(pack, holdout, progress)
        self.n = min(usual_count(info), len(train), len(held_out)) if n is None else n
        self._left_out = ""
        if metrics is None:
            there = min(self.n, len(train), len(held_out))
            self._left_out = too_few(usual_metrics(info), there)
            names = tuple(name for name in usual_metrics(info) if METRICS[name].fewest <= there)
        self.metrics: dict[str, Metric[Any]] = {name: METRICS[name] for name in names}
        self._pack, self._seed, self._holdout, self._progress = pack, seed, holdout, progress
        needed = dict.fromkeys(metric.extractor for metric in self.metrics.values())
        self._extractors = {name: EXTRACTORS[name](info) for name in needed}
        random = random_numbers(seed, Stream.EVALUATION)
        self._held_out = random.permutation(held_out)[: self.n]
        sets = max(min(SETS, len(train) // self.n, SET_SAMPLES // self.n), 1)
        self._train = np.array_split(random.permutation(train)[: sets * self.n], sets)
        self._reference = self._summaries()
        self.floors = self._floors()

    def __call__(self, generator: Generator, z: Latents, *, step: int | None = None) -> Evaluation:
        """The metrics of a generator in evaluation mode, without intervals, on `n` latents (n, Z) on its device.

        Raises:
            TrainingError: a sample is not finite.
        """
        return self.evaluate(fakes(generator, z), len(z), step=step)

    def evaluate(
        self, batches: Iterable[Tensor], count: int, *, step: int | None = None, intervals: bool = False
    ) -> Evaluation:
        """The metrics of `count` fakes that come in batches, with intervals if asked for.

        `interval` says how intervals are made; fewer than 20 fakes have none.

        Raises:
            InputError: a metric needs more fakes.
            TrainingError: a sample is not finite.
        """
        started = time.monotonic()
        if wanting := too_few(self.metrics, count):
            raise InputError(f"{count} fakes are too few for {wanting}. Make more, or leave these metrics out.")
        parts = PARTS if intervals and count >= PARTS else 1
        whole_batches = -(-count // BATCH)
        shown = self._progress(_checked(batches, self._pack.spec), whole_batches, "batches of fakes")
        collected = collect(shown, self._lenses(), self._extractors, count, parts)
        items: Iterable[tuple[str, Metric[Any]]] = self.metrics.items()
        if intervals:
            items = self._progress(items, len(self.metrics), "comparing")
        results = {name: self._result(name, metric, collected[lens(metric)], count) for name, metric in items}
        return Evaluation(
            step=step,
            n=count,
            reference=len(self._held_out),
            floor=len(self._train[0]),
            floor_sets=len(self._train),
            seed=self._seed,
            data=self._pack.contents.name,
            seconds=round(time.monotonic() - started, 3),
            metrics=results,
            seen_by={name: self._extractors[metric.extractor].told for name, metric in self.metrics.items()},
            notes=tuple(self._notes(count, results, intervals=intervals)),
        )

    def _result(self, name: str, metric: Metric[Any], parts: list[Summary], count: int) -> Result:
        real = self._reference[lens(metric)]
        value = metric.compare(real, merged(parts))
        low, high = interval(metric, real, parts, value, self._seed)
        return Result(value, self.floors[name], low, high, metric.better, lens(metric).most(count))

    def _notes(self, count: int, results: Mapping[str, Result], *, intervals: bool) -> Iterator[str]:
        if self._left_out:
            yield f"left out for want of samples: {self._left_out}"
        if intervals and count < PARTS:
            yield f"no intervals: they are made of {PARTS} parts of the fakes, and there are {count} fakes"
        if odd := [
            name for name, one in results.items() if not (math.isfinite(one.value) and math.isfinite(one.floor))
        ]:
            yield f"not a finite number for these samples, and so left empty: {', '.join(odd)}"
        if len(self._held_out) < FEW:
            yield (
                f"only {len(self._held_out):,} held-out reals: values are noisy and floors far from perfect; "
                "read values beside their floors"
            )
        if (reals := len(self._train[0])) != count:
            yield f"floors are of {reals:,} training reals, values of {count:,} fakes: they compare roughly"

    def _lenses(self) -> list[SummarySpec]:
        return list(dict.fromkeys(map(lens, self.metrics.values())))

    def _floors(self) -> dict[str, float]:
        """Each metric of real training samples, the mean over the sets of them."""
        seen: dict[str, list[dict[SummarySpec, list[Summary]]]] = {}

        def floor(metric: Metric[Any]) -> Arrays:
            name, one = metric.extractor, lens(metric)
            if name not in seen:
                lenses = [other for other in self._lenses() if other.extractor == name]
                seen[name] = self._collected(self._train, lenses, "training reals")
            values = [metric.compare(self._reference[one], made[one][0]) for made in seen[name]]
            return {"floor": np.asarray(np.mean(values))}

        found = {}
        for name, metric in self.metrics.items():
            key = self._extractors[metric.extractor].key
            make = partial(floor, metric)
            arrays = make() if key is None else cached(make, "floor", repr(metric), key, *self._what())
            found[name] = float(arrays["floor"])
        return found

    def _what(self) -> tuple[object, ...]:
        """Which reals."""
        return self._pack.contents.digest, self._holdout, self.n, self._seed

    def _summaries(self) -> dict[SummarySpec, Summary]:
        """Of the held-out reals; where extracting is work, from the cache."""
        found: dict[SummarySpec, Summary] = {}
        made: dict[SummarySpec, list[Summary]] = {}

        def compute(one: SummarySpec) -> Arrays:
            if not made:  # one pass over the data for all that were not found
                missing = [other for other in self._lenses() if other not in found]
                made.update(self._collected([self._held_out], missing, "held-out reals")[0])
            return made[one][0].arrays()

        for one in self._lenses():
            key = self._extractors[one.extractor].key
            make, parts = partial(compute, one), (one.summary.__name__, one.limit, key, *self._what())
            found[one] = one.summary.from_arrays(make() if key is None else cached(make, *parts))
        return found

    def _collected(
        self, sets: Sequence[Array], lenses: Sequence[SummarySpec], what: str
    ) -> list[dict[SummarySpec, list[Summary]]]:
        """The summaries of each set of places, under one bar."""
        batches = [places[start : start + BATCH] for places in sets for start in range(0, len(places), BATCH)]
        shown = iter(self._progress(batches, len(batches), f"batches of {what}"))
        made = []
        for places in sets:
            count = -(-len(places) // BATCH)
            rows = (self._pack.samples_at(batch) for batch in islice(shown, count))
            made.append(collect(rows, lenses, self._extractors, len(places)))
        next(shown, None)  # ends the bar
        return made


@torch.no_grad()
def fakes(generator: Generator, z: Latents) -> Iterator[Tensor]:
    """What a generator makes of latents, in batches that need little memory."""
    for part in z.split(BATCH):
        yield generator(part)


def _checked(batches: Iterable[Tensor], spec: SampleSpec) -> Iterator[Tensor]:
    """Finite samples; pictures as they are shown, in 256 steps, as the reals are."""
    for batch in batches:
        if not batch.isfinite().all():
            raise TrainingError("The generator makes values that are not finite: there is nothing to compare.")
        yield spec.as_shown(batch)
