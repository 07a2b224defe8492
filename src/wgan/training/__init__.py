"""Training: the state, the randomness, the two steps, and the loop that yields."""

from wgan.training.batches import Batches
from wgan.training.devices import choose_device
from wgan.training.draws import Draws, Stream, latents, random_numbers
from wgan.training.loop import StepRecord, train
from wgan.training.optimizers import OPTIMIZERS, SGD, Adam, OptimizerSettings, RMSprop
from wgan.training.schedule import Schedule
from wgan.training.state import TrainState, update_average
from wgan.training.steps import critic_step, generator_step
from wgan.training.synced import sync_norms, unsynced
from wgan.training.window import UNBOUNDED, Diverged, Window
from wgan.training.world import ALONE, World, following, joined, restarted

__all__ = [
    "ALONE",
    "OPTIMIZERS",
    "SGD",
    "UNBOUNDED",
    "Adam",
    "Batches",
    "Diverged",
    "Draws",
    "OptimizerSettings",
    "RMSprop",
    "Schedule",
    "StepRecord",
    "Stream",
    "TrainState",
    "Window",
    "World",
    "choose_device",
    "critic_step",
    "following",
    "generator_step",
    "joined",
    "latents",
    "random_numbers",
    "restarted",
    "sync_norms",
    "train",
    "unsynced",
    "update_average",
]
