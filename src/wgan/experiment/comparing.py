"""Comparisons with held-out reals while a run trains."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import torch
from numpy.typing import NDArray

from wgan.data.cache import cached
from wgan.diagnosis import ALIKE, NARROWEST, ROUGH, Comparer
from wgan.experiment.plan import Plan
from wgan.training import Stream, TrainState, latents, random_numbers
from wgan.types.parts import made

VERSION = 1
"""Increased when the same samples would give other floors."""
SPATIAL, POINTS = 256, 512
"""Samples that are compared; with the spacing of `config.Due` they cost less than 1% of the time."""
HELD_OUT = 512
POOL = 1024
"""Training reals that floors are drawn from."""
FEWEST = 6
"""Neighbourhoods hold five."""


@dataclass(frozen=True)
class Comparisons:
    """Compares the averaged generator of a run with the same held-out reals each time, on new latents."""

    comparer: Comparer
    make_floors: Callable[[], dict[str, NDArray[Any]]]
    held_out: bool
    """Whether the reals were kept from training; nothing may be held out."""
    seed: int
    latent_size: int

    @property
    def rough(self) -> bool:
        """Whether there are so few reals that they say little."""
        return len(self.comparer.reference) < ROUGH

    @cached_property
    def floors(self) -> dict[str, NDArray[Any]]:
        """What real samples reach. That takes seconds once for a set of data, and a run can begin without."""
        return self.make_floors()

    @torch.no_grad()
    def row(self, state: TrainState) -> dict[str, Any]:
        """A line of comparisons.jsonl, but for its epoch. It has no metrics if a sample is not finite."""
        z = latents(self.seed, Stream.PROBE, state.step, self.comparer.count, self.latent_size)
        asked = None if self.comparer.asked is None else self.comparer.asked.to(state.device)
        fake = made(state.ema, z.to(state.device), asked).cpu()
        measures = self.comparer.compare(fake, self.floors) if bool(fake.isfinite().all()) else {}
        narrow = any(name.startswith(NARROWEST) and one.value < ALIKE * one.floor for name, one in measures.items())
        return {
            "step": state.step,
            "fakes": self.comparer.count,
            "reals": len(self.comparer.reference),
            "held_out": self.held_out,
            "metrics": {name: measure._asdict() for name, measure in measures.items()},
            **({"alike": self.comparer.alike(fake, ALIKE)} if narrow else {}),
        }


def comparisons_of(planned: Plan) -> Comparisons | None:
    """What compares this run's samples; None if there are too few reals. Its floors are kept in the cache."""
    config, pack = planned.config, planned.pack
    random = random_numbers(0, Stream.PROBE)  # the same reals for all runs on the data, which share the floors
    train, held_out = (random.permutation(side) for side in pack.split(config.data.holdout))
    kept_out = len(held_out) >= FEWEST
    if not kept_out:
        train, held_out = train[len(train) // 2 :], train[: len(train) // 2]
    train, held_out = train[:POOL], held_out[:HELD_OUT]
    count = min(SPATIAL if pack.spec.is_spatial else POINTS, len(held_out), len(train) // 2)
    if count < FEWEST:
        return None
    labels = () if pack.labels is None or (pack.labels[held_out] < 0).any() else pack.labels[held_out].tolist()
    comparer = Comparer(
        pack.samples_at(held_out),
        pack.samples_at(train),
        pack.spec,
        count,
        tuple(labels),
        pack.conditions_at(held_out),
        pack.conditions_at(train),
    )
    floors = partial(comparer.floors, random_numbers(0, Stream.PROBE, 1))
    key: tuple[object, ...] = (
        VERSION,
        tuple(comparer.metrics.items()),
        pack.contents.digest,
        config.data.holdout,
        count,
    )
    if pack.spec.condition is not None:
        key = (*key, tuple(comparer.answers.items()), pack.spec.condition.digest)
    seed, size = config.training.seed, config.networks.latent_size
    return Comparisons(comparer, lambda: cached(floors, *key), kept_out, seed, size)
