"""The observer: what a line of a run's log says beside the means of its terms."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from wgan.config import RunConfig
from wgan.diagnosis import Networks, Probe, Updates, layer_gradients, thumbnails
from wgan.experiment.plan import Plan
from wgan.objectives import axes
from wgan.training import Stream, TrainState, latents, random_numbers
from wgan.types import Conditions
from wgan.types.parts import at_once

SPATIAL, POINTS = 128, 512
"""Samples that a line is measured on. They cost about 1% of the steps between two lines."""
CATALOGUE = 2048
"""Training samples among which copies are looked for. Larger data sets have not been seen to be copied."""


@dataclass(frozen=True)
class Observer:
    """Measures the signals of a run when a line of its log is due, without changing the run."""

    state: TrainState
    networks: Networks
    probe: Probe
    seed: int
    latents: tuple[int, int]
    """How many, and their size."""
    updates: Updates = field(default_factory=Updates)

    def before_step(self) -> None:
        """Call before a step that ends in a line: its size is one of the signals."""
        self.updates.begin(self.networks)

    def line(self) -> dict[str, Any]:
        """The signals by name, and `layers`: the norm of each weight's gradient. Waits for the device once.

        Values that are not finite are left out, such as ratios to the spread of data that are all alike.
        """
        z = latents(self.seed, Stream.PROBE, self.state.step, *self.latents)
        signals = self.probe.measure(self.networks, z.to(self.state.device))
        signals |= self.updates.measure(self.networks)
        layers = layer_gradients(self.networks)
        tensors = [*signals.values(), *(value for player in layers.values() for value in player.values())]
        values = iter(torch.stack([tensor.float() for tensor in tensors]).tolist())
        finite = _finite(signals, values)
        return {**finite, "layers": {player: _finite(norms, values) for player, norms in layers.items()}}


def _part(config: RunConfig, network: nn.Module, x: Tensor, conditions: Conditions | None) -> int | None:
    """The most samples like these that a network in training sees.

    For those of large networks, a line shall need no more memory than a step of one process. All of them where a
    BatchNorm layer would see others, unless the run's own batches are computed in parts.
    """
    if config.training.microbatch is None and any(isinstance(layer, _BatchNorm) for layer in network.modules()):
        return None
    return max(config.training.microbatch or config.training.batch_size, at_once(network, x, conditions))


def _finite(names: Mapping[str, Tensor], values: Iterator[float]) -> dict[str, float]:
    pairs = {name: next(values) for name in names}
    return {name: value for name, value in pairs.items() if math.isfinite(value)}


def observer_of(planned: Plan, state: TrainState) -> Observer:
    """An observer of these networks on fixed training samples and, if there are any, held-out samples."""
    config, pack = planned.config, planned.pack
    count = SPATIAL if pack.spec.is_spatial else POINTS
    random = random_numbers(config.training.seed, Stream.PROBE)
    train, held_out = (random.permutation(side) for side in pack.split(config.data.holdout))
    parts = np.split(train[:CATALOGUE], range(count, min(len(train), CATALOGUE), count))
    catalogue = torch.cat([thumbnails(pack.samples_at(part, state.device), pack.spec) for part in parts])
    game = axes(planned.objective)
    real, kept = (pack.samples_at(side[:count], state.device) for side in (train, held_out))
    asked = pack.conditions_at(train[:count], state.device)
    z = torch.zeros(len(real), config.networks.latent_size, device=state.device)
    probe = Probe(
        real,
        kept,
        conditions=asked,
        held_out_conditions=pack.conditions_at(held_out[:count], state.device),
        spec=pack.spec,
        catalogue=catalogue,
        clip=game.clip if game else 0.0,
        logits=game is not None and game.loss in ("saturating", "non-saturating"),
        generator_part=_part(config, state.generator, z, asked),
        critic_part=_part(config, state.critic, real, asked),
    )
    networks = Networks(state.generator, state.critic, state.ema)
    return Observer(state, networks, probe, config.training.seed, (count, config.networks.latent_size))
