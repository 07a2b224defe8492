"""Compares any number of generators with the held-out reals of one data set."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor

from wgan.data import Array, Pack, no_progress
from wgan.data.cache import cached
from wgan.errors import InputError
from wgan.evaluation.collect import PARTS, collect, interval
from wgan.evaluation.data_info import content_key, data_info_of
from wgan.evaluation.fakes import BATCH, fakes, shown_fakes
from wgan.evaluation.notes import NOTED, Compared, notes_of
from wgan.evaluation.result import Evaluation, Result
from wgan.metrics import (
    EXTRACTORS,
    METRICS,
    MIXTURE_SAMPLES,
    STACKED_SAMPLES,
    DataInfo,
    Function,
    GroupMetric,
    Metric,
    OwnMetric,
    Summary,
    SummarySpec,
    metric_of,
    usual_metrics,
)
from wgan.metrics.extractors.asked import members
from wgan.metrics.summaries import Arrays
from wgan.training import Stream, random_numbers
from wgan.types import Conditions, Generator, Latents, Progress
from wgan.types.bound import tiled
from wgan.types.condition import Rows

SAMPLES = 2500
"""Fakes and reals to compare, by default and where the data have as many."""
FEW = 1000
SETS = 8
SET_SAMPLES = 10_000
"""Floors are means over up to `SETS` sets of training reals, `SET_SAMPLES` together: one small set is noisy."""


class Evaluator:
    """Compares fakes with held-out reals by some metrics.

    The reference is reals that training never saw: the source's test split, or the share `holdout`; n of them, or all
    if there are fewer. Floors are the metrics of n training reals against the same reference, averaged over up to eight
    sets. `metrics` are names of METRICS, functions of the user's or where to import them from ("module:function"), or
    None for those that suit the data. `n` defaults to 2,500, or to the count
    of the data's protocol if they have one, but at most to what is held out. `seed` decides which reals are used.

    Where the data have a condition, fakes are asked for what the held-out reals are, one by one and over again.

    Raises:
        InputError: a metric is unknown, does not suit the data, or needs more samples; one of the user's own fails, or
            is not finite for real samples; or nothing is held out.
    """

    def __init__(
        self,
        pack: Pack,
        holdout: float,
        metrics: Sequence[str | Function] | None = None,
        n: int | None = None,
        *,
        seed: int = 0,
        progress: Progress = no_progress,
    ) -> None:
        different = dict.fromkeys(metrics or ())
        named = dict(map(metric_of, different))
        if len(named) < len(different):
            raise InputError("Two of the metrics have the same name, so their values could not be told apart.")
        train, held_out = pack.split(holdout)
        if n is not None and n < 2:
            raise InputError(f"Metrics compare distributions, for which {n} is too few samples. Use more: -n 1000.")
        if len(held_out) < 2:
            remedy = "Its samples are too few, or all the same: get more." if holdout else "Set data.holdout to 0.1."
            raise InputError(f"Nothing of {pack.contents.name} is held out to compare with. {remedy}")
        info = data_info_of(pack, holdout, progress)
        self._pack, self._seed, self._holdout, self.progress = pack, seed, holdout, progress
        self.n = min(_usual_count(info), len(train), len(held_out)) if n is None else n
        random = random_numbers(seed, Stream.EVALUATION)
        self._held_out = random.permutation(held_out)[: self.n]
        available = min(self.n, len(train), len(held_out))
        together = self._largest_group()
        self._left_out = ""
        if metrics is None:
            usual = {name: METRICS[name] for name in usual_metrics(info)}
            self._left_out = _too_few(usual, available, together)
            named = {name: one for name, one in usual.items() if not _too_few({name: one}, available, together)}
        elif wanting := _too_few(named, available, together):
            fakes = "" if n is None else f"{n:,} fakes, "
            raise InputError(
                f"Too few samples for {wanting}: there are {fakes}{len(held_out):,} held-out and {len(train):,} "
                "training reals. Ask for more fakes (-n), hold out more of the data (data.holdout), or leave these "
                "metrics out."
            )
        self.metrics: dict[str, Metric[Any]] = named
        self._specs = list(dict.fromkeys(metric.spec for metric in self.metrics.values()))
        self._extractors = {
            name: EXTRACTORS[name](info) for name in dict.fromkeys(spec.extractor for spec in self._specs)
        }
        sets = max(min(SETS, len(train) // self.n, SET_SAMPLES // self.n), 1)
        self._train = np.array_split(random.permutation(train)[: sets * self.n], sets)
        self._reference = self._reference_summaries()
        self._floor_arrays = self._floors()
        self.floors = {name: float(arrays["floor"]) for name, arrays in self._floor_arrays.items()}
        for name, metric in self.metrics.items():
            if isinstance(metric, OwnMetric) and not math.isfinite(self.floors[name]):
                raise InputError(
                    f"The metric {name} returned {self.floors[name]} for real samples beside others. It has to be a "
                    "finite number there: that is its floor."
                )

    def conditions(self, count: int) -> Conditions | None:
        """What `count` fakes are asked for: what the held-out reals are. None where there is no condition."""
        condition, rows = self._pack.spec.condition, self._rows(self._held_out)
        return None if condition is None or rows is None else condition.to_vectors(tiled(rows, count))

    def __call__(self, generator: Generator, z: Latents, *, step: int | None = None) -> Evaluation:
        """The metrics of a generator in evaluation mode on latents (n, Z) on its device, without intervals.

        Where the data have a condition, the generator takes it as its second input.

        Raises:
            TrainingError: a sample is not finite.
        """
        return self.evaluate(fakes(generator, z, self.conditions(len(z))), len(z), step=step)

    def evaluate(
        self, batches: Iterable[Tensor], count: int, *, step: int | None = None, intervals: bool = False
    ) -> Evaluation:
        """The metrics of `count` fakes in batches, with intervals on request (see `interval`; not below 20 fakes).

        Where the data have a condition, the fakes are those that were asked for `conditions(count)`, in order.

        Raises:
            InputError: a metric needs more fakes.
            TrainingError: a sample is not finite.
        """
        started = time.monotonic()
        if wanting := _too_few(self.metrics, count):
            raise InputError(f"{count} fakes are too few for {wanting}. Make more, or leave these metrics out.")
        parts = PARTS if intervals and count >= PARTS else 1
        shown = self.progress(shown_fakes(batches, self._pack.spec), math.ceil(count / BATCH), "batches of fakes")
        rows = self._rows(self._held_out)
        asked = None if rows is None else tiled(rows, count)
        collected = collect(shown, self._specs, self._extractors, count, parts, asked=asked)
        items: Iterable[tuple[str, Metric[Any]]] = self.metrics.items()
        if intervals:
            items = self.progress(items, len(self.metrics), "comparing")
        results = {name: self._result(name, metric, collected[metric.spec], count) for name, metric in items}
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
            seen_by={name: self._extractors[metric.extractor].description for name, metric in self.metrics.items()},
            notes=(*self._notes(count, results, intervals=intervals), *notes_of(self._compared(collected))),
        )

    def _compared(self, collected: Mapping[SummarySpec, list[Summary]]) -> Iterator[Compared]:
        for name, metric in self.metrics.items():
            if not isinstance(metric, NOTED):
                continue
            real, fake = self._reference[metric.spec], metric.summary.merged(collected[metric.spec])
            floors = self._floor_arrays[name].get("each")
            yield Compared(name, metric, real, fake, floors, self._extractors[metric.extractor], self._pack.spec)

    def _result(self, name: str, metric: Metric[Any], parts: list[Summary], count: int) -> Result:
        real = self._reference[metric.spec]
        value = metric.compare(real, metric.summary.merged(parts))
        low, high = interval(metric, real, parts, value, self._seed)
        return Result(value, self.floors[name], low, high, metric.better, metric.spec.used(count))

    def _notes(self, count: int, results: Mapping[str, Result], *, intervals: bool) -> Iterator[str]:
        if self._left_out:
            yield f"left out for lack of samples: {self._left_out}"
        if intervals and count < PARTS:
            yield f"no intervals: they need at least {PARTS} fakes, and there are {count}"
        if odd := [name for name, one in results.items() if not np.isfinite([one.value, one.floor]).all()]:
            yield f"not a finite number for these samples, so left empty: {', '.join(odd)}"
        if len(self._held_out) < FEW:
            yield (
                f"only {len(self._held_out):,} held-out reals: values are noisy and floors far from perfect; "
                "compare values with their floors"
            )
        if (reals := len(self._train[0])) != count:
            yield f"floors are of {reals:,} training reals, values of {count:,} fakes: they are only roughly comparable"

    def _floors(self) -> dict[str, Arrays]:
        """Each metric of training reals, averaged over the sets of them; also within each group, where it has any."""

        @cache
        def collected(extractor: str) -> list[dict[SummarySpec, list[Summary]]]:
            specs = [spec for spec in self._specs if spec.extractor == extractor]
            return self._collected(self._train, specs, "training reals")

        def floor(metric: Metric[Any]) -> Arrays:
            spec = metric.spec
            reference: Any = self._reference[spec]
            sets: list[Any] = [reference] if metric.fitted else [reals[spec][0] for reals in collected(spec.extractor)]
            found = {"floor": np.asarray(np.mean([metric.compare(reference, reals) for reals in sets]))}
            if isinstance(metric, GroupMetric):
                found["each"] = np.mean([metric.each(reference, reals) for reals in sets], axis=0)
            return found

        return {
            name: self._cached(partial(floor, metric), metric.extractor, "floor", repr(metric))
            for name, metric in self.metrics.items()
        }

    def _reference_summaries(self) -> dict[SummarySpec, Summary]:
        """Summaries of the held-out reals."""
        found: dict[SummarySpec, Summary] = {}

        @cache
        def collected() -> dict[SummarySpec, list[Summary]]:
            missing = [spec for spec in self._specs if spec not in found]  # all in one pass over the data
            return self._collected([self._held_out], missing, "held-out reals")[0]

        def arrays(spec: SummarySpec) -> Arrays:
            return collected()[spec][0].arrays()

        for spec in self._specs:
            stored = self._cached(partial(arrays, spec), spec.extractor, spec.summary.__name__, spec.limit)
            found[spec] = spec.summary.from_arrays(stored)
        return found

    def _cached(self, compute: Callable[[], Arrays], extractor: str, *parts: object) -> Arrays:
        """What `compute` gives for these reals; from the cache unless extracting is as fast as reading a file."""
        key = self._extractors[extractor].key
        if key is None:
            return compute()
        return cached(compute, *parts, key, content_key(self._pack), self._holdout, self.n, self._seed)

    def _collected(
        self, sets: Sequence[Array], specs: Sequence[SummarySpec], what: str
    ) -> list[dict[SummarySpec, list[Summary]]]:
        """The summaries of each set of places, with one progress bar."""
        batches = [places[start : start + BATCH] for places in sets for start in range(0, len(places), BATCH)]
        shown = iter(self.progress(batches, len(batches), f"batches of {what}"))
        collected = []
        for places in sets:
            reals = (self._pack.samples_at(batch) for batch in islice(shown, math.ceil(len(places) / BATCH)))
            collected.append(collect(reals, specs, self._extractors, len(places), asked=self._rows(places)))
        next(shown, None)  # ends the bar
        return collected

    def _rows(self, places: Array) -> Rows | None:
        """What the reals at these places are, where there is a condition."""
        return None if self._pack.spec.condition is None else torch.from_numpy(self._pack.condition_rows[places])

    def _largest_group(self) -> int | None:
        """The number of held-out reals in the largest group of the condition; None if there is no condition."""
        condition, rows = self._pack.spec.condition, self._rows(self._held_out)
        return None if condition is None or rows is None else int(members(condition, rows).sum(0).max())


def _usual_count(info: DataInfo) -> int:
    if info.stacked:
        return STACKED_SAMPLES
    return MIXTURE_SAMPLES if info.mixture is not None else SAMPLES


def _too_few(metrics: Mapping[str, Metric[Any]], count: int, together: int | None = None) -> str:
    """The metrics that need more samples, with how many; empty if there are none.

    `together` are asked for the same, at most.
    """
    wanting = []
    for name, metric in metrics.items():
        if metric.fewest > count:
            wanting.append(f"{name} (needs {metric.fewest})")
        elif isinstance(metric, GroupMetric) and together is not None and metric.fewest > together:
            wanting.append(f"{name} (needs {metric.fewest} of a class)")
    return ", ".join(wanting)
