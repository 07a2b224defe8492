"""Small things that several test files build."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from rich.console import Console
from torch import Tensor

from wgan.config import OutputSettings, RunConfig, TrainingSettings
from wgan.data import Source, open_pack, open_source
from wgan.data.source import Beside
from wgan.data.sources.arrays import Arrays
from wgan.experiment.plan import NO_PARTS, Plan, resolved
from wgan.experiment.train import start
from wgan.experiment.trainer import Trainer
from wgan.metrics import AllRows
from wgan.networks import MLP
from wgan.objectives import WGANGP
from wgan.runs.run import Run
from wgan.training import ALONE, Adam
from wgan.types.condition import Condition, Part
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


CLASS = Part("label", "class", ("cat", "dog", "eel"), (3, 4, 5), 12)
LABELS = Part("tags", "labels", ("red", "round"), (6, 3), 12)
NUMBER = Part("energy", "number", samples=12, centre=50.0, spread=20.0, quantiles=(10.0, 40.0, 60.0, 90.0))
CONDITIONS = {
    "class": Condition((CLASS,)),
    "labels": Condition((LABELS,)),
    "number": Condition((NUMBER,)),
    "mixture": Condition((CLASS, LABELS, NUMBER)),
}
"""One of each kind, and all of them together."""


def some_conditions(condition, count, seed=0):
    """What so many samples are asked for, as networks see it: (count, size)."""
    return condition.to_vectors(condition.drawn(lambda place: np.random.default_rng((seed, place)), count))


class Described(Arrays):
    """Samples that come with a class, several labels and a number, from which they follow."""

    def __init__(self, shape=(8, 8), count=60, seed=0):
        random = np.random.default_rng(seed)
        places = np.arange(count) % 3
        tags, energy = random.random((count, 2)) < (0.5, 0.25), random.uniform(10, 90, count)
        level = 40 + 50 * places + 40 * tags[:, 0] + energy / 4
        values = level.reshape(-1, *[1] * len(shape)) + random.uniform(0, 20, (count, *shape))
        points = len(shape) == 1
        super().__init__(values.astype(np.float32 if points else np.uint8), name="described")
        self._columns = (
            Beside("label", np.array(["cat", "dog", "eel"])[places]),
            Beside("tags", tags, ("red", "round")),
            Beside("energy", energy),
        )

    def beside(self):
        return self._columns

    def identity(self):
        return super().identity() + repr([column.values.tolist() for column in self._columns])


EVERYTHING = ("label", "tags", "energy")
"""What comes with `Described` samples."""


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
    opened = source if isinstance(source, Source) else open_source(source)
    pack = open_pack(opened, config.data.size, config.data.channels).with_condition(config.data.condition)
    planned = Plan(resolved(config, pack, parts), pack, parts, Path(out), None)
    return start(planned, world, fresh=fresh, terminal=QUIET)


def small_run(out, stop=None, **settings) -> Run:
    """Train it; `stop` leaves the loop after that step, as a killed process would."""
    with small_experiment(out, **settings) as running:
        for event in running.events():
            if event.step == stop:
                break
    return running.run


def weights(run):
    """Everything in the newest checkpoint that is a tensor, by its path."""
    flat = {}

    def walk(prefix, value):
        if isinstance(value, torch.Tensor):
            flat[prefix] = value
        elif isinstance(value, dict):
            for key, inner in value.items():
                walk(f"{prefix}/{key}", inner)

    walk("", run.load_checkpoint())
    return flat


def without_time(rows):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


def assert_equal_runs(one, other):
    mine, theirs = weights(one), weights(other)
    assert mine.keys() == theirs.keys()
    assert any("ema" in key and "running_var" in key for key in mine), "BatchNorm is part of what is compared"
    for key, value in mine.items():
        assert torch.equal(value, theirs[key]), key
    assert without_time(one.metrics()) == without_time(other.metrics())
    assert list(one.samples()) == list(other.samples())
    for step, path in one.samples().items():
        assert path.read_bytes() == other.samples()[step].read_bytes(), step
    assert one.generator_file.read_bytes() == other.generator_file.read_bytes()
