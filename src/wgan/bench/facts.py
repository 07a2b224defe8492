"""A bench: everything that is measured of one recipe on this machine, as plain values."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from wgan.bench.case import Case, make_case
from wgan.bench.ceiling import ceilings
from wgan.bench.count import count
from wgan.bench.engines import modes
from wgan.bench.first_grid import first_grid
from wgan.bench.measure import Measured, measure
from wgan.bench.split import Split, split
from wgan.errors import unknown
from wgan.training import choose_device
from wgan.types import Progress


def bench_facts(
    name: str, settings: Mapping[str, Any], engines: Sequence[str], rounds: int, progress: Progress
) -> dict[str, Any]:
    """Measure a recipe with these settings by dotted key, and with these engines, or with all if none is named.

    Raises:
        InputError: the recipe, a setting or an engine is not known.
        TrainingError: a process that was started for it failed.
    """
    with tempfile.TemporaryDirectory(prefix="wgan-bench-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        case = make_case(name, settings, folder)
        device = choose_device(case.config.device)
        chosen = _chosen(engines, tuple(modes(device)))
        limits = ceilings(device)
        flops, parts = count(case, device), split(case, device, rounds)
        measured = measure(folder, chosen, rounds, progress)
        first = next((one for one in measured if one.unusable is None), None)
        return {
            **_about(name, case, device, rounds),
            "ceilings": limits,
            "flops": {"step": flops.step, "parts": flops.parts},
            "engines": [
                _engine(one, first, case, flops.step, limits[modes(device)[one.engine].precision]) for one in measured
            ],
            "split": _split(parts),
            "first_grid_seconds": first_grid(folder, name, settings),
        }


def _chosen(engines: Sequence[str], known: Sequence[str]) -> Sequence[str]:
    for engine in engines:
        if engine not in known:
            raise unknown("engine", engine, known)
    return tuple(dict.fromkeys(engines)) or known


def _about(name: str, case: Case, device: torch.device, rounds: int) -> dict[str, Any]:
    settings = case.config.training
    return {
        "recipe": name,
        "data_shape": list(case.pack.shape),
        "batch_size": settings.batch_size,
        "critic_steps": settings.critic_steps,
        "images_per_step": settings.images_per_step,
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "rounds": rounds,
    }


def _engine(measured: Measured, first: Measured | None, case: Case, flops: int, ceiling: float) -> dict[str, Any]:
    """One engine; `flops` are those of a step, so that computing less of it counts as computing faster."""
    if first is None or measured.unusable is not None:
        return {"engine": measured.engine, "unusable": measured.unusable}
    step, rate = measured.step, flops / measured.step.median
    return {
        "engine": measured.engine,
        "images_per_second": case.config.training.images_per_step / step.median,
        "step_seconds": step._asdict(),
        "times_as_fast": measured.faster(first)._asdict(),
        "compared_with": first.engine,
        "flops_per_second": rate,
        "share_of_ceiling": rate / ceiling,
        "start_up_seconds": measured.start_up,
        "set_up_seconds": measured.set_up,
        "peak_bytes": measured.memory,
        "peak_device_bytes": measured.device_memory,
        "rounds": list(measured.rounds),
    }


def _split(parts: Split) -> dict[str, Any]:
    return {"parts": parts.parts, "sum": sum(parts.parts.values()), "whole": parts.whole}
