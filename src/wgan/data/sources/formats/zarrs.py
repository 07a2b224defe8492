"""Zarr folders of version 2 and 3, read with zarr. Their descriptions are looked through first, codecs above all."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from wgan.data.sources.formats.content import Content, Entry, believe, choose, each, finish, needed, reading
from wgan.data.sources.formats.unpacked import KNOWN
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES, MEMBERS, Limit, read_text, regular
from wgan.system.pictures import Array

DESCRIPTIONS = (".zarray", "zarr.json")
OTHERS = (".zattrs", ".zgroup", ".zmetadata")
OF_SAME_SIZE = ("bytes", "crc32c", "delta", "shuffle", "transpose")
"""Codecs that neither execute nor unpack anything."""
DESCRIPTION = Limit("WGAN_MAX_DESCRIPTION_BYTES", 1 << 24, "bytes")


def read(path: Path) -> Content:
    """The samples by the usual names, else the only or largest array of numbers; the others are named."""
    needed(path, "zarr")
    with reading(path, "Zarr", folder=True):
        described = _described(path)
        chosen = choose(path, [entry for entry, _ in described.values()])

        def load(entry: Entry) -> Array:
            return _load(path, entry, described[entry.name][1])

        labels = load(chosen.labels) if chosen.labels else None
        return finish(path, chosen, load(chosen.samples), labels, each(chosen.beside, load, path))


def _described(path: Path) -> dict[str, tuple[Entry, list[str]]]:
    """The arrays below a folder and their codecs, by their names. Links and whatever is no file are refused."""
    found: dict[str, tuple[Entry, list[str]]] = {}
    seen = 0
    for folder, folders, files in os.walk(path):
        seen += len(files) + len(folders)
        MEMBERS.check(seen, path)
        for name in [*folders, *files]:
            if os.path.islink(f"{folder}/{name}"):
                raise InputError(f"{folder}/{name} is a link, which is not followed. Copy what it leads to.")
        if all(name in files for name in DESCRIPTIONS):
            raise InputError(f"{folder} is described twice, by {' and '.join(DESCRIPTIONS)}. Remove one.")
        for name in DESCRIPTIONS:
            if name in files:
                described = json.loads(read_text(Path(folder) / name, DESCRIPTION))
                below = Path(folder).relative_to(path).as_posix()
                if name == ".zarray" or described.get("node_type") == "array":
                    found[below] = _entry(below, described)
    return found


def _entry(name: str, described: Mapping[str, Any]) -> tuple[Entry, list[str]]:
    shape = tuple(int(length) for length in described["shape"])
    second = "zarr_format" in described and described["zarr_format"] == 2
    stored = described["dtype" if second else "data_type"]
    try:
        kind = np.dtype(stored) if isinstance(stored, str) else None
    except TypeError:
        kind = None
    if kind is None or kind.kind not in "biuf":
        return Entry(name, shape, None, f"{stored!s:.40}, not numbers"), []
    parts = [*(described.get("filters") or []), described.get("compressor")] if second else described["codecs"]
    codecs = [str(part["id" if second else "name"]) for part in parts if part]
    strange = [codec for codec in codecs if codec not in OF_SAME_SIZE and codec not in KNOWN]
    types = [np.dtype(p[key]) for p in parts if p and second for key in ("dtype", "astype") if key in p]
    if any(each.kind not in "biuf" for each in types) or described.get("storage_transformers"):
        strange = codecs
    if strange:
        why = f"packed by {', '.join(strange)}, which is not read. Write it again with blosc, zstd or gzip, unsharded"
        return Entry(name, shape, kind, why), codecs
    packing = [codec for codec in codecs if codec in KNOWN]
    if len(packing) > 1:
        return Entry(name, shape, kind, "compressed several times over"), codecs
    chunks = described["chunks"] if second else described["chunk_grid"]["configuration"]["chunk_shape"]
    if len(chunks) != len(shape) or min((*shape, *chunks), default=1) < 1:
        return Entry(name, shape, kind, "empty"), codecs
    size = math.prod(int(length) for length in chunks) * kind.itemsize
    ARRAY_BYTES.check(size, f"A chunk of '{name}'")
    MEMBERS.check(math.prod(-(-a // b) for a, b in zip(shape, chunks, strict=True)), f"The array '{name}'")
    return Entry(name, shape, kind), [*packing, str(size)]


def _load(path: Path, entry: Entry, codecs: list[str]) -> Array:
    *packing, size = codecs
    folder = path / entry.name
    entry.check(path)
    stored = 0
    for below, _, files in os.walk(folder):
        for name in files:
            if name in (*DESCRIPTIONS, *OTHERS):
                continue
            chunk = Path(below) / name
            length = regular(chunk).st_size
            stored += length
            if length > 2 * int(size) + 4096:
                raise InputError(f"{chunk} is larger than a chunk of its array.")
            if packing and not KNOWN[packing[0]](chunk.read_bytes(), int(size)):
                raise InputError(
                    f"{chunk} does not say that it unpacks to the {int(size):,} bytes of a chunk. Copy it again, or "
                    "write it with blosc, zstd or gzip."
                )
    believe(folder, entry.size * (entry.dtype.itemsize if entry.dtype else 1), stored)
    opened = needed(path, "zarr").open_array(str(folder), mode="r")
    if tuple(opened.shape) != entry.shape or np.dtype(opened.dtype).kind != (entry.dtype.kind if entry.dtype else ""):
        raise InputError(f"{folder} has two descriptions that contradict each other.")
    return np.asarray(opened[...])
