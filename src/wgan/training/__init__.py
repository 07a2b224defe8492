"""Training: the state, its randomness, steps and engines, and the loop, which yields."""

from wgan.training.batches import Batches
from wgan.training.devices import choose_device, same_threads
from wgan.training.distributed.batch_norm import sync_norms, unsynced
from wgan.training.distributed.world import ALONE, World, is_follower, joined, launched_together, restarted
from wgan.training.engines.build import Unusable, arrange, build_engine
from wgan.training.engines.changing import Changing, OnThreads, spared, sparing
from wgan.training.engines.engine import PLAIN, Eager, Engine, Mode, Stepwise, plain_engine
from wgan.training.engines.trials import seconds_by_turns, seconds_per_step
from wgan.training.loop import StepRecord, inputs, train, unconditional
from wgan.training.optimizers import OPTIMIZERS, SGD, Adam, OptimizerSettings, RMSprop
from wgan.training.precision import Precision
from wgan.training.randomness import Draws, Stream, Views, latents, random_numbers
from wgan.training.schedule import Schedule
from wgan.training.state import TrainState, update_average
from wgan.training.steps import Batch, Game, GeneratorBatch, Step, critic_step, generator_step
from wgan.training.stopping import CONVERGED, NEVER, StopSettings, stalled_since
from wgan.training.window import UNBOUNDED, Diverged, Window
