"""A run's numbers and grids for TensorBoard: written when they are told, and taken back when a run goes back.

Its own writer hands records to a thread, which keeps some, and raises errors of the disk wherever it is asked next.
"""

import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import numpy as np
from google.protobuf.message import DecodeError
from PIL import Image
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.summary.writer.record_writer import RecordWriter
from torch.utils.tensorboard import summary

from wgan.system.files import make_folder, naming, replacing, sync

GRIDS = "samples"
EVALUATIONS = "metrics"
"""First parts of tags; all others are of the log."""

Wanted = Callable[[str, int], bool]
"""Whether an event of a tag and a step belongs to the run."""


class EventWriter:
    """A new file in a folder of TensorBoard's. Events up to `step` are taken to be in the files before it.

    Raises, from every method:
        OSError: the system refused, with the file's name.
    """

    def __init__(self, folder: Path, step: int) -> None:
        make_folder(folder)
        # TensorBoard reads files in the order of their names, and a clock may have been set back.
        newest = max((_second(path) for path in _files(folder)), default=0)
        second = max(int(time.time()), newest + 1)
        self._path = folder / f"events.out.tfevents.{second:010d}.{socket.gethostname()}.{os.getpid()}.0"
        with naming(self._path), ExitStack() as opened:
            self._file = opened.enter_context(self._path.open("xb"))
            self._records = RecordWriter(self._file)
            self._write(Event(wall_time=time.time(), file_version="brain.Event:2"))
            # Tells a TensorBoard that is looking on to forget what was taken back.
            start = SessionLog(status=SessionLog.START)
            self._write(Event(wall_time=time.time(), step=step + 1 if step else 0, session_log=start))
            opened.pop_all()

    def scalar(self, tag: str, value: float | int, step: int) -> None:
        """A number."""
        self._add(summary.scalar(tag, value), step)

    def image(self, tag: str, image: Image.Image, step: int) -> None:
        """A picture."""
        pixels = np.asarray(image)
        self._add(summary.image(tag, pixels, dataformats="HW" if pixels.ndim == 2 else "HWC"), step)

    def sync(self) -> None:
        """Have all of it on the disk, and not only on the way to it."""
        with naming(self._path):
            self._file.flush()
            sync(self._path)

    def close(self) -> None:
        """Write what is left."""
        with naming(self._path):
            self._file.close()

    def _add(self, content: Summary, step: int) -> None:
        self._write(Event(wall_time=time.time(), step=step, summary=content))

    def _write(self, event: Event) -> None:
        with naming(self._path):
            self._records.write(event.SerializeToString())

    def flush(self) -> None:
        """Let others read it."""
        with naming(self._path):
            self._file.flush()


def kind(tag: str) -> str:
    """The first part of a tag."""
    return tag.partition("/")[0]


def rewind(folder: Path, wanted: Wanted) -> None:
    """Keep of a folder's events those that are wanted, once each, the latest; a file of no others is left as it is.

    Records that were cut short, by a kill or a full disk, go. It may be interrupted, and done again.
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
    """The events of a file and where each begins and ends, up to the first that is not whole.

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
