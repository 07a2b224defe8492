"""The observer: what a line of a run's log says beside the means of its terms."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from wgan.config import RunConfig
from wgan.data import Pack
from wgan.diagnosis import Networks, Probe, Updates, layer_gradients, thumbnails
from wgan.experiment.build import Built
from wgan.objectives import axes
from wgan.training import Stream, TrainState, latents, random_numbers

PICTURES, POINTS = 128, 512
"""How many samples of each kind a line is measured on: what costs a hundredth of the steps between two lines."""
CATALOGUE = 2048
"""Among how many training samples copies are looked for: who has more data has not been seen to copy them."""


class Observer:
    """Measures the signals of a run's state when a line of its log is due. Nothing it does changes the run."""

    def __init__(self, state: TrainState, config: RunConfig, probe: Probe, count: int) -> None:
        self._state, self._config, self._probe, self._count = state, config, probe, count
        self._networks = Networks(state.generator, state.critic, state.ema)
        self._updates = Updates()

    def before_step(self) -> None:
        """To be called before a step that ends in a line, so that its size can be told."""
        self._updates.begin(self._networks)

    def line(self) -> dict[str, Any]:
        """The signals by name, and `layers`: each weight's gradient. Waits for the device, once.

        What is not finite is left out: the spread of data that are all alike has no ratio to anything.
        """
        state, training = self._state, self._config.training
        z = latents(training.seed, Stream.PROBE, state.step, self._count, self._config.networks.latent_size)
        signals = self._probe.measure(self._networks, z.to(self._probe.training.device))
        signals |= self._updates.measure(self._networks)
        layers = layer_gradients(self._networks)
        tensors = [*signals.values(), *(value for player in layers.values() for value in player.values())]
        values = iter(torch.stack([tensor.float() for tensor in tensors]).tolist())
        return {
            **_finite(signals, values),
            "layers": {player: _finite(norms, values) for player, norms in layers.items()},
        }


def _finite(names: Mapping[str, Tensor], values: Iterator[float]) -> dict[str, float]:
    pairs = {name: next(values) for name in names}
    return {name: value for name, value in pairs.items() if math.isfinite(value)}


def observer_of(built: Built, config: RunConfig, pack: Pack) -> Observer:
    """An observer with probes of the data: always the same training samples, and held-out ones (none, if none are)."""
    count = PICTURES if pack.spec.is_picture else POINTS
    random = random_numbers(config.training.seed, Stream.PROBE)
    train, held_out = (random.permutation(side) for side in pack.split(config.data.holdout))
    parts = np.split(train[:CATALOGUE], range(count, min(len(train), CATALOGUE), count))
    catalogue = torch.cat([thumbnails(pack.samples_at(part, built.device), pack.spec) for part in parts])
    game = axes(built.objective)
    probe = Probe(
        *(pack.samples_at(side[:count], built.device) for side in (train, held_out)),
        spec=pack.spec,
        catalogue=catalogue,
        clip=game.clip if game else 0.0,
        logits=game is not None and game.loss in ("saturating", "non-saturating"),
    )
    return Observer(built.state, config, probe, count)
