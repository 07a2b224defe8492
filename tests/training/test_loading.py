"""Loading: the same samples from wherever they are read, in any order of asking."""

import numpy as np
import pytest
import torch

from wgan.training.batches import Prefetched, loading, on_device
from wgan.types import SampleSpec

CPU = torch.device("cpu")
ORDERS = [[0, 1, 2, 3], [3, 4, 0, 1], [5, 5, 6, 2]]


@pytest.fixture(params=["pictures", "points"])
def rows(request, tmp_path):
    """A read-only memory map, as a pack's are."""
    random = np.random.default_rng(0)
    made = random.integers(0, 256, (40, 3, 4, 4), np.uint8) if request.param == "pictures" else random.random((40, 2))
    made.astype(np.uint8 if made.dtype == np.uint8 else np.float32).tofile(tmp_path / "rows")
    kind = "uint8" if request.param == "pictures" else "float32"
    return np.memmap(tmp_path / "rows", kind, mode="r", shape=made.shape)


def places(number):
    return np.random.default_rng(number).permutation(40)[:7]


@pytest.mark.parametrize("way", [loading, on_device, Prefetched])
@pytest.mark.parametrize("order", ORDERS)
def test_every_way_gives_the_same_samples(rows, way, order):
    spec = SampleSpec.of(rows.shape[1:])
    gather = way(rows, spec, places, CPU)
    for number in order:
        assert torch.equal(gather(number), spec.to_samples(torch.from_numpy(np.array(rows[places(number)]))))


def test_the_next_batch_is_read_before_it_is_asked_for(rows):
    asked = []

    def noted(number):
        asked.append(number)
        return places(number)

    gather = Prefetched(rows, SampleSpec.of(rows.shape[1:]), noted, CPU)
    gather(4)
    gather(5)
    gather._thread.shutdown()
    assert asked == [4, 5, 6], "each is read once"


def test_what_cannot_be_read_is_told_when_it_is_asked_for(rows):
    gather = Prefetched(rows, SampleSpec.of(rows.shape[1:]), lambda number: np.array([number]), CPU)
    gather(39)
    with pytest.raises(IndexError):
        gather(40)
