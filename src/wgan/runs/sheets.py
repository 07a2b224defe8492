"""What a picture of many samples shows: latents, and, of a conditional generator, what it is asked for where."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from wgan.config import RunConfig
from wgan.data import Array
from wgan.runs.asking import drawn
from wgan.runs.headings import across
from wgan.training import Stream, latents
from wgan.types import Conditions, Latents, SampleSpec
from wgan.types.condition import Condition, Rows
from wgan.views import By, cell_form, legible

POINTS = 1000
"""Real and generated points in a picture of a cloud."""


class Sheet(NamedTuple):
    """The inputs of a grid or a cloud, and how it is laid out."""

    latents: Latents
    columns: int
    conditions: Conditions | None = None
    heads: tuple[str, ...] = ()
    """Names of the columns of a block."""
    title: str = ""
    """What all samples are asked for."""
    blocks: int = 1
    """Side by side, each with all the heads: the columns of one follow on those of the other."""
    by: By | None = None
    """What points are coloured by."""
    walk: bool = False
    """Whether each row is one, and may not be broken up."""

    @property
    def layout(self) -> dict[str, Any]:
        """As `views.picture` takes it, beside the samples and the columns."""
        return {
            "heads": self.heads,
            "title": self.title,
            "blocks": self.blocks,
            "by": self.by,
            "whole_rows": self.walk,
        }


def grid_sheet(config: RunConfig, spec: SampleSpec, latent_size: int) -> Sheet:
    """What every grid, or cloud, of a run shows while it trains. Its layout is the same for latents of any size."""
    output, seed, size = config.output, config.training.seed, latent_size

    def draw(count: int) -> Latents:
        return latents(seed, Stream.GRID, 0, count, size)

    count = output.rows * output.columns if spec.is_spatial else POINTS
    if spec.condition is None:
        return Sheet(draw(count), output.columns)
    if not spec.is_spatial:
        return coloured_cloud(spec.condition, draw(count), seed)
    return by_column(spec, draw, count, output.columns, seed, rows=output.rows)


def by_column(
    spec: SampleSpec, draw: Callable[[int], Latents], count: int, columns: int, seed: int, *, rows: int = 1
) -> Sheet:
    """One column a class, or a set of labels, or a number from low to high, and one of the latents along each row.

    So the eye sees what the first part of the condition does. The others are drawn as they occur in the data, for each
    of the latents. About `count` samples, in whole rows, and no fewer `rows`.
    """
    assert spec.condition is not None
    shown = across(spec.condition.parts[0], columns)
    wide = len(shown.rows)
    blocks, each = blocks_of(-(-max(count, rows * wide) // wide), wide, cell_form(spec))
    asked = drawn(spec.condition, blocks * each, seed).repeat_interleave(wide, 0)
    asked[:, spec.condition.columns()[0][1]] = torch.tensor(shown.rows).repeat(blocks * each, 1)
    z = draw(blocks * each).repeat_interleave(wide, 0)
    return Sheet(z, blocks * wide, spec.condition.to_vectors(asked), shown.heads, blocks=blocks)


def blocks_of(latents: int, wide: int, form: float) -> tuple[int, int]:
    """How many blocks of `wide` columns there are side by side, and the rows of each, for one of the latents a row.

    The picture becomes as square as can be. `form` is the width of a sample over its height.
    """

    def uneven(blocks: int) -> float:
        return abs(math.log(blocks * wide * form / -(-latents // blocks)))

    blocks = min(range(1, latents + 1), key=uneven)
    return blocks, -(-latents // blocks)


def alike(sheet: Sheet, condition: Condition, known: Rows, seed: int) -> Array:
    """Of real samples with these `known` rows, (N, width), those to show in each place of the sheet, in reading order.

    In each column are some of its class or set of labels, or those nearest to its number. Where there are too few, they
    are repeated; where there is none, those that differ least.
    """
    assert sheet.conditions is not None
    first, where = condition.values()[0]
    real = first.to_vectors(known[:, condition.columns()[0][1]])
    wide, random = sheet.columns // sheet.blocks, np.random.default_rng(seed)
    places = np.empty((len(sheet.latents) // wide, wide), np.int64)
    for column, wanted in enumerate(sheet.conditions[:wide, where]):
        away, order = (real - wanted).abs().sum(1).numpy(), random.permutation(len(real))
        order = order[np.argsort(away[order], kind="stable")]
        enough = len(places) if first.kind == "number" else int((away == away.min()).sum())
        places[:, column] = random.permutation(np.resize(order[:enough], len(places)))
    return places.reshape(-1)


def coloured_cloud(condition: Condition, z: Latents, seed: int) -> Sheet:
    """What occurs in the data, a condition for each of the latents, coloured by the first part."""
    asked = drawn(condition, len(z), seed)
    return Sheet(z, 1, condition.to_vectors(asked), by=coloured_by(condition, asked))


def coloured_by(condition: Condition, rows: Rows) -> By | None:
    """The first part of what each point was asked for; None for several labels, which have no one colour."""
    (part, where), *_ = condition.columns()
    if part.kind == "labels":
        return None
    values, name = rows[:, where.start].double().numpy(), legible(part.name, "#0")
    if part.kind == "number":
        return By(name, values * part.spread + part.centre)
    names = tuple(legible(one, f"#{place}") for place, one in enumerate(part.names))
    return By(name, np.asarray(values, np.int64), names)


def coloured_by_number(condition: Condition, asked: Conditions, name: str) -> By | None:
    """The part of this name, of vectors; None where it is no number."""
    part, where = next((part, where) for part, where in condition.values() if part.name == name)
    if part.kind != "number":
        return None
    shown = legible(name, f"#{condition.names.index(name)}")
    return By(shown, asked[:, where.start].double().numpy() * part.spread + part.centre)
