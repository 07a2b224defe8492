"""What the paths of pictures tell: splits, labels and strays, in folders and in archives."""

import struct
import zipfile
import zlib
from collections import Counter

import pytest
from PIL import Image

import wgan
from wgan.data import open_pack, open_source
from wgan.data.sources.layout import STRAYS, Tree, is_hidden, layout
from wgan.errors import InputError
from wgan.views.grid import contact_sheet, write_contact_sheet


def fill(folder, names):
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8), number).save(folder / name)


def shelf(*folders, each=6):
    """So many pictures in each folder."""
    return [f"{folder}/{number}.png" for folder in folders for number in range(each)]


@pytest.mark.parametrize("around", ["", "chest_xray/", "a/b/"])
@pytest.mark.parametrize(
    ("train", "others"),
    [
        ("train", ("test", "val")),
        ("Training", ("Testing",)),
        ("train_images", ("test_images",)),
        ("train2017", ("val2017",)),
    ],
)
def test_folders_named_as_splits_are_splits_and_those_below_are_labels(tmp_path, around, train, others):
    fill(tmp_path, shelf(*(f"{around}{split}/{label}" for split in (train, *others) for label in ("cat", "dog"))))
    pack = open_pack(open_source(tmp_path))
    assert pack.contents.label_names == ("cat", "dog")
    kept, held_out = pack.split(0.1)
    assert (len(kept), len(held_out)) == (12, 12 * len(others))
    assert pack.labels[kept].tolist() == [0] * 6 + [1] * 6


def test_splits_without_labels_are_splits():
    tree = Tree(shelf("train", "test"))
    assert tree.labels == {}
    assert [tree.is_test(name) for name in tree.pictures] == [False] * 6 + [True] * 6


@pytest.mark.parametrize("folders", [("train", "car", "bus"), ("test", "val"), ("train", "training"), ("cat", "dog")])
def test_other_folders_are_labels(folders):
    found = layout(Counter(dict.fromkeys(folders, 6)))
    assert found.labels == {name: number for number, name in enumerate(sorted(folders))}
    assert not found.tests


@pytest.mark.parametrize("around", ["", "set/"])
def test_a_stray_does_not_cost_all_labels_and_is_named(tmp_path, around):
    fill(tmp_path, [*shelf(f"{around}cats", f"{around}dogs"), "cover.png"])
    pack = open_pack(open_source(tmp_path))
    assert pack.contents.label_names == ("cats", "dogs")
    assert dict(pack.contents.skipped) == {"cover.png": "lies beside the folders that are labels (cats, dogs)"}


def test_many_pictures_beside_folders_are_no_strays():
    cats = shelf("cats", "dogs", each=50)
    few, many = int(STRAYS * 104), int(STRAYS * 110) + 1
    assert Tree([*cats, *(f"{number}.png" for number in range(few))]).labels
    beside = Tree([*cats, *(f"{number}.png" for number in range(many))])
    assert (beside.labels, len(beside.pictures)) == ({}, 100 + many)


@pytest.mark.parametrize(
    "name", ["__MACOSX/a.png", "x/@eaDir/a.png", "$RECYCLE.BIN/a.png", ".git/a.png", "a/.b.png", "x/#recycle/a.png"]
)
def test_litter_is_not_looked_at(name):
    assert is_hidden(name)
    assert not is_hidden("eaDir/recycle/a.png")


@pytest.mark.parametrize("as_written", ["./{}", "/{}", "{}", ".\\{}"])
def test_names_in_a_zip_are_read_as_they_were_meant(tmp_path, as_written):
    fill(tmp_path, ["a.png"])
    content = (tmp_path / "a.png").read_bytes()
    back = "\\" in as_written
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for name in [*shelf("set/cat", "set/dog"), "__MACOSX/set/cat/._0.png"]:
            written = zipfile.ZipInfo("x")
            written.filename = as_written.format(name.replace("/", "\\") if back else name)
            archive.writestr(written, content)
    pack = open_pack(open_source(tmp_path / "set.zip"))
    assert (len(pack), pack.contents.label_names, pack.contents.skipped) == (12, ("cat", "dog"), ())


def test_what_this_program_writes_is_no_data(tmp_path, monkeypatch):
    fill(tmp_path, [f"{number}.png" for number in range(20)])
    monkeypatch.chdir(tmp_path)
    first = open_pack(open_source("."))
    write_contact_sheet(contact_sheet(first), tmp_path / "contact.png")
    settings = {"training.batch_size": 4, "data.size": [8, 8], "data.channels": 1}
    wgan.train(".", steps=2, out="runs/one", progress=False, settings=settings)
    again = open_pack(open_source("."))
    assert again.contents.digest == first.contents.digest
    assert dict(again.contents.skipped) == {
        "contact.png": "a sheet that this program drew, not a sample",
        "runs/one": "a run of this program, which is no data",
    }
    resumed = wgan.train(".", steps=4, out="runs/one", progress=False, settings=settings)
    assert max(resumed.checkpoints()) == 4


def test_links_to_folders_are_named(tmp_path):
    (tmp_path / "data").mkdir()
    fill(tmp_path / "elsewhere", ["a.png"])
    (tmp_path / "data" / "linked").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=r"linked: a link to a folder, which is not followed"):
        open_pack(open_source(tmp_path / "data"))


def test_a_pointer_of_git_lfs_says_what_it_is(tmp_path):
    (tmp_path / "a.png").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n")
    with pytest.raises(InputError, match=r"a\.png: a pointer of Git LFS .* `git lfs pull`"):
        open_pack(open_source(tmp_path))


def test_no_pictures_says_what_there_is(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.xyz").touch()
    (tmp_path / "notes").touch()
    with pytest.raises(InputError, match=r"4 other files \(3 \.xyz, 1 no suffix\)"):
        open_pack(open_source(tmp_path))


@pytest.mark.parametrize(
    ("names", "masks"),
    [
        (["images/1.png", "images/2.png", "masks/1.png", "masks/2.png"], ["masks/1.png", "masks/2.png"]),
        (
            ["train/images/1.jpg", "train/labels/1.png", "test/images/2.jpg", "test/labels/2.png"],
            ["test/labels/2.png", "train/labels/1.png"],
        ),
        (["a.jpg", "a_mask.png", "b.jpg", "b-mask.png"], ["a_mask.png", "b-mask.png"]),
        (["ISIC_1.jpg", "ISIC_1_segmentation.png"], ["ISIC_1_segmentation.png"]),
        (["cats/1.png", "masks/1.png"], []),
        (["the_mask.png", "other.png"], []),
        (["gt/1.png", "bmw/2.png"], []),
    ],
)
def test_masks_beside_pictures_are_passed_over(names, masks, tmp_path):
    fill(tmp_path, names)
    pack = open_pack(open_source(tmp_path))
    assert [entry.name for entry in pack.contents.skipped] == masks
    assert len(pack) == len(names) - len(masks)
    assert all("a mask beside the pictures" in entry.reason for entry in pack.contents.skipped)


def test_colours_of_16_bits_are_told_of(tmp_path):
    """Pillow writes none: a PNG of one pixel by hand."""
    head = struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0)
    rows = b"".join(b"\0" + struct.pack(">24H", *range(0, 24 * 2000, 2000)) for _ in range(8))

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    parts = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    (note,) = open_pack(open_source(tmp_path)).notes
    assert note == "1 colour picture of 16 bits: the high 8 bits are read"


def test_frames_beyond_the_first_are_counted(tmp_path):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    (note,) = open_pack(open_source(tmp_path)).notes
    assert note == "1 file with several pictures: the first is read, and 2 others are not (a.gif holds 3)"
