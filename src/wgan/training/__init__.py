"""Training: the state, the randomness, the two steps, and the loop that yields."""

from wgan.training.batches import Batches as Batches
from wgan.training.devices import choose_device as choose_device, same_threads as same_threads
from wgan.training.distributed import (
    ALONE as ALONE,
    World as World,
    is_follower as is_follower,
    joined as joined,
    restarted as restarted,
    sync_norms as sync_norms,
    unsynced as unsynced,
)
from wgan.training.engines import (
    PLAIN as PLAIN,
    Eager as Eager,
    Engine as Engine,
    Mode as Mode,
    Stepwise as Stepwise,
    Unusable as Unusable,
    arrange as arrange,
    build_engine as build_engine,
    plain_engine as plain_engine,
    seconds_per_step as seconds_per_step,
)
from wgan.training.loop import StepRecord as StepRecord, train as train
from wgan.training.optimizers import (
    OPTIMIZERS as OPTIMIZERS,
    SGD as SGD,
    Adam as Adam,
    OptimizerSettings as OptimizerSettings,
    RMSprop as RMSprop,
)
from wgan.training.precision import Precision as Precision
from wgan.training.randomness import (
    Draws as Draws,
    Stream as Stream,
    latents as latents,
    random_numbers as random_numbers,
)
from wgan.training.schedule import Schedule as Schedule
from wgan.training.state import TrainState as TrainState, update_average as update_average
from wgan.training.steps import Batch as Batch, critic_step as critic_step, generator_step as generator_step
from wgan.training.window import UNBOUNDED as UNBOUNDED, Diverged as Diverged, Window as Window
