"""The checkpoints of a run: which are kept, what each must be by its checksum, and what is done with a damaged one.

checkpoints/  000000500.pt  000001000.pt  SHA256SUMS  (000000400.pt.damaged)
"""

import errno
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import torch

from wgan.errors import InputError, TrainingError
from wgan.system.files import by_step, make_folder, replacing, sync, write_text
from wgan.system.pickles import vet

LINE = re.compile(r"([0-9a-f]{64}) [ *](\S+)")
"""What `sha256sum` writes of a file, and reads with `-c`."""


class CheckpointFolder:
    """A folder of checkpoints by step. Only who holds the run's lock may save, or set aside.

    A file without a line in SHA256SUMS is whole: it got its name when it was. A file with one must be what it says. So
    a process may be killed between any two writes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sums_file = path / "SHA256SUMS"

    def files(self) -> dict[int, Path]:
        """The checkpoints by step, in order."""
        return by_step(self.path, ".pt")

    def save(self, state: Mapping[str, Any], step: int, *, keep: int, best: int | None = None) -> None:
        """Add a checkpoint; remove all but the newest `keep` and the one of step `best`."""
        make_folder(self.path)
        path, sums = self.path / f"{step:09}.pt", self._sums()
        if sums.pop(path.name, None):
            self._write(sums)  # the sum of an earlier file of that step would call the new one damaged
        sums[path.name] = save_state(state, path)
        self._prune(sums, keep, best)

    def prune(self, *, keep: int, best: int | None = None) -> None:
        """Remove what a `save` that was killed left to remove."""
        self._prune(self._sums(), keep, best)

    def _prune(self, sums: Mapping[str, str], keep: int, best: int | None) -> None:
        files = self.files()
        kept = {file.name for at, file in files.items() if at in [*files][-keep:] or at == best}
        self._write({name: digest for name, digest in sums.items() if name in kept})  # never lists what is not there
        for file in files.values():
            if file.name not in kept:
                file.unlink()

    def load(self, step: int | None = None) -> dict[str, Any]:
        """The checkpoint of `step`, or the newest.

        Raises:
            InputError: there is none of that step.
            Damaged: it is not what was written.
            TrainingError: it cannot be read, and may be whole all the same.
        """
        files = self.files()
        step = max(files, default=None) if step is None else step
        if step is None or step not in files:
            names = ", ".join(map(str, files)) or "none"
            raise InputError(f"{self.path.parent} has no checkpoint of step {step}. Kept are: {names}.")
        path = files[step]
        try:
            return load_state(path, self._sums().get(path.name))
        except Damaged as error:
            others = ", ".join(str(at) for at in files if at != step)
            other = f" Or use that of another step: {others}." if others else ""
            raise Damaged(f"{error} The command that trained the run sets it aside and goes on.{other}") from error

    def recover(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The newest checkpoint that is whole, and what is to be told of those that are not: they are set aside.

        Raises:
            TrainingError: none is whole, or one cannot be read and may be whole all the same.
        """
        notes: list[str] = []
        for step, path in reversed(self.files().items()):
            try:
                saved = load_state(path, self._sums().get(path.name))
            except Damaged as error:
                notes.append(f"{error} It is set aside as {self._set_aside(path).name}.")
                continue
            return saved, (*notes, f"Training goes on from the checkpoint of step {step}.")
        raise TrainingError(
            f"{' '.join(notes)} No other is left in {self.path}: put a whole one there, from a copy of the run, "
            "or start anew with --fresh."
        )

    def _set_aside(self, path: Path) -> Path:
        """Give it a name that is never read again."""
        number, place = 1, path.with_name(f"{path.name}.damaged")
        while place.exists():
            number += 1
            place = path.with_name(f"{path.name}.damaged-{number}")
        path.rename(place)
        sync(self.path)
        self._write({name: digest for name, digest in self._sums().items() if name != path.name})
        return place

    def _sums(self) -> dict[str, str]:
        """The SHA-256 of files by name; lines that are none are left out."""
        try:
            text = self.sums_file.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return {}
        return {found[2]: found[1] for line in text.splitlines() if (found := LINE.fullmatch(line))}

    def _write(self, sums: Mapping[str, str]) -> None:
        write_text(self.sums_file, "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)))


class Damaged(TrainingError):
    """A checkpoint is cut short, or is not what was written."""


def save_state(state: Mapping[str, Any], path: Path) -> str:
    """Write nested tensors and plain values; their SHA-256 in hexadecimal, of what was meant to be written.

    Raises:
        OSError: the system refused, with the file's name.
    """
    with replacing(path) as temporary, temporary.open("wb") as file:
        summing = _Summing(file)
        torch.save(dict(state), summing)  # type: ignore[arg-type]  # all of a file that it uses
        if summing.failure:
            raise summing.failure
        file.flush()  # whatever else can fail does before the file gets its name
    return summing.sum.hexdigest()


class _Summing:
    """A file that hashes what is written to it, and keeps the system's error: torch's own does not say what it was."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sum = hashlib.sha256()
        self.failure: BaseException | None = None

    def write(self, content: bytes | memoryview) -> int:
        """Never raises: the caller's C++ could not pass it on, be it the system's error or Ctrl-C."""
        try:
            if self.failure is None:
                self.sum.update(content)
                return self._file.write(content)
        except BaseException as error:
            self.failure = error
        return len(content)

    def flush(self) -> None:
        """Wanted by torch; the file is flushed at its end."""


def load_state(path: Path, digest: str | None = None) -> dict[str, Any]:
    """Read them back, on the CPU. With a `digest`, the file's SHA-256 must be that.

    Raises:
        Damaged: the file is damaged, or holds anything else.
        TrainingError: it cannot be read, and may be whole all the same.
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
    except Exception as error:  # torch's own words advise to load the file unsafely; do not repeat them
        if digest is None:
            raise Damaged(f"The checkpoint {path} is damaged: it is cut short, or holds more than tensors.") from error
        raise TrainingError(
            f"The checkpoint {path} is what was written, by its SHA-256, and torch {torch.__version__} cannot "
            f"read it ({type(error).__name__}): is there memory enough, and did a newer torch write it?"
        ) from error
    return saved
