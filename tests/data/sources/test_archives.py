"""Archives give the same samples as the folder in them; a damaged member is skipped, or reported."""

import errno
import io
import shutil
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image

from wgan.data import Archives, Folder, open_pack, open_source
from wgan.data.sources.archive_members import SUFFIXES, members
from wgan.errors import InputError

COMPRESSIONS = {"tar": "", "gz": "gz", "tgz": "gz", "xz": "xz", "txz": "xz", "bz2": "bz2", "tbz2": "bz2"}


def write_archive(path, root):
    """Archive everything below `root`, in the order of the names."""
    files = sorted(entry for entry in root.rglob("*") if entry.is_file())
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.relative_to(root).as_posix())
    else:
        with tarfile.open(path, f"w:{COMPRESSIONS[path.name.rpartition('.')[2]]}") as archive:
            for file in files:
                archive.add(file, file.relative_to(root).as_posix())
    return path


@pytest.fixture
def animals(tmp_path):
    """Ten noisy pictures, two of them of other kinds, a text file, and files that operating systems leave behind."""
    root = tmp_path / "animals"
    random = np.random.default_rng(0)
    for i in range(10):
        folder = root / ("cats" if i < 4 else "dogs")
        folder.mkdir(parents=True, exist_ok=True)
        suffix = "png" if i % 5 else "jpg"
        Image.fromarray(random.integers(0, 256, (20, 16, 3), dtype=np.uint8)).save(folder / f"{i}.{suffix}")
    (root / "cats" / "notes.txt").write_text("hello")
    (root / "cats" / ".DS_Store").write_bytes(b"x")
    (root / "__MACOSX" / "cats").mkdir(parents=True)
    (root / "__MACOSX" / "cats" / "._0.jpg").write_bytes(b"x")
    return root


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_kind_of_archive_holds_what_the_folder_holds(animals, tmp_path, suffix):
    path = write_archive(tmp_path / f"animals{suffix}", animals)
    source, folder = open_source(path), Folder(animals)
    assert source.name == "animals"
    assert source.survey() == folder.survey()
    packed, expected = open_pack(source), open_pack(folder)
    assert packed.contents.digest == expected.contents.digest
    assert packed.contents.label_names == ("cats", "dogs")
    assert packed.contents.skipped == expected.contents.skipped == (("cats/notes.txt", NOT_A_PICTURE),)


NOT_A_PICTURE = "not named like a picture (.txt)"


def test_the_folder_that_was_archived_is_no_label(animals, tmp_path):
    shutil.make_archive(str(tmp_path / "wrapped"), "zip", tmp_path, "animals")
    assert open_pack(open_source(tmp_path / "wrapped.zip")).contents.label_names == ("cats", "dogs")
    flat = tmp_path / "flat" / "pictures"
    flat.mkdir(parents=True)
    for path in animals.glob("*/*.png"):
        shutil.copy(path, flat)
    shutil.make_archive(str(tmp_path / "flat"), "gztar", tmp_path / "flat", "pictures")
    assert open_source(tmp_path / "flat.tar.gz").label_names() == ()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("damage", ["empty", "text", "cut"])
def test_damaged_archives_are_named(animals, tmp_path, suffix, damage):
    path = write_archive(tmp_path / f"animals{suffix}", animals)
    whole = path.read_bytes()
    path.write_bytes(
        {"empty": b"", "text": b"I am no archive, whatever my name", "cut": whole[: len(whole) // 2]}[damage]
    )
    with pytest.raises(InputError, match=rf"Cannot read the archive .*animals{suffix}.*Copy or download it again"):
        open_pack(open_source(path))


def test_a_damaged_header_in_a_tar_is_not_taken_for_its_end(animals, tmp_path):
    path = write_archive(tmp_path / "animals.tar", animals)
    with tarfile.open(path) as archive:
        third = archive.getmembers()[2].offset
    content = bytearray(path.read_bytes())
    content[third + 150] ^= 0xFF  # in the header's checksum
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"what follows byte {third:,} is no file"):
        open_pack(open_source(path))


def test_damaged_members_of_a_zip_cost_themselves(animals, tmp_path):
    path = write_archive(tmp_path / "animals.zip", animals)
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("dogs/6.png")
    content = bytearray(path.read_bytes())
    content[entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2] ^= 0xFF
    path.write_bytes(content)
    pack = open_pack(open_source(path))
    assert len(pack) == 9
    assert "damaged in the archive" in dict(pack.contents.skipped)["dogs/6.png"]


def test_trouble_of_the_disk_is_not_kept_as_damage_of_a_member(animals, tmp_path, monkeypatch):
    def fail(archive, entry):
        raise OSError(errno.EIO, "Input/output error")

    path = write_archive(tmp_path / "animals.zip", animals)
    monkeypatch.setattr("zipfile.ZipFile.open", fail)
    with pytest.raises(InputError, match=r"Cannot read .*animals\.zip: input/output error.*again"):
        open_pack(open_source(path))
    monkeypatch.undo()
    assert len(open_pack(open_source(path))) == 10


def test_members_that_are_no_pictures_inside_are_skipped(animals, tmp_path):
    (animals / "cats" / "text.png").write_text("I am no picture")
    path = write_archive(tmp_path / "animals.tar.gz", animals)
    with tarfile.open(tmp_path / "links.tar", "w") as archive:
        archive.add(animals / "cats" / "0.jpg", "0.jpg")
        link = tarfile.TarInfo("1.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert "not a picture" in dict(open_pack(open_source(path)).contents.skipped)["cats/text.png"]
    links = open_pack(open_source(tmp_path / "links.tar"))
    assert links.contents.skipped == (("1.jpg", "a link or a device, not a file"),)


def test_an_archive_without_pictures_says_so(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("notes.txt", "hello")
    with pytest.raises(InputError, match=r"No pictures in .*a\.zip: 1 other files"):
        open_pack(open_source(tmp_path / "a.zip"))


def test_encrypted_and_absurdly_large_members_are_not_read(animals, tmp_path):
    path = write_archive(tmp_path / "animals.zip", animals)
    content = bytearray(path.read_bytes())
    first = content.rindex(b"cats/0.jpg") - 46  # where the directory at the end speaks of it
    content[first + 8] |= 1
    content[first + 24 : first + 28] = (1 << 31).to_bytes(4, "little")
    path.write_bytes(content)
    assert next(members(path)).read() == "encrypted"
    content[first + 8] &= 0xFE
    path.write_bytes(content)
    assert "2,147,483,648 bytes, more than the limit of 268,435,456" in next(members(path)).read()


# -- WebDataset -------------------------------------------------------------------------------------------------


def write_shard(path, samples, class_first=False):
    """WebDataset samples (key, colour, class), each with a picture, a class and a text."""
    with tarfile.open(path, "w") as archive:
        for key, colour, label in samples:
            content = io.BytesIO()
            Image.new("RGB", (8, 8), (colour, 0, 0)).save(content, "png")
            files = [(f"{key}.img.png", content.getvalue()), (f"{key}.json", b"{}")]
            if label is not None:
                files.insert(0 if class_first else 1, (f"{key}.cls", str(label).encode() + b"\n"))
            for name, data in files:
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))


@pytest.mark.parametrize("class_first", [False, True])
def test_webdataset_shards_are_one_set_with_their_classes(tmp_path, class_first):
    write_shard(tmp_path / "set-000001.tar", [("000002", 30, 10)], class_first)
    write_shard(tmp_path / "set-000000.tar", [("000000", 10, 2), ("000001", 20, 10)], class_first)
    pack = open_pack(open_source(tmp_path))
    assert pack.samples[:, 0, 0, 0].tolist() == [10, 20, 30], "shards in the order of their names"
    assert pack.contents.label_names == ("2", "10"), "in the order of the numbers"
    assert pack.labels.tolist() == [0, 1, 1]
    assert pack.contents.skipped == (), "what belongs to a picture is not a file of its own"
    assert open_source(tmp_path).survey().labels == {"2": 1, "10": 2}
    alone = open_source(tmp_path / "set-000000.tar")
    assert alone.name == "set-000000"
    assert open_pack(alone).labels.tolist() == [0, 1]


def test_classes_may_be_words_and_must_be_of_all(tmp_path):
    write_shard(tmp_path / "a.tar", [("0", 10, "dog"), ("1", 20, "cat")])
    assert open_pack(open_source(tmp_path / "a.tar")).contents.label_names == ("cat", "dog")
    write_shard(tmp_path / "b.tar", [("0", 10, "dog"), ("1", 20, None)])
    assert open_pack(open_source(tmp_path / "b.tar")).labels is None


def test_a_folder_with_pictures_and_an_archive_is_a_folder_of_pictures(animals, tmp_path):
    write_archive(animals / "backup.zip", animals)
    assert isinstance(open_source(animals), Folder)
    write_archive(tmp_path / "animals.zip", animals)
    shutil.rmtree(animals)
    assert isinstance(open_source(tmp_path), Archives)


def test_what_systems_leave_beside_archives_does_not_make_a_folder_of_pictures(animals, tmp_path):
    shards = tmp_path / "shards"
    (shards / "__MACOSX").mkdir(parents=True)
    write_archive(shards / "a.zip", animals)
    for name in ("__MACOSX/x.png", ".x.png"):
        Image.new("RGB", (8, 8)).save(shards / name)
    assert len(open_pack(open_source(shards))) == 10
