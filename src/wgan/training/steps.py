"""The steps of adversarial training.

Nothing here waits for the device, and shapes never change, so a step can be compiled and recorded as a CUDA graph.
Engines compute the gradients.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import torch

from wgan.training.state import TrainState
from wgan.types import Conditions, Generator, Latents, Loss, Noise, Objective, Samples, Terms


class Batch(NamedTuple):
    """The inputs of one critic step: samples, latents for as many fakes, and random numbers for its objective."""

    real: Samples
    z: Latents
    noise: Noise
    condition: Conditions | None = None
    """Of the samples, which the fakes share: so a point between a sample and a fake has one condition."""


@dataclass(frozen=True)
class Game:
    """An objective, and how the networks are called for it."""

    objective: Objective
    independent_scores: bool = False
    """The critic scores each sample by itself, so one call may score real and fake ones."""
    evaluation_fakes: bool = False
    """The generator is in evaluation mode while it makes fakes for the critic."""


class Step(NamedTuple):
    """The inputs of a whole step: a game, a batch for each critic update, and latents for each of the generator's."""

    game: Game
    batches: Sequence[Batch]
    latents: Sequence[Latents]


@runtime_checkable
class Gradients(Protocol):
    """Computes gradients into the `grad` of the weights; returns a loss's terms, detached, still on the device."""

    def of_critic(self, state: TrainState, game: Game, batch: Batch) -> Terms:
        """The gradients of the critic's loss with respect to its weights."""

    def of_generator(
        self, state: TrainState, game: Game, real: Samples, z: Latents, condition: Conditions | None = None
    ) -> Terms:
        """The gradients of the generator's loss with respect to its weights; leaves those of the critic as they are."""


@torch.no_grad()
def fakes(generator: Generator, z: Latents) -> Samples:
    """The samples that the critic is trained against, without a graph."""
    return generator(z)


def detached(loss: Loss) -> Terms:
    """The terms of a loss, for the log."""
    return {name: term.detach() for name, term in loss.terms.items()}


def critic_step(state: TrainState, game: Game, batch: Batch, gradients: Gradients) -> Terms:
    """One critic update."""
    terms = gradients.of_critic(state, game, batch)
    state.critic_optimizer.step()
    game.objective.constrain(state.critic)
    return terms


def generator_step(
    state: TrainState,
    game: Game,
    real: Samples,
    z: Latents,
    gradients: Gradients,
    condition: Conditions | None = None,
) -> Terms:
    """One generator update."""
    terms = gradients.of_generator(state, game, real, z, condition)
    state.generator_optimizer.step()
    return terms


def full_step(state: TrainState, step: Step, gradients: Gradients) -> Terms:
    """Update the critic once for each of the batches, then the generator once for each of the latents.

    Returns the terms of the last update of each.
    """
    game, batches, latents = step
    if game.evaluation_fakes:
        state.generator.eval()
    try:
        for batch in batches:
            terms = critic_step(state, game, batch, gradients)
    finally:
        if game.evaluation_fakes:
            state.generator.train()
    for z in latents:
        generated = generator_step(state, game, batches[-1].real, z, gradients, batches[-1].condition)
    return terms | generated
