"""The steps of adversarial training.

Nothing here waits for the device, and shapes never change, so a step can be compiled and recorded as a CUDA graph.
Engines compute the gradients.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import torch

from wgan.training.randomness import Views
from wgan.training.state import TrainState
from wgan.types import (
    Augmentation,
    Conditions,
    Generator,
    Latents,
    Loss,
    Noise,
    Objective,
    Samples,
    Terms,
)


class Batch(NamedTuple):
    """The inputs of one critic update: samples, latents for as many fakes, and random numbers for its objective."""

    real: Samples
    z: Latents
    noise: Noise
    condition: Conditions | None = None
    """Of the samples, which the fakes share: so a point between a sample and a fake has one condition."""
    views: Views | None = None
    """How the critic sees the samples; None as they are."""
    fake: Samples | None = None
    """The fakes, where an engine makes them before the update."""


class GeneratorBatch(NamedTuple):
    """The inputs of one generator update: real samples, which relativistic objectives score, and latents."""

    real: Samples
    z: Latents
    condition: Conditions | None = None
    views: Views | None = None


@dataclass(frozen=True)
class Game:
    """An objective, and how the networks are called for it."""

    objective: Objective
    independent_scores: bool = False
    """The critic scores each sample by itself, so one call may score real and fake ones."""
    evaluation_fakes: bool = False
    """The generator is in evaluation mode while it makes fakes for the critic."""
    augmentation: Augmentation | None = None
    """How samples are changed before the critic sees them; None not at all."""
    weight_changes: bool = False
    """A schedule changes the weight of the penalty from step to step."""

    def seen(self, real: Samples, fake: Samples, views: Views | None) -> tuple[Samples, Samples]:
        """The real and fake samples as the critic sees them."""
        if self.augmentation is None or views is None:
            return real, fake
        return self.augmentation(real, views.real), self.augmentation(fake, views.fake)


class Step(NamedTuple):
    """The inputs of a whole step: a game, and a batch for each update of the critic and of the generator."""

    game: Game
    batches: Sequence[Batch]
    generator_batches: Sequence[GeneratorBatch]


@runtime_checkable
class Gradients(Protocol):
    """Computes gradients into the `grad` of the weights; returns a loss's terms, detached, still on the device."""

    def batches(self, state: TrainState, step: Step) -> Iterator[Batch]:
        """The batches of the critic's updates, with their fakes where these are made before."""

    def of_critic(self, state: TrainState, game: Game, batch: Batch) -> Terms:
        """The gradients of the critic's loss with respect to its weights."""

    def of_generator(self, state: TrainState, game: Game, batch: GeneratorBatch) -> Terms:
        """The gradients of the generator's loss with respect to its weights; leaves those of the critic as they are."""


@torch.no_grad()
def fakes(generator: Generator, z: Latents) -> Samples:
    """The samples that the critic is trained against, without a graph."""
    return generator(z)


def detached(loss: Loss) -> Terms:
    """The terms of a loss, for the log."""
    return {name: term.detach() for name, term in loss.terms.items()}


@contextmanager
def making_fakes(state: TrainState, game: Game) -> Iterator[None]:
    """Within it, the generator is in the mode in which it makes fakes for the critic."""
    if game.evaluation_fakes:
        state.generator.eval()
    try:
        yield
    finally:
        if game.evaluation_fakes:
            state.generator.train()


def critic_step(state: TrainState, game: Game, batch: Batch, gradients: Gradients) -> Terms:
    """One critic update."""
    terms = gradients.of_critic(state, game, batch)
    state.critic_optimizer.step()
    game.objective.constrain(state.critic)
    return terms


def generator_step(state: TrainState, game: Game, batch: GeneratorBatch, gradients: Gradients) -> Terms:
    """One generator update."""
    terms = gradients.of_generator(state, game, batch)
    state.generator_optimizer.step()
    return terms


def full_step(state: TrainState, step: Step, gradients: Gradients) -> Terms:
    """Update the critic once for each of its batches, then the generator once for each of its own.

    Returns the terms of the last update of each.
    """
    game, _, generator_batches = step
    with making_fakes(state, game):
        for batch in gradients.batches(state, step):
            terms = critic_step(state, game, batch, gradients)
    for asked in generator_batches:
        generated = generator_step(state, game, asked, gradients)
    return terms | generated
