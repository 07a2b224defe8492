"""Samples as one picture: pictures in a grid, points as a cloud."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image, PngImagePlugin
from torch import Tensor

from wgan.data import Array
from wgan.errors import InputError
from wgan.system.files import make_folder, replacing
from wgan.system.pictures import SHEET
from wgan.types import Pixels, Samples, SampleSpec

GAP = 2
SHEET_COLUMNS, SHEET_PICTURES, SHEET_POINTS = 10, 100, 2000
"""The size of a contact sheet of pictures or points."""
BACKGROUND = 96
"""Grey, to show the edges of both dark and light pictures."""
READABLE = 640
"""Grids of small pictures are enlarged by whole factors to at most about this many pixels."""


def picture(samples: Samples, spec: SampleSpec, columns: int, around: Array | None = None) -> Image.Image:
    """Draw pictures in a grid, or points as a cloud over the real points `around` (N, D)."""
    if spec.is_picture:
        return grid(spec.to_stored(samples), columns)
    return cloud(samples.numpy(), around)


def write_contact_sheet(samples: Array, spec: SampleSpec, target: Path) -> None:
    """Write a picture of some of the packed `samples` (N, *shape), evenly chosen."""
    count = min(len(samples), SHEET_PICTURES if spec.is_picture else SHEET_POINTS)
    chosen = samples[np.linspace(0, len(samples) - 1, count).astype(int)]
    image = grid(torch.from_numpy(chosen), SHEET_COLUMNS) if spec.is_picture else cloud(chosen)
    with replacing_picture(target) as temporary:
        save_sheet(image, temporary)


def save_sheet(image: Image.Image, target: Path) -> None:
    """Save a sheet of many pictures. A PNG is marked as one, so that it is not taken for data later."""
    mark = PngImagePlugin.PngInfo()
    mark.add_text(*SHEET)
    image.save(target, pnginfo=mark)  # other formats take no notice


@contextmanager
def replacing_picture(target: Path) -> Iterator[Path]:
    """Like `files.replacing`, for a picture whose name the user chose. Creates the folder.

    Raises:
        InputError: the name is a folder's, or has no ending of a picture that Pillow can write.
    """
    Image.init()
    if Image.registered_extensions().get(target.suffix.lower()) not in Image.SAVE:
        raise InputError(f"{target} is not the name of a picture. Name one that ends in .png, .jpg or .webp.")
    make_folder(target.parent)
    with replacing(target) as temporary:
        yield temporary


def grid(pixels: Pixels, columns: int) -> Image.Image:
    """Pictures (B, C, H, W) in rows of `columns`, in reading order."""
    count, channels, height, width = pixels.shape
    rows = -(-count // columns)
    scale = max(1, READABLE // (max(columns * width, rows * height) + GAP))
    gap = max(GAP, scale // 2)
    shown = pixels.repeat_interleave(scale, 2).repeat_interleave(scale, 3)
    height, width = height * scale, width * scale
    size = rows * (height + gap) + gap, columns * (width + gap) + gap
    canvas = torch.full((channels, *size), BACKGROUND, dtype=torch.uint8)
    canvas[3:] = 255  # the background is opaque
    for i, image in enumerate(shown):
        row, column = divmod(i, columns)
        top, left = row * (height + gap) + gap, column * (width + gap) + gap
        canvas[:, top : top + height, left : left + width] = image
    return single(canvas)


def single(pixels: UInt8[Tensor, "C H W"]) -> Image.Image:
    """One picture in its own size."""
    array = pixels.numpy()
    return Image.fromarray(array[0] if len(array) == 1 else np.moveaxis(array, 0, 2))


def opaque(image: Image.Image) -> Image.Image:
    """The picture on white, for formats without transparency."""
    if image.mode != "RGBA":
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def cloud(points: Array, around: Array | None = None) -> Image.Image:
    """Draw the first two coordinates of points (N, D), over real points in grey, which set the view.

    Points (N, 1) become a histogram.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), dpi=100, layout="constrained")
    if points.shape[1] == 1:
        axes = figure.add_subplot()
        everything = points if around is None else np.concatenate([points, around])
        bins = np.linspace(everything.min(), everything.max(), 60).tolist()
        if around is not None:
            axes.hist(around[:, 0], bins, density=True, color="0.75", label="real")
        axes.hist(points[:, 0], bins, density=True, histtype="step", color="tab:red", label="generated")
    else:
        axes = figure.add_subplot(aspect="equal")
        if around is not None:
            axes.scatter(around[:, 0], around[:, 1], s=4, c="0.75", linewidths=0, label="real")
            low, high = around[:, :2].min(), around[:, :2].max()
            margin = 0.15 * (high - low)
            axes.set(xlim=(low - margin, high + margin), ylim=(low - margin, high + margin))
        axes.scatter(points[:, 0], points[:, 1], s=4, c="tab:red", linewidths=0, alpha=0.6, label="generated")
    axes.legend(loc="upper right", markerscale=3)
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return Image.open(content).convert("RGB")
