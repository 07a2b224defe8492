"""Damaged files of each format: read or refused with an InputError, in bounded time and memory."""

import json
import shutil
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import scipy.io
from hypothesis import HealthCheck, Phase, given, settings
from pydicom.uid import RLELossless

from data.sources.formats import files
from fuzz import Reader, files as damaged, try_one
from wgan.data.sources.formats import format_of
from wgan.errors import InputError

EXAMPLES = 40
PICTURE = files.DEEP[0]


def scipy_mat(path, **how):
    scipy.io.savemat(path, {"data": files.DEEP, "labels": np.arange(10), "text": "text", "s": {"a": 1}}, **how)


WRITERS = {
    "a.h5": [files.hdf5, partial(files.hdf5, x=PICTURE), partial(files.hdf5, x=PICTURE, text=np.array([b"a"]))],
    "a.mat": [
        files.mat,
        partial(files.mat73, X=files.DEEP),
        partial(scipy_mat, do_compression=False),
        files.mat4,
    ],
    "a.tif": [
        files.tiff,
        partial(files.tiff, values=files.DEEP, compression="zlib", predictor=True),
        partial(files.tiff, values=files.DEEP, imagej=True),
        partial(files.tiff, values=PICTURE, tile=(16, 16), compression="lzw"),
        partial(files.tiff, values=files.DEEP[:, None], ome=True, metadata={"axes": "TCYX"}),
    ],
    "a.nii": [files.nifti, partial(files.nifti, unit="sec")],
    "a.nii.gz": [files.nifti],
    "a.dcm": [files.dicom, partial(files.dicom, values=files.DEEP, syntax=RLELossless)],
    "a.csv": [files.csv],
    "a.tsv": [partial(files.csv, text=files.TABLE.replace(",", "\t"))],
    "a.parquet": [files.parquet],
    "a.npz": [files.npz],
    "a.npy": [files.npy],
}


def content(write, name):
    with TemporaryDirectory() as folder:
        write(Path(folder) / name)
        return (Path(folder) / name).read_bytes()


@cache
def contents(name):
    return [content(write, name) for write in WRITERS[name]]


@cache
def zarr_files():
    """Of each version, the folder's files."""
    found = []
    for version in (2, 3):
        with TemporaryDirectory() as folder:
            root = Path(folder) / "a.zarr"
            files.zarrs(root, version)
            found.append(
                {path.relative_to(root): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
            )
    return found


def read(path):
    found = format_of(path).read(path)
    assert found.values.dtype.isnative
    assert found.values.dtype.kind in "biuf"
    assert found.labels is None or found.labels.shape == found.values.shape[:1] or not found.axes
    with np.errstate(all="ignore"):
        found.values.astype(np.float32).sum()


def read_zarr(path, version, name):
    """A folder of which one file is damaged."""
    root = path.with_suffix(".zarr")
    shutil.rmtree(root, ignore_errors=True)
    for other, kept in zarr_files()[version].items():
        (root / other).parent.mkdir(parents=True, exist_ok=True)
        (root / other).write_bytes(path.read_bytes() if other == name else kept)
    read(root)


READERS = {name: Reader(name, partial(contents, name), read) for name in WRITERS}
READERS |= {
    f"{other} of version {version + 2}": Reader(
        "damaged", lambda v=version, o=other: [zarr_files()[v][o]], partial(read_zarr, version=version, name=other)
    )
    for version, others in enumerate(
        (("images/.zarray", ".zgroup", "images/0.0.0.0"), ("images/zarr.json", "zarr.json", "images/c/0/0/0/0"))
    )
    for other in map(Path, others)
}


@pytest.mark.parametrize("name", READERS)
def test_valid_files_are_read(name, tmp_path):
    for i, valid in enumerate(READERS[name].valid()):
        path = tmp_path / f"{i}{READERS[name].name}"
        path.write_bytes(valid)
        READERS[name].read(path)


@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_read_or_refused(name):
    reader = READERS[name]

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(content=damaged(reader.valid()))
    def check(content):
        try_one(reader, content)

    check()


@pytest.mark.parametrize("name", WRITERS)
def test_cut_files_are_read_or_refused(name, tmp_path):
    """Cut in any place. Text that is cut is still a table."""
    for valid in contents(name):
        refused = 0
        for part in range(20):
            path = tmp_path / name
            path.write_bytes(valid[: len(valid) * part // 20])
            try:
                read(path)
            except InputError as error:
                refused += 1
                assert str(path) in str(error) or "temporary" in str(error)  # noqa: PT017
        assert refused >= (1 if name in ("a.csv", "a.tsv") else 15)


def test_random_bytes_are_refused(tmp_path):
    random = np.random.default_rng(0)
    for name in WRITERS:
        for size in (0, 1, 100, 5000):
            path = tmp_path / name
            path.write_bytes(random.bytes(size))
            try:
                read(path)
            except InputError as error:
                assert path.name in str(error)  # noqa: PT017
            else:
                assert name in ("a.csv", "a.tsv")


def test_a_deep_description_of_zarr_is_refused(tmp_path):
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr" / "zarr.json").write_text("[" * 100_000)
    with pytest.raises(InputError):
        read(tmp_path / "a.zarr")
    (tmp_path / "a.zarr" / "zarr.json").write_text(json.dumps({"node_type": "array"}))
    with pytest.raises(InputError):
        read(tmp_path / "a.zarr")
