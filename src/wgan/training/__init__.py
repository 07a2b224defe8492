"""Training: the state, the randomness, the two steps, and the loop that yields."""

from wgan.training.batches import Batches
from wgan.training.devices import choose_device, same_threads
from wgan.training.distributed import ALONE, World, is_follower, joined, restarted, sync_norms, unsynced
from wgan.training.engines import (
    PLAIN,
    Eager,
    Engine,
    Mode,
    Stepwise,
    Unusable,
    arrange,
    build_engine,
    plain_engine,
    seconds_per_step,
)
from wgan.training.loop import StepRecord, train
from wgan.training.optimizers import OPTIMIZERS, SGD, Adam, OptimizerSettings, RMSprop
from wgan.training.precision import Precision
from wgan.training.randomness import Draws, Stream, latents, random_numbers
from wgan.training.schedule import Schedule
from wgan.training.state import TrainState, update_average
from wgan.training.steps import Batch, Game, critic_step, generator_step
from wgan.training.window import UNBOUNDED, Diverged, Window
