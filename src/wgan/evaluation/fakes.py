"""A generator's samples, as they are compared with reals."""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from wgan.errors import TrainingError
from wgan.types import Conditions, Generator, Latents, SampleSpec
from wgan.types.parts import made

BATCH = 256


@torch.no_grad()
def fakes(generator: Generator, z: Latents, conditions: Conditions | None = None) -> Iterator[Tensor]:
    """The generator's samples, in batches that need little memory."""
    for start in range(0, len(z), BATCH):
        part = slice(start, start + BATCH)
        asked = None if conditions is None else conditions[part].to(z.device)
        yield made(generator, z[part], asked)


def shown_fakes(batches: Iterable[Tensor], spec: SampleSpec) -> Iterator[Tensor]:
    """Samples as they are stored and shown: pictures in 256 levels, like the reals.

    Raises:
        TrainingError: a sample is not finite.
    """
    for batch in batches:
        if not batch.isfinite().all():
            raise TrainingError("The generator's samples are not finite, so there is nothing to compare.")
        yield spec.as_shown(batch)
