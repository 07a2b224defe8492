"""Real batches as a function of their number: which samples they hold, and how these get to the device."""

import warnings
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from wgan.data.source import Array
from wgan.training.distributed.world import ALONE, World
from wgan.training.randomness import Stream, random_numbers
from wgan.types import Conditions, Samples, SampleSpec
from wgan.types.sample_spec import as_tensor


class Batches:
    """Callable: `batches(number)` is the real batch of critic step `number`, on the device.

    Every epoch holds each sample once, in another order. Batches follow each other through the endless sequence of
    epochs, so none is ever partial, and one may span two epochs. `flip` mirrors each picture left to right with
    probability one half. `rows` are those of the samples' condition, if `spec` has one.
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
        rows: Array | None = None,
    ) -> None:
        self._indices, self._batch_size, self._seed, self._flip = indices, batch_size, seed, flip
        self._world = world
        self._epoch = lru_cache(maxsize=2)(self._shuffled)
        # Samples and conditions are at the same places, and one batch may be read ahead.
        self._places = lru_cache(maxsize=4)(lambda number: self.indices(number)[world.share])
        self._gather = loading(samples, spec, self._places, device)
        self._condition = spec.condition
        self._rows = None if rows is None else torch.from_numpy(rows).to(device)

    def __call__(self, number: int) -> Samples:
        """Pictures (B, C, H, W) in [-1, 1], or points (B, D): this process's share of them."""
        real = self._gather(number)
        if self._flip:
            mirrored = random_numbers(self._seed, Stream.FLIP, number).random(self._batch_size) < 0.5
            where = torch.from_numpy(mirrored[self._world.share]).to(real.device).reshape(-1, *[1] * (real.ndim - 1))
            real = torch.where(where, real.flip(-1), real)
        return real

    def conditions(self, number: int) -> Conditions | None:
        """Those of batch `number`, (B, size): this process's share of them; None if there is none."""
        if self._condition is None or self._rows is None:
            return None
        places = torch.from_numpy(self._places(number)).to(self._rows.device, non_blocking=True)
        return self._condition.to_vectors(self._rows.index_select(0, places))

    def indices(self, number: int) -> Array:
        """Which samples of the pack batch `number` holds, (B,)."""
        places = number * self._batch_size + np.arange(self._batch_size)
        epochs, offsets = np.divmod(places, len(self._indices))
        chosen = [self._epoch(int(epoch))[offsets[epochs == epoch]] for epoch in np.unique(epochs)]
        return np.concatenate(chosen)

    def _shuffled(self, epoch: int) -> Array:
        return random_numbers(self._seed, Stream.ORDER, epoch).permutation(self._indices)


SHARE = 0.25
"""The share of a GPU's free memory that the data may take."""

Load = Callable[[int], Samples]
"""The batch of this number, on the device."""
Places = Callable[[int], Array]
"""The rows of the pack that the batch of this number holds."""


def loading(rows: Array, spec: SampleSpec, places: Places, device: torch.device) -> Load:
    """The fastest way to load batches: on the GPU if all rows fit there, else read ahead; on a CPU, when asked for."""
    if device.type != "cuda":
        return lambda number: spec.to_samples(as_tensor(rows[places(number)]).to(device, non_blocking=True))
    free, _ = torch.cuda.mem_get_info(device)
    return (on_device if rows.nbytes <= SHARE * free else Prefetched)(rows, spec, places, device)


def on_device(rows: Array, spec: SampleSpec, places: Places, device: torch.device) -> Load:
    """All rows on the device, as bytes: it gathers the batches, and only their places are copied."""
    there = _tensor(rows).to(device)

    def load(number: int) -> Samples:
        return spec.to_samples(there.index_select(0, torch.from_numpy(places(number)).to(device, non_blocking=True)))

    return load


class Prefetched:
    """A thread reads each batch while the one before it trains; batches are copied while the device computes."""

    def __init__(self, rows: Array, spec: SampleSpec, places: Places, device: torch.device) -> None:
        self._rows, self._spec, self._places, self._device = _tensor(rows), spec, places, device
        self._thread = ThreadPoolExecutor(1, "reading")
        self._next: tuple[int, Future[Tensor]] | None = None

    def __call__(self, number: int) -> Samples:
        expected, reading = self._next or (-1, None)
        read = reading.result() if reading is not None and expected == number else self._read(number)
        self._next = number + 1, self._thread.submit(self._read, number + 1)
        return self._spec.to_samples(read.to(self._device, non_blocking=True))

    def _read(self, number: int) -> Tensor:
        # index_select waits for the disk without Python's lock, which NumPy would hold.
        read = self._rows.index_select(0, torch.from_numpy(self._places(number)))
        return read.pin_memory() if self._device.type == "cuda" else read


def _tensor(rows: Array) -> Tensor:
    with warnings.catch_warnings():  # the memory map is read-only, and nothing writes to this tensor
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return as_tensor(rows)
