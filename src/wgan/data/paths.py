"""What lies at a path: pictures, archives or tables of them, arrays, idx files."""

import re
from pathlib import Path

from wgan.data.archives import Archives
from wgan.data.arrays import open_array_file
from wgan.data.folder import Folder
from wgan.data.idx import Idx
from wgan.data.members import SUFFIXES, is_archive
from wgan.data.source import Source
from wgan.data.tables import is_saved, open_parquet, open_saved
from wgan.data.tree import picture_suffixes, suffix_of, visible_files
from wgan.errors import InputError

SPLIT = re.compile(r"((train|test|val).*|\d+|.*-\d{5}-of-\d{5})\.parquet")
"""How the hub names tables of pictures. Others may only tell of pictures beside them (`metadata.parquet`)."""


def open_path(path: Path) -> Source:
    """The source at a path where there is something.

    Raises:
        InputError: it is a run, or a file of no kind that can be read.
    """
    if (path / "config.toml").exists() and (path / "checkpoints").is_dir():
        raise InputError(f"{path} is a run, not data. To go on with it, give the command that made it.")
    if path.is_dir():
        return _open_folder(path)
    if path.suffix in (".npy", ".npz"):
        return open_array_file(path)
    if is_archive(path):
        return Archives([path])
    if path.suffix == ".parquet":
        return open_parquet(path)
    raise InputError(
        f"{path} is one file. Give the folder it lies in, for pictures or idx files; or a .npy, a .npz, a .parquet "
        f"or an archive ({', '.join(SUFFIXES)})."
    )


def _open_folder(path: Path) -> Source:
    if Idx.matches(path):
        return Idx(path)
    if is_saved(path):
        return open_saved(path)
    known, pictures, tables = picture_suffixes(), False, []
    for _, names in visible_files(path):
        pictures = pictures or any(suffix_of(name) in known for name in names)
        tables += [name for name in names if name.endswith(".parquet")]
    if tables and (not pictures or any(SPLIT.fullmatch(name) for name in tables)):
        return open_parquet(path)
    if pictures:
        return Folder(path)
    archives = [entry for entry in sorted(path.iterdir()) if is_archive(entry) and not entry.name.startswith(".")]
    return Archives(archives, path.resolve().name) if archives else Folder(path)
