"""All samples in one file of values: in the units and the type of the data, written as they are made."""

import csv
import zipfile
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

import numpy as np
from PIL import ExifTags, TiffImagePlugin

from wgan.errors import InputError
from wgan.runs.best import Step
from wgan.runs.generative import Generative
from wgan.runs.inputs import Inputs
from wgan.runs.origin import Origin
from wgan.runs.samples_out import as_picture, keeps, stored, texts
from wgan.system.files import make_folder, replacing
from wgan.system.pictures import Array
from wgan.types.sample_spec import SampleSpec

KEEP: dict[str, Literal["npy", "npz", "csv", "tiff"]] = {
    ".npy": "npy",
    ".npz": "npz",
    ".csv": "csv",
    ".tif": "tiff",
    ".tiff": "tiff",
}
"""The format of values by the ending of a name."""


class Work(NamedTuple):
    """What is written: its inputs can be gone through more than once."""

    run: Generative
    inputs: Callable[[], Iterable[Inputs]]
    number: int
    step: Step | None
    mark: Origin

    def arrays(self) -> Iterator[Array]:
        """The samples in batches, as people expect arrays of them."""
        spec = self.run.spec
        for samples in self.run.made(self.inputs(), step=self.step):
            yield as_array(spec.to_stored(samples).numpy(), spec)


def as_array(values: Array, spec: SampleSpec) -> Array:
    """Samples (B, *shape) without an axis for one channel, and with the channels of pictures last."""
    if spec.is_spatial and spec.shape[0] == 1:
        return values[:, 0]
    return np.moveaxis(values, 1, -1) if spec.is_picture else values


def is_array(target: Path) -> bool:
    """Whether a file of this name holds values, and not one picture to look at."""
    return target.suffix.lower() in KEEP


def check_array(target: Path, spec: SampleSpec) -> None:
    """Raise an InputError if a file of this name cannot hold such samples."""
    name = KEEP[target.suffix.lower()]
    if name in ("csv", "tiff") and not keeps(name, spec):
        kept = "points and signals" if name == "csv" else "grey pictures of any type, and 8-bit ones"
        raise InputError(
            f"{target} cannot hold {spec} of {spec.dtype}: {target.suffix} keeps {kept}. Name a file that ends in "
            ".npy, which keeps samples of every kind."
        )


def write_array(work: Work, target: Path) -> None:
    """Write all samples to one file. Memory does not grow with their number."""
    make_folder(target.parent)
    with replacing(target) as temporary:
        _WRITERS[KEEP[target.suffix.lower()]](work, temporary)


def _write_npy(work: Work, target: Path) -> None:
    with target.open("wb") as file:
        _stream(file, work.arrays(), work.number)


def _write_npz(work: Work, target: Path) -> None:
    """The samples, the latents, and what was asked for as the generator was given it."""
    parts: dict[str, Iterator[Array]] = {
        "samples": work.arrays(),
        "latents": (batch.latents.numpy() for batch in work.inputs()),
    }
    if work.run.spec.condition is not None:
        parts["conditions"] = (batch.conditions.numpy() for batch in work.inputs() if batch.conditions is not None)
    with zipfile.ZipFile(target, "w") as archive:
        for name, batches in parts.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                _stream(file, batches, work.number)


def _stream(file: IO[bytes], batches: Iterator[Array], count: int) -> None:
    """Write batches as one array in NumPy's format."""
    first = next(batches)
    header: dict[str, Any] = {
        "descr": np.lib.format.dtype_to_descr(first.dtype),
        "fortran_order": False,
        "shape": (count, *first.shape[1:]),
    }
    np.lib.format.write_array_header_1_0(file, header)
    for batch in chain([first], batches):
        file.write(np.ascontiguousarray(batch).tobytes())


def _write_csv(work: Work, target: Path) -> None:
    """A row for each sample: the coordinates of a point, or the values of a signal, channel after channel."""
    spec = work.run.spec
    names: Iterable[str] = spec.names
    if spec.kind == "signal":
        channels, length = spec.shape
        heads = [""] if channels == 1 else [f"channel_{channel}_" for channel in range(channels)]
        names = (f"{head}{place}" for head in heads for place in range(length))
    elif not names:
        names = (f"column_{number}" for number in range(spec.shape[0]))
    condition = spec.condition
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow((*names, *(condition.names if condition else ())))
        for sample, asked in stored(work.run, work.inputs, work.step):
            writer.writerow((*texts(sample.flatten()), *asked))


def _write_tiff(work: Work, target: Path) -> None:
    """A page for each picture. The first says what they are from."""
    spec, described = work.run.spec, {int(ExifTags.Base.ImageDescription): work.mark.text()}
    with TiffImagePlugin.AppendingTiffWriter(str(target), new=True) as file:
        for sample, _ in stored(work.run, work.inputs, work.step):
            as_picture(sample, spec).save(file, format="TIFF", tiffinfo=described)
            file.newFrame()
            described = {}


_WRITERS: dict[str, Callable[[Work, Path], None]] = {
    "npy": _write_npy,
    "npz": _write_npz,
    "csv": _write_csv,
    "tiff": _write_tiff,
}
