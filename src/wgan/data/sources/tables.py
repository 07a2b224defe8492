"""Tables with a column of pictures, read with the library `datasets`: parquet files, data sets of the hub, objects."""

import re
import sys
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from wgan.data.columns import LABEL
from wgan.data.source import Beside, Sample, Skipped, Source, Survey, file_identity, no_progress
from wgan.data.sources.features import columns_of_feature, needed, not_askable
from wgan.data.survey import surveyed
from wgan.errors import InputError, unknown
from wgan.system.limits import ARRAY_BYTES
from wgan.types import Progress

TEST_SPLITS = ("test", "validation", "valid", "val")
"""The first of these that exists is held out."""
BATCH = 64


class Splits(NamedTuple):
    """The tables that `datasets` opened, and their numbers of rows, by the name of the split."""

    tables: Mapping[str, Any]  # datasets.Dataset or IterableDataset
    counts: Mapping[str, int]
    files: Mapping[str, Sequence[str]] = {}
    """The parquet files that they are read from, if they are: the library reads pictures with any other column."""


class Table(Source):
    """The pictures in one column, labelled by the first column with named classes."""

    choose = "Choose {} with #COLUMN."
    """How a user names a column."""

    def __init__(self, name: str, split: str | None = None, column: str | None = None) -> None:
        self.name, self._split, self._column = name, split, column

    @abstractmethod
    def identify(self) -> str:
        """A text that changes when the table changes."""

    @abstractmethod
    def load(self) -> Splits:
        """Open the table. A table that is packed already is identified, but not loaded."""

    @cached_property
    def _splits(self) -> Splits:
        return self.load()

    @cached_property
    def _chosen(self) -> list[tuple[str, bool]]:
        return chosen_splits(list(self._splits.tables), self._split)

    @cached_property
    def _columns(self) -> tuple[str, str | None]:
        """The columns of pictures and of labels."""
        library = needed("datasets")
        features = self._splits.tables[self._chosen[0][0]].features
        pictures = self._column or next((n for n, kind in features.items() if isinstance(kind, library.Image)), None)
        pictures = pictures or next((n for n, kind in features.items() if _holds_bytes(kind)), None)
        if pictures is None:
            columns = ", ".join(features)
            raise InputError(f"{self.name} has no column of pictures (it has {columns}). {self.choose.format('one')}")
        if pictures not in features:
            raise unknown(f"column of {self.name}", pictures, features)
        labels = (n for n, kind in features.items() if isinstance(kind, library.ClassLabel))
        return pictures, next(labels, None)

    def label_names(self) -> tuple[str, ...]:
        labels = self._columns[1]
        return tuple(self._splits.tables[self._chosen[0][0]].features[labels].names) if labels else ()

    def identity(self) -> str:
        return f"{self.identify()}\n{self._split} {self._column}"

    def survey(self, progress: Progress = no_progress) -> Survey:
        return surveyed(self, lambda: sum(self._splits.counts[split] for split, _ in self._chosen), progress)

    def samples(self) -> Iterator[Sample | Skipped]:
        library = needed("datasets")
        pictures, labels = self._columns
        for split, test in self._chosen:
            table = self._splits.tables[split].select_columns([pictures, *([labels] if labels else [])])
            row = 0
            try:
                table = table.cast_column(pictures, library.Image(decode=False))
            except (TypeError, ValueError, NotImplementedError) as error:
                raise InputError(
                    f"The column '{pictures}' holds no pictures ({error}). {self.choose.format('another one')}"
                ) from error
            for batch in self._batches(table):
                values = batch[labels] if labels else [None] * len(batch[pictures])
                for entry, label in zip(batch[pictures], values, strict=True):
                    yield _sample(entry, None if label == -1 else label, test, f"{split}/{row}")
                    row += 1

    def beside(self) -> tuple[Beside, ...]:
        features = self._splits.tables[self._chosen[0][0]].features
        pictures, labels = self._columns
        reasons = {name: not_askable(kind) for name, kind in features.items() if name not in (pictures, labels)}
        if labels and LABEL in reasons:
            reasons[LABEL] = f"its name is that of the labels, {labels}"
        wanted = [name for name, why in reasons.items() if not why]
        rows = sum(self._splits.counts[split] for split, _ in self._chosen)
        if why := ARRAY_BYTES.passed(8 * rows * len(wanted)):
            reasons |= dict.fromkeys(wanted, f"such columns take {why}")
            wanted = []
        cells: dict[str, list[object]] = {name: [] for name in wanted}
        for split, _ in self._chosen if wanted else ():
            for batch in self._without_pictures(split, wanted):
                for name in wanted:
                    cells[name] += batch[name]
        columns = chain.from_iterable(columns_of_feature(name, features[name], cells[name]) for name in wanted)
        return (*columns, *(Beside(name, reason=why) for name, why in reasons.items() if why))

    def _without_pictures(self, split: str, columns: list[str]) -> Iterator[Mapping[str, list[object]]]:
        """All rows of these columns."""
        if split not in self._splits.files:
            yield from self._batches(self._splits.tables[split].select_columns(columns))
            return
        try:
            for path in self._splits.files[split]:
                with needed("pyarrow.parquet").ParquetFile(path) as file:
                    for batch in file.iter_batches(columns=columns, use_threads=False):
                        yield {**dict.fromkeys(columns, [None] * batch.num_rows), **batch.to_pydict()}
        except Exception as error:  # as in `_batches`
            raise InputError(f"Cannot read all rows of {self.name}: {error}. Copy or download it again.") from error

    def _batches(self, table: Any) -> Iterator[Mapping[str, Any]]:
        try:
            yield from table.iter(BATCH)
        except Exception as error:  # of many kinds, for damaged pages or a deleted file
            raise InputError(f"Cannot read all rows of {self.name}: {error}. Copy or download it again.") from error


def _sample(entry: Mapping[str, Any] | None, label: int | None, test: bool, name: str) -> Sample | Skipped:
    if entry and entry["bytes"] is not None:
        return Sample(entry["bytes"], label, test, name)
    if entry and entry["path"] and "://" not in entry["path"]:
        return Sample(Path(entry["path"]), label, test, name)
    return Skipped(name, "empty")


def _holds_bytes(kind: Any) -> bool:
    """Whether a column of this type can hold encoded pictures, although it is not marked as pictures."""
    stored = kind.get("bytes") if isinstance(kind, Mapping) else kind
    return getattr(stored, "dtype", None) in ("binary", "large_binary")


def chosen_splits(names: list[str], split: str | None) -> list[tuple[str, bool]]:
    """The splits to read, and whether each is for testing: the named one (or an InputError), else train and test."""
    if split is not None:
        if split not in names:
            raise unknown("split", split, names)
        return [(split, False)]
    test = next((name for name in TEST_SPLITS if name in names), None)
    training = ["train"] if "train" in names else [name for name in names if name not in TEST_SPLITS]
    if not training or test is None:
        return [(name, False) for name in training or names]
    return [*((name, False) for name in training), (test, True)]


# -- tables on this machine -------------------------------------------------------------------------------------


def is_saved(path: Path) -> bool:
    """Whether `save_to_disk` wrote this folder."""
    return (path / "dataset_dict.json").exists() or ((path / "state.json").exists() and any(path.glob("*.arrow")))


class LocalTable(Table):
    """A parquet file, a folder of them in the layout of the hub, or a folder of `save_to_disk`. Nothing is copied."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.resolve().stem or "table")
        self.path = path

    def identify(self) -> str:
        if not self.path.is_dir():
            return file_identity(self.path.parent, [self.path.name])
        files = (path for path in self.path.rglob("*") if path.is_file())
        return file_identity(self.path, sorted(path.relative_to(self.path).as_posix() for path in files))

    def load(self) -> Splits:
        return _saved(self.path) if is_saved(self.path) else _parquet(self.path)


def _parquet(path: Path) -> Splits:
    library, parquet = needed("datasets"), needed("pyarrow.parquet")
    try:
        if path.is_dir():
            builder = library.load_dataset_builder(str(path.absolute()))
            if builder.name != "parquet":  # the library chooses the most frequent kind of file
                builder = library.load_dataset_builder("parquet", data_files=_by_splits(path))
        else:
            builder = library.load_dataset_builder("parquet", data_files={"train": str(path.absolute())})
        files = builder.config.data_files
        for file in (file for split in files for file in files[split]):
            if not Path(file).resolve().is_relative_to(path.resolve()):  # README.md may name any file or address
                raise InputError(
                    f"{path} says in its README.md that its rows are in {file}, outside the folder. To use those, "
                    "give that path as DATA; otherwise delete the README.md."
                )
        counts = {split: sum(parquet.read_metadata(file).num_rows for file in files[split]) for split in files}
        return Splits(dict(builder.as_streaming_dataset()), counts, files)
    except InputError:
        raise
    except Exception as error:  # of many kinds, for truncated files or other formats
        raise InputError(f"Cannot read {path} as a table of pictures: {error}. Copy or download it again.") from error


def _by_splits(path: Path) -> Mapping[str, list[str]]:
    """The parquet files of a folder, by the splits that the library finds in their names."""
    found, place = needed("datasets.data_files"), str(path.absolute())
    patterns = found.get_data_patterns(place)
    files: Mapping[str, list[str]] = found.DataFilesDict.from_patterns(patterns, base_path=place)
    only = {split: [file for file in of if file.endswith(".parquet")] for split, of in files.items()}
    return {split: of for split, of in only.items() if of}


def _saved(path: Path) -> Splits:
    library = needed("datasets")
    try:
        loaded = library.load_from_disk(str(path.absolute()))
    except Exception as error:  # as above
        raise InputError(
            f"Cannot read {path} as a folder of save_to_disk: {error}. Copy or download it again."
        ) from error
    tables = dict(loaded) if isinstance(loaded, Mapping) else {"train": loaded}
    return Splits(tables, {split: len(table) for split, table in tables.items()})


# -- tables in memory -------------------------------------------------------------------------------------------

PLAIN = (("arrow_dataset", "Dataset"), ("dataset_dict", "DatasetDict"))
STREAMED = (("iterable_dataset", "IterableDataset"), ("dataset_dict", "IterableDatasetDict"))


def is_loaded(data: object) -> bool:
    """Whether `load_dataset` or the like made this. The library need not be there, and is not imported."""
    return isinstance(data, _kinds(PLAIN) + _kinds(STREAMED))


def _kinds(names: tuple[tuple[str, str], ...]) -> tuple[type, ...]:
    kinds = (getattr(sys.modules.get(f"datasets.{module}"), name, None) for module, name in names)
    return tuple(kind for kind in kinds if isinstance(kind, type))


class LoadedTable(Table):
    """A `Dataset` or a `DatasetDict` of the library, as it is passed from Python."""

    choose = "Pass {} alone, with dataset.select_columns, or an array."

    def __init__(self, data: Any) -> None:
        if isinstance(data, _kinds(STREAMED)):
            raise InputError(
                f"A {type(data).__name__} is streamed, and can be neither counted nor read twice. Load it without "
                "streaming=True."
            )
        self._tables: dict[str, Any] = dict(data) if isinstance(data, Mapping) else {"train": data}
        if not self._tables:
            raise InputError(f"The {type(data).__name__} is empty. Give one with a split.")
        first = next(iter(self._tables.values()))
        super().__init__(re.sub(r"[^\w.-]+", "-", first.info.dataset_name or "").strip(".-") or "table")
        for table in self._tables.values():
            if table.format["type"] == "custom":
                raise InputError(
                    f"{self.name} has a transform, which is made anew whenever a row is read, and a pack is made once. "
                    "Store what it gives with dataset.map, or pass dataset.with_format(None)."
                )

    def identify(self) -> str:
        return "\n".join(f"{split} {table._fingerprint}" for split, table in self._tables.items())

    def load(self) -> Splits:
        plain = {split: table.with_format(None) for split, table in self._tables.items()}
        return Splits(plain, {split: len(table) for split, table in plain.items()})
