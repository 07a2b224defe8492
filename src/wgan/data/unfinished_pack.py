"""The rows of a pack in the making: files that only grow, so that a killed process's work is gone on with."""

import errno
import hashlib
import io
import json
import os
from pathlib import Path
from types import TracebackType

import numpy as np

from wgan.data.source import Sample, Skipped
from wgan.system.pictures import Array

RECORD = np.dtype([("item", "<i8"), ("label", "<i8"), ("test", "?"), ("hash", "<u8")])
"""What is known of a row: which of the source's items it is, its label or -1, whether it is for testing, its hash."""


class Rows:
    """Rows of `row_bytes` in `samples.bin`, a record of each in `records.bin`, what was skipped in `skipped.jsonl`.

    A row is there when its bytes have the hash that its record says; everything behind the first that has not is
    dropped on opening. `next_item` is where to go on in the source.
    """

    def __init__(self, folder: Path, row_bytes: int) -> None:
        self._folder = folder
        samples, records, skipped = (folder / name for name in ("samples.bin", "records.bin", "skipped.jsonl"))
        for path in (samples, records, skipped):
            path.touch()
        lines = _whole_lines(skipped)
        places = [place for place, _ in lines]
        whole = np.fromfile(records, RECORD)
        whole = whole[: _without_gap(whole["item"], places)]
        whole = whole[: _sound(samples, whole, row_bytes)]
        self.next_item = int(whole["item"][-1]) + 1 if len(whole) else 0
        os.truncate(samples, len(whole) * row_bytes)
        os.truncate(records, len(whole) * RECORD.itemsize)
        earlier = [json.dumps([place, *item]) + "\n" for place, item in lines if place < self.next_item]
        skipped.write_text("".join(earlier), encoding="utf-8")
        # Unbuffered: what a killed process leaves ends in a whole row, or in the one it was writing.
        self._samples, self._records = samples.open("ab", buffering=0), records.open("ab", buffering=0)
        self._skipped = skipped.open("a", encoding="utf-8")

    def __enter__(self) -> "Rows":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for file in (self._samples, self._records, self._skipped):
            file.close()

    def append(self, sample: Sample, content: bytes) -> None:
        """The source's next item, as the bytes of its row."""
        label = -1 if sample.label is None else sample.label
        _write(self._samples, content)
        _write(self._records, np.array((self.next_item, label, sample.test, hash_of(content)), RECORD).tobytes())
        self.next_item += 1

    def skip(self, item: Skipped) -> None:
        """The source's next item cannot be used."""
        self._skipped.write(json.dumps([self.next_item, *item]) + "\n")
        self._skipped.flush()
        self.next_item += 1

    def finished(self) -> tuple[dict[str, Array], tuple[Skipped, ...]]:
        """The columns labels (int64), tests (bool) and hashes (uint64), and what was skipped; all is on disk now."""
        os.fsync(self._samples.fileno())
        records = np.fromfile(self._folder / "records.bin", RECORD)
        columns = {f"{name}s": np.ascontiguousarray(records[name]) for name in ("label", "test")}
        columns["hashes"] = np.ascontiguousarray(records["hash"])
        return columns, tuple(item for _, item in _whole_lines(self._folder / "skipped.jsonl"))


def hash_of(content: bytes) -> int:
    """64 bits."""
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest())


def _write(file: io.FileIO, content: bytes) -> None:
    if file.write(content) != len(content):  # a full disk takes a part without a word
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _without_gap(items: Array, skipped: list[int]) -> int:
    """How many records from the first on have every item before theirs recorded or skipped."""
    gaps = np.flatnonzero(items != np.arange(len(items)) + np.searchsorted(skipped, items))
    return int(gaps[0]) if len(gaps) else len(items)


def _sound(samples: Path, records: Array, row_bytes: int) -> int:
    """How many rows from the first on are what their records say."""
    with samples.open("rb") as file:
        for row, record in enumerate(records):
            content = file.read(row_bytes)
            if len(content) != row_bytes or hash_of(content) != record["hash"]:
                return row
    return len(records)


def _whole_lines(path: Path) -> list[tuple[int, Skipped]]:
    """What was skipped, with its place in the source, up to the first line that is damaged."""
    found: list[tuple[int, Skipped]] = []
    for line in path.read_bytes().splitlines(keepends=True):
        try:
            place, name, reason = json.loads(line)
        except (ValueError, TypeError, RecursionError):
            break
        known = isinstance(place, int) and isinstance(name, str) and isinstance(reason, str)
        if not line.endswith(b"\n") or not known or not (found[-1][0] if found else -1) < place < 1 << 62:
            break
        found.append((place, Skipped(name, reason)))
    return found
