"""Everything that is measured of one recipe on this machine, as plain values."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from wgan.bench.case import make_case, modes
from wgan.bench.ceiling import ceilings
from wgan.bench.measure import Measured, first_grid, measure
from wgan.bench.parts import count, split
from wgan.bench.turns import Spread, ratio
from wgan.errors import unknown
from wgan.experiment.plan import Plan
from wgan.training import choose_device
from wgan.types import Progress


def bench_facts(
    name: str, settings: Mapping[str, Any], engines: Sequence[str], rounds: int, progress: Progress
) -> dict[str, Any]:
    """Measure a recipe with these settings, by dotted key, and these engines; with all engines if none is given.

    Raises:
        InputError: the recipe, a setting or an engine is unknown.
        TrainingError: a process that it started failed.
    """
    with tempfile.TemporaryDirectory(prefix="wgan-bench-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        case = make_case(name, settings, folder)
        training, device = case.config.training, choose_device(case.config.device)
        known = modes(device)
        for engine in engines:
            if engine not in known:
                raise unknown("engine", engine, tuple(known))
        limits, flops, seconds = ceilings(device), count(case, device), split(case, device, rounds)
        measured = measure(folder, tuple(dict.fromkeys(engines)) or tuple(known), rounds, progress)
        first = next((one for one in measured if one.unusable is None), None)
        return {
            "recipe": name,
            "data_shape": list(case.pack.shape),
            "batch_size": training.batch_size,
            "critic_steps": training.critic_steps,
            "generator_steps": training.generator_steps,
            "images_per_step": training.images_per_step,
            "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
            "threads": torch.get_num_threads(),
            "torch": torch.__version__,
            "rounds": rounds,
            "ceilings": limits,
            "flops": {"step": flops.whole, "parts": flops.parts},
            "engines": [
                _engine(one, first, case, flops.whole, limits[known[one.engine].precision]) for one in measured
            ],
            "split": {"parts": seconds.parts, "sum": sum(seconds.parts.values()), "whole": seconds.whole},
            "first_grid_seconds": first_grid(folder, name, settings),
        }


def _engine(measured: Measured, first: Measured | None, case: Plan, flops: float, ceiling: float) -> dict[str, Any]:
    """One engine; `flops` are those of the plain step, so an engine that computes less counts as faster."""
    if first is None or measured.unusable is not None:
        return {"engine": measured.engine, "unusable": measured.unusable}
    step = Spread.of(measured.rounds)
    rate = flops / step.median
    return {
        **{name: value for name, value in measured._asdict().items() if name != "unusable"},
        "images_per_second": case.config.training.images_per_step / step.median,
        "step_seconds": step._asdict(),
        "times_as_fast": ratio(first.rounds, measured.rounds)._asdict(),
        "compared_with": first.engine,
        "flops_per_second": rate,
        "share_of_ceiling": rate / ceiling,
    }
