"""Weights on disk: tensors, never code."""

import errno
import os
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, load_model, save_model
from torch import Tensor, nn

from wgan.errors import InputError
from wgan.runs.by_order import Matched, matched, tensors_in
from wgan.system.files import replacing
from wgan.system.limits import ARRAY_BYTES, regular
from wgan.system.pickles import ZIP, vet

PICKLE = b"\x80"
"""How files of torch before 1.6 begin."""
HEADER = b"{"
"""What follows the length of a header of safetensors."""
TORCH_SUFFIXES = (".pt", ".pth", ".bin", ".ckpt")


def save_weights(network: nn.Module, path: Path, metadata: Mapping[str, str] | None = None) -> None:
    """Write a network's weights and buffers as safetensors."""
    with replacing(path) as temporary:
        try:
            save_model(network, str(temporary), dict(metadata) if metadata else None)
        except SafetensorError as error:
            # The system's error, whose number ends safetensors' message.
            found = re.search(r"os error (\d+)", str(error))
            number = int(found[1]) if found else errno.EIO
            raise OSError(number, os.strerror(number) if found else str(error), str(path)) from error


def load_weights(network: nn.Module, path: Path) -> str:
    """Load weights into a network of the same architecture, on its device: tensors only, never code.

    The file is one of safetensors or of `torch.save`. Of a checkpoint of another program, the part is read that fits
    the network; the names in it may begin with a prefix (`module.` of DataParallel, `_orig_mod.` of `torch.compile`).
    Where other names are in a file of `torch.save`, order and shapes decide, and how they did is returned. (safetensors
    keeps no order.)

    Raises:
        InputError: the file is damaged, holds other networks or several such, or holds more than tensors.
    """
    network = getattr(network, "_orig_mod", network)
    try:
        if _of_torch(path):
            vet(path)
            fitting = _fitting_part(torch.load(path, map_location="cpu", weights_only=True), network)
            network.load_state_dict(fitting.weights)
            return fitting.note
        else:
            ARRAY_BYTES.check(regular(path).st_size, path)
            _load_safetensors(network, path)
            return ""
    except Exception as error:  # each reader raises its own kinds for truncated files
        raise InputError(f"{path} cannot be read into this network: {_in_short(error)}") from error


def _of_torch(path: Path) -> bool:
    """Whether `torch.save` wrote the file: by its beginning, whatever its name."""
    regular(path)
    with path.open("rb") as file:
        start = file.read(9)
    if start.startswith(ZIP):
        return True
    return start[8:] != HEADER and (start.startswith(PICKLE) or path.suffix in TORCH_SUFFIXES)


def _load_safetensors(network: nn.Module, path: Path) -> None:
    try:
        load_model(network, str(path), device=str(next(network.parameters()).device))
    except RuntimeError:  # names or shapes differ
        parts = [*_parts(load_file(str(path)), _shapes(network.state_dict()), "")]
        if len(parts) != 1:
            raise
        network.load_state_dict(parts[0].weights)


class _Part(NamedTuple):
    """Weights by the names that they have in a network, and what they are called in their file."""

    name: str
    weights: Mapping[str, Any]


def _fitting_part(saved: object, network: nn.Module) -> Matched:
    """The only weights among nested mappings that fit a network: by names and shapes, else by order and shapes."""
    if not isinstance(saved, Mapping):
        raise ValueError(f"it holds a {type(saved).__name__}, and no weights by name")
    wanted = _shapes(network.state_dict())
    if parts := [*_parts(saved, wanted, "")]:
        _refuse_several([part.name for part in parts])
        return Matched(parts[0].weights, "")
    if wanted.keys() == saved.keys():  # torch says what else is wrong
        return Matched(saved, "")
    found, mismatch = [], ""
    for place, tensors in tensors_in(saved):
        try:
            found.append((place, matched(tensors, network)))
        except ValueError as error:
            mismatch = mismatch or f"{place}: {error}".removeprefix(": ")
    if not found:
        inner = ", ".join(str(key) for key, value in saved.items() if isinstance(value, Mapping))
        if inner:
            mismatch = f"none of its parts ({inner}) has the names and shapes of the network's weights ({mismatch})"
        raise ValueError(mismatch or "it holds no weights by name")
    _refuse_several([place for place, _ in found])
    return found[0][1]


def _refuse_several(places: list[str]) -> None:
    if len(places) > 1:
        names = ", ".join(place or "without a prefix" for place in places)
        raise ValueError(f"it holds several such networks ({names}). Save the one you mean into a file of its own")


def _parts(saved: Mapping[Any, Any], wanted: dict[str, object], place: str, depth: int = 3) -> Iterator[_Part]:
    """What fits, under any prefix, in a mapping and in those in it."""
    names = [name for name in saved if isinstance(name, str)]
    first, last = next(iter(wanted), ""), next(reversed(wanted), "")
    for prefix in [name.removesuffix(first) for name in names if f".{name}".endswith(f".{first}")]:
        if f"{prefix}{last}" not in saved:
            continue
        part = OrderedDict((name.removeprefix(prefix), saved[name]) for name in names if name.startswith(prefix))
        if _shapes(part) == wanted:
            if versions := getattr(saved, "_metadata", None):  # of the layers, which some need to be read rightly
                under = {f"{name}.".removeprefix(prefix).removesuffix("."): of for name, of in versions.items()}
                setattr(part, "_metadata", under)  # noqa: B010  # which mypy does not know
            yield _Part(f"{place}{prefix}".removesuffix("."), part)
    for name, inner in saved.items():
        if depth and isinstance(inner, Mapping):
            yield from _parts(inner, wanted, f"{place}{name}.", depth - 1)


def _shapes(weights: Mapping[str, Any]) -> dict[str, object]:
    return {name: getattr(value, "shape", None) for name, value in weights.items()}


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


def read_metadata(path: Path) -> dict[str, str]:
    """The texts in a file of safetensors, by name. Files of `torch.save` have none.

    Raises:
        InputError: the file is damaged.
    """
    try:
        if _of_torch(path):
            return {}
        ARRAY_BYTES.check(regular(path).st_size, path)
        with safe_open(str(path), framework="pt") as file:
            return file.metadata() or {}
    except SafetensorError as error:
        reason = str(error).rstrip(".")
        raise InputError(f"{path} cannot be read: it is not a file of weights, or is cut off ({reason}).") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {str(error).rstrip('.')}.") from error


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
