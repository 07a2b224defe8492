"""Randomness as a pure function of (seed, stream, index).

There is no generator state to save, and a resumed run draws what the unbroken run would have drawn.
"""

import math
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from wgan.training.distributed.world import ALONE, World
from wgan.types import Augmentation, ChangeNumbers, DataShape, Latents, Noise, Samples, Uniforms


class Stream(IntEnum):
    """What is drawn. The numbers are part of the meaning of a seed: append, never renumber."""

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
    CONDITIONS = 12
    CRITIC_VIEWS = 13
    GENERATOR_VIEWS = 14


def random_numbers(seed: int, stream: Stream, index: int = 0) -> np.random.Generator:
    """The random numbers at one index of a stream.

    Philox (Salmon et al. 2011) is a keyed function of a counter: (seed, stream) is the key and `index` the counter's
    upper half, so two indices never share a number.
    """
    return np.random.Generator(np.random.Philox(key=[seed, stream], counter=[0, 0, index, 0]))


def latents(seed: int, stream: Stream, index: int, count: int, size: int) -> Latents:
    """Standard normal (count, size), on the CPU: the same on every device."""
    return torch.from_numpy(random_numbers(seed, stream, index).standard_normal((count, size), dtype=np.float32))


class Views(NamedTuple):
    """What an augmentation drew for real samples, and for fakes."""

    real: ChangeNumbers
    fake: ChangeNumbers


class Draws:
    """What a run draws besides its data, batch by batch, on its device.

    Each process of a `world` draws the whole batch and takes its share, so the number of processes changes nothing.
    """

    def __init__(
        self, seed: int, batch_size: int, latent_size: int, device: torch.device, world: World = ALONE
    ) -> None:
        self._seed, self._batch_size, self._latent_size, self._device = seed, batch_size, latent_size, device
        self._world = world

    def critic_latents(self, number: int) -> Latents:
        """Latents for the fakes of critic step `number`, counted from the start of the run."""
        return self._latents(Stream.CRITIC_LATENTS, number)

    def generator_latents(self, number: int) -> Latents:
        """Latents for generator update `number` of the run, never those that the critic was just trained on."""
        return self._latents(Stream.GENERATOR_LATENTS, number)

    def noise(self, number: int, shape: DataShape) -> Noise:
        """The random numbers of critic step `number`, for samples of this shape."""
        seed, count, size = self._seed, self._batch_size, math.prod(shape)
        return StepNoise(
            lambda: self._moved(torch.from_numpy(random_numbers(seed, Stream.ALPHA, number).random(count, np.float32))),
            lambda: self._moved(latents(seed, Stream.NORMAL, number, count, size).reshape(-1, *shape)),
        )

    def critic_views(self, number: int, augmentation: Augmentation, shape: DataShape, probability: float) -> Views:
        """How the critic sees the samples of its update `number`: each change is made with this probability."""
        return self._views(Stream.CRITIC_VIEWS, number, augmentation, shape, probability)

    def generator_views(self, number: int, augmentation: Augmentation, shape: DataShape, probability: float) -> Views:
        """The same for generator update `number`."""
        return self._views(Stream.GENERATOR_VIEWS, number, augmentation, shape, probability)

    def seed_torch(self, step: int) -> None:
        """Seed torch's global generators for a step, for networks that draw from them (dropout)."""
        seeds = random_numbers(self._seed, Stream.NETWORKS, step).integers(2**63, size=self._world.rank + 1)
        seed = int(seeds[-1])  # each process has its own samples, and its own seed
        # Not torch.manual_seed, which takes 3% of a small step: it records its caller for each absent kind of device.
        torch.default_generator.manual_seed(seed)
        if self._device.type == "cuda":
            torch.cuda.manual_seed(seed)
        elif self._device.type == "mps":
            torch.mps.manual_seed(seed)

    def _latents(self, stream: Stream, index: int) -> Latents:
        return self._moved(latents(self._seed, stream, index, self._batch_size, self._latent_size))

    def _views(
        self, stream: Stream, number: int, augmentation: Augmentation, shape: DataShape, probability: float
    ) -> Views:
        random = random_numbers(self._seed, stream, number)
        drawn = (augmentation.draw(random, shape, self._batch_size, probability) for _ in range(2))
        return Views(*(self._moved(torch.from_numpy(numbers)) for numbers in drawn))

    def _moved(self, drawn: Tensor) -> Tensor:
        return drawn[self._world.share].to(self._device, non_blocking=True)


class StepNoise(NamedTuple):
    """The `Noise` of one critic step; draws only what the objective asks for."""

    uniform: Callable[[], Uniforms]
    normal: Callable[[], Samples]


class DrawnNoise(NamedTuple):
    """A `Noise` as tensors, the only inputs that a compiled or recorded graph takes."""

    uniforms: Uniforms | None
    normals: Samples | None

    def uniform(self) -> Uniforms:
        assert self.uniforms is not None
        return self.uniforms

    def normal(self) -> Samples:
        assert self.normals is not None
        return self.normals


class RecordingNoise:
    """A `Noise` that passes on another's, and records what an objective asks for."""

    def __init__(self, noise: Noise) -> None:
        self._noise, self.uniforms, self.normals = noise, False, False

    def uniform(self) -> Uniforms:
        self.uniforms = True
        return self._noise.uniform()

    def normal(self) -> Samples:
        self.normals = True
        return self._noise.normal()

    def draw(self, noise: Noise) -> DrawnNoise:
        """Draw from another noise what was asked for of this one."""
        return DrawnNoise(noise.uniform() if self.uniforms else None, noise.normal() if self.normals else None)
