"""HDF5, read with h5py: the dataset of samples. Nothing outside the file is followed, no plugin is loaded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wgan.data.sources.formats.content import Content, Entry, believe, choose, each, finish, needed, reading
from wgan.data.sources.formats.unpacked import DEFLATE, deflated
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES, MEMBERS
from wgan.system.pictures import Array

FILTERS = {1: "deflate", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset", 32000: "lzf"}
"""Those that come with h5py."""
PACKING = (1, 4, 32000)
LZF = 100
"""By so much can lzf and szip shrink at most, and more."""


def read(path: Path) -> Content:
    """The samples by the usual names, else the only or largest dataset of numbers; the others are named."""
    library = needed(path, "h5py")
    with reading(path, "HDF5"), library.File(path, "r") as file:
        chosen = choose(path, list(entries(library, file, path)))
        values = load(library, file, chosen.samples, path)
        labels = load(library, file, chosen.labels, path) if chosen.labels else None
        beside = each(chosen.beside, lambda entry: load(library, file, entry, path), path)
        return finish(path, chosen, values, labels, beside)


def entries(library: Any, file: Any, path: Path) -> Iterator[Entry]:
    """The datasets of a file. Links other than those within the file's own tree are not followed."""
    found: list[tuple[str, Any]] = []
    seen = 0

    def visit(name: str, item: Any) -> None:
        nonlocal seen
        seen += 1
        MEMBERS.check(seen, path)
        if isinstance(item, library.Dataset):
            found.append((name, item))

    file.visititems(visit)
    for name, item in found:
        if reason := _outside(library, item):  # asked first: the shape of a virtual dataset may lie in other files
            yield Entry(name, (), None, reason)
        elif item.shape is None:
            yield Entry(name, (), None, "empty")
        else:
            yield Entry(name, tuple(item.shape), item.dtype, _not_numbers(item) or _plugin(item))


def _outside(library: Any, item: Any) -> str:
    created = item.id.get_create_plist()
    if created.get_layout() == library.h5d.VIRTUAL:
        return "a virtual dataset: its numbers lie in other files, which are not followed"
    if created.get_layout() == library.h5d.CONTIGUOUS and created.get_external_count():
        return "its numbers lie in an external file, which is not followed"
    return ""


def _not_numbers(item: Any) -> str:
    kind = item.dtype.kind
    if kind in "biuf":
        return ""
    return {"S": "text", "U": "text", "O": "text or references", "c": "complex numbers", "V": "records"}.get(
        kind, str(item.dtype)
    ) + ", not real numbers"


def _plugin(item: Any) -> str:
    filters = [code for code, *_ in _filters(item)]
    if strange := [code for code in filters if code not in FILTERS]:
        names = ", ".join(f"{name or 'number'} ({code})" for code, name in _filters(item) if code in strange)
        return f"compressed by a plugin, which is not loaded: {names}. Write it again with gzip"
    if sum(code in PACKING for code in filters) > 1:
        return "compressed several times over"
    return ""


def _filters(item: Any) -> list[tuple[int, str]]:
    created = item.id.get_create_plist()
    found = [created.get_filter(i) for i in range(created.get_nfilters())]
    return [(code, name.decode("utf-8", "replace").partition(";")[0]) for code, _, _, name in found]


def load(library: Any, file: Any, entry: Entry, path: Path) -> Array:
    """The numbers of a dataset, within the limits."""
    item = file[entry.name]
    entry.check(path)
    believe(f"The array '{entry.name}' in {path}", entry.size * item.dtype.itemsize, item.id.get_storage_size())
    if item.chunks:
        _check_chunks(item, entry, path)
    values: Array = item[()]
    return values


def _check_chunks(item: Any, entry: Entry, path: Path) -> None:
    """HDF5 unpacks chunks without a bound: those that could pass the limit are unpacked in pieces first."""
    most = ARRAY_BYTES.value
    size = item.dtype.itemsize
    for length in item.chunks:
        size *= length
    ARRAY_BYTES.check(size, f"A chunk of '{entry.name}' in {path}")
    filters = [code for code, _ in _filters(item)]
    ratio = DEFLATE if 1 in filters else LZF
    if not any(code in PACKING for code in filters) or item.id.get_storage_size() * ratio <= most:
        return
    for i in range(item.id.get_num_chunks()):
        info = item.id.get_chunk_info(i)
        if info.size * ratio <= most:
            continue
        ARRAY_BYTES.check(info.size, f"A chunk of '{entry.name}' in {path}")
        if 1 not in filters or not deflated(item.id.read_direct_chunk(info.chunk_offset)[1], most):
            raise InputError(
                f"A chunk of '{entry.name}' in {path} may unpack to more than the limit of {most:,} bytes. Write the "
                f"file again in smaller chunks, or set {ARRAY_BYTES.variable}."
            )
