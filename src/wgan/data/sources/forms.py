"""What an array of samples holds: points, signals, pictures or volumes, and which axis holds channels."""

import math
from typing import NamedTuple

import numpy as np

from wgan.errors import InputError
from wgan.system.pictures import Array
from wgan.types.sample_spec import AXES, Kind

COLOURS = (1, 3, 4)
"""Numbers of channels that mark the channels of a picture wherever they stand."""
FEW = 2
"""An axis that is this many times shorter than any other holds channels."""
LEADS = 32
"""The most channels of an array (N, a, b) of signals."""
LONG = 4
"""Signals of several channels are at least this many times as long as they have channels."""
SHORTEST = 32
"""The fewest values that are looked at as a signal and not as columns."""
ALIKE = 0.5
"""Neighbouring values of a signal differ by less than this share of what any two values of it do (mean squares)."""
PROBED = 256


class Form(NamedTuple):
    """How samples lie in an array."""

    kind: Kind
    channel_axis: int | None
    """Of the whole array (N, ...); None if it has none."""
    notes: tuple[str, ...] = ()
    flattened: tuple[int, int] | None = None
    """The height and width of pictures that lie in rows (N, D)."""


def form_of(values: Array, name: str, kind: Kind | None = None) -> Form:
    """The form of an array (N, ...), by its shape and, for (N, D), by whether neighbours are alike.

    `kind` decides where it is given.

    Raises:
        InputError: no samples of this kind have such a shape.
    """
    shape = values.shape
    if kind == "picture" and len(shape) == 2:
        found, side = _width(values), math.isqrt(shape[1])
        if width := found or (side if side * side == shape[1] else 0):
            return Form("picture", None, flattened=(shape[1] // width, width))
    kinds = [kind] if kind else _likely(values)
    for likely in kinds:
        without = len(shape) - AXES[likely]
        if likely == "points" and without == 1:
            return Form("points", None, _flattened(values))
        if likely != "points" and without == 0:
            return Form(likely, None)
        if likely != "points" and without == 1:
            return Form(likely, _channel_axis(shape))
    wanted = f"read as {kind.removesuffix('s')}s" if kind else "samples"
    raise InputError(
        f"{name} has shape {shape}, which cannot be {wanted}. Points are (N, D), signals (N, L) or (N, C, L), pictures "
        "(N, H, W), (N, H, W, C) or (N, C, H, W), volumes (N, D, H, W) or (N, C, D, H, W)."
    )


def _likely(values: Array) -> list[Kind]:
    shape = values.shape
    if len(shape) == 2:
        return ["signal"] if _is_ordered(values) else ["points"]
    if len(shape) == 3:
        few, many = sorted(shape[1:])
        return ["signal"] if few <= LEADS and many >= max(LONG * few, SHORTEST) else ["picture"]
    if len(shape) == 4:
        return ["picture"] if _channels_stand_out(shape) else ["volume"]
    return ["volume"]


def _channels_stand_out(shape: tuple[int, ...]) -> bool:
    ends = (shape[1], shape[-1])
    if any(end in COLOURS for end in ends):
        return True
    return any(FEW * end <= min(others) for end, others in ((shape[1], shape[2:]), (shape[-1], shape[1:-1])))


def _channel_axis(shape: tuple[int, ...]) -> int:
    """1 or the last: a number of colours, last first; else the shorter."""
    last = len(shape) - 1
    if len(shape) == 4:
        if shape[last] in COLOURS:
            return last
        if shape[1] in COLOURS:
            return 1
    return 1 if shape[1] <= shape[last] else last


def _is_ordered(values: Array) -> bool:
    """Whether neighbours among the D values of samples (N, D) are alike, as in signals: columns of tables are not."""
    if values.shape[1] < SHORTEST or _width(values):
        return False
    probe = _probe(values)
    return _difference(probe, 1) < ALIKE * _spread(probe)


def _probe(values: Array) -> Array:
    return np.asarray(values[:: max(1, len(values) // PROBED)][:PROBED], np.float64)


def _difference(probe: Array, lag: int) -> float:
    return float(np.square(probe[:, lag:] - probe[:, :-lag]).mean())


def _spread(probe: Array) -> float:
    """The mean squared difference of any two values of one sample."""
    return float(2 * probe.var(1).mean())


def _width(values: Array) -> int | None:
    """The width of pictures that lie flattened in (N, D): values a row apart are more alike than half a row apart."""
    size, probe = values.shape[1], _probe(values)
    if values.min() < 0 or size < 64:
        return None
    best, found = ALIKE, None
    for width in range(6, size // 6 + 1):
        if size % width or not 0.4 <= width * width / size <= 2.5:
            continue
        row, half = _difference(probe, width), _difference(probe, width // 2)
        if half > 0 and row / half < best:
            best, found = row / half, width
    return found


def _flattened(values: Array) -> tuple[str, ...]:
    if values.ndim != 2 or (width := _width(values)) is None:
        return ()
    height = values.shape[1] // width
    return (
        f"the {values.shape[1]} values of a sample look like a flattened picture of {height}x{width}: "
        "--set data.kind=picture reads them as such",
    )
