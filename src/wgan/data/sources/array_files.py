"""Files of the formats of other fields: one that is a whole data set, or a folder of one sample or stack each."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from pathlib import Path

import numpy as np

from wgan.data.source import Beside, Sample, Skipped, Source, Survey, file_identity, name_in, no_progress
from wgan.data.sources.arrays import HIGHEST, Arrays, arranged
from wgan.data.sources.formats import Content, Format, format_of
from wgan.data.sources.formats.numeric import LIST, arrow_reason
from wgan.data.sources.forms import Form, form_of
from wgan.data.sources.layout import VERSION, Tree
from wgan.data.survey import cached_survey
from wgan.data.values import stored_type
from wgan.errors import InputError
from wgan.system.pictures import Array, Unwanted, is_passing, opened
from wgan.types import Progress
from wgan.types.sample_spec import AXES, Kind, Stored

TIFF_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
SIGNED = 2
"""TIFF's number for signed integers, of which Pillow reads those of 8 bits as unsigned ones."""
PROBED = 200
"""TIFFs of a folder that are looked at to see whether Pillow is enough."""
KINDS: dict[str, Kind] = {"D": "volume", "H": "picture"}
"""What the first of these axes makes of a sample; without any, samples are columns."""


def open_array_set(path: Path, kind: Kind | None) -> Source:
    """The samples of one file: a table, an HDF5 file, a stack of pages."""
    entry = format_of(path)
    assert entry is not None, f"{path} has the suffix of a known format"
    content = entry.read(path)
    if not content.many and kind != "volume":
        raise InputError(
            f"{path} is one sample of shape {content.values.shape}. Give the folder that holds it and others like it."
        )
    return arrays_of(content, path.name.split(".")[0], file_identity(path.parent, [path.name]), kind)


def arrays_of(content: Content, name: str, identity: str = "", kind: Kind | None = None) -> Arrays:
    """The samples of a file that was read, or of a table from Python."""
    return ArraysOfFile(content, name, identity, kind)


class ArraysOfFile(Arrays):
    """The samples of a file, of which the columns that are asked for can be taken out if it is a table."""

    def __init__(self, content: Content, name: str, identity: str = "", kind: Kind | None = None) -> None:
        form = None if kind else form_by_axes(content)
        self._content, self._kind, self._read = content, kind, identity
        super().__init__(
            content.values,
            content.labels,
            name=name,
            identity=identity,
            names=content.names if form is None or form.kind == "points" else (),
            kind=kind,
            form=form,
            skipped=tuple(Skipped(what, why) for what, why in content.passed_over),
            beside=content.beside,
        )

    def inner(self) -> tuple[str, ...]:
        return self._content.names

    def asked(self, wanted: Sequence[str]) -> Source:
        content, inner = self._content, self.inner()
        names = {name_in(text, inner) for text in wanted} & {*inner}
        if not names:
            return self
        kept = [place for place, name in enumerate(inner) if name not in names]
        if not kept:
            raise InputError(
                f"{', '.join(inner)} cannot all be conditions of {self.name}: no column is left to make samples of. "
                "Ask for fewer."
            )
        taken = ((name, content.values[:, place]) for place, name in enumerate(inner) if name in names)
        left = replace(
            content,
            values=content.values[:, kept],
            names=tuple(inner[place] for place in kept),
            beside=(*content.beside, *(Beside(name, values) for name, values in taken)),
        )
        identity = f"{self._read}\nwithout {sorted(names)}" if self._read else ""
        return ArraysOfFile(left, self.name, identity, self._kind)


def form_by_axes(content: Content) -> Form | None:
    """How the samples (N, ...) of a file lie, if it tells the meaning of its axes."""
    axes = content.axes if content.many else f"N{content.axes}"
    if not content.axes:
        return None
    kind = next((kind for axis, kind in KINDS.items() if axis in axes), None)
    if kind is None:
        return form_of(content.values, "the table") if axes == "NC" else None
    return Form(kind, axes.index("C") if "C" in axes else None)


class ArrayFiles(Source):
    """Files of one format below `root`, in the order of their paths. What folders mean, `layout` says.

    A file holds one sample, or several; with `kind` "volume", the pages of a stack are the places of one sample.
    """

    def __init__(self, root: Path, names: Sequence[str], entry: Format, kind: Kind | None = None) -> None:
        self.root, self._entry, self._kind = root, entry, kind
        self.name = root.resolve().name or "arrays"
        self._tree = Tree(sorted(names), frozenset(entry.suffixes), f"{entry.name}")

    def label_names(self) -> tuple[str, ...]:
        return tuple(self._tree.labels)

    def identity(self) -> str:
        return self._identity

    @cached_property
    def _identity(self) -> str:
        read = f"layout {VERSION} {self._entry.name} {self._form}"
        return "\n".join([read, file_identity(self.root, self._tree.names)])

    def unchanged(self) -> bool:
        return self._identity.endswith(file_identity(self.root, self._tree.names))

    def survey(self, progress: Progress = no_progress) -> Survey:
        return cached_survey(self, lambda: self._surveyed(progress))

    def _surveyed(self, progress: Progress) -> Survey:
        sizes: Counter[tuple[int, ...]] = Counter()
        labels: Counter[str] = Counter()
        skipped = list(self._tree.others)
        types: list[np.dtype[np.generic]] = []
        low = high = 0.0
        forms: Counter[tuple[Kind, int]] = Counter()
        names, last = self.label_names(), ""
        what = f"looking through {self.name}"
        for item in progress(self._items(), len(self._tree.pictures), what):
            if isinstance(item, Skipped):
                skipped.append(item)
                continue
            values = item.value
            assert isinstance(values, np.ndarray)
            kind = self._form.kind
            forms[kind, values.shape[-1 if kind == "picture" else 0]] += 1
            sizes[values.shape[:2] if kind == "picture" else values.shape[1:]] += 1
            types += [values.dtype] if values.dtype not in types else []
            if values.dtype.kind in "iu":
                low, high = min(low, float(values.min())), max(high, float(values.max()))
            if names and item.label is not None:
                labels[names[item.label]] += 1
            last = item.name
        if not forms:
            return Survey(0, skipped=tuple(skipped))
        if len(forms) > 1:
            found = ", ".join(f"{count:,} {kind}s of {channels} channels" for (kind, channels), count in forms.items())
            raise InputError(
                f"The files of {self.name} do not go together: {found}, the last in {last}. Sort them out."
            )
        ((kind, channels),) = forms
        dtype = self._stored(types, low, high)
        return Survey(
            sizes.total(), sizes, Counter(), labels, tuple(skipped), kind=kind, channels=channels, dtype=dtype
        )

    def _stored(self, types: list[np.dtype[np.generic]], low: float, high: float) -> Stored:
        if any(each.kind == "f" for each in types):
            return "float32"
        return stored_type(types[0] if len(types) == 1 else np.dtype(np.int64), low, high)

    @cached_property
    def _form(self) -> Form:
        """How samples lie, by the first file that can be read."""
        for name in self._tree.pictures:
            try:
                content = self._content(self._entry.read(self.root / name))
            except InputError as error:
                _refuse_passing(error)
                continue
            return self._form_of(content)
        raise InputError(f"None of the {self._entry.name} files in {self.root} can be read.")

    def _form_of(self, content: Content) -> Form:
        if (form := form_by_axes(content)) is not None and self._kind in (None, form.kind):
            return form
        values = content.values if content.many else content.values[None]
        if values.ndim == 2 and self._kind is None and not content.many:  # (L,): a file is hardly a row of a table
            return Form("signal", None)
        return form_of(values, self.name, self._kind)

    def _content(self, content: Content) -> Content:
        """A stack of pages as one volume, if these are wanted."""
        if self._kind == "volume" and content.many and content.axes.startswith("NH"):
            return Content(content.values, axes=f"D{content.axes[1:]}", many=False)
        return content

    def _items(self) -> Iterator[Sample | Skipped]:
        for name in self._tree.pictures:
            try:
                content = self._content(self._entry.read(self.root / name))
                values = content.values if content.many else content.values[None]
                form = self._form if form_by_axes(content) is None else self._form_of(content)
                if values.ndim != AXES[form.kind] + (form.channel_axis is not None):
                    raise ValueError(f"it has shape {values.shape[1:]}, and the first file holds {form.kind}s")
                samples = arranged(values, form)
            except (InputError, ValueError) as error:
                if isinstance(error, InputError):
                    _refuse_passing(error)
                yield Skipped(name, str(error).replace(f"{self.root}/", ""))
                continue
            for number, sample in enumerate(samples):
                if sample.dtype.kind == "f" and not (np.abs(sample) <= HIGHEST).all():
                    yield Skipped(f"{name}[{number}]", "it holds NaN, infinite or too large values")
                else:
                    yield Sample(sample, self._tree.label(name), self._tree.is_test(name), name)

    def samples(self) -> Iterator[Sample | Skipped]:
        yield from self._tree.others
        yield from self._items()


def _refuse_passing(error: InputError) -> None:
    if error.__cause__ is not None and is_passing(error.__cause__):
        raise error


def beyond_pillow(paths: Sequence[Path]) -> bool:
    """Whether TIFFs hold what Pillow does not read or would spoil: pages, floating-point colours, 16-bit colours."""
    return any(_beyond_pillow(path) for path in paths[:PROBED])


def _beyond_pillow(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            if not file.read(4).startswith(TIFF_MARKS):
                return False
        with opened(path) as image:
            tags = image.tag_v2  # type: ignore[attr-defined]
            bits: Array = np.atleast_1d(tags.get(258, 8))
            signed = int(np.atleast_1d(tags.get(339, 1))[0]) == SIGNED
            odd = (bits.max() == 8 and signed) or (bits.max() == 32 and not signed and image.mode == "I")
            return bool(odd or getattr(image, "n_frames", 1) > 1 or (len(bits) > 1 and bits.max() > 8))
    except Unwanted:
        return False
    except OSError as error:
        return error.errno is None  # Pillow does not know it, and the marks are those of TIFF
    except Exception:
        return True


def is_frame(data: object) -> bool:
    """Whether a Python object is a table: a pandas DataFrame, an Arrow table, or one that exports itself to Arrow."""
    pandas = hasattr(data, "iloc") and hasattr(data, "columns")
    return pandas or (hasattr(data, "column_names") and hasattr(data, "schema")) or hasattr(data, "__arrow_c_stream__")


def has_pictures(path: Path) -> bool:
    """Whether a parquet file has a column that may hold pictures, and not only numbers and texts."""
    try:
        parquet = import_module("pyarrow.parquet")
        schema = parquet.read_schema(path)
    except Exception:  # not installed, or damaged: the source of pictures says so
        return True
    kinds = [kind for kind in schema.types if arrow_reason(kind) != LIST]
    return any(str(kind).startswith(("binary", "large_binary", "struct", "list", "extension")) for kind in kinds)
