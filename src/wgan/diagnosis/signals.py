"""Signals: what a line of the log says besides the objective's own terms."""

from functools import cache, cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import adaptive_avg_pool1d

from wgan.diagnosis.conditioned import exchanged, least_move, matched, moved
from wgan.objectives import slopes
from wgan.types import Conditions, Latents, Samples, SampleSpec, Terms
from wgan.types.bound import tiled
from wgan.types.parts import made, parts

NEIGHBOURS = 5
CROWD = 16
"""The number of samples in a neighbourhood, and the fewest that make a reference."""
SCALE = 0.1
"""The smallest radius of a neighbourhood, relative to the data's mean distance: what lies within narrow modes does not
matter."""
SATURATED = 0.99
SURE = 7.0
"""A logit of 7 is a probability of 99.9%."""
AT_BOUND = 0.999
"""The share of the clip bound beyond which a weight is at the bound."""

THUMBNAIL = {1: 8, 2: 8, 3: 4}
"""The longest side of a thumbnail, by the number of sides: volumes have many values on few."""


class Networks(NamedTuple):
    """The networks of a run, on one device."""

    generator: nn.Module
    critic: nn.Module
    average: nn.Module


class Probe:
    """Compares the networks with real samples (N, *data), always the same training and held-out ones.

    If nothing is held out, `held_out` is empty, and signals that need it are left out. `spec` says what a sample is; by
    default, the usual kind of its shape. `catalogue` are thumbnails of training samples, among which it looks for
    copies; by default, those of `training`. `clip` is the bound of the critic's weights; 0 is none. `logits` says that
    a sigmoid of the scores is a probability. `conditions` (N, size) are those of the training samples and of the
    held-out ones, where networks take them. `generator_part` and `critic_part` are the most samples that a network
    sees at once; by default, all of them.
    """

    def __init__(
        self,
        training: Tensor,
        held_out: Tensor,
        *,
        spec: SampleSpec | None = None,
        catalogue: Tensor | None = None,
        clip: float = 0.0,
        logits: bool = False,
        conditions: Tensor | None = None,
        held_out_conditions: Tensor | None = None,
        generator_part: int | None = None,
        critic_part: int | None = None,
    ) -> None:
        self._generator_part, self._critic_part = generator_part, critic_part
        self.training, self.held_out = training, held_out
        self._spec = spec or SampleSpec.of(tuple(training.shape[1:]))
        self._reference_samples = held_out if len(held_out) >= CROWD else training
        # Subtracted everywhere, since distances of large numbers lose their digits.
        self._centre = thumbnails(self._reference_samples, self._spec).mean(dim=0)
        small = thumbnails(training, self._spec) if catalogue is None else catalogue
        self._catalogue = small - self._centre
        self._clip, self._logits = clip, logits
        self._conditions, self._held_out_conditions = conditions, held_out_conditions

    def measure(self, players: Networks, z: Latents) -> Terms:
        """The signals for latents `z` (N, Z), as scalars on the device. Does not wait, and changes no network.

        A signal is finite also where all scores or all samples are equal.
        """
        asked = None if self._conditions is None else tiled(self._conditions, len(z))
        with torch.no_grad():
            inputs = parts(z, asked, self._generator_part or len(z))
            fake = torch.cat([_called(players.generator, *both) for both in inputs])
            terms = self._scores(players.critic, fake, asked)
            averaged = made(players.average, z, asked)
            terms |= self._samples(averaged)
            if asked is not None:
                terms |= self._heard(players, z, averaged, asked)
            if self._clip:
                terms["at_clip"] = at_bound(players.critic, self._clip)
            terms["ema_drift"] = _change(_weights(players.average), _weights(players.generator))
        terms["slope"] = self._slopes(players.critic, fake, asked).mean()
        return terms

    def _slopes(self, critic: nn.Module, fake: Samples, asked: Conditions | None) -> Tensor:
        def of(part: Samples, wanted: Conditions | None) -> Tensor:
            return slopes(lambda x: _called(critic, x, wanted), part).detach()  # or each part's graph would be kept

        return torch.cat([of(*both) for both in parts(fake, asked, self._critic_part or len(fake))])

    def _scored(self, critic: nn.Module, samples: Samples, conditions: Conditions | None) -> Tensor:
        inputs = parts(samples, conditions, self._critic_part or len(samples))
        scores = torch.cat([_called(critic, *both) for both in inputs])
        return scores.flatten(1).mean(1) if scores.ndim > 1 else scores

    def _scores(self, critic: nn.Module, fake: Samples, asked: Conditions | None) -> Terms:
        """How well the critic tells real samples from the fakes of training."""
        fake_scores = self._scored(critic, fake, asked)
        terms: Terms = {}
        conditions = self._conditions, self._held_out_conditions
        for name, real, own in zip(("train", "held_out"), (self.training, self.held_out), conditions, strict=True):
            if len(real):
                scores = self._scored(critic, real, own)
                terms[f"{name}_distance"] = scores.mean() - fake_scores.mean()
                terms["accuracy" if name == "train" else "held_out_accuracy"] = ordered_share(scores, fake_scores)
                terms["score_spread"] = torch.cat([scores, fake_scores]).std(correction=0)
                if self._logits:
                    terms["sure"] = (torch.cat([scores, fake_scores]).abs() > SURE).float().mean()
        return terms

    def _heard(self, players: Networks, z: Latents, averaged: Samples, asked: Conditions) -> Terms:
        """What changes when conditions are exchanged, each time in another order: that of the latents' first numbers.

        Scores of real samples, and samples of the averaged generator. How far samples move is relative to the mean
        distance of real samples.
        """
        terms: Terms = {}
        conditions = self._conditions, self._held_out_conditions
        for name, real, own in zip(
            ("matched", "held_out_matched"), (self.training, self.held_out), conditions, strict=True
        ):
            if own is not None and len(real):
                other, differs = exchanged(own, tiled(z[:, :1], len(own))[:, 0])
                rival = self._scored(players.critic, real, other)
                terms[name] = matched(self._scored(players.critic, real, own), rival, differs)
        other, differs = exchanged(asked, z[:, 0])
        again, spread = made(players.average, z, other), self._reference[1]
        distance = moved(self._small(averaged), self._small(again), differs)
        return terms | {"moved": distance / spread, "moved_real": self._moved_real / spread}

    def _samples(self, fake: Samples) -> Terms:
        """How the samples of the averaged generator lie among the data.

        The energy distance (Székely & Rizzo 2013, eq. 1) is relative to the mean distance of real samples: 0 for equal
        distributions, 1 if all samples are in one place far inside the data, and more outside of them.
        """
        small = self._small(fake)
        reference, spread, near, wide, crowd = self._reference
        between, within = _distances(reference, small), _mean_apart(_distances(small, small))
        expected = crowd * (len(small) / len(reference))
        terms = {
            "energy_distance": (2 * between.mean() - within) / spread - 1,
            "diversity": within / spread,
            "missed": (4 * (between <= wide[:, None]).sum(dim=1) < expected).float().mean(),
            "coverage": (between.min(dim=1).values <= near).float().mean(),
            "outside": self._outside(fake),
            "saturated": _saturated(fake),
            "saturated_real": self._saturated_real,
        }
        if len(self.held_out):
            nearest = torch.cdist(small, self._catalogue).min(dim=1).values
            terms["memorised"] = (nearest < self._copied).float().mean()
        return terms

    def _outside(self, fake: Samples) -> Tensor:
        """The share of values beyond those of the reference samples, by more than a twentieth of their range."""
        low, high = self._reference_samples.aminmax()
        margin = (high - low) / 20
        return ((fake < low - margin) | (fake > high + margin)).float().mean()

    def _small(self, samples: Tensor) -> Tensor:
        return thumbnails(samples, self._spec) - self._centre

    @cached_property
    def _reference(self) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """The reference samples as points (N, D) and the mean distance between two of them.

        Then, for each sample (N,): the distance to the fifth nearest, the radius of its neighbourhood, and the number
        of samples there.
        """
        small = self._small(self._reference_samples)
        distances = _distances(small, small)
        spread = _mean_apart(distances)
        nearest = distances.sort(dim=1).values  # the first is the sample itself
        near, wide = (nearest[:, min(k, len(small) - 1)] for k in (NEIGHBOURS, CROWD))
        wide = wide.clamp_min(SCALE * spread)
        return small, spread, near, wide, (distances <= wide[:, None]).sum(dim=1)

    @cached_property
    def _copied(self) -> Tensor:
        """A sample nearer than this to a training sample is a copy: half the median distance of held-out samples."""
        return torch.cdist(self._small(self.held_out), self._catalogue).min(dim=1).values.median() / 2

    @cached_property
    def _moved_real(self) -> Tensor:
        small = self._reference[0]
        known = self._held_out_conditions if self._reference_samples is self.held_out else self._conditions
        assert known is not None
        return least_move(_distances(small, small), known)

    @cached_property
    def _saturated_real(self) -> Tensor:
        return _saturated(self._reference_samples)


class Updates:
    """How far a step moves each player: call `begin` before it and `measure` after it."""

    def __init__(self) -> None:
        self._before: dict[str, list[Tensor]] = {}

    @torch.no_grad()
    def begin(self, players: Networks) -> None:
        for name in ("generator", "critic"):
            self._before[name] = [weight.clone() for weight in _weights(getattr(players, name))]

    @torch.no_grad()
    def measure(self, players: Networks) -> Terms:
        """The length of each player's change, relative to that of its weights; empty without `begin`."""
        before, self._before = self._before, {}
        return {f"{name}_update": _change(old, _weights(getattr(players, name))) for name, old in before.items()}


@torch.no_grad()
def layer_gradients(players: Networks) -> dict[str, dict[str, Tensor]]:
    """The norm of the newest gradient of each weight that has one, for the generator and the critic."""
    norms: dict[str, dict[str, Tensor]] = {}
    for player in ("generator", "critic"):
        named = [(n, p.grad) for n, p in getattr(players, player).named_parameters() if p.grad is not None]
        values = torch._foreach_norm([gradient for _, gradient in named]) if named else ()
        norms[player] = {name: value for (name, _), value in zip(named, values, strict=True)}
    return norms


def ordered_share(real: Tensor, fake: Tensor) -> Tensor:
    """The share of pairs of scores (N,) and (M,) in which the real one is higher, ties half: 0.5 is chance.

    This is the area under the ROC curve. It needs no threshold, so it means the same under every objective.
    """
    difference = real[:, None] - fake[None]
    return (difference.sign().mean() + 1) / 2


def at_bound(critic: nn.Module, clip: float) -> Tensor:
    """The share of the critic's weights that clipping to [-clip, clip] holds at its bounds."""
    weights = _weights(critic)
    held = torch.stack([(weight.abs() >= AT_BOUND * clip).sum() for weight in weights]).sum()
    return held / sum(weight.numel() for weight in weights)


def _distances(a: Tensor, b: Tensor) -> Tensor:
    """Between all pairs, (N, M); not by matrix products, which cancel digits."""
    return torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")


def _mean_apart(distances: Tensor) -> Tensor:
    """The mean of the distances (N, N) between different samples."""
    count = len(distances)
    return distances.sum() / (count * (count - 1)) if count > 1 else distances.new_tensor(torch.nan)


def _saturated(samples: Samples) -> Tensor:
    return (samples.abs() > SATURATED).float().mean()


def _called(network: nn.Module, x: Tensor, conditions: Conditions | None) -> Any:
    """Call the network in its mode, without changing its buffers (BatchNorm's statistics)."""
    copies = {name: buffer.clone() for name, buffer in network.named_buffers()}
    return functional_call(network, copies, (x,) if conditions is None else (x, conditions))


def _weights(network: nn.Module) -> list[Tensor]:
    return [parameter.detach() for parameter in network.parameters()]


def _change(before: list[Tensor], after: list[Tensor]) -> Tensor:
    """The length of the difference, relative to that of `before`."""
    moved = torch._foreach_sub(after, before)
    change, length = (torch.stack(list(torch._foreach_norm(tensors))).norm() for tensors in (moved, before))
    relative: Tensor = change / length.clamp_min(1e-12)
    return relative


def thumbnails(samples: Samples, spec: SampleSpec) -> Tensor:
    """Samples as points, every side averaged down to at most 8, or 4 for volumes: (N, D).

    Fine detail, in which no two pictures are alike, dominates the distances between whole pictures; distances between
    thumbnails say whether two pictures show the same thing.
    """
    if spec.is_spatial:
        size = samples.shape[2:]
        *others, last = (_averaging(side, THUMBNAIL[len(size)], samples.device) for side in size)
        for axis, averaging in enumerate(others, start=2):
            samples = (averaging @ samples.movedim(axis, -2)).movedim(-2, axis)
        samples = samples @ last.T
    return samples.flatten(1)


@cache
def _averaging(size: int, most: int, device: torch.device) -> Tensor:
    """Adaptive average pooling of an axis to at most so many values, as a matrix (most, size).

    Not torch's own pooling, which some devices lack for sizes that the number of values does not divide.
    """
    return adaptive_avg_pool1d(torch.eye(size)[None], min(size, most))[0].T.to(device)
