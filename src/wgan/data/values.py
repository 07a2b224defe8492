"""What the values of a pack are: measured once over all rows, and what range follows from them."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch

from wgan.data.histogram import histogram
from wgan.errors import InputError
from wgan.system.pictures import Array
from wgan.types.sample_spec import BYTES, SampleSpec, Stored

Range = tuple[float, float] | Literal["percentile"]
"""The stored values that networks see as -1 and 1; or those that all but a thousandth at either end lie between."""

PERCENTILES = (0.1, 99.9)
BINS = 64
FINE = 1 << 14
"""Bins of floating-point values, from which percentiles are read."""
HAIR = 0.01
"""By so much of the highest value may others pass 0, 1 or -1, as resizing makes them: they are clipped."""
USED = 0.5
"""A range that is usual, [0, 1] or [-1, 1], is taken if values go beyond this much of it."""
DARK = 31
"""Bytes up to this are labels, masks or grey levels of few bits, not pictures of 8 bits."""
AT_ONCE = 1 << 24
SAMPLED = 4096
"""Of more samples of bytes, so many are counted."""
MANY = 256
"""Of fewer different values none is missed: masks and labels may crowd."""
MOST = 0.95
ENOUGH = 1 << 22
"""Of more values than this, an even choice gives the percentiles."""
NARROW = 0.1
"""If all but a thousandth of the values at either end use less of the range than this, few levels are left."""


@dataclass(frozen=True)
class Values:
    """The values of all rows: spatial samples as a whole, points column by column."""

    low: float
    high: float
    percentiles: tuple[float, float]
    """All but a thousandth of the values at either end lie between these."""
    levels: int | None
    """How many different values there are; None of floating-point numbers."""
    crowded: float
    """The share of the range in which 95% of the values lie, without the commonest ones: a background."""
    typical_span: float
    """The median, over the samples, of the highest less the lowest value of one."""
    histogram: tuple[int, ...]
    """How many values lie in each of `BINS` equal parts from `low` to `high`."""
    means: tuple[float, ...] = ()
    """Of each column of points."""
    deviations: tuple[float, ...] = ()
    """Of each column of points; of a constant one, 1."""


def stored_type(dtype: np.dtype[np.generic], low: float, high: float) -> Stored:
    """The type that packs keep values of a type in, which lie between `low` and `high`."""
    if dtype.kind == "b" or dtype == np.uint8:
        return "uint8"
    if dtype.kind in "iu":
        if dtype.itemsize > 2 and low >= 0 and USED * BYTES[1] < high <= BYTES[1]:  # pictures of 8 bits as int64
            return "uint8"
        if low >= 0 and high <= np.iinfo(np.uint16).max:
            return "uint16"
        if np.iinfo(np.int16).min <= low and high <= np.iinfo(np.int16).max:
            return "int16"
    return "float32"


def measured(rows: Array, spec: SampleSpec) -> Values:
    """The values of rows (N, *shape)."""
    if spec.dtype == "uint8" and len(rows) > SAMPLED:  # of which only the ends matter, and they are quickly found
        some = measured(rows[:: -(-len(rows) // SAMPLED)], spec)
        return replace(some, low=float(rows.min()), high=float(rows.max()))
    at_once = max(1, AT_ONCE // max(1, rows[0].size))
    parts = [slice(start, start + at_once) for start in range(0, len(rows), at_once)]
    if spec.kind == "points":
        return _of_columns(np.asarray(rows, np.float64))
    spans = np.concatenate([_spans(rows[part]) for part in parts])
    span = float(np.median(spans))
    if spec.dtype == "float32":
        low, high = (float(function([function(rows[part]) for part in parts])) for function in (np.min, np.max))
        edges = np.linspace(low, high if high > low else low + 1, FINE + 1)
        counts = np.sum([np.histogram(rows[part], edges)[0] for part in parts], axis=0)
        ends = np.quantile(_spread_out(rows), [percent / 100 for percent in PERCENTILES])
        found = _summed(counts, edges[:-1], None, span)
        return replace(found, low=low, high=high, percentiles=(float(ends[0]), float(ends[1])))
    offset = np.iinfo(spec.dtype).min
    counts = np.zeros(1 << (8 * rows.itemsize), np.int64)
    for part in parts:
        counts += _counted(rows[part].reshape(-1), offset, len(counts))
    return _summed(counts, np.arange(len(counts)) + offset, int((counts > 0).sum()), span)


def _counted(flat: Array, offset: int, kinds: int) -> Array:
    """How often each of so many whole numbers from `offset` on is there."""
    if flat.dtype == np.uint8:  # which NumPy would first make eight times as large
        return torch.bincount(torch.from_numpy(flat.copy()), minlength=kinds).numpy()  # torch wants to own it
    return np.bincount(flat.astype(np.int64) - offset, minlength=kinds)


def _spread_out(rows: Array) -> Array:
    """At most `ENOUGH` of all values, evenly chosen."""
    flat = rows.reshape(-1)
    return flat[:: -(-len(flat) // ENOUGH)]


def _spans(rows: Array) -> Array:
    flat = rows.reshape(len(rows), -1)
    spans: Array = flat.max(1).astype(np.float64) - flat.min(1)
    return spans


def _summed(counts: Array, values: Array, levels: int | None, span: float) -> Values:
    """The facts of values that are so often there."""
    there = np.flatnonzero(counts)
    low, high = float(values[there[0]]), float(values[there[-1]])
    reached = np.cumsum(counts) / counts.sum()
    ends = tuple(float(values[np.searchsorted(reached, percent / 100)]) for percent in PERCENTILES)
    bins = np.minimum((values[there] - low) / max(high - low, 1e-30) * BINS, BINS - 1).astype(int)
    shares = np.bincount(bins, counts[there], BINS).astype(int)
    crowded = _crowded(shares) if len(there) > MANY else 1.0
    return Values(low, high, (ends[0], ends[1]), levels, crowded, span, tuple(shares.tolist()))


def _crowded(histogram: Array) -> float:
    """The share of the bins that hold most of what the fullest one leaves."""
    others = np.sort(histogram)[-2::-1]
    if not others.sum():
        return 0.0
    needed = int(np.searchsorted(np.cumsum(others), MOST * others.sum())) + 1
    return needed / len(histogram)


def _of_columns(rows: Array) -> Values:
    deviations = rows.std(0)
    constant = rows.max(0) == rows.min(0)
    low, high = float(rows.min()), float(rows.max())
    ends = np.percentile(rows, PERCENTILES)
    return Values(
        low,
        high,
        (float(ends[0]), float(ends[1])),
        None,
        1.0,
        float(np.median(_spans(rows))),
        tuple(histogram(rows, BINS)),
        tuple(rows.mean(0).tolist()),
        tuple(np.where(constant, 1.0, deviations).tolist()),
    )


def usual_range(values: Values, dtype: Stored) -> tuple[float, float]:
    """The range that networks see as -1 to 1, unless a setting says another.

    Bytes that go beyond `DARK` lie in 0..255. Floating-point numbers lie in [0, 1] or [-1, 1] if they use these, up to
    a hair. All others lie between the lowest and the highest value of the set.
    """
    low, high = values.low, values.high
    if dtype == "uint8" and high > DARK:
        return BYTES
    if dtype == "float32" and high <= 1 + HAIR:
        if low >= -HAIR * high and high > USED:
            return 0.0, 1.0
        if low >= -1 - HAIR and max(-low, high) > USED:
            return -1.0, 1.0
    if dtype == "uint8":
        low = 0.0
    return (low, high) if high > low else (low - 0.5, low + 0.5)  # a constant is grey


def with_range(spec: SampleSpec, values: Values, wanted: Range | None) -> SampleSpec:
    """The spec of rows with these values.

    Raises:
        InputError: no value lies within the wanted range.
    """
    if spec.kind == "points":
        return spec
    if wanted == "percentile":
        low, high = values.percentiles
        return spec.ranged(low, high) if high > low else spec.ranged(*usual_range(values, spec.dtype))
    if wanted and not (wanted[0] < values.high and values.low < wanted[1]):
        raise InputError(
            f"No value lies within data.range=[{wanted[0]:g},{wanted[1]:g}]: they go from {values.low:g} to "
            f"{values.high:g}."
        )
    return spec.ranged(*(wanted or usual_range(values, spec.dtype)))


def standardised(spec: SampleSpec, values: Values) -> SampleSpec:
    """The spec of points whose columns networks see with mean 0 and deviation 1."""
    return replace(spec, centre=values.means, spread=values.deviations)


def range_notes(spec: SampleSpec, values: Values) -> list[str]:
    """What a user should know of the range: that the values use little of it."""
    if spec.low is None or spec.high is None:
        return []
    span = spec.high - spec.low
    low, high = (min(max(end, spec.low), spec.high) for end in values.percentiles)
    levels = "" if values.levels is None else f", in {values.levels:,} levels"
    if values.low == values.high:
        return [f"every value is {values.low:g}: there is nothing to learn"]
    if (high - low) < NARROW * span:
        return [
            f"99.8% of the values lie between {low:g} and {high:g}{levels}, which is {(high - low) / span:.1%} of the "
            "range: --set data.range=percentile spreads them"
        ]
    if values.crowded < NARROW and (spec.low, spec.high) == usual_range(values, spec.dtype):
        return [
            f"95% of the values, beside the commonest ones, lie in {values.crowded:.0%} of the range: "
            "--set data.range=[LOW,HIGH] gives them more of it"
        ]
    if values.typical_span < NARROW * span:
        return [
            f"half of the {spec.kind}s use less than {max(values.typical_span / span, 0.0001):.2%} of the range, which "
            f"a few others widen{levels}: --set data.range=[LOW,HIGH] narrows it"
        ]
    outside = values.low < spec.low or values.high > spec.high
    where = f"{values.low:g} to {values.high:g}"
    return [f"the values go from {where}, and are clipped to {spec.low:g} to {spec.high:g}"] if outside else []
