"""How a run's samples came nearer to held-out reals: what its comparisons say, in units of their own noise."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from wgan.diagnosis.asked import ASKED, NARROWEST
from wgan.diagnosis.wiring import SURE
from wgan.language import say

HALF = 0.5
"""Samples are near if they have, of what real samples have, at least this share of each of SHARES."""
FACTOR = 3.0
"""... and are at most so many times as far from held-out reals as real samples are, by each of DISTANCES."""
SHARES = ("precision", "recall", "coverage")
DISTANCES = ("energy", "columns", "correlations", "classes")
ALIKE = 0.3
"""Below this share of what real samples have, samples are all but the same."""
PASSES, LINES = 1.0, 5
"""Through the data, and comparisons, in the last half of a run, before its end can be called one."""
ROUGH = 100
"""By fewer held-out samples than these, the 95% interval of a share is wider than a fifth."""
HARDLY = 0.1
"""A share of training samples below this, beyond doubt, is like the held-out ones: none is, by that metric."""
ARRIVED = 1.5
"""At so many times the Fréchet distance of real samples there is nothing left to gain."""


class Reading(NamedTuple):
    """One metric at one step."""

    value: float
    floor: float
    noise: float
    """The standard deviation of the value over other samples."""
    higher: bool
    """Whether higher is better."""
    noise_of_floor: float
    """The standard deviation of the floor's draws."""

    @property
    def says_something(self) -> bool:
        """Whether real samples are better than chance, for metrics of which that is 0."""
        return self.floor > SURE * self.noise_of_floor

    @property
    def high(self) -> float:
        """What the value is at most, with 95% confidence."""
        return self.value + 1.64 * self.noise

    @property
    def low(self) -> float:
        """What the value is at least, with 95% confidence."""
        return self.value - 1.64 * self.noise


class Best(NamedTuple):
    """The best that a run was, by its Fréchet distance from the data, and what it is now."""

    step: int
    value: float
    now: float


class At(NamedTuple):
    """The metrics at one step."""

    step: int
    epoch: float
    readings: dict[str, Reading]
    reals: int
    """With how many samples they compare; 0 if unknown."""

    def of_parts(self, beginning: str) -> dict[str, Reading]:
        """The metrics of each part of a condition that begin like this."""
        return {name.split(" ", 1)[1]: one for name, one in self.readings.items() if name.startswith(f"{beginning} ")}


class Progress:
    """The comparisons of a run, oldest first, and the newest stored evaluation."""

    def __init__(self, comparisons: Sequence[dict[str, Any]], evaluations: Sequence[dict[str, Any]] = ()) -> None:
        self._all = [at for at in map(_read, comparisons) if at.readings]
        self.held_out = all(row.get("held_out", True) for row in comparisons)
        self.reals = int(comparisons[-1].get("reals", 0)) if comparisons else 0
        self.alike: dict[str, list[str]] = comparisons[-1].get("alike", {}) if comparisons else {}
        """By part of a condition, the groups whose newest samples are alike, the least varied first."""
        stored = [at for at in map(_read, evaluations) if at.readings and at.step >= self.step]
        self.evaluated = any(name in at.readings for at in stored for name in SHARES)
        known = [*self._all[-1:], *stored[-1:]]
        readings = {name: reading for at in known for name, reading in at.readings.items()}
        judges = next((at.reals for at in reversed(known) if at.readings.keys() & {*SHARES}), 0)
        self.newest = At(known[-1].step, known[-1].epoch, readings, judges) if readings.keys() & {*SHARES} else None
        """What says how near the run is: an evaluation, which has more samples, unless the run went on since, and a
        comparison for what was not evaluated."""

    def __len__(self) -> int:
        return len(self._all)

    @property
    def step(self) -> int:
        return self._all[-1].step if self._all else 0

    @property
    def near(self) -> bool:
        """Whether precision, recall and coverage are at least half of real samples', and distances at most thrice.

        The shares beyond doubt: at the lower end of their intervals. With a condition, samples also show what they were
        asked for at least half as well as real samples do, and none that are asked for the same are alike.
        """
        readings, shares = self.newest.readings if self.newest else {}, self._shares
        reached = len(shares) == len(SHARES) and all(share.low >= HALF * share.floor for share in shares)
        distances = [readings[name] for name in DISTANCES if name in readings]
        answered = all(one.low >= HALF * one.floor for one in self.asked.values() if one.says_something)
        varied = all(one.value >= ALIKE * one.floor for one in self.narrowest.values())
        close = all(one.value <= FACTOR * one.floor for one in distances)
        return reached and answered and varied and close and not self.apart

    @property
    def apart(self) -> bool:
        """Whether training samples are not like the held-out ones themselves, so that no number says how near it is."""
        return any(share.floor + SURE * share.noise_of_floor < HARDLY for share in self._shares)

    @property
    def _shares(self) -> list[Reading]:
        readings = self.newest.readings if self.newest else {}
        return [readings[name] for name in SHARES if name in readings]

    @property
    def asked(self) -> dict[str, Reading]:
        """How far the newest samples show what they were asked for, by part of the condition."""
        return self.newest.of_parts(ASKED) if self.newest else {}

    @property
    def narrowest(self) -> dict[str, Reading]:
        """The least variety of the newest samples that are asked for the same, by part of the condition."""
        return self.newest.of_parts(NARROWEST) if self.newest else {}

    def since(self, name: str, below: float) -> int:
        """The step since which a metric was below this share of real samples' in every comparison."""
        found = self.step
        for at in reversed(self._all):
            if name in at.readings and at.readings[name].value >= below * at.readings[name].floor:
                break
            found = at.step
        return found

    @property
    def judged(self) -> bool:
        """Whether samples were compared with data that the run never saw, by itself or by a stored evaluation."""
        return self.held_out or self.evaluated

    @property
    def rough(self) -> bool:
        """Whether the newest numbers compare with so few samples that they say little."""
        return self.newest is not None and 0 < self.newest.reals < ROUGH

    @property
    def settled(self) -> bool:
        """Whether the last half is long enough, and measured well enough, to say that more steps change nothing.

        Beyond doubt (95%), half of the Fréchet distance was not gained in it.
        """
        late = [at for at in self._all if 2 * at.step >= self.step]
        if len(late) < LINES or late[-1].epoch - late[0].epoch < PASSES:
            return False
        middle, end = self._of("frechet", 0.4, 0.6), self._of("frechet", 0.8, 1.0)
        if not middle or not end or _mean(end) <= ARRIVED * end[-1].floor:
            return True
        gain = _mean(middle) - _mean(end) + 1.64 * math.hypot(_error(middle), _error(end))
        return gain < HALF * _mean(end)

    def change(self, name: str) -> float:
        """How much better a metric became in the last half of the steps, in standard deviations; 0 if unknown."""
        middle, end = self._of(name, 0.4, 0.6), self._of(name, 0.8, 1.0)
        if not middle or not end:
            return 0.0
        gain = _mean(end) - _mean(middle) if end[0].higher else _mean(middle) - _mean(end)
        return gain / math.hypot(_error(middle), _error(end))

    @property
    def gains(self) -> dict[str, float]:
        """The metrics that became better in the last half of the steps, with by how many standard deviations."""
        return {name: change for name, change in self._changes() if change > SURE}

    @property
    def losses(self) -> dict[str, float]:
        """The metrics that became worse, likewise."""
        return {name: -change for name, change in self._changes() if change < -SURE}

    @property
    def known(self) -> bool:
        """Whether samples were compared at all."""
        return self.newest is not None

    def share(self, name: str) -> float:
        """What the newest samples have of a metric, relative to what real samples have; 1 if unknown."""
        reading = self.newest.readings.get(name) if self.newest else None
        return reading.value / reading.floor if reading and reading.floor > 0 else 1.0

    def told(self, *names: str) -> str:
        """Some of the newest numbers: "recall 0.41 of 0.91"."""
        readings = self.newest.readings if self.newest else {}
        found = {name: readings[name] for name in names if name in readings}
        return say(", ").join(
            say("{name} {value:.2f} of {floor:.2f}", name=name, value=reading.value, floor=reading.floor)
            for name, reading in found.items()
        )

    @property
    def best(self) -> "Best | None":
        """When samples were nearest to the data, if they have gone away since, measurably and by a half."""
        series = [(at.step, at.readings["frechet"]) for at in self._all if "frechet" in at.readings]
        if len(series) < 4:
            return None
        now = [reading for _, reading in series[-2:]]
        means = [(step, _mean([a, b])) for (_, a), (step, b) in pairwise(series)]
        step, value = min(means, key=lambda found: found[1])
        worse = _mean(now) - value > SURE * now[-1].noise and _mean(now) > 1.5 * value
        return Best(step, value, _mean(now)) if worse else None

    def describe(self) -> str:
        """The newest numbers beside those of real samples, and what they cannot say."""
        return self.numbers() + self._limits()

    def numbers(self) -> str:
        """The newest numbers beside those of real samples."""
        readings = self.newest.readings if self.newest else {}
        told = [self.told(*SHARES)] if self.told(*SHARES) else []
        if "frechet" in readings:
            value, floor = readings["frechet"][:2]
            text = say("Fréchet distance {value:.3g}, where real samples have {floor:.3g}", value=value, floor=floor)
            told.append(text)
        return say(", ").join(told)

    def _limits(self) -> str:
        """What the newest numbers cannot say."""
        if not self.judged:
            return say("; too few are held out, so these are training samples")
        if self.rough:
            return say("; by {count} held-out samples, so roughly", count=self.newest.reals if self.newest else 0)
        return ""

    def _changes(self) -> Iterator[tuple[str, float]]:
        names = self._all[-1].readings if len(self._all) > 1 else ()
        return ((name, self.change(name)) for name in names)

    def _of(self, name: str, first: float, last: float) -> list[Reading]:
        """Readings between these shares of the steps; if there are none, the nearest before."""
        bounds = first * self.step, last * self.step
        having = [at for at in self._all if name in at.readings]
        inside = [at.readings[name] for at in having if bounds[0] <= at.step <= bounds[1]]
        return inside or [at.readings[name] for at in having if at.step < bounds[0]][-1:]


def _read(row: dict[str, Any]) -> At:
    readings, reals = {}, row.get("reals", row.get("reference"))  # the latter of an evaluation
    for name, found in row["metrics"].items():
        value, floor, noise = found.get("value"), found.get("floor"), found.get("noise")
        if value is None or floor is None:
            continue
        if noise is None and None not in (found.get("low"), found.get("high")):
            noise = (found["high"] - found["low"]) / 3.92
        counted = row.get("fakes", row.get("n")) if name.startswith(ASKED) else reals
        spread = _noise(value, floor, noise or 0.0, counted, name)
        readings[name] = Reading(value, floor, spread, found.get("better") == "higher", noise or 0.0)
    return At(row["step"], row.get("epoch", 0.0), readings, reals or 0)


def _noise(value: float, floor: float, noise: float, counted: int | None, name: str) -> float:
    """The noise of a value from that of its floor: a share's is that of counting; a distance's grows with its root."""
    if name in SHARES or name.startswith(ASKED):
        return max(noise, math.sqrt(max(value * (1 - value), 0.0) / counted)) if counted else noise
    return noise * math.sqrt(max(value / floor, 1.0)) if floor > 0 else noise


def _mean(readings: Sequence[Reading]) -> float:
    return float(np.mean([reading.value for reading in readings]))


def _error(readings: Sequence[Reading]) -> float:
    """The standard error of their mean: of sampling, or of what training does between them if that is more."""
    sampling = float(np.mean([reading.noise for reading in readings]))
    training = float(np.std([reading.value for reading in readings], ddof=1)) if len(readings) > 2 else 0.0
    return max(sampling, training, 1e-12) / math.sqrt(len(readings))
