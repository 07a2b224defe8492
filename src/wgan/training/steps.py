"""The steps of adversarial training: pure losses, and what updates a player by their gradients.

Nothing here waits for the device, and every shape stays the same from step to step: a step can be compiled, and
recorded as a CUDA graph. How gradients are found is an engine's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import torch

from wgan.training.state import TrainState
from wgan.types import Generator, Latents, Loss, Noise, Objective, Samples, Terms


class Batch(NamedTuple):
    """What one critic step is given: samples, latents for as many fakes, and random numbers for its objective."""

    real: Samples
    z: Latents
    noise: Noise


@dataclass(frozen=True)
class Game:
    """What is played: an objective, and how the networks are called for it."""

    objective: Objective
    independent_scores: bool = False
    """The critic scores each sample by itself, so real and fake ones may go through it in one call."""
    evaluation_fakes: bool = False
    """The generator is in evaluation mode while it makes fakes for the critic."""


@runtime_checkable
class Gradients(Protocol):
    """Finds gradients and leaves them with the weights; returns a loss's terms, detached, still on the device."""

    def of_critic(self, state: TrainState, game: Game, batch: Batch) -> Terms:
        """Those of the critic's loss with respect to its weights."""

    def of_generator(self, state: TrainState, game: Game, real: Samples, z: Latents) -> Terms:
        """Those of the generator's loss with respect to its weights; the critic's stay as they are."""


@torch.no_grad()
def fakes(generator: Generator, z: Latents) -> Samples:
    """What the critic is trained against: the generator gets no gradient."""
    return generator(z)


def detached(loss: Loss) -> Terms:
    """A loss's terms, as they are logged."""
    return {name: term.detach() for name, term in loss.terms.items()}


def critic_step(state: TrainState, game: Game, batch: Batch, gradients: Gradients) -> Terms:
    """One critic update."""
    terms = gradients.of_critic(state, game, batch)
    state.critic_optimizer.step()
    game.objective.constrain(state.critic)
    return terms


def generator_step(state: TrainState, game: Game, real: Samples, z: Latents, gradients: Gradients) -> Terms:
    """One generator update."""
    terms = gradients.of_generator(state, game, real, z)
    state.generator_optimizer.step()
    return terms


def full_step(state: TrainState, game: Game, batches: Sequence[Batch], z: Latents, gradients: Gradients) -> Terms:
    """One critic update for each of `batches`, then one of the generator; the terms of the last of each."""
    if game.evaluation_fakes:
        state.generator.eval()
    try:
        for batch in batches:
            terms = critic_step(state, game, batch, gradients)
    finally:
        if game.evaluation_fakes:
            state.generator.train()
    return terms | generator_step(state, game, batches[-1].real, z, gradients)
