"""Plain gradients: torch computes each operation when it comes to it. What every other engine is measured by."""

from dataclasses import dataclass

from wgan.training.distributed.world import ALONE, World
from wgan.training.precision import Precision, with_precision
from wgan.training.state import TrainState
from wgan.training.steps import Batch, Game, detached, fakes
from wgan.types import Latents, Samples, Terms


@dataclass(frozen=True)
class Eager:
    """Works for every network, every objective and any number of processes."""

    precision: Precision = "fp32"
    world: World = ALONE

    def of_critic(self, state: TrainState, game: Game, batch: Batch) -> Terms:
        """See `Gradients`."""
        generator = with_precision(state.generator, self.precision)
        critic = with_precision(state.critic, self.precision, independent_scores=game.independent_scores)
        loss = game.objective.critic_loss(critic, batch.real, fakes(generator, batch.z), batch.noise)
        state.critic_optimizer.zero_grad()
        self.world.backward(loss.value, state.critic)
        return detached(loss)

    def of_generator(self, state: TrainState, game: Game, real: Samples, z: Latents) -> Terms:
        """See `Gradients`. Only the generator's gradients are computed: the critic gets none."""
        generator, critic = (with_precision(network, self.precision) for network in (state.generator, state.critic))
        loss = game.objective.generator_loss(critic, real, generator(z))
        state.generator_optimizer.zero_grad()
        self.world.backward(loss.value, state.generator)
        return detached(loss)
