"""What samples are brought to where nobody says: the size and the channels that suit what was found."""

from statistics import median_low

from wgan.data.source import Survey
from wgan.errors import InputError
from wgan.types import SampleSpec

GREY_MODES = {"1", "L", "LA", "I", "I;16", "I;16B", "I;16L"}
DEFAULT_SIDE = 64


def target_spec(survey: Survey, size: tuple[int, int] | None, channels: int | None) -> SampleSpec:
    """What samples of this survey are packed as.

    Raises:
        InputError: nothing in it can be read.
    """
    if survey.point_size is not None:
        return SampleSpec.points(survey.point_size)
    if survey.count == 0:
        reasons = "; ".join(f"{name}: {why}" for name, why in survey.skipped[:3])
        raise InputError(f"None of the files can be read as a picture ({reasons}).")
    return SampleSpec.picture(channels or choose_channels(survey), *(size or choose_size(survey)))


def choose_size(survey: Survey) -> tuple[int, int]:
    """The (height, width) for data whose size nobody named: their own if all agree, else a square of up to 64.

    The square's side is the largest power of two that half of the pictures reach: a few tiny ones do not decide.
    """
    if len(survey.sizes) == 1:
        return next(iter(survey.sizes))
    typical = median_low(min(size) for size in survey.sizes.elements())
    side = min(DEFAULT_SIDE, 1 << max(typical.bit_length() - 1, 3))
    return side, side


def choose_channels(survey: Survey) -> int:
    """1 if every picture is grey, else 3. Transparency is kept only where it is asked for."""
    return 1 if survey.modes and set(survey.modes) <= GREY_MODES else 3
