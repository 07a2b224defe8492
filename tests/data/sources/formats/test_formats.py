"""Files of each format, written by its library and read back."""

import importlib
import zipfile

import h5py
import nibabel
import numpy as np
import pandas
import pyarrow
import pyarrow.parquet
import pytest
import scipy.io
import scipy.sparse
import tifffile
from PIL import Image
from pydicom.uid import ImplicitVRLittleEndian, RLELossless

from data.sources.formats import files
from data.sources.formats.files import DEEP, LABELS, PICTURES
from wgan.data.sources.formats import FORMATS, format_of, numeric_table
from wgan.data.sources.formats.content import rescaled
from wgan.errors import InputError
from wgan.system import heif


def same(found, expected):
    assert found.dtype == expected.dtype
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, expected)


def passed_over(content):
    return dict(content.passed_over)


# -- the table --------------------------------------------------------------------------------------------------


def test_formats_go_by_the_end_of_the_name():
    assert format_of("a/brain.NII.gz").name == "NIfTI"
    assert format_of("a.h5").many
    assert not format_of("a.dcm").many
    assert format_of("a.gz") is format_of("a.png") is format_of("tif") is None
    suffixes = [suffix for entry in FORMATS for suffix in entry.suffixes]
    assert len(set(suffixes)) == len(suffixes)


@pytest.mark.parametrize(
    ("name", "write", "pip"),
    [
        ("a.h5", files.hdf5, "h5py"), ("a.mat", files.mat4, "scipy"), ("a.mat", files.mat73, "h5py"),
        ("a.tif", files.tiff, "tifffile"),
        ("a.nii", files.nifti, "nibabel"), ("a.dcm", files.dicom, "pydicom"), ("a.csv", files.csv, "pyarrow"),
        ("a.parquet", files.parquet, "pyarrow"), ("a.zarr", files.zarrs, "zarr"),
    ],
)  # fmt: skip
def test_a_missing_library_is_named(tmp_path, monkeypatch, name, write, pip):
    write(tmp_path / name)

    def missing(module):
        if module.partition(".")[0] == pip:
            raise ModuleNotFoundError(module)
        return importlib.import_module(module)

    monkeypatch.setattr("wgan.data.sources.formats.content.import_module", missing)
    with pytest.raises(InputError) as error:
        format_of(name).read(tmp_path / name)
    assert str(error.value) == f"Reading {name} needs {pip}: pip install {pip}  (or: pip install 'wgan[formats]')"


def test_nothing_is_a_file(tmp_path):
    (tmp_path / "folder.tif").mkdir()
    for entry in FORMATS:
        if not entry.folder:
            with pytest.raises(InputError, match="no such file"):
                entry.read(tmp_path / f"missing{entry.suffixes[0]}")
    with pytest.raises(InputError, match="a folder"):
        format_of("a.tif").read(tmp_path / "folder.tif")


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.h5", files.hdf5), ("a.mat", files.mat), ("a.tif", files.tiff), ("a.nii", files.nifti),
        ("a.nii.gz", files.nifti), ("a.dcm", files.dicom), ("a.csv", files.csv), ("a.parquet", files.parquet),
        ("a.zarr", files.zarrs), ("a.npy", files.npy), ("a.npz", files.npz),
    ],
)  # fmt: skip
def test_the_limit_on_arrays_is_asked(read, monkeypatch, name, write):
    monkeypatch.setenv("WGAN_MAX_ARRAY_BYTES", "50")
    with pytest.raises(InputError, match="WGAN_MAX_ARRAY_BYTES"):
        read(name, write)


@pytest.mark.parametrize(("name", "write"), [("a.tif", files.tiff), ("a.dcm", files.dicom)])
def test_the_limit_on_pixels_is_asked(read, monkeypatch, name, write):
    monkeypatch.setenv("WGAN_MAX_PIXELS", "79")
    with pytest.raises(InputError, match="WGAN_MAX_PIXELS"):
        read(name, write)


def test_an_error_of_the_disk_may_be_temporary(tmp_path, monkeypatch):
    files.hdf5(tmp_path / "a.h5")

    def broken(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(h5py, "File", broken)
    with pytest.raises(InputError, match="may be temporary"):
        format_of("a.h5").read(tmp_path / "a.h5")


# -- HDF5 -------------------------------------------------------------------------------------------------------


def test_hdf5(read):
    content = read("a.h5", files.hdf5)
    same(content.values, PICTURES)
    same(content.labels, LABELS)
    assert content.many
    assert not content.passed_over


def test_hdf5_by_size_where_names_say_nothing(read):
    content = read("a.hdf5", files.hdf5, small=np.ones((2, 2)), waves=DEEP.astype(">i2"), text=np.array([b"a", b"b"]))
    same(content.values, DEEP.astype(np.int16))
    assert content.labels is None
    assert passed_over(content) == {
        "small": "float64, shape (2, 2); not chosen: the samples are 'waves'",
        "text": "text, not real numbers",
    }


def test_hdf5_in_groups(read):
    arrays = {"test/x": PICTURES[:2], "train/x": PICTURES, "train/y": LABELS[:, None], "test/y": LABELS[:2]}
    content = read("a.h5", files.hdf5, **arrays)
    same(content.values, PICTURES[:2])  # the first by name
    same(content.labels, LABELS[:2])
    assert set(passed_over(content)) == {"train/x", "train/y"}


def test_labels_with_fractions_are_none(read):
    content = read("a.h5", files.hdf5, x=PICTURES, y=LABELS + 0.5)
    assert content.labels is None
    assert "y" not in passed_over(content)
    assert [column.name for column in content.beside] == ["y"]
    assert read("b.h5", files.hdf5, x=PICTURES, y=LABELS[:3]).labels is None


def test_hdf5_truth_values_and_half_floats(read):
    same(read("a.h5", files.hdf5, x=PICTURES > 9).values, PICTURES > 9)
    same(read("b.h5", files.hdf5, x=DEEP.astype(np.float16)).values, DEEP.astype(np.float16))


def test_hdf5_leads_nowhere_else(tmp_path):
    files.hdf5(tmp_path / "other.h5", data=PICTURES)
    (tmp_path / "raw.bin").write_bytes(PICTURES.tobytes())
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["link"] = h5py.ExternalLink("other.h5", "/data")
        file.create_dataset("images", PICTURES.shape, "u1", external=[(str(tmp_path / "raw.bin"), 0, PICTURES.nbytes)])
        layout = h5py.VirtualLayout(PICTURES.shape, "u1")
        layout[...] = h5py.VirtualSource(tmp_path / "other.h5", "data", PICTURES.shape)
        file.create_virtual_dataset("data", layout)
    with pytest.raises(InputError, match="holds no array of samples") as error:
        format_of("a.h5").read(tmp_path / "a.h5")
    assert "virtual dataset" in str(error.value)
    assert "external file" in str(error.value)
    assert "link" not in str(error.value)


def test_hdf5_plugins_are_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        created = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        created.set_chunk((2, 8, 10, 3))
        created.set_filter(32004, h5py.h5z.FLAG_OPTIONAL)
        h5py.h5d.create(file.id, b"images", h5py.h5t.STD_U8LE, h5py.h5s.create_simple(PICTURES.shape), created)
    with pytest.raises(InputError, match=r"compressed by a plugin, which is not loaded: .*32004.*gzip"):
        format_of("a.h5").read(tmp_path / "a.h5")


def test_hdf5_chunks_that_unpack_too_far(tmp_path, monkeypatch):
    monkeypatch.setenv("WGAN_MAX_ARRAY_BYTES", "100_000")
    import zlib

    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        item = file.create_dataset("data", (4, 4), "u1", chunks=(4, 4), compression="gzip")
        item.id.write_direct_chunk((0, 0), zlib.compress(bytes(1_000_000)))
    with pytest.raises(InputError, match="may unpack to more"):
        format_of(path).read(path)


def test_hdf5_claims_without_numbers(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("images", (1000, 1000, 1000), "u1", chunks=(1, 1000, 1000))
    with pytest.raises(InputError, match="claims to be 1,000,000,000 bytes"):
        format_of("a.h5").read(tmp_path / "a.h5")


# -- MATLAB -----------------------------------------------------------------------------------------------------


def test_mat_counts_samples_last(read):
    content = read("a.mat", files.mat)  # as SVHN has them
    same(content.values, PICTURES)
    same(content.labels, LABELS.astype(np.int64))


@pytest.mark.parametrize("write", [files.mat, files.mat73])
def test_mat_of_both_versions(read, write):
    content = read("a.mat", write, X=np.moveaxis(PICTURES, 0, -1), y=LABELS[:, None] + 1.0, extra=np.ones((2, 2)))
    same(content.values, PICTURES)
    same(content.labels, LABELS.astype(np.int64) + 1)
    assert set(passed_over(content)) == {"extra"}
    same(read("rows.mat", write, features=np.arange(12.0).reshape(6, 2)).values, np.arange(12.0).reshape(6, 2))
    first = read("first.mat", write, images=DEEP, labels=LABELS[None])  # labels fit the first axis alone
    same(first.values, DEEP)
    same(read("truth.mat", write, data=np.moveaxis(DEEP > 99, 0, -1)).values, DEEP > 99)


@pytest.mark.parametrize("kind", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8", "?"])
@pytest.mark.parametrize("packed", [True, False])
def test_mat_types(tmp_path, kind, packed):
    values = (DEEP[..., 0] % 100 - (0 if kind[0] in "u?" else 50)).astype(kind)
    for shape in (values.shape, (1, 3)):  # the second fits into a tag
        array = values.reshape(-1)[: np.prod(shape)].reshape(shape)
        content = {"text": "text", "cell": np.array([[1], "b"], object), "data": array, "last": {"a": 1}}
        scipy.io.savemat(tmp_path / "a.mat", content, do_compression=packed)
        same(format_of("a.mat").read(tmp_path / "a.mat").values, array)


def test_mat_of_version_4(read):
    content = read("a.mat", files.mat4)
    same(content.values, DEEP[0] * 1.0)
    same(content.labels, np.arange(8))


def test_mat_columns_as_samples(read):
    """784 x N, as some sets have it: the labels tell."""
    content = read("a.mat", files.mat, data=np.arange(12.0).reshape(2, 6), labels=LABELS * 1.0)
    same(content.values, np.arange(12.0).reshape(2, 6).T)


def test_mat_of_other_things(tmp_path):
    content = {"s": {"a": 1}, "c": np.array([[1], "b"], dtype=object), "p": scipy.sparse.eye(3).tocsc(), "t": "text"}
    scipy.io.savemat(tmp_path / "a.mat", content)
    with pytest.raises(InputError, match="struct, not an array of numbers") as error:
        format_of("a.mat").read(tmp_path / "a.mat")
    assert "sparse" in str(error.value)
    scipy.io.savemat(tmp_path / "b.mat", {"data": np.ones((3, 3)) * 1j})
    with pytest.raises(InputError, match="complex"):
        format_of("b.mat").read(tmp_path / "b.mat")


# -- TIFF -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["u1", "u2", "i2", "u4", "i4", "f2", "f4", "f8"])
@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "zstd", "packbits"])
def test_tiff_types(read, kind, compression):
    values = (DEEP[0] - 2000.0).astype(kind) if kind[0] != "u" else DEEP[0].astype(kind)
    content = read("a.tif", files.tiff, values, compression=compression)
    same(content.values, values)
    assert content.axes == "HW"
    assert not content.many


def test_tiff_pages_and_channels(read):
    content = read("stack.tiff", files.tiff, DEEP, photometric="minisblack")
    same(content.values, DEEP)
    assert (content.axes, content.many) == ("NHW", True)
    colours = read("b.tif", files.tiff, PICTURES[0], photometric="rgb", predictor=True, compression="zlib")
    same(colours.values, PICTURES[0])
    assert (colours.axes, colours.many) == ("HWC", False)
    planes = np.moveaxis(PICTURES[0], -1, 0)
    apart = read("c.tif", files.tiff, planes, photometric="rgb", planarconfig="separate")
    same(apart.values, PICTURES[0])
    five = RANDOM.random((8, 10, 5)).astype(np.float32)
    same(read("d.tif", files.tiff, five, photometric="minisblack", planarconfig="contig").values, five)
    several = read("e.tif", files.tiff, PICTURES, photometric="rgb")
    same(several.values, PICTURES)
    assert several.axes == "NHWC"
    tiles = RANDOM.integers(0, 9, (40, 50), dtype=np.uint16)
    same(read("f.tif", files.tiff, tiles, tile=(16, 16), compression="zlib", byteorder=">").values, tiles)


RANDOM = np.random.default_rng(1)


def test_tiff_of_imagej_and_ome(read):
    hyper = RANDOM.integers(0, 999, (2, 3, 4, 8, 10), dtype=np.uint16)  # time, depth, channels
    expected = np.moveaxis(hyper, 2, -1).reshape(6, 8, 10, 4)
    for how in ({"imagej": True}, {"ome": True}):
        content = read("a.tif", files.tiff, hyper, metadata={"axes": "TZCYX"}, **how)
        same(content.values, expected)
        assert content.axes == "NHWC"
    channels = read("b.tif", files.tiff, hyper[0, 0], imagej=True, metadata={"axes": "CYX"})
    same(channels.values, np.moveaxis(hyper[0, 0], 0, -1))
    assert not channels.many


def test_tiff_where_white_is_0(read):
    how = {"photometric": "miniswhite"}
    same(read("a.tif", files.tiff, DEEP[0], **how).values, 65535 - DEEP[0])
    same(read("b.tif", files.tiff, PICTURES[0, ..., 0], **how).values, 255 - PICTURES[0, ..., 0])
    same(read("c.tif", files.tiff, DEEP[0].astype(np.int16), **how).values, -1 - DEEP[0].astype(np.int16))
    same(read("d.tif", files.tiff, DEEP[0] > 2000, **how).values, DEEP[0] <= 2000)


def test_tiff_palettes_become_colours(read):
    indices = RANDOM.integers(0, 256, (8, 10), dtype=np.uint8)
    palette = RANDOM.integers(0, 256, (3, 256), dtype=np.uint16) * 257
    content = read("a.tif", files.tiff, indices, photometric="palette", colormap=palette)
    same(content.values, (palette.T // 257).astype(np.uint8)[indices])
    assert content.axes == "HWC"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_tiff_is_upright(read, tmp_path, orientation):
    tag = [(274, "H", 1, orientation, True)]
    content = read("a.tif", files.tiff, PICTURES[0], extratags=tag, photometric="rgb")
    with Image.open(tmp_path / "a.tif") as picture:
        picture.load()  # Pillow turns it here
        expected = np.asarray(picture)
    np.testing.assert_array_equal(content.values, expected)
    stack = read("b.tif", files.tiff, PICTURES, extratags=tag, photometric="rgb")
    np.testing.assert_array_equal(stack.values[0], expected)


def test_tiff_of_pages_of_two_sizes(read):
    def write(path):
        with tifffile.TiffWriter(path) as file:
            for page in DEEP:
                file.write(page, contiguous=False, metadata=None)
            file.write(DEEP[0, :4, :4], metadata=None)

    content = read("a.tif", write)
    same(content.values, DEEP)
    assert len(content.passed_over) == 1
    assert "4x4 uint16" in content.passed_over[0][1]


def test_tiff_opens_no_other_file(tmp_path):
    """OME may say that pages are in files beside it."""
    tifffile.imwrite(tmp_path / "other.ome.tif", DEEP[0])
    xml = """<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">
    <Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" SizeX="10" SizeY="8" SizeZ="2" SizeC="1" SizeT="1">
    <TiffData IFD="0" FirstZ="0" PlaneCount="1"/>
    <TiffData IFD="0" FirstZ="1" PlaneCount="1"><UUID FileName="other.ome.tif">urn:uuid:1</UUID></TiffData>
    </Pixels></Image></OME>"""
    tifffile.imwrite(tmp_path / "a.ome.tif", DEEP[1], description=xml, metadata=None)
    opened = []
    with pytest.MonkeyPatch.context() as patch:
        kept = tifffile.FileHandle.open
        patch.setattr(tifffile.FileHandle, "open", lambda handle: (opened.append(handle._file), kept(handle)))
        content = format_of("a.tif").read(tmp_path / "a.ome.tif")
    assert DEEP[1].tolist() in (content.values.tolist(), content.values[0].tolist())
    assert not any("other.ome" in str(name) for name in opened)


def test_tiff_compressed_otherwise(read, monkeypatch):
    with pytest.raises(InputError, match=r"compressed by JPEG. Save it uncompressed"):
        read("a.tif", files.tiff, compression="jpeg")

    def missing(module):
        if module == "imagecodecs":
            raise ModuleNotFoundError(module)
        return importlib.import_module(module)

    monkeypatch.setattr("wgan.data.sources.formats.content.import_module", missing)
    floats = RANDOM.random((8, 10)).astype(np.float32)
    with pytest.raises(InputError, match=r"Reading a.tif needs imagecodecs: pip install imagecodecs  \(or"):
        read("a.tif", files.tiff, floats, compression="zlib", predictor=3)
    same(read("a.tif", files.tiff, DEEP[0], compression="zlib", predictor=2).values, DEEP[0])
    monkeypatch.undo()
    same(read("a.tif", files.tiff, floats, compression="zlib", predictor=3).values, floats)


@pytest.mark.parametrize("compression", ["zlib", "lzw", "lzma", "zstd", "packbits"])
@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_tiff_in_pieces(read, compression, byteorder):
    """Strips of which the last is short, tiles that stick out, planes apart, bits."""
    how = {"compression": compression, "byteorder": byteorder}
    deep = RANDOM.integers(0, 65536, (2, 45, 50), dtype=np.uint16)
    colours = RANDOM.integers(0, 256, (3, 45, 50), dtype=np.uint8)
    same(read("a.tif", files.tiff, deep, rowsperstrip=7, photometric="minisblack", **how).values, deep)
    same(read("b.tif", files.tiff, deep, tile=(16, 32), photometric="minisblack", predictor=2, **how).values, deep)
    apart = read("c.tif", files.tiff, colours, photometric="rgb", planarconfig="separate", rowsperstrip=8, **how)
    same(apart.values, np.ascontiguousarray(np.moveaxis(colours, 0, -1)))
    tiles = read("d.tif", files.tiff, np.moveaxis(colours, 0, -1), photometric="rgb", tile=(32, 16), **how)
    same(tiles.values, np.ascontiguousarray(np.moveaxis(colours, 0, -1)))
    if compression != "lzma":
        same(read("e.tif", files.tiff, deep[0] > 30_000, photometric="minisblack", **how).values, deep[0] > 30_000)


# -- NIfTI ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_nifti(read, name):
    values = RANDOM.integers(-99, 99, (5, 6, 7)).astype(np.int16)
    content = read(name, files.nifti, values)
    same(content.values, values.T)
    assert (content.axes, content.many) == ("DHW", False)


def test_nifti_in_time_and_of_channels(read):
    values = RANDOM.random((5, 6, 7, 3)).astype(np.float32)
    content = read("a.nii", files.nifti, values, unit="sec")
    same(content.values, values.T)
    assert (content.axes, content.many) == ("NDHW", True)
    channels = read("b.nii", files.nifti, values)
    same(channels.values, np.ascontiguousarray(values.transpose(2, 1, 0, 3)))
    assert (channels.axes, channels.many) == ("DHWC", False)
    vectors = read("c.nii", files.nifti, values[:, :, :, None], unit="sec")
    same(vectors.values, np.ascontiguousarray(values.transpose(2, 1, 0, 3)))
    slices = read("d.nii", files.nifti, values[:, :, :1, 0])
    same(slices.values, np.ascontiguousarray(values[:, :, 0, 0].T))
    assert slices.axes == "HW"


def test_nifti_applies_the_scale_of_the_header(tmp_path):
    image = nibabel.Nifti1Image(np.linspace(-3, 5, 60).reshape(3, 4, 5), np.eye(4))
    image.set_data_dtype(np.int16)
    nibabel.save(image, tmp_path / "a.nii")
    content = format_of("a.nii").read(tmp_path / "a.nii")
    assert content.values.dtype == np.float32
    np.testing.assert_allclose(content.values, nibabel.load(tmp_path / "a.nii").get_fdata().T, rtol=1e-5, atol=1e-5)


def test_nifti_2_big_endian_and_rgb(tmp_path):
    values = RANDOM.integers(0, 99, (5, 6, 7)).astype(">i2")
    nibabel.save(nibabel.Nifti2Image(values, np.eye(4)), tmp_path / "a.nii")
    same(format_of("a.nii").read(tmp_path / "a.nii").values, values.astype(np.int16).T)
    header = nibabel.Nifti1Header(endianness=">")
    header.set_data_dtype(np.int16)
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4), header), tmp_path / "c.nii")
    assert (tmp_path / "c.nii").read_bytes()[:4] == b"\0\0\x01\x5c"
    same(format_of("c.nii").read(tmp_path / "c.nii").values, values.astype(np.int16).T)
    rgb = np.zeros((5, 6, 7), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    rgb["G"] = values.astype(np.uint8)
    nibabel.save(nibabel.Nifti1Image(rgb, np.eye(4)), tmp_path / "b.nii")
    content = format_of("b.nii").read(tmp_path / "b.nii")
    assert content.axes == "DHWC"
    same(content.values[..., 1], values.astype(np.uint8).T)


# -- DICOM ------------------------------------------------------------------------------------------------------


def test_dicom(read):
    content = read("a.dcm", files.dicom)
    same(content.values, DEEP[0])
    assert (content.axes, content.many) == ("HW", False)
    for syntax in (ImplicitVRLittleEndian, RLELossless):
        same(read("b.dcm", files.dicom, syntax=syntax).values, DEEP[0])


def test_dicom_frames_and_colours(read):
    frames = read("a.dcm", files.dicom, DEEP)
    same(frames.values, DEEP)
    assert (frames.axes, frames.many) == ("NHW", True)
    colours = read("b.dcm", files.dicom, PICTURES[0], kind="RGB", bits=8)
    same(colours.values, PICTURES[0])
    assert colours.axes == "HWC"


def test_dicom_scales_to_hounsfield_units(read):
    content = read("a.dcm", files.dicom, RescaleSlope="1", RescaleIntercept="-1024")
    same(content.values, DEEP[0].astype(np.int16) - 1024)  # whole numbers stay whole
    content = read("b.dcm", files.dicom, RescaleSlope="0.5", RescaleIntercept="1")
    same(content.values, DEEP[0].astype(np.float32) * np.float32(0.5) + 1)
    signed = DEEP[0].astype(np.int16) - 2048
    same(read("c.dcm", files.dicom, signed, RescaleSlope="1", RescaleIntercept="0").values, signed)


def test_dicom_where_white_is_0(read):
    same(read("a.dcm", files.dicom, kind="MONOCHROME1").values, 4095 - DEEP[0])
    signed = DEEP[0].astype(np.int16) - 2048
    same(read("b.dcm", files.dicom, signed, kind="MONOCHROME1").values, -1 - signed)


def test_dicom_without_a_picture_or_a_decoder(read, tmp_path):
    files.dicom(tmp_path / "a.dcm")
    import pydicom

    file = pydicom.dcmread(tmp_path / "a.dcm")
    del file.PixelData
    file.save_as(tmp_path / "b.dcm")
    with pytest.raises(InputError, match=r"DICOM without a picture \(CT\)"):
        format_of("b.dcm").read(tmp_path / "b.dcm")
    content = bytearray((tmp_path / "a.dcm").read_bytes())
    short = tmp_path / "c.dcm"
    short.write_bytes(content.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.4.", 1))
    with pytest.raises(InputError):
        format_of("c.dcm").read(short)
    file = pydicom.dcmread(tmp_path / "a.dcm")
    file.file_meta.TransferSyntaxUID = pydicom.uid.JPEGLosslessSV1
    file.PixelData = pydicom.encaps.encapsulate([b"\xff\xd8\xff\xd9"])
    file.save_as(tmp_path / "d.dcm")
    with pytest.raises(InputError, match=r"compressed by JPEG Lossless.*pylibjpeg"):
        format_of("d.dcm").read(tmp_path / "d.dcm")
    file.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    file.PixelData = DEEP[0].tobytes()
    file.save_as(tmp_path / "e.dcm")
    with pytest.raises(InputError, match="deflated DICOM"):
        format_of("e.dcm").read(tmp_path / "e.dcm")


# -- Zarr, NumPy, HEIC ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [2, 3])
def test_zarr(read, version):
    content = read("a.zarr", files.zarrs, version)
    same(content.values, PICTURES)
    same(content.labels, LABELS)
    other = read("b.zarr", files.zarrs, version, None, waves=DEEP.astype(np.float32), small=np.ones((2, 2)))
    same(other.values, DEEP.astype(np.float32))
    assert set(passed_over(other)) == {"small"}


def test_zarr_of_one_array_and_each_codec(read):
    import numcodecs
    import zarr
    from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec

    def one(path, version, codec):
        made = zarr.create_array(
            str(path), shape=DEEP.shape, chunks=(4, 8, 10), dtype="u2", zarr_format=version, compressors=codec
        )
        made[...] = DEEP

    for i, codec in enumerate((BloscCodec(), GzipCodec(), ZstdCodec())):
        same(read(f"three{i}.zarr", one, 3, codec).values, DEEP)
    codecs = (numcodecs.Blosc(), numcodecs.GZip(), numcodecs.Zlib(), numcodecs.LZ4(), numcodecs.Zstd())
    for i, codec in enumerate(codecs):
        same(read(f"two{i}.zarr", one, 2, codec).values, DEEP)
    with pytest.raises(InputError, match="packed by bz2, which is not read"):
        read("bz2.zarr", one, 2, numcodecs.BZ2())


def test_zarr_unpickles_nothing(tmp_path):
    import json

    files.zarrs(tmp_path / "a.zarr", 2, None, images=PICTURES)
    place = tmp_path / "a.zarr" / "images" / ".zarray"
    described = json.loads(place.read_text())
    for change in ({"filters": [{"id": "pickle", "protocol": 5}]}, {"dtype": "|O"}):
        place.write_text(json.dumps(described | change))
        with pytest.raises(InputError, match=r"pickle|not numbers"):
            format_of("a.zarr").read(tmp_path / "a.zarr")


def test_zarr_follows_no_links_and_no_bombs(tmp_path):
    import numcodecs

    files.zarrs(tmp_path / "a.zarr", 2, numcodecs.GZip(), images=PICTURES)
    chunk = tmp_path / "a.zarr" / "images" / "0.0.0.0"
    import gzip

    chunk.write_bytes(gzip.compress(bytes(200_000)))
    with pytest.raises(InputError, match="does not say that it unpacks to the 480 bytes"):
        format_of("a.zarr").read(tmp_path / "a.zarr")
    chunk.unlink()
    chunk.symlink_to(tmp_path / "a.zarr" / "images" / "1.0.0.0")
    with pytest.raises(InputError, match="is a link"):
        format_of("a.zarr").read(tmp_path / "a.zarr")


def test_numpy_files_of_one_sample(read):
    for name, write in (("a.npy", files.npy), ("a.npz", files.npz)):
        content = read(name, write)
        same(content.values, DEEP[0])
        assert not content.many
    assert set(passed_over(content)) == {"other"}
    same(read("b.npz", lambda path: np.savez(path, wave=np.arange(5))).values, np.arange(5))
    same(read("c.npy", lambda path: np.save(path, np.arange(5, dtype=">f4"))).values, np.arange(5, dtype=np.float32))
    with pytest.raises(InputError):
        read("d.npy", lambda path: np.save(path, np.array([{}]), allow_pickle=True))

    def packed_otherwise(path):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive, archive.open("x.npy", "w") as file:
            np.save(file, DEEP)

    with pytest.raises(InputError, match="method that NumPy never uses"):
        read("e.npz", packed_otherwise)


def test_heic_is_read_where_pillow_heif_is(tmp_path, monkeypatch):
    assert heif.register_heif()
    picture = Image.fromarray(np.full((64, 64, 3), 200, np.uint8))
    picture.save(tmp_path / "a.heic")
    with Image.open(tmp_path / "a.heic", formats=[heif.FORMAT]) as found:
        assert found.size == (64, 64)
        assert abs(int(np.asarray(found)[0, 0, 0]) - 200) < 5
    heif.register_heif.cache_clear()
    monkeypatch.setattr(heif, "find_spec", lambda name: None)
    assert not heif.register_heif()
    heif.register_heif.cache_clear()


def test_scales_keep_whole_numbers_whole():
    values = np.array([0, 10], np.uint8)
    same(rescaled(values, 1.0, 0.0), values)
    same(rescaled(values, float("nan"), 5.0), values)
    same(rescaled(values, 2.0, -1.0), np.array([-1, 19], np.int16))
    same(rescaled(values, -1.0, 255.0), np.array([255, 245], np.uint8))
    same(rescaled(values.astype(np.int32), 2.0, 0.0), np.array([0, 20], np.float32))


# -- tables -----------------------------------------------------------------------------------------------------


def test_csv(read):
    content = read("a.csv", files.csv)
    assert content.names == ("width", "height")
    expected = np.stack([np.arange(12) / 2, np.arange(12) ** 2], 1)
    same(content.values, expected.astype(np.float64))
    same(content.labels, np.arange(12) % 3)
    assert passed_over(content) == {"id": "it counts the rows"}
    assert {column.name: column.reason for column in content.beside} == {"id": "it counts the rows", "kind": ""}
    assert (content.axes, content.many) == ("NC", True)


@pytest.mark.parametrize(
    ("name", "text", "names", "values"),
    [
        ("a.csv", "a;b\n1,5;2\n-3,25;4\n", ("a", "b"), [[1.5, 2], [-3.25, 4]]),
        ("a.tsv", "a\tb\n1.5\t2\n3\t4e1\n", ("a", "b"), [[1.5, 2], [3, 40]]),
        ("a.csv", "1,2\n3,4\n", ("f0", "f1"), [[1, 2], [3, 4]]),
        ("a.csv", "0,1,2\n5,6,7\n8,9,1\n", ("0", "1", "2"), [[5, 6, 7], [8, 9, 1]]),
        ("a.csv", "\ufeffa,b\r\n1,2\r\n3,4\r\n", ("a", "b"), [[1, 2], [3, 4]]),
        ("a.csv", ",a,b\n0,1.5,2\n1,3,4\n", ("a", "b"), [[1.5, 2], [3, 4]]),
        ("a.csv", "5.1,3.5,setosa\n4.9,3.0,setosa\n", ("f0", "f1"), [[5.1, 3.5], [4.9, 3.0]]),
        ("a.csv", "value\n1\n2.5\n", ("value",), [[1], [2.5]]),
        ("a.csv", "ok,v\ntrue,1\nfalse,2.5\n", ("ok", "v"), [[1, 1], [0, 2.5]]),
        ("a.csv", '"a, b","c"\n"1","2"\n3,4\n', ("a, b", "c"), [[1, 2], [3, 4]]),
        ("a.csv", "x,y\n0,1\n1,0\n0,0\n1,1\n", ("x", "y"), [[0, 1], [1, 0], [0, 0], [1, 1]]),
    ],
)
def test_csv_as_people_write_it(read, name, text, names, values):
    content = read(name, lambda path: path.write_bytes(text.encode()))
    assert content.names == names
    same(content.values, np.array(values, np.float64))
    assert content.labels is None


def test_csv_in_other_encodings(read):
    text = "größe,b\n1,2\n3,4\n"
    for encoding in ("latin-1", "utf-16"):
        assert read("a.csv", lambda path, e=encoding: path.write_bytes(text.encode(e))).names == ("größe", "b")


def test_csv_with_holes(read):
    rows = "".join(f"{i},{'' if i in (2, 3) else i},{'?' if i < 8 else i}\n" for i in range(10))
    content = read("a.csv", files.csv, "a,b,c\n" + rows)
    assert content.names == ("a", "b")
    assert len(content.values) == 8
    assert passed_over(content) == {
        "c": "missing in 8 rows of 10", "2 rows": "numbers are missing or infinite in b",
    }  # fmt: skip
    halves = "".join(f"{'' if i < 5 else i},{'' if i >= 5 else i}\n" for i in range(10))
    with pytest.raises(InputError, match="lacks numbers in 10 of 10 rows"):
        read("b.csv", files.csv, "a,b\n" + halves)
    labelled = "".join(f"{i / 2},{'' if i == 3 else i % 2}\n" for i in range(10))
    content = read("c.csv", files.csv, "a,label\n" + labelled)
    same(content.labels, np.array([0, 1, 0, 0, 1, 0, 1, 0, 1]))
    assert passed_over(content) == {"1 row": "numbers are missing or infinite in label"}


def test_csv_without_numbers(read):
    for text, why in (("a,b\nx,y\n", "no column of numbers: a"), ("", "no rows"), ("a,b\n", "no rows|no column")):
        with pytest.raises(InputError, match=why):
            read("a.csv", files.csv, text)


def test_labels_of_text_and_quantities_that_are_none(read):
    rows = "".join(f"{i / 2},{'ab'[i % 2]},{i * 7}\n" for i in range(10))
    content = read("a.csv", files.csv, "v,Class,target\n" + rows)
    assert content.names == ("v", "target")  # as many kinds as rows
    assert content.labels.tolist() == list("ababababab")


def test_parquet_and_frames(read):
    frame = files.frame()
    for content in (
        read("a.parquet", files.parquet), numeric_table(frame), numeric_table(pyarrow.Table.from_pandas(frame)),
    ):  # fmt: skip
        assert content.names == ("size", "tall")
        same(content.values, np.stack([np.linspace(0, 1, 8), np.arange(8) % 2 == 0], 1).astype(np.float64))
        assert content.labels.tolist() == [0, 1, 2, 0, 1, 2, 0, 1]
        over = passed_over(content)
        assert over["Unnamed: 0"] == "it counts the rows"
        assert over["when"] == "dates or times, not numbers"
        beside = {column.name: column for column in content.beside}
        assert over.keys() & beside.keys() == {"Unnamed: 0", "when"}
        assert beside["group"].values.tolist() == [str(text) for text in frame["group"]]
        assert beside["note"].values.tolist() == [str(text) for text in frame["note"]]


def test_frames_of_odd_columns():
    frame = pandas.DataFrame({"a": pandas.array([1, None, 3], "Int64"), "b": [1.0, 2.0, 3.0], "c": [{}, [], 1]})
    content = numeric_table(frame)
    same(content.values, np.array([[1, 1], [3, 3]], np.float64))
    assert "not numbers" in passed_over(content)["c"]
    double = pandas.DataFrame(np.arange(4.0).reshape(2, 2), columns=["a", "a"])
    assert numeric_table(double).names == ("a", "a")
    arrow = pyarrow.table({"a": pyarrow.array([1, None, 3]), "l": [[1], [2], [3]], "d": pyarrow.array([1, 2, 3])})
    assert numeric_table(arrow).names == ("a", "d")
    with pytest.raises(InputError, match="not a table"):
        numeric_table([1, 2])
    with pytest.raises(InputError, match="has no rows"):
        numeric_table(pandas.DataFrame({"a": []}))


def test_parquet_of_pictures_has_no_numbers(tmp_path):
    table = pyarrow.table({"image": [{"bytes": b"a", "path": "b"}]})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(InputError, match="no column of numbers, only: image"):
        format_of("a.parquet").read(tmp_path / "a.parquet")
