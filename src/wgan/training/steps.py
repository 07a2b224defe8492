"""The steps of adversarial training: pure losses, and what updates a player by their gradients.

Nothing here waits for the device, and every shape stays the same from step to step: a step can be compiled, and
recorded as a CUDA graph. How gradients are found is an engine's.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import torch

from wgan.training.state import TrainState
from wgan.types import Generator, Latents, Loss, Noise, Objective, Samples, Terms


class Batch(NamedTuple):
    """What one critic step is given: samples, latents for as many fakes, and random numbers for its objective."""

    real: Samples
    z: Latents
    noise: Noise


@runtime_checkable
class Gradients(Protocol):
    """Finds gradients and leaves them with the weights; returns a loss's terms, detached, still on the device."""

    def of_critic(self, state: TrainState, objective: Objective, batch: Batch) -> Terms:
        """Those of the critic's loss with respect to its weights."""
        ...

    def of_generator(self, state: TrainState, objective: Objective, real: Samples, z: Latents) -> Terms:
        """Those of the generator's loss with respect to its weights; the critic's stay as they are."""
        ...


@torch.no_grad()
def fakes(generator: Generator, z: Latents) -> Samples:
    """What the critic is trained against: the generator gets no gradient."""
    return generator(z)


def detached(loss: Loss) -> Terms:
    """A loss's terms, as they are logged."""
    return {name: term.detach() for name, term in loss.terms.items()}


def critic_step(state: TrainState, objective: Objective, batch: Batch, gradients: Gradients) -> Terms:
    """One critic update."""
    terms = gradients.of_critic(state, objective, batch)
    state.critic_optimizer.step()
    objective.constrain(state.critic)
    return terms


def generator_step(state: TrainState, objective: Objective, real: Samples, z: Latents, gradients: Gradients) -> Terms:
    """One generator update."""
    terms = gradients.of_generator(state, objective, real, z)
    state.generator_optimizer.step()
    return terms


def full_step(
    state: TrainState,
    objective: Objective,
    batches: Sequence[Batch],
    z: Latents,
    gradients: Gradients,
    *,
    evaluation_fakes: bool = False,
) -> Terms:
    """One critic update for each of `batches`, then one of the generator; the terms of the last of each.

    With `evaluation_fakes`, the generator is in evaluation mode while it makes fakes for the critic.
    """
    if evaluation_fakes:
        state.generator.eval()
    try:
        for batch in batches:
            terms = critic_step(state, objective, batch, gradients)
    finally:
        if evaluation_fakes:
            state.generator.train()
    return terms | generator_step(state, objective, batches[-1].real, z, gradients)
