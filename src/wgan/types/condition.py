"""What a generator can be asked for: the numbers beside each sample, and how networks see them.

A condition has named parts. In a table each sample has a row of them (B, width): the place of its class, 0 or 1 for
each of several labels, or a standardised number. Networks see vectors (B, size): one number for each class instead.
"""

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, pairwise
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import one_hot

DIGITS = 4
"""Of a number's spread: rows have about so many, and what a number shows besides is rounding."""

GROUPS = 5
"""Of numbers, with as many samples in each, as far as these differ."""
EXACT = 1 << 53
"""Whole numbers below this are exact as floating-point numbers."""
LARGEST = float(np.finfo(np.float32).max)
"""Of the numbers that networks see."""
MOST_SETS = 1000
"""Of labels that occur together, so many sets are kept."""

PartKind = Literal["class", "labels", "number"]

Conditions = Float[Tensor, "B size"]
"""What each sample of a batch was asked for, as networks see it."""
Rows = Float[Tensor, "B width"]
"""The same as tables keep it: one column for a class."""


@dataclass(frozen=True)
class Part:
    """One thing that can be asked for: a class, several labels at once, or a number."""

    name: str
    kind: PartKind
    names: tuple[str, ...] = ()
    """Of the classes, or of the labels."""
    counts: tuple[int, ...] = ()
    """How many samples have each of them."""
    samples: int = 0
    """How many samples were counted."""
    centre: float = 0.0
    """The number that networks see as 0."""
    spread: float = 1.0
    """The difference that networks see as 1."""
    quantiles: tuple[float, ...] = ()
    """Of the numbers, in their own units, from the lowest to the highest at even shares."""
    sets: tuple[tuple[int, ...], ...] = ()
    """Places of labels that occur together; empty in runs from before there were any."""
    set_counts: tuple[int, ...] = ()
    """How often each of these sets occurs."""

    def __post_init__(self) -> None:
        if self.kind == "number":
            self._check_numbers()
        elif not self.names or len(self.counts) != len(self.names):
            raise ValueError(f"{self.name} has {len(self.names)} names and {len(self.counts)} counts.")
        elif min(self.counts) < 0 or not self._fits(self.samples if self.kind == "labels" else sum(self.counts)):
            raise ValueError(f"{self.name} has counts that {self.samples} samples cannot have.")
        fit = all(0 <= place < len(self.names) for places in self.sets for place in places)
        fit &= len(self.set_counts) == len(self.sets) <= MOST_SETS and all(0 < n < EXACT for n in self.set_counts)
        if not fit:
            raise ValueError(f"The labels of {self.name} cannot occur in these sets, so often.")

    def _fits(self, most: int) -> bool:
        return max(self.counts) <= most < EXACT and (self.kind == "labels" or most > 0)

    def _check_numbers(self) -> None:
        known = [self.centre, self.spread, *self.quantiles]
        if not all(map(math.isfinite, known)) or self.spread < sys.float_info.min or len(self.quantiles) < 2:
            raise ValueError(f"The numbers of {self.name} cannot be spread by {self.spread}.")
        if any(low > high for low, high in pairwise(self.quantiles)):
            raise ValueError(f"The quantiles of {self.name} fall.")
        if max(abs(self.standardised(end)) for end in (self.low, self.high)) > LARGEST:
            raise ValueError(
                f"The numbers of {self.name} are too far from {self.centre} to be spread by {self.spread}."
            )

    @property
    def size(self) -> int:
        """Numbers in a vector."""
        return 1 if self.kind == "number" else len(self.names)

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return len(self.names) if self.kind == "labels" else 1

    @property
    def low(self) -> float:
        """The lowest number seen."""
        return self.quantiles[0]

    @property
    def high(self) -> float:
        """The highest number seen."""
        return self.quantiles[-1]

    @property
    def typical(self) -> float:
        """The median of the numbers."""
        return self.quantiles[len(self.quantiles) // 2]

    def standardised(self, number: float) -> float:
        """A number in its own units, as rows have it."""
        return (number - self.centre) / self.spread

    def number(self, standardised: float) -> float:
        """A number as rows have it, in its own units."""
        return standardised * self.spread + self.centre

    def to_vectors(self, rows: Rows) -> Tensor:
        """(B, width) to (B, size)."""
        return one_hot(rows[:, 0].long(), self.size).to(rows.dtype) if self.kind == "class" else rows

    def in_words(self, vector: Sequence[float]) -> str:
        """What one vector asks for, in the units of the data: a name, names with |, or a number.

        Between two classes, each with its share: "3 0.75 + 7 0.25".
        """
        if self.kind == "number":
            digits = DIGITS - math.floor(math.log10(self.spread))
            return f"{round(self.number(vector[0]), digits):.10g}"
        shares = {name: share for name, share in zip(self.names, vector, strict=True) if share}
        if all(share == 1 for share in shares.values()):
            return "|".join(shares)
        return " + ".join(f"{name} {share:.3g}" for name, share in shares.items())

    def pair(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Two rows that differ: the most frequent classes, the most frequent label and none, the ends of numbers."""
        if self.kind == "number":
            return (self.standardised(self.low),), (self.standardised(self.high),)
        first, *others = np.argsort(self.counts)[::-1].tolist()
        if self.kind == "class":
            return (float(first),), (float((others or [first])[0]),)
        return tuple(float(place == first) for place in range(len(self.names))), (0.0,) * len(self.names)

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the groups that `membership` tells apart: classes, labels, or fifths of the numbers.

        Where many numbers are the same, there are fewer than five.
        """
        if self.kind != "number":
            return self.names
        ends = [self.low, *self._bounds(), self.high]
        written = ([f"{end:.{digits}g}" for end in ends] for digits in range(4, 18))
        texts = next(found for found in written if len({*found}) >= len({*ends}))
        return tuple(low if low == high else f"{low}..{high}" for low, high in pairwise(texts))

    def membership(self, vectors: Float[Tensor, "B size"]) -> Bool[Tensor, "B groups"]:
        """Which groups each vector is in: one of the classes or of the fifths, or as many as it has labels."""
        if self.kind != "number":
            return vectors > 0
        bounds = torch.tensor([self.standardised(bound) for bound in self._bounds()], dtype=vectors.dtype)
        places = torch.bucketize(vectors[:, 0].contiguous(), bounds.to(vectors.device))
        return one_hot(places, len(bounds) + 1).bool()

    def _bounds(self) -> list[float]:
        """The highest number of each fifth but the last, in its own units, if networks can tell it from the next."""
        last = len(self.quantiles) - 1
        ends = [self.quantiles[round(last * place / GROUPS)] for place in range(1, GROUPS + 1)]
        return [end for end, after in pairwise(ends) if self._seen(end) < self._seen(after)]

    def _seen(self, number: float) -> np.float32:
        return np.float32(self.standardised(number))

    def drawn(self, random: np.random.Generator, count: int) -> NDArray[np.float32]:
        """Rows (count, width) as they occur in the data, each part by itself.

        Labels together, as far as their sets are known.
        """
        if self.kind == "number":
            numbers = np.interp(random.random(count), np.linspace(0, 1, len(self.quantiles)), self.quantiles)
            return ((numbers - self.centre) / self.spread).astype(np.float32)[:, None]
        counts = np.asarray(self.counts, np.float64)
        if self.kind == "class":
            return random.choice(len(counts), count, p=counts / counts.sum()).astype(np.float32)[:, None]
        if self.sets:
            there = np.array([[place in places for place in range(len(counts))] for places in map(set, self.sets)])
            shares = np.asarray(self.set_counts, np.float64)
            return there[random.choice(len(there), count, p=shares / shares.sum())].astype(np.float32)
        return (random.random((count, len(counts))) < counts / max(1, self.samples)).astype(np.float32)


@dataclass(frozen=True)
class Condition:
    """The parts that a generator is asked for, in order."""

    parts: tuple[Part, ...]
    digest: str = ""
    """Of all rows: two data sets with equal digests, and equal samples, train equal runs."""

    def __post_init__(self) -> None:
        if not self.parts or len({part.name for part in self.parts}) != len(self.parts):
            raise ValueError("A condition has one part or more, and each has a name of its own.")

    @property
    def size(self) -> int:
        """Numbers in a vector."""
        return sum(part.size for part in self.parts)

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return sum(part.width for part in self.parts)

    @property
    def has_numbers(self) -> bool:
        """Whether vectors hold more than zeros and ones."""
        return any(part.kind == "number" for part in self.parts)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(part.name for part in self.parts)

    def part(self, name: str) -> Part:
        return next(part for part in self.parts if part.name == name)

    def columns(self) -> list[tuple[Part, slice]]:
        """Each part, and where it is in a row."""
        return self._places([part.width for part in self.parts])

    def values(self) -> list[tuple[Part, slice]]:
        """Each part, and where it is in a vector."""
        return self._places([part.size for part in self.parts])

    def _places(self, sizes: Sequence[int]) -> list[tuple[Part, slice]]:
        return [
            (part, slice(*ends)) for part, ends in zip(self.parts, pairwise(accumulate(sizes, initial=0)), strict=True)
        ]

    def to_vectors(self, rows: Rows) -> Conditions:
        """Rows as networks see them, on the same device."""
        return torch.cat([part.to_vectors(rows[:, where]) for part, where in self.columns()], dim=1)

    def in_words(self, vectors: Conditions) -> list[dict[str, str]]:
        """What each vector asks for, by the names of the parts, in the units of the data."""
        places = self.values()
        return [{part.name: part.in_words(vector[where]) for part, where in places} for vector in vectors.tolist()]

    def drawn(self, random: Callable[[int], np.random.Generator], count: int) -> Rows:
        """Rows (count, width) that are as frequent as in the data, where parts have nothing to do with each other.

        Each part has random numbers of its own, so that a larger count begins with the same rows.
        """
        drawn = [part.drawn(random(place), count) for place, part in enumerate(self.parts)]
        return torch.from_numpy(np.concatenate(drawn, axis=1))

    def differing(self) -> Rows:
        """A few rows (1 + parts, width): each after the first differs from it in one part.

        The first has a label of each part that is of labels: from none at all, no weight would get a gradient.
        """
        pairs = [part.pair() for part in self.parts]
        rows = [[pair[place == changed] for place, pair in enumerate(pairs)] for changed in range(-1, len(pairs))]
        return torch.tensor([list(chain.from_iterable(row)) for row in rows])

    def with_digest(self, digest: str) -> "Condition":
        return replace(self, digest=digest)


def in_short(part: Part) -> str:
    """A part in a few words: what it is called, and what there is of it."""
    if part.kind == "number":
        return f"{part.name}, a number from {part.low:.4g} to {part.high:.4g}"
    of = f"one of {len(part.names):,} classes" if part.kind == "class" else f"any of {len(part.names):,} labels"
    return f"{part.name}, {of}"
