"""Compiled gradients: each loss and its gradients as one graph of fused kernels."""

from collections.abc import Callable, Mapping
from functools import partial
from types import FunctionType
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value

from wgan.training.engines.noise import RecordingNoise
from wgan.training.precision import Precision, with_precision
from wgan.training.state import TrainState
from wgan.training.steps import Batch, Game, detached, fakes
from wgan.types import Latents, Loss, Objective, Samples, Terms

Weights = dict[str, Tensor]


class Compiled:
    """Losses and gradients by `torch.compile`; for one process.

    Of the critic's loss, the gradients are taken by `torch.func` within the graph (`whole`), which is the fastest; or
    the graph ends with the loss, and its backward pass is a second one, which more networks and compilers can do.
    Shapes are fixed: with symbolic ones, the second derivative of InstanceNorm does not compile (torch 2.13).
    """

    def __init__(self, precision: Precision, noise: RecordingNoise, *, whole: bool) -> None:
        self._precision, self._noise, self._whole = precision, noise, whole
        self._critic = _compiled(_critic_gradients if whole else _critic_loss)
        self._generator = _compiled(_generator_loss)

    def of_critic(self, state: TrainState, game: Game, batch: Batch) -> Terms:
        """See `Gradients`."""
        weights, precision = _weights(state.critic), self._precision
        batch = batch._replace(noise=self._noise.draw(batch.noise))
        call = partial(self._critic, state.generator, state.critic, game.objective, precision, game.independent_scores)
        if not self._whole:
            state.critic_optimizer.zero_grad()
            loss: Loss = call(batch)
            loss.value.backward(inputs=list(weights.values()))
            return detached(loss)
        gradients, terms = call({name: weight.detach() for name, weight in weights.items()}, batch)
        for name, weight in weights.items():
            gradient = gradients[name]
            if gradient.stride() != weight.stride():  # fused updates pair numbers by their places
                gradient = torch.empty_like(weight).copy_(gradient)
            weight.grad = gradient
        return dict(terms)

    def of_generator(self, state: TrainState, game: Game, real: Samples, z: Latents) -> Terms:
        """See `Gradients`."""
        frozen = {name: weight.detach() for name, weight in _weights(state.critic).items()}
        loss = self._generator(state.generator, state.critic, frozen, game.objective, self._precision, real, z)
        state.generator_optimizer.zero_grad()
        loss.value.backward(inputs=list(_weights(state.generator).values()))
        return detached(loss)


def _weights(network: nn.Module) -> Weights:
    return {name: weight for name, weight in network.named_parameters() if weight.requires_grad}


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as graphs of its own: of functions that share their code, torch keeps no more than eight."""
    assert isinstance(function, FunctionType)
    parts = function.__globals__, function.__name__, function.__defaults__, function.__closure__
    own = FunctionType(function.__code__.replace(), *parts)
    # fallback_random: dropout draws what it draws without compilation.
    return torch.compile(own, dynamic=False, fullgraph=True, options={"fallback_random": True})


def _critic_gradients(
    generator: nn.Module,
    critic: nn.Module,
    objective: Objective,
    precision: Precision,
    independent_scores: bool,
    weights: Weights,
    batch: Batch,
) -> tuple[Weights, Mapping[str, Tensor]]:
    fake = fakes(with_precision(generator, precision), batch.z)

    def loss(weights: Weights) -> tuple[Tensor, Mapping[str, Tensor]]:
        scored = with_precision(
            lambda x: functional_call(critic, weights, (x,)), precision, independent_scores=independent_scores
        )
        return tuple(objective.critic_loss(scored, batch.real, fake, batch.noise))  # type: ignore[return-value]

    gradients, (_, terms) = grad_and_value(loss, has_aux=True)(weights)
    return gradients, terms


def _critic_loss(
    generator: nn.Module,
    critic: nn.Module,
    objective: Objective,
    precision: Precision,
    independent_scores: bool,
    batch: Batch,
) -> Loss:
    scored = with_precision(critic, precision, independent_scores=independent_scores)
    return objective.critic_loss(scored, batch.real, fakes(with_precision(generator, precision), batch.z), batch.noise)


def _generator_loss(
    generator: nn.Module,
    critic: nn.Module,
    frozen: Weights,
    objective: Objective,
    precision: Precision,
    real: Samples,
    z: Latents,
) -> Loss:
    # Weights that want no gradient, or the graph would compute the critic's with the generator's.
    scored = with_precision(lambda x: functional_call(critic, frozen, (x,)), precision)
    return objective.generator_loss(scored, real, with_precision(generator, precision)(z))
