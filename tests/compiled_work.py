"""Compiles the critic's and the generator's losses, and prints how far their gradients are from plain ones, as JSON.

For `training/engines/test_engines.py`, in a process of its own: the type checks that the suite adds to functions cannot
be compiled.

A compiler takes a second for each kernel, and half a minute for each pair. So most graphs are traced, differentiated
and then computed by torch's own kernels. Three cases are compiled (WITH_KERNELS), and so are the twenty steps without a
condition; with WGAN_TEST_KERNELS=all, all are.
"""

import json
import os
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import NamedTuple
from unittest import mock

import torch
from torch import nn
from torch.utils._pytree import tree_map_only

from helpers import CONDITIONS, some_conditions
from wgan.augmentation import ADA, DiffAugment
from wgan.networks import DCGAN, MLP, R3GAN as GroupedBlocks, ResNet, SmallConv
from wgan.objectives import GAN, R3GAN, WGANGP, Composed
from wgan.training import OPTIMIZERS, Draws, Game, Mode, Precision, TrainState, Unusable, build_engine, inputs as drawn
from wgan.training.engines.compiled import Compiled
from wgan.training.engines.fakes import Maker
from wgan.training.engines.trials import disagreement
from wgan.training.randomness import DrawnNoise, RecordingNoise
from wgan.types import Augmentation, DataShape, Objective, SampleSpec

CPU = torch.device("cpu")
SHAPE, SIZE, Z = (3, 16, 16), 8, 6
GAME = Game(WGANGP())
PAIRS = {
    "mlp": MLP(latent_size=Z, generator_widths=(8, 16), critic_widths=(16, 8)),
    "dcgan": DCGAN(latent_size=Z, generator_width=4, critic_width=4),
}
OTHERS = {
    "small-conv": SmallConv(latent_size=Z),
    "resnet": ResNet(latent_size=Z, generator_width=4, critic_width=4),
    "r3gan": GroupedBlocks(latent_size=Z, generator_width=4, critic_width=4, blocks=1, group=2),
    "batch norms": DCGAN(latent_size=Z, generator_width=4, critic_width=4, critic_norm="batch"),
    "concatenation": replace(PAIRS["mlp"], conditioning="concatenation"),
}


class Remembering(nn.Module):
    """A network with a buffer that it does not change in place: a moving average of what it is given."""

    def __init__(self, network):
        super().__init__()
        self.network = network
        self.register_buffer("memory", torch.zeros(()))

    def forward(self, x):
        self.memory = 0.9 * self.memory + 0.1 * x.detach().mean()
        return self.network(x) * (1 + self.memory)


class Rememberers:
    """A pair of them."""

    def generator(self, spec):
        return Remembering(PAIRS["mlp"].generator(spec))

    def critic(self, spec):
        return Remembering(PAIRS["mlp"].critic(spec))


OWN = {"rememberers": Rememberers()}
SIGNALS, VOLUMES = (1, 32), (1, 8, 8, 8)
"""Of two stages: each further one of R3GAN's takes its compiler as long again."""
TWO_LATENTS = "twenty steps of two generator updates"
ASKED = "the same with a condition"
WEIGHT = "steps whose penalty weight changes"
REPLACED = "buffers that are replaced"
REFUSED = "buffers that are replaced within a slope"


def new_state(pair="mlp", optimizer="adam", shape=SHAPE, condition=None):
    torch.manual_seed(0)
    networks, settings = (PAIRS | OTHERS | OWN)[pair], OPTIMIZERS[optimizer]()
    spec = replace(SampleSpec.of(shape), condition=condition and CONDITIONS[condition])
    return TrainState(networks.generator(spec), networks.critic(spec), settings, settings, ema_decay=0.9, device=CPU)


def inputs(game=GAME, count=2, shape=SHAPE, latents=1, condition=None):
    """A step whose batches have the conditions of that name, if there is one; an augmentation changes every second."""
    draws, random = Draws(0, SIZE, Z, CPU), torch.Generator().manual_seed(1)
    real = [2 * torch.rand(SIZE, *shape, generator=random) - 1 for _ in range(count)]
    return drawn(
        0,
        game,
        real.__getitem__,
        draws,
        critic_steps=count,
        generator_steps=latents,
        augmented=0.5,
        conditions=lambda number: condition and some_conditions(CONDITIONS[condition], SIZE, number),
    )


def in_double(state, step):
    """The same networks and inputs in double precision."""
    for network in (state.generator, state.critic, state.ema):
        network.double()
    batches = [b._replace(noise=DrawnNoise(b.noise.uniform(), b.noise.normal())) for b in step.batches]
    return state, tree_map_only(torch.Tensor, torch.Tensor.double, step._replace(batches=batches))


def moves(mode, state, step, count=2):
    """How far the weights, and the buffers, move in so many steps of an engine, each in one vector."""

    def tensors():
        networks = state.generator, state.critic
        weights = [p.detach().clone() for network in networks for p in network.parameters()]
        return weights, [b.clone() for network in networks for b in network.buffers()]

    for optimizer in (state.critic_optimizer, state.generator_optimizer):
        optimizer.param_groups[0]["lr"] = 1e-4  # or the first step would decide about the second
    before = tensors()
    engine = build_engine(mode, state, step)
    for _ in range(count):
        terms = engine(state, step)
    assert all(bool(value.isfinite()) for value in terms.values())
    pairs = [list(zip(old, new, strict=True)) for old, new in zip(before, tensors(), strict=True)]
    return [torch.cat([torch.zeros(1), *((new - old).double().flatten() for old, new in of)]) for of in pairs]


def astray(mode, pair, shape, latents, condition=None, count=2, objective=GAME.objective):
    """By how much of their length so many steps of an engine differ from those of double precision: the most of both.

    Running statistics are buffers; an engine may change them in a way of its own.
    """

    def given():
        step = inputs(Game(objective, True), shape=shape, latents=latents, condition=condition)
        return new_state(pair, "sgd", shape, condition), step

    found, double = moves(mode, *given(), count), moves(Mode(), *in_double(*given()), count)
    assert all(one.norm() > 0 for one in double), "a pair without weights, or without running statistics"
    return max(float((one - other).norm() / other.norm()) for one, other in zip(found, double, strict=True))


DIFFERENCES = Composed("relativistic", "zero-centred", ("line", "around-real"), slope="finite-difference")


def without_kernels():
    """In this context, graphs are traced and computed, and not compiled."""
    if os.environ.get("WGAN_TEST_KERNELS") == "all":
        return nullcontext()
    traced = partial(torch.compile, backend="aot_eager")
    return mock.patch("torch.compile", lambda function, *, options, **how: traced(function, **how))


class Case(NamedTuple):
    pair: str
    objective: Objective
    precision: Precision = "fp32"
    whole: bool = True
    shape: DataShape = SHAPE
    condition: str | None = None
    augmentation: Augmentation | None = None

    @property
    def kernels(self):
        return nullcontext() if self in [CASES[name] for name in WITH_KERNELS] else without_kernels()


CASES = {
    "an MLP": Case("mlp", WGANGP()),
    "changed pictures, InstanceNorm": Case("dcgan", WGANGP(), augmentation=ADA()),
    "changed pictures, the loss alone": Case("dcgan", WGANGP(), whole=False, augmentation=DiffAugment()),
    "bf16, two penalties": Case("mlp", R3GAN(), "bf16"),
    "finite differences": Case("mlp", DIFFERENCES),
    "changed signals": Case("dcgan", WGANGP(), shape=SIGNALS, augmentation=ADA()),
    "volumes": Case("dcgan", WGANGP(), shape=VOLUMES),
    "convolutions in groups, in bf16": Case("r3gan", R3GAN(), "bf16"),
    "BatchNorm in both networks": Case("batch norms", GAN()),
    "a condition": Case("mlp", WGANGP(), condition="mixture"),
    "a condition, in bf16": Case("mlp", R3GAN(), "bf16", condition="class"),
    "a condition, the loss alone": Case("dcgan", WGANGP(), whole=False, condition="labels"),
}

WITH_KERNELS = ("an MLP", "changed pictures, InstanceNorm", "bf16, two penalties")
"""An MLP, convolutions with InstanceNorm, at whose kernels compilers have failed, and bf16."""


def difference(case: Case) -> tuple[float, str]:
    game = Game(case.objective, True, augmentation=case.augmentation)
    state = new_state(case.pair, shape=case.shape, condition=case.condition)
    step, noise = recorded(inputs(game, shape=case.shape, condition=case.condition))
    with case.kernels:
        gradients = Compiled(case.precision, noise, Maker(state.generator, step), whole=case.whole)
        return disagreement(gradients, case.precision, state, step)


def recorded(step):
    """The step, and the noise of its first batch, which records what it is asked for."""
    noise = RecordingNoise(step.batches[0].noise)
    return step._replace(batches=[step.batches[0]._replace(noise=noise), *step.batches[1:]]), noise


def refused():
    """Why steps are not compiled whose critic replaces a buffer while its slope is taken: it would be lost."""
    try:
        build_engine(Mode(compiled=True), new_state("rememberers"), inputs())
    except Unusable as unusable:
        return str(unusable)
    return ""


def with_changing_weight():
    """How far the critic's gradients are from plain ones, the most of steps that have one graph together."""
    state, found = new_state(), 0.0
    noise = RecordingNoise(inputs().batches[0].noise)
    gradients = Compiled("fp32", noise, Maker(state.generator, inputs()), whole=True)
    for weight in (10.0, 3.0, 0.1):
        step = inputs(Game(WGANGP(penalty_weight=weight), weight_changes=True))
        step = step._replace(batches=[step.batches[0]._replace(noise=noise), *step.batches[1:]])
        found = max(found, disagreement(gradients, "fp32", state, step)[0])
        torch._dynamo.config.error_on_recompile = True
    torch._dynamo.config.error_on_recompile = False
    return found


if __name__ == "__main__":
    found = {name: difference(case) for name, case in CASES.items()}
    found[TWO_LATENTS] = astray(Mode(compiled=True), "mlp", SHAPE, latents=2, count=20)
    with without_kernels():
        found[ASKED] = astray(Mode(compiled=True), "mlp", SHAPE, latents=2, condition="mixture", count=20)
        found[REPLACED] = astray(Mode(compiled=True), "rememberers", SHAPE, latents=1, objective=GAN())
        found[REFUSED] = refused()
        found[WEIGHT] = with_changing_weight()
    print(json.dumps(found))
