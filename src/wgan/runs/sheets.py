"""What a picture of many samples shows: latents, and, of a conditional generator, what it is asked for where."""

from typing import NamedTuple

import numpy as np

from wgan.runs.asking import columns_of, drawn
from wgan.types import Conditions, Latents
from wgan.types.condition import Condition, Rows
from wgan.views import By

MOST_COLUMNS = 16
"""Of a grid whose columns are classes."""


class Sheet(NamedTuple):
    """The inputs of a grid or a cloud, and how it is laid out."""

    latents: Latents
    columns: int
    conditions: Conditions | None = None
    heads: tuple[str, ...] = ()
    """Names of the columns."""
    by: By | None = None
    """What points are coloured by."""
    walk: bool = False
    """Whether each row is one, and may not be broken up."""

    def first(self, count: int) -> "Sheet":
        """The first places, in reading order."""
        asked = None if self.conditions is None else self.conditions[:count]
        return self._replace(latents=self.latents[:count], conditions=asked)


def by_column(condition: Condition, z: Latents, columns: int) -> Sheet:
    """One column a class, or a number from low to high, and one of the latents along each row.

    So the eye sees what the condition does. Of more than `MOST_COLUMNS` classes, the most frequent ones.
    """
    first = condition.parts[0]
    across = columns_of(condition, columns if first.kind == "number" else min(len(first.names), MOST_COLUMNS))
    count = len(across.rows)
    asked = condition.to_vectors(across.rows.repeat(len(z), 1))
    return Sheet(z.repeat_interleave(count, 0), count, asked, across.names)


def coloured_cloud(condition: Condition, z: Latents, seed: int) -> Sheet:
    """What occurs in the data, a condition for each of the latents, coloured by the first part."""
    asked = drawn(condition, len(z), seed)
    return Sheet(z, 1, condition.to_vectors(asked), by=coloured_by(condition, asked))


def coloured_by(condition: Condition, rows: Rows) -> By | None:
    """The first part of what each point was asked for; None for several labels, which have no one colour."""
    (part, where), *_ = condition.columns()
    if part.kind == "labels":
        return None
    values = rows[:, where.start].double().numpy()
    if part.kind == "number":
        return By(part.name, values * part.spread + part.centre)
    return By(part.name, np.asarray(values, np.int64), part.names)


def coloured_by_number(condition: Condition, asked: Conditions, name: str) -> By | None:
    """The part of this name, of vectors; None where it is no number."""
    part, where = next((part, where) for part, where in condition.values() if part.name == name)
    if part.kind != "number":
        return None
    return By(name, asked[:, where.start].double().numpy() * part.spread + part.centre)
