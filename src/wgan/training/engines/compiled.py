"""Compiled gradients: each loss and its gradients as one graph of fused kernels."""

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from types import FunctionType
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value

from wgan.networks.grouped import differentiable
from wgan.training.engines.fakes import Maker
from wgan.training.precision import Network, Precision, with_precision
from wgan.training.randomness import RecordingNoise
from wgan.training.state import TrainState
from wgan.training.steps import Batch, Game, GeneratorBatch, Step, detached, fakes
from wgan.types import Conditions, Latents, Loss, Penalised, Samples, Terms
from wgan.types.bound import bound

Tensors = dict[str, Tensor]
"""Weights, gradients or buffers, by name."""
Lost = tuple[Tensor, tuple[Tensors, Tensors, Tensors]]
"""A loss; its terms, and the buffers of the trained network and of the other one after it."""


class Compiled:
    """Losses and gradients by `torch.compile`, for one process.

    The fakes of all critic updates are made before the first, by one call where that is the same (`Maker`). With
    `whole`, the graph of a loss contains its gradients, by `torch.func`: that is the fastest. Without, the graph ends
    with the loss and its backward pass is a second graph, which more networks and compilers support. Shapes are fixed:
    with symbolic ones, the second derivative of InstanceNorm does not compile (torch 2.13).
    """

    def __init__(self, precision: Precision, noise: RecordingNoise, maker: Maker, *, whole: bool) -> None:
        self._precision, self._noise, self._maker, self._whole = precision, noise, maker, whole
        self._fakes = _compiled(_fakes)
        self._critic = _compiled(_critic_gradients if whole else _critic_loss)
        self._generator = _compiled(_generator_gradients if whole else _generator_loss)

    def batches(self, state: TrainState, step: Step) -> Iterator[Batch]:
        return self._maker(state.generator, step.batches, self._make)

    def of_critic(self, state: TrainState, game: Game, batch: Batch) -> Terms:
        fake = self._make(state.generator, batch.z, batch.condition) if batch.fake is None else batch.fake
        batch = batch._replace(noise=self._noise.draw(batch.noise), fake=fake)
        game = _with_weight_as_input(game, state.device) if game.weight_changes else game
        if self._whole:
            return _given(state.critic, *self._critic(state.critic, game, self._precision, batch))
        return _backward(state.critic, self._critic(state.critic, game, self._precision, batch))

    def of_generator(self, state: TrainState, game: Game, batch: GeneratorBatch) -> Terms:
        networks = state.generator, state.critic
        if self._whole:
            return _given(state.generator, *self._generator(*networks, game, self._precision, batch))
        return _backward(state.generator, self._generator(*networks, game, self._precision, batch))

    def _make(self, generator: nn.Module, z: Latents, condition: Conditions | None) -> Samples:
        made: Samples = self._fakes(generator, self._precision, z, condition)
        return made


def _given(network: nn.Module, gradients: Tensors, terms: Mapping[str, Tensor]) -> Terms:
    """Leave gradients in the `grad` of the weights."""
    for name, weight in _weights(network).items():
        gradient = gradients[name]
        if gradient.stride() != weight.stride():  # fused updates pair numbers by their places
            gradient = torch.empty_like(weight).copy_(gradient)
        weight.grad = gradient
    return dict(terms)


def _backward(network: nn.Module, loss: Loss) -> Terms:
    """Leave the gradients of a loss in the `grad` of the weights."""
    weights = list(_weights(network).values())
    for weight in weights:
        weight.grad = None
    loss.value.backward(inputs=weights)
    return detached(loss)


def _with_weight_as_input(game: Game, device: torch.device) -> Game:
    """The same game, whose penalty weight is a tensor: a number would be a constant of the graph, compiled anew."""
    assert isinstance(game.objective, Penalised)
    objective = copy(game.objective)
    object.__setattr__(objective, "penalty_weight", torch.full((), game.objective.penalty_weight, device=device))
    return replace(game, objective=objective)


def _weights(network: nn.Module) -> Tensors:
    return {name: weight for name, weight in network.named_parameters() if weight.requires_grad}


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a copy of the function: of functions that share their code, torch keeps no more than eight graphs."""
    assert isinstance(function, FunctionType)
    parts = function.__globals__, function.__name__, function.__defaults__, function.__closure__
    own = FunctionType(function.__code__.replace(), *parts)
    torch.compiler.allow_in_graph(differentiable)  # here, since it imports the compiler
    # fallback_random: dropout draws what it draws without compilation.
    return torch.compile(own, dynamic=False, fullgraph=True, options={"fallback_random": True})


# What follows is compiled.


def _fakes(generator: nn.Module, precision: Precision, z: Latents, condition: Conditions | None) -> Samples:
    return fakes(with_precision(bound(generator, condition), precision), z)


def _critic_loss(critic: nn.Module, game: Game, precision: Precision, batch: Batch) -> Loss:
    return _lost_by_critic(bound(critic, batch.condition), game, precision, batch)


def _generator_loss(
    generator: nn.Module, critic: nn.Module, game: Game, precision: Precision, batch: GeneratorBatch
) -> Loss:
    scored = _called(critic, _frozen(critic), {}, batch.condition)
    return _lost_by_generator(bound(generator, batch.condition), scored, game, precision, batch)


def _critic_gradients(critic: nn.Module, game: Game, precision: Precision, batch: Batch) -> tuple[Tensors, Tensors]:
    def lost(weights: Tensors, buffers: Tensors, others: Tensors) -> Lost:
        loss = _lost_by_critic(_called(critic, weights, buffers, batch.condition), game, precision, batch)
        return loss.value, (dict(loss.terms), buffers, others)

    return _differentiated(lost, critic, {})


def _generator_gradients(
    generator: nn.Module, critic: nn.Module, game: Game, precision: Precision, batch: GeneratorBatch
) -> tuple[Tensors, Tensors]:
    def lost(weights: Tensors, buffers: Tensors, others: Tensors) -> Lost:
        made = _called(generator, weights, buffers, batch.condition)
        scored = _called(critic, _frozen(critic), others, batch.condition)
        loss = _lost_by_generator(made, scored, game, precision, batch)
        return loss.value, (dict(loss.terms), buffers, others)

    return _differentiated(lost, generator, dict(critic.named_buffers()))


def _lost_by_critic(critic: Network, game: Game, precision: Precision, batch: Batch) -> Loss:
    assert batch.fake is not None
    scored = with_precision(critic, precision, independent_scores=game.independent_scores)
    return game.objective.critic_loss(scored, *game.seen(batch.real, batch.fake, batch.views), batch.noise)


def _lost_by_generator(
    generator: Network, critic: Network, game: Game, precision: Precision, batch: GeneratorBatch
) -> Loss:
    made = with_precision(generator, precision)(batch.z)
    return game.objective.generator_loss(with_precision(critic, precision), *game.seen(batch.real, made, batch.views))


def _frozen(network: nn.Module) -> Tensors:
    """Its weights without gradients: else the graph would compute the critic's beside the generator's."""
    return {name: weight.detach() for name, weight in _weights(network).items()}


def _called(network: nn.Module, weights: Tensors, buffers: Tensors, condition: Conditions | None) -> Network:
    def call(x: Tensor, *asked: Tensor) -> Any:
        held = {**weights, **buffers}
        result = functional_call(network, held, (x, *asked))
        buffers.update({name: held[name] for name in buffers})  # a network may put others in their place
        return result

    return bound(call, condition)


def _differentiated(
    lost: Callable[[Tensors, Tensors, Tensors], Lost], network: nn.Module, others: Tensors
) -> tuple[Tensors, Tensors]:
    """The gradients of a loss with respect to a network's weights, and its terms; the buffers change as in its pass.

    A function that is differentiated may only change its own tensors, so buffers are passed to it and copied back.
    """
    buffers = dict(network.named_buffers())
    copies = [{name: buffer.clone() for name, buffer in held.items()} for held in (buffers, others)]
    gradients, (_, (terms, *after)) = grad_and_value(lost, has_aux=True)(_frozen(network), *copies)
    with torch.no_grad():
        for held, changed in zip((buffers, others), after, strict=True):
            for name, buffer in held.items():
                buffer.copy_(changed[name])
    return gradients, terms
