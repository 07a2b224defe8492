"""Small things that several test files build."""

from pathlib import Path
from typing import NamedTuple

import torch
from rich.console import Console
from torch import Tensor

from wgan.config import OutputSettings, RunConfig, TrainingSettings
from wgan.data import open_pack, open_source
from wgan.experiment.plan import NO_PARTS, Plan, resolved
from wgan.experiment.train import start
from wgan.experiment.trainer import Trainer
from wgan.metrics import AllRows
from wgan.networks import MLP
from wgan.objectives import WGANGP
from wgan.runs.run import Run
from wgan.training import ALONE, Adam
from wgan.views.terminal import Terminal

QUIET = Terminal(Console(quiet=True))


class FixedNoise(NamedTuple):
    """The random numbers of a critic step, chosen by a test."""

    alpha: Tensor
    normals: Tensor

    def uniform(self):
        return self.alpha

    def normal(self):
        return self.normals


def noise_for(real):
    """Random numbers for samples like these, from torch's global generator."""
    return FixedNoise(torch.rand(len(real), dtype=real.dtype), torch.randn_like(real))


def held(rows) -> AllRows:
    """A summary of these rows."""
    made = AllRows()
    made.add(rows)
    return made


def small_config(**settings) -> RunConfig:
    """A run of seconds; `settings` by dotted key with `__` for the dot."""
    config = RunConfig(
        recipe="test",
        networks=MLP(latent_size=4, generator_widths=(16, 16), critic_widths=(16,)),
        objective=WGANGP(),
        generator_optimizer=Adam(learning_rate=1e-3),
        critic_optimizer=Adam(learning_rate=1e-3),
        training=TrainingSettings(steps=12, batch_size=8, critic_steps=2, ema_decay=0.9),
        output=OutputSettings(log_every=5, sample_every=4, checkpoint_every=6, rows=2, columns=3),
    )
    return config.with_settings({key.replace("__", "."): value for key, value in settings.items()})


def small_experiment(out, *, source="digits", parts=NO_PARTS, fresh=False, world=ALONE, **settings) -> Trainer:
    """A trainer of the run that these settings describe, in the folder `out`; it holds that until it is closed."""
    config = small_config(**settings)
    pack = open_pack(open_source(source), config.data.size, config.data.channels)
    planned = Plan(resolved(config, pack, parts), pack, parts, Path(out), None)
    return start(planned, world, fresh=fresh, terminal=QUIET)


def small_run(out, stop=None, **settings) -> Run:
    """Train it; `stop` leaves the loop after that step, as a killed process would."""
    with small_experiment(out, **settings) as running:
        for event in running.events():
            if event.step == stop:
                break
    return running.run
