"""Evaluator a run, or samples, in one call."""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from wgan.data import Pack, open_pack, open_source, plain
from wgan.errors import InputError
from wgan.evaluation.evaluator import BATCH, Evaluator, fakes
from wgan.evaluation.result import Evaluation
from wgan.runs.run import Run
from wgan.types import Progress, Samples, SampleSpec

HOLDOUT = 0.1
"""As the default of data.holdout, for samples that come without a run."""


def evaluate(
    run: Run | str | Path | Samples,
    *,
    metrics: Sequence[str] | None = None,
    data: Any = None,
    n: int | None = None,
    step: int | None = None,
    seed: int = 0,
    progress: Progress = plain,
) -> Evaluation:
    """How far a run's samples are from held-out reals, metric by metric, with floors and 95% intervals.

    `run` is a run, its folder, or samples: pictures (N, C, H, W) in [-1, 1] or points (N, D), which need `data`, and
    whose number is `n`. `data` is anything that `train` takes; None is what the run was trained on. `metrics` are names
    of `wgan.metrics.METRICS`, None for those that suit the data. `step` is that of a kept checkpoint, None for the
    newest; `seed` decides latents and which reals. `Evaluator` says what is compared with what.

    An evaluation of a run against its own data is added to its evaluations.jsonl; where that cannot be written, a
    warning says so.

    Raises:
        InputError: there is no such run, step or metric, or the data are not there or of another shape, or there are
            fewer samples than a metric needs.
    """
    if isinstance(run, Tensor):
        return _of_samples(run, metrics, data, seed, progress)
    opened = run if isinstance(run, Run) else Run.open(run)
    pack = _pack(opened, data, progress)
    at = _newest_step(opened) if step is None else step
    kept = at if step is not None or at in opened.checkpoints() else None
    generator = opened.generator(kept)  # a run that has none says so before work begins
    judge = Evaluator(pack, opened.config.data.holdout, metrics, n, seed=seed, progress=progress)
    made = fakes(generator, opened.latents(judge.n, seed))
    evaluation = judge.evaluate(made, judge.n, step=at, intervals=True)
    if pack.contents.digest == opened.provenance.data_digest:
        _keep(opened, evaluation)
    return evaluation


def _keep(run: Run, evaluation: Evaluation) -> None:
    """Add it to the run's evaluations; what was computed is not lost where nothing can be written."""
    try:
        run.append_evaluation(evaluation.to_dict())
    except OSError as error:
        reason = error.strerror or error
        warnings.warn(f"{run.evaluations_file} cannot be written ({reason}): this is not kept there.", stacklevel=3)


def _of_samples(
    samples: Samples, metrics: Sequence[str] | None, data: Any, seed: int, progress: Progress
) -> Evaluation:
    if data is None:
        raise InputError("Samples alone say nothing: name the data that they are compared with, data=...")
    spec = SampleSpec.of(tuple(samples.shape[1:]))
    pack = open_pack(open_source(data), spec.size, spec.channels, progress)
    _same_shape(pack, spec.shape)
    judge = Evaluator(pack, HOLDOUT, metrics, len(samples), seed=seed, progress=progress)
    return judge.evaluate(_batches(samples), len(samples), intervals=True)


def _batches(samples: Samples) -> Iterator[Tensor]:
    yield from samples.split(BATCH)


def _pack(run: Run, data: Any, progress: Progress) -> Pack:
    settings = run.config.data
    if data is None and settings.source is None:
        raise InputError(
            f"{run.path} was trained on data passed from Python. Pass them again: data=..., or --data PATH."
        )
    pack = open_pack(open_source(settings.source if data is None else data), settings.size, settings.channels, progress)
    _same_shape(pack, run.shape)
    return pack


def _same_shape(pack: Pack, shape: tuple[int, ...]) -> None:
    if pack.shape != shape:
        raise InputError(f"The samples have shape {shape}, and {pack.contents.name} has {pack.shape}. Name other data.")


def _newest_step(run: Run) -> int:
    """That of the newest checkpoint: a run in progress writes the newest weights alone a moment before it."""
    rows = run.metrics()
    return max(run.checkpoints(), default=rows[-1]["step"] if rows else 0)
