"""The sizes that strided networks can make, and their stages."""

from wgan.errors import InputError
from wgan.types import DataShape, SampleSpec

Size = tuple[int, ...]
"""(length,), (height, width) or (depth, height, width)."""


def places(spec: SampleSpec | DataShape) -> tuple[int, Size]:
    """The channels and the size of a signal, a picture or a volume.

    Raises:
        InputError: samples are points.
    """
    spec = SampleSpec.of(spec)
    if not spec.is_spatial:
        raise InputError(
            f"These networks are for signals, pictures and volumes, not for points of size {spec.shape[0]}. Use mlp."
        )
    return spec.shape[0], spec.shape[1:]


def pyramid(spec: SampleSpec | DataShape) -> tuple[Size, int]:
    """The base of a size and how often it is doubled: as often as leaves whole sides of 4 or more.

    Raises:
        InputError: the smallest side of every base would be 16 or more, since the size has too few factors of two;
            names the nearest sizes that have a pyramid.
    """
    _, size = places(spec)
    for stages in range(min(size).bit_length(), 0, -1):
        unit = 1 << stages
        if all(side % unit == 0 for side in size) and 4 <= min(size) // unit < 16:
            return tuple(side // unit for side in size), stages
    options = " or ".join(f"{in_words(near)} (--set data.size={setting(near)})" for near in nearest_sizes(size))
    what, rule = _WORDS[SampleSpec.of(spec).kind]
    raise InputError(
        f"These networks cannot make {what.format(in_words(size))}: {rule}. The nearest sizes that can be made: "
        f"{options}."
    )


_WORDS = {
    "signal": ("signals of {} values", "the length must halve evenly until it is 4 to 15"),
    "picture": ("{} pictures", "both sides must halve evenly until the smaller one is 4 to 15"),
    "volume": ("{} volumes", "all sides must halve evenly until the smallest one is 4 to 15"),
}


def in_words(size: Size) -> str:
    """As people write it: 28x28."""
    return "x".join(map(str, size))


def setting(size: Size) -> str:
    """As `data.size` is set: [28,28]."""
    return f"[{','.join(map(str, size))}]"


def nearest_sizes(size: Size) -> list[Size]:
    """The largest possible size that is no larger on any side, if there is one, and the smallest that is no smaller."""
    below, above = [], []
    for stages in range(1, max(size).bit_length() + 1):
        unit = 1 << stages
        floor = tuple(side // unit * unit for side in size)
        ceiling = tuple(-(-side // unit) * unit for side in size)
        if 4 <= min(floor) // unit < 16:
            below.append(floor)
        if min(ceiling) // unit < 16:
            above.append(tuple(max(side, 4 * unit) for side in ceiling))
    return [*sorted(below, key=sum)[-1:], *sorted(above, key=sum)[:1]]
