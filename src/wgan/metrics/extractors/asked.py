"""What depends on what a sample was asked to be: whether a reader reads it there, and the group that it belongs to."""

import torch
from jaxtyping import Bool, Float, Int8
from torch import Tensor

from wgan.metrics.extractors.classes import digest_of
from wgan.metrics.extractors.extractor import AskedExtractor, Extractor
from wgan.metrics.extractors.reader import Reader, answers_of, differences_of
from wgan.types import Samples
from wgan.types.condition import Condition, Part, Rows


class NamesRead(AskedExtractor):
    """Whether the classes and labels that were asked for are read, see `answers_of`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        parts = [part for part in reader.condition.parts if part.kind != "number"]
        self.names = [_names(part) for part in parts]
        self.parts = [part.name for part in parts]
        self.chance = sum(_chance(part) for part in parts) / len(parts)
        self.size = 0  # answers have a shape, not a size
        self.key = f"names read {digest_of(reader)} {reader.condition}"
        self.description = _describe(reader)

    def __call__(self, samples: Samples, asked: Rows) -> Int8[Tensor, "B P C"]:
        return answers_of(self._reader.condition, asked, self._reader.read(samples))


class NumbersRead(AskedExtractor):
    """By how much the numbers that are read differ from those that were asked for, in spreads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.parts = [part for part in reader.condition.parts if part.kind == "number"]
        self.size = len(self.parts)
        self.key = f"numbers read {digest_of(reader)} {reader.condition}"
        self.description = _describe(reader)

    def __call__(self, samples: Samples, asked: Rows) -> Float[Tensor, "B numbers"]:
        return differences_of(self._reader.condition, asked, self._reader.read(samples))


class GroupFeatures(AskedExtractor):
    """Which groups a sample is asked to be in, as 0 or 1, and then its features: (B, G + F)."""

    def __init__(self, features: Extractor, condition: Condition) -> None:
        self._features, self._condition = features, condition
        self.names = group_names(condition)
        self.size = len(self.names)
        self.key = None if features.key is None else f"groups {features.key} {condition}"
        self.description = f"{features.description}, by what was asked for"

    def __call__(self, samples: Samples, asked: Rows) -> Float[Tensor, "B W"]:
        return torch.cat([members(self._condition, asked).float(), self._features(samples)], dim=1)


def group_names(condition: Condition) -> list[str]:
    """Of the groups that a sample can be asked to be in: each class, each label, and fifths of the first number."""
    return [f"{part.name}={name}" for part in _grouping(condition) for name in part.groups]


def members(condition: Condition, rows: Rows) -> Bool[Tensor, "B G"]:
    """Which groups each sample is in: one of each class and number, and as many as it has labels."""
    grouping = _grouping(condition)
    asked = [(part, rows[:, where]) for part, where in condition.columns() if part in grouping]
    return torch.cat([part.membership(part.to_vectors(values)) for part, values in asked], dim=1)


def _grouping(condition: Condition) -> list[Part]:
    """The parts that make groups."""
    numbers = [part for part in condition.parts if part.kind == "number"]
    return [part for part in condition.parts if part.kind != "number" or part is numbers[0]]


def _names(part: Part) -> list[str]:
    """Of the cells of answers."""
    if part.kind == "class":
        return [f"{part.name}={name}" for name in part.names]
    return [f"{part.name}={name}" for name in part.names] + [f"{part.name} without {name}" for name in part.names]


def _chance(part: Part) -> float:
    """The share of right answers where samples have nothing to do with what was asked for."""
    return 1 / sum(count > 0 for count in part.counts) if part.kind == "class" else 0.5


def _describe(reader: Reader) -> str:
    read = []
    for part, quality in zip(reader.condition.parts, reader.quality.tolist(), strict=True):
        read.append(
            f"{part.name} ({quality:.3g} off)" if part.kind == "number" else f"{part.name} ({quality:.1%} right)"
        )
    return f"a reader of {', '.join(read)}, judged on {int(reader.judged_on):,} held-out samples"
