"""A small network that reads from a sample what a condition says of it, trained when it is first needed."""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float, Int, Int8
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from wgan.metrics.asked_summaries import Answers, Differences
from wgan.metrics.extractors.classifier import EPOCHS, FEATURES, Classifier, SamplesAt, body_for, fit, fixed
from wgan.types import Progress, Samples, SampleSpec
from wgan.types.condition import Condition, Part, Rows

VERSION = 1
"""Increase it when a change of this file trains another reader on the same data."""
NUMBER_EPOCHS = 10 * EPOCHS
"""Numbers of few samples take longer than classes: 30 epochs of 1,000 points are 235 steps."""
JUDGED_AT_ONCE = 1000


class Reader(nn.Module):
    """A classifier's layers with an output for each number of a condition's vector.

    Classes and labels are read as if each were as frequent as the others: the class with the largest p(k | x) / p(k),
    and the labels with p(l | x) > p(l). That is best where each counts the same, and a rare one can be read at all.
    """

    quality: Tensor
    """(P,) on held-out samples: of each part the share that is right, or the mean absolute error in its own units."""
    judged_on: Tensor

    def __init__(self, spec: SampleSpec, condition: Condition) -> None:
        super().__init__()
        self.condition = condition
        self.body = body_for(spec)
        self.head = nn.Linear(FEATURES, condition.size)
        self.register_buffer("quality", torch.zeros(len(condition.parts)))
        self.register_buffer("judged_on", torch.zeros((), dtype=torch.int64))
        rarity = torch.cat([_rarity(part) for part in condition.parts])
        self.register_buffer("rarity", rarity, persistent=False)
        self.rarity: Tensor

    def forward(self, samples: Samples) -> Float[Tensor, "B size"]:
        """Logits of classes and labels, and standardised numbers."""
        outputs: Tensor = self.head(self.body(samples))
        return outputs

    def loss(self, samples: Samples, rows: Rows) -> Tensor:
        """The sum over parts: cross-entropy, binary cross-entropy, or the mean squared error."""
        losses = []
        for part, outputs, truth in self._by_part(self(samples), rows):
            if part.kind == "class":
                losses.append(functional.cross_entropy(outputs, truth[:, 0].long()))
            elif part.kind == "labels":
                losses.append(functional.binary_cross_entropy_with_logits(outputs, truth))
            else:
                losses.append(functional.mse_loss(outputs, truth))
        return torch.stack(losses).sum()

    @torch.no_grad()
    def read(self, samples: Samples) -> Rows:
        """What it takes the samples for, as rows of the condition."""
        outputs = self(samples.float().cpu()) + self.rarity
        read = []
        for part, where in self.condition.values():
            values = outputs[:, where]
            if part.kind == "class":
                values = values.argmax(1, keepdim=True).float()
            elif part.kind == "labels":
                values = (values > 0).float()
            read.append(values)
        return torch.cat(read, dim=1)

    def judge(self, samples_at: SamplesAt, rows: Float[np.ndarray, "N width"], held_out: Int[np.ndarray, " H"]) -> None:
        """Measure the quality on the samples at these places."""
        answers, differences = Answers(), Differences()
        for start in range(0, len(held_out), JUDGED_AT_ONCE):
            chosen = held_out[start : start + JUDGED_AT_ONCE]
            asked, read = torch.from_numpy(rows[chosen]), self.read(samples_at(chosen))
            if has_names(self.condition):
                answers.add(answers_of(self.condition, asked, read))
            if self.condition.has_numbers:
                differences.add(differences_of(self.condition, asked, read))
        right = iter(answers.right if answers.count else ())
        off = iter(differences.mean if differences.count else ())
        for place, part in enumerate(self.condition.parts if len(held_out) else ()):
            self.quality[place] = next(off) * part.spread if part.kind == "number" else next(right)
        self.judged_on.fill_(len(held_out))

    def _by_part(self, outputs: Tensor, rows: Rows) -> Iterator[tuple[Part, Tensor, Tensor]]:
        for (part, at), (_, where) in zip(self.condition.values(), self.condition.columns(), strict=True):
            yield part, outputs[:, at], rows[:, where]


def _rarity(part: Part) -> Tensor:
    """What to add to outputs so that the most likely is that of equally frequent classes."""
    if part.kind == "number":
        return torch.zeros(1)
    counts = torch.tensor(part.counts, dtype=torch.float64)
    if part.kind == "class":
        shares = counts / counts.sum()
        return torch.where(counts > 0, -shares.clamp_min(1e-12).log(), -torch.inf).float()  # never a class without any
    least = 0.5 / max(part.samples, 1)
    return -torch.logit((counts / max(part.samples, 1)).clamp(least, 1 - least)).float()


def train_reader(
    spec: SampleSpec,
    condition: Condition,
    samples_at: SamplesAt,
    rows: Float[np.ndarray, "N width"],
    train: Int[np.ndarray, " T"],
    held_out: Int[np.ndarray, " H"],
    progress: Progress,
) -> Reader:
    """Train a reader, see `fit`. `train` and `held_out` are places of samples of which the condition is known."""
    reader = fixed(lambda: Reader(spec, condition))

    def loss(chosen: NDArray[np.int64]) -> Tensor:
        return reader.loss(samples_at(chosen), torch.from_numpy(rows[chosen]))

    epochs = NUMBER_EPOCHS if condition.has_numbers else EPOCHS
    fit(reader, loss, train, progress, f"training a reader of {', '.join(condition.names)}", epochs)
    reader.judge(samples_at, rows, held_out)
    return reader


def reader_of(classifier: Classifier, spec: SampleSpec, condition: Condition) -> Reader:
    """The reader of a condition that is one class, which a classifier of the same classes knows already."""
    reader = fixed(lambda: Reader(spec, condition))
    reader.body, reader.head = classifier.body, classifier.head
    return reader.eval().requires_grad_(False)


def has_names(condition: Condition) -> bool:
    """Whether anything is asked for by its name: a class or labels."""
    return any(part.kind != "number" for part in condition.parts)


def answers_of(condition: Condition, asked: Rows, read: Rows) -> Int8[Tensor, "B P C"]:
    """Of each part with names, whether what was asked for was read: 1 or 0; -1 in cells that were not asked for.

    A class has a cell for each name. Labels have two: that it is there, and that it is not.
    """
    answers = []
    for part, where in condition.columns():
        right = (asked[:, where] == read[:, where]).to(torch.int8)
        if part.kind == "class":
            cells = torch.full((len(asked), part.size), -1, dtype=torch.int8)
            answers.append(cells.scatter(1, asked[:, where].long(), right))
        elif part.kind == "labels":
            there = asked[:, where] > 0
            answers.append(torch.cat([right.where(there, -1), right.where(~there, -1)], dim=1))
    most = max(cells.shape[1] for cells in answers)
    return torch.stack([functional.pad(cells, (0, most - cells.shape[1]), value=-1) for cells in answers], dim=1)


def differences_of(condition: Condition, asked: Rows, read: Rows) -> Float[Tensor, "B numbers"]:
    """By how much each number that was read differs from the one that was asked for, in spreads."""
    places = [where for part, where in condition.columns() if part.kind == "number"]
    return torch.cat([read[:, where] - asked[:, where] for where in places], dim=1)
