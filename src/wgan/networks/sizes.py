"""Which picture sizes strided networks can make, and in how many stages."""

from typing import NamedTuple

from wgan.errors import InputError
from wgan.types import DataShape, SampleSpec


def picture_shape(spec: SampleSpec | DataShape, networks: str = "These networks") -> tuple[int, int, int]:
    """(channels, height, width) of a picture.

    Raises:
        InputError: it is none; the message names these `networks`.
    """
    spec = SampleSpec.of(spec)
    if not spec.is_picture:
        raise InputError(f"{networks} are for pictures, not for points of size {spec.shape[0]}. Use mlp.")
    channels, height, width = spec.shape
    return channels, height, width


class Pyramid(NamedTuple):
    """How a picture is built: from a `base` (height, width), doubled `stages` times."""

    base: tuple[int, int]
    stages: int


def pyramid(spec: SampleSpec | DataShape) -> Pyramid:
    """The pyramid of a picture: as many halvings as leave whole sides of 4 or more.

    Raises:
        InputError: no pyramid whose smaller base side is under 16 exists (the size has too few factors of two); names
            the nearest sizes that have one.
    """
    _, height, width = picture_shape(spec)
    for stages in range(min(height, width).bit_length(), 0, -1):
        unit = 1 << stages
        if height % unit == 0 and width % unit == 0 and 4 <= min(height, width) // unit < 16:
            return Pyramid((height // unit, width // unit), stages)
    options = (f"{h}x{w} (--set data.size=[{h},{w}])" for h, w in _nearest(height, width))
    raise InputError(
        f"These networks cannot make {height}x{width} pictures: both sides must halve evenly until the smaller one is "
        f"4 to 15. The nearest sizes that can be made: {' or '.join(options)}."
    )


def _nearest(height: int, width: int) -> list[tuple[int, int]]:
    """The largest size that can be made and is no larger on any side, if there is one, and the smallest no smaller."""
    below, above = [], []
    for stages in range(1, max(height, width).bit_length() + 1):
        unit = 1 << stages
        floor = height // unit * unit, width // unit * unit
        ceiling = -(-height // unit) * unit, -(-width // unit) * unit
        if 4 <= min(floor) // unit < 16:
            below.append(floor)
        if min(ceiling) // unit < 16:
            above.append((max(ceiling[0], 4 * unit), max(ceiling[1], 4 * unit)))
    return [*sorted(below, key=sum)[-1:], *sorted(above, key=sum)[:1]]
