"""The checkpoints of a run: which are kept, what checksum each must have, and what becomes of damaged ones.

checkpoints/  000000500.pt  000001000.pt  SHA256SUMS  (000000400.pt.damaged)
"""

import errno
import hashlib
import re
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import IO, Any

import torch

from wgan.errors import InputError, TrainingError
from wgan.system.files import by_step, make_folder, replacing, sync, write_text
from wgan.system.pickles import vet

LINE = re.compile(r"([0-9a-f]{64}) [ *](\S+)")
"""A line that `sha256sum` writes, and reads with `-c`."""


class CheckpointFolder:
    """A folder of checkpoints by step. Only the holder of the run's lock may save or set aside.

    A file gets its name once it is whole, so a file without a line in SHA256SUMS is whole. A file with a line must have
    that checksum. So a process may be killed between any two writes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sums_file = path / "SHA256SUMS"

    def files(self) -> dict[int, Path]:
        """Paths by step, in order."""
        return by_step(self.path, ".pt")

    def save(self, state: Mapping[str, Any], step: int, *, keep: int, best: int | None = None) -> None:
        """Add a checkpoint, then remove all but the newest `keep` and that of step `best`."""
        make_folder(self.path)
        path, sums = self.path / f"{step:09}.pt", self._sums()
        if sums.pop(path.name, None):
            self._write(sums)  # an earlier file's sum would make the new one look damaged
        sums[path.name] = save_state(state, path)
        self.prune(sums, keep=keep, best=best)

    def prune(self, sums: Mapping[str, str] | None = None, *, keep: int, best: int | None = None) -> None:
        """Remove all but these checkpoints, also what an interrupted `save` left. `sums` are those to list."""
        files, sums = self.files(), self._sums() if sums is None else sums
        kept = {file.name for at, file in files.items() if at in [*files][-keep:] or at == best}
        self._write({name: digest for name, digest in sums.items() if name in kept})  # never lists a file that is gone
        for file in files.values():
            if file.name not in kept:
                file.unlink()

    def load(self, step: int | None = None) -> dict[str, Any]:
        """The checkpoint of `step`, or the newest.

        Raises:
            InputError: there is no checkpoint of that step.
            Damaged: it is not what was written.
            TrainingError: it cannot be read, but may be whole.
        """
        files = self.files()
        step = max(files, default=None) if step is None else step
        if step is None or step not in files:
            names = ", ".join(map(str, files)) or "none"
            raise InputError(f"{self.path.parent} has no checkpoint of step {step}. There are: {names}.")
        path = files[step]
        try:
            return load_state(path, self._sums().get(path.name))
        except Damaged as error:
            others = ", ".join(str(at) for at in files if at != step)
            other = f" Or use another step: {others}." if others else ""
            raise Damaged(f"{error} The command that trained the run sets it aside and continues.{other}") from error

    def recover(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The newest whole checkpoint, and notes on damaged ones, which are set aside.

        Raises:
            TrainingError: none is whole, or one cannot be read but may be whole.
        """
        notes: list[str] = []
        for step, path in reversed(self.files().items()):
            try:
                saved = load_state(path, self._sums().get(path.name))
            except Damaged as error:
                notes.append(f"{error} It was set aside as {self._set_aside(path).name}.")
                continue
            return saved, (*notes, f"Training continues from the checkpoint of step {step}.") if notes else ()
        raise TrainingError(
            f"{' '.join(notes)} No other is left in {self.path}: restore one from a copy of the run, or start "
            "anew with --fresh."
        )

    def _set_aside(self, path: Path) -> Path:
        """Rename it to a name that is never read."""
        places = (path.with_name(f"{path.name}.damaged{f'-{number}' if number > 1 else ''}") for number in count(1))
        place = path.rename(next(place for place in places if not place.exists()))
        sync(self.path)
        self._write({name: digest for name, digest in self._sums().items() if name != path.name})
        return place

    def _sums(self) -> dict[str, str]:
        """SHA-256 by file name. Malformed lines are skipped."""
        try:
            text = self.sums_file.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return {}
        return {found[2]: found[1] for line in text.splitlines() if (found := LINE.fullmatch(line))}

    def _write(self, sums: Mapping[str, str]) -> None:
        write_text(self.sums_file, "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)))


class Damaged(TrainingError):
    """A checkpoint is truncated, or is not what was written."""


def save_state(state: Mapping[str, Any], path: Path) -> str:
    """Write nested tensors and plain values. Returns the SHA-256, in hexadecimal, of what was to be written.

    Raises:
        OSError: the system refused; has the file's name.
    """
    with replacing(path) as temporary, temporary.open("wb") as file:
        summing = _Summing(file)
        torch.save(dict(state), summing)  # type: ignore[arg-type]  # all of a file that it uses
        if summing.failure:
            raise summing.failure
        file.flush()  # anything else that can fail fails before the file gets its name
    return summing.sum.hexdigest()


class _Summing:
    """A file that hashes what is written to it, and keeps the system's error, which torch's error hides."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.sum = file, hashlib.sha256()
        self.failure: BaseException | None = None

    def write(self, content: bytes | memoryview) -> int:
        """Never raises, since the calling C++ code cannot pass on a system error or Ctrl-C."""
        try:
            if self.failure is None:
                self.sum.update(content)
                return self._file.write(content)
        except BaseException as error:
            self.failure = error
        return len(content)

    def flush(self) -> None:
        """Required by torch; the file is flushed at its end."""


def load_state(path: Path, digest: str | None = None) -> dict[str, Any]:
    """Read a state back, on the CPU. If there is a `digest`, the file's SHA-256 must equal it.

    Raises:
        Damaged: the file is damaged, or holds something else.
        TrainingError: it cannot be read, but may be whole.
    """
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        if error.errno == errno.EIO:
            raise Damaged(f"The checkpoint {path} is damaged: {error.strerror}.") from error
        raise TrainingError(f"The checkpoint {path} cannot be read: {error.strerror}.") from error
    if digest not in (None, found):
        raise Damaged(f"The checkpoint {path} is damaged: it is not what was written (its SHA-256 differs).")
    try:
        vet(path)
        saved: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        if not isinstance(saved, dict):
            raise ValueError("it holds no state")
    except Exception as error:  # torch's message advises to load the file unsafely; do not repeat it
        if digest is None:
            raise Damaged(f"The checkpoint {path} is damaged: it is truncated, or holds more than tensors.") from error
        raise TrainingError(
            f"The checkpoint {path} is what was written, by its SHA-256, but torch {torch.__version__} cannot "
            f"read it ({type(error).__name__}): is there enough memory, and did a newer torch write it?"
        ) from error
    return saved
