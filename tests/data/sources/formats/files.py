"""Small files of each format, written by its own library."""

import h5py
import nibabel
import numpy as np
import pandas
import pydicom
import scipy.io
import tifffile
import zarr
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

RANDOM = np.random.default_rng(0)
PICTURES = RANDOM.integers(0, 256, (6, 8, 10, 3), dtype=np.uint8)
DEEP = RANDOM.integers(0, 4096, (6, 8, 10), dtype=np.uint16)
LABELS = np.arange(6) % 3


def hdf5(path, **datasets):
    with h5py.File(path, "w") as file:
        for name, values in (datasets or {"images": PICTURES, "labels": LABELS}).items():
            file.create_dataset(name, data=values, compression="gzip")


def mat(path, **arrays):
    scipy.io.savemat(
        path, arrays or {"X": np.moveaxis(PICTURES, 0, -1), "y": LABELS[:, None] * 1.0}, do_compression=True
    )


def mat4(path):
    scipy.io.savemat(path, {"data": DEEP[0] * 1.0, "labels": np.arange(8.0)}, format="4")


def mat73(path, **arrays):
    """As MATLAB writes it: axes turned around, the class as an attribute."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, values in (arrays or {"X": PICTURES}).items():
            file.create_dataset(name, data=values.T, compression="gzip").attrs["MATLAB_class"] = np.bytes_(
                {"float64": "double", "bool": "logical"}.get(str(values.dtype), str(values.dtype))
            )
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\x02IM")


def tiff(path, values=PICTURES[0], **how):
    tifffile.imwrite(path, values, **how)


def nifti(path, values=None, unit=None, slope=None, inter=0.0):
    values = np.moveaxis(DEEP, 0, -1).astype(np.int16) if values is None else values
    image = nibabel.Nifti1Image(values, np.eye(4))
    image.header.set_xyzt_units("mm", unit)
    if slope is not None:
        image.header.set_slope_inter(slope, inter)
    nibabel.save(image, path)


def dicom(path, values=DEEP[0], *, kind="MONOCHROME2", bits=12, syntax=ExplicitVRLittleEndian, **tags):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = syntax
    file = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    file.SOPClassUID, file.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    frames, shape = (values.shape[0], values.shape[1:]) if values.ndim == 3 and kind != "RGB" else (1, values.shape)
    file.Modality, file.PhotometricInterpretation = "CT", kind
    file.Rows, file.Columns = shape[:2]
    file.SamplesPerPixel = 3 if kind == "RGB" else 1
    if kind == "RGB":
        file.PlanarConfiguration = 0
    if frames > 1:
        file.NumberOfFrames = frames
    file.BitsAllocated, file.BitsStored, file.HighBit = 8 * values.itemsize, bits, bits - 1
    file.PixelRepresentation = int(values.dtype.kind == "i")
    for name, value in tags.items():
        setattr(file, name, value)
    file.PixelData = values.tobytes()
    if syntax.is_compressed:
        file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        file.compress(syntax)
    pydicom.dcmwrite(path, file, enforce_file_format=True)


TABLE = "id,width,height,kind,label\n" + "".join(f"{i},{i / 2},{i * i},{'ab'[i % 2]},{i % 3}\n" for i in range(12))


def csv(path, text=TABLE):
    path.write_text(text)


def frame():
    return pandas.DataFrame(
        {
            "Unnamed: 0": range(8),
            "size": np.linspace(0, 1, 8),
            "tall": [True, False] * 4,
            "when": pandas.date_range("2020-01-01", periods=8),
            "group": pandas.Categorical(list("aabbaabb")),
            "note": list("abcdefgh"),
            "Target": [0, 1, 2, 0, 1, 2, 0, 1],
        }
    )


def parquet(path):
    frame().to_parquet(path)


def zarrs(path, version=3, codec="default", **arrays):
    group = zarr.open_group(str(path), mode="w", zarr_format=version)
    for name, values in (arrays or {"images": PICTURES, "labels": LABELS}).items():
        how = {} if codec == "default" else {"compressors": codec}
        made = group.create_array(name, shape=values.shape, dtype=values.dtype, chunks=(2, *values.shape[1:]), **how)
        made[...] = values


def npz(path):
    np.savez_compressed(path, data=DEEP[0], other=np.arange(3))


def npy(path):
    np.save(path, DEEP[0])
