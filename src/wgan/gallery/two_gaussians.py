"""The best discriminator and the best critic between two Gaussians: Arjovsky et al. 2017, figure 2."""

from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from wgan.gallery.critics import Pairs, generator_gradient, numbers, trained
from wgan.gallery.drawing import BLUE, GREEN, INK, ORANGE, RULE, Canvas, canvas
from wgan.objectives import GAN, WGANGP

REAL, FAKE = 2.0, -2.0
"""The means; both deviations are 1."""
SATURATING, NON_SATURATING, PENALTY = GAN(saturating=True), GAN(), WGANGP()

Array = NDArray[np.float64]


class Gaussians(NamedTuple):
    """At points `x`: what trained networks say, and how hard each loss pushes a fake there towards the real ones."""

    x: Array
    discriminator: Array
    critic: Array
    saturating: Array
    non_saturating: Array
    wasserstein: Array

    def at(self, values: Array, place: float = FAKE) -> float:
        """One of these at a place, the centre of the fakes unless told."""
        return float(np.interp(place, self.x, values))


def best_discriminator(x: Array) -> Array:
    """Real density over the sum of both: Goodfellow et al. 2014, proposition 1."""
    real, fake = (np.exp(-((x - mean) ** 2) / 2) for mean in (REAL, FAKE))
    return np.asarray(real / (real + fake))


def best_slope(x: Array) -> Array:
    """The slope of WGAN-GP's best critic. On a line, E C(real) - E C(fake) is the integral of C' (F_fake - F_real).

    The penalty adds -lambda times the integral of rho (C' - 1)², where rho is the density of the points between real
    and fake. So C' = 1 + (F_fake - F_real) / (2 lambda rho) at each point.
    """
    alpha = ((np.arange(400) + 0.5) / 400)[:, None]
    deviation = np.hypot(alpha, 1 - alpha)
    standard = (x - alpha * REAL - (1 - alpha) * FAKE) / deviation
    rho = (np.exp(-(standard**2) / 2) / deviation).mean(0) / np.sqrt(2 * np.pi)
    fake, real = (np.vectorize(NormalDist(mean).cdf)(x) for mean in (FAKE, REAL))
    return np.asarray(1 + (fake - real) / (2 * PENALTY.penalty_weight * rho))


def gaussians(seed: int, size: int = 512) -> Pairs:
    """Batches of both."""
    return lambda number: (numbers(seed, 2 * number, size, 1) + REAL, numbers(seed, 2 * number + 1, size, 1) + FAKE)


def measure(seed: int = 0, steps: int = 800) -> Gaussians:
    """Train a discriminator and a critic, and look at both along the line."""
    pairs = gaussians(seed)
    x = torch.linspace(-5, 5, 201)[:, None]
    discriminator = trained(SATURATING, pairs, steps=steps, seed=seed)
    critic = trained(PENALTY, pairs, steps=steps, seed=seed)
    pushes = [
        -generator_gradient(objective, network, x, x)[:, 0]
        for objective, network in ((SATURATING, discriminator), (NON_SATURATING, discriminator), (PENALTY, critic))
    ]
    scores = critic(x)
    values = (x[:, 0], discriminator(x).sigmoid(), scores - scores[len(x) // 2], *pushes)
    return Gaussians(*(value.double().numpy() for value in values))


def caption(found: Gaussians) -> str:
    """What the figure shows, with its numbers."""
    worst = np.abs(found.discriminator - best_discriminator(found.x)).max()
    return (
        f"At the centre of the fakes, log(1 - D) pushes with {found.at(found.saturating):.4f} and the critic with "
        f"{found.at(found.wasserstein):.2f}; the trained discriminator is nowhere further than {worst:.3f} from "
        f"p / (p + q)."
    )


def draw(found: Gaussians) -> Canvas:
    """Values above each other, and pushes on a logarithmic scale."""
    drawn, ((values, pushes),) = canvas(1, 2, height=4.2)
    x, best = found.x, best_discriminator(found.x)
    slope = best_slope(x)
    area: Any = np.concatenate([[0.0], np.cumsum((slope[1:] + slope[:-1]) / 2 * np.diff(x))])
    for mean, name in ((FAKE, "fake"), (REAL, "real")):
        values.fill_between(x, np.exp(-((x - mean) ** 2) / 2), color=RULE, linewidth=0)
        values.text(mean, 0.12, name, ha="center")
    closed = {"color": INK, "linewidth": 1.0, "linestyle": (0, (1, 2)), "zorder": 3}
    values.plot(x, found.discriminator, color=ORANGE, label="discriminator D, trained")
    values.plot(x, found.critic / 4, "--", color=BLUE, label="critic C / 4, trained")
    values.plot(x, best, **closed, label="closed forms")
    values.plot(x, (area - area[len(x) // 2]) / 4, **closed)
    values.set(title="values", xlabel="x", ylim=(-1.6, 2.4))
    values.legend(loc="upper left")
    pushes.semilogy(x, found.wasserstein, "--", color=BLUE, label="critic: C'(x)")
    pushes.semilogy(x, found.non_saturating, "-.", color=GREEN, label="-log D, non-saturating")
    pushes.semilogy(x, found.saturating, color=ORANGE, label="log(1 - D), saturating")
    for push in (slope, 4 * best, 4 * (1 - best)):
        pushes.semilogy(x, push, **closed)
    pushes.axvline(FAKE, color=RULE, zorder=0)
    pushes.set(title="the push on a fake at x", xlabel="x", ylim=(1e-6, 3e3))
    pushes.legend(loc="upper left")
    return drawn
