"""The two steps of adversarial training. Each updates one player and returns the step's terms, still on the device."""

import torch

from wgan.training.state import TrainState
from wgan.training.world import ALONE, World
from wgan.types import Latents, Loss, Noise, Objective, Samples, Terms


def critic_step(
    state: TrainState, objective: Objective, real: Samples, z: Latents, noise: Noise, world: World = ALONE
) -> Terms:
    """One critic update against fakes made of `z`. The generator gets no gradient."""
    with torch.no_grad():
        fake = state.generator(z)
    loss = objective.critic_loss(state.critic, real, fake, noise)
    state.critic_optimizer.zero_grad()
    world.backward(loss.value, state.critic)
    state.critic_optimizer.step()
    objective.constrain(state.critic)
    return _detached(loss)


def generator_step(state: TrainState, objective: Objective, real: Samples, z: Latents, world: World = ALONE) -> Terms:
    """One generator update. Only the generator's gradients are computed: the critic gets none."""
    loss = objective.generator_loss(state.critic, real, state.generator(z))
    state.generator_optimizer.zero_grad()
    world.backward(loss.value, state.generator)
    state.generator_optimizer.step()
    return _detached(loss)


def _detached(loss: Loss) -> Terms:
    return {name: term.detach() for name, term in loss.terms.items()}
