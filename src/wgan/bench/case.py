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
from wgan.experiment.build import Built, batches, new_state, records
from wgan.experiment.engine_trials import EngineTrials
from wgan.experiment.plan import NO_PARTS, resolved
from wgan.experiment.preflight import game_of, preflight
from wgan.recipes import recipe
from wgan.recipes.suggest import usual_spec
from wgan.training import Engine, StepRecord, TrainState
from wgan.training.steps import Game
from wgan.types import SampleSpec

MOST_SAMPLES = 4096
MOST_BYTES = 1 << 26
ENDLESS = 2**62


class Case(NamedTuple):
    """A configuration, and the pack it is measured with."""

    config: RunConfig
    pack: Pack

    def state(self, device: torch.device) -> TrainState:
        """The first state of a run."""
        return new_state(self.config, self.pack.spec, NO_PARTS, device)

    def game(self, state: TrainState) -> Game:
        """What the players play, as far as trying them shows.

        Raises:
            InputError: these settings cannot be trained with.
        """
        built = Built(state, self.config.objective, next(state.critic.parameters()).device)
        return game_of(built.objective, self.config, preflight(built, self.pack, self.config))

    def trials(self, state: TrainState) -> EngineTrials:
        """What builds the engines of a run."""
        return EngineTrials(state, self.game(state), self.config, self.pack)

    def steps(self, state: TrainState, engine: Engine) -> Iterator[StepRecord]:
        """The training loop, without an end."""
        device = next(state.critic.parameters()).device
        real = batches(self.config, self.pack, device)
        return records(state, self.game(state), real, self.config, until=ENDLESS, engine=engine)


def make_case(name: str, settings: Mapping[str, Any], folder: Path) -> Case:
    """Write the configuration, the samples and their pack into `folder`, where `read_case` finds them.

    Raises:
        InputError: no recipe has that name, or a setting is wrong.
    """
    config = recipe(name).with_settings(settings)
    spec = usual_spec(config)
    with torch.device("meta"):  # refuse an impossible size before anything is written
        config.networks.critic(spec)
    samples = _made_up(spec, config.training.batch_size)
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


def _made_up(spec: SampleSpec, batch_size: int) -> Array:
    """Random pixels, or normal points: enough for a batch, and for the batches not to be all alike."""
    random = np.random.default_rng(0)
    count = max(batch_size, min(MOST_SAMPLES, MOST_BYTES // int(np.prod(spec.shape))))
    if not spec.is_picture:
        return random.standard_normal((count, *spec.shape), np.float32)
    return random.integers(0, 256, (count, *spec.shape), dtype=np.uint8)
