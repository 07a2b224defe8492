"""Whether what held-out samples are is told by near copies of them alone: looked for once for each data set."""

import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from wgan.data import Pack
from wgan.data.cache import cached
from wgan.diagnosis import Leak, thumbnails
from wgan.diagnosis.leaks import agreement, leaks, neighbours
from wgan.experiment.plan import Plan
from wgan.training import Stream, random_numbers

VERSION = 1
"""Increased when the same samples would give other numbers."""
HELD_OUT, FEWEST = 512, 16
NUMBERS = 2**27
"""Training samples are read up to so many numbers, which takes seconds: 170,000 of MNIST, 10,000 of CelebA at 64x64."""
PART = 4096


def leaks_of(planned: Plan) -> tuple[Leak, ...]:
    """For each part of the condition, what held-out samples owe to copies; none without a condition."""
    pack, holdout = planned.pack, planned.config.data.holdout
    condition = pack.spec.condition
    if condition is None:
        return ()
    random = random_numbers(0, Stream.PROBE, 2)
    train, held_out = (random.permutation(side) for side in pack.split(holdout))
    train, held_out = train[: NUMBERS // math.prod(pack.spec.shape)], held_out[:HELD_OUT]
    if min(len(train), len(held_out)) < FEWEST:
        return ()
    compute = partial(_found, pack, train, held_out)
    return leaks(cached(compute, "leaks", VERSION, pack.contents.digest, condition, holdout), condition)


def _found(pack: Pack, train: NDArray[Any], held_out: NDArray[Any]) -> dict[str, NDArray[Any]]:
    def points(places: NDArray[Any]) -> Tensor:
        return thumbnails(pack.samples_at(places), pack.spec)

    def parts() -> Iterator[Tensor]:
        return (points(part) for part in np.array_split(train, -(-len(train) // PART)))

    found = neighbours(points(held_out), parts())
    places = held_out, train[found.nearest], train[found.other]  # first: a vector for each of many would be large
    own, near, other = (pack.conditions_at(side) for side in places)
    assert own is not None
    assert near is not None
    assert other is not None
    assert pack.spec.condition is not None
    return agreement(found.copied, own, near, other, pack.spec.condition)
