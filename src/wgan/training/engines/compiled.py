"""Compiled gradients: each loss and its gradients as one graph of fused kernels."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from functools import partial
from types import FunctionType
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value

from wgan.training.precision import Precision, with_precision
from wgan.training.randomness import RecordingNoise
from wgan.training.state import TrainState
from wgan.training.steps import Batch, Game, GeneratorBatch, detached, fakes
from wgan.types import Loss, Penalised, Terms
from wgan.types.bound import bound

Weights = dict[str, Tensor]


class Compiled:
    """Losses and gradients by `torch.compile`, for one process.

    With `whole`, the graph of the critic's loss contains its gradients, by `torch.func`: that is the fastest. Without,
    the graph ends with the loss and its backward pass is a second graph, which more networks and compilers support.
    Shapes are fixed: with symbolic ones, the second derivative of InstanceNorm does not compile (torch 2.13).
    """

    def __init__(self, precision: Precision, noise: RecordingNoise, *, whole: bool) -> None:
        self._precision, self._noise, self._whole = precision, noise, whole
        self._critic = _compiled(_critic_gradients if whole else _critic_loss)
        self._generator = _compiled(_generator_loss)

    def of_critic(self, state: TrainState, game: Game, batch: Batch) -> Terms:
        weights = _weights(state.critic)
        batch = batch._replace(noise=self._noise.draw(batch.noise))
        game = _with_weight_as_input(game, state.device) if game.weight_changes else game
        call = partial(self._critic, state.generator, state.critic, game, self._precision, batch)
        if not self._whole:
            state.critic_optimizer.zero_grad()
            loss: Loss = call()
            loss.value.backward(inputs=list(weights.values()))
            return detached(loss)
        gradients, terms = call({name: weight.detach() for name, weight in weights.items()})
        for name, weight in weights.items():
            gradient = gradients[name]
            if gradient.stride() != weight.stride():  # fused updates pair numbers by their places
                gradient = torch.empty_like(weight).copy_(gradient)
            weight.grad = gradient
        return dict(terms)

    def of_generator(self, state: TrainState, game: Game, batch: GeneratorBatch) -> Terms:
        frozen = {name: weight.detach() for name, weight in _weights(state.critic).items()}
        loss = self._generator(state.generator, state.critic, frozen, game, self._precision, batch)
        state.generator_optimizer.zero_grad()
        loss.value.backward(inputs=list(_weights(state.generator).values()))
        return detached(loss)


def _with_weight_as_input(game: Game, device: torch.device) -> Game:
    """The same game, whose penalty weight is a tensor: a number would be a constant of the graph, compiled anew."""
    assert isinstance(game.objective, Penalised)
    objective = copy(game.objective)
    object.__setattr__(objective, "penalty_weight", torch.full((), game.objective.penalty_weight, device=device))
    return replace(game, objective=objective)


def _weights(network: nn.Module) -> Weights:
    return {name: weight for name, weight in network.named_parameters() if weight.requires_grad}


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a copy of the function: of functions that share their code, torch keeps no more than eight graphs."""
    assert isinstance(function, FunctionType)
    parts = function.__globals__, function.__name__, function.__defaults__, function.__closure__
    own = FunctionType(function.__code__.replace(), *parts)
    # fallback_random: dropout draws what it draws without compilation.
    return torch.compile(own, dynamic=False, fullgraph=True, options={"fallback_random": True})


def _critic_gradients(
    generator: nn.Module, critic: nn.Module, game: Game, precision: Precision, batch: Batch, weights: Weights
) -> tuple[Weights, Mapping[str, Tensor]]:
    made = fakes(with_precision(bound(generator, batch.condition), precision), batch.z)
    real, fake = game.seen(batch.real, made, batch.views)

    def loss(weights: Weights) -> tuple[Tensor, Mapping[str, Tensor]]:
        held = bound(lambda x, *condition: functional_call(critic, weights, (x, *condition)), batch.condition)
        scored = with_precision(held, precision, independent_scores=game.independent_scores)
        return tuple(game.objective.critic_loss(scored, real, fake, batch.noise))  # type: ignore[return-value]

    gradients, (_, terms) = grad_and_value(loss, has_aux=True)(weights)
    return gradients, terms


def _critic_loss(generator: nn.Module, critic: nn.Module, game: Game, precision: Precision, batch: Batch) -> Loss:
    held = bound(critic, batch.condition)
    scored = with_precision(held, precision, independent_scores=game.independent_scores)
    made = fakes(with_precision(bound(generator, batch.condition), precision), batch.z)
    real, fake = game.seen(batch.real, made, batch.views)
    return game.objective.critic_loss(scored, real, fake, batch.noise)


def _generator_loss(
    generator: nn.Module,
    critic: nn.Module,
    frozen: Weights,
    game: Game,
    precision: Precision,
    batch: GeneratorBatch,
) -> Loss:
    # With weights that require a gradient, the graph would compute the critic's beside the generator's.
    held = bound(lambda x, *asked: functional_call(critic, frozen, (x, *asked)), batch.condition)
    made = with_precision(bound(generator, batch.condition), precision)(batch.z)
    real, fake = game.seen(batch.real, made, batch.views)
    return game.objective.generator_loss(with_precision(held, precision), real, fake)
