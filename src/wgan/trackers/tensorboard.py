"""A run's numbers and grids for TensorBoard: written at once, and taken back when a run is rewound.

TensorBoard's own writer hands records to a thread, which keeps some back and raises disk errors at a later call.
"""

import os
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import numpy as np
from google.protobuf.message import DecodeError
from PIL import Image
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.summary.writer.record_writer import RecordWriter
from torch.utils.tensorboard import summary

from wgan.system.files import make_folder, naming, replacing, sync


class EventWriter:
    """A new event file in TensorBoard's folder. Earlier files hold the events up to `step`.

    Raises, from every method:
        OSError: the system refused; has the file's name.
    """

    def __init__(self, folder: Path, step: int) -> None:
        make_folder(folder)
        # TensorBoard reads files in the order of their names, and the clock may have been set back.
        newest = max((_second(path) for path in _files(folder)), default=0)
        second = max(int(time.time()), newest + 1)
        self._path = folder / f"events.out.tfevents.{second:010d}.{socket.gethostname()}.{os.getpid()}.0"
        with naming(self._path), ExitStack() as opened:
            self._file = opened.enter_context(self._path.open("xb"))
            self._records = RecordWriter(self._file)
            self._write(file_version="brain.Event:2")
            # Tells a running TensorBoard to forget what was taken back.
            self._write(step=step + 1 if step else 0, session_log=SessionLog(status=SessionLog.START))
            opened.pop_all()

    def row(self, values: Mapping[str, float], step: int) -> None:
        """Write values by tag, and flush."""
        for tag, value in values.items():
            self.scalar(tag, value, step)
        self.flush()

    def scalar(self, tag: str, value: float | int, step: int) -> None:
        self._write(step=step, summary=summary.scalar(tag, value))

    def image(self, tag: str, image: Image.Image, step: int) -> None:
        pixels = np.asarray(image)
        axes = "HW" if pixels.ndim == 2 else "HWC"
        self._write(step=step, summary=summary.image(tag, pixels, dataformats=axes))

    def flush(self) -> None:
        with naming(self._path):
            self._file.flush()

    def sync(self) -> None:
        """Flush everything to the disk."""
        self.flush()
        sync(self._path)

    def close(self) -> None:
        with naming(self._path):
            self._file.close()

    def _write(self, **fields: object) -> None:
        with naming(self._path):
            self._records.write(Event(wall_time=time.time(), **fields).SerializeToString())


def rewind(folder: Path, wanted: Callable[[str, int], bool]) -> None:
    """Keep the events of a folder whose tag and step are wanted: of each, the latest.

    Files that need no change are left alone. Drops records that a kill or a full disk truncated. May be interrupted and
    repeated.
    """
    seen: set[tuple[str, int]] = set()
    for path in reversed(_files(folder)):
        kept: list[tuple[int, int]] = []
        told = False
        with path.open("rb") as file:
            for start, end, event in _events(file):
                keys = [(value.tag, event.step) for value in event.summary.value]
                if all(wanted(*key) and key not in seen for key in keys):
                    kept.append((start, end))
                    seen.update(keys)
                    told = told or bool(keys)
            if not told:
                path.unlink()
            elif sum(end - start for start, end in kept) != path.stat().st_size:
                with replacing(path) as temporary, temporary.open("wb") as shorter:
                    for start, end in kept:
                        file.seek(start)
                        shorter.write(file.read(end - start))


def _events(file: IO[bytes]) -> Iterator[tuple[int, int, Event]]:
    """The events of a file, and where each begins and ends, up to the first that is truncated.

    A record is its length in 8 bytes, 4 bytes of checksum, the event, 4 bytes of checksum.
    """
    while len(head := file.read(12)) == 12:
        length, checksum = struct.unpack("<QI", head)
        if checksum != masked_crc32c(head[:8]):
            return
        start = file.tell() - 12
        content = file.read(length + 4)
        if len(content) != length + 4:
            return
        try:
            event = Event.FromString(content[:-4])
        except DecodeError:
            return
        yield start, start + 16 + length, event


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("events.out.tfevents.*"))


def _second(path: Path) -> int:
    second = path.name.split(".")[3]
    return int(second) if second.isdecimal() else 0
