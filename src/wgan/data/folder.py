"""A folder of pictures, flat or at any depth; folders of the first level are labels when every picture is in one."""

import os
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from wgan.data.source import Sample, Skipped, Survey, file_identity, plain
from wgan.errors import InputError
from wgan.types import Progress

UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)
"""What Pillow raises for files that are no pictures, cut short, damaged or absurdly large."""


class Folder:
    """Every picture below `root`, in the order of their relative paths. Hidden files are passed over."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = root.resolve().name or "pictures"
        self._surveyed: Survey | None = None

    @cached_property
    def _files(self) -> tuple[list[str], list[Skipped]]:
        """Relative paths of the files that are named like pictures, and the others."""
        suffixes = {suffix for suffix in Image.registered_extensions() if suffix != ".pdf"}
        pictures: list[str] = []
        others: list[Skipped] = []

        def unreadable(error: OSError) -> None:
            others.append(Skipped(Path(error.filename).relative_to(self.root).as_posix(), reason(error)))

        for folder, folders, files in os.walk(self.root, onerror=unreadable):
            folders[:] = sorted(f for f in folders if not f.startswith((".", "__")))
            for file in files:
                path = Path(folder, file)
                name = path.relative_to(self.root).as_posix()
                if file.startswith("."):
                    continue
                if path.suffix.lower() in suffixes:
                    pictures.append(name)
                else:
                    others.append(Skipped(name, f"not named like a picture ({path.suffix or 'no suffix'})"))
        if not pictures:
            found = f"{len(others)} other files" if others else "it is empty"
            raise InputError(
                f"No pictures in {self.root}: {found}. Give a folder that holds pictures (.jpg, .png, .webp ...) "
                "at any depth, or MNIST's idx files."
            )
        return sorted(pictures), sorted(others)

    def label_names(self) -> tuple[str, ...]:
        """The folders of the first level, if there are two or more and no picture lies outside of them."""
        return self._labels

    @cached_property
    def _labels(self) -> tuple[str, ...]:
        first = {name.partition("/")[0] if "/" in name else None for name in self._files[0]}
        if None in first or len(first) < 2:
            return ()
        return tuple(sorted(filter(None, first)))

    def _label(self, name: str) -> int | None:
        return self._labels.index(name.partition("/")[0]) if self._labels else None

    def identity(self) -> str:
        """The place, and the names, sizes and times of all files, those that are no pictures included."""
        pictures, others = self._files
        return file_identity(self.root, [*pictures, *(entry.name for entry in others)])

    def survey(self, progress: Progress = plain) -> Survey:
        """Counts from the files' headers; nothing is decoded."""
        if self._surveyed is None:
            self._surveyed = self._survey(progress)
        return self._surveyed

    def _survey(self, progress: Progress) -> Survey:
        pictures, others = self._files
        sizes: Counter[tuple[int, int]] = Counter()
        modes: Counter[str] = Counter()
        labels: Counter[str] = Counter()
        skipped = list(others)
        for name in progress(pictures, len(pictures), f"looking through {self.name}"):
            try:
                with Image.open(self.root / name) as image:
                    turned = image.getexif().get(ExifTags.Base.Orientation, 1) >= 5
                    sizes[image.size if turned else image.size[::-1]] += 1
                    modes[image.mode] += 1
            except UNREADABLE as error:
                skipped.append(Skipped(name, reason(error)))
            else:
                if self._labels:
                    labels[name.partition("/")[0]] += 1
        return Survey(sizes.total(), sizes, modes, labels, skipped=tuple(skipped))

    def samples(self) -> Iterator[Sample | Skipped]:
        """Decoded pictures; the ones that cannot be decoded come as `Skipped`."""
        pictures, others = self._files
        yield from others
        for name in pictures:
            try:
                with Image.open(self.root / name) as opened:
                    image = ImageOps.exif_transpose(opened)
                if image.mode == "F":
                    raise ValueError("floating-point pixels have no known range")
            except UNREADABLE as error:
                yield Skipped(name, reason(error))
            else:
                yield Sample(image, self._label(name))


def reason(error: BaseException) -> str:
    """Pillow's complaint in a few words."""
    if isinstance(error, UnidentifiedImageError):
        return "not a picture (its content is of no known format)"
    if isinstance(error, Image.DecompressionBombError):
        return "too many pixels"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"damaged ({error})"
