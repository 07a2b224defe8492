"""Building an engine, with a self-test before it is used."""

import math

import torch

from wgan.errors import in_short
from wgan.training.devices import keep_memory
from wgan.training.distributed.world import ALONE, World
from wgan.training.engines.compiled import Compiled
from wgan.training.engines.engine import Eager, Engine, Mode, Stepwise
from wgan.training.engines.fakes import Maker
from wgan.training.engines.graphs import WARM_UP, Graphed
from wgan.training.engines.microbatches import in_parts
from wgan.training.engines.trials import TOLERANCE, disagreement, unchanged
from wgan.training.randomness import RecordingNoise
from wgan.training.state import TrainState, fit_optimizer
from wgan.training.steps import Gradients, Step

PICTURES = 4
"""Axes of the weights of a convolution over pictures; the channels of others stay first."""


class Unusable(Exception):
    """A mode cannot be used for this run on this machine; says why."""


def build_engine(
    mode: Mode,
    state: TrainState,
    step: Step,
    *,
    world: World = ALONE,
    trusted: bool = False,
    microbatch: int | None = None,
) -> Engine:
    """The engine of a mode, for steps like this one, whose batches are computed in parts of at most `microbatch`.

    `trusted` says that the run already had this engine. Then rounding, which changes from step to step, does not rule
    it out. Prepares the state for the mode, and lets the process keep the memory it frees.

    Raises:
        Unusable: the mode needs another device or a single process, something does not compile, or the gradients differ
            from those of plain PyTorch.
    """
    keep_memory()
    if mode.graphs and state.device.type != "cuda":
        raise Unusable("CUDA graphs need a CUDA device")
    if mode.precision == "tf32" and state.device.type != "cuda":
        raise Unusable("tf32 needs a CUDA device")
    if world.size > 1 and (mode.compiled or mode.graphs):
        raise Unusable("several processes train one operation at a time")
    arrange(state, mode)
    plain = in_parts(Eager(mode.precision, world), microbatch)
    if mode == Mode() or world.size > 1:
        return Stepwise(mode, plain)
    noise = RecordingNoise(step.batches[0].noise)
    tried = step._replace(batches=[step.batches[0]._replace(noise=noise), *step.batches[1:]])
    ways: list[Gradients] = [plain]
    if mode.compiled:
        maker = Maker(state.generator, step)
        ways = [in_parts(Compiled(mode.precision, noise, maker, whole=whole), microbatch) for whole in (True, False)]
    rounding_may_pass = trusted and mode.precision != "fp32"
    why, passing = "", list[tuple[float, Gradients]]()
    for way in ways:
        try:
            difference, weight = disagreement(way, mode.precision, state, tried, microbatch)
        except Exception as error:  # torch has a kind of its own for each stage of compiling
            why = why or f"{type(error).__name__}: {in_short(error)}"
            continue
        if difference <= TOLERANCE[mode.precision]:
            break
        why = why or f"the gradient of {weight} is off by {difference:.1%}"
        if rounding_may_pass and difference < math.inf:
            passing.append((difference, way))
    else:
        if not passing:
            raise Unusable(why)
        _, way = min(passing, key=lambda found: found[0])
    engine = Stepwise(mode, way)
    if not mode.graphs:
        return engine
    graphed = Graphed(engine, noise)
    try:
        with unchanged(state):
            for _ in range(WARM_UP + 2):  # record the graph and replay it once, before a run depends on it
                graphed(state, step)
    except Exception as error:
        raise Unusable(f"no graph could be recorded ({type(error).__name__}: {in_short(error)})") from error
    return graphed


def arrange(state: TrainState, mode: Mode) -> None:
    """Set the networks' memory format and the optimisers' options as a mode needs them."""
    if mode.channels_last != state.channels_last:
        layout = torch.channels_last if mode.channels_last else torch.contiguous_format
        for network in (state.generator, state.critic, state.ema):
            for weight in network.parameters():
                if weight.ndim == PICTURES:  # `network.to` would fail for weights with more axes
                    weight.data = weight.data.to(memory_format=layout)
        state.channels_last = mode.channels_last
    for optimizer in (state.critic_optimizer, state.generator_optimizer):
        for group in optimizer.param_groups:
            if "capturable" in group:
                group["capturable"] = mode.graphs  # or no graph can hold its updates
        fit_optimizer(optimizer)
