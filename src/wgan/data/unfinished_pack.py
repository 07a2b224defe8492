"""The rows of an unfinished pack: append-only files, so that packing can continue after a kill."""

import errno
import hashlib
import io
import json
import os
import struct
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from wgan.data.source import Sample, Skipped
from wgan.system.pictures import Array

RECORD = np.dtype([("item", "<i8"), ("label", "<i8"), ("test", "?"), ("hash", "<u8")])
"""For each row: its index in the source, its label or -1, whether it is for testing, and its hash."""
AS_RECORD = struct.Struct("<qq?Q")
BUFFERED = 1 << 20
"""Bytes of rows that are written at once."""
LONGEST = 1.0
"""Seconds for which a row waits for others. A killed process loses no more of its work."""


class Rows:
    """Rows of `row_bytes` in `samples.bin`, a record for each in `records.bin`, skipped items in `skipped.jsonl`.

    A row is valid if its bytes have the hash in its record. Opening drops the first invalid row and all after it.
    `next_item` is the index in the source to continue from.
    """

    def __init__(self, folder: Path, row_bytes: int) -> None:
        self._folder = folder
        samples, records, skipped = (folder / name for name in ("samples.bin", "records.bin", "skipped.jsonl"))
        for path in (samples, records, skipped):
            path.touch()
        lines = _whole_lines(skipped)
        places = {place for place, _ in lines}
        count = self.next_item = 0
        with samples.open("rb") as file:
            for record in np.fromfile(records, RECORD):
                item, content = self.next_item, file.read(row_bytes)
                while item in places:
                    item += 1
                if record["item"] != item or len(content) != row_bytes or record["hash"] != _hash_of(content):
                    break
                count, self.next_item = count + 1, item + 1
        os.truncate(samples, count * row_bytes)
        os.truncate(records, count * RECORD.itemsize)
        earlier = [json.dumps([place, *item]) + "\n" for place, item in lines if place < self.next_item]
        skipped.write_text("".join(earlier), encoding="utf-8")
        # Unbuffered, so that rows are in the file before their records are.
        self._samples, self._records = samples.open("ab", buffering=0), records.open("ab", buffering=0)
        self._skipped = skipped.open("a", encoding="utf-8")
        self._waiting, self._noted = bytearray(), bytearray()
        self._flushed = time.monotonic()

    def close(self) -> None:
        with suppress(OSError):  # what is lost is packed again
            self._flush()
        for file in (self._samples, self._records, self._skipped):
            file.close()

    def append(self, sample: Sample, content: bytes) -> None:
        """Add the source's next item, with the bytes of its row."""
        label = -1 if sample.label is None else sample.label
        if len(content) >= BUFFERED:  # not copied
            self._flush()
            _write(self._samples, content)
        else:
            self._waiting += content
        self._noted += AS_RECORD.pack(self.next_item, label, sample.test, _hash_of(content))
        self.next_item += 1
        if len(content) >= BUFFERED or len(self._waiting) >= BUFFERED or time.monotonic() - self._flushed >= LONGEST:
            self._flush()

    def _flush(self) -> None:
        rows, records = self._waiting, self._noted
        self._waiting, self._noted = bytearray(), bytearray()  # rows that cannot be written are not tried again
        _write(self._samples, rows)
        _write(self._records, records)
        self._flushed = time.monotonic()

    def skip(self, item: Skipped) -> None:
        """Note that the source's next item cannot be used."""
        self._skipped.write(json.dumps([self.next_item, *item]) + "\n")
        self._skipped.flush()
        self.next_item += 1

    def finished(self) -> tuple[Array, dict[str, Array], tuple[Skipped, ...]]:
        """Write and sync the rows; return their items of the source, the columns labels, tests, hashes, skipped."""
        self._flush()
        os.fsync(self._samples.fileno())
        records = np.fromfile(self._folder / "records.bin", RECORD)
        columns = {f"{name}s": np.ascontiguousarray(records[name]) for name in ("label", "test")}
        columns["hashes"] = np.ascontiguousarray(records["hash"])
        return records["item"].copy(), columns, tuple(item for _, item in _whole_lines(self._folder / "skipped.jsonl"))


def _hash_of(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest())


def _write(file: io.FileIO, content: bytes | bytearray) -> None:
    if content and file.write(content) != len(content):  # a full disk may take a part without an error
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _whole_lines(path: Path) -> list[tuple[int, Skipped]]:
    """The skipped items with their indices in the source, up to the first damaged line."""
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
