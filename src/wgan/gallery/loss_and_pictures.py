"""What each method logs while it trains on digits, the pictures of that step, and a distance without a critic."""

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from wgan.data.sources.digits import Digits
from wgan.gallery.critics import compared
from wgan.gallery.drawing import BLUE, GREEN, ORANGE, SOFT, Canvas, canvas
from wgan.metrics import Energy
from wgan.networks import MLP
from wgan.objectives import GAN, WGAN, WGANGP
from wgan.training import Adam, Batches, Draws, Game, OptimizerSettings, RMSprop, Stream, TrainState, latents, train
from wgan.types import CPU, Objective, Samples, SampleSpec

SPEC = SampleSpec.of((1, 8, 8))
NETWORKS = MLP(latent_size=16, generator_widths=(128, 128), critic_widths=(128, 128))
RATE = 2e-4
METHODS: dict[str, tuple[Objective, str, OptimizerSettings]] = {
    "GAN": (GAN(), "js", Adam(RATE, betas=(0.5, 0.999))),
    "clipping": (WGAN(), "distance", RMSprop(RATE)),
    "penalty": (WGANGP(), "distance", Adam(RATE)),
}
STEPS, EVERY, COMPARED, BATCH = 600, 25, 256, 64


class Course(NamedTuple):
    """One run: at each step, what it logs (a mean over the steps before), the energy distance, and its samples."""

    steps: list[int]
    logged: list[float]
    energy: list[float]
    samples: list[NDArray[np.float32]]

    @property
    def agreement(self) -> float:
        """Spearman's rank correlation: 1 if the logged number falls and rises as the distance does."""
        logged, energy = (np.argsort(np.argsort(values)) for values in (self.logged, self.energy))
        return float(np.asarray(np.corrcoef(logged, energy))[0, 1])


def digits() -> Any:
    """The bundled digits, (N, 1, 8, 8) bytes."""
    return np.moveaxis(Digits().arrays[0], 3, 1)


def run(objective: Objective, name: str, optimizer: OptimizerSettings, seed: int, steps: int) -> Course:
    """Train on all digits but the last, with which samples are compared."""
    there = digits()
    places = np.arange(len(there) - COMPARED)
    batches = Batches(there, SPEC, places, batch_size=BATCH, seed=seed, flip=False, device=CPU)
    held_out = SPEC.to_samples(torch.from_numpy(there[-COMPARED:]))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        networks = NETWORKS.generator(SPEC), NETWORKS.critic(SPEC)
        state = TrainState(*networks, optimizer, optimizer, ema_decay=0.9, device=CPU)
        draws, z = Draws(seed, BATCH, 16, CPU), latents(seed, Stream.GRID, 0, COMPARED, 16)
        course, window = Course([], [], [], []), list[float]()
        for step, terms in train(state, Game(objective), batches, draws, critic_steps=3, until=steps):
            window.append(float(terms[name]))
            if step % EVERY == 0:
                made: Samples = state.ema(z)
                course.steps.append(step)
                course.logged.append(float(np.mean(window)))
                course.energy.append(compared(Energy("samples"), held_out, made))
                course.samples.append(made[:16, 0].numpy())
                window.clear()
    return course


def measure(seed: int = 0, steps: int = STEPS) -> dict[str, Course]:
    """Train each method once."""
    return {method: run(*settings, seed, steps) for method, settings in METHODS.items()}


def caption(found: dict[str, Course]) -> str:
    """What the figure shows, with its numbers."""
    told = [f"{course.agreement:+.2f} for {method}" for method, course in found.items()]
    return f"Rank correlation of what is logged with the energy distance from samples to digits: {', '.join(told)}."


def draw(found: dict[str, Course]) -> Canvas:
    """A panel for each method: its number, the energy distance, and samples above them."""
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage

    drawn, rows = canvas(len(found), 1, height=7.6, sharex=True)
    for (axes,), (method, course), colour in zip(rows, found.items(), (ORANGE, GREEN, BLUE), strict=True):
        other = axes.twinx()
        (logged,) = axes.plot(course.steps, course.logged, color=colour, label=f"logged: {METHODS[method][1]}")
        (energy,) = other.plot(course.steps, course.energy, "--", color=SOFT, label="energy distance (right)")
        for side, values in ((axes, course.logged), (other, course.energy)):
            side.set_ylim(0, 1.75 * max(values))
        other.grid(visible=False)
        for place in np.linspace(0, len(course.steps) - 1, 5).round().astype(int):
            tiles = np.pad(course.samples[place][:9], ((0, 0), (0, 1), (0, 1)), constant_values=1.0)
            sheet = tiles.reshape(3, 3, 9, 9).swapaxes(1, 2).reshape(27, 27)[:-1, :-1]
            image = OffsetImage(sheet, zoom=2, cmap="gray", interpolation="nearest")
            at = (course.steps[place], 0.78)
            axes.add_artist(AnnotationBbox(image, at, xycoords=("data", "axes fraction"), frameon=False))
        axes.set_title(f"{method}: rank correlation {course.agreement:+.2f}")
        axes.legend(handles=[logged, energy], loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=2)
    rows[-1][0].set_xlabel("step; above the lines, samples of that step")
    rows[-1][0].set_xlim(-EVERY, course.steps[-1] + 2 * EVERY)
    return drawn
