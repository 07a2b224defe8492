"""Signals as lines."""

import torch
from jaxtyping import Float
from PIL import Image, ImageDraw
from torch import Tensor

WIDTH, HEIGHT, GAP = 150, 75, 6
"""Of the field of one signal, in pixels."""
PAPER, FIELD, MIDDLE = "white", (246, 246, 246), (214, 214, 214)
MADE = ((214, 39, 40), (31, 119, 180), (44, 160, 44), (148, 103, 189), (255, 127, 14), (23, 190, 207))
"""A colour for each channel, over and over."""
REAL = ((90, 90, 90),)
FINE = 3
"""Lines are drawn at so many times their size and reduced, which smooths them."""


def lines(signals: Float[Tensor, "B C L"], columns: int, *, real: bool = False) -> Image.Image:
    """Signals in [-1, 1] in rows of `columns`, in reading order, each from -1 (bottom) to 1 (top) of its field.

    Real ones of one channel are grey; else each channel has a colour.
    """
    columns = max(1, min(columns, len(signals)))
    rows = -(-len(signals) // columns)
    colours = REAL if real and signals.shape[1] == 1 else MADE  # channels are told apart by colours
    size = (columns * (WIDTH + GAP) + GAP, rows * (HEIGHT + GAP) + GAP)
    image = Image.new("RGB", (FINE * size[0], FINE * size[1]), PAPER)
    draw = ImageDraw.Draw(image)
    for number, signal in enumerate(signals.float().clamp(-1, 1)):
        row, column = divmod(number, columns)
        left, top = FINE * (column * (WIDTH + GAP) + GAP), FINE * (row * (HEIGHT + GAP) + GAP)
        right, bottom = left + FINE * WIDTH, top + FINE * HEIGHT
        draw.rectangle((left, top, right, bottom), fill=FIELD)
        draw.line((left, (top + bottom) / 2, right, (top + bottom) / 2), fill=MIDDLE, width=FINE)
        across = torch.linspace(left, right, signal.shape[1])
        for channel, values in enumerate(signal):
            down = top + (1 - values) / 2 * FINE * HEIGHT
            points = torch.stack([across, down], dim=1).flatten().tolist()
            draw.line(points, fill=colours[channel % len(colours)], width=FINE, joint="curve")
    return image.resize(size, Image.Resampling.BOX)


def titled(parts: list[tuple[str, Image.Image]]) -> Image.Image:
    """Pictures below each other, each under its title."""
    height = 18
    size = max(part.width for _, part in parts), sum(part.height + height for _, part in parts)
    image = Image.new("RGB", size, PAPER)
    draw, top = ImageDraw.Draw(image), 0
    for title, part in parts:
        draw.text((GAP, top + 4), title, fill=(60, 60, 60))
        image.paste(part.convert("RGB"), (0, top + height))
        top += part.height + height
    return image
