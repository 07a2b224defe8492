"""Loading: from the stored samples of a pack to samples on the device, in the way that is fastest there."""

import warnings
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import torch
from torch import Tensor

from wgan.data import Array
from wgan.types import Samples, SampleSpec

SHARE = 0.25
"""How much of a GPU's free memory the data may take."""

Load = Callable[[int], Samples]
"""The samples of the batch of this number, on the device."""
Places = Callable[[int], Array]
"""Which rows the batch of this number has."""


def loading(rows: Array, spec: SampleSpec, places: Places, device: torch.device) -> Load:
    """Copied to a GPU whole where they fit, read ahead for it where they don't; for a CPU, gathered when asked for."""
    if device.type != "cuda":
        return lambda number: spec.to_samples(torch.from_numpy(rows[places(number)]).to(device, non_blocking=True))
    free, _ = torch.cuda.mem_get_info(device)
    kind = OnDevice if rows.nbytes <= SHARE * free else Prefetched
    return kind(rows, spec, places, device)


class OnDevice:
    """All rows on the device, as bytes: a batch is gathered there, and only its places are copied."""

    def __init__(self, rows: Array, spec: SampleSpec, places: Places, device: torch.device) -> None:
        self._rows, self._spec, self._places = _tensor(rows).to(device), spec, places

    def __call__(self, number: int) -> Samples:
        """See `Load`."""
        places = torch.from_numpy(self._places(number)).to(self._rows.device, non_blocking=True)
        return self._spec.to_samples(self._rows.index_select(0, places))


class Prefetched:
    """Each batch is read by a thread while the one before it is trained on, and copied while the device computes."""

    def __init__(self, rows: Array, spec: SampleSpec, places: Places, device: torch.device) -> None:
        self._rows, self._spec, self._places, self._device = _tensor(rows), spec, places, device
        self._thread = ThreadPoolExecutor(1, "reading")
        self._next: tuple[int, Future[Tensor]] | None = None

    def __call__(self, number: int) -> Samples:
        """See `Load`."""
        expected, reading = self._next or (-1, None)
        read = reading.result() if reading is not None and expected == number else self._read(number)
        self._next = number + 1, self._thread.submit(self._read, number + 1)
        return self._spec.to_samples(read.to(self._device, non_blocking=True))

    def _read(self, number: int) -> Tensor:
        # index_select waits for the disk without Python's lock, which NumPy would hold.
        read = self._rows.index_select(0, torch.from_numpy(self._places(number)))
        return read.pin_memory() if self._device.type == "cuda" else read


def _tensor(rows: Array) -> Tensor:
    with warnings.catch_warnings():  # the memory map is read-only, and so is everything that is done with this
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(rows)
