"""The parts of a training step, each by itself, to be timed and counted: as the plain engine does them.

What the penalty takes is what a critic update takes beyond one with a plain loss, which scores real and fake once and
goes back through these scores: that holds for any objective, also where a penalty uses the scores of the loss.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from wgan.bench.case import Case
from wgan.experiment.build import batches, draws
from wgan.objectives import Composed
from wgan.training.precision import with_precision
from wgan.types import Objective

PLAIN_LOSS = Composed(loss="wasserstein", penalty_weight=0.0)
WITH_PENALTY = "critic with penalty"


class Step:
    """One step of a case, in parts, which may be done any number of times."""

    def __init__(self, case: Case, device: torch.device) -> None:
        config = case.config
        self._state = case.state(device)
        self._game = case.game(self._state)
        self._batches, self._draws = batches(config, case.pack, device), draws(config, device)
        self._times = range(config.training.critic_steps)
        self._number = 0
        self._real: Tensor = self._batches(0)
        self._z = self._draws.critic_latents(0)
        self._fake: Tensor = self._state.generator(self._z).detach()

    def parts(self) -> dict[str, Callable[[], None]]:
        """What to do for each, in the order of a step: for all of its critic updates, and the generator's."""
        return {
            "data": self._data,
            "fakes": self._fakes,
            "critic": lambda: self._critic(PLAIN_LOSS),
            WITH_PENALTY: lambda: self._critic(self._game.objective),
            "generator": self._generator,
            "optimizer": self._optimizer,
        }

    def _data(self) -> None:
        """Real batches and latents; what a penalty draws is drawn where it asks."""
        for _ in self._times:
            self._number += 1
            self._real = self._batches(self._number)
            self._z = self._draws.critic_latents(self._number)
        self._draws.generator_latents(self._number)

    @torch.no_grad()
    def _fakes(self) -> None:
        """For the critic: no graph."""
        self._state.generator.train(not self._game.evaluation_fakes)
        for _ in self._times:
            self._fake = self._state.generator(self._z)
        self._state.generator.train()

    def _critic(self, objective: Objective) -> None:
        """Scores, and what goes back through them."""
        critic = with_precision(self._state.critic, "fp32", independent_scores=self._game.independent_scores)
        parameters, shape = list(self._state.critic.parameters()), tuple(self._real.shape[1:])
        for _ in self._times:
            noise = self._draws.noise(self._number, shape)
            loss = objective.critic_loss(critic, self._real, self._fake, noise)
            self._state.critic_optimizer.zero_grad()
            loss.value.backward(inputs=parameters)

    def _generator(self) -> None:
        """The generator's own update: fakes, their scores, and back through both networks."""
        loss = self._game.objective.generator_loss(self._state.critic, self._real, self._state.generator(self._z))
        self._state.generator_optimizer.zero_grad()
        loss.value.backward(inputs=list(self._state.generator.parameters()))

    def _optimizer(self) -> None:
        """Both optimisers, the weights' bounds if there are any, and the average."""
        for _ in self._times:
            self._state.critic_optimizer.step()
            self._game.objective.constrain(self._state.critic)
        self._state.generator_optimizer.step()
        self._state.advance()
