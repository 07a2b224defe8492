"""Engines do the steps of training. The loop has one, and does not know which."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import torch

from wgan.training.distributed.world import ALONE, World
from wgan.training.engines.microbatches import in_parts
from wgan.training.precision import Precision, with_precision
from wgan.training.state import TrainState
from wgan.training.steps import Batch, Game, GeneratorBatch, Gradients, Step, detached, fakes, full_step
from wgan.types import Terms
from wgan.types.bound import bound


@dataclass(frozen=True)
class Mode:
    """How an engine computes: precision, compilation, CUDA graphs, and the memory format of weights for pictures."""

    precision: Precision = "fp32"
    compiled: bool = False
    graphs: bool = False
    channels_last: bool = False

    def __str__(self) -> str:
        words = {"graphs": self.graphs, "channels last": self.channels_last}
        how = "compiled" if self.compiled else "eager"
        return ", ".join([f"{how} {self.precision}", *(word for word, used in words.items() if used)])


@runtime_checkable
class Engine(Protocol):
    """Does whole steps (`full_step`); all engines give the same results up to rounding."""

    @property
    def mode(self) -> Mode: ...

    def __call__(self, state: TrainState, step: Step, /) -> Terms:
        """Update the critic once for each of its batches, then the generator once for each of its own, in place."""


@dataclass(frozen=True)
class Stepwise:
    """The engine that does one update after the other, by the given gradients."""

    mode: Mode
    gradients: Gradients

    def __call__(self, state: TrainState, step: Step, /) -> Terms:
        with computing(self.mode.precision, state.device):
            return full_step(state, step, self.gradients)


@dataclass(frozen=True)
class Eager:
    """Gradients by plain PyTorch, for every network, every objective and any number of processes.

    What every other way is compared with.
    """

    precision: Precision = "fp32"
    world: World = ALONE

    def batches(self, state: TrainState, step: Step) -> Iterator[Batch]:
        return iter(step.batches)

    def of_critic(self, state: TrainState, game: Game, batch: Batch) -> Terms:
        generator = with_precision(bound(state.generator, batch.condition), self.precision)
        critic = bound(state.critic, batch.condition)
        critic = with_precision(critic, self.precision, independent_scores=game.independent_scores)
        real, fake = game.seen(batch.real, fakes(generator, batch.z), batch.views)
        loss = game.objective.critic_loss(critic, real, fake, batch.noise)
        state.critic_optimizer.zero_grad()
        self.world.backward(loss.value, state.critic)
        return detached(loss)

    def of_generator(self, state: TrainState, game: Game, batch: GeneratorBatch) -> Terms:
        networks = state.generator, state.critic
        generator, critic = (with_precision(bound(network, batch.condition), self.precision) for network in networks)
        real, fake = game.seen(batch.real, generator(batch.z), batch.views)
        loss = game.objective.generator_loss(critic, real, fake)
        state.generator_optimizer.zero_grad()
        self.world.backward(loss.value, state.generator)
        return detached(loss)


def plain_engine(precision: Precision = "fp32", microbatch: int | None = None) -> Engine:
    """Plain PyTorch, one operation after the other, on parts of batches that have at most `microbatch` samples."""
    return Stepwise(Mode(precision), in_parts(Eager(precision), microbatch))


PLAIN = plain_engine()


@contextmanager
def computing(precision: Precision, device: torch.device) -> Iterator[None]:
    """Let a GPU's matrix products and convolutions round as `precision` says; `InPrecision` does bf16."""
    if device.type != "cuda":
        yield
        return
    products, convolutions = torch.backends.cuda.matmul, torch.backends.cudnn.conv  # type: ignore[attr-defined]
    before = products.fp32_precision, convolutions.fp32_precision
    wanted = "ieee" if precision == "fp32" else "tf32"  # torch's own default is fp32 for the one and tf32 for the other
    products.fp32_precision = convolutions.fp32_precision = wanted
    try:
        yield
    finally:
        products.fp32_precision, convolutions.fp32_precision = before


def with_memory_format(mode: Mode, device: torch.device) -> Mode:
    """Channels last where tensor cores prefer it; on CPUs it gained nothing.

    Not where torch compiles: its compiler expects other strides of a convolution's gradient than cuDNN gives
    (pytorch/pytorch#171622; seen with torch 2.11 on an H200), and lays pictures out by itself.
    """
    prefers = device.type == "cuda" and mode.precision != "fp32"
    return replace(mode, channels_last=prefers and not mode.compiled)
