"""Evaluations of a run while it trains, and which of its steps was the best."""

from functools import cached_property

import torch

from wgan.config import RunConfig
from wgan.data import Pack
from wgan.evaluation.judge import Judge
from wgan.evaluation.result import Evaluation
from wgan.metrics import METRICS
from wgan.rundir import Run
from wgan.types import Generator


class Reviewer:
    """Evaluates the generator when its configuration wants it: with the latents and reals of `wgan evaluate`, seed 0.

    So a number from training is the one that `wgan evaluate --step` gives, without its interval.
    """

    def __init__(self, run: Run, config: RunConfig, pack: Pack) -> None:
        self._run, self._config, self._pack = run, config, pack
        best_by = config.output.best_by
        self.metrics = tuple(dict.fromkeys([*config.output.metrics, *([best_by] if best_by else [])]))
        """Which are measured; none if nothing was asked for."""

    def due(self, step: int) -> bool:
        """Whether a step is to be evaluated."""
        every, last = self._config.output.evaluate_every, self._config.training.steps
        return bool(self.metrics) and (step % every == 0 or step == last)

    def review(self, generator: Generator, step: int, device: torch.device) -> Evaluation:
        """The metrics of a generator in evaluation mode."""
        return self._judge(generator, self._run.latents(self._judge.n).to(device), step=step)

    @cached_property
    def _judge(self) -> Judge:
        return Judge(self._pack, self._config.data.holdout, self.metrics)


def best_step(run: Run, by: str | None) -> int | None:
    """The step whose generator was the best by a metric, of those evaluated while training."""
    if by is None:
        return None
    rows = [row for row in run.evaluations() if row.get("while_training") and by in row["metrics"]]
    sign = 1 if METRICS[by].better == "lower" else -1
    best: int | None = min(rows, key=lambda row: sign * row["metrics"][by]["value"], default={"step": None})["step"]
    return best
