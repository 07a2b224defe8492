"""What tests have several processes do: each function is called in all of them, with the rank first."""

import os
import signal
import sys
import time
from dataclasses import replace
from typing import NamedTuple

import pytest
import torch
from torch import nn

from helpers import CONDITIONS, small_experiment, some_conditions
from wgan.errors import InputError
from wgan.networks import DCGAN
from wgan.objectives import GAN, R3GAN, WGAN, WGANGP, Hinge
from wgan.training import (
    SGD,
    Adam,
    Draws,
    Eager,
    Game,
    Mode,
    RMSprop,
    Stepwise,
    TrainState,
    Window,
    joined,
    sync_norms,
    train,
)
from wgan.types import SampleSpec

BATCH, STEPS, CPU = 10, 6, torch.device("cpu")


class Unused(nn.Module):
    """A critic with a weight that no loss reaches, and a bias that no penalty does."""

    def __init__(self):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(3, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
        self.spare = nn.Parameter(torch.ones(2))

    def forward(self, x):
        return self.score(x).squeeze(1)


def mixing_critic():
    """One for objectives without a penalty: its scores depend on the whole batch."""
    norm = nn.BatchNorm1d(8, track_running_stats=False)
    return nn.Sequential(nn.Linear(3, 8, bias=False), norm, nn.LeakyReLU(0.2), nn.Linear(8, 1), nn.Flatten(0))


class Case(NamedTuple):
    objective: object
    critic: object = Unused
    optimizer: object = Adam(1e-2)
    shape: tuple[int, ...] = (3,)
    condition: str | None = None


CASES = {
    "wgan-gp": Case(WGANGP()),
    "r3gan": Case(R3GAN()),
    "a penalty under SGD that would move a zero gradient": Case(WGANGP(), optimizer=SGD(1e-2, 0.5, 0.1)),
    "hinge": Case(Hinge(), mixing_critic),
    "gan": Case(GAN(), mixing_critic),
    "clipping": Case(WGAN(), mixing_critic, RMSprop(1e-3)),
    "signals": Case(WGANGP(), shape=(2, 16)),
    "volumes": Case(WGANGP(), shape=(1, 8, 8, 8)),
    "a condition": Case(R3GAN(), shape=(1, 8, 8), condition="mixture"),
}


class DoubleDraws(Draws):
    def _moved(self, drawn):
        return super()._moved(drawn).double()


def networks_for(case):
    """Its networks: MLPs for points, DCGANs for others."""
    if len(case.shape) > 1:
        pair = DCGAN(latent_size=4, generator_width=2, critic_width=2, critic_norm="layer")
        spec = replace(SampleSpec.of(case.shape), condition=case.condition and CONDITIONS[case.condition])
        return pair.generator(spec), pair.critic(spec)
    norms = nn.BatchNorm1d(8), nn.BatchNorm1d(8, momentum=None, affine=False)
    # No biases before a norm, here or in the critic: they have no gradient but rounding, which Adam makes a step of.
    layers = [nn.Linear(ins, outs, bias=False) for ins, outs in ((4, 8), (8, 8), (8, 3))]
    return nn.Sequential(layers[0], norms[0], nn.ReLU(), layers[1], norms[1], layers[2]), case.critic()


def trained(name):
    """All weights, buffers and terms of a run, in this process or in several."""
    case = CASES[name]
    torch.manual_seed(3)
    generator, critic = (network.double() for network in networks_for(case))
    data = torch.randn(100, *case.shape, dtype=torch.float64)
    asked = some_conditions(CONDITIONS[case.condition], 100).double() if case.condition else None
    with joined(CPU, BATCH, 60) as world:
        state = TrainState(generator, critic, case.optimizer, case.optimizer, ema_decay=0.9, device=CPU)
        for network in (state.generator, state.critic):
            sync_norms(network, world)
        draws, window = DoubleDraws(5, BATCH, 4, CPU, world), Window(world)

        def share_of(table, number):
            return table[torch.arange(number * BATCH, (number + 1) * BATCH) % len(table)][world.share]

        def conditions(number):
            return None if asked is None else share_of(asked, number)

        for record in train(
            state,
            Game(case.objective),
            lambda number: share_of(data, number),
            draws,
            conditions=conditions,
            critic_steps=2,
            until=STEPS,
            engine=Stepwise(Mode(), Eager(world=world)),
        ):
            window.add(record)
        window.share()
        networks = {"generator": state.generator, "critic": state.critic, "ema": state.ema}
        found = {f"{n}.{k}": v.tolist() for n, network in networks.items() for k, v in network.state_dict().items()}
        return found | {name: values.tolist() for name, values in window.state_dict().items()}


def all_trained(rank):
    return {name: trained(name) for name in CASES}


def agreements(rank):
    with joined(CPU, 4, 60) as world:
        first = world.broadcast({"rank": rank, "tensor": torch.full((2,), float(rank))})
        world.require_same("digest", "data")
        with pytest.raises(InputError, match="Process 1 of 3 was given other data"):  # in all of them
            world.require_same(f"digest {rank == 1}", "data")
        return (
            world.all_max(rank * 7),
            first["rank"],
            first["tensor"].tolist(),
            world.share,
            world.weight,
            world.is_main,
        )


def losing(rank, how):
    with joined(CPU, 4, 2) as world:
        world.barrier()
        if rank == 1:
            if how == "ends":
                os._exit(9)
            time.sleep(3600)
        world.barrier()


def changing(rank):
    class Changing(Unused):
        calls = 0

        def forward(self, x):
            self.calls += 1
            return super().forward(x) + (self.spare.sum() if self.calls > 4 else 0)

    with joined(CPU, 4, 60) as world:
        critic = Changing()
        for _ in range(4):
            critic.zero_grad()
            world.backward(critic(torch.ones(2, 3)).mean(), critic)
        critic.zero_grad()
        world.backward(critic(torch.ones(2, 3)).mean(), critic)


def too_many(rank):
    with joined(CPU, 1, 60):
        pass


def left_every_bound(rank, out, choice, settings):
    """The step that a run ends at."""
    with joined(CPU, 8, 60) as world:
        running = small_experiment(out, world=world, on_divergence=choice, **settings)
        for _ in running.events():
            pass
        return running.state.step


def interrupted(rank, out):
    """A run of which only the second process is sent a signal."""
    with joined(CPU, 8, 60) as world:
        for event in small_experiment(out, world=world).events():
            if event.step == 4 and rank == 1:
                signal.raise_signal(signal.SIGTERM)


def ended_early(rank, out, settings):
    """Where each process stands once a metric has ended the run, and again when the run is opened anew."""
    found = []
    with joined(CPU, 8, 60) as world:
        for _ in range(2):
            with small_experiment(out, world=world, **settings) as running:
                steps = [event.step for event in running.events()]
            found.append((running.state.step, running.complete, len(steps)))
    return found


def fitted_apart(rank, out, settings):
    """What each process fits the run to, if it has spent another time before."""
    experiment = sys.modules["wgan.experiment.train"]
    experiment.left_of = lambda budget, spent: budget * (1 + rank)
    sys.modules["wgan.experiment.trainer"].seconds_of_a_step = lambda loop, budget, known: 0.001
    with joined(CPU, 8, 60) as world, small_experiment(out, world=world, **settings) as running:
        return running.config.training, running.state.ema_decay, running.planned.config


def fitted_together(rank, out, settings):
    """How many steps each process makes of a fraction of a second, and which average it keeps."""
    with joined(CPU, 8, 60) as world, small_experiment(out, world=world, **settings) as running:
        list(running.events())
        return running.state.step, running.config.training, running.state.ema_decay
