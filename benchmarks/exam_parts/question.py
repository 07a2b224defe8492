"""A question of the exam: a defect, a harmless variation or nothing, on a data set, with a seed."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

import wgan
from exam_parts.data import Data
from wgan.data import Array
from wgan.types import Objective

LINES = 30
"""Lines of the log of every run, so that its length gives nothing away."""
CADENCE = {"output.sample_every": 100_000, "output.checkpoint_every": 100_000}
"""Runs are saved once, at the end."""


def everywhere(data: Data) -> bool:
    """On all data sets."""
    return True


@dataclass(frozen=True)
class Change:
    """What is different about a run: arguments of `wgan.train`, and what is done to the data. Parts are made anew."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    generator: Callable[[Data], nn.Module] | None = None
    critic: Callable[[Data], nn.Module] | None = None
    objective: Objective | None = None
    values: Callable[[Array], Any] | None = None
    """What is done to the data before training."""
    undo: Callable[[Tensor], Tensor] | None = None
    """What brings samples like the changed data back to where the data were, where that can be done."""
    suits: Callable[[Data], bool] = everywhere
    """Whether it makes sense on this data set."""
    longer: float = 1.0
    """How many times the usual number of steps."""


@dataclass(frozen=True, kw_only=True)
class Defect(Change):
    """A mistake, the codes that state its cause, and those of its effects that may be named besides."""

    true: tuple[str, ...] = field(repr=False)
    effects: tuple[str, ...] = field(default=("mode-collapse", "samples-off-data"), repr=False)
    words: str | None = field(default=None, repr=False)
    """A pattern in the text of a refusal without a code, which states the cause."""


Kind = Literal["defect", "healthy", "sibling"]


@dataclass(frozen=True)
class Question:
    """One run, to be diagnosed."""

    change: Change
    data: Data
    seed: int
    kind: Kind
    steps: int

    @classmethod
    def of(cls, change: Change, data: Data, seed: int, kind: Kind, steps: int | None = None) -> "Question":
        """With the usual number of steps for the data, unless `steps` are given."""
        return cls(change, data, seed, kind, steps or round(data.steps * change.longer))

    @property
    def name(self) -> str:
        """The name of its folder."""
        usual = self.steps == round(self.data.steps * self.change.longer)
        return "-".join([self.change.name, self.data.name, str(self.seed), *([] if usual else [str(self.steps)])])

    @property
    def definition(self) -> str:
        """A hash that changes when the run would be another."""
        text = re.sub(
            r" at 0x[0-9a-f]+", "", repr((self.change, self.data, self.seed, self.steps))
        )  # where functions lie in memory is no part of it
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def generator(self) -> nn.Module | None:
        """A new generator, if it is an own one."""
        return self.change.generator and self.change.generator(self.data)

    def train(self, out: Path) -> wgan.Run:
        """Train from the start in the folder `out`.

        Raises:
            WganError: it was refused, or broke down on the way.
        """
        torch.manual_seed(self.seed)  # the first weights of passed networks are ours, not the run's
        change, values = self.change, self.data.values()
        return wgan.train(
            change.values(values) if change.values else values,
            recipe=self.data.recipe,
            generator=self.generator(),
            critic=change.critic and change.critic(self.data),
            objective=change.objective,
            steps=self.steps,
            out=out,
            settings={
                **CADENCE,
                "output.log_every": max(1, self.steps // LINES),
                **self.data.settings,
                **change.settings,
                "training.seed": self.seed,
                "threads": 1,
            },
            fresh=True,
            progress=False,
        )


SIBLING = Change("good")
"""No change: the ordinary settings, which the others are compared with."""


def sibling(question: Question) -> Question:
    """The healthy run on the same data with the same seed."""
    return Question.of(SIBLING, question.data, question.seed, "sibling")


def pictures(data: Data) -> bool:
    """On pictures, whose generator has a range."""
    return data.picture


def points(data: Data) -> bool:
    """On points, tables and signals, which have no range."""
    return not data.picture


def many_columns(data: Data) -> bool:
    """Where a sample is more than a point in space."""
    return data.picture or data.shape[0] >= 10
