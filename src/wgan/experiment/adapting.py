"""An augmentation whose probability follows the critic's overfitting, line by line of the log."""

from collections.abc import Mapping
from typing import Any

from wgan.config import RunConfig
from wgan.training import TrainState


def adapt(config: RunConfig, state: TrainState, row: Mapping[str, Any]) -> None:
    """Move the state's probability by a line of the log; only by those that come at even distances.

    Overfitting is unknown, and nothing moves, if the line lacks a distance. A critic that does not score training
    samples above fakes has learnt nothing by heart.
    """
    train, held_out = row.get("train_distance"), row.get("held_out_distance")
    if state.step % config.output.log_every or train is None or held_out is None:
        return
    overfitting = (train - held_out) / train if train > 0 else 0.0
    state.augmented = config.augmentation.adapted(state.augmented, overfitting)
