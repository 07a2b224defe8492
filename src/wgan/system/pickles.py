"""What a file of `torch.save` would make, told before it is made.

`torch.load(weights_only=True)` runs nothing. But it unpacks what is compressed, and makes what it is told to of the few
things that it allows, a `bytearray` of any length among them: a small file could take all memory.
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
"""What the state of networks and optimisers is made of, beside plain values."""
NAMING = ("GLOBAL", "INST", "STACK_GLOBAL", "EXT1", "EXT2", "EXT4")
"""The instructions of a pickle that name something to be called; the last four do so without saying it here."""
ZIP = b"PK\3\4"
PARTS = 5
"""Files of torch before 1.6 are so many pickles, the first two numbers, and then the numbers of the tensors."""


def vet(path: Path) -> None:
    """Let nothing but tensors and plain values pass, that take as much memory as the file has bytes.

    Raises:
        InputError: it is larger than the limit.
        Exception: it is no file of `torch.save`, or holds something else; says what.
    """
    ARRAY_BYTES.check(regular(path).st_size, path)
    with path.open("rb") as file:
        start = file.read(len(ZIP))
        file.seek(0)
        for name in _named(_pickles_in_zip(file) if start == ZIP else [file] * PARTS):
            if not KNOWN.fullmatch(name):
                raise ValueError(f"it holds {name.replace(' ', '.') or 'what cannot be told'}, and not only tensors")


def _pickles_in_zip(file: IO[bytes]) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            if entry.compress_type != zipfile.ZIP_STORED:
                raise ValueError("its parts are compressed, which torch never does")
            if entry.filename.endswith(".pkl"):
                yield BytesIO(archive.read(entry))


def _named(pickles: Iterator[IO[bytes]] | list[IO[bytes]]) -> Iterator[str]:
    for one in pickles:
        for instruction, argument, _ in pickletools.genops(one):
            if instruction.name in NAMING:
                yield str(argument or "")
