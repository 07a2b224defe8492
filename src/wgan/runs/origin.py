"""What a file of samples is from: which run, weights, seed and step; so that no file is lost to another."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from PIL import ExifTags, Image, PngImagePlugin

from wgan.errors import InputError
from wgan.runs.best import Step, step_of
from wgan.runs.generative import Generative
from wgan.runs.run import Run
from wgan.system.files import make_folder, write_text
from wgan.system.limits import read_text
from wgan.system.pictures import SHEET, opened, or_reason

KEY = "wgan samples"
"""The name of a text in a PNG."""
FOLDER_MARK = ".wgan-samples.json"
"""In a folder of samples. Hidden, so that it is not taken for one."""
MARKED = (".jpg", ".jpeg", ".webp", ".tif", ".tiff")
"""Pictures other than PNG that keep a description."""
DIGITS = 16


class Origin(NamedTuple):
    """Where samples are from, as their files say it."""

    name: str
    """Of the run's folder, or the file of weights."""
    run: str
    """A digest that tells this run from others, wherever it has got to by now."""
    weights: str
    """A digest of the file of weights, or of the checkpoint."""
    step: int | None
    request: Mapping[str, Any]
    """What was asked for: seed, number, condition and so on."""

    def text(self) -> str:
        return json.dumps(self._asdict(), sort_keys=True)

    def compared(self, found: object) -> str:
        """What lies in the place of these samples, in words; empty if it is what the same command wrote before."""
        if not isinstance(found, Mapping):
            return "does not say what it is from"
        if found.get("run") != self.run and found.get("weights") != self.weights:
            return "holds samples of another run"
        return "" if found.get("request") == dict(self.request) else "holds other samples of this run"


def origin(source: Generative, step: Step | None, request: Mapping[str, Any]) -> Origin:
    """Where samples of a run, or of a file of weights, are from.

    Raises:
        InputError: there is no such step.
    """
    if not isinstance(source, Run):
        weights = _digest(source.path)
        return Origin(source.path.name, weights, weights, None, dict(request))
    kept = source.checkpoints()
    number = max(kept, default=None) if step is None else step_of(source, step)
    file = source.generator_file if step is None else kept.get(number or 0)
    # Two runs may lie in the same place, one after the other: their first lines tell them apart, by the time they took.
    place = f"{source.path.resolve()}\n{source.metrics()[:1]}"
    run = hashlib.sha256(place.encode(errors="surrogatepass")).hexdigest()[:DIGITS]
    weights = _digest(file) if file and file.is_file() else ""
    return Origin(source.path.resolve().name, run, weights or run, number, dict(request))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:DIGITS]


def free_name(target: Path, mark: Origin, *, chosen: bool) -> tuple[Path, str]:
    """Where to write without a loss, and, if that is another place, why.

    That is the `target` if nothing lies there, or what the same command wrote before. Otherwise it is the next free
    name, unless the user has `chosen` the name.

    Raises:
        InputError: it was chosen, and something else lies there.
    """
    there = _there(target, mark)
    if not there or target.is_dir():  # which is refused where it would be written
        return target, ""
    numbered = (target.with_name(f"{target.stem}-{number}{target.suffix}") for number in count(2))
    free = next(other for other in numbered if not _there(other, mark))
    if chosen:
        raise InputError(f"{target} {there}, and is not overwritten. Use --out {free}, or remove it first.")
    return free, f"{target} {there}: this is in {free}"


def _there(target: Path, mark: Origin) -> str:
    """What lies at a place that is not to be overwritten; empty if nothing does."""
    return mark.compared(_mark_of(target)) if target.exists() or target.is_symlink() else ""


def claim_folder(folder: Path, mark: Origin) -> None:
    """Mark a folder as that of these samples, before the first is written.

    Raises:
        InputError: it holds something else.
    """
    file = folder / FOLDER_MARK
    text = read_text(file) if file.is_file() else ""
    there = mark.compared(_parsed(text)) if folder.is_dir() and any(folder.iterdir()) else ""
    if there:
        numbered = (folder.with_name(f"{folder.name}-{number}") for number in count(2))
        free = next(other for other in numbered if not other.exists())
        raise InputError(f"{folder} {there}, and nothing in it is overwritten. Use --each {free}, or empty it first.")
    make_folder(folder)
    write_text(file, mark.text())


def _mark_of(path: Path) -> object:
    """What a file says of itself; None if nothing."""

    def read(path: Path) -> object:
        with opened(path) as image:
            return _parsed(image.info.get(KEY) or image.getexif().get(ExifTags.Base.ImageDescription))

    found = or_reason(read, path)
    return None if isinstance(found, str) else found


def _parsed(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str | bytes) else None
    except (ValueError, RecursionError):
        return None


def save_marked(image: Image.Image, target: Path, mark: Origin | None) -> None:
    """Save a sheet of samples that says what it is from, in formats that can. A PNG is marked as a sheet, too."""
    more: dict[str, Any] = {}
    if target.suffix.lower() == ".png":
        texts = PngImagePlugin.PngInfo()
        texts.add_text(*SHEET)
        if mark is not None:
            texts.add_text(KEY, mark.text())
        more["pnginfo"] = texts
    elif mark is not None and target.suffix.lower() in MARKED:
        exif = Image.Exif()
        exif[ExifTags.Base.ImageDescription] = mark.text()
        more["exif"] = exif
    image.save(target, **more)


def several(seeds: Sequence[int], target: Path, seed: int) -> Path:
    """The name of the file of one of several seeds."""
    return target if len(seeds) == 1 else target.with_name(f"{target.stem}-{seed}{target.suffix}")
