"""Observation: what a line of a run's log says beside the means of its terms."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from wgan.config import RunConfig
from wgan.data import Pack, to_samples
from wgan.diagnosis import Players, Probe, Updates, layer_gradients, thumbnails
from wgan.objectives import axes
from wgan.training import Stream, TrainState, latents, random_numbers
from wgan.types import Objective

PICTURES, POINTS = 128, 512
"""How many samples of each kind a line is measured on: what costs a hundredth of the steps between two lines."""
CATALOGUE = 2048
"""Among how many training samples copies are looked for: who has more data has not been seen to copy them."""


class Observer:
    """Measures the signals of a run's state when a line of its log is due. Nothing it does changes the run."""

    def __init__(self, state: TrainState, objective: Objective, config: RunConfig, pack: Pack) -> None:
        self._state, self._config = state, config
        self._players = Players(state.generator, state.critic, state.ema)
        training, held_out, catalogue = _probes(pack, config, next(state.critic.parameters()).device)
        self._count = PICTURES if len(pack.shape) == 3 else POINTS
        game = axes(objective)
        logits = game is not None and game.loss in ("saturating", "non-saturating")
        self._probe = Probe(training, held_out, catalogue=catalogue, clip=game.clip if game else 0.0, logits=logits)
        self._updates = Updates()

    def before_step(self) -> None:
        """To be called before a step that ends in a line, so that its size can be told."""
        self._updates.begin(self._players)

    def line(self) -> dict[str, Any]:
        """The signals by name, and `layers`: each weight's gradient. Waits for the device, once.

        What is not finite is left out: the spread of data that are all alike has no ratio to anything.
        """
        state, training = self._state, self._config.training
        z = latents(training.seed, Stream.PROBE, state.step, self._count, self._config.networks.latent_size)
        signals = self._probe.measure(self._players, z.to(self._probe.training.device))
        signals |= self._updates.measure(self._players)
        layers = layer_gradients(self._players)
        tensors = [*signals.values(), *(value for player in layers.values() for value in player.values())]
        values = iter(torch.stack([tensor.float() for tensor in tensors]).tolist())
        return {
            **_finite(signals, values),
            "layers": {player: _finite(norms, values) for player, norms in layers.items()},
        }


def _finite(names: Mapping[str, Tensor], values: Iterator[float]) -> dict[str, float]:
    pairs = {name: next(values) for name in names}
    return {name: value for name, value in pairs.items() if math.isfinite(value)}


def _probes(pack: Pack, config: RunConfig, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Training samples, held-out ones (none, if none are), and thumbnails of more training ones: always the same."""
    most, random = PICTURES if len(pack.shape) == 3 else POINTS, random_numbers(config.training.seed, Stream.PROBE)
    train, held_out = (random.permutation(side) for side in pack.split(config.data.holdout))
    parts = np.split(train[:CATALOGUE], range(most, min(len(train), CATALOGUE), most))
    catalogue = torch.cat([thumbnails(to_samples(pack.samples[part], device)) for part in parts])
    training, unseen = (to_samples(pack.samples[side[:most]], device) for side in (train, held_out))
    return training, unseen, catalogue
