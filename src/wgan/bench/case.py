"""What a bench measures: a recipe, and made-up data of the shape it was written for.

Speed does not depend on what is in the pictures, so none are needed: they are random pixels, in a memory map, as those
of a pack are.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from wgan.assembly import NO_PARTS, new_state
from wgan.choosing import usual_shape
from wgan.config import RunConfig
from wgan.data import Array
from wgan.recipes import recipe
from wgan.training import Batches, Draws, TrainState
from wgan.types import DataShape

MOST_SAMPLES = 4096
MOST_BYTES = 1 << 26


class Case(NamedTuple):
    """A configuration, and the file of samples it is measured with."""

    config: RunConfig
    samples_file: Path

    @property
    def shape(self) -> DataShape:
        """(C, H, W) or (D,)."""
        return tuple(self._samples.shape[1:])

    @property
    def _samples(self) -> Array:
        samples: Array = np.load(self.samples_file, mmap_mode="r")
        return samples

    def state(self, device: torch.device) -> TrainState:
        """The first state of a run."""
        return new_state(self.config, self.shape, NO_PARTS, device)

    def batches(self, device: torch.device) -> Batches:
        """The real batches of a run."""
        samples, settings = self._samples, self.config.training
        return Batches(
            samples,
            np.arange(len(samples)),
            batch_size=settings.batch_size,
            seed=settings.seed,
            flip=self.config.data.flip,
            device=device,
        )

    def draws(self, device: torch.device) -> Draws:
        """What a run draws."""
        settings = self.config.training
        return Draws(settings.seed, settings.batch_size, self.config.networks.latent_size, device)


def make_case(name: str, settings: Mapping[str, Any], folder: Path) -> Case:
    """Write the configuration and the samples into `folder`, where `read_case` finds them.

    Raises:
        InputError: no recipe has that name, or a setting is wrong.
    """
    config = recipe(name).with_settings(settings)
    shape = usual_shape(config)
    with torch.device("meta"):  # refuse an impossible size before anything is written
        config.networks.critic(shape)
    (folder / "config.toml").write_text(config.to_toml(), encoding="utf-8")
    np.save(folder / "samples.npy", _made_up(shape, config.training.batch_size))
    return read_case(folder)


def read_case(folder: Path) -> Case:
    """The case that was written into `folder`."""
    return Case(
        RunConfig.from_toml((folder / "config.toml").read_text(encoding="utf-8")),
        folder / "samples.npy",
    )


def _made_up(shape: DataShape, batch_size: int) -> Array:
    """Random pixels, or normal points: enough for a batch, and for the batches not to be all alike."""
    random = np.random.default_rng(0)
    count = max(batch_size, min(MOST_SAMPLES, MOST_BYTES // int(np.prod(shape))))
    if len(shape) == 1:
        return random.standard_normal((count, *shape), np.float32)
    return random.integers(0, 256, (count, *shape), dtype=np.uint8)
