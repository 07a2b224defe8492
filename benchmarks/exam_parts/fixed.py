"""The fixed table: the questions that started all this."""

from collections.abc import Iterator, Sequence
from functools import cache

from exam_parts.data import DATA, DIGITS, PICTURES, POINT, TOY, Data, idx, pictures
from exam_parts.question import Change, Question
from wgan.data import Array


def digits() -> str:
    """The bundled digits, by name."""
    return "digits"


def ring8() -> str:
    """Eight Gaussians on a ring, by name."""
    return "toy:ring8"


@cache
def whole_digits() -> Array:
    """MNIST as it is, 28x28."""
    return idx("train-images-idx3-ubyte")[:PICTURES]


NAMED = (
    Data("digits", (1, 8, 8), digits, 1000, DIGITS, {"training.ema_decay": 0.99}, width=256),
    Data("ring8", (2,), ring8, 900, TOY, POINT, latents=2),
    pictures("mnist", 28, whole_digits, 700, needs="mnist"),
)
"""Data sets of the fixed table alone; two of them have names that the program knows."""

TABLE = (
    ("gan", "digits", (0, 1), 1500),
    ("rates-0.01", "digits", (0, 1), None),
    ("latents-1", "mnist", (0,), None),
    ("no-create-graph", "digits", (0,), None),
    ("penalty-1000", "digits", (0,), None),
    ("critic-dropout", "digits", (0,), None),
    ("no-tanh", "digits", (0,), None),
    ("tanh-of-50", "digits", (0,), None),
    ("times-1000", "sines", (0,), 700),
    ("latents-2", "table", (0,), None),
    ("strong-saturating", "ring8", (0,), None),
)
"""(defect, data, seeds, steps if not the usual number)."""


def fixed(chosen: Sequence[Change]) -> Iterator[Question]:
    """The questions of the table about these defects, on the data that are here."""
    defects, data = {one.name: one for one in chosen}, {one.name: one for one in (*DATA, *NAMED)}
    for name, where, seeds, steps in TABLE:
        if name in defects and data[where].available:
            yield from (Question.of(defects[name], data[where], seed, "defect", steps) for seed in seeds)
