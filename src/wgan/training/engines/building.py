"""Building an engine: what cannot be used here says so before it is used."""

from collections.abc import Sequence

import torch
from torch import Tensor

from wgan.errors import in_short
from wgan.training.engines.agreement import TOLERANCE, disagreement
from wgan.training.engines.compiled import Asked, Compiled
from wgan.training.engines.eager import Eager
from wgan.training.engines.engine import Engine, Mode, Stepwise
from wgan.training.engines.graphs import Graphed
from wgan.training.memory import keep_memory
from wgan.training.players import Precision
from wgan.training.state import TrainState
from wgan.training.steps import Batch, Gradients
from wgan.training.world import ALONE, World
from wgan.types import Latents, Objective


class Unusable(Exception):
    """A mode cannot be used for this run on this machine; says why."""


def build(
    mode: Mode,
    state: TrainState,
    objective: Objective,
    batches: Sequence[Batch],
    z: Latents,
    *,
    apart: bool = False,
    world: World = ALONE,
) -> Engine:
    """The engine of a mode, for these players, this objective and batches like these.

    `apart` says that the critic scores each sample by itself. Lays the networks out as the
    mode wants them, and lets the process keep the memory it frees.

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
    if mode.channels_last:
        _put_channels_last(state)
    plain = Eager(mode.precision, apart, world)
    if mode == Mode() or world.size > 1:
        return Stepwise(mode, plain)
    asked = Asked(batches[0].noise)
    compiled = [Compiled(mode.precision, asked, apart=apart, whole=whole) for whole in (True, False)]
    ways, batch = compiled if mode.compiled else [plain], batches[0]._replace(noise=asked)
    engine = Stepwise(mode, _usable(ways, mode.precision, state, objective, batch, z))
    if not mode.graphs:
        return engine
    for optimizer in (state.critic_optimizer, state.generator_optimizer):
        _make_capturable(optimizer)
    return Graphed(engine, asked)


def _usable(
    ways: Sequence[Gradients], precision: Precision, state: TrainState, objective: Objective, batch: Batch, z: Latents
) -> Gradients:
    """The first way to find gradients that finds the right ones."""
    why = ""
    for way in ways:
        try:
            found = disagreement(way, precision, state, objective, batch, z)
        except Exception as error:  # torch has a kind of its own for each stage of compiling
            why = why or f"{type(error).__name__}: {in_short(error)}"
            continue
        if found.difference <= TOLERANCE[precision]:
            return way
        why = why or f"the gradient of {found.weight} is off by {found.difference:.1%}"
    raise Unusable(why)


def _put_channels_last(state: TrainState) -> None:
    """Lay out every convolution's weights, and what optimisers remember of them, as convolutions then compute."""
    for network in (state.generator, state.critic, state.ema):
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # public by its documentation
    for optimizer in (state.critic_optimizer, state.generator_optimizer):
        for remembered in optimizer.state.values():
            for name, value in remembered.items():
                if isinstance(value, Tensor) and value.ndim == 4:
                    remembered[name] = value.contiguous(memory_format=torch.channels_last)


def _make_capturable(optimizer: torch.optim.Optimizer) -> None:
    """Let a graph hold its updates: counts of steps are kept on the device."""
    for group in optimizer.param_groups:
        if "capturable" in group:
            group["capturable"] = True
        for parameter in group["params"]:
            if isinstance(step := optimizer.state[parameter].get("step"), Tensor):
                optimizer.state[parameter]["step"] = step.to(parameter.device, torch.float32)
