"""Evaluates a run, or samples, in one call."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from wgan.data import Beside, Pack, columns_from, no_progress, open_pack, open_source
from wgan.errors import InputError
from wgan.evaluation.evaluator import Evaluator
from wgan.evaluation.fakes import BATCH, fakes
from wgan.evaluation.result import Evaluation
from wgan.metrics import Function
from wgan.runs.exported import newest_step
from wgan.runs.run import Run
from wgan.types import Progress, Samples, SampleSpec

HOLDOUT = 0.1
"""For samples without a run; the default of data.holdout."""


def evaluate(
    run: Run | str | Path | Samples,
    *,
    metrics: Sequence[str | Function] | None = None,
    data: Any = None,
    condition: Any = None,
    n: int | None = None,
    step: int | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Evaluation:
    """How far a run's samples are from held-out reals: each metric with its floor and a 95% interval.

    `run` is a run, its folder, or samples as `Run.sample` makes them: signals, pictures or volumes in [-1, 1], or
    points (N, D) in the units of the data. Samples need `data`, and
    `n` is their number. `data` is anything that `train` takes; None is what the run was trained on. `condition` is a
    value for each of its samples, as `train` takes it, if the run was given those. `metrics` are names
    of docs/metrics.md, functions of (samples, reals) or where to import such a function from ("module:function"); None
    is those that suit the data. `step` is that of a kept checkpoint; None is the
    newest. `seed` decides the latents and which reals are used. See `Evaluator` for what is compared with what.

    An evaluation of a run on its own data is appended to its evaluations.jsonl, or a warning says why it could not be.

    Raises:
        InputError: there is no such run, step or metric; the data are missing or have another shape; or there are fewer
            samples than a metric needs.
    """
    if isinstance(run, Tensor):
        return _evaluate_samples(run, metrics, data, seed, progress)
    opened = run if isinstance(run, Run) else Run.open(run)
    settings = opened.config.data
    if data is None and settings.source is None:
        if opened.provenance.data_digest:
            raise InputError(
                f"{opened.path} was trained on data passed from Python. Pass them again: data=..., or --data PATH."
            )
        raise InputError(f"{opened.path} was exported without its data. Name such data: data=..., or --data PATH.")
    source = settings.source if data is None else data
    pack = _open(source, opened.spec, () if condition is None else columns_from(condition), progress)
    at = newest_step(opened) if step is None else step
    kept = at if step is not None or at in opened.checkpoints() else None
    generator = opened.generator(kept)  # a run without one fails before any work
    evaluator = Evaluator(pack, settings.holdout, metrics, n, seed=seed, progress=progress)
    samples = fakes(generator, opened.latents(evaluator.n, seed), evaluator.conditions(evaluator.n))
    evaluation = evaluator.evaluate(samples, evaluator.n, step=at, intervals=True)
    if (pack.contents.digest, pack.spec.condition) == (opened.provenance.data_digest, opened.spec.condition):
        try:
            opened.append_evaluation(evaluation.to_dict())
        except OSError as error:
            reason = error.strerror or error
            warnings.warn(
                f"{opened.evaluations_file} cannot be written ({reason}): this evaluation is not kept.", stacklevel=2
            )
    return evaluation


def _evaluate_samples(
    samples: Samples, metrics: Sequence[str | Function] | None, data: Any, seed: int, progress: Progress
) -> Evaluation:
    if data is None:
        raise InputError("Samples need data to be compared with: pass data=...")
    spec = SampleSpec.of(tuple(samples.shape[1:]))
    found = open_source(data, spec.kind if spec.kind == "points" else None)
    pack = open_pack(found, spec.size, spec.channels, progress)
    if pack.shape != spec.shape:
        raise _other_shape(spec, pack)
    if not pack.spec.is_spatial:  # points have the units of the data
        samples = pack.spec.to_samples(samples)
    evaluator = Evaluator(pack, HOLDOUT, metrics, len(samples), seed=seed, progress=progress)
    return evaluator.evaluate(samples.split(BATCH), len(samples), intervals=True)


def _open(data: Any, spec: SampleSpec, beside: Sequence[Beside], progress: Progress) -> Pack:
    """The data, which networks see as those of a run."""
    asked = () if spec.condition is None else spec.condition.names
    pack = open_pack(open_source(data, spec.kind, asked, beside), spec.size, spec.channels, progress)
    if pack.shape != spec.shape:
        raise _other_shape(spec, pack)
    if spec.names and pack.spec.names and spec.names != pack.spec.names:
        wanted = ", ".join(spec.names)
        raise InputError(f"{pack.contents.name} has other columns, or in another order, than the run: {wanted}.")
    return _asked(pack, spec)


def _asked(pack: Pack, spec: SampleSpec) -> Pack:
    """The data as a run sees them, with what its generator is asked for."""
    name, parts = pack.contents.name, () if spec.condition is None else spec.condition.parts
    if lacking := [part.name for part in parts if part.name not in pack.columns]:
        raise InputError(
            f"The run's generator is asked for {', '.join(part.name for part in parts)}, and beside the samples of "
            f"{name} there is no {' and no '.join(lacking)}. Evaluate it on data that have it; what `train` was given "
            "in Python has to be given again, condition=..., in Python."
        )
    pack = pack.seen_as(spec)
    if not len(pack.known):
        raise InputError(
            f"Of no sample of {name} is all known that the run's generator is asked for "
            f"({', '.join(part.name for part in parts)}), by the names that the run knows. Name other data."
        )
    return pack


def _other_shape(spec: SampleSpec, pack: Pack) -> InputError:
    return InputError(
        f"The samples have shape {spec.shape}, but {pack.contents.name} has {pack.shape}. Name other data."
    )
