"""Penalties by finite differences against exact ones: their gradients and their time.

    python benchmarks/penalties.py [gradients|speed ...]

The modes that they find: `toy_modes.py`, `r3gan` and `r3gan-differences`. `gradients`: the cosine between the gradients
by the critic's weights of the exact R1 penalty and of one by finite differences, on critics that were trained a little,
and how many times as long the approximate one is. The mean and the deviation over `DRAWS` directions, for several
`sigma`; with kinks (LeakyReLU), and with SiLU in their place. `speed`: milliseconds of a critic update, by turns in one
process, on one thread, and ratios within each round.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from wgan.data import open_pack, open_source
from wgan.networks import DCGAN
from wgan.objectives import R1, R3GAN, WGANGP, Composed
from wgan.recipes import recipe
from wgan.training import Adam, Batch, Draws, Eager, Game, TrainState
from wgan.training.steps import critic_step
from wgan.types import Architecture, Objective, Samples, SampleSpec

CPU = torch.device("cpu")
DRAWS, ROUNDS = 20, 15
SIGMAS = (0.001, 0.01, 0.03, 0.1, 0.3)

DIFFERENCES = Composed("relativistic", "zero-centred", ("real", "fake"), 1.0, slope="finite-difference")
ON_THE_LINE = Composed("wasserstein", "zero-centred", ("line",), 10.0)


class Case(NamedTuple):
    """A state, and real samples for it."""

    name: str
    state: TrainState
    real: Samples
    draws: Draws


def digits(size: int, *, smooth: bool = False) -> Case:
    """The MLPs of `wgan-gp-digits`."""
    config = recipe("wgan-gp-digits")
    pack = open_pack(open_source("digits"), config.data.size, config.data.channels)
    real = pack.spec.to_samples(torch.from_numpy(pack.samples[:size].copy()))
    return _case("MLP, digits", config.networks, pack.spec, real, 200, smooth)


def dcgan(size: int, *, smooth: bool = False) -> Case:
    """DCGAN at 32x32, a quarter as wide as the paper's, on smooth random pictures."""
    coarse = torch.randn(size, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    real = nn.functional.interpolate(coarse, 32, mode="bilinear").tanh()
    networks = DCGAN(generator_width=16, critic_width=16)
    return _case("DCGAN, 32x32", networks, SampleSpec.picture(3, 32, 32), real, 50, smooth)


def _case(name: str, networks: Architecture, spec: SampleSpec, real: Samples, updates: int, smooth: bool) -> Case:
    """Networks after so many updates of the critic alone, by WGAN-GP."""
    torch.manual_seed(0)
    critic, adam = networks.critic(spec), Adam(learning_rate=1e-3)
    if smooth:
        name += ", SiLU"
        for part in list(critic.modules()):
            for place, layer in part.named_children():
                if isinstance(layer, nn.LeakyReLU):
                    setattr(part, place, nn.SiLU())
    state = TrainState(networks.generator(spec), critic, adam, adam, ema_decay=0.999, device=CPU)
    case = Case(name, state, real, Draws(0, len(real), networks.latent_size, CPU))
    for number in range(updates):
        critic_step(state, Game(WGANGP()), _batch(case, number), Eager())
    return case


def _batch(case: Case, number: int) -> Batch:
    return Batch(case.real, case.draws.critic_latents(number), case.draws.noise(number, tuple(case.real.shape[1:])))


def gradient(objective: Objective, case: Case, number: int) -> Tensor:
    """The gradient of the penalty alone, as one vector."""
    critic, batch = case.state.critic, _batch(case, number)
    with torch.no_grad():
        fake = case.state.generator(batch.z)
    penalty = objective.critic_loss(critic, case.real, fake, batch.noise).terms["penalty"]
    found = torch.autograd.grad(penalty, list(critic.parameters()), materialize_grads=True)
    return torch.cat([one.flatten() for one in found])


def gradients() -> None:
    print(f"gradients of R1: cosine to the exact one, and length by its, over {DRAWS} directions")
    for kind, smooth in ((digits, False), (digits, True), (dcgan, False), (dcgan, True)):
        for size in (64, 256):
            case = kind(size, smooth=smooth)
            exact = gradient(R1(), case, 0)
            for sigma in SIGMAS:
                near = replace(R1().composition, slope="finite-difference", sigma=sigma)
                found = torch.stack([gradient(near, case, number) for number in range(DRAWS)])
                cosines = torch.cosine_similarity(found, exact[None]).tolist()
                lengths = (found.norm(dim=1) / exact.norm()).tolist()
                whole = float(torch.cosine_similarity(found.mean(0), exact, dim=0))
                print(
                    f"  {case.name:18} batch {size:3} sigma {sigma:<5}  cosine {_spread(cosines)}  "
                    f"length {_spread(lengths)}  cosine of the mean gradient {whole:.3f}",
                    flush=True,
                )


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"


def speed() -> None:
    print(f"a critic update, batch 64, one thread: medians of {ROUNDS} rounds, and the ratio to the first within each")
    torch.set_num_threads(1)
    games: dict[str, list[tuple[str, Objective]]] = {
        "at real and fake": [
            ("exact", R3GAN()),
            ("differences", DIFFERENCES),
            ("no penalty", replace(DIFFERENCES, penalty_weight=0.0)),
        ],
        "on the line": [
            ("exact", ON_THE_LINE),
            ("differences", replace(ON_THE_LINE, slope="finite-difference")),
            ("no penalty", replace(ON_THE_LINE, penalty_weight=0.0)),
        ],
    }
    for case in (digits(64), dcgan(64)):
        for where, named in games.items():
            times: dict[str, list[float]] = {name: [] for name, _ in named}
            for _ in range(ROUNDS + 1):
                for name, objective in named:
                    times[name].append(_seconds(case, objective))
            first = times["exact"][1:]
            for name, found in times.items():
                ratios = [own / exact for own, exact in zip(found[1:], first, strict=True)]
                told = f"{1000 * statistics.median(found[1:]):8.2f} ms   ratio {statistics.median(ratios):.2f}"
                print(f"  {case.name:12} {where:16} {name:12} {told}", flush=True)


def _seconds(case: Case, objective: Objective) -> float:
    """Of one critic update; the mean of as many as take a tenth of a second."""
    game, batch, engine = Game(objective, independent_scores=True), _batch(case, 0), Eager()
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < 0.1:
        engine.of_critic(case.state, game, batch)
        count += 1
    return (time.perf_counter() - started) / count


PARTS: dict[str, Callable[[], None]] = {"gradients": gradients, "speed": speed}


if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
