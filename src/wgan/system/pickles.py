"""Check a file of `torch.save` before it is loaded.

`torch.load(weights_only=True)` executes nothing, but it decompresses, and creates the few objects that it allows, among
them a `bytearray` of any length: a small file could fill the memory.
"""

import pickletools
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

from wgan.system.limits import ARRAY_BYTES, regular

KNOWN = re.compile(
    r"collections OrderedDict|torch\._utils _rebuild_(tensor|tensor_v2|parameter)|torch(\.storage)? \w+Storage"
    r"|torch (Size|bool|bfloat16|u?int\d+|float\d+\w*|complex\d+)"
)
"""What the state of networks and optimisers consists of, besides plain values."""
NAMING = ("GLOBAL", "INST", "STACK_GLOBAL", "EXT1", "EXT2", "EXT4")
"""The pickle instructions that name a class or function; the last four give the name elsewhere."""
ZIP = b"PK\3\4"
PARTS = 5
"""Files of torch before 1.6 consist of this many pickles, followed by the tensors."""


_TENSORS = (
    "Of a network, save what state_dict() gives: if you trust who made the file, in the folder of its classes, "
    "from torch import load, save; save(load({!r}, weights_only=False).state_dict(), {!r})"
)


def vet(path: Path) -> None:
    """Raise unless the file contains only tensors and plain values, which take as much memory as the file has bytes.

    Raises:
        InputError: The file is larger than the limit.
        Exception: It is no file of `torch.save`, or contains something else.
    """
    ARRAY_BYTES.check(regular(path).st_size, path)
    with path.open("rb") as file:
        start = file.read(len(ZIP))
        file.seek(0)
        for name in _named(_pickles_in_zip(file) if start == ZIP else [file] * PARTS):
            if not KNOWN.fullmatch(name):
                what, copy = name.replace(" ", ".") or "an unknown object", f"{path.stem}-weights.pth"
                raise ValueError(f"it holds {what}, and not only tensors. {_TENSORS.format(path.name, copy)}")


def _pickles_in_zip(file: IO[bytes]) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            if entry.compress_type != zipfile.ZIP_STORED:
                raise ValueError("its parts are compressed, but torch never compresses")
            if entry.filename.endswith(".pkl"):
                yield BytesIO(archive.read(entry))


def _named(pickles: Iterator[IO[bytes]] | list[IO[bytes]]) -> Iterator[str]:
    for one in pickles:
        for instruction, argument, _ in pickletools.genops(one):
            if instruction.name in NAMING:
                yield str(argument or "")
