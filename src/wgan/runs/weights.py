"""Weights on disk: tensors, never code."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, load_model, save_model
from torch import Tensor, nn

from wgan.errors import InputError
from wgan.system.files import replacing
from wgan.system.limits import ARRAY_BYTES, regular
from wgan.system.pickles import vet


def save_weights(network: nn.Module, path: Path) -> None:
    """Write a network's weights and buffers as safetensors."""
    with replacing(path) as temporary:
        try:
            save_model(network, str(temporary))
        except SafetensorError as error:
            # The system's error, whose number ends safetensors' message.
            found = re.search(r"os error (\d+)", str(error))
            number = int(found[1]) if found else errno.EIO
            raise OSError(number, os.strerror(number) if found else str(error), str(path)) from error


def load_weights(network: nn.Module, path: Path) -> None:
    """Load weights into a network of the same architecture, on its device. Of `.pt` and `.pth`, tensors only.

    Raises:
        InputError: the file is damaged, holds another network, or holds more than tensors.
    """
    try:
        if path.suffix in (".pt", ".pth"):
            vet(path)
            network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        else:
            ARRAY_BYTES.check(regular(path).st_size, path)
            load_model(network, str(path), device=str(next(network.parameters()).device))
    except Exception as error:  # each reader raises its own kinds for truncated files
        raise InputError(f"{path} cannot be read into this network: {_in_short(error)}") from error


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors in a file of weights by name, on the CPU.

    Raises:
        InputError: the file is damaged.
    """
    try:
        ARRAY_BYTES.check(regular(path).st_size, path)
        return load_file(str(path))
    except Exception as error:  # SafetensorError, and what torch raises for data types it lacks
        raise InputError(f"{path} cannot be read: {error}.") from error


def _in_short(error: Exception) -> str:
    """The first mismatch, and how many more there are."""
    heading, *details = (str(error).strip() or type(error).__name__).splitlines()
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    return f"{details[0].strip()}{more}" if details else heading


@contextmanager
def fitting(path: Path) -> Iterator[None]:
    """Explain that what is loaded from a run does not fit the network it is loaded into."""
    try:
        yield
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise InputError(f"The weights in {path} do not fit the network given for them: {reason}") from error
