"""Evaluations of a run while it trains, and which of its steps was the best."""

import torch

from wgan.config import RunConfig
from wgan.data import Pack, plain
from wgan.evaluation.evaluator import Judge
from wgan.evaluation.result import Evaluation
from wgan.metrics import METRICS
from wgan.runs.run import Run
from wgan.types import Generator, Progress


class Reviewer:
    """Evaluates the generator when its configuration wants it: with the latents and reals of `wgan evaluate`, seed 0.

    So a number from training is the one that `wgan evaluate --step` gives, without its interval. What takes long, and
    what cannot be, comes at once: features of the reals, floors, a classifier.

    Raises:
        InputError: a metric is not for these data, or nothing is held out.
    """

    def __init__(self, run: Run, config: RunConfig, pack: Pack, progress: Progress = plain) -> None:
        self._run, self._config = run, config
        best_by = config.output.best_by
        self.metrics = tuple(dict.fromkeys([*config.output.metrics, *([best_by] if best_by else [])]))
        """Which are measured; none if nothing was asked for."""
        self._judge = Judge(pack, config.data.holdout, self.metrics, progress=progress) if self.metrics else None

    def review(self, generator: Generator, step: int, device: torch.device) -> Evaluation:
        """The metrics of a generator in evaluation mode; some must have been asked for."""
        assert self._judge is not None
        return self._judge(generator, self._run.latents(self._judge.n).to(device), step=step)


def best_step(run: Run, by: str | None) -> int | None:
    """The step whose generator was the best by a metric, of those evaluated while training."""
    if by is None:
        return None
    rows = [row for row in run.evaluations() if row.get("while_training") and by in row["metrics"]]
    values = [(row["metrics"][by]["value"], row["step"]) for row in rows if row["metrics"][by]["value"] is not None]
    sign = 1 if METRICS[by].better == "lower" else -1
    return min(values, key=lambda found: sign * found[0], default=(None, None))[1]
