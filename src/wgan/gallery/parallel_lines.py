"""Two parallel lines that move apart: Arjovsky et al. 2017, example 1."""

from typing import Any, NamedTuple

import numpy as np
import torch

from wgan.gallery.critics import Pairs, generator_gradient, term, trained
from wgan.gallery.drawing import BLUE, ORANGE, SOFT, Canvas, canvas
from wgan.objectives import GAN, WGANGP
from wgan.training import Stream, random_numbers

APART = (-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0)
GAME, PENALTY = GAN(saturating=True), WGANGP()
"""Equation 1 for both players, whose value is 2 JS - log 4 at the best discriminator; and W1, under the penalty."""


class Lines(NamedTuple):
    """For each distance between the lines: what trained critics measure, and the pull on the generated line."""

    apart: tuple[float, ...]
    js: list[float]
    w1: list[float]
    js_pull: list[float]
    w1_pull: list[float]


def js(apart: float) -> float:
    """The Jensen-Shannon divergence of two lines that do not touch, and of two that coincide."""
    return float(np.log(2)) if apart else 0.0


def w1(apart: float) -> float:
    """Each point moves straight across."""
    return abs(apart)


def penalised(apart: float) -> float:
    """What WGAN-GP's best critic measures: slope s gains s |apart| and pays lambda (s - 1)², so s is above one."""
    return abs(apart) * (1 + abs(apart) / (2 * PENALTY.penalty_weight))


def lines(apart: float, seed: int, size: int = 256) -> Pairs:
    """Real points (0, u) and fakes (apart, u), u uniform on [0, 1)."""

    def pairs(number: int) -> Any:
        points = torch.from_numpy(random_numbers(seed, Stream.SAMPLE, number).random((2, size, 2), np.float32))
        points[0, :, 0], points[1, :, 0] = 0.0, apart
        return points[0], points[1]

    return pairs


def measure(seed: int = 0, apart: tuple[float, ...] = APART, steps: int = 250) -> Lines:
    """Train a discriminator and a critic at each distance."""
    found = Lines(apart, [], [], [], [])
    for distance in apart:
        pairs = lines(distance, seed)
        for objective, name, values, pulls in (
            (GAME, "js", found.js, found.js_pull),
            (PENALTY, "distance", found.w1, found.w1_pull),
        ):
            critic = trained(objective, pairs, steps=steps, seed=seed)
            values.append(term(name, objective, critic, pairs))
            pulls.append(float(-generator_gradient(objective, critic, *pairs(steps))[:, 0].mean()))
    return found


def caption(found: Lines) -> str:
    """What the figure shows, with its numbers."""
    last, strongest = found.apart[-1], max(abs(pull) for pull, d in zip(found.js_pull, found.apart, strict=True) if d)
    return (
        f"At a distance of {last:g}, the critic measures {found.w1[-1]:.2f} and pulls the line back with "
        f"{abs(found.w1_pull[-1]):.2f}; the discriminator measures {found.js[-1]:.3f} = log 2 at every distance but 0, "
        f"and pulls with {strongest:.0e} at most."
    )


def draw(found: Lines) -> Canvas:
    """What is measured, and its gradient, over the distance."""
    drawn, ((values, pulls),) = canvas(1, 2)
    fine = np.linspace(-1.05, 1.05, 211)
    values.plot(fine, [w1(x) for x in fine], color=BLUE, label="W1 = |θ|")
    values.plot(fine, [penalised(x) for x in fine], ":", color=BLUE, label="W1 (1 + W1 / 2λ)")
    values.plot(found.apart, found.w1, "o", color=BLUE, label="WGAN-GP critic")
    for side in (fine[fine < 0], fine[fine > 0]):
        values.plot(side, [js(x) for x in side], "--", color=ORANGE, label="JS = log 2, or 0" if side[0] > 0 else None)
    values.plot(found.apart, found.js, "s", color=ORANGE, label="GAN discriminator")
    values.set(title="what is measured", xlabel="θ, from one line to the other", ylim=(-0.06, 1.75))
    values.legend(loc="upper center", ncols=2)
    pulls.axhline(0, color=SOFT, linewidth=0.8)
    pulls.step([-1.05, 0, 1.05], [1, 1, -1], color=BLUE, where="pre", label="−dW1/dθ")
    moved = [(d, a, b) for d, a, b in zip(found.apart, found.w1_pull, found.js_pull, strict=True) if d]
    distance, w1_pull, js_pull = zip(*moved, strict=True)  # at 0, neither has a derivative
    pulls.plot(distance, w1_pull, "o", color=BLUE, label="WGAN-GP critic")
    pulls.plot([-1.05, 1.05], [0, 0], "--", color=ORANGE, label="−dJS/dθ")
    pulls.plot(distance, js_pull, "s", color=ORANGE, label="GAN discriminator")
    pulls.set(title="the pull on the generated line", xlabel="θ", ylim=(-1.5, 1.9))
    pulls.legend(loc="upper center", ncols=2)
    return drawn
