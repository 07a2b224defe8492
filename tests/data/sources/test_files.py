"""idx, npy and npz files, arrays, tensors, torch datasets, and unknown names."""

import gzip
import struct
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import Dataset, TensorDataset

from wgan.data import MIXTURES, Toy, open_pack, open_source
from wgan.errors import InputError

PICTURES = np.random.default_rng(0).integers(0, 256, (6, 5, 7), dtype=np.uint8)


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_mnist(folder, zipped, dot="-"):
    end, pack = (".gz", gzip.compress) if zipped else ("", bytes)
    parts = {"train": PICTURES[:4], "t10k": PICTURES[4:]}
    for prefix, images in parts.items():
        (folder / f"{prefix}-images{dot}idx3-ubyte{end}").write_bytes(pack(idx(images)))
        labels = np.arange(len(images), dtype=np.uint8)
        (folder / f"{prefix}-labels{dot}idx1-ubyte{end}").write_bytes(pack(idx(labels)))


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("dot", ["-", "."])
def test_idx_folders_keep_labels_and_their_own_split(tmp_path, zipped, dot):
    write_mnist(tmp_path, zipped, dot)
    pack = open_pack(open_source(tmp_path))
    np.testing.assert_array_equal(pack.samples[:, 0], PICTURES)
    assert pack.labels.tolist() == [0, 1, 2, 3, 0, 1]
    train, held_out = pack.split(0.5)
    assert train.tolist() == [0, 1, 2, 3]
    assert held_out.tolist() == [4, 5]


def test_folders_named_like_idx_files_lie_beside_them_at_kaggle(tmp_path):
    write_mnist(tmp_path, zipped=False, dot=".")
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_bytes((tmp_path / name.replace("-idx", ".idx")).read_bytes())
    np.testing.assert_array_equal(open_pack(open_source(tmp_path)).samples[:, 0], PICTURES)


def test_a_zip_of_idx_files_is_a_set(tmp_path):
    (tmp_path / "inner").mkdir()
    write_mnist(tmp_path / "inner", zipped=True)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in (tmp_path / "inner").iterdir():
            archive.write(path, f"deep/{path.name}")
    pack = open_pack(open_source(tmp_path / "set.zip"))
    np.testing.assert_array_equal(pack.samples[:, 0], PICTURES)
    assert pack.split(0.5)[1].tolist() == [4, 5]
    assert pack.labels.tolist() == [0, 1, 2, 3, 0, 1]


def test_a_set_below_the_folder_is_found_as_torchvision_lays_it(tmp_path):
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    write_mnist(raw, zipped=False)
    write_mnist(raw, zipped=True)  # both are there, of the same set
    assert len(open_pack(open_source(tmp_path / "data"))) == 6
    other = tmp_path / "data" / "FashionMNIST" / "raw"
    other.mkdir(parents=True)
    write_mnist(other, zipped=True)
    with pytest.raises(InputError, match=r"several sets: .*FashionMNIST/raw, .*MNIST/raw\. Give one"):
        open_source(tmp_path / "data")


def test_one_of_several_sets_in_a_folder_is_to_be_named(tmp_path):
    for name in ("emnist-letters", "emnist-digits"):
        for split, images in (("train", PICTURES[:4]), ("test", PICTURES[4:])):
            (tmp_path / f"{name}-{split}-images-idx3-ubyte").write_bytes(idx(images))
    with pytest.raises(InputError, match=r"2 sets: emnist-digits, emnist-letters\. Give one, as .*/emnist-digits"):
        open_source(tmp_path)
    pack = open_pack(open_source(tmp_path / "emnist-letters"))
    assert (len(pack), pack.split(0.1)[1].tolist()) == (6, [4, 5])


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "not an idx file"),
        (b"\0\0\x0d\x03" + bytes(12), "not an idx file of unsigned bytes"),
        (b"\0\0\x08\x03\0\0", "ends within its header"),
        (idx(PICTURES)[:-1], "should hold 210 bytes after its header and holds 209"),
        (idx(PICTURES) + b"x", "holds 211"),
        (idx(PICTURES[:0]), "holds no images"),
        (idx(PICTURES[0]), "expected count, height, width"),
    ],
)
def test_damaged_idx_files_are_told(tmp_path, content, complaint):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(InputError, match=complaint):
        open_pack(open_source(tmp_path))


def test_a_damaged_gz_file_is_told(tmp_path):
    whole = gzip.compress(idx(PICTURES))
    for content in (whole[:-9], b"not gzip", whole[:20] + b"????" + whole[24:]):
        (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(content)
        with pytest.raises(InputError, match="Cannot read"):
            open_pack(open_source(tmp_path))


def test_labels_that_do_not_fit_are_told(tmp_path):
    write_mnist(tmp_path, zipped=False)
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx(np.zeros(3, np.uint8)))
    with pytest.raises(InputError, match="3 labels for 2 images"):
        open_pack(open_source(tmp_path))


RGB = np.random.default_rng(0).integers(0, 256, (6, 5, 7, 3), dtype=np.uint8)
FIRST = np.moveaxis(RGB, 3, 1)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (PICTURES, PICTURES[:, None]),
        (RGB, FIRST),
        (FIRST, FIRST),
        (RGB / np.float32(255), FIRST),
        (RGB / 127.5 - 1, FIRST),
        (RGB.astype(np.int64), FIRST),
        (PICTURES > 127, np.where(PICTURES > 127, 255, 0)[:, None]),
    ],
    ids=["grey", "channels-last", "channels-first", "unit", "signed", "integers", "booleans"],
)
def test_arrays_of_every_layout_and_range(values, expected, tmp_path):
    np.testing.assert_array_equal(pixels(open_pack(open_source(values))), expected)
    np.save(tmp_path / "a.npy", values)
    np.testing.assert_array_equal(pixels(open_pack(open_source(tmp_path / "a.npy"))), expected)
    if values.dtype != bool:
        tensor = torch.from_numpy(np.ascontiguousarray(values))
        np.testing.assert_array_equal(pixels(open_pack(open_source(tensor))), expected)


def pixels(pack):
    """What a person is shown of a pack's pictures."""
    return pack.spec.to_pixels(pack.samples_at(np.arange(len(pack)))).numpy()


def test_small_numbers_of_both_signs_are_no_rounding():
    values = np.linspace(-0.005, 0.005, 6 * 35).reshape(6, 5, 7)
    pack = open_pack(open_source(values))
    assert (pack.spec.low, pack.spec.high) == pytest.approx((-0.005, 0.005))


def test_a_dark_item_may_pass_zero_by_a_hair():
    pictures = torch.rand(6, 1, 5, 7, generator=torch.Generator().manual_seed(0))
    pictures[0] *= 0.1
    pictures[0, 0, 0, 0] = -0.004
    pack = open_pack(open_source(TensorDataset(pictures)))
    np.testing.assert_array_equal(pack.samples, pictures.numpy())
    assert (pack.spec.low, pack.spec.high) == (0, 1)


def test_litter_and_links_below_a_folder_are_no_idx_sets(tmp_path):
    for name in (".git", "__MACOSX", "elsewhere"):
        (tmp_path / name).mkdir()
        write_mnist(tmp_path / name, zipped=False)
    (tmp_path / "data").mkdir()
    for name in (".git", "__MACOSX"):
        (tmp_path / name).rename(tmp_path / "data" / name)
    (tmp_path / "data" / "linked").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="No pictures in"):
        open_pack(open_source(tmp_path / "data"))


@pytest.mark.parametrize(("low", "high", "scale"), [(-0.004, 1.0, 255), (0.0, 1 + 2e-7, 255), (-1.005, 1.0, 127.5)])
def test_a_hair_beyond_the_range_is_rounding(low, high, scale):
    """Resizing goes a little beyond; that is no other range, and no reason to refuse."""
    values = np.linspace(low, high, 6 * 35).reshape(6, 5, 7)
    wanted = np.rint((values + (scale == 127.5)) * scale).clip(0, 255)
    np.testing.assert_array_equal(pixels(open_pack(open_source(values)))[:, 0], wanted)


def test_points_stay_as_they_are():
    points = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32) * 50
    pack = open_pack(open_source(points))
    assert pack.shape == (3,)
    np.testing.assert_array_equal(pack.samples, points)
    seen = pack.samples_at(np.arange(10)).double().numpy()
    np.testing.assert_allclose(
        seen, (points - points.mean(0, dtype=np.float64)) / points.std(0, dtype=np.float64), atol=1e-5
    )
    np.testing.assert_allclose(pack.spec.to_stored(pack.samples_at(np.arange(10))), points, rtol=1e-5, atol=1e-4)


def test_npz_files_keep_their_labels(tmp_path):
    np.savez(tmp_path / "a.npz", images=RGB, labels=np.array([7, 7, 9, 9, 9, 7]))
    pack = open_pack(open_source(tmp_path / "a.npz"))
    assert pack.contents.label_names == ("7", "9")
    assert pack.labels.tolist() == [0, 0, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        (np.zeros((0, 4, 4), np.uint8), "is empty"),
        (np.full((3, 4, 4), np.nan), "holds NaN: 48 values in 3 of 3 samples"),
        (np.array([[0.0, 1], [2, np.inf], [3, -np.inf]]), "infinite or too large: 2 values in 2 of 3 .* sample 1 "),
        (np.zeros(3), "which cannot be samples. Points are"),
        (np.zeros((3, 2, 2, 2, 2, 2)), "which cannot be samples"),
        (np.array([["a", "b"]]), "not numbers"),
        (np.zeros((5, 784), np.uint8), "bytes are pictures. Reshape"),
        (np.ones(()), "is a single number"),
        (np.ma.masked_greater(np.eye(4), 0.5), "are masked"),
        (torch.eye(4).to_sparse(), "is sparse"),
        (np.full((3, 4, 4), 3e38), "too large"),
        (3, "cannot be a int"),
    ],
)
def test_unusable_arrays_are_told(values, complaint):
    with pytest.raises(InputError, match=complaint):
        open_pack(open_source(values))


def test_a_pickle_in_an_array_file_is_not_opened(tmp_path):
    np.save(tmp_path / "evil.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    (tmp_path / "cut.npy").write_bytes(b"\x93NUMPY\x01\x00")
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04")
    np.savez(tmp_path / "odd.npz", one=RGB, two=RGB)
    for name, complaint in {
        "evil.npy": "Cannot read",
        "cut.npy": "Cannot read",
        "cut.npz": "Cannot read",
        "odd.npz": "Name the",
    }.items():
        with pytest.raises(InputError, match=complaint):
            open_pack(open_source(tmp_path / name))


class Images(Dataset):
    """Pillow images with labels."""

    def __len__(self):
        return len(RGB)

    def __getitem__(self, i):
        return Image.fromarray(RGB[i]), i


def test_torch_datasets():
    np.testing.assert_array_equal(open_pack(open_source(Images())).samples, FIRST)
    signed = TensorDataset(torch.from_numpy(FIRST / np.float32(127.5) - 1), torch.zeros(6))
    np.testing.assert_array_equal(pixels(open_pack(open_source(signed))), FIRST)
    points = TensorDataset(torch.eye(4))
    np.testing.assert_array_equal(open_pack(open_source(points)).samples, np.eye(4))


@pytest.mark.parametrize(
    ("items", "complaint"),
    [
        (torch.full((3, 1, 4, 4), float("nan")), "holds NaN"),
        (torch.tensor([[1.0, float("inf")]]), "holds values that are infinite"),
        (torch.arange(65 * 4).reshape(65, 1, 2, 2), "Item 64 .* values from 256 to 259, and the first items fit uint8"),
    ],
)
def test_datasets_of_unusable_values_are_told(items, complaint):
    with pytest.raises(InputError, match=complaint):
        open_pack(open_source(TensorDataset(items)))


class Ragged(Dataset):
    """Points of different sizes."""

    def __len__(self):
        return 2

    def __getitem__(self, i):
        return torch.zeros(i + 2)


def test_datasets_that_do_not_fit_together_are_told():
    with pytest.raises(InputError, match=r"of shape \(2,\)"):
        open_pack(open_source(Ragged()))


def test_a_stream_without_a_length_is_told():
    class Endless(torch.utils.data.IterableDataset):
        def __iter__(self):
            return iter([torch.zeros(1, 4, 4)])

    with pytest.raises(InputError, match="map-style"):
        open_source(Endless())


def test_labels_in_a_column_are_accepted(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=RGB, y_train=np.arange(6)[:, None])
    assert open_pack(open_source(tmp_path / "a.npz")).labels.tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("kind", MIXTURES)
def test_toy_mixtures_have_the_modes_they_claim(kind):
    centres, sigma = MIXTURES[kind]
    points = Toy(kind).points()
    distances = np.linalg.norm(points[:, None] - centres, axis=2)
    share = np.bincount(distances.argmin(1), minlength=len(centres)) / len(points)
    np.testing.assert_allclose(share, 1 / len(centres), rtol=0.1)
    # A round Gaussian in the plane has 1 - exp(-9/2) of its mass within three sigma.
    assert (distances.min(1) < 3 * sigma).mean() == pytest.approx(1 - np.exp(-4.5), abs=0.002)


@pytest.mark.parametrize(("kind", "side"), [("grid25", 5), ("grid100", 10)])
def test_neighbours_on_a_grid_are_forty_sigma_apart(kind, side):
    centres, sigma = MIXTURES[kind]
    distances = np.linalg.norm(centres[:, None] - centres, axis=2)
    pairs = np.isclose(distances, 40 * sigma).sum()
    assert pairs == 2 * 2 * side * (side - 1)
    assert len(np.unique(centres, axis=0)) == side**2
    assert np.min(distances[distances > 0]) == pytest.approx(40 * sigma)
    np.testing.assert_allclose(centres.mean(0), 0, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("digit", "Did you mean digits"),
        ("toy:ring", "Did you mean ring8"),
        ("nowhere/at/all", "There is nothing at nowhere/at/all"),
        ("zzz", "a folder, but 'zzz' is not one"),
    ],
)
def test_names_that_are_none_offer_the_nearest(text, complaint):
    with pytest.raises(InputError, match=complaint):
        open_source(text)


def test_a_file_of_an_unknown_kind_is_told(tmp_path):
    (tmp_path / "a.xyz").touch()
    with pytest.raises(InputError, match=r"is one file\. Give the folder"):
        open_source(tmp_path / "a.xyz")
