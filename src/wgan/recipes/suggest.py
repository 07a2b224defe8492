"""Which recipe suits data."""

from collections import Counter
from dataclasses import replace
from statistics import median_low
from typing import Any, Literal

from wgan.config import RunConfig
from wgan.data import Survey, open_source, target_spec
from wgan.diagnosis.setup import ALWAYS_CHANGED
from wgan.errors import InputError
from wgan.networks.sizes import nearest_sizes, pyramid
from wgan.recipes import recipe
from wgan.types import SampleSpec
from wgan.types.condition import Condition, Part

Reasons = tuple[str, ...]
"""Why something was chosen: the start of a sentence each, and what to type to choose otherwise."""

FEW_PICTURES = 2000
"""Fewer pictures than this are mirrored as well. Set data.flip=false where left and right matter."""
CHANGED = 10_000
"""Fewer pictures than this are changed before the critic sees them, as often as its overfitting asks for; fewer than
`ALWAYS_CHANGED`, all of them."""
SMALLEST_CHANGED = 16
"""Pictures with a shorter side are left alone: a shift by two places is much of them."""
SIDE = 64
"""Larger pictures are scaled to this, unless a size is given."""
SIDE_ON_CUDA = 128
"""The same on a GPU, of pictures that are as large as this; others as on a CPU."""
LONG = 1.5
"""Pictures whose sides differ by this factor keep their form as far as networks can make it."""
LONGEST = 128
TINY_STEPS = 4000
"""Of pictures for the recipe of the bundled digits, which are fewer and easier than many."""
LARGEST_VOLUME = 32
TABLE = 3
"""Points of fewer columns lie in a plane."""
MOST_LATENTS = 128
SAID = 0.02
"""A smaller cut is not worth a word."""


def recipe_for(survey: Survey, size: tuple[int, ...] | None = None, device: str = "cpu") -> tuple[RunConfig, Reasons]:
    """The recipe for data that were surveyed, and why it was chosen. A `size` that is given decides.

    On a `device` of the kind "cuda", pictures get wide networks, and large ones more pixels. Any other is slow.

    Raises:
        InputError: there is nothing in the data, or their samples cannot have this size.
    """
    spec = target_spec(survey, size, None)
    match spec.kind:
        case "points":
            return _for_points(spec, survey)
        case "signal" | "volume":
            return _for_places(spec, survey, given=size is not None)
    return _for_pictures(spec, survey, size, cuda=device == "cuda")


def _for_points(spec: SampleSpec, survey: Survey) -> tuple[RunConfig, Reasons]:
    columns = spec.shape[0]
    if columns < TABLE and not survey.standardise:
        return recipe("wgan-gp-toy"), ("the data are points",)
    latents = max(2, min(columns, MOST_LATENTS))
    why = f"{survey.count:,} rows of {columns} columns, each standardised, need MLPs"
    return recipe("wgan-gp-table").with_settings({"networks.latent_size": latents}), (why,)


def _for_places(spec: SampleSpec, survey: Survey, *, given: bool) -> tuple[RunConfig, Reasons]:
    """The recipe for signals or volumes, at the nearest size that networks can make."""
    assert spec.size is not None
    size, name = spec.size, "wgan-gp-signals" if spec.kind == "signal" else "wgan-gp-volumes"
    why = [f"{survey.count:,} {spec} need convolutions"]
    if not given:
        most = max(size) if spec.kind == "signal" else LARGEST_VOLUME
        wanted = tuple(min(side, most) for side in size)
        found = wanted if _makes((1, *wanted)) else nearest_sizes(wanted)[-1]
        if len(survey.sizes) > 1 or found != size:
            why.append(f"they are resampled to {'x'.join(map(str, found))} (--set data.size decides otherwise)")
        size = found
    own = {"data.size": size, "data.channels": spec.channels, "data.kind": spec.kind}
    return recipe(name).with_settings(own), (*why,)


def _for_pictures(
    spec: SampleSpec, survey: Survey, size: tuple[int, ...] | None, *, cuda: bool
) -> tuple[RunConfig, Reasons]:
    sizes, channels = survey.sizes, spec.shape[0]
    own = next(iter(sizes))
    side = SIDE_ON_CUDA if cuda and median_low(min(one) for one in sizes.elements()) >= SIDE_ON_CUDA else SIDE
    height, width = size or ((side, side) if len(sizes) > 1 and side > SIDE else spec.shape[1:])
    of = "x".join(map(str, own)) if len(sizes) == 1 else f"{len(sizes):,} sizes"
    colours = {1: "grey", 3: "colour"}.get(channels, f"{channels}-channel")
    what = f"{survey.count:,} {colours} pictures of {of}"
    scaled = of != f"{height}x{width}"
    settings: dict[str, Any] = {"data.size": (height, width), "data.channels": channels}
    if scaled:
        what += f", scaled to {height}x{width},"
    if max(height, width) <= 12:
        settings["training.steps"] = TINY_STEPS
        return recipe("wgan-gp-digits").with_settings(settings), (f"{what} are small enough for small MLPs",)
    if channels == 1 and max(height, width) <= 28:
        settings["augmentation"] = augmentation_for(survey, SampleSpec.of((channels, height, width)))
        return _as_long(recipe("wgan-gp-mnist"), settings), (f"{what} are within reach of MLPs",)
    why = [f"{what} need convolutions"]
    if not size:
        height, width = _affordable(own if len(sizes) == 1 else (height, width), side)
        settings["data.size"] = (height, width)
        if (height, width) != own and len(sizes) == 1:
            why.append(f"they are scaled to {height}x{width} (change that with --size)")
    if (cut := cut_off(sizes, (height, width))) > SAID:
        lost = f"{cut:.0%} of their area is cut off at the sides"
        if (whole := _whole(sizes)) and whole != (height, width):
            lost += f" (--set data.size=[{whole[0]},{whole[1]}] keeps {1 - cut_off(sizes, whole):.0%})"
        why.append(lost)
    if survey.count < FEW_PICTURES and spec.dtype == "uint8":  # of scans, left and right are seldom the same
        settings["data.flip"] = True
        why.append("they are few, so mirrored ones are added")
    settings["augmentation"] = augmentation_for(survey, SampleSpec.of((channels, height, width)))
    if cuda:
        return _as_long(recipe("wgan-gp-anime"), settings), (*why, "a GPU has the speed for wide networks")
    return _as_long(recipe("wgan-gp-celeba"), settings), (*why, "on a GPU, try --recipe wgan-gp-anime")


def augmentation_for(survey: Survey, spec: SampleSpec) -> Literal["none", "ada", "diffaugment"]:
    """The augmentation for data that were surveyed, of which networks see such samples.

    Of signals and volumes, nobody but their owner knows whether a shifted one means the same.
    """
    if survey.count >= CHANGED or not spec.is_picture or min(spec.shape[1:]) < SMALLEST_CHANGED:
        return "none"
    return "ada" if survey.count >= ALWAYS_CHANGED else "diffaugment"


def _as_long(config: RunConfig, settings: dict[str, Any]) -> RunConfig:
    """The recipe, for as many steps as on its own data: its epochs would be few steps on few pictures."""
    return config.with_settings({"training.steps": config.training.steps, **settings})


def _affordable(size: tuple[int, ...], side: int) -> tuple[int, int]:
    """The size that pictures of one size are trained at: their own if it is small, else rectangles or squares."""
    height, width = size
    long = max(height, width) >= LONG * min(height, width)
    if max(height, width) <= (LONGEST if long else side) and _makes((1, height, width)):
        return height, width
    return _rectangle(height, width) if long else (side, side)


def _rectangle(height: int, width: int) -> tuple[int, int]:
    """The size nearest in form whose shorter side is at most 64 and longer side at most 128."""
    short = min(SIDE, 1 << (min(height, width).bit_length() - 1))
    unit = max(short // 4, 1)
    long = max(unit, min(LONGEST, round(short * max(height, width) / min(height, width) / unit) * unit))
    return (long, short) if height > width else (short, long)


def _whole(sizes: Counter[tuple[int, ...]]) -> tuple[int, int] | None:
    """The size that cuts least off the commonest size."""
    (height, width), _ = sizes.most_common(1)[0]
    return _rectangle(height, width) if min(height, width) >= 8 else None


def cut_off(sizes: Counter[tuple[int, ...]], size: tuple[int, ...]) -> float:
    """The share of their area that pictures of these sizes lose when they are scaled to cover `size`."""
    height, width = size
    kept = 0.0
    for (own_height, own_width), count in sizes.items():
        form, own = width / height, own_width / own_height
        kept += count * min(form / own, own / form)
    return 1 - kept / sizes.total()


def _makes(shape: tuple[int, ...]) -> bool:
    try:
        pyramid(shape)
    except InputError:
        return False
    return True


TEN_CLASSES = Condition((Part("label", "class", tuple("0123456789"), (1,) * 10, 10),))
"""What is asked of the recipes that ask for something: the data that they were written for have so many classes."""


def usual_spec(config: RunConfig) -> SampleSpec:
    """What a sample is of the data that a recipe was written for."""
    data = config.data
    if data.kind == "points":
        return SampleSpec.points(config.networks.latent_size)
    if data.size and data.channels:
        spec = SampleSpec.of((data.channels, *data.size))
        return replace(spec, condition=TEN_CLASSES) if data.condition else spec
    return target_spec(open_source(data.source).survey(), data.size, data.channels)
