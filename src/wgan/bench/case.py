"""What a bench measures: a recipe, and made-up data of the shape it was written for.

Speed does not depend on what is in the pictures, so none are needed: they are random pixels, packed as any are.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from wgan.config import RunConfig
from wgan.data import Array, Arrays, Pack, make_pack, read_pack
from wgan.experiment.build import NO_PARTS, batches, new_state, records
from wgan.experiment.engine_trials import Trials
from wgan.experiment.plan import resolved
from wgan.experiment.preflight import preflight, scores_apart
from wgan.recipes import recipe
from wgan.recipes.suggest import usual_shape
from wgan.training import Engine, StepRecord, TrainState
from wgan.types import DataShape

MOST_SAMPLES = 4096
MOST_BYTES = 1 << 26
ENDLESS = 2**62


class Case(NamedTuple):
    """A configuration, and the pack it is measured with."""

    config: RunConfig
    pack: Pack

    def state(self, device: torch.device) -> TrainState:
        """The first state of a run."""
        return new_state(self.config, self.pack.shape, NO_PARTS, device)

    def apart(self, state: TrainState) -> bool:
        """Whether the critic scores each sample by itself, as far as trying it shows.

        Raises:
            InputError: these settings cannot be trained with.
        """
        config = self.config
        return scores_apart(preflight(state, config.objective, self.pack, config), config.objective, config)

    def trials(self, state: TrainState) -> Trials:
        """What builds the engines of a run."""
        return Trials(state, self.config.objective, self.config, self.pack, apart=self.apart(state))

    def steps(self, state: TrainState, engine: Engine) -> Iterator[StepRecord]:
        """The training loop, without an end."""
        device = next(state.critic.parameters()).device
        real = batches(self.config, self.pack, device)
        return records(state, self.config.objective, real, self.config, until=ENDLESS, engine=engine)


def make_case(name: str, settings: Mapping[str, Any], folder: Path) -> Case:
    """Write the configuration, the samples and their pack into `folder`, where `read_case` finds them.

    Raises:
        InputError: no recipe has that name, or a setting is wrong.
    """
    config = recipe(name).with_settings(settings)
    shape = usual_shape(config)
    with torch.device("meta"):  # refuse an impossible size before anything is written
        config.networks.critic(shape)
    samples = _made_up(shape, config.training.batch_size)
    np.save(samples_file(folder), samples)
    pack = make_pack(folder / "pack", Arrays(samples, name="made-up"))
    (folder / "config.toml").write_text(resolved(config, pack, NO_PARTS).to_toml(), encoding="utf-8")
    return read_case(folder)


def read_case(folder: Path) -> Case:
    """The case that was written into `folder`."""
    text = (folder / "config.toml").read_text(encoding="utf-8")
    return Case(RunConfig.from_toml(text), read_pack(folder / "pack"))


def samples_file(folder: Path) -> Path:
    """The samples of a case as data for `wgan train`."""
    return folder / "samples.npy"


def _made_up(shape: DataShape, batch_size: int) -> Array:
    """Random pixels, or normal points: enough for a batch, and for the batches not to be all alike."""
    random = np.random.default_rng(0)
    count = max(batch_size, min(MOST_SAMPLES, MOST_BYTES // int(np.prod(shape))))
    if len(shape) == 1:
        return random.standard_normal((count, *shape), np.float32)
    return random.integers(0, 256, (count, *shape), dtype=np.uint8)
