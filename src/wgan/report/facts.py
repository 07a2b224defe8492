"""What the page says of one run."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np

from wgan.data import find_pack
from wgan.diagnosis import Diagnosis
from wgan.errors import InputError
from wgan.language import say
from wgan.networks.summary import networks
from wgan.report.data_uris import FEWEST, embedded_grids
from wgan.report.neighbours import neighbourhood
from wgan.report.reals import layout, real_samples
from wgan.report.weights import critic_weights, layers
from wgan.report.words import fact_word
from wgan.runs.provenance import Provenance
from wgan.runs.run import Run
from wgan.types.condition import Condition, in_short
from wgan.views import duration, form, short


def facts(
    run: Run, name: str, place: int, diagnosis: Diagnosis, grid_bytes: int, fewest_grids: int = FEWEST
) -> dict[str, Any]:
    """What the templates show of a run. None or empty is what it lacks because it is older or shorter.

    `place` among the page's groups of runs decides its colour and its mark.
    """
    metrics, pictures = run.metrics(), run.spec.is_picture
    asked = find_pack(run.provenance.data_digest, run.spec.condition)
    pack = asked or find_pack(run.provenance.data_digest)  # the same samples, but without what they were asked by
    missing, near, weights, unreadable = "", None, None, ""
    if pack and pictures:
        try:
            near = neighbourhood(run, pack, run.config.data.holdout)
        except InputError as error:
            missing = str(error)
    elif pictures:
        missing = say("The data are not in this machine's cache. To pack them again, run `wgan data`.")
    try:
        weights = critic_weights(run)
    except InputError as error:
        unreadable = str(error)
    return {
        "name": name,
        "place": place,
        "recipe": run.config.recipe,
        "provenance": run.provenance,
        "form": form(run.spec),
        "pictures": pictures,
        "kind": run.spec.kind,
        "diagnosis": diagnosis,
        "numbers": _numbers(metrics, pictures),
        "grids": embedded_grids(run, grid_bytes, fewest_grids),
        "real": real_samples(run, pack, alike_too=asked is not None) if pack else None,
        "layout": layout(run, known=asked is not None),
        "neighbours": near,
        "missing": missing,  # why real pictures or neighbours are
        "layers": layers(metrics),
        "weights": weights,
        "unreadable": unreadable,  # why weights are
        "networks": networks(run.config.networks, run.spec, leave_out=run.config.custom),
        "environment": _environment(run.provenance, metrics, run.spec.condition),
    }


def _numbers(metrics: Sequence[dict[str, Any]], pictures: bool) -> dict[str, str]:
    if not metrics:
        return {}
    last = metrics[-1]
    numbers = {say("steps"): f"{last['step']:,}"}
    images, seconds = last.get("images_seen"), last.get("seconds", math.nan)
    if images is not None:
        numbers[say("images seen") if pictures else say("samples seen")] = f"{images:,}"
    if math.isfinite(seconds):
        numbers[say("time")] = _time(seconds)
        if images is not None and seconds > 0:
            speed = say("images per second") if pictures else say("samples per second")
            numbers[speed] = short(float(f"{images / seconds:.3g}"))
    return numbers | {name: short(last[name]) for name in ("distance", "js", "margin") if name in last}


def _time(seconds: float) -> str:
    if seconds < 59.5:
        return say("{time} s", time=round(seconds))
    told = duration(seconds)
    return say("{time} h", time=told) if seconds >= 3599.5 else say("{time} min", time=told)


def _environment(
    provenance: Provenance, metrics: Sequence[dict[str, Any]], condition: Condition | None
) -> dict[str, Any]:
    shown = asdict(provenance) | {"data_shape": "×".join(map(str, provenance.data_shape))}
    known = {fact_word(key): f"{value:,}" if isinstance(value, int) else value for key, value in shown.items()}
    if condition is not None:
        known[say("condition")] = "; ".join(map(in_short, condition.parts))
    # From row to row of the log, which resumed runs and slow starts do not distort.
    each = [
        1000 * (row["seconds"] - before["seconds"]) / (row["step"] - before["step"])
        for before, row in pairwise(row for row in metrics if "seconds" in row)
        if row["step"] > before["step"] and row["seconds"] > before["seconds"]
    ]
    if each:
        median, slow = np.percentile(each, (50, 95))
        known[say("milliseconds per step")] = say(
            "{median} in the median, {slow} at the 95th percentile", median=short(median), slow=short(slow)
        )
    return known
