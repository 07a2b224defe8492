"""Weights and training state on disk: tensors and plain values, whole or not there, never code."""

import errno
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, load_model, save_model
from torch import Tensor, nn

from wgan.errors import InputError, TrainingError
from wgan.files import replacing
from wgan.limits import ARRAY_BYTES, regular
from wgan.vetting import vet


def save_weights(network: nn.Module, path: Path) -> None:
    """A network's weights and buffers, as safetensors."""
    with replacing(path) as temporary:
        try:
            save_model(network, str(temporary))
        except SafetensorError as error:
            raise _as_os_error(error, path) from error


def load_weights(network: nn.Module, path: Path) -> None:
    """Read them back into a network of the same build, on whatever device that is; `.pt` and `.pth` as tensors only.

    Raises:
        InputError: the file is damaged, of another network, or holds more than tensors.
    """
    try:
        if path.suffix in (".pt", ".pth"):
            vet(path)
            network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        else:
            ARRAY_BYTES.check(regular(path).st_size, path)
            load_model(network, str(path), device=str(next(network.parameters()).device))
    except Exception as error:  # each reader raises its own kinds for files that are cut short
        raise InputError(f"{path} cannot be read into this network: {_in_short(error)}") from error


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a file of weights by name, on the CPU.

    Raises:
        InputError: the file is damaged.
    """
    try:
        ARRAY_BYTES.check(regular(path).st_size, path)
        return load_file(str(path))
    except Exception as error:  # SafetensorError, and what torch raises for kinds of numbers that it does not have
        raise InputError(f"{path} cannot be read: {error}.") from error


def _in_short(error: Exception) -> str:
    """The first thing that does not fit, and how many more there are."""
    heading, *details = (str(error).strip() or type(error).__name__).splitlines()
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    return f"{details[0].strip()}{more}" if details else heading


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


def _as_os_error(error: SafetensorError, path: Path) -> OSError:
    """What the system said: safetensors tells it in words that end in its number."""
    found = re.search(r"os error (\d+)", str(error))
    number = int(found[1]) if found else errno.EIO
    return OSError(number, os.strerror(number) if found else str(error), str(path))


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


@contextmanager
def fitting(path: Path) -> Iterator[None]:
    """Say in words that what is loaded from a run does not fit the network it is loaded into."""
    try:
        yield
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise InputError(f"The weights in {path} do not fit the network given for them: {reason}") from error
