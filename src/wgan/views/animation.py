"""The grids of a run, one after the other."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from wgan.pictures import load
from wgan.types import T
from wgan.views.grid import opaque

FRAMES = 120
WIDTH = 800
LAST_MILLISECONDS = 2000


def animate(pictures: Sequence[Path], target: Path, *, milliseconds: int) -> None:
    """Write a looping GIF of the pictures in the given order; the last one stands for two seconds.

    At most 120 frames, evenly chosen, the first and the last among them; wide pictures are made smaller. Frames are
    read as they are written, so memory does not grow with their number.
    """
    shown = thinned(pictures, FRAMES)
    frames = (_frame(path) for path in shown)
    next(frames).save(
        target,
        format="GIF",
        save_all=True,
        append_images=frames,
        duration=[milliseconds] * (len(shown) - 1) + [LAST_MILLISECONDS],
        loop=0,
    )


def thinned(pictures: Sequence[T], most: int) -> list[T]:
    """At most `most` of them, evenly chosen, the first and the last included."""
    count = min(len(pictures), most)
    last = len(pictures) - 1
    return [pictures[round(i * last / max(count - 1, 1))] for i in range(count)]


def _frame(path: Path) -> Image.Image:
    image = load(path)
    if image.width > WIDTH:
        resampling = Image.Resampling.BOX if image.width % WIDTH == 0 else Image.Resampling.LANCZOS
        image = image.resize((WIDTH, round(image.height * WIDTH / image.width)), resampling)
    return image if image.mode == "L" else opaque(image).quantize(128)
