"""Files of other fields, each read by its field's library, which is loaded when it is used. One small file a format.

`format_of(path)` finds the entry of `FORMATS`, and `entry.read(path)` gives a `Content`: the numbers as the file has
them, labels, names of columns, and what was passed over. Scaling to what networks see is up to the source.

To add a format, write `read(path) -> Content` in a file here, as `hdf5.py` does, and add a line to `FORMATS`.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from wgan.data.sources.formats.content import Content as Content
from wgan.data.sources.formats.numeric import numeric_table as numeric_table


class Format(NamedTuple):
    """How files of some suffixes are read."""

    name: str
    """For people."""
    suffixes: tuple[str, ...]
    """In lower case."""
    library: str
    """The module that is imported. Files of MATLAB need it in version 4 alone, and h5py in version 7.3."""
    pip: str
    """What installs it."""
    many: bool
    """Whether a file usually holds many samples, so that it is a data set; otherwise a folder of such files is one.
    What a file does hold, `Content.many` says."""
    module: str
    """The file of this package that reads it."""
    folder: bool = False
    """Whether it is a folder and no file."""

    @property
    def read(self) -> Callable[[Path], Content]:
        """Read a path.

        Raises:
            InputError: The library is not installed (says how to install it); the file is damaged, is larger than the
                limits or holds no samples; or an error of the disk may be temporary.
        """
        reader: Callable[[Path], Content] = import_module(f"{__name__}.{self.module}").read
        return reader


FORMATS: tuple[Format, ...] = (
    Format("HDF5", (".h5", ".hdf5", ".he5"), "h5py", "h5py", True, "hdf5"),
    Format("MATLAB", (".mat",), "scipy.io", "scipy", True, "matlab"),
    Format("TIFF", (".tif", ".tiff"), "tifffile", "tifffile", False, "tiff"),
    Format("NIfTI", (".nii", ".nii.gz"), "nibabel", "nibabel", False, "nifti"),
    Format("DICOM", (".dcm",), "pydicom", "pydicom", False, "dicom"),
    Format("CSV", (".csv", ".tsv"), "pyarrow.csv", "pyarrow", True, "csv_"),
    Format("Parquet", (".parquet",), "pyarrow.parquet", "pyarrow", True, "parquet"),
    Format("Zarr", (".zarr",), "zarr", "zarr", True, "zarrs", folder=True),
    Format("NumPy", (".npy", ".npz"), "numpy", "numpy", False, "single"),
)
"""All of them. `.npy` and `.npz` are read here as one sample a file; one such file of many is read by `arrays.py`."""


def format_of(path: str | Path) -> Format | None:
    """The format of a path, by the end of its name alone."""
    name = Path(path).name.lower()
    return next((entry for entry in FORMATS if name.endswith(entry.suffixes)), None)
