"""Packing in many processes, resumed after a kill, or shared by two processes gives the same bytes."""

import itertools
import os
import signal
import subprocess
import sys
import zipfile
from collections import Counter
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from wgan.data import Folder, cache_folder, open_pack, open_source
from wgan.data.parallel import in_order
from wgan.errors import InputError, TrainingError
from wgan.system.fitting import fit
from wgan.system.locks import locked
from wgan.system.pictures import read_headers

process_of = lambda numbers: [os.getpid() for _ in numbers]  # noqa: E731, a function of a test's module stays there


def named(number):
    return Path(f"no-such-folder/{number}")


def files_of(pack):
    return {path.name: path.read_bytes() for path in pack.path.iterdir()}


@pytest.fixture
def photos(tmp_path):
    """Sixty small JPEGs in two folders, one of them truncated, and a text file."""
    random = np.random.default_rng(0)
    for i in range(60):
        folder = tmp_path / "photos" / ("cats" if i < 25 else "dogs")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (40, 30, 3), dtype=np.uint8)).save(folder / f"{i:02}.jpg")
    cut = tmp_path / "photos" / "cats" / "07.jpg"
    cut.write_bytes(cut.read_bytes()[:900])
    (tmp_path / "photos" / "notes.txt").write_text("hello")
    return tmp_path / "photos"


@pytest.fixture
def undisturbed(photos, tmp_path, monkeypatch):
    """The files of a pack that one process makes without interruption, in a separate cache."""
    with monkeypatch.context() as patch:
        patch.setenv("WGAN_CACHE", str(tmp_path / "other-cache"))
        return files_of(open_pack(Folder(photos), (16, 16)))


class Progress:
    """Counts the items of each progress bar."""

    def __init__(self):
        self.seen = Counter()

    def __call__(self, items, total, what):
        for item in items:
            yield item
            self.seen[what.partition(",")[0]] += 1


@pytest.fixture
def processes(monkeypatch):
    """However little there is to do, two processes do it."""
    monkeypatch.setattr("wgan.data.parallel.LONG", 0)
    monkeypatch.setattr("wgan.data.parallel._workers", lambda expected: 2)


def test_worker_processes_make_the_same_pack(photos, undisturbed, processes):
    pack = open_pack(Folder(photos), (16, 16))
    assert files_of(pack) == undisturbed
    assert pack.contents.skipped[0].name == "notes.txt"
    assert "truncated" in dict(pack.contents.skipped)["cats/07.jpg"]
    assert pack.labels.tolist() == [0] * 24 + [1] * 35


def test_results_come_in_order_and_few_items_are_read_ahead(processes):
    read = 0

    def items():
        nonlocal read
        while read < 1000:
            read += 1
            yield read

    for item, result in in_order(read_headers, items(), named, expected=1000):
        assert result == "no such file or directory"
        assert read - item < 6 * 32, "four chunks and one are ahead of the one that is handed out"
    assert item == 1000


def test_workers_do_not_load_torch():
    code = "import sys, wgan.system.pictures; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "scipy", "sklearn", "pydantic"} & set(loaded)


KILLED = """
import os, signal, sys
from pathlib import Path
from wgan.data import Folder, open_pack, unfinished_pack

def progress(items, total, what):
    for i, item in enumerate(items):
        if what.startswith("packing") and i == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        yield item

unfinished_pack.LONGEST = float(sys.argv[3])
open_pack(Folder(Path(sys.argv[1])), (16, 16), progress=progress)
"""


@pytest.mark.parametrize(("killed_at", "longest"), [(3, "0"), (40, "0"), (40, "inf")])
def test_after_a_kill_packing_goes_on_and_ends_in_the_same_bytes(photos, undisturbed, killed_at, longest):
    """Rows that are written at once are there; those that waited, and what was skipped among them, are packed again."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(photos), str(killed_at), longest], check=False)
    assert done.returncode == -signal.SIGKILL
    progress = Progress()
    assert files_of(open_pack(Folder(photos), (16, 16), progress=progress)) == undisturbed
    packed = progress.seen[f"packing {photos.name}"]
    assert packed == (61 - killed_at if longest == "0" else 61)
    assert not list((cache_folder() / "packs").glob(".*"))


def interrupted(photos, after):
    """Stop packing after `after` items, as Ctrl-C would; return the folder of the unfinished pack."""

    def progress(items, total, what):
        for i, item in enumerate(items):
            if what.startswith("packing") and i == after:
                raise KeyboardInterrupt
            yield item

    with pytest.raises(KeyboardInterrupt):
        open_pack(Folder(photos), (16, 16), progress=progress)
    (making,) = (cache_folder() / "packs").glob(".making-*")
    return making


@pytest.mark.parametrize("name", ["samples.bin", "records.bin", "skipped.jsonl"])
def test_a_file_that_was_torn_on_the_way_is_mended(photos, undisturbed, name):
    making = interrupted(photos, 40)
    os.truncate(making / name, (making / name).stat().st_size - 5)
    assert files_of(open_pack(Folder(photos), (16, 16))) == undisturbed


def test_a_row_that_is_not_what_was_written_is_made_again(photos, undisturbed):
    making = interrupted(photos, 40)
    content = bytearray((making / "samples.bin").read_bytes())
    content[20 * 768] ^= 1
    (making / "samples.bin").write_bytes(content)
    assert files_of(open_pack(Folder(photos), (16, 16))) == undisturbed


class Failing(Folder):
    """A folder on a disk that fails after `after` pictures."""

    def __init__(self, root, after):
        super().__init__(root)
        self._after = after

    def samples(self):
        yield from islice(super().samples(), self._after)
        raise InputError("The disk is gone.")


def test_after_an_error_of_the_data_packing_goes_on_where_it_stopped(photos, undisturbed):
    """The error may be temporary (an unplugged disk, a missing library), and repaired data have another key."""
    Folder(photos).survey()
    with pytest.raises(InputError, match="The disk is gone"):
        open_pack(Failing(photos, 40), (16, 16))
    progress = Progress()
    assert files_of(open_pack(Folder(photos), (16, 16), progress=progress)) == undisturbed
    assert progress.seen[f"packing {photos.name}"] < 61


class Missing(torch.utils.data.Dataset):
    """A user's dataset with a missing file."""

    def __len__(self):
        return 100

    def __getitem__(self, i):
        return torch.zeros(1, 4, 4) if i < 80 else Path("no-such-file").read_text()


def test_an_error_of_reading_is_not_told_as_one_of_the_cache():
    with pytest.raises(FileNotFoundError, match="no-such-file"):
        open_pack(open_source(Missing()))


def test_a_cache_that_cannot_take_a_row_is_told(photos, monkeypatch):
    def full(rows, sample, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("wgan.data.unfinished_pack.Rows.append", full)
    with pytest.raises(TrainingError, match=r"Cannot write the pack .*No space left.*WGAN_CACHE"):
        open_pack(Folder(photos), (16, 16))


def test_a_second_process_waits_and_uses_the_pack_of_the_first(photos, undisturbed, monkeypatch):
    fcntl = pytest.importorskip("fcntl")
    making = interrupted(photos, 10)
    lock = making.with_name(making.name.replace("making", "lock"))
    said = []

    with lock.open("a") as first:
        fcntl.flock(first, fcntl.LOCK_EX)

        def progress(items, total, what):
            said.append(what)
            if what.startswith("another process"):  # which now publishes its pack and lets go
                place = making.with_name(making.name.removeprefix(".making-"))
                making.rename(place)
                for name, content in undisturbed.items():
                    (place / name).write_bytes(content)
                fcntl.flock(first, fcntl.LOCK_UN)
            return items

        pack = open_pack(Folder(photos), (16, 16), progress=progress)
    assert said == ["another process is packing photos: waiting for it"]
    assert pack.samples.tobytes() == undisturbed["samples.bin"]


@pytest.mark.parametrize(
    "picture",
    [bytes(600), np.zeros((10, 20, 3), np.uint8), Image.new("RGB", (10, 20))],
    ids=["bytes", "array", "image"],
)
def test_few_large_pictures_are_read_ahead(monkeypatch, picture):
    monkeypatch.setattr("wgan.data.parallel.CHUNK_BYTES", 1000)
    items = iter([picture] * 10)
    next(in_order(lambda pictures: pictures, items, lambda item: item, expected=10))
    assert len(list(items)) == 8, "two are more than 1000 bytes"


@pytest.mark.parametrize(("seconds", "shared"), [(0.001, False), (1.0, True)])
def test_what_takes_long_is_shared_out_once_that_is_known(monkeypatch, seconds, shared):
    """By a clock that says how long each of the first chunks took."""
    clock = itertools.count(0.0, seconds)
    monkeypatch.setattr("wgan.data.parallel.time", SimpleNamespace(perf_counter=lambda: next(clock)))
    monkeypatch.setattr("joblib.cpu_count", lambda: 2)
    workers = [process for _, process in in_order(process_of, range(500), int, expected=500)]
    assert workers[:32] == [os.getpid()] * 32
    assert (set(workers[32:]) == {os.getpid()}) != shared


def test_one_core_is_not_shared_out(monkeypatch):
    monkeypatch.setattr("wgan.data.parallel.LONG", 0)
    monkeypatch.setattr("joblib.cpu_count", lambda: 1)
    assert {process for _, process in in_order(process_of, range(500), int, expected=500)} == {os.getpid()}


def test_a_killed_worker_is_told(processes):
    with pytest.raises(TrainingError, match=r"most likely for lack of memory.*same command again"):
        list(in_order(lambda numbers: os.kill(os.getpid(), signal.SIGKILL), range(3), int, expected=3))


WEEKS_AGO = (0, 0)


def test_what_nobody_has_gone_on_with_for_a_week_is_removed_when_a_pack_is_begun(photos, tmp_path):
    fcntl = pytest.importorskip("fcntl")
    making = interrupted(photos, 40)
    lock = making.with_name(making.name.replace("making", "lock"))
    orphan, packed = making.with_name(".lock-orphan"), making.with_name("packed")
    orphan.touch()
    packed.mkdir()

    def pack_another(value):
        return open_pack(open_source(np.full((3, 4, 4), value, np.uint8)))

    pack_another(1)
    assert making.exists(), "it may be gone on with"
    assert orphan.exists()
    for path in (*making.iterdir(), making, lock, orphan, packed):
        os.utime(path, WEEKS_AGO)
    with lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        pack_another(2)
        assert making.exists(), "somebody is at work there"
    assert not orphan.exists()
    pack_another(3)
    assert not making.exists()
    assert not lock.exists()
    assert packed.exists()


def test_after_more_than_a_week_ones_own_work_is_gone_on_with(photos, undisturbed):
    making = interrupted(photos, 40)
    for path in (*making.iterdir(), making, making.with_name(making.name.replace("making", "lock"))):
        os.utime(path, WEEKS_AGO)
    progress = Progress()
    assert files_of(open_pack(Folder(photos), (16, 16), progress=progress)) == undisturbed
    assert progress.seen[f"packing {photos.name}"] < 61


def test_a_lock_that_was_removed_while_it_was_waited_for_is_not_held(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "lock"
    with path.open("a") as first:
        fcntl.flock(first, fcntl.LOCK_EX)

        def waiting(turn):
            path.unlink()
            fcntl.flock(first, fcntl.LOCK_UN)
            return turn

        with locked(path, waiting), path.open("a") as another, pytest.raises(BlockingIOError):
            fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)


CHILD = """
import os, sys
from wgan.system.processes import begin
begin(os.getppid())
print("ready", flush=True)
sys.stdin.read()
"""
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"


def test_a_worker_ends_with_its_parent_however_that_ends():
    command = [sys.executable, "-c", PARENT, CHILD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout.readline() == "ready\n"
        parent.kill()
        assert parent.stdout.read() == "", "the pipe is closed when the last who holds it has ended: the worker"


def test_a_survey_is_taken_once(photos, monkeypatch):
    first = open_source(photos).survey()
    monkeypatch.setattr("wgan.data.survey.in_order", lambda *a, **k: pytest.fail("looked through again"))
    assert open_source(photos).survey() == first
    assert first.sizes == {(40, 30): 60}
    assert first.labels == {"cats": 25, "dogs": 35}


def test_a_damaged_survey_is_taken_again(photos):
    first = open_source(photos).survey()
    for kept in (cache_folder() / "surveys").iterdir():
        kept.write_text(kept.read_text()[:20])
    assert open_source(photos).survey() == first


def test_large_jpegs_are_decoded_at_a_smaller_scale_without_loss_of_quality(tmp_path):
    """The difference to scaling the whole picture is less than the eye can see, or a second JPEG would cause."""
    y, x = np.mgrid[0:768, 0:1024] / 256
    waves = np.stack([np.sin(9 * x + 3 * y * y), np.cos(7 * x * y), np.sin(20 * y)], axis=2)
    Image.fromarray(np.uint8(127.5 + 120 * waves)).save(tmp_path / "large.jpg", quality=95)
    with Image.open(tmp_path / "large.jpg") as image:
        image.load()
        whole = fit(image, (64, 64), 3).astype(float)
    reduced = fit(tmp_path / "large.jpg", (64, 64), 3).astype(float)
    assert 10 * np.log10(255**2 / np.square(whole - reduced).mean()) > 40


def test_a_reduced_scale_leaves_fine_stripes_as_they_are(tmp_path):
    """Reducing a JPEG directly to the target size would blur fine detail."""
    y, x = np.mgrid[0:512, 0:512]
    stripes = np.uint8(127.5 + 120 * np.sin((x * x + y * y) / 1500))
    Image.fromarray(stripes).save(tmp_path / "stripes.jpg", quality=95)
    whole = ImageOps.fit(Image.open(tmp_path / "stripes.jpg"), (64, 64), Image.Resampling.LANCZOS)
    reduced = fit(tmp_path / "stripes.jpg", (64, 64), 1)[0].astype(float)
    assert 10 * np.log10(255**2 / np.square(np.asarray(whole) - reduced).mean()) > 33


def test_the_scale_of_a_turned_jpeg_is_that_of_its_turned_sides(tmp_path):
    """It is stored 800 wide and shown 100 wide, so a width of 80 needs it at full scale."""
    y, x = np.mgrid[0:100, 0:800] / 100
    waves = np.uint8(127.5 + 120 * np.stack([np.sin(20 * y + x), np.cos(15 * y * x), np.sin(30 * y)], axis=2))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(waves).save(tmp_path / "turned.jpg", quality=95, exif=exif)
    with Image.open(tmp_path / "turned.jpg") as image:
        upright = ImageOps.exif_transpose(image)
    assert upright.size == (100, 800)
    with Image.open(tmp_path / "turned.jpg") as image:
        image.draft(None, (400, 50))
        halved = ImageOps.exif_transpose(image)
    made, full, half = (fit(one, (8, 80), 3).astype(int) for one in (tmp_path / "turned.jpg", upright, halved))
    assert np.abs(made - full).max() <= 1, "some versions of Pillow round otherwise when rows and columns are swapped"
    assert np.abs(half - full).max() > 3, "which half the scale does not explain"


def test_opacity_is_kept_where_it_is_asked_for_and_laid_on_white_elsewhere(tmp_path):
    image = Image.new("RGBA", (16, 16), (200, 10, 30, 255))
    image.paste((0, 0, 0, 0), (0, 0, 16, 8))
    image.save(tmp_path / "a.png")
    Image.new("RGB", (16, 16), "blue").save(tmp_path / "b.png")
    pack = open_pack(open_source(tmp_path), (16, 16), 4)
    np.testing.assert_array_equal(pack.samples[0], np.moveaxis(np.asarray(image), 2, 0))
    assert (pack.samples[1, 3] == 255).all(), "what knows no transparency is opaque"
    assert open_pack(open_source(tmp_path), (16, 16), 3).samples[0, :, 0, 0].tolist() == [255, 255, 255]
    assert open_pack(open_source(tmp_path), (16, 16), 1).samples[0, 0, 0, 0] == 255
    assert open_source(tmp_path).survey().modes == {"RGBA": 1, "RGB": 1}
    assert open_pack(open_source(tmp_path)).shape == (3, 16, 16), "three channels unless four are asked for"


@pytest.mark.parametrize("zipped", [False, True])
def test_what_goes_away_while_it_is_packed_leaves_no_pack(tmp_path, zipped):
    """A pack of what was left would be found again and again, for a folder that has come back."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(6):
        Image.new("L", (8, 8), number).save(folder / f"{number}.png")
    data = folder
    if zipped:
        data = tmp_path / "pictures.zip"
        with zipfile.ZipFile(data, "w") as archive:
            for path in sorted(folder.iterdir()):
                archive.write(path, path.name)

    def losing(items, total, what):
        for number, item in enumerate(items):
            if what.startswith("packing") and number == 2:
                os.utime(data, (1, 1)) if zipped else (folder / "5.png").unlink()
            yield item

    with pytest.raises(InputError, match="changed while they were packed"):
        open_pack(open_source(data), progress=losing)
    Image.new("L", (8, 8), 5).save(folder / "5.png")
    assert len(open_pack(open_source(data))) == 6
