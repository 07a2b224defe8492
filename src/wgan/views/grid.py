"""Many samples as one picture: images in a grid, points as a cloud."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from wgan.data import Array
from wgan.errors import InputError
from wgan.system.files import make_folder, replacing
from wgan.types import Pixels, Samples, SampleSpec

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAP = 2
BACKGROUND = 96
"""Neither black nor white, so that the edges of both dark and light pictures are seen."""
READABLE = 640
"""Grids are enlarged by whole factors up to about this many pixels across: an 8x8 digit should not need a lens."""


def picture(samples: Samples, spec: SampleSpec, columns: int, around: Array | None = None) -> Image.Image:
    """Samples as a person would look at them; `around` are real points (N, D) to show behind sampled ones."""
    if spec.is_picture:
        return grid(spec.to_stored(samples), columns)
    return cloud(samples.numpy(), around)


@contextmanager
def replacing_picture(target: Path) -> Iterator[Path]:
    """Like `files.replacing`, for a picture that a person named; the folder is made if need be.

    Raises:
        InputError: the name is that of a folder, or of no kind of picture that can be written.
    """
    Image.init()
    if Image.registered_extensions().get(target.suffix.lower()) not in Image.SAVE:
        raise InputError(f"{target} is not the name of a picture. Name one that ends in .png, .jpg or .webp.")
    make_folder(target.parent)
    with replacing(target) as temporary:
        yield temporary


def grid(pixels: Pixels, columns: int) -> Image.Image:
    """Images (B, C, H, W) in rows of `columns`, row by row, in order."""
    count, channels, height, width = pixels.shape
    rows = -(-count // columns)
    scale = max(1, READABLE // (max(columns * width, rows * height) + GAP))
    gap = max(GAP, scale // 2)
    shown = pixels.repeat_interleave(scale, 2).repeat_interleave(scale, 3)
    height, width = height * scale, width * scale
    size = rows * (height + gap) + gap, columns * (width + gap) + gap
    canvas = torch.full((channels, *size), BACKGROUND, dtype=torch.uint8)
    canvas[3:] = 255  # the background is opaque, whatever shows through the pictures
    for i, image in enumerate(shown):
        row, column = divmod(i, columns)
        top, left = row * (height + gap) + gap, column * (width + gap) + gap
        canvas[:, top : top + height, left : left + width] = image
    return single(canvas)


def single(pixels: UInt8[Tensor, "C H W"]) -> Image.Image:
    """One picture in its own size."""
    array = pixels.numpy()
    return Image.fromarray(array[0] if len(array) == 1 else np.moveaxis(array, 0, 2))


def opaque(image: Image.Image, background: int = 255) -> Image.Image:
    """The picture without transparency, laid on grey of this brightness: for formats that have none."""
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGBA", image.size, (background, background, background, 255))
    return Image.alpha_composite(ground, image).convert("RGB")


def cloud(points: Array, around: Array | None = None) -> Image.Image:
    """Points (N, D) by their first two coordinates, over the real ones in grey; the view is that of the real ones.

    Points on a line are shown as a histogram.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), dpi=100, layout="constrained")
    if points.shape[1] == 1:
        _histogram(figure.add_subplot(), points, around)
    else:
        _scatter(figure.add_subplot(aspect="equal"), points, around)
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return Image.open(content).convert("RGB")


def _histogram(axes: "Axes", points: Array, around: Array | None) -> None:
    everything = points if around is None else np.concatenate([points, around])
    bins = np.linspace(everything.min(), everything.max(), 60).tolist()
    if around is not None:
        axes.hist(around[:, 0], bins, density=True, color="0.75", label="real")
    axes.hist(points[:, 0], bins, density=True, histtype="step", color="tab:red", label="generated")
    axes.legend(loc="upper right")


def _scatter(axes: "Axes", points: Array, around: Array | None) -> None:
    if around is not None:
        axes.scatter(around[:, 0], around[:, 1], s=4, c="0.75", linewidths=0, label="real")
        low, high = around[:, :2].min(), around[:, :2].max()
        margin = 0.15 * (high - low)
        axes.set(xlim=(low - margin, high + margin), ylim=(low - margin, high + margin))
    axes.scatter(points[:, 0], points[:, 1], s=4, c="tab:red", linewidths=0, alpha=0.6, label="generated")
    axes.legend(loc="upper right", markerscale=3)
