"""The grids of a run as an animation or a film."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from wgan.errors import InputError, TrainingError
from wgan.system.files import make_folder, replacing
from wgan.system.html import Markup, shown
from wgan.system.pictures import load
from wgan.types import T
from wgan.views.data_uris import data_uri
from wgan.views.grid import opaque

FRAMES = 120
WIDTH = 800
LAST_MILLISECONDS = 2000


@dataclass(frozen=True)
class Animation:
    """A GIF that a notebook plays."""

    content: bytes = field(repr=False)
    """The file."""

    def save(self, path: str | Path) -> None:
        """Write the file.

        Raises:
            InputError: the name does not end in .gif, or the folder cannot be written.
        """
        target = Path(path)
        if target.suffix.lower() != ".gif":
            raise InputError(f"{target} is not the name of an animation. Name one that ends in .gif.")
        make_folder(target.parent)
        with replacing(target) as temporary:
            temporary.write_bytes(self.content)

    @shown
    def _repr_html_(self) -> str:
        return Markup('<img src="{}" alt="samples over time" style="max-width: 100%">').format(
            data_uri("gif", self.content)
        )


def animate(pictures: Sequence[Path], target: Path | BinaryIO, *, milliseconds: int, most: int = FRAMES) -> None:
    """Write a looping GIF of the pictures in order, with the last one shown for two seconds.

    It has at most `most` frames, evenly chosen with both ends; wide pictures are reduced. Each frame is read as it is
    written, so memory does not grow with their number.
    """
    chosen = thinned(pictures, most)
    frames = (_frame(path) for path in chosen)
    next(frames).save(
        target,
        format="GIF",
        save_all=True,
        append_images=frames,
        duration=[milliseconds] * (len(chosen) - 1) + [LAST_MILLISECONDS],
        loop=0,
    )


def thinned(pictures: Sequence[T], most: int) -> list[T]:
    """At most `most` of the pictures, evenly chosen with both ends."""
    count = min(len(pictures), most)
    last = len(pictures) - 1
    return [pictures[round(i * last / max(count - 1, 1))] for i in range(count)]


def _frame(path: Path) -> Image.Image:
    image = load(path)
    if image.width > WIDTH:
        resampling = Image.Resampling.BOX if image.width % WIDTH == 0 else Image.Resampling.LANCZOS
        image = image.resize((WIDTH, round(image.height * WIDTH / image.width)), resampling)
    return image if image.mode == "L" else opaque(image).quantize(128)


def encoder() -> str | None:
    """The path of ffmpeg, or None if it is not installed."""
    return shutil.which("ffmpeg")


def film(pictures: Sequence[Path], target: Path, *, milliseconds: int, encoder: str) -> None:
    """Write an MP4 of all pictures in order, with the last one shown for two seconds.

    Each frame is passed to ffmpeg as it is read, so memory does not grow with their number.

    Raises:
        TrainingError: ffmpeg failed; the message quotes its last line.
    """
    width, height = load(pictures[0]).size
    rate = f"{1000 / milliseconds:g}"
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", f"{width}x{height}", "-framerate", rate, "-i", "-"]
    # Many players need colour at half the resolution, which needs even sides.
    encoded = ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    command = [encoder, "-y", "-loglevel", "error", *raw, *encoded, str(target)]
    held = repeat(pictures[-1], max(round(LAST_MILLISECONDS / milliseconds) - 1, 0))
    with tempfile.TemporaryFile() as said:  # not a pipe: a full one would block both processes
        try:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said)
        except OSError as error:
            raise TrainingError(f"ffmpeg could not be started: {error.strerror or error}.") from error
        assert process.stdin is not None
        with process, suppress(BrokenPipeError), process.stdin:  # an encoder that gives up says why
            for path in chain(pictures, held):
                frame = opaque(load(path)).convert("RGB")
                process.stdin.write(frame.resize((width, height), Image.Resampling.LANCZOS).tobytes())
        said.seek(0)
        lines = said.read().decode("utf-8", "replace").strip().splitlines()
    if process.returncode:
        raise TrainingError(f"ffmpeg could not make a film: {lines[-1] if lines else 'it gave no reason'}.")
