"""What named objectives share: they know themselves as a composition, and players of the same kind share a loss."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from torch import nn
from torch.nn.functional import softplus

from wgan.types import Critic, Loss, Samples

if TYPE_CHECKING:
    from wgan.objectives.composed import Composed


class Named(ABC):
    """An objective of ours. It constrains nothing, unless it says so."""

    @property
    @abstractmethod
    def composition(self) -> "Composed":
        """The same game as a choice of loss, penalty and points: what rules and reports ask for."""

    def constrain(self, critic: nn.Module) -> None:  # noqa: B027  # most objectives do nothing here
        """Nothing."""


class MinusScore(Named):
    """With a generator that seeks high scores, whatever they mean."""

    def generator_loss(self, critic: Critic, real: Samples, fake: Samples) -> Loss:
        """Minus the mean score of the fakes."""
        loss = -critic(fake).mean()
        return Loss(loss, {"generator_loss": loss})


class NonSaturating(Named):
    """With the non-saturating generator of Goodfellow et al. 2014, section 3."""

    def generator_loss(self, critic: Critic, real: Samples, fake: Samples) -> Loss:
        """`-log D(fake)`."""
        loss = softplus(-critic(fake)).mean()
        return Loss(loss, {"generator_loss": loss})
