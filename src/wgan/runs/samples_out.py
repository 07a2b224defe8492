"""Samples as files: in the units and the type of the data, in a format that keeps them."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image
from torch import Tensor

from wgan.errors import InputError
from wgan.runs.best import Step
from wgan.runs.generative import Generative
from wgan.runs.inputs import Inputs
from wgan.system.files import make_folder, replacing
from wgan.system.pictures import Array
from wgan.types.sample_spec import SampleSpec

METADATA = "metadata.csv"
"""As the hub names it: what comes beside pictures, by the names of their files."""
Names = tuple[str, ...]
Format = Literal["png", "tiff", "npy", "csv"]
KEEPS: dict[Format, str] = {
    "png": "8-bit pictures with 1, 3 or 4 channels, and 16-bit grey ones",
    "tiff": "grey pictures of any type, and 8-bit ones",
    "npy": "samples of every kind",
    "csv": "points and signals",
}


def usual_format(spec: SampleSpec) -> Format:
    """The format that people expect of such samples: PNG or TIFF of pictures, CSV of points, NumPy's of others."""
    if spec.kind == "points":
        return "csv"
    return next((name for name in ("png", "tiff") if keeps(name, spec)), "npy")


def keeps(name: Format, spec: SampleSpec) -> bool:
    """Whether this format keeps the values of such samples."""
    grey, pixels = spec.is_picture and spec.shape[0] == 1, spec.is_picture and spec.dtype == "uint8"
    shown = pixels and spec.shape[0] in (1, 3, 4)
    match name:
        case "png":
            return shown or (grey and spec.dtype == "uint16")
        case "tiff":
            return shown or grey
        case "csv":
            return spec.kind in ("points", "signal")
    return True


def check_each(spec: SampleSpec, format: Format | None) -> Format:
    """The format of single samples. An InputError says if it cannot keep them."""
    name = format or usual_format(spec)
    if not keeps(name, spec):
        able = ", ".join(other for other in KEEPS if keeps(other, spec))
        raise InputError(f"{name} keeps {KEEPS[name]}, not {spec} of {spec.dtype}. Use --format {able}.")
    return name


class Some(NamedTuple):
    """The inputs of some samples, which can be gone through twice, and how the names of their files begin."""

    inputs: Callable[[], Iterable[Inputs]]
    prefix: str = ""


def write_each(
    run: Generative,
    parts: Sequence[Some],
    folder: Path,
    *,
    step: Step | None = None,
    format: Format | None = None,
) -> int:
    """Write each sample to a file of its own, points to one table for each part. Returns how many samples.

    Values are those of the data: their range, their type. What was asked for goes into columns of that table, or into
    a metadata.csv beside the files, so that the folder is data to train on. Memory does not grow with their number.

    Raises:
        InputError: the format cannot keep such samples.
    """
    name = check_each(run.spec, format)
    make_folder(folder)
    if run.spec.kind == "points" and name == "csv":
        return sum(_write_table(run, part, folder / f"{part.prefix}samples.csv", step) for part in parts)
    total, condition = 0, run.spec.condition
    with ExitStack() as stack:
        beside = None
        for file, sample, asked in _named(run, parts, step):
            _WRITERS[name](sample, run.spec, folder / f"{file}.{name}")
            total += 1
            if asked and condition is not None:
                if beside is None:
                    temporary = stack.enter_context(replacing(folder / METADATA))
                    beside = csv.writer(stack.enter_context(temporary.open("w", newline="", encoding="utf-8")))
                    beside.writerow(("file_name", *condition.names))
                beside.writerow((f"{file}.{name}", *asked))
    return total


def _named(run: Generative, parts: Sequence[Some], step: Step | None) -> Iterator[tuple[str, Tensor, Names]]:
    """The name, the stored values and what was asked for of each sample."""
    for part in parts:
        for number, (sample, asked) in enumerate(stored(run, part.inputs, step)):
            yield f"{part.prefix}{number:06}", sample, asked


def stored(
    run: Generative, inputs: Callable[[], Iterable[Inputs]], step: Step | None
) -> Iterator[tuple[Tensor, Names]]:
    """Each sample in the units of the data, and what was asked for in words; nothing if nothing was."""
    condition = run.spec.condition
    for batch, samples in zip(inputs(), run.made(inputs(), step=step), strict=True):
        asked: Iterable[Names] = repeat((), len(samples))
        if condition is not None and batch.conditions is not None:
            asked = (tuple(words.values()) for words in condition.in_words(batch.conditions))
        yield from zip(run.spec.to_stored(samples), asked, strict=True)


def _write_table(run: Generative, part: Some, target: Path, step: Step | None) -> int:
    spec, rows = run.spec, 0
    names = spec.names or tuple(f"column_{number}" for number in range(spec.shape[0]))
    beside = () if spec.condition is None else spec.condition.names
    with replacing(target) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow((*names, *beside))
        for sample, asked in stored(run, part.inputs, step):
            writer.writerow((*texts(sample), *asked))
            rows += 1
    return rows


def texts(values: Tensor) -> list[str]:
    """Numbers with as many digits as float32 has."""
    return [f"{value:.9g}" for value in values.tolist()]


def as_picture(sample: Tensor, spec: SampleSpec) -> Image.Image:
    """One sample (C, H, W) of stored values as a picture of them."""
    values: Array = sample.numpy()
    if spec.dtype == "int16":  # Pillow writes no signed 16-bit pictures
        values = values.astype(np.int32)
    return Image.fromarray(values[0] if len(values) == 1 else np.moveaxis(values, 0, 2))


def _write_picture(sample: Tensor, spec: SampleSpec, target: Path) -> None:
    as_picture(sample, spec).save(target)


def _write_npy(sample: Tensor, spec: SampleSpec, target: Path) -> None:
    values: Array = sample.numpy()
    np.save(target, values[0] if spec.is_spatial and len(values) == 1 else values)  # as people keep one channel


def _write_csv(sample: Tensor, spec: SampleSpec, target: Path) -> None:
    names = spec.names or tuple(f"channel_{number}" for number in range(spec.shape[0]))
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(texts(place) for place in sample.T)


_WRITERS: dict[Format, Callable[[Tensor, SampleSpec, Path], None]] = {
    "png": _write_picture,
    "tiff": _write_picture,
    "npy": _write_npy,
    "csv": _write_csv,
}
