"""What a generator is given for many samples, some at a time."""

from collections.abc import Iterator
from typing import NamedTuple

from wgan.types import Conditions, Latents

AT_ONCE = 256


class Inputs(NamedTuple):
    """Latents (B, Z), and what a conditional generator is asked for beside them, (B, size)."""

    latents: Latents
    conditions: Conditions | None = None


def in_batches(z: Latents, conditions: Conditions | None = None) -> Iterator[Inputs]:
    """Given latents, in batches that need little memory."""
    for start in range(0, len(z), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        yield Inputs(z[part], None if conditions is None else conditions[part])
