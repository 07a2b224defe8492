"""The memory of a batch: how much it is, and in which parts a batch is computed that is too large for it.

The few samples that tell it are timed as well, which says what a step takes where steps are slow.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.modules.batchnorm import _BatchNorm

from wgan.config import RunConfig
from wgan.diagnosis import Wiring
from wgan.errors import InputError
from wgan.experiment.build import Loop, batches
from wgan.experiment.memory import amount, bytes_of_networks
from wgan.experiment.plan import Plan
from wgan.experiment.preflight import game_of
from wgan.objectives import axes
from wgan.system.memory import free_memory
from wgan.training import Eager, Precision, Step, TrainState, plain_engine
from wgan.training.devices import synchronize
from wgan.training.engines.trials import unchanged

FEW, MORE = 2, 4
"""Batches whose updates are looked at; the difference is what more samples need."""
LONG = 0.5
"""Seconds. Where an update with a few samples takes as long, its time grows with their number; a call's own is gone."""
ROOM = 1.3
"""A step may take so many times the estimate: backward passes have gradients of what is between layers too. Measured
were 1.0 to 1.3 times (docs/log.md)."""


class Fitted(NamedTuple):
    """A plan whose batches fit into memory, as far as that is known before the first step."""

    planned: Plan
    memory: int | None = None
    """Bytes for the networks and for a batch, or for a part of one; None if nothing tells."""
    notes: tuple[str, ...] = ()
    seconds: float | None = None
    """For a step, roughly, where it takes long: what a few samples take, times all; None if nothing tells."""


def fitted_to_memory(planned: Plan, state: TrainState, wiring: Wiring) -> Fitted:
    """The plan, with a microbatch if a batch is too large for the memory here. One that the user set stays.

    On a GPU a plain step tells; the state stays as it is. On a CPU, what autograd keeps of a few samples does.

    Raises:
        InputError: a batch is too large for the GPU, and its loss cannot be computed in parts.
        torch.OutOfMemoryError: the GPU has too little memory for the smallest parts, or for the user's.
    """
    if state.device.type not in ("cpu", "cuda"):
        return Fitted(planned)
    if state.device.type == "cuda":
        return _by_trial(planned, state, _first_step(planned, state, wiring))
    return _by_estimate(planned, state, wiring)


def _first_step(planned: Plan, state: TrainState, wiring: Wiring, count: int | None = None) -> Step:
    """The run's first step, with as many samples in a batch as the run's, or with `count`."""
    config = planned.config
    if count is not None:
        config = config.model_copy(update={"training": config.training.model_copy(update={"batch_size": count})})
    game, real = game_of(planned.objective, config, wiring), batches(config, planned.pack, state.device)
    return Loop(state, game, config, real, conditions=real.conditions).step(0)


def _by_trial(planned: Plan, state: TrainState, step: Step) -> Fitted:
    training, precision = planned.config.training, _precision(planned.config)
    sizes = _halvings(training.batch_size, _fewest(state)) if training.microbatch is None else iter(())
    size = training.microbatch
    while True:
        try:
            memory = peak_of_step(state, step, precision, size)
            break
        except torch.OutOfMemoryError:
            refused = _indivisible(planned)
            if training.microbatch is None and refused:
                raise InputError(
                    f"The GPU has too little memory for a batch of {training.batch_size}, and {refused}. Or lower "
                    "training.batch_size or data.size."
                ) from None
            smaller = next(sizes, None)
            if smaller is None:
                raise
        except Exception:  # the run's own steps will fail too, with a better message
            return Fitted(planned)
        size = smaller
        gc.collect()  # the traceback may have held tensors in reference cycles
        torch.cuda.empty_cache()
    if size == training.microbatch:
        return Fitted(planned, memory)
    assert size is not None
    why = f"A batch of {training.batch_size} is too large for the GPU's memory"
    return Fitted(_in_parts(planned, size), memory, (_note(why, size, state),))


def peak_of_step(state: TrainState, step: Step, precision: Precision, microbatch: int | None) -> int:
    """The most bytes that are in use on the GPU during a plain step. The state stays as it is.

    Raises:
        torch.OutOfMemoryError: there are not so many.
    """
    before = torch.cuda.memory_allocated(state.device)
    with unchanged(state):
        copied = torch.cuda.memory_allocated(state.device) - before
        torch.cuda.reset_peak_memory_stats(state.device)
        plain_engine(precision, microbatch)(state, step)
        synchronize(state.device)
        return torch.cuda.max_memory_allocated(state.device) - copied


def _by_estimate(planned: Plan, state: TrainState, wiring: Wiring) -> Fitted:
    sample = OfASample()
    with suppress(Exception):  # the run's own steps will fail too, with a better message
        sample = of_a_sample(planned, state, wiring)
    fitted = _by_bytes(planned, state, sample.bytes) if sample.bytes else Fitted(planned)
    return fitted._replace(seconds=sample.seconds)


def _by_bytes(planned: Plan, state: TrainState, sample: int) -> Fitted:
    training, free = planned.config.training, free_memory()
    networks = bytes_of_networks(planned.config, state.generator, state.critic)
    whole = min(training.batch_size, training.microbatch or training.batch_size)
    memory = networks + whole * sample
    if free is None or (usable := free / ROOM) >= memory:
        return Fitted(planned, memory)
    what = f"batch of {whole}" if training.microbatch is None else f"part of {whole} samples"
    why = f"A {what} takes about {amount(memory)} with the networks, too much for the {amount(free)} that are free"
    if training.microbatch is not None:
        return Fitted(planned, memory, (f"{why}: a smaller training.microbatch takes less.",))
    if refused := _indivisible(planned):
        return Fitted(planned, memory, (f"{why}. Training may run out of memory, and {refused}.",))
    possible = list(_possible(training.batch_size, _fewest(state)))
    if not possible:
        return Fitted(planned, memory, (f"{why}. Training may run out of memory: lower data.size.",))
    size = next((size for size in possible if networks + size * sample <= usable), possible[-1])
    memory = networks + size * sample
    doubt = "" if memory <= usable else " Even so it may run out of memory."
    return Fitted(_in_parts(planned, size), memory, (_note(why, size, state) + doubt,))


class OfASample(NamedTuple):
    """What a few samples tell of a step."""

    bytes: int = 0
    """That autograd keeps for each sample of a batch: in the update, of critic or generator, that needs more."""
    seconds: float | None = None
    """For a whole step, roughly; None where a few samples take so little that the calls themselves count."""


def of_a_sample(planned: Plan, state: TrainState, wiring: Wiring) -> OfASample:
    """The bytes for a sample, and the seconds for a step, by gradients of a few samples. The state stays as it is."""
    gradients, training = Eager(_precision(planned.config)), planned.config.training

    def kept(count: int) -> tuple[tuple[int, float], tuple[int, float]]:
        game, batches, asked = _first_step(planned, state, wiring, count)
        return (
            _timed(lambda: kept_bytes(lambda: gradients.of_critic(state, game, batches[0]))),
            _timed(lambda: kept_bytes(lambda: gradients.of_generator(state, game, asked[0]))),
        )

    with unchanged(state):
        few, more = kept(FEW), kept(MORE)
    of_sample = max((high - low) // (MORE - FEW) for (low, _), (high, _) in zip(few, more, strict=True))
    (_, critic), (_, generator) = more
    updates = training.critic_steps * critic + training.generator_steps * generator
    long = min(critic, generator) >= LONG
    return OfASample(of_sample, updates * training.batch_size / MORE if long else None)


def _timed(count: Callable[[], int]) -> tuple[int, float]:
    started = time.perf_counter()
    return count(), time.perf_counter() - started


def kept_bytes(compute: Callable[[], object]) -> int:
    """Bytes of all that autograd keeps for backward passes while something is computed. What is shared counts once."""
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        compute()
    return sum(kept.values())


def _precision(config: RunConfig) -> Precision:
    return "fp32" if config.precision == "auto" else config.precision


def _indivisible(planned: Plan) -> str:
    """Why a batch is not split here; empty if it may be."""
    game = axes(planned.objective)
    if game is None:
        return (
            "only you know whether your objective is a mean over the batch: if it is, set training.microbatch, and "
            "the batch is computed in parts"
        )
    if game.reduction == "sum":
        return "a loss that is a sum cannot be computed in parts: set objective.reduction=mean"
    return ""


def _fewest(state: TrainState) -> int:
    """The fewest samples of a part: BatchNorm needs two."""
    layers = (layer for network in (state.generator, state.critic) for layer in network.modules())
    return 2 if any(isinstance(layer, _BatchNorm) for layer in layers) else 1


def _possible(batch: int, fewest: int) -> Iterator[int]:
    """The microbatches of which no part has fewer samples, largest first."""
    yield from dict.fromkeys(-(-batch // parts) for parts in range(2, batch // fewest + 1))


def _halvings(batch: int, fewest: int) -> Iterator[int]:
    """Microbatches of which no part has fewer samples, each half of the one before."""
    size = batch
    while size > 1:
        size = (size + 1) // 2
        if batch // -(-batch // size) < fewest:
            return
        yield size


def _in_parts(planned: Plan, size: int) -> Plan:
    return replace(planned, config=planned.config.choosing({"training.microbatch": size}))


def _note(why: str, size: int, state: TrainState) -> str:
    norms = " BatchNorm sees a part at a time." if _fewest(state) > 1 else ""
    return (
        f"{why}: it is computed in parts of at most {size}, whose gradients add up (training.microbatch={size}).{norms}"
    )
