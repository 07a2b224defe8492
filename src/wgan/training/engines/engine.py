"""Engines: what does the steps of training. The loop has one, and does not know which."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import torch

from wgan.training.precision import Precision
from wgan.training.state import TrainState
from wgan.training.steps import Batch, Game, Gradients, full_step
from wgan.types import Latents, Terms


@dataclass(frozen=True)
class Mode:
    """In which precision, whether compiled, whether replayed from a CUDA graph, and how pictures lie in memory."""

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
    """Does the whole of a step, `full_step`, in one of the ways that give the same up to rounding."""

    @property
    def mode(self) -> Mode:
        """How it computes."""

    def __call__(self, state: TrainState, game: Game, batches: Sequence[Batch], z: Latents, /) -> Terms:
        """Advance the players in place, by one critic update for each batch and one of the generator."""


@dataclass(frozen=True)
class Stepwise:
    """The engine that does one update after the other; how gradients are found is given."""

    mode: Mode
    gradients: Gradients

    def __call__(self, state: TrainState, game: Game, batches: Sequence[Batch], z: Latents, /) -> Terms:
        """See `Engine`."""
        with computing(self.mode.precision, z.device):
            return full_step(state, game, batches, z, self.gradients)


@contextmanager
def computing(precision: Precision, device: torch.device) -> Iterator[None]:
    """Within it, a GPU's matrix products and convolutions round as `precision` says; bf16 is `InPrecision`'s."""
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
    """With channels last where tensor cores want them; on CPUs that was measured to gain nothing."""
    return replace(mode, channels_last=device.type == "cuda" and mode.precision != "fp32")
