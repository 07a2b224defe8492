"""Evaluates a run while it trains, and finds its best step."""

from dataclasses import dataclass

import torch

from wgan.config import RunConfig
from wgan.data import Pack, no_progress
from wgan.evaluation.evaluator import Evaluator
from wgan.evaluation.result import Evaluation
from wgan.runs.generative import sample_latents
from wgan.types import Generator, Progress


@dataclass(frozen=True)
class TrainingEvaluator:
    """Evaluates generators on the latents and reals of `wgan evaluate` with seed 0.

    A value from training is therefore the one that `wgan evaluate --step` gives, without its interval.
    """

    latent_size: int
    """Not the run: before the first step, when what an evaluation costs is measured, nothing of one is on disk."""
    evaluator: Evaluator

    def evaluate(self, generator: Generator, step: int, device: torch.device) -> Evaluation:
        latents = sample_latents(self.evaluator.n, self.latent_size)
        return self.evaluator(generator, latents.to(device), step=step)


def training_evaluator(
    config: RunConfig,
    pack: Pack,
    progress: Progress = no_progress,
    again: Progress = no_progress,
) -> TrainingEvaluator | None:
    """The evaluator of a run, or None if its configuration names no metrics.

    It does all slow work at once (features of the reals, floors, a classifier), and so fails before training starts.
    That is shown as `progress`, and each evaluation as `again`.

    Raises:
        InputError: a metric does not suit the data, or nothing is held out.
    """
    if not config.measured:
        return None
    evaluator = Evaluator(pack, config.data.holdout, config.measured, progress=progress)
    evaluator.progress = again
    return TrainingEvaluator(config.networks.latent_size, evaluator)
