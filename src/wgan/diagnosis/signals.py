"""Signals: what a line of the log says beside the objective's own terms. Measured between steps, read with the line."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call

from wgan.diagnosis.thumbnails import thumbnails
from wgan.objectives import slopes
from wgan.types import Latents, Samples, SampleSpec, Terms

NEIGHBOURS = 5
CROWD = FEW = 16
SCALE = 0.1
"""Neighbourhoods that count samples are of 16, but not smaller than this share of the data's mean distance: modes of
points may be so narrow that nothing within them matters."""
SATURATED = 0.99
SURE = 7.0
"""A logit of 7 is a probability of 99.9%."""
AT_BOUND = 0.999
"""Weights beyond this share of the clip bound are at it."""


class Networks(NamedTuple):
    """The networks of a run, on one device."""

    generator: nn.Module
    critic: nn.Module
    average: nn.Module


class Probe:
    """Real samples (N, *data) to hold the networks against, training ones and held-out ones, always the same.

    If nothing is held out, `held_out` is empty, and what is measured against it is left out. `spec` says what a sample
    is; None takes the usual kind of its shape. `catalogue` are the thumbnails of training samples among which copies
    are looked for; None takes those of `training`. `clip` is the bound of the critic's weights; 0 is none. `logits`
    says that a sigmoid of the scores is a probability.
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
    ) -> None:
        self.training, self.held_out = training, held_out
        self._spec = spec or SampleSpec.of(tuple(training.shape[1:]))
        self._reference_samples = held_out if len(held_out) >= FEW else training
        self._centre = thumbnails(self._reference_samples, self._spec).mean(
            dim=0
        )  # distances of large numbers lose their digits
        small = thumbnails(training, self._spec) if catalogue is None else catalogue
        self._catalogue = small - self._centre
        self._clip, self._logits = clip, logits

    def measure(self, players: Networks, z: Latents) -> Terms:
        """The signals for latents `z` (N, Z), as scalars on the device; nothing waits, no network is changed."""
        with torch.no_grad():
            fake = _called(players.generator, z)
            terms = self._scores(players.critic, fake) | self._samples(players.average(z))
            if self._clip:
                terms["at_clip"] = at_bound(players.critic, self._clip)
            terms["ema_drift"] = _change(_weights(players.average), _weights(players.generator))
        terms["slope"] = slopes(lambda x: _called(players.critic, x), fake).mean().detach()
        return terms

    def _scores(self, critic: nn.Module, fake: Samples) -> Terms:
        """How the critic tells real samples from those that the generator makes in training."""
        fake_scores = _scored(critic, fake)
        terms: Terms = {}
        for name, real in (("train", self.training), ("held_out", self.held_out)):
            if len(real):
                scores = _scored(critic, real)
                terms[f"{name}_distance"] = scores.mean() - fake_scores.mean()
                terms["accuracy" if name == "train" else "held_out_accuracy"] = ordered_share(scores, fake_scores)
                terms["score_spread"] = torch.cat([scores, fake_scores]).std(correction=0)
                if self._logits:
                    terms["sure"] = (torch.cat([scores, fake_scores]).abs() > SURE).float().mean()
        return terms

    def _samples(self, fake: Samples) -> Terms:
        """How the samples that people see, those of the average, lie among the data.

        The energy distance (Székely & Rizzo 2013, eq. 1) is in units of the reals' mean distance: 0 for equal
        distributions, 1 for all samples in one place far inside the data, more for what lies outside them.
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
            "saturated": _saturated(fake),
            "saturated_real": self._saturated_real,
        }
        if len(self.held_out):
            nearest = torch.cdist(small, self._catalogue).min(dim=1).values
            terms["memorised"] = (nearest < self._copied).float().mean()
        return terms

    def _small(self, samples: Tensor) -> Tensor:
        return thumbnails(samples, self._spec) - self._centre

    @cached_property
    def _reference(self) -> "_Reference":
        small = self._small(self._reference_samples)
        distances = _distances(small, small)
        spread = _mean_apart(distances)
        nearest = distances.sort(dim=1).values  # the first is the sample itself
        near, wide = (nearest[:, min(k, len(small) - 1)] for k in (NEIGHBOURS, CROWD))
        wide = wide.clamp_min(SCALE * spread)
        return _Reference(small, spread, near, wide, (distances <= wide[:, None]).sum(dim=1))

    @cached_property
    def _copied(self) -> Tensor:
        """Nearer than this to a training sample is no accident: half of what held-out samples are, in the median."""
        return torch.cdist(self._small(self.held_out), self._catalogue).min(dim=1).values.median() / 2

    @cached_property
    def _saturated_real(self) -> Tensor:
        return _saturated(self._reference_samples)


class _Reference(NamedTuple):
    """The held-out samples (or, with too few of them, the training ones), small, and what is known around each."""

    samples: Tensor
    spread: Tensor
    """The mean distance between two of them."""
    near: Tensor
    """(N,) distance to the fifth nearest."""
    wide: Tensor
    """(N,) radius of a neighbourhood in which samples can be counted."""
    crowd: Tensor
    """(N,) how many of them lie in it."""


class Updates:
    """How far a step moves each player: `begin` before it, `measure` after it."""

    def __init__(self) -> None:
        self._before: dict[str, list[Tensor]] = {}

    @torch.no_grad()
    def begin(self, players: Networks) -> None:
        """Remember the weights."""
        self._before = {
            "generator": [weight.clone() for weight in _weights(players.generator)],
            "critic": [weight.clone() for weight in _weights(players.critic)],
        }

    @torch.no_grad()
    def measure(self, players: Networks) -> Terms:
        """The length of each player's change by its weights' length; empty if nothing was begun."""
        before, self._before = self._before, {}
        return {
            f"{name}_update": _change(weights, _weights(getattr(players, name))) for name, weights in before.items()
        }


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

    The area under the ROC curve, which needs no threshold, so that it means the same under every objective.
    """
    difference = real[:, None] - fake[None]
    return (difference.sign().mean() + 1) / 2


def at_bound(critic: nn.Module, clip: float) -> Tensor:
    """The share of the critic's weights that clipping to [-clip, clip] holds at its bounds."""
    weights = _weights(critic)
    held = torch.stack([(weight.abs() >= AT_BOUND * clip).sum() for weight in weights]).sum()
    return held / sum(weight.numel() for weight in weights)


def _distances(a: Tensor, b: Tensor) -> Tensor:
    """Between all pairs, (N, M), to the last digit: not by squares that cancel."""
    return torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")


def _mean_apart(distances: Tensor) -> Tensor:
    """The mean of the distances (N, N) between different samples: those to themselves are 0."""
    count = len(distances)
    return distances.sum() / (count * (count - 1)) if count > 1 else distances.new_tensor(torch.nan)


def _saturated(samples: Samples) -> Tensor:
    return (samples.abs() > SATURATED).float().mean()


def _scored(critic: nn.Module, samples: Samples) -> Tensor:
    scores: Tensor = _called(critic, samples)
    return scores.flatten(1).mean(1) if scores.ndim > 1 else scores


def _called(network: nn.Module, x: Tensor) -> Any:
    """What the network makes of `x` in the mode it is in; its buffers (BatchNorm's statistics) stay as they were."""
    copies = {name: buffer.clone() for name, buffer in network.named_buffers()}
    return functional_call(network, copies, (x,))


def _weights(network: nn.Module) -> list[Tensor]:
    return [parameter.detach() for parameter in network.parameters()]


def _change(before: Iterable[Tensor], after: Iterable[Tensor]) -> Tensor:
    """The length of the difference by the length of `before`."""
    old, new = list(before), list(after)
    return _length(torch._foreach_sub(new, old)) / _length(old).clamp_min(1e-12)


def _length(tensors: Iterable[Tensor]) -> Tensor:
    norms: Tensor = torch.stack(list(torch._foreach_norm(list(tensors)))).norm()
    return norms
