"""Evaluations of a run while it trains, and which of its steps was the best."""

from dataclasses import dataclass

import torch

from wgan.config import RunConfig
from wgan.data import Pack, plain
from wgan.evaluation.evaluator import Evaluator
from wgan.evaluation.result import Evaluation
from wgan.metrics import METRICS
from wgan.runs import Run
from wgan.types import Generator, Progress


@dataclass(frozen=True)
class TrainingEvaluator:
    """Evaluates generators with the latents and reals of `wgan evaluate`, seed 0.

    So a number from training is the one that `wgan evaluate --step` gives, without its interval.
    """

    run: Run
    evaluator: Evaluator

    def evaluate(self, generator: Generator, step: int, device: torch.device) -> Evaluation:
        """The metrics of a generator in evaluation mode."""
        return self.evaluator(generator, self.run.latents(self.evaluator.n).to(device), step=step)


def training_evaluator(run: Run, config: RunConfig, pack: Pack, progress: Progress = plain) -> TrainingEvaluator | None:
    """The evaluator of a run; None if its configuration asks for no metrics.

    What takes long, and what cannot be, comes at once: features of the reals, floors, a classifier.

    Raises:
        InputError: a metric is not for these data, or nothing is held out.
    """
    best_by = config.output.best_by
    metrics = tuple(dict.fromkeys([*config.output.metrics, *([best_by] if best_by else [])]))
    return TrainingEvaluator(run, Evaluator(pack, config.data.holdout, metrics, progress=progress)) if metrics else None


def best_step(run: Run, by: str | None) -> int | None:
    """The step whose generator was the best by a metric, of those evaluated while training."""
    if by is None:
        return None
    rows = [row for row in run.evaluations() if row.get("while_training") and by in row["metrics"]]
    values = [(row["metrics"][by]["value"], row["step"]) for row in rows if row["metrics"][by]["value"] is not None]
    sign = 1 if METRICS[by].better == "lower" else -1
    return min(values, key=lambda found: sign * found[0], default=(None, None))[1]
