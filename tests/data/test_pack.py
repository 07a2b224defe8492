"""Packs: made once, named by their source and settings, split by content."""

import json
import os
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import TensorDataset

from wgan.data import Arrays, cache_folder, find_pack, open_pack, open_source
from wgan.data.pack import read_pack
from wgan.data.packing import make_pack
from wgan.errors import InputError, TrainingError


def numbered(count, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 4, 4), dtype=np.uint8)


def test_a_second_start_reads_the_pack_and_decodes_nothing(faces, monkeypatch):
    first = open_pack(open_source(faces))
    monkeypatch.setattr("wgan.data.sources.folder.Folder.samples", lambda self: pytest.fail("decoded again"))
    again = open_pack(open_source(faces))
    assert again.path == first.path
    np.testing.assert_array_equal(again.samples, first.samples)


def test_a_resumed_run_does_not_look_through_the_folder_again(faces, monkeypatch):
    first = open_pack(open_source(faces), (8, 8), 3)
    monkeypatch.setattr(
        "wgan.data.sources.folder.Folder.survey", lambda self, progress: pytest.fail("looked through again")
    )
    assert open_pack(open_source(faces), (8, 8), 3).path == first.path


def test_another_file_size_or_form_is_another_pack(faces):
    first = open_pack(open_source(faces))
    assert open_pack(open_source(faces), (8, 8)).path != first.path
    assert open_pack(open_source(faces), None, 1).shape == (1, 20, 16)
    Image.new("RGB", (16, 20), "red").save(faces / "new.png")
    changed = open_pack(open_source(faces))
    assert len(changed) == len(first) + 1
    assert changed.contents.digest != first.contents.digest


def test_the_digest_knows_the_content_and_not_the_place(faces, tmp_path):
    copy = tmp_path / "elsewhere"
    copy.mkdir()
    for path in faces.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    there = open_pack(open_source(copy))
    assert there.contents.digest == open_pack(open_source(faces)).contents.digest


def test_a_pack_is_found_by_what_it_holds_when_its_source_is_gone(faces):
    pack, other = open_pack(open_source(faces)), open_pack(Arrays(numbered(9)))
    shutil.rmtree(faces)
    assert find_pack(pack.contents.digest).path == pack.path
    assert find_pack(other.contents.digest).path == other.path
    assert find_pack("0" * 32) is None
    (pack.path / "pack.json").write_text(pack.contents.digest)
    assert find_pack(pack.contents.digest) is None, "a damaged one is not it"
    shutil.rmtree(cache_folder())
    assert find_pack(other.contents.digest) is None
    assert not cache_folder().exists()


def test_the_split_is_a_function_of_the_samples_alone():
    images = numbered(200)
    pack = open_pack(Arrays(images))
    train, held_out = pack.split(0.1)
    assert len(held_out) == 20
    assert sorted([*train, *held_out]) == list(range(200))
    order = np.random.default_rng(1).permutation(200)
    shuffled = open_pack(Arrays(images[order]))
    there = {shuffled.samples[i].tobytes() for i in shuffled.split(0.1)[1]}
    assert there == {pack.samples[i].tobytes() for i in held_out}
    assert not len(pack.split(0.0)[1])


def test_equal_samples_never_lie_on_both_sides():
    pack = open_pack(Arrays(np.concatenate([numbered(40)] * 3)))
    train, held_out = ({pack.samples[i].tobytes() for i in side} for side in pack.split(0.25))
    assert len(held_out) >= 10
    assert not train & held_out


def held_out_of(*copies, asked, seed=0):
    """The numbers of copies of the values that are held out, of values that are there so many times."""
    values = np.repeat(numbered(len(copies), seed), copies, axis=0)
    pack = open_pack(Arrays(values))
    train, held_out = pack.split(asked / len(values))
    assert sorted([*train, *held_out]) == list(range(len(values)))
    sides = [{pack.samples[i].tobytes() for i in side} for side in (train, held_out)]
    assert not sides[0] & sides[1]
    shuffled = open_pack(Arrays(np.random.default_rng(seed).permutation(values)))
    assert {shuffled.samples[i].tobytes() for i in shuffled.split(asked / len(values))[1]} == sides[1]
    counts = zip(numbered(len(copies), seed), copies, strict=True)
    return sorted(count for value, count in counts if value.tobytes() in sides[1])


@pytest.mark.parametrize("seed", range(8))
def test_a_blank_value_that_half_of_the_samples_have_is_not_what_is_held_out(seed):
    """Whatever its hash."""
    assert held_out_of(50, *[1] * 50, asked=10, seed=seed) == [1] * 10
    assert sum(held_out_of(500, *[3] * 100, *[1] * 200, asked=100, seed=seed)) in range(100, 103)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("copies", "asked", "held_out"),
    [
        ([7], 1, []),
        ([2, 2, 2], 1, [2]),
        ([30, 30, 40], 10, [30]),
        ([1, 16, 17], 10, [1, 16]),
        ([1, 60, 60], 10, [1]),
        ([3, 3], 4, [3]),
        ([10] * 10, 10, [10]),
        ([14] * 10, 10, [14]),
    ],
)
def test_what_is_held_out_where_all_values_are_frequent(copies, asked, held_out, seed):
    """Something if there are two values, and no more of them than comes nearer to what was asked for."""
    assert held_out_of(*copies, asked=asked, seed=seed) == held_out


@pytest.mark.parametrize("seed", range(60))
def test_about_as_many_are_held_out_as_were_asked_for(seed):
    random = np.random.default_rng(seed)
    copies = [int(count) for count in random.zipf(1.5, random.integers(2, 30)).clip(max=200)]
    asked = int(random.integers(1, sum(copies)))
    held_out = held_out_of(*copies, asked=asked, seed=seed)
    off = abs(sum(held_out) - asked)
    left = list(copies)
    for count in held_out:
        left.remove(count)
    assert held_out
    assert left
    assert off <= asked / 2 or len(held_out) == 1 or len(left) == 1 or min(left) > asked
    assert off <= asked / 2 or sum(held_out) > asked or len(left) == 1 or off <= sum(held_out) + min(left) - asked


@pytest.mark.parametrize("asked", [1, 7, 60, 199])
def test_different_samples_are_split_as_they_always_were(asked):
    pack = open_pack(Arrays(numbered(200)))
    np.testing.assert_array_equal(pack.split(asked / 200)[1], np.sort(pack.hashes.argsort()[:asked]))


def test_a_set_too_small_to_split_says_so():
    with pytest.raises(InputError, match=r"Nothing is left to train on: all 5 .* Lower data\.holdout"):
        open_pack(Arrays(numbered(5))).split(0.95)


def test_a_pack_that_cannot_be_written_says_what_to_do_and_can_be_gone_on_with(faces, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(TrainingError, match=r"No space left.*WGAN_CACHE"):
        open_pack(open_source(faces), (7, 7))
    monkeypatch.undo()
    assert len(open_pack(open_source(faces), (7, 7))) == 12
    assert not list((cache_folder() / "packs").glob(".*"))


def test_a_damaged_pack_says_what_to_do(faces):
    pack = open_pack(open_source(faces), (6, 6))
    (pack.path / "pack.json").write_text("{")
    with pytest.raises(InputError, match="Delete that folder"):
        open_pack(open_source(faces), (6, 6))


@pytest.mark.parametrize("data", ["folder", "array"])
def test_what_is_left_of_a_pack_does_not_block_its_place(faces, data):
    def opened():
        images = torch.arange(96, dtype=torch.uint8).reshape(6, 1, 4, 4)
        return open_pack(open_source(faces if data == "folder" else TensorDataset(images)), (4, 4))

    pack = opened()
    expected = pack.samples.tobytes()
    (pack.path / "pack.json").unlink()
    again = opened()
    assert again.path == pack.path
    assert again.samples.tobytes() == expected


@pytest.mark.parametrize("damage", ["empty", "text", "short", "gone"])
@pytest.mark.parametrize("name", ["hashes.npy", "tests.npy", "samples.bin"])
def test_a_pack_with_a_damaged_file_says_what_to_do(faces, name, damage):
    pack = open_pack(open_source(faces), (5, 5))
    file = pack.path / name
    try:
        match damage:
            case "empty":
                file.write_bytes(b"")
            case "text":
                file.write_bytes(b"I am no array")
            case "short":
                np.save(file.with_name("short.npy"), np.zeros(3))
                file.with_name("short.npy").replace(file)
            case "gone":
                file.unlink()
        with pytest.raises(InputError, match="Delete that folder"):
            _ = pack.samples, pack.split(0.1)
    finally:
        shutil.rmtree(pack.path)


def test_everything_is_on_the_disk_before_the_pack_is_there(tmp_path, monkeypatch):
    """So that a power loss leaves no incomplete pack."""
    done = []
    fsync, rename = os.fsync, os.rename

    def synced(descriptor):
        fsync(descriptor)
        done.append(os.fstat(descriptor).st_ino)

    def renamed(source, target):
        rename(source, target)
        done.append("renamed")

    monkeypatch.setattr("os.fsync", synced)
    monkeypatch.setattr("os.rename", renamed)
    pack = open_pack(Arrays(numbered(7, seed=9)))
    before, after = done[: done.index("renamed")], done[done.index("renamed") :]
    columns = [(pack.path / name).stat().st_ino for name in ("samples.bin", "labels.npy", "tests.npy", "hashes.npy")]
    contents = (pack.path / "pack.json").stat().st_ino
    assert set(columns) <= set(before[: before.index(contents)])
    assert pack.path.parent.stat().st_ino in after


def test_folders_that_agree_in_names_sizes_and_times_are_told_apart(tmp_path):
    """Two unpacked archives often agree in all of these."""
    packs = []
    for colour in ("red", "blue"):
        folder = tmp_path / colour
        folder.mkdir()
        Image.new("RGB", (8, 8), colour).save(folder / "1.bmp")
        os.utime(folder / "1.bmp", (0, 0))
        packs.append(open_pack(open_source(folder)))
    assert packs[0].samples[0, 0, 0, 0] == 255
    assert packs[1].samples[0, 0, 0, 0] == 0


def test_a_pack_of_a_version_without_descriptions_is_read(tmp_path):
    """Then its shape alone says what a sample is."""
    pack = make_pack(tmp_path / "pack", open_source("digits"))
    facts = json.loads((pack.path / "pack.json").read_text())
    described = {"kind": "picture", "shape": [1, 8, 8], "dtype": "uint8", "low": 0.0, "high": 255.0}
    assert described.items() <= facts.pop("spec").items()
    (pack.path / "pack.json").write_text(json.dumps(facts))
    assert read_pack(pack.path).contents == pack.contents


@pytest.mark.parametrize(
    "changes", [{"shape": ["x"]}, {"shape": "abc"}, {"shape": [-1]}, {"shape": [0, 8, 8]}, {"dtype": "object"}]
)
def test_an_old_pack_with_a_damaged_description_says_what_to_do(tmp_path, changes):
    pack = make_pack(tmp_path / "pack", open_source("digits"))
    facts = json.loads((pack.path / "pack.json").read_text())
    del facts["spec"]
    (pack.path / "pack.json").write_text(json.dumps({**facts, **changes}))
    with pytest.raises(InputError, match="is damaged"):
        read_pack(pack.path)


def test_versions_without_descriptions_read_the_pack(tmp_path):
    """They want the shape and the type of what is stored."""
    pack = make_pack(tmp_path / "pack", open_source("toy:ring8"))
    facts = json.loads((pack.path / "pack.json").read_text())
    assert (facts["shape"], facts["dtype"]) == ([2], "float32")
