"""Training: the state, the randomness, the two steps, and the loop that yields."""

from wgan.training.batches import Batches
from wgan.training.devices import choose_device
from wgan.training.draws import Draws, Stream, latents, random_numbers
from wgan.training.loop import StepRecord, train
from wgan.training.optimizers import OPTIMIZERS, SGD, Adam, OptimizerSettings, RMSprop
from wgan.training.schedule import Schedule
from wgan.training.state import TrainState, update_average
from wgan.training.steps import critic_step, generator_step
from wgan.training.window import Window

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adam",
    "Batches",
    "Draws",
    "OptimizerSettings",
    "RMSprop",
    "Schedule",
    "StepRecord",
    "Stream",
    "TrainState",
    "Window",
    "choose_device",
    "critic_step",
    "generator_step",
    "latents",
    "random_numbers",
    "train",
    "update_average",
]
