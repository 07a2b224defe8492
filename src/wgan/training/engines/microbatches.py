"""Batches in parts that fit into memory, whose gradients add up to those of the whole."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple, TypeVar

from torch import Tensor, nn
from torch.utils._pytree import tree_map_only

from wgan.training.state import TrainState
from wgan.training.steps import Batch, Game, GeneratorBatch, Gradients, Step
from wgan.types import Noise, Samples, Terms, Uniforms

B = TypeVar("B", Batch, GeneratorBatch)


@dataclass(frozen=True)
class InParts:
    """Computes gradients of at most `size` samples at a time, and adds them up.

    Losses are means over a batch, so their gradients are the parts' means, weighted by their sizes. What is computed
    *over* a batch is computed over each part: BatchNorm's statistics, and DRAGAN's deviation of all numbers.
    """

    gradients: Gradients
    size: int

    def batches(self, state: TrainState, step: Step) -> Iterator[Batch]:
        return iter(step.batches)  # each part makes its own fakes, or they would not fit

    def of_critic(self, state: TrainState, game: Game, batch: Batch) -> Terms:
        return self._added(state.critic, batch, lambda part: self.gradients.of_critic(state, game, part))

    def of_generator(self, state: TrainState, game: Game, batch: GeneratorBatch) -> Terms:
        return self._added(state.generator, batch, lambda part: self.gradients.of_generator(state, game, part))

    def _added(self, network: nn.Module, batch: B, compute: Callable[[B], Terms]) -> Terms:
        weights = list(network.parameters())
        terms: Terms = {}
        total: list[Tensor | None] = [None] * len(weights)
        for share, part in _parts(batch, self.size):
            found = compute(part)
            terms = {name: share * value + terms.get(name, 0.0) for name, value in found.items()}
            for i, weight in enumerate(weights):
                gradient, before = weight.grad, total[i]
                if gradient is not None:
                    total[i] = share * gradient if before is None else before.add_(gradient, alpha=share)
        for weight, gradient in zip(weights, total, strict=True):
            weight.grad = gradient
        return terms


def in_parts(gradients: Gradients, size: int | None) -> Gradients:
    """The gradients of at most `size` samples at a time; of whole batches if that is None."""
    return gradients if size is None else InParts(gradients, size)


class DrawnOnce:
    """A batch's `Noise`, whose numbers are kept once they were asked for."""

    def __init__(self, noise: Noise) -> None:
        self._noise = noise

    @cached_property
    def uniforms(self) -> Uniforms:
        return self._noise.uniform()

    @cached_property
    def normals(self) -> Samples:
        return self._noise.normal()


class PartOfNoise(NamedTuple):
    """The `Noise` of a part of a batch."""

    noise: DrawnOnce
    part: slice

    def uniform(self) -> Uniforms:
        return self.noise.uniforms[self.part]

    def normal(self) -> Samples:
        return self.noise.normals[self.part]


def _parts(batch: B, size: int) -> Iterator[tuple[float, B]]:
    """The parts of a batch, as even as can be, each with its share of the samples."""
    count = len(batch.real)
    if count <= size:
        yield 1.0, batch
        return
    parts = -(-count // size)
    noise = DrawnOnce(batch.noise) if isinstance(batch, Batch) else None
    for begin, end in pairwise(count * i // parts for i in range(parts + 1)):
        part = slice(begin, end)
        given: B = tree_map_only(Tensor, itemgetter(part), batch)
        if isinstance(given, Batch) and noise is not None:
            given = given._replace(noise=PartOfNoise(noise, part))
        yield (end - begin) / count, given
