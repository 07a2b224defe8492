"""What the page says of one run."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import torch

from wgan.data import Pack, find_pack
from wgan.diagnosis import Diagnosis
from wgan.errors import InputError
from wgan.networks.summary import Network, networks
from wgan.report.data_uris import Embedded, embedded, embedded_grids
from wgan.report.neighbours import Neighbourhood, neighbourhood
from wgan.report.weights import Layers, Weights, critic_weights, layers
from wgan.runs.provenance import Provenance
from wgan.runs.run import Run
from wgan.views import duration, grid, short


class Facts(NamedTuple):
    """One run, ready to be shown."""

    name: str
    place: int
    """Which of the page's runs it is: its colour."""
    recipe: str
    provenance: Provenance
    form: str
    pictures: bool
    """Whether its samples are pictures, or points."""
    diagnosis: Diagnosis
    numbers: dict[str, str]
    """What stands below the name: how far it is, and how fast."""
    grids: list[Embedded]
    real: str | None
    """As many real pictures as a grid has, in the same layout, as a data URI; None if there are none to show."""
    neighbours: Neighbourhood | None
    missing: str
    """Why there are no real pictures or no neighbours, where there should be."""
    layers: list[Layers]
    weights: Weights | None
    unreadable: str
    """Why there are no weights, where there should be."""
    networks: list[Network]
    environment: dict[str, Any]


def facts(run: Run, name: str, place: int, diagnosis: Diagnosis, grid_bytes: int) -> Facts:
    """Read what is there; what an older or shorter run lacks is left out."""
    metrics, pictures = run.metrics(), run.spec.is_picture
    pack, missing, near = None, "", None
    if pictures:
        pack = find_pack(run.provenance.data_digest)
        missing = "" if pack else "The data are no longer in this machine's cache: `wgan data` packs them again."
    real = _real(run, pack) if pack else None
    if pack:
        try:
            near = neighbourhood(run, pack, run.config.data.holdout)
        except InputError as error:
            missing = str(error)
    weights, unreadable = None, ""
    try:
        weights = critic_weights(run)
    except InputError as error:
        unreadable = str(error)
    return Facts(
        name,
        place,
        run.config.recipe,
        run.provenance,
        str(run.spec),
        pictures,
        diagnosis,
        _numbers(metrics),
        embedded_grids(run, grid_bytes),
        real,
        near,
        missing,
        layers(metrics),
        weights,
        unreadable,
        networks(run.config.networks, run.spec, leave_out=run.config.custom),
        _environment(run.provenance, metrics),
    )


def _real(run: Run, pack: Pack) -> str:
    """Held-out pictures, evenly chosen; training pictures where too few are held out."""
    train, held_out = pack.split(run.config.data.holdout)
    output = run.config.output
    count = output.rows * output.columns
    chosen = held_out if len(held_out) >= count else train
    places = chosen[np.linspace(0, len(chosen) - 1, min(count, len(chosen))).astype(np.int64)]
    return embedded(grid(torch.from_numpy(pack.samples[places]), output.columns))


def _numbers(metrics: Sequence[dict[str, Any]]) -> dict[str, str]:
    if not metrics:
        return {}
    last = metrics[-1]
    numbers, images, seconds = {"steps": f"{last['step']:,}"}, last.get("images_seen"), last.get("seconds", math.nan)
    if images is not None:
        numbers["images seen"] = f"{images:,}"
    if math.isfinite(seconds):
        numbers["time"] = f"{duration(seconds)} {'h' if seconds >= 3599.5 else 'min'}"
        if images is not None and seconds > 0:
            numbers["images a second"] = short(float(f"{images / seconds:.3g}"))
    for name in ("distance", "js", "margin"):
        if name in last:
            numbers[name] = short(last[name])
    return numbers


def _environment(provenance: Provenance, metrics: Sequence[dict[str, Any]]) -> dict[str, Any]:
    shown = asdict(provenance) | {"data_shape": "×".join(map(str, provenance.data_shape))}
    known = {key.replace("_", " "): f"{value:,}" if isinstance(value, int) else value for key, value in shown.items()}
    return known | _speed(metrics)


def _speed(metrics: Sequence[dict[str, Any]]) -> dict[str, str]:
    """From log line to log line: resumed runs and slow starts do not blur it."""
    rows = [row for row in metrics if "seconds" in row]
    steps, seconds = ([row[key] for row in rows] for key in ("step", "seconds"))
    each = [
        1000 * (seconds[i] - seconds[i - 1]) / (steps[i] - steps[i - 1])
        for i in range(1, len(steps))
        if steps[i] > steps[i - 1] and seconds[i] > seconds[i - 1]
    ]
    if not each:
        return {}
    middle, slow = np.percentile(each, (50, 95))
    return {"milliseconds a step": f"{short(middle)} in the median, {short(slow)} in the slowest twentieth"}
