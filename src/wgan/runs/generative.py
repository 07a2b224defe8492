"""What makes samples: a run, or a file of weights."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from wgan.runs.asking import Asked, asked, drawn
from wgan.runs.best import Step
from wgan.runs.inputs import AT_ONCE, Inputs, in_batches
from wgan.system.limits import ARRAY_BYTES
from wgan.training import Stream, latents, random_numbers
from wgan.types import Conditions, Latents, Samples, SampleSpec, parts


class Generative(ABC):
    """A trained generator on disk, and what is known of its samples."""

    path: Path
    known_as: str | None = None
    """What it is called where that is not its place, such as on the hub."""

    @property
    def name(self) -> str:
        """What files that are made from it are called: its folder, or its file."""
        if self.known_as is not None:
            return self.known_as
        place = self.path.resolve()
        if place.stem == "generator":  # a run's own
            place = place.parent
        return place.name if place.is_dir() else place.stem

    @property
    @abstractmethod
    def spec(self) -> SampleSpec: ...

    @property
    @abstractmethod
    def latent_size(self) -> int: ...

    @property
    @abstractmethod
    def columns(self) -> int:
        """Of a grid."""

    @abstractmethod
    def generator(self, step: Step | None = None) -> nn.Module:
        """The generator in evaluation mode on the CPU: the newest, or that of a step, or the "best".

        Takes (B, latent size); a conditional one takes what `conditions` makes, (B, size), as its second input.
        """

    def sample(
        self,
        n: int,
        *,
        seed: int = 0,
        step: Step | None = None,
        units: bool = False,
        condition: Mapping[str, Any] | None = None,
    ) -> Tensor:
        """`n` samples of the averaged generator, (n, *shape), on the CPU.

        Signals, pictures and volumes lie in [-1, 1]; with `units` they have the range and the type of the data, such as
        uint16 from 0 to 4,095. Points always have the units of the data. A seed gives the same samples on every
        machine, and a larger `n` starts with the same samples. `step` is that of a kept checkpoint, or "best": the
        best by the run's `output.best_by`.

        `condition` is what a conditional generator is asked for, by name: `{"label": "cat", "energy": 20.0}`, or
        `{"energy": (20.0, 80.0)}` for all from the one to the other. What it does not name is drawn as it occurs in the
        data.

        Raises:
            InputError: the generator has no such condition, or it has no such class, or needs a number.
        """
        conditions = self.conditions(n, condition, seed=seed)
        samples = torch.cat(list(self.stream(self.latents(n, seed), conditions, step=step)))
        return self.spec.to_stored(samples) if units or not self.spec.is_spatial else samples

    def latents(self, n: int, seed: int = 0) -> Latents:
        """The latents that `sample` uses, (n, latent size). Those of the grids in samples/ are others."""
        return sample_latents(n, self.latent_size, seed)

    def conditions(self, n: int, condition: Mapping[str, Any] | None = None, *, seed: int = 0) -> Conditions | None:
        """What a conditional generator takes beside `n` latents, (n, size), to be asked for this; None of others.

        `condition` is that of `sample`, which raises the same.
        """
        wanted = asked(self.spec.condition, condition)
        if wanted is None:
            return None
        ARRAY_BYTES.check(4 * n * wanted.condition.size, f"A set of {n:,} conditions")
        return wanted.vectors(n, n, seed) if wanted.walking else wanted.condition.to_vectors(wanted.rows(n, seed))

    def batches(self, n: int, seed: int = 0, wanted: Asked | None = None) -> Iterator[Inputs]:
        """The inputs of `n` single samples, in batches, so that memory does not grow with `n`.

        The latents are those of `latents`; of a conditional generator, what is asked for is that of `conditions`.
        """
        random, rows = random_numbers(seed, Stream.SAMPLE), None
        if wanted is not None:
            rows = wanted.batches(n, AT_ONCE, seed)
        for start in range(0, n, AT_ONCE):
            z = random.standard_normal((min(AT_ONCE, n - start), self.latent_size), dtype=np.float32)
            yield Inputs(torch.from_numpy(z), None if rows is None else next(rows))

    def stream(
        self, z: Latents, conditions: Conditions | None = None, *, step: Step | None = None
    ) -> Iterator[Samples]:
        """The samples of given latents, and of what is asked for, in batches that need little memory.

        A conditional generator that is asked for nothing makes what occurs in its data.
        """
        condition = self.spec.condition
        if condition is not None and conditions is None:
            conditions = condition.to_vectors(drawn(condition, len(z)))
        return self.made(in_batches(z, conditions), step=step)

    @torch.no_grad()
    def made(self, batches: Iterable[Inputs], *, step: Step | None = None) -> Iterator[Samples]:
        """The samples of each of the batches, in order."""
        generator = self.generator(step)
        for z, conditions in batches:
            yield parts.made(generator, z, conditions)


def sample_latents(n: int, size: int, seed: int = 0) -> Latents:
    """The latents that samples of a generator are made from, (n, size)."""
    ARRAY_BYTES.check(4 * n * size, f"A set of {n:,} latents")
    return latents(seed, Stream.SAMPLE, 0, n, size)


def spec_values(spec: SampleSpec) -> dict[str, Any]:
    """A description of samples as TOML keeps it."""
    return _kept(asdict(spec))


def _kept(values: dict[str, Any]) -> dict[str, Any]:
    """Without what TOML does not have, or need not say."""
    kept = {key: value for key, value in values.items() if value is not None and value != ()}
    if "condition" in kept:
        parts = [_kept(part) for part in kept["condition"]["parts"]]
        kept["condition"] = {**kept["condition"], "parts": parts}
    return kept
