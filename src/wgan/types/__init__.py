"""The vocabulary: shapes, conventions, and the protocols that everything else is written against.

Shapes: B batch, Z latent size, C channels, H height, W width, D all axes of one sample flattened.

Conventions, written once here and held by `tests/test_conventions.py`:

- images lie in [-1, 1];
- the critic scores *real* data high, so `distance = mean C(real) - mean C(fake)` is positive when all is well.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from annotated_types import Ge, Gt, Lt
from jaxtyping import Float, UInt8
from numpy.typing import NDArray
from torch import Tensor, nn

from wgan.types.condition import Condition as Condition, Conditions as Conditions
from wgan.types.sample_spec import SampleSpec as SampleSpec

T = TypeVar("T")

CPU = torch.device("cpu")

# Ranges of hyper-parameters, checked where a configuration is read.
Count = Annotated[int, Ge(1)]
NonNegativeCount = Annotated[int, Ge(0)]
Positive = Annotated[float, Gt(0)]
NonNegative = Annotated[float, Ge(0)]
Fraction = Annotated[float, Ge(0), Lt(1)]

Samples = Float[Tensor, "B *data"]
"""Signals (B, C, L), pictures (B, C, H, W) or volumes (B, C, D, H, W) in [-1, 1], or points (B, D)."""

Pixels = UInt8[Tensor, "B C H W"]
"""Pictures as they are shown, 0..255."""

Latents = Float[Tensor, "B Z"]
"""Standard normal inputs of a generator."""

Scores = Float[Tensor, "B *scores"]
"""What a critic says of each sample, higher for more real: (B,) from ours, any further axes from a user's."""

Uniforms = Float[Tensor, " B"]
"""One number per sample, uniform on [0, 1)."""

ChangeNumbers = Float[Tensor, "B numbers"]
"""What an augmentation drew for each sample."""

DataShape = tuple[int, ...]
"""The shape of one sample: (C, L), (C, H, W) or (C, D, H, W), or (D,) for points."""

Terms = dict[str, Tensor]
"""Named scalars of a step, detached, still on the device."""

Generator = Callable[[Tensor], Tensor]
"""(B, Z) latents to (B, *data) samples; an `nn.Module`, or anything that is called like one."""

Critic = Callable[[Tensor], Tensor]
"""(B, *data) samples to one score each; it may not mix samples when a penalty per sample is used."""


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
class Augmentation(Protocol):
    """Changes of what the critic sees. Frozen: its hyper-parameters are its fields.

    Called with samples (B, C, *size) and the numbers that were drawn for them, it returns the changed samples, (B, C,
    *size); differentiable in the samples, and a function of its two inputs alone.
    """

    @property
    def changes(self) -> bool:
        """Whether it does anything."""

    @property
    def adapts(self) -> bool:
        """Whether its probability follows the critic's overfitting, which takes held-out samples."""

    def probability(self, adapted: float, /) -> float:
        """How often each change is made; `adapted` is the run's own probability, for one that adapts."""

    def adapted(self, probability: float, overfitting: float, /) -> float:
        """The run's probability after a line of the log; `overfitting` is from 0 to 1."""

    def draw(
        self, random: np.random.Generator, shape: DataShape, count: int, probability: float, /
    ) -> NDArray[np.float32]:
        """Numbers for `count` samples of this shape, (count, numbers)."""

    def __call__(self, samples: Samples, numbers: ChangeNumbers, /) -> Samples: ...


@runtime_checkable
class Progress(Protocol):
    """Shows how far long work has come: `for item in progress(items, total, "packing")`."""

    def __call__(self, items: Iterable[T], total: int, what: str, /) -> Iterable[T]:
        """The same items, counted as they pass."""
