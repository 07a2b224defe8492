"""Many samples as one picture: images in a grid, points as a cloud."""

import io

import numpy as np
import torch
from PIL import Image

from wgan.data import Array, to_bytes
from wgan.types import Pixels, Samples

GAP = 2
BACKGROUND = 96
"""Neither black nor white, so that the edges of both dark and light pictures are seen."""
READABLE = 640
"""Grids are enlarged by whole factors up to about this many pixels across: an 8x8 digit should not need a lens."""


def picture(samples: Samples, columns: int, around: Array | None = None) -> Image.Image:
    """Samples as a person would look at them; `around` are real points (N, D) to show behind sampled ones."""
    if samples.ndim == 4:
        return grid(to_bytes(samples), columns)
    return cloud(samples.numpy(), around)


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
    for i, image in enumerate(shown):
        row, column = divmod(i, columns)
        top, left = row * (height + gap) + gap, column * (width + gap) + gap
        canvas[:, top : top + height, left : left + width] = image
    array = canvas.numpy()
    return Image.fromarray(array[0] if channels == 1 else np.moveaxis(array, 0, 2))


def cloud(points: Array, around: Array | None = None) -> Image.Image:
    """Points (N, D) by their first two coordinates, over the real ones in grey; the view is that of the real ones."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), dpi=100, layout="constrained")
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
