"""What lies at a path: pictures, archives or tables of them, arrays, idx files."""

import os
from pathlib import Path

from wgan.data.archives import Archives
from wgan.data.arrays import open_array_file
from wgan.data.folder import Folder
from wgan.data.idx import Idx
from wgan.data.members import SUFFIXES, is_archive
from wgan.data.source import Source
from wgan.data.tables import is_saved, open_parquet, open_saved
from wgan.data.tree import picture_suffixes, suffix_of
from wgan.errors import InputError


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
    if _has_pictures(path):
        return Folder(path)
    if any(path.rglob("*.parquet")):
        return open_parquet(path)
    archives = [entry for entry in sorted(path.iterdir()) if is_archive(entry) and not entry.name.startswith(".")]
    return Archives(archives, path.resolve().name) if archives else Folder(path)


def _has_pictures(path: Path) -> bool:
    """Whether a file at any depth is named like a picture."""
    known = picture_suffixes()
    return any(suffix_of(file) in known for _, _, files in os.walk(path) for file in files)
