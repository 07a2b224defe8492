"""Comparisons of a conditional run: samples with what they were asked for, and with others asked for the same."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float64
from torch import Tensor

from wgan.types import Condition, Conditions
from wgan.types.condition import Part

FEWEST = 6
"""Samples of a group, real and fake, before its variety is compared."""
NARROW = 0.1
"""Groups whose real samples are nearer to each other than this, relative to all, may be as narrow as they like."""
ASKED, NARROWEST = "asked", "narrowest"
"""What the names of these metrics begin with; the name of the part follows."""

Points = Float64[Tensor, "N F"]


class Answered(NamedTuple):
    """Samples as metrics see them, and the condition of each (N, size)."""

    points: Points
    conditions: Conditions


@dataclass(frozen=True)
class Asked:
    """Whether samples show what they were asked for: Cohen's kappa (1960; weighted, 1968) of that with what they show.

    A sample shows what its nearest real one is. 1 is always, 0 is what exchanged conditions would give. Numbers that
    are near count as nearly right (linear weights), and of several labels each counts.
    """

    part: Part
    first: int
    """Where the part is in a condition."""
    better: Literal["higher"] = "higher"

    def compare(self, real: Answered, fake: Answered) -> float:
        """NaN if all are asked for the same, and show it."""
        own = slice(self.first, self.first + self.part.size)
        return kappa(fake.conditions[:, own], real.conditions[nearest(fake.points, real.points), own])


@dataclass(frozen=True)
class Narrowest:
    """The variety of samples that are asked for the same, where it is least of all: relative to such real samples.

    Of a class, those with a label, or a fifth of the numbers.
    """

    part: Part
    first: int
    better: Literal["higher"] = "higher"

    def compare(self, real: Answered, fake: Answered) -> float:
        """NaN if no group is large enough."""
        return min(self.varieties(real, fake).values(), default=math.nan)

    def varieties(self, real: Answered, fake: Answered) -> dict[str, float]:
        """The mean distance of fakes by that of real samples, for each group that has enough of both."""
        (counts, ours), (some, others) = (self._within(one) for one in (real, fake))
        least = NARROW * torch.pdist(real.points).mean()
        usable = (counts >= FEWEST) & (some >= FEWEST) & (ours > least)
        return {
            name: float(others[place] / ours[place]) for place, name in enumerate(self.part.groups) if usable[place]
        }

    def _within(self, answered: Answered) -> tuple[Tensor, Tensor]:
        """How many samples each group has, and the mean distance between two of them."""
        values = answered.conditions[:, self.first : self.first + self.part.size]
        members = self.part.membership(values).to(answered.points.dtype)
        counts = members.sum(dim=0)
        pairs = (counts * (counts - 1)).clamp_min(1)
        distances = torch.cdist(answered.points, answered.points)
        return counts, (members * (distances @ members)).sum(dim=0) / pairs


Answer = Asked | Narrowest


def answers(condition: Condition | None) -> Mapping[str, Answer]:
    """The metrics of each part."""
    found: dict[str, Answer] = {}
    for part, where in condition.values() if condition else ():
        found[f"{ASKED} {part.name}"] = Asked(part, where.start)
        found[f"{NARROWEST} {part.name}"] = Narrowest(part, where.start)
    return found


def nearest(points: Points, among: Float64[Tensor, "M F"]) -> Tensor:
    """The place of the nearest point, for each."""
    return torch.cdist(points, among).argmin(dim=1)


def kappa(one: Tensor, other: Tensor) -> float:
    """How much two answers (N, size) of a part agree beyond what exchanging them would give: 1 is entirely, 0 not."""
    by_chance = torch.cdist(one.double(), other.double(), p=1).mean()
    return float(1 - (one.double() - other.double()).abs().sum(dim=1).mean() / by_chance)
