"""Real batches as a function of their number: shuffled anew each epoch, every sample once an epoch."""

from functools import lru_cache

import numpy as np
import torch

from wgan.data.source import Array
from wgan.training.distributed.world import ALONE, World
from wgan.training.loading import loading
from wgan.training.randomness import Stream, random_numbers
from wgan.types import Samples, SampleSpec


class Batches:
    """Callable: `batches(number)` is the real batch of critic step `number`, on the device.

    Batches follow each other through the endless sequence of shuffled epochs, so none is ever partial, and one may
    span two epochs. `flip` mirrors each picture left to right with probability one half.
    """

    def __init__(
        self,
        samples: Array,
        spec: SampleSpec,
        indices: Array,
        *,
        batch_size: int,
        seed: int,
        flip: bool,
        device: torch.device,
        world: World = ALONE,
    ) -> None:
        self._indices, self._batch_size, self._seed, self._flip = indices, batch_size, seed, flip
        self._world = world
        self._epoch = lru_cache(maxsize=2)(self._shuffled)
        self._gather = loading(samples, spec, lambda number: self.indices(number)[world.share], device)

    def __call__(self, number: int) -> Samples:
        """Pictures (B, C, H, W) in [-1, 1], or points (B, D): this process's share of them."""
        real = self._gather(number)
        if self._flip:
            mirrored = random_numbers(self._seed, Stream.FLIP, number).random(self._batch_size) < 0.5
            where = torch.from_numpy(mirrored[self._world.share]).to(real.device).reshape(-1, *[1] * (real.ndim - 1))
            real = torch.where(where, real.flip(-1), real)
        return real

    def indices(self, number: int) -> Array:
        """Which samples of the pack batch `number` holds, (B,)."""
        places = number * self._batch_size + np.arange(self._batch_size)
        epochs, offsets = np.divmod(places, len(self._indices))
        chosen = [self._epoch(int(epoch))[offsets[epochs == epoch]] for epoch in np.unique(epochs)]
        return np.concatenate(chosen)

    def _shuffled(self, epoch: int) -> Array:
        return random_numbers(self._seed, Stream.ORDER, epoch).permutation(self._indices)
