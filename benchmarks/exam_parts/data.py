"""Data sets of the exam: pictures, points, tables and signals, none of them one that the rules were written on."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.datasets import load_diabetes, load_digits, load_wine, make_moons, make_swiss_roll

from wgan.data import Array

SHARED = Path(__file__).parents[3] / "shared" / "data"
PICTURES, POINTS = 4000, 6000
"""How many samples each data set has; a tenth is held out."""
Shape = tuple[int, ...]
Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Data:
    """A data set, and ordinary settings with which it trains well in some ten processor seconds."""

    name: str
    shape: Shape
    """(C, H, W), or (D,)."""
    values: Callable[[], Any]
    steps: int
    recipe: str
    settings: Settings = field(default_factory=dict)
    latents: int = 16
    width: int = 128
    """Of own networks."""
    needs: str | None = None
    """The folder in `SHARED` that it is read from."""

    @property
    def picture(self) -> bool:
        """Whether it is made of pictures."""
        return len(self.shape) == 3

    @property
    def available(self) -> bool:
        """Whether it is here."""
        return self.needs is None or (SHARED / self.needs).is_dir()


def _random() -> np.random.Generator:
    return np.random.default_rng(0)


def _standard(values: Array) -> Array:
    """Each column with mean 0 and standard deviation 1."""
    scaled: Array = ((values - values.mean(0)) / values.std(0)).astype(np.float32)
    return scaled


def idx(name: str) -> Array:
    """An MNIST file: its header says how many axes there are, and their lengths."""
    content = gzip.decompress((SHARED / "mnist" / f"{name}.gz").read_bytes())
    axes = content[3]
    shape = np.frombuffer(content, ">i4", axes, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


@cache
def odd_digits() -> Array:
    """The odd digits of MNIST, 28x28."""
    labels = idx("train-labels-idx1-ubyte")
    return idx("train-images-idx3-ubyte")[labels % 2 == 1][:PICTURES]


@cache
def negatives() -> Array:
    """MNIST's digits, black on white, 14x14."""
    values = idx("t10k-images-idx3-ubyte")[:PICTURES].reshape(-1, 14, 2, 14, 2).mean((2, 4))
    return (255 - values).astype(np.uint8)


def _faces(folder: str, mode: str) -> Array:
    files = sorted((SHARED / folder).glob("*.jpg"))[:PICTURES]
    return np.stack(
        [np.asarray(Image.open(file).convert(mode).resize((16, 16), Image.Resampling.BOX)) for file in files]
    )


@cache
def anime() -> Array:
    """Anime faces, 16x16, grey."""
    return _faces("anime_faces", "L")


@cache
def celebrities() -> Array:
    """Photographs of faces, 16x16, in colour."""
    return _faces("celeba_faces", "RGB")


@cache
def turned_digits() -> Array:
    """The bundled digits a quarter turn to the left, each twice: in one, moved down by a row."""
    turned = np.rot90(load_digits().images, axes=(1, 2))
    both = np.concatenate([turned, np.roll(turned, 1, axis=1)])
    return (both * 255 / 16).round().astype(np.uint8)


@cache
def gratings() -> Array:
    """Stripes of random direction, width and place, 16x16."""
    random = _random()
    angle, phase = random.uniform(0, np.pi, (2, PICTURES, 1, 1))
    rows, columns = np.mgrid[:16, :16]
    along = rows * np.cos(angle) + columns * np.sin(angle)
    waves = np.sin(along * random.uniform(0.5, 1.0, (PICTURES, 1, 1)) + 2 * phase)
    return ((waves + 1) * 127.5).round().astype(np.uint8)


@cache
def crosses() -> Array:
    """Rings and crosses of one colour on a ground of another, 16x16."""
    random = _random()
    rows, columns = np.mgrid[:16, :16]
    centre = random.uniform(6, 10, (2, PICTURES, 1, 1))
    down, across = np.abs(rows - centre[0]), np.abs(columns - centre[1])
    size = random.uniform(3, 6, (PICTURES, 1, 1))
    ring = np.abs(np.hypot(down, across) - size) < 1.2
    cross = (np.minimum(down, across) < 1.2) & (np.maximum(down, across) < size)
    inside = np.where(random.random((PICTURES, 1, 1)) < 0.5, ring, cross)
    bright, dark = random.integers(150, 256, (PICTURES, 1, 1, 3)), random.integers(0, 80, (PICTURES, 1, 1, 3))
    return np.where(inside[..., None], bright, dark).astype(np.uint8)


@cache
def moons() -> Array:
    """Two half circles."""
    return _standard(make_moons(POINTS, noise=0.06, random_state=0)[0])


@cache
def pinwheel() -> Array:
    """Five bent arms."""
    random = _random()
    arm = random.integers(5, size=POINTS)
    radius, off = 1 + 0.3 * random.standard_normal(POINTS), 0.08 * random.standard_normal(POINTS)
    angle = 2 * np.pi * arm / 5 + 0.7 * radius + off
    return _standard(np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1))


@cache
def roll() -> Array:
    """A rolled sheet in three dimensions."""
    return _standard(make_swiss_roll(POINTS, noise=0.3, random_state=0)[0])


@cache
def clouds() -> Array:
    """Six long Gaussians, the largest with ten times as many points as the smallest."""
    random = _random()
    part = random.choice(6, POINTS, p=np.array([10, 6, 5, 4, 3, 1]) / 29)
    centres, long = random.uniform(-4, 4, (6, 2)), random.uniform(-0.7, 0.7, (6, 2, 2))
    return _standard(centres[part] + np.einsum("nij,nj->ni", long[part], random.standard_normal((POINTS, 2))))


def _resampled(table: Array) -> Array:
    """Rows of a small table drawn with replacement and moved a little, standardised."""
    random, scaled = _random(), _standard(table)
    rows = scaled[random.integers(len(scaled), size=POINTS)]
    return _standard(rows + 0.25 * random.standard_normal(rows.shape))


@cache
def wine() -> Array:
    """What is in 178 wines, 13 columns, resampled."""
    return _resampled(load_wine().data)


@cache
def patients() -> Array:
    """Ten measurements of 442 patients, resampled."""
    return _resampled(load_diabetes().data)


@cache
def table() -> Array:
    """Twelve columns that depend on each other through five causes and three groups."""
    random = _random()
    causes, group = random.standard_normal((POINTS, 5)), random.integers(3, size=POINTS)
    columns = causes @ random.standard_normal((5, 12)) + 3 * random.standard_normal((3, 12))[group]
    return _standard(columns + 0.3 * random.standard_normal(columns.shape))


@cache
def sines() -> Array:
    """Signals of 64 values: two waves of random length, height and phase."""
    random = _random()
    time = np.linspace(0, 2 * np.pi, 64)
    length, phase = random.uniform(1, 4, (2, POINTS, 1)), random.uniform(0, 2 * np.pi, (2, POINTS, 1))
    height = random.uniform(0.3, 1, (2, POINTS, 1))
    return (height * np.sin(length * time + phase)).sum(0).astype(np.float32)


RATES = {f"{player}_optimizer.learning_rate": 5e-4 for player in ("generator", "critic")}
MLP = {"networks.latent_size": 16, **{f"networks.{player}_widths": (128, 256) for player in ("generator", "critic")}}
MLP |= {**RATES, "training.ema_decay": 0.99}
POINT = {"training.batch_size": 128}
ROWS = {**POINT, "networks.latent_size": 16}
DIGITS, TOY = "wgan-gp-digits", "wgan-gp-toy"


def pictures(name: str, side: int, values: Callable[[], Array], steps: int, channels: int = 1, **more: Any) -> Data:
    """Square pictures, with small MLPs."""
    settings = {"data.size": (side, side), "data.channels": channels, **MLP}
    return Data(name, (channels, side, side), values, steps, DIGITS, settings, **more)


DATA = (
    pictures("odd-mnist", 28, odd_digits, 800, needs="mnist"),
    pictures("negative-mnist", 14, negatives, 900, needs="mnist"),
    pictures("anime-16", 16, anime, 900, needs="anime_faces"),
    pictures("celeba-16", 16, celebrities, 700, 3, needs="celeba_faces"),
    pictures("turned-digits", 8, turned_digits, 1000),
    pictures("gratings", 16, gratings, 1400),
    pictures("crosses", 16, crosses, 700, 3),
    Data("moons", (2,), moons, 900, TOY, POINT, latents=2),
    Data("pinwheel", (2,), pinwheel, 900, TOY, POINT, latents=2),
    Data("roll", (3,), roll, 900, TOY, {**POINT, "networks.latent_size": 4}, latents=4),
    Data("clouds", (2,), clouds, 900, TOY, POINT, latents=2),
    Data("wine", (13,), wine, 900, TOY, ROWS),
    Data("patients", (10,), patients, 900, TOY, ROWS),
    Data("table", (12,), table, 900, TOY, ROWS),
    Data("sines", (64,), sines, 1200, TOY, ROWS),
)
