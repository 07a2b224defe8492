"""Tables with a column of pictures, read through the library `datasets`: parquet files, and what the hub offers."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from wgan.data.source import Sample, Skipped, Survey, file_identity, plain
from wgan.data.survey import surveyed
from wgan.errors import InputError, unknown
from wgan.types import Progress

TEST_SPLITS = ("test", "validation", "valid", "val")
"""Of these, the first that is there is kept from training."""
BATCH = 64


class Splits(NamedTuple):
    """What `datasets` opened, by the names of the splits."""

    tables: Mapping[str, Any]  # datasets.Dataset or IterableDataset
    counts: Mapping[str, int]  # rows


class Table:
    """The pictures in one column; labels are those of the first column that names its classes.

    `load` is called when rows are wanted, and only then: a set that is packed is told by its identity alone.
    """

    def __init__(
        self,
        name: str,
        identity: Callable[[], str],
        load: Callable[[], Splits],
        split: str | None = None,
        column: str | None = None,
    ) -> None:
        self.name = name
        self._load, self._identify, self._split, self._column = load, identity, split, column

    @cached_property
    def _splits(self) -> Splits:
        return self._load()

    @cached_property
    def _chosen(self) -> list[tuple[str, bool]]:
        """The splits to read, and whether they are for testing."""
        return chosen_splits(list(self._splits.tables), self._split)

    @cached_property
    def _columns(self) -> tuple[str, str | None]:
        """The pictures' and the labels'."""
        library = needed("datasets")
        features = self._splits.tables[self._chosen[0][0]].features
        pictures = self._column or next((n for n, kind in features.items() if isinstance(kind, library.Image)), None)
        pictures = pictures or next((n for n, kind in features.items() if _holds_bytes(kind)), None)
        if pictures is None:
            columns = ", ".join(features)
            raise InputError(f"{self.name} has no column of pictures (it has {columns}). Name one with #COLUMN.")
        if pictures not in features:
            raise unknown(f"column of {self.name}", pictures, features)
        labels = (n for n, kind in features.items() if isinstance(kind, library.ClassLabel))
        return pictures, next(labels, None)

    def label_names(self) -> tuple[str, ...]:
        """The classes, as the table names them."""
        labels = self._columns[1]
        return tuple(self._splits.tables[self._chosen[0][0]].features[labels].names) if labels else ()

    def identity(self) -> str:
        """What was opened, and what of it is read."""
        return f"{self._identity}\n{self._split} {self._column}"

    @cached_property
    def _identity(self) -> str:
        return self._identify()

    def survey(self, progress: Progress = plain) -> Survey:
        """Counts from the pictures' headers; nothing is decoded."""
        return surveyed(self, lambda: sum(self._splits.counts[split] for split, _ in self._chosen), progress)

    def samples(self) -> Iterator[Sample | Skipped]:
        """Row by row, training splits first; bytes as they are stored."""
        library = needed("datasets")
        pictures, labels = self._columns
        for split, test in self._chosen:
            table = self._splits.tables[split].select_columns([pictures, *([labels] if labels else [])])
            row = 0
            for batch in self._batches(_stored(table, pictures, library)):
                values = batch[labels] if labels else [None] * len(batch[pictures])
                for entry, label in zip(batch[pictures], values, strict=True):
                    yield _sample(entry, None if label == -1 else label, test, f"{split}/{row}")
                    row += 1

    def _batches(self, table: Any) -> Iterator[Mapping[str, Any]]:
        try:
            yield from table.iter(BATCH)
        except Exception as error:  # of many kinds, for pages that are damaged or a file that has gone
            raise InputError(f"Cannot read all rows of {self.name}: {error}. Copy or download it again.") from error


def _stored(table: Any, column: str, library: Any) -> Any:
    try:
        return table.cast_column(column, library.Image(decode=False))
    except (TypeError, ValueError, NotImplementedError) as error:
        raise InputError(
            f"The column '{column}' holds no pictures ({error}). Name another one with #COLUMN."
        ) from error


def _sample(entry: Mapping[str, Any] | None, label: int | None, test: bool, name: str) -> Sample | Skipped:
    if entry and entry["bytes"] is not None:
        return Sample(entry["bytes"], label, test, name)
    if entry and entry["path"] and "://" not in entry["path"]:
        return Sample(Path(entry["path"]), label, test, name)
    return Skipped(name, "empty")


def _holds_bytes(kind: Any) -> bool:
    """Whether a column of this kind can hold encoded pictures, without being marked as one that does."""
    stored = kind.get("bytes") if isinstance(kind, Mapping) else kind
    return getattr(stored, "dtype", None) in ("binary", "large_binary")


def chosen_splits(names: list[str], split: str | None) -> list[tuple[str, bool]]:
    """Which of the splits are read, and whether for testing: the one that was named, else train and test.

    Raises:
        InputError: there is none of that name.
    """
    if split is not None:
        if split not in names:
            raise unknown("split", split, names)
        return [(split, False)]
    test = next((name for name in TEST_SPLITS if name in names), None)
    training = ["train"] if "train" in names else [name for name in names if name not in TEST_SPLITS]
    if not training or test is None:
        return [(name, False) for name in training or names]
    return [*((name, False) for name in training), (test, True)]


def needed(library: str) -> Any:
    """A library of the extra `hub`, loaded only when it is needed.

    Raises:
        InputError: it is not installed.
    """
    try:
        return import_module(library)
    except ImportError as error:
        raise InputError(
            f"Data sets of the hub and parquet files need the library {library}, which is not installed. "
            "Install it with: pip install 'datasets>=4'."
        ) from error


# -- tables on this machine -------------------------------------------------------------------------------------


def is_saved(path: Path) -> bool:
    """Whether `save_to_disk` wrote this folder."""
    return (path / "dataset_dict.json").exists() or ((path / "state.json").exists() and any(path.glob("*.arrow")))


def open_parquet(path: Path) -> Table:
    """A parquet file, or a folder of them as the hub lays them out; read where it lies, nothing is copied."""
    return Table(_name(path), lambda: _identity(path), lambda: _parquet(path))


def open_saved(path: Path) -> Table:
    """A folder that `save_to_disk` wrote."""
    return Table(_name(path), lambda: _identity(path), lambda: _saved(path))


def _name(path: Path) -> str:
    return path.resolve().stem or "table"


def _identity(path: Path) -> str:
    """That of a file, or of all files below a folder."""
    files = sorted(p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()) if path.is_dir() else [""]
    return file_identity(path, files)


def _parquet(path: Path) -> Splits:
    library, parquet = needed("datasets"), needed("pyarrow.parquet")
    try:
        if path.is_dir():
            builder = library.load_dataset_builder(str(path.absolute()))
            if builder.name != "parquet":  # it goes by the kind of file of which there are most
                builder = library.load_dataset_builder("parquet", data_files=_by_splits(path))
        else:
            builder = library.load_dataset_builder("parquet", data_files={"train": str(path.absolute())})
        files = builder.config.data_files
        _refuse_outside(path, [file for split in files for file in files[split]])
        counts = {split: sum(parquet.read_metadata(file).num_rows for file in files[split]) for split in files}
        return Splits(dict(builder.as_streaming_dataset()), counts)
    except InputError:
        raise
    except Exception as error:  # of many kinds, for files that are cut short or of another format
        raise InputError(f"Cannot read {path} as a table of pictures: {error}") from error


def _refuse_outside(path: Path, files: list[str]) -> None:
    """The README.md of a folder may name its files: others on this machine, or anywhere on the network."""
    for file in files:
        if not Path(file).resolve().is_relative_to(path.resolve()):
            raise InputError(
                f"{path} says in its README.md that its rows are in {file}, outside of it. If you want those, give "
                "that place as DATA; else delete the README.md."
            )


def _by_splits(path: Path) -> Mapping[str, list[str]]:
    """The parquet files of a folder, by the splits that the library sees in their names."""
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
        raise InputError(f"Cannot read {path}, which save_to_disk seems to have written: {error}") from error
    tables = dict(loaded) if isinstance(loaded, Mapping) else {"train": loaded}
    return Splits(tables, {split: len(table) for split, table in tables.items()})
