"""Which recipe suits data."""

from typing import Any

from wgan.config import RunConfig
from wgan.data import open_source, target_spec
from wgan.errors import InputError
from wgan.networks.sizes import pyramid
from wgan.recipes import recipe
from wgan.types import SampleSpec

FEW_PICTURES = 2000
"""Fewer pictures than this are mirrored as well. Set data.flip=false where left and right matter."""


def recipe_for(
    spec: SampleSpec, count: int, size: tuple[int, int] | None = None, *, sizes: int = 1
) -> tuple[RunConfig, str]:
    """The recipe for data of this many samples, and why it was chosen.

    A `size` (height, width) that is given decides. If the pictures have several `sizes`, `spec` is what they are
    scaled to.
    """
    if not spec.is_picture:
        return recipe("wgan-gp-toy"), "the data are points"
    channels, height, width = spec.shape
    own_size = f"{height}x{width}" if sizes == 1 else f"{sizes:,} sizes"
    height, width = size or (height, width)
    what = f"{count:,} {'grey' if channels == 1 else 'colour'} pictures of {own_size}"
    if own_size != f"{height}x{width}":
        what += f", scaled to {height}x{width},"
    own: dict[str, Any] = {"data.size": (height, width), "data.channels": channels}
    if max(height, width) <= 12:
        return recipe("wgan-gp-digits").with_settings(own), f"{what} are small enough for small MLPs"
    if channels == 1 and max(height, width) <= 28:
        return recipe("wgan-gp-mnist").with_settings(own), f"{what} are within reach of MLPs"
    why = f"{what} need convolutions"
    if not size and (max(height, width) > 64 or not _dcgan_makes(spec)):
        own["data.size"] = (64, 64)
        why += "; they are scaled to 64x64 (change that with --size)"
    if count < FEW_PICTURES:
        own["data.flip"] = True
        why += "; they are few, so mirrored ones are added"
    return recipe("wgan-gp-celeba").with_settings(own), f"{why}; on a GPU, try --recipe wgan-gp-anime"


def _dcgan_makes(spec: SampleSpec) -> bool:
    try:
        pyramid(spec)
    except InputError:
        return False
    return True


def usual_spec(config: RunConfig) -> SampleSpec:
    """What a sample is of the data that a recipe was written for."""
    if config.data.size and config.data.channels:
        return SampleSpec.picture(config.data.channels, *config.data.size)
    return target_spec(open_source(config.data.source).survey(), config.data.size, config.data.channels)
