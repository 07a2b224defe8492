"""Which recipe suits data."""

from typing import Any

from wgan.config import RunConfig
from wgan.data import open_source, target_spec
from wgan.errors import InputError
from wgan.networks.sizes import pyramid
from wgan.recipes import recipe
from wgan.types import SampleSpec

FEW = 2000
"""With fewer pictures than this, mirrored ones are added; data.flip=false where left and right mean something."""


def recipe_for(
    spec: SampleSpec, count: int, size: tuple[int, int] | None = None, *, sizes: int = 1
) -> tuple[RunConfig, str]:
    """The recipe for data of which no more is known than what a sample is and their number, and why it was chosen.

    Pictures are made `size` (height, width) if it is given, which then decides. Where they have several `sizes`,
    `spec` is the one that was found for them.
    """
    if not spec.is_picture:
        return recipe("wgan-gp-toy"), "the data are points"
    channels, height, width = spec.shape
    own_size = f"{height}x{width}" if sizes == 1 else f"{sizes:,} sizes"
    height, width = size or (height, width)
    what = f"{count:,} {'grey' if channels == 1 else 'colour'} pictures of {own_size}"
    if own_size != f"{height}x{width}":
        what += f", made {height}x{width},"
    own: dict[str, Any] = {"data.size": (height, width), "data.channels": channels}
    if max(height, width) <= 12:
        return recipe("wgan-gp-digits").with_settings(own), f"{what} are small enough for small MLPs"
    if channels == 1 and max(height, width) <= 28:
        return recipe("wgan-gp-mnist").with_settings(own), f"{what} are within reach of MLPs"
    why = f"{what} want convolutions"
    if not size and (max(height, width) > 64 or not _dcgan_makes(spec)):
        own["data.size"] = (64, 64)
        why += "; they are made 64x64, which --size changes"
    if count < FEW:
        own["data.flip"] = True
        why += "; so few that mirrored ones are added"
    return recipe("wgan-gp-celeba").with_settings(own), f"{why}; on a GPU, try --recipe wgan-gp-anime"


def _dcgan_makes(spec: SampleSpec) -> bool:
    try:
        pyramid(spec)
    except InputError:
        return False
    return True


def usual_spec(config: RunConfig) -> SampleSpec:
    """What a sample of the data is that a recipe was written for."""
    if config.data.size and config.data.channels:
        return SampleSpec.picture(config.data.channels, *config.data.size)
    return target_spec(open_source(config.data.source).survey(), config.data.size, config.data.channels)
