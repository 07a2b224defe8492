"""The vocabulary: shapes, conventions, and the protocols that everything else is written against.

Shapes: B batch, Z latent size, C channels, H height, W width, D all axes of one sample flattened.

Conventions, written once here and held by `tests/test_conventions.py`:

- images lie in [-1, 1];
- the critic scores *real* data high, so `distance = mean C(real) - mean C(fake)` is positive when all is well.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple, Protocol, TypeVar, runtime_checkable

import torch
from annotated_types import Ge, Gt, Lt
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from wgan.errors import InputError

T = TypeVar("T")

CPU = torch.device("cpu")

# Ranges of hyper-parameters, checked where a configuration is read.
Count = Annotated[int, Ge(1)]
NonNegativeCount = Annotated[int, Ge(0)]
Positive = Annotated[float, Gt(0)]
NonNegative = Annotated[float, Ge(0)]
Fraction = Annotated[float, Ge(0), Lt(1)]

Samples = Float[Tensor, "B *data"]
"""Images (B, C, H, W) in [-1, 1], or points (B, D)."""

Pixels = UInt8[Tensor, "B C H W"]
"""Images as they are stored and shown, 0..255."""

Latents = Float[Tensor, "B Z"]
"""Standard normal inputs of a generator."""

Scores = Float[Tensor, "B *scores"]
"""What a critic says of each sample, higher for more real: (B,) from ours, any further axes from a user's."""

Uniforms = Float[Tensor, " B"]
"""One number per sample, uniform on [0, 1)."""

DataShape = tuple[int, ...]
"""The shape of one sample: (C, H, W) for images, (D,) for points."""

Terms = dict[str, Tensor]
"""Named scalars of a step, detached, still on the device."""

Generator = Callable[[Tensor], Tensor]
"""(B, Z) latents to (B, *data) samples; an `nn.Module`, or anything that is called like one."""

Critic = Callable[[Tensor], Tensor]
"""(B, *data) samples to one score each; it may not mix samples when a penalty per sample is used."""


@dataclass(frozen=True)
class SampleSpec:
    """What one sample is. Its source makes this value, the pack and the run keep it, and everybody asks it.

    A kind of sample is a constructor here and a branch in `of`.
    """

    kind: Literal["points", "picture"]
    shape: tuple[Count, ...]
    dtype: Literal["uint8", "float32"]
    """Of a stored value."""
    low: float | None = None
    """The stored value that networks see as -1; None if they see values as they are."""
    high: float | None = None
    """The stored value that networks see as 1."""

    def __post_init__(self) -> None:
        axes, dtype = {"points": (1, "float32"), "picture": (3, "uint8")}[self.kind]
        if len(self.shape) != axes or self.dtype != dtype:
            raise ValueError(f"A sample of kind {self.kind} has {axes} axes of {dtype}, not {self.shape} {self.dtype}.")
        span = math.nan if self.low is None or self.high is None else self.high - self.low
        if not 0 < span < math.inf if self.kind == "picture" else not self.low is self.high is None:
            raise ValueError(f"A sample of kind {self.kind} cannot lie between {self.low} and {self.high}.")

    @classmethod
    def picture(cls, channels: int, height: int, width: int) -> "SampleSpec":
        """Bytes (C, H, W)."""
        return cls("picture", (channels, height, width), "uint8", 0.0, 255.0)

    @classmethod
    def points(cls, size: int) -> "SampleSpec":
        """Floating-point numbers (D,) without a range."""
        return cls("points", (size,), "float32")

    @classmethod
    def of(cls, shape: "SampleSpec | DataShape") -> "SampleSpec":
        """The usual samples of a shape, for shapes that come without a description: from users and from old runs.

        Raises:
            InputError: no sample has such a shape.
        """
        if isinstance(shape, SampleSpec):
            return shape
        if len(shape) not in (1, 3):
            raise InputError(f"A sample of shape {tuple(shape)} is neither a picture (C, H, W) nor a point (D,).")
        return cls.picture(*shape) if len(shape) == 3 else cls.points(*shape)

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture, which has channels and a size."""
        return self.kind == "picture"

    @property
    def channels(self) -> int | None:
        """1 grey, 3 RGB, 4 RGB and opacity; None for points."""
        return self.shape[0] if self.is_picture else None

    @property
    def size(self) -> tuple[int, int] | None:
        """(height, width); None for points."""
        return (self.shape[1], self.shape[2]) if self.is_picture else None

    def __str__(self) -> str:
        """Many of them in words: "8x8 grey pictures"."""
        if not self.is_picture:
            return f"points in {self.shape[0]} dimensions"
        channels, height, width = self.shape
        colours = {1: "grey", 3: "RGB", 4: "RGBA"}.get(channels, f"{channels}-channel")
        return f"{height}x{width} {colours} pictures"

    def to_samples(self, stored: Tensor) -> Samples:
        """Stored values (B, *shape) as networks see them."""
        if self.low is None or self.high is None:
            return stored
        values = stored.to(torch.float32, copy=True)
        if self.low:
            values.sub_(self.low)
        return values.div_((self.high - self.low) / 2).sub_(1.0)

    def to_stored(self, samples: Samples) -> Tensor:
        """The nearest stored values; what lies outside their range is clipped."""
        if self.low is None or self.high is None:
            return samples
        scaled = samples.float().add(1.0).mul((self.high - self.low) / 2)
        if self.low:
            scaled = scaled.add(self.low)
        return scaled.round().clamp(self.low, self.high).to(getattr(torch, self.dtype))

    def as_shown(self, samples: Samples) -> Samples:
        """The same samples in the steps in which they are stored, as real ones are."""
        return self.to_samples(self.to_stored(samples))


class Loss(NamedTuple):
    """A scalar to minimise, and the named scalars (detached by the step) that people read instead of it.

    All of them are means over the batch: where several processes share a batch, theirs are averaged.
    """

    value: Tensor
    terms: Mapping[str, Tensor]


@runtime_checkable
class Noise(Protocol):
    """The random numbers of one critic step: a function of the seed and the step, made when they are asked for.

    Asked twice, each gives the same numbers again.
    """

    def uniform(self) -> Uniforms:
        """One number per sample, uniform on [0, 1), (B,)."""

    def normal(self) -> Samples:
        """Standard normal, one number for each of a sample's, (B, *data)."""


@runtime_checkable
class Objective(Protocol):
    """A two-player game, as values. Frozen: its hyper-parameters are its fields.

    An objective never calls `backward`, never sees an optimiser and never draws random numbers: `noise` is made for
    it, so that a run can be resumed and sharded exactly.
    """

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, noise: Noise, /) -> Loss:
        """What the critic minimises. `fake` carries no graph."""

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, /) -> Loss:
        """What the generator minimises. `real` is there for relativistic objectives."""

    def constrain(self, critic: nn.Module, /) -> None:
        """Change the critic in place after each of its updates (weight clipping; usually nothing)."""


@runtime_checkable
class Penalised(Protocol):
    """An objective with a penalty on the gradients of single scores: its critic may not mix samples."""

    @property
    def penalty_weight(self) -> float:
        """How much the penalty counts; nothing at 0."""


@runtime_checkable
class Architecture(Protocol):
    """A pair of networks for samples of one shape. Frozen: its hyper-parameters are its fields."""

    @property
    def latent_size(self) -> int:
        """Z, the size of the generator's input."""

    def generator(self, spec: SampleSpec | DataShape, /) -> nn.Module:
        """A freshly initialised generator of such samples, (B, Z) to (B, *shape)."""

    def critic(self, spec: SampleSpec | DataShape, /) -> nn.Module:
        """A freshly initialised critic, (B, *shape) to (B,)."""


@runtime_checkable
class Progress(Protocol):
    """Shows how far long work has come: `for item in progress(items, total, "packing")`."""

    def __call__(self, items: Iterable[T], total: int, what: str, /) -> Iterable[T]:
        """The same items, counted as they pass."""
