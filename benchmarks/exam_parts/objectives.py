"""WGAN-GP as people write it, with each place where it can go wrong as a field, and a cross-entropy of that kind."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy

from wgan import Loss, interpolate
from wgan.types import Critic, Noise

Penalty = Callable[[Critic, Tensor, Tensor, Noise], tuple[Tensor, Tensor]]
"""(penalty, mean slope)."""
GeneratorLoss = Callable[[Critic, Tensor, Tensor], Tensor]


def gradient(critic: Critic, x: Tensor, create_graph: bool = True) -> Tensor:
    """The gradient of each score with respect to its sample."""
    x = x.detach().requires_grad_()
    (found,) = torch.autograd.grad(critic(x).sum(), x, create_graph=create_graph)
    return found


def between(real: Tensor, fake: Tensor, noise: Noise) -> Tensor:
    """Points between real and fake samples."""
    return interpolate(real, fake, noise.uniform())


def norm(gradients: Tensor) -> Tensor:
    """The norm of each sample's gradient, (B,)."""
    return gradients.flatten(1).norm(2, dim=1)


def usual(critic: Critic, real: Tensor, fake: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
    """As it should be."""
    slope = norm(gradient(critic, between(real, fake, noise)))
    return (slope - 1).square().mean(), slope.mean()


def without_graph(critic: Critic, real: Tensor, fake: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
    """`create_graph=True` is forgotten."""
    slope = norm(gradient(critic, between(real, fake, noise), create_graph=False))
    return (slope - 1).square().mean(), slope.mean()


def detached(critic: Critic, real: Tensor, fake: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
    """The penalty is cut off, as for a log."""
    penalty, slope = usual(critic, real, fake, noise)
    return penalty.detach(), slope


def channels_only(critic: Critic, real: Tensor, fake: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
    """The norm is taken over the channels of pictures: each pixel's slope is held at one."""
    slope = gradient(critic, between(real, fake, noise)).norm(2, dim=1)
    return (slope - 1).square().mean(), slope.mean()


def over_batch(critic: Critic, real: Tensor, fake: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
    """The norm is taken over the batch: each column's slope is held at one."""
    slope = gradient(critic, between(real, fake, noise)).norm(2, dim=0)
    return (slope - 1).square().mean(), slope.mean()


def steep_welcome(critic: Critic, real: Tensor, fake: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
    """One-sided on the wrong side: slopes below one cost something, those above nothing."""
    slope = norm(gradient(critic, between(real, fake, noise)))
    return (1 - slope).relu().square().mean(), slope.mean()


def not_squared(critic: Critic, real: Tensor, fake: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
    """The square is forgotten: the flatter, the better."""
    slope = norm(gradient(critic, between(real, fake, noise)))
    return (slope - 1).mean(), slope.mean()


def hundred(critic: Critic, real: Tensor, fake: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
    """Slopes are held at a hundred."""
    slope = norm(gradient(critic, between(real, fake, noise)))
    return (slope - 100).square().mean(), slope.mean()


def of_mean_score(critic: Critic, real: Tensor, fake: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
    """The gradient of the mean score, which is smaller by the size of the batch."""
    slope = norm(gradient(critic, between(real, fake, noise)) / len(real))
    return (slope - 1).square().mean(), slope.mean()


def absolute_at_real(critic: Critic, real: Tensor, fake: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
    """At real samples alone, and the sum of absolute values instead of the Euclidean norm."""
    slope = gradient(critic, real).flatten(1).abs().sum(1)
    return (slope - 1).square().mean(), slope.mean()


def minus_score(critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
    """As it should be."""
    return -critic(fake).mean()


def plus_score(critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
    """The sign is wrong."""
    return critic(fake).mean()


def cut_off(critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
    """The fakes are detached."""
    return -critic(fake.detach()).mean()


def nothing(critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
    """Multiplied by zero."""
    return 0 * -critic(fake).mean()


def reals_only(critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
    """The score of the wrong batch."""
    return -critic(real).mean()


def like_reals(critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
    """The distance of each fake from some real sample: the critic is not asked."""
    return (fake - real).square().mean()


@dataclass(frozen=True)
class Own:
    """WGAN-GP, right unless a field says otherwise."""

    penalty: Penalty = usual
    generator: GeneratorLoss = minus_score
    penalty_weight: float = 10.0
    real_weight: float = 1.0
    fake_weight: float = 1.0
    scale: float = 1.0
    """Of the whole critic's loss."""

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, noise: Noise) -> Loss:
        """Minus the distance, plus the penalty."""
        distance = self.real_weight * critic(real).mean() - self.fake_weight * critic(fake).mean()
        penalty, slope = self.penalty(critic, real, fake, noise)
        loss = self.scale * (-distance + self.penalty_weight * penalty)
        return Loss(loss, {"critic_loss": loss, "distance": distance, "penalty": penalty, "gradient_norm": slope})

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor) -> Loss:
        """Minus the mean score."""
        loss = self.generator(critic, real, fake)
        return Loss(loss, {"generator_loss": loss})

    def constrain(self, critic: nn.Module) -> None:
        """The penalty does it."""


@dataclass(frozen=True)
class Probabilities:
    """The original GAN on a critic that ends in a sigmoid, written with probabilities; right, if clumsy."""

    saturating: bool = False

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, noise: Noise) -> Loss:
        """-log D(real) - log(1 - D(fake))."""
        p, q = critic(real), critic(fake)
        loss = binary_cross_entropy(p, torch.ones_like(p)) + binary_cross_entropy(q, torch.zeros_like(q))
        return Loss(loss, {"critic_loss": loss})

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor) -> Loss:
        """-log D(fake), or log(1 - D(fake))."""
        q = critic(fake)
        wanted = torch.zeros_like(q) if self.saturating else torch.ones_like(q)
        loss = binary_cross_entropy(q, wanted) * (-1 if self.saturating else 1)
        return Loss(loss, {"generator_loss": loss})

    def constrain(self, critic: nn.Module) -> None:
        """Nothing holds it."""
