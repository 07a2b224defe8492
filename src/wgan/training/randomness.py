"""Randomness as a pure function: every number drawn depends on (seed, stream, index) and on nothing before it.

So there is no generator state to save: a run that was killed and resumed draws what the unbroken run drew.
"""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from wgan.training.distributed.world import ALONE, World
from wgan.types import DataShape, Latents, Samples, Uniforms


class Stream(IntEnum):
    """What is drawn. The numbers are part of what a seed means: never renumber, only append."""

    ORDER = 0
    FLIP = 1
    CRITIC_LATENTS = 2
    GENERATOR_LATENTS = 3
    ALPHA = 4
    GRID = 5
    SAMPLE = 6
    WEIGHTS = 7
    NETWORKS = 8
    NORMAL = 9
    PROBE = 10
    EVALUATION = 11


def random_numbers(seed: int, stream: Stream, index: int = 0) -> np.random.Generator:
    """The random numbers of one place in one stream.

    Philox (Salmon et al. 2011) is a keyed function of a counter: (seed, stream) is the key, `index` the counter's
    upper half, so no two places ever share a number.
    """
    return np.random.Generator(np.random.Philox(key=[seed, stream], counter=[0, 0, index, 0]))


def latents(seed: int, stream: Stream, index: int, count: int, size: int) -> Latents:
    """Standard normal (count, size), on the CPU: the same on every device."""
    return torch.from_numpy(random_numbers(seed, stream, index).standard_normal((count, size), dtype=np.float32))


def uniforms(seed: int, stream: Stream, index: int, count: int) -> Uniforms:
    """Uniform on [0, 1), (count,), on the CPU."""
    return torch.from_numpy(random_numbers(seed, stream, index).random(count, dtype=np.float32))


class Draws:
    """What one run draws beside its data, batch by batch, on its device.

    Drawn for the whole batch; a process of a `world` gets its share, so that the draws are the same for any number of
    processes.
    """

    def __init__(
        self, seed: int, batch_size: int, latent_size: int, device: torch.device, world: World = ALONE
    ) -> None:
        self._seed, self._batch_size, self._latent_size, self._device = seed, batch_size, latent_size, device
        self._world = world

    def critic_latents(self, number: int) -> Latents:
        """For the fakes of critic step `number`, counted from the start of the run."""
        return self._latents(Stream.CRITIC_LATENTS, number)

    def generator_latents(self, step: int) -> Latents:
        """For generator step `step`: fresh ones, never those the critic was just trained on."""
        return self._latents(Stream.GENERATOR_LATENTS, step)

    def noise(self, number: int, shape: DataShape) -> "StepNoise":
        """The random numbers of critic step `number`, for samples of this shape."""
        return StepNoise(self, number, shape)

    def alpha(self, number: int) -> Uniforms:
        """Where between real and fake critic step `number` looks, one number per sample."""
        return self._moved(uniforms(self._seed, Stream.ALPHA, number, self._batch_size))

    def normal(self, number: int, shape: DataShape) -> Samples:
        """What critic step `number` adds to samples of this shape, standard normal."""
        flat = latents(self._seed, Stream.NORMAL, number, self._batch_size, math.prod(shape))
        return self._moved(flat.reshape(-1, *shape))

    def seed_torch(self, step: int) -> None:
        """Make torch's global generators a function of the step, for networks that draw from them."""
        seeds = random_numbers(self._seed, Stream.NETWORKS, step).integers(2**63, size=self._world.rank + 1)
        seed = int(seeds[-1])  # of its own for each process: they have different samples
        # Not torch.manual_seed: for each kind of device that is not there it takes down who asked, 3% of a small step.
        torch.default_generator.manual_seed(seed)
        if self._device.type == "cuda":
            torch.cuda.manual_seed(seed)
        elif self._device.type == "mps":
            torch.mps.manual_seed(seed)

    def _latents(self, stream: Stream, index: int) -> Latents:
        return self._moved(latents(self._seed, stream, index, self._batch_size, self._latent_size))

    def _moved(self, drawn: Tensor) -> Tensor:
        return drawn[self._world.share].to(self._device, non_blocking=True)


class StepNoise(NamedTuple):
    """The `Noise` of one critic step: nothing is drawn that the objective does not ask for."""

    draws: Draws
    number: int
    shape: DataShape

    def uniform(self) -> Uniforms:
        """One number per sample, uniform on [0, 1), (B,)."""
        return self.draws.alpha(self.number)

    def normal(self) -> Samples:
        """Standard normal, shaped like the real batch."""
        return self.draws.normal(self.number, self.shape)
