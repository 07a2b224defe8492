"""Plain gradients: torch computes each operation when it comes to it. What every other engine is measured by."""

from dataclasses import dataclass

from wgan.training.distributed.world import ALONE, World
from wgan.training.precision import Precision, played
from wgan.training.state import TrainState
from wgan.training.steps import Batch, detached, fakes
from wgan.types import Latents, Objective, Samples, Terms


@dataclass(frozen=True)
class Eager:
    """Works for every network, every objective and any number of processes.

    `apart` says that the critic scores each sample by itself.
    """

    precision: Precision = "fp32"
    apart: bool = False
    world: World = ALONE

    def of_critic(self, state: TrainState, objective: Objective, batch: Batch) -> Terms:
        """See `Gradients`."""
        generator = played(state.generator, self.precision)
        critic = played(state.critic, self.precision, apart=self.apart)
        loss = objective.critic_loss(critic, batch.real, fakes(generator, batch.z), batch.noise)
        state.critic_optimizer.zero_grad()
        self.world.backward(loss.value, state.critic)
        return detached(loss)

    def of_generator(self, state: TrainState, objective: Objective, real: Samples, z: Latents) -> Terms:
        """See `Gradients`. Only the generator's gradients are computed: the critic gets none."""
        generator, critic = (played(network, self.precision) for network in (state.generator, state.critic))
        loss = objective.generator_loss(critic, real, generator(z))
        state.generator_optimizer.zero_grad()
        self.world.backward(loss.value, state.generator)
        return detached(loss)
