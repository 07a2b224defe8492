"""Mistakes that no setting can make: objectives, critics and generators as people write them by accident."""

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

import wgan
from wgan.objectives.gradient import input_gradient
from wgan.types import Critic, DataShape, Noise


@dataclass(frozen=True)
class Detached(wgan.WGAN):
    """A tutorial's WGAN: the fakes are cut from the generator before its own loss, so that it never learns."""

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor) -> wgan.Loss:
        """Minus the mean score of fakes that carry no graph."""
        return super().generator_loss(critic, real, fake.detach())


@dataclass(frozen=True)
class NormOverChannels(wgan.WGANGP):
    """WGAN-GP whose gradient norm is taken over the channels alone: `gradient.norm(2, dim=1)` on pictures."""

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, noise: Noise) -> wgan.Loss:
        """Holds the slope of each pixel at one instead of that of the whole picture."""
        distance = critic(real).mean() - critic(fake).mean()
        alpha = noise.uniform().reshape(-1, *[1] * (real.ndim - 1))
        gradient, _ = input_gradient(critic, fake.lerp(real, alpha))
        slope = torch.linalg.vector_norm(gradient, dim=1)
        penalty = (slope - 1).square().mean()
        loss = -distance + self.penalty_weight * penalty
        terms = {"critic_loss": loss, "distance": distance, "penalty": penalty, "gradient_norm": slope.mean()}
        return wgan.Loss(loss, terms)


@dataclass(frozen=True)
class CriticFlipped(wgan.WGANGP):
    """WGAN-GP whose critic scores real data low, while the generator still wants high scores: both agree."""

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, noise: Noise) -> wgan.Loss:
        """The players' roles of real and fake exchanged; the terms are of the real and the fake."""
        loss = super().critic_loss(critic, fake, real, noise)
        return loss._replace(terms={**loss.terms, "distance": -loss.terms["distance"]})


@dataclass(frozen=True)
class BothFlipped(CriticFlipped):
    """The other convention, real low and fake high, in both players: a valid game, read backwards."""

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor) -> wgan.Loss:
        """The mean score of the fakes."""
        loss = critic(fake).mean()
        return wgan.Loss(loss, {"generator_loss": loss})


def _linear_stack(sizes: tuple[int, ...], activation: type[nn.Module]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), activation()]
    return layers


def sigmoid_critic(shape: DataShape, width: int) -> nn.Module:
    """A critic that ends in a sigmoid, as a discriminator's does in many a tutorial."""
    hidden = _linear_stack((math.prod(shape), width, width), nn.LeakyReLU)
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(width, 1), nn.Sigmoid())


def batchnorm_critic(shape: DataShape, width: int) -> nn.Module:
    """A critic with BatchNorm after each activation: the scores of any batch have the same mean, real or fake."""
    layers: list[nn.Module] = [nn.Flatten()]
    for inputs in (math.prod(shape), width):
        layers += [nn.Linear(inputs, width), nn.LeakyReLU(0.2), nn.BatchNorm1d(width, track_running_stats=False)]
    return nn.Sequential(*layers, nn.Linear(width, 1))


def dead_critic(shape: DataShape, width: int) -> nn.Module:
    """A critic whose last hidden ReLUs begin far below zero and get no gradient: one score for everything."""
    hidden = _linear_stack((math.prod(shape), width, width), nn.ReLU)
    last = hidden[-2]
    assert isinstance(last, nn.Linear)
    nn.init.constant_(last.bias, -100.0)
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(width, 1))


def deep_sigmoid_critic(shape: DataShape, width: int, depth: int) -> nn.Module:
    """Sigmoid on sigmoid: each layer passes on at most a quarter of the gradient."""
    hidden = _linear_stack((math.prod(shape), *[width] * depth), nn.Sigmoid)
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(width, 1))


def exploding_critic(shape: DataShape, width: int, depth: int, gain: float) -> nn.Module:
    """Deep linear layers with ReLU whose weights begin `gain` times as large as He et al. 2015 has them."""
    hidden = _linear_stack((math.prod(shape), *[width] * depth), nn.ReLU)
    for layer in hidden:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            layer.weight.data.mul_(gain)
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(width, 1))


def bounded_generator(shape: DataShape, width: int, latent_size: int, end: type[nn.Module]) -> nn.Module:
    """A generator that ends in `end`, whatever the range of the data."""
    hidden = _linear_stack((latent_size, width, width), nn.LeakyReLU)
    return nn.Sequential(*hidden, nn.Linear(width, math.prod(shape)), end(), nn.Unflatten(1, shape))
