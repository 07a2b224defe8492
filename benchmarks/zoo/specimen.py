"""A specimen: a run with one known cause of failure, or none, in two settings and four seeds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch
from torch import nn

import wgan
from wgan.types import Objective

Half = Literal["development", "report"]
"""Rules are written on one half of the runs and judged on the other; they share neither seeds nor settings."""

SEEDS: dict[Half, tuple[int, ...]] = {"development": (0, 1), "report": (2, 3)}

CADENCE = {"output.sample_every": 500, "output.checkpoint_every": 100_000}
"""Runs are saved once, at the end."""
LINES = 30
"""Lines of the log of every run, so that its length gives nothing away."""


@dataclass(frozen=True)
class Setting:
    """One way to cause the failure: arguments of `wgan.train`. Each run gets new parts."""

    name: str
    """A short name: the data, and what else distinguishes it from the other setting."""
    data: Callable[[], Any]
    recipe: str
    steps: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    generator: Callable[[], nn.Module] | None = None
    critic: Callable[[], nn.Module] | None = None
    objective: Objective | None = None

    def train(self, out: Path, seed: int) -> wgan.Run:
        """Train from the start in the folder `out`.

        Raises:
            TrainingError: it broke down on the way, as some are meant to.
        """
        torch.manual_seed(seed)  # the first weights of passed networks are ours, not the run's
        return wgan.train(
            self.data(),
            recipe=self.recipe,
            generator=self.generator and self.generator(),
            critic=self.critic and self.critic(),
            objective=self.objective,
            steps=self.steps,
            out=out,
            settings={
                **CADENCE,
                "output.log_every": max(1, self.steps // LINES),
                **self.settings,
                "training.seed": seed,
            },
            fresh=True,
            progress=False,
        )

    @property
    def available(self) -> bool:
        """Whether the data are here: those that are not bundled are paths."""
        data = self.data()
        return not isinstance(data, Path) or data.exists()


@dataclass(frozen=True)
class Specimen:
    """A kind of run, and the code of the finding that names its cause; None is healthy."""

    name: str
    cause: str | None
    development: Setting
    report: Setting

    def setting(self, half: Half) -> Setting:
        """The setting of that half."""
        return self.development if half == "development" else self.report


class Case(NamedTuple):
    """One run of the zoo."""

    specimen: Specimen
    setting: Setting
    seed: int

    @property
    def name(self) -> str:
        """The name of its folder."""
        return f"{self.specimen.name}-{self.setting.name}-{self.seed}"


def cases(specimens: Iterable[Specimen], half: Half, seeds: Iterable[int] = ()) -> Iterator[Case]:
    """The runs of one half whose data are here, with the half's own seeds or with these."""
    seeds = tuple(seeds) or SEEDS[half]
    for specimen in specimens:
        setting = specimen.setting(half)
        if setting.available:
            yield from (Case(specimen, setting, seed) for seed in seeds)
