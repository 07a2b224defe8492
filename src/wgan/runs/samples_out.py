"""Samples as files: in the units and the type of the data, in a format that keeps them."""

import csv
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image
from torch import Tensor

from wgan.errors import InputError
from wgan.runs.generative import Generative
from wgan.system.files import make_folder, replacing
from wgan.system.pictures import Array
from wgan.types import Condition, Conditions, Latents
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
    return next((name for name in ("png", "tiff") if _keeps(name, spec)), "npy")


def _keeps(name: Format, spec: SampleSpec) -> bool:
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


def write_each(
    run: Generative,
    z: Latents,
    folder: Path,
    conditions: Conditions | None = None,
    *,
    step: int | None = None,
    format: Format | None = None,
) -> int:
    """Write each sample to a file of its own, points to one table. Returns how many samples.

    Values are those of the data: their range, their type. What was asked for goes into columns of that table, or into
    a metadata.csv beside the files, so that the folder is data to train on. Memory does not grow with their number.

    Raises:
        InputError: the format cannot keep such samples.
    """
    spec = run.spec
    name = format or usual_format(spec)
    if not _keeps(name, spec):
        able = ", ".join(other for other in KEEPS if _keeps(other, spec))
        raise InputError(f"{name} keeps {KEEPS[name]}, not {spec} of {spec.dtype}. Use --format {able}.")
    make_folder(folder)
    stored = (sample for batch in run.stream(z, conditions, step=step) for sample in spec.to_stored(batch))
    names, asked = _asked(spec.condition, conditions)
    if spec.kind == "points" and name == "csv":
        _write_table(stored, spec, folder / "samples.csv", names, asked)
        return len(z)
    write = _WRITERS[name]
    for number, sample in enumerate(stored):
        write(sample, spec, folder / f"{number:06}.{name}")
    if names:
        with replacing(folder / METADATA) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("file_name", *names))
            writer.writerows((f"{number:06}.{name}", *one) for number, one in zip(range(len(z)), asked, strict=True))
    return len(z)


def _asked(condition: Condition | None, conditions: Conditions | None) -> tuple[Names, Iterator[Names]]:
    """The names of what was asked for, and what was asked of each sample, in words; nothing of all if nothing was."""
    if condition is None or conditions is None:
        return (), repeat(())
    return condition.names, (tuple(condition.in_words(one[None])[0].values()) for one in conditions)


def _write_table(
    stored: Iterator[Tensor], spec: SampleSpec, target: Path, beside: Names, asked: Iterator[Names]
) -> None:
    names = spec.names or tuple(f"column_{number}" for number in range(spec.shape[0]))
    with replacing(target) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow((*names, *beside))
        writer.writerows((*_texts(sample), *more) for sample, more in zip(stored, asked, strict=False))


def _texts(values: Tensor) -> list[str]:
    """Numbers with as many digits as float32 has."""
    return [f"{value:.9g}" for value in values.tolist()]


def _write_picture(sample: Tensor, spec: SampleSpec, target: Path) -> None:
    values: Array = sample.numpy()
    if spec.dtype == "int16":  # Pillow writes no signed 16-bit pictures
        values = values.astype(np.int32)
    Image.fromarray(values[0] if len(values) == 1 else np.moveaxis(values, 0, 2)).save(target)


def _write_npy(sample: Tensor, spec: SampleSpec, target: Path) -> None:
    values: Array = sample.numpy()
    np.save(target, values[0] if spec.is_spatial and len(values) == 1 else values)  # as people keep one channel


def _write_csv(sample: Tensor, spec: SampleSpec, target: Path) -> None:
    names = spec.names or tuple(f"channel_{number}" for number in range(spec.shape[0]))
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(_texts(place) for place in sample.T)


_WRITERS: dict[Format, Callable[[Tensor, SampleSpec, Path], None]] = {
    "png": _write_picture,
    "tiff": _write_picture,
    "npy": _write_npy,
    "csv": _write_csv,
}
