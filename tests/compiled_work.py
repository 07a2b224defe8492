"""Compiles the critic's and the generator's losses, and prints how far their gradients are from plain ones, as JSON.

For `training/engines/test_engines.py`, in a process of its own: the type checks that the suite adds to every function
cannot be compiled.
"""

import json
from typing import NamedTuple

import torch

from wgan.networks import DCGAN, MLP
from wgan.objectives import R3GAN, WGANGP
from wgan.training import OPTIMIZERS, Batch, Draws, Game, Precision, Step, TrainState
from wgan.training.engines.compiled import Compiled
from wgan.training.engines.trials import disagreement
from wgan.training.randomness import RecordingNoise
from wgan.types import DataShape, Objective

CPU = torch.device("cpu")
SHAPE, SIZE, Z = (3, 16, 16), 8, 6
GAME = Game(WGANGP())
PAIRS = {
    "mlp": MLP(latent_size=Z, generator_widths=(8, 16), critic_widths=(16, 8)),
    "dcgan": DCGAN(latent_size=Z, generator_width=4, critic_width=4),
}
SIGNALS, VOLUMES = (1, 32), (1, 8, 8, 8)


def new_state(pair="mlp", optimizer="adam", shape=SHAPE):
    torch.manual_seed(0)
    networks, settings = PAIRS[pair], OPTIMIZERS[optimizer]()
    return TrainState(networks.generator(shape), networks.critic(shape), settings, settings, ema_decay=0.9, device=CPU)


def inputs(game=GAME, count=2, shape=SHAPE):
    draws, random = Draws(0, SIZE, Z, CPU), torch.Generator().manual_seed(1)
    real = [2 * torch.rand(SIZE, *shape, generator=random) - 1 for _ in range(count)]
    batches = [Batch(x, draws.critic_latents(i), draws.noise(i, shape)) for i, x in enumerate(real)]
    return Step(game, batches, [draws.generator_latents(0)])


class Case(NamedTuple):
    pair: str
    objective: Objective
    precision: Precision = "fp32"
    whole: bool = True
    shape: DataShape = SHAPE


CASES = {
    "an MLP": Case("mlp", WGANGP()),
    "InstanceNorm, the loss alone": Case("dcgan", WGANGP(), whole=False),
    "bf16, two penalties": Case("mlp", R3GAN(), "bf16"),
    "signals": Case("dcgan", WGANGP(), shape=SIGNALS),
    "volumes": Case("dcgan", WGANGP(), shape=VOLUMES),
}


def difference(case: Case) -> tuple[float, str]:
    step = inputs(Game(case.objective, True), shape=case.shape)
    noise = RecordingNoise(step.batches[0].noise)
    gradients = Compiled(case.precision, noise, whole=case.whole)
    step = step._replace(batches=[step.batches[0]._replace(noise=noise)])
    return disagreement(gradients, case.precision, new_state(case.pair, shape=case.shape), step)


if __name__ == "__main__":
    print(json.dumps({name: difference(case) for name, case in CASES.items()}))
