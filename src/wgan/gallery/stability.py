"""The same twenty settings under three objectives: how many of them find a ring of eight modes."""

from itertools import product
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from wgan.data.sources.toy import MIXTURES, Toy
from wgan.gallery.drawing import Canvas, canvas
from wgan.metrics.extractors import NearestMode
from wgan.networks import MLP
from wgan.objectives import GAN, WGAN, WGANGP
from wgan.training import Adam, Batches, Draws, Game, Stream, TrainState, latents, train
from wgan.types import CPU, Objective, Samples, SampleSpec

METHODS: dict[str, Objective] = {"GAN": GAN(), "WGAN": WGAN(clip=0.1), "WGAN-GP": WGANGP(penalty_weight=1.0)}
"""With the numbers of their pages in docs/objectives/."""
RATES, NORMS, DEPTHS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2), (False, True), (2, 3)
"""Learning rates, BatchNorm in the generator or none, hidden layers of both networks: fixed before the first run."""
SETTINGS = tuple(product(RATES, NORMS, DEPTHS))
STEPS, CRITIC_STEPS, BATCH, SAMPLED = 400, 2, 128, 2000
RING, REACH = MIXTURES["ring8"].centres, 0.3
"""Samples within `REACH` of a centre are of its mode; neighbours are 0.77 apart."""
ON_CELLS = "#101214"
"""The ink of the counts, in the dark too: cells stay light."""


class Stability(NamedTuple):
    """The number of modes found, (settings, methods)."""

    found: NDArray[np.int64]

    @property
    def trained(self) -> list[int]:
        """For each method, the number of settings that found all modes."""
        return [int(count) for count in (self.found == len(RING)).sum(0)]


def modes(samples: Samples) -> int:
    """The number of modes with at least half of their share of the samples."""
    nearest = NearestMode(RING, REACH / 3)(samples)
    counts = torch.bincount(nearest[nearest >= 0], minlength=len(RING))
    return int((counts >= len(samples) / len(RING) / 2).sum())


def run(objective: Objective, setting: tuple[float, bool, int], seed: int, steps: int) -> int:
    """Train one setting, and count the modes of its averaged generator."""
    rate, norm, depth = setting
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    widths = (64,) * depth
    networks = MLP(2, generator_widths=widths, critic_widths=widths, batch_norm=norm)
    pair, adam = (networks.generator((2,)), networks.critic((2,))), Adam(rate)
    state = TrainState(*pair, adam, adam, ema_decay=0.9, device=CPU)
    spec, points = SampleSpec.of((2,)), Toy("ring8").points()[:10_000]
    batches = Batches(points, spec, np.arange(len(points)), batch_size=BATCH, seed=seed, flip=False, device=CPU)
    draws = Draws(seed, BATCH, networks.latent_size, CPU)
    for _ in train(state, Game(objective), batches, draws, critic_steps=CRITIC_STEPS, until=steps):
        pass
    return modes(state.ema(latents(seed, Stream.SAMPLE, 0, SAMPLED, networks.latent_size)))


def measure(seed: int = 0, steps: int = STEPS) -> Stability:
    """All runs, on all cores."""
    from joblib import Parallel, delayed

    jobs = [delayed(run)(objective, setting, seed, steps) for setting in SETTINGS for objective in METHODS.values()]
    found = Parallel(n_jobs=-1)(jobs)
    return Stability(np.array(list(found)).reshape(len(SETTINGS), len(METHODS)))


def caption(found: Stability) -> str:
    """What the figure shows, with its numbers."""
    told = [f"{count} with {name}" for name, count in zip(METHODS, found.trained, strict=True)]
    return f"Settings of {len(SETTINGS)} that find all {len(RING)} modes in {STEPS} steps: {', '.join(told)}."


def draw(found: Stability) -> Canvas:
    """A cell for each run, with its number of modes."""
    drawn, (panels,) = canvas(1, len(METHODS), height=3.6, sharey=True)
    columns: Any = list(product(NORMS, DEPTHS))
    for place, (axes, name) in enumerate(zip(panels, METHODS, strict=True)):
        cells = found.found[:, place].reshape(len(RATES), len(columns))
        axes.imshow(cells, cmap="Blues", vmin=0, vmax=1.6 * len(RING), aspect="auto")
        for (row, column), count in np.ndenumerate(cells):
            weight = "bold" if count == len(RING) else "normal"
            axes.text(column, row, count, ha="center", va="center", weight=weight, color=ON_CELLS)
        axes.set(title=f"{name}: {found.trained[place]} of {len(SETTINGS)}", yticks=range(len(RATES)))
        labels = [f"{depth} layers\n{'norm' if norm else 'plain'}" for norm, depth in columns]
        axes.set_xticks(range(len(columns)), labels)
        axes.tick_params(length=0)
        axes.set_yticklabels([f"{rate:g}" for rate in RATES])
        axes.grid(visible=False)
    panels[0].set_ylabel("learning rate")
    return drawn
