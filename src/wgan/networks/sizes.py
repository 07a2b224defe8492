"""The picture sizes that strided networks can make, and their stages."""

from wgan.errors import InputError
from wgan.types import DataShape, SampleSpec


def picture_shape(spec: SampleSpec | DataShape, networks: str = "These networks") -> tuple[int, int, int]:
    """(channels, height, width) of a picture.

    Raises:
        InputError: samples are no pictures; the message names these `networks`.
    """
    spec = SampleSpec.of(spec)
    if not spec.is_picture:
        raise InputError(f"{networks} are for pictures, not for points of size {spec.shape[0]}. Use mlp.")
    channels, height, width = spec.shape
    return channels, height, width


def pyramid(spec: SampleSpec | DataShape) -> tuple[tuple[int, int], int]:
    """The base (height, width) of a picture and how often it is doubled: as often as leaves whole sides of 4 or more.

    Raises:
        InputError: the smaller side of every base would be 16 or more, since the size has too few factors of two; names
            the nearest sizes that have a pyramid.
    """
    _, height, width = picture_shape(spec)
    for stages in range(min(height, width).bit_length(), 0, -1):
        unit = 1 << stages
        if height % unit == 0 and width % unit == 0 and 4 <= min(height, width) // unit < 16:
            return (height // unit, width // unit), stages
    options = (f"{h}x{w} (--set data.size=[{h},{w}])" for h, w in _nearest(height, width))
    raise InputError(
        f"These networks cannot make {height}x{width} pictures: both sides must halve evenly until the smaller one is "
        f"4 to 15. The nearest sizes that can be made: {' or '.join(options)}."
    )


def _nearest(height: int, width: int) -> list[tuple[int, int]]:
    """The largest possible size that is no larger on any side, if there is one, and the smallest that is no smaller."""
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
