"""What makes samples: a run, or a file of weights."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from wgan.system.limits import ARRAY_BYTES
from wgan.training import Stream, latents
from wgan.types import Latents, Samples, SampleSpec


class Generative(ABC):
    """A trained generator on disk, and what is known of its samples."""

    path: Path

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
    def generator(self, step: int | None = None) -> nn.Module:
        """The generator in evaluation mode on the CPU: the newest, or that of a step. Takes (B, latent size)."""

    def sample(self, n: int, *, seed: int = 0, step: int | None = None, units: bool = False) -> Tensor:
        """`n` samples of the averaged generator, (n, *shape), on the CPU.

        Signals, pictures and volumes lie in [-1, 1]; with `units` they have the range and the type of the data, such as
        uint16 from 0 to 4,095. Points always have the units of the data. A seed gives the same samples on every
        machine, and a larger `n` starts with the same samples.
        """
        samples = torch.cat(list(self.stream(self.latents(n, seed), step=step)))
        return self.spec.to_stored(samples) if units or not self.spec.is_spatial else samples

    def latents(self, n: int, seed: int = 0) -> Latents:
        """The latents that `sample` uses, (n, latent size). Those of the grids in samples/ are others."""
        ARRAY_BYTES.check(4 * n * self.latent_size, f"A set of {n:,} latents")
        return latents(seed, Stream.SAMPLE, 0, n, self.latent_size)

    @torch.no_grad()
    def stream(self, z: Latents, *, step: int | None = None) -> Iterator[Samples]:
        """The samples of given latents, in batches that need little memory."""
        generator = self.generator(step)
        for part in z.split(256):
            yield generator(part)


def spec_values(spec: SampleSpec) -> dict[str, Any]:
    """A description of samples as TOML keeps it."""
    return {key: value for key, value in asdict(spec).items() if value not in (None, ())}
