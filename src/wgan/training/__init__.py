"""Training: the state, the randomness, the two steps, and the loop that yields."""

from wgan.training.batches import Batches
from wgan.training.devices import choose_device
from wgan.training.draws import Draws, Stream, latents, random_numbers
from wgan.training.engines import (
    PLAIN,
    Eager,
    Engine,
    Mode,
    Stepwise,
    Unusable,
    arrange,
    build,
    plain_engine,
    seconds_per_step,
)
from wgan.training.loop import StepRecord, train
from wgan.training.optimizers import OPTIMIZERS, SGD, Adam, OptimizerSettings, RMSprop
from wgan.training.players import Precision
from wgan.training.schedule import Schedule
from wgan.training.state import TrainState, update_average
from wgan.training.steps import Batch, critic_step, generator_step
from wgan.training.synced import sync_norms, unsynced
from wgan.training.window import UNBOUNDED, Diverged, Window
from wgan.training.world import ALONE, World, following, joined, restarted

__all__ = [
    "ALONE",
    "OPTIMIZERS",
    "PLAIN",
    "SGD",
    "UNBOUNDED",
    "Adam",
    "Batch",
    "Batches",
    "Diverged",
    "Draws",
    "Eager",
    "Engine",
    "Mode",
    "OptimizerSettings",
    "Precision",
    "RMSprop",
    "Schedule",
    "StepRecord",
    "Stepwise",
    "Stream",
    "TrainState",
    "Unusable",
    "Window",
    "World",
    "arrange",
    "build",
    "choose_device",
    "critic_step",
    "following",
    "generator_step",
    "joined",
    "latents",
    "plain_engine",
    "random_numbers",
    "restarted",
    "seconds_per_step",
    "sync_norms",
    "train",
    "unsynced",
    "update_average",
]
