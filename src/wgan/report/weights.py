"""Gradient norms by layer over time, and the critic's weights."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from markupsafe import Markup

from wgan.diagnosis import AT_BOUND
from wgan.errors import InputError
from wgan.language import say
from wgan.runs.run import Run
from wgan.runs.weights import read_tensors
from wgan.views import histogram, shades, short, thinned

COLUMNS = 80
"""The most cells of a strip: a phone has no room for more."""
BINS = 61
RANGE = 1e6
"""The largest norm over the smallest that has a shade of its own: a wider range would make the others look alike."""
STATISTICS = ("running_mean", "running_var")
"""Buffers of normalisation layers, which are neither trained nor clipped."""


class Layers(NamedTuple):
    """The strips of one network, on one scale."""

    network: str
    strips: list[tuple[str, Markup, str]]
    """The name of each parameter, its gradient norm over time, and the newest."""
    low: str
    high: str
    first: int
    last: int


def layers(metrics: Sequence[dict[str, Any]]) -> list[Layers]:
    """The gradient norms by layer, for each network; empty if the run logged none."""
    rows = thinned([row for row in metrics if row.get("layers")], COLUMNS)
    networks = dict.fromkeys(network for row in rows for network in row["layers"])
    return [_layers(network, [(row["step"], row["layers"].get(network, {})) for row in rows]) for network in networks]


def _layers(network: str, rows: Sequence[tuple[int, dict[str, float]]]) -> Layers:
    positive = [value for _, norms in rows for value in norms.values() if value and 0 < value < float("inf")] or [1.0]
    high = max(positive)
    low = max(min(positive), high / RANGE)
    strips = []
    for name in dict.fromkeys(name for _, norms in rows for name in norms):
        values = [norms.get(name) for _, norms in rows]
        known = [value for value in values if value is not None]
        title = say(
            "{name}: gradient norm {first} at first, {last} at last",
            name=name,
            first=short(known[0]),
            last=short(known[-1]),
        )
        strips.append((name, shades(values, low, high, title), short(known[-1])))
    return Layers(network, strips, short(low), short(high), rows[0][0], rows[-1][0])


class Weights(NamedTuple):
    """The histogram of the critic's weights."""

    svg: Markup
    total: int
    bound: float | None
    at_bound: float
    """The share of weights at the bound; 0 without one."""
    beyond: float
    """The share of weights beyond both ends of the drawing."""


def critic_weights(run: Run) -> Weights | None:
    """The histogram of the critic's weights: None if no critic is saved yet, an InputError if it cannot be read."""
    if not run.critic_file.exists():
        return None
    tensors = [tensor for name, tensor in read_tensors(run.critic_file).items() if not name.endswith(STATISTICS)]
    flat = [tensor.float().flatten() for tensor in tensors if tensor.is_floating_point()]
    values = torch.cat([torch.empty(0), *flat]).numpy()
    values = values[np.isfinite(values)]
    if not len(values):
        raise InputError(f"{run.critic_file} cannot be read: it holds no weights.")
    bound = None if "objective" in run.config.custom else getattr(run.config.objective, "clip", None)
    edge = 1.15 * bound if bound else float(np.quantile(np.abs(values), 0.9999)) or 1.0
    counts, _ = np.histogram(values, BINS, (-edge, edge))
    at_bound = float((np.abs(values) >= AT_BOUND * bound).mean()) if bound else 0.0
    beyond = float((np.abs(values) > edge).mean())
    title = say("histogram of {count:,} weights of the critic", count=len(values))
    svg = histogram(counts.tolist(), -edge, edge, title, bound)
    return Weights(svg, len(values), bound, at_bound, beyond)
