"""Every combination of listed values."""

from collections.abc import Mapping
from itertools import product
from typing import Any

from wgan.errors import InputError
from wgan.sweeps.axes import Axis, Choice


def combinations(axes: Mapping[str, Axis]) -> list[dict[str, Any]]:
    """The settings of each combination, by dotted key; the last axis varies fastest.

    Raises:
        InputError: an axis is a range, of which there is no end of combinations.
    """
    listed = {key: axis.values for key, axis in axes.items() if isinstance(axis, Choice)}
    if ranges := [key for key in axes if key not in listed]:
        raise InputError(
            f"{ranges[0]} is a range, which has to be drawn from: add --random N or --optuna N, "
            f"or list values: --set {ranges[0]}=A,B,C."
        )
    return [dict(zip(listed, values, strict=True)) for values in product(*listed.values())]
