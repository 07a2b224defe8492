"""A small classifier of the data's own classes, trained when it is first needed."""

import math
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from wgan.types import DataShape, Progress, Samples, SampleSpec

VERSION = 1
"""Increase it when a change of this file trains another classifier on the same data."""
FEATURES = 64
BATCH = 128
STEPS = 1200
EPOCHS = 30
LEARNING_RATE = 2e-3

SamplesAt = Callable[[NDArray[np.int64]], Samples]
"""Returns the samples at these places, in [-1, 1] unless they are points."""


class Layers(NamedTuple):
    """torch's layers for samples with so many sides, and the numbers that go with them."""

    adaptive_mean: Callable[..., nn.Module]
    convolution: Callable[..., nn.Module]
    largest_of: Callable[..., nn.Module]
    longest: int
    """Longer sides are reduced to it."""
    kernel: int
    stride: int


LAYERS = {
    1: Layers(nn.AdaptiveAvgPool1d, nn.Conv1d, nn.MaxPool1d, 1024, 9, 4),
    2: Layers(nn.AdaptiveAvgPool2d, nn.Conv2d, nn.MaxPool2d, 32, 3, 2),
    3: Layers(nn.AdaptiveAvgPool3d, nn.Conv3d, nn.MaxPool3d, 16, 3, 2),
}
"""By the number of sides; for signals, squares of the numbers for pictures, as in the random network."""


class Classifier(nn.Module):
    """64 features, by two convolutions and a linear layer or, for points, two linear layers; and a linear head.

    `accuracy` is measured on `judged_on` held-out samples. Pictures of more than 32 pixels a side are reduced.
    """

    def __init__(self, spec: SampleSpec, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.body = body_for(spec)
        self.head = nn.Linear(FEATURES, classes)
        self.accuracy: Tensor
        self.judged_on: Tensor
        self.register_buffer("accuracy", torch.zeros(()))
        self.register_buffer("judged_on", torch.zeros((), dtype=torch.int64))

    def features(self, samples: Samples) -> Float[Tensor, "B F"]:
        features: Tensor = self.body(samples)
        return features

    def forward(self, samples: Samples) -> Float[Tensor, "B K"]:
        logits: Tensor = self.head(self.features(samples))
        return logits


def body_for(spec: SampleSpec) -> nn.Module:
    """From samples to 64 features."""
    return _for_places(spec.shape) if spec.is_spatial else _for_points(spec.shape)


def _for_places(shape: DataShape) -> nn.Module:
    channels, size = shape[0], shape[1:]
    of = LAYERS[len(size)]
    reduced = tuple(min(side, max(1, round(side * of.longest / max(size)))) for side in size)
    left = [-(-side // of.stride**2) for side in reduced]
    return nn.Sequential(
        of.adaptive_mean(reduced),
        of.convolution(channels, 16, of.kernel, padding=of.kernel // 2),
        nn.ReLU(),
        of.largest_of(of.stride, ceil_mode=True),
        of.convolution(16, 32, of.kernel, padding=of.kernel // 2),
        nn.ReLU(),
        of.largest_of(of.stride, ceil_mode=True),
        nn.Flatten(),
        nn.Linear(32 * math.prod(left), FEATURES),
        nn.ReLU(),
    )


def _for_points(shape: DataShape) -> nn.Module:
    return nn.Sequential(nn.Linear(shape[0], FEATURES), nn.ReLU(), nn.Linear(FEATURES, FEATURES), nn.ReLU())


N = TypeVar("N", bound=nn.Module)


def fixed(build: Callable[[], N]) -> N:
    """What `build` makes with a fixed seed. torch's global generators are left alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build()


def fit(
    network: nn.Module,
    loss: Callable[[NDArray[np.int64]], Tensor],
    train: Int[np.ndarray, " T"],
    progress: Progress,
    what: str,
    epochs: int = EPOCHS,
) -> None:
    """Train a network with Adam on batches of 128, with a cosine schedule from 2e-3 to zero, and freeze it.

    Takes 1,200 steps, or so many epochs if those are fewer. `loss` is that of the samples at some of the places
    `train`. Draws nothing from torch.
    """
    steps = min(STEPS, -(-epochs * len(train) // BATCH))
    random = np.random.Generator(np.random.Philox(key=3))
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    for step in progress(range(steps), steps, what):
        value = loss(random.choice(train, BATCH))
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 + math.cos(math.pi * step / steps)) / 2
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    network.eval().requires_grad_(False)


def train_classifier(
    spec: SampleSpec,
    classes: int,
    samples_at: SamplesAt,
    labels: Int[np.ndarray, " N"],
    train: Int[np.ndarray, " T"],
    held_out: Int[np.ndarray, " H"],
    progress: Progress,
) -> Classifier:
    """Train a classifier, see `fit`. `train` and `held_out` are places of samples with known labels."""
    classifier = fixed(lambda: Classifier(spec, classes))

    def loss(chosen: NDArray[np.int64]) -> Tensor:
        return functional.cross_entropy(classifier(samples_at(chosen)), torch.from_numpy(labels[chosen]))

    fit(classifier, loss, train, progress, "training a classifier")
    right = 0
    for start in range(0, len(held_out), 1000):
        chosen = held_out[start : start + 1000]
        right += int((classifier(samples_at(chosen)).argmax(1) == torch.from_numpy(labels[chosen])).sum())
    classifier.accuracy.fill_(right / max(len(held_out), 1))
    classifier.judged_on.fill_(len(held_out))
    return classifier
