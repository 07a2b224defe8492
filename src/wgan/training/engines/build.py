"""Building an engine: what cannot be used here says so before it is used."""

import math
from collections.abc import Sequence

import torch

from wgan.errors import in_short
from wgan.training.devices import keep_memory
from wgan.training.distributed.world import ALONE, World
from wgan.training.engines.compiled import Compiled
from wgan.training.engines.eager import Eager
from wgan.training.engines.engine import Engine, Mode, Stepwise
from wgan.training.engines.graphs import WARM_UP, Graphed
from wgan.training.engines.noise import RecordingNoise
from wgan.training.engines.self_test import TOLERANCE, disagreement
from wgan.training.engines.timing import unchanged
from wgan.training.precision import Precision
from wgan.training.state import TrainState, fit_optimizer
from wgan.training.steps import Batch, Game, Gradients
from wgan.types import Latents


class Unusable(Exception):
    """A mode cannot be used for this run on this machine; says why."""


def build_engine(
    mode: Mode,
    state: TrainState,
    game: Game,
    batches: Sequence[Batch],
    z: Latents,
    *,
    world: World = ALONE,
    trusted: bool = False,
) -> Engine:
    """The engine of a mode, for these players, this objective and batches like these.

    `trusted` says that the run has had this engine: then how much it rounds is not tested, since that changes from
    step to step. Arranges the state for the mode, and lets the process keep the memory it frees.

    Raises:
        Unusable: something does not compile, several processes train, or the gradients are not those of plain PyTorch.
    """
    keep_memory()
    if mode.graphs and z.device.type != "cuda":
        raise Unusable("CUDA graphs need a CUDA device")
    if mode.precision == "tf32" and z.device.type != "cuda":
        raise Unusable("tf32 needs a CUDA device")
    if world.size > 1 and (mode.compiled or mode.graphs):
        raise Unusable("several processes train one operation at a time")
    arrange(state, mode)
    plain = Eager(mode.precision, world)
    if mode == Mode() or world.size > 1:
        return Stepwise(mode, plain)
    noise = RecordingNoise(batches[0].noise)
    ways: list[Gradients] = [plain]
    if mode.compiled:
        ways = [Compiled(mode.precision, noise, whole=whole) for whole in (True, False)]
    tolerance = math.inf if trusted and mode.precision != "fp32" else TOLERANCE[mode.precision]
    batch = batches[0]._replace(noise=noise)
    engine = Stepwise(mode, _usable(ways, mode.precision, tolerance, state, game, batch, z))
    return _rehearsed(Graphed(engine, noise), state, game, batches, z) if mode.graphs else engine


def _rehearsed(engine: Graphed, state: TrainState, game: Game, batches: Sequence[Batch], z: Latents) -> Engine:
    """A graph is recorded and replayed once, before a run depends on it."""
    try:
        with unchanged(state):
            for _ in range(WARM_UP + 2):
                engine(state, game, batches, z)
    except Exception as error:
        raise Unusable(f"no graph could be recorded ({type(error).__name__}: {in_short(error)})") from error
    return engine


def _usable(
    ways: Sequence[Gradients],
    precision: Precision,
    tolerance: float,
    state: TrainState,
    game: Game,
    batch: Batch,
    z: Latents,
) -> Gradients:
    """The first way to find gradients that finds the right ones."""
    why = ""
    for way in ways:
        try:
            found = disagreement(way, precision, state, game, batch, z)
        except Exception as error:  # torch has a kind of its own for each stage of compiling
            why = why or f"{type(error).__name__}: {in_short(error)}"
            continue
        if found.difference < math.inf and found.difference <= tolerance:
            return way
        why = why or f"the gradient of {found.weight} is off by {found.difference:.1%}"
    raise Unusable(why)


def arrange(state: TrainState, mode: Mode) -> None:
    """Lay out the networks, and set up the optimisers, as a mode wants them."""
    if mode.channels_last != state.channels_last:
        layout = torch.channels_last if mode.channels_last else torch.contiguous_format
        for network in (state.generator, state.critic, state.ema):
            network.to(memory_format=layout)  # type: ignore[call-overload]  # public by its documentation
        state.channels_last = mode.channels_last
    for optimizer in (state.critic_optimizer, state.generator_optimizer):
        for group in optimizer.param_groups:
            if "capturable" in group:
                group["capturable"] = mode.graphs  # or no graph can hold its updates
        fit_optimizer(optimizer)
