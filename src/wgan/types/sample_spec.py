"""What one sample is: its kind, shape and stored type, and how stored values become what networks see."""

import math
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np
import torch
from annotated_types import Ge
from numpy.typing import NDArray
from torch import Tensor

from wgan.errors import InputError
from wgan.types.condition import Condition

Kind = Literal["points", "signal", "picture", "volume"]
AXES: dict[Kind, int] = {"points": 1, "signal": 2, "picture": 3, "volume": 4}
"""How many axes a sample has. All but points have channels first and places after them."""
Stored = Literal["uint8", "uint16", "int16", "float32"]
"""The types in which packs keep values."""
BYTES = (0.0, 255.0)


@dataclass(frozen=True)
class SampleSpec:
    """What one sample is. Its source makes this value, the pack and the run keep it, and everybody asks it.

    Networks see spatial samples (all kinds but points) with `low` as -1 and `high` as 1, and columns of points less
    their `centre`, divided by their `spread`. Without these, they see values as they are.
    """

    kind: Kind
    shape: tuple[Annotated[int, Ge(1)], ...]
    """(D,) points, (C, L) signals, (C, H, W) pictures, (C, D, H, W) volumes."""
    dtype: Stored
    """Of a stored value."""
    low: float | None = None
    """The stored value that networks see as -1."""
    high: float | None = None
    """The stored value that networks see as 1."""
    centre: tuple[float, ...] = ()
    """Of each column of points, the stored value that networks see as 0."""
    spread: tuple[float, ...] = ()
    """Of each column of points, the difference that networks see as 1."""
    names: tuple[str, ...] = ()
    """Of the columns of points or of channels, where the data name them."""
    condition: Condition | None = None
    """What a generator of such samples is asked for, where it is."""

    def __post_init__(self) -> None:
        axes = AXES[self.kind]
        if len(self.shape) != axes or (self.kind == "points" and self.dtype != "float32"):
            raise ValueError(f"A sample of kind {self.kind} has {axes} axes, not {self.shape} {self.dtype}.")
        if self.low is not None or self.high is not None:
            span = math.nan if self.low is None or self.high is None else self.high - self.low
            if not 0 < span < math.inf or self.kind == "points":
                raise ValueError(f"A sample of kind {self.kind} cannot lie between {self.low} and {self.high}.")
        if self.centre or self.spread:
            fits = len(self.centre) == len(self.spread) == self.shape[0] and self.kind == "points"
            if not fits or not all(0 < spread < math.inf for spread in self.spread):
                raise ValueError(f"A sample of kind {self.kind} cannot have columns spread by {self.spread}.")
        if self.names and len(self.names) != self.shape[0]:
            raise ValueError(f"A sample of shape {self.shape} cannot have {len(self.names)} names.")

    @classmethod
    def picture(cls, channels: int, height: int, width: int) -> "SampleSpec":
        """Bytes (C, H, W)."""
        return cls("picture", (channels, height, width), "uint8", *BYTES)

    @classmethod
    def points(cls, size: int) -> "SampleSpec":
        """Floating-point numbers (D,) as they are."""
        return cls("points", (size,), "float32")

    @classmethod
    def of(cls, shape: "SampleSpec | tuple[int, ...]") -> "SampleSpec":
        """The usual samples of a shape, for shapes that come without a description: from users and from old runs.

        Raises:
            InputError: no sample has such a shape.
        """
        if isinstance(shape, SampleSpec):
            return shape
        kinds = {axes: kind for kind, axes in AXES.items()}
        if len(shape) not in kinds:
            raise InputError(
                f"A sample of shape {tuple(shape)} is no point (D,), signal (C, L), picture (C, H, W) or volume "
                "(C, D, H, W)."
            )
        if len(shape) == AXES["picture"]:
            return cls.picture(*shape)
        return cls(kinds[len(shape)], tuple(shape), "float32", *((-1.0, 1.0) if len(shape) > 1 else ()))

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown as it is."""
        return self.kind == "picture"

    @property
    def is_spatial(self) -> bool:
        """Whether its values lie in places: a signal, a picture or a volume."""
        return self.kind != "points"

    @property
    def channels(self) -> int | None:
        """Values in each place: of pictures, 1 is grey, 3 RGB; None for points."""
        return self.shape[0] if self.is_spatial else None

    @property
    def size(self) -> tuple[int, ...] | None:
        """(length,), (height, width) or (depth, height, width); None for points."""
        return self.shape[1:] if self.is_spatial else None

    @property
    def has_opacity(self) -> bool:
        """Whether the last channel of a picture says how opaque it is: RGBA, as files of pictures have it."""
        return self.is_picture and self.shape[0] == 4 and self.dtype == "uint8"

    def __str__(self) -> str:
        """Many of them in words: "8x8 grey pictures"."""
        if not self.is_spatial:
            return f"points in {self.shape[0]} dimensions"
        channels, size = self.shape[0], "x".join(map(str, self.shape[1:]))
        several = "" if channels == 1 else f"{channels}-channel "
        if self.kind == "signal":
            return f"{several}signals of {size} values"
        if self.kind == "volume":
            return f"{size} {several}volumes"
        colours = {1: "grey ", 3: "RGB ", 4: "RGBA " if self.has_opacity else several}.get(channels, several)
        return f"{size} {colours}pictures"

    def ranged(self, low: float, high: float) -> "SampleSpec":
        """The same, with another range."""
        return replace(self, low=float(low), high=float(high))

    def to_samples(self, stored: Tensor) -> Tensor:
        """Stored values (B, *shape) as networks see them. What lies outside the range is clipped."""
        if self.centre:
            centre, spread = (torch.tensor(each, device=stored.device) for each in (self.centre, self.spread))
            return (stored - centre) / spread
        if self.low is None or self.high is None:
            return stored.float()
        values = stored.to(torch.float32, copy=True)
        if self.dtype == "uint16" and stored.dtype == torch.int16:  # its bits, see `as_tensor`
            values.add_(values < 0, alpha=1 << 16)
        if self.low:
            values.sub_(self.low)
        values.div_((self.high - self.low) / 2).sub_(1.0)
        return values if self.dtype == "uint8" and (self.low, self.high) == BYTES else values.clamp_(-1.0, 1.0)

    def to_stored(self, samples: Tensor) -> Tensor:
        """The nearest stored values, (B, *shape) of `dtype`; what lies outside their range is clipped."""
        if self.centre:
            centre, spread = (torch.tensor(each, device=samples.device) for each in (self.centre, self.spread))
            return samples.float() * spread + centre
        if self.low is None or self.high is None:
            return samples
        scaled = samples.float().add(1.0).mul((self.high - self.low) / 2)
        if self.low:
            scaled = scaled.add(self.low)
        if self.dtype == "float32":
            return scaled.clamp(self.low, self.high)
        kind = getattr(torch, self.dtype)
        low, high = max(self.low, torch.iinfo(kind).min), min(self.high, torch.iinfo(kind).max)
        return scaled.round().clamp(low, high).to(kind)

    def as_shown(self, samples: Tensor) -> Tensor:
        """The same samples in the steps in which they are stored, as real ones are."""
        return self.to_samples(self.to_stored(samples))

    def to_pixels(self, samples: Tensor) -> Tensor:
        """Pictures (B, C, H, W) in [-1, 1] as bytes to look at: grey, RGB or RGBA.

        Of two channels, the first is red and the second green. Of more, the first, the middle and the last are red,
        green and blue.
        """
        pixels = samples.float().add(1.0).mul(127.5).round().clamp(0, 255).to(torch.uint8)
        channels = pixels.shape[1]
        if channels in (1, 3) or self.has_opacity:
            return pixels
        if channels == 2:
            return torch.cat([pixels, torch.zeros_like(pixels[:, :1])], dim=1)
        return pixels[:, [0, channels // 2, channels - 1]]


def as_tensor(rows: NDArray[np.generic]) -> Tensor:
    """Stored rows as a tensor that every device can gather from: uint16 as its bits, which `to_samples` reads."""
    return torch.from_numpy(rows.view(np.int16) if rows.dtype == np.uint16 else rows)
