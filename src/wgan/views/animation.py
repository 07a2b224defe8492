"""The grids of a run, one after the other."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, repeat
from pathlib import Path

from PIL import Image

from wgan.errors import TrainingError
from wgan.system.pictures import load
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


def encoder() -> str | None:
    """The path of ffmpeg, if it is installed."""
    return shutil.which("ffmpeg")


def film(pictures: Sequence[Path], target: Path, *, milliseconds: int, encoder: str) -> None:
    """Write an MP4 of all the pictures in the given order; the last one stands for two seconds.

    Frames are handed to ffmpeg as they are read, so memory does not grow with their number.

    Raises:
        TrainingError: ffmpeg failed; says with which words.
    """
    width, height = load(pictures[0]).size
    rate = f"{1000 / milliseconds:g}"
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", f"{width}x{height}", "-framerate", rate, "-i", "-"]
    # Players want colour at half the resolution, which wants even sides.
    encoded = ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    command = [encoder, "-y", "-loglevel", "error", *raw, *encoded, str(target)]
    held = repeat(pictures[-1], max(round(LAST_MILLISECONDS / milliseconds) - 1, 0))
    with tempfile.TemporaryFile() as said:  # not a pipe: one that is full would make both wait for ever
        try:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said)
        except OSError as error:
            raise TrainingError(f"ffmpeg could not be started: {error.strerror or error}.") from error
        with process:
            _hand_over(process, _frames(chain(pictures, held), (width, height)))
        said.seek(0)
        lines = said.read().decode("utf-8", "replace").strip().splitlines()
    if process.returncode:
        raise TrainingError(f"ffmpeg could not make a film: {lines[-1] if lines else 'it does not say why'}.")


def _hand_over(process: "subprocess.Popen[bytes]", frames: Iterable[bytes]) -> None:
    """Write all frames, as long as the encoder listens."""
    if process.stdin is None:
        raise TypeError("The process must have a pipe.")
    with suppress(BrokenPipeError):  # it gave up, and says why
        for frame in frames:
            process.stdin.write(frame)
    with suppress(BrokenPipeError):
        process.stdin.close()


def _frames(pictures: Iterable[Path], size: tuple[int, int]) -> Iterator[bytes]:
    for path in pictures:
        frame = opaque(load(path)).convert("RGB")
        yield (frame if frame.size == size else frame.resize(size, Image.Resampling.LANCZOS)).tobytes()
