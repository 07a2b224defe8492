"""A real disk that is full, and one that becomes read-only: what is said, what stays, and how it goes on."""

import os
import shutil
import subprocess

import pytest

from storage.scenario import begin, train
from storage.snapshot import differences, snapshot, unfinished
from wgan.errors import TrainingError
from wgan.runs.run import Run

LARGE = {"networks__generator_widths": (160, 160), "networks__critic_widths": (160, 160)}
"""Networks whose checkpoints are half a megabyte: each file of one may be what fills the disk."""


@pytest.fixture
def disk(tmp_path):
    """A file system of its own, and a function that mounts it anew with other options."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(options):
        return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, text=True)

    if shutil.which("mount") is None or (tried := mount("size=4m")).returncode:
        pytest.skip("a file system of limited size can be mounted by root alone")
    assert not tried.stderr
    yield place, mount
    subprocess.run(["umount", place], check=True)


@pytest.fixture(scope="module")
def expected(storage, tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    train(storage.data, folder / "run", **LARGE)
    return snapshot(folder / "run")


def free(place):
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize


def fill(place, leaving):
    """Take all the room but so many bytes."""
    with (place / "ballast").open("wb") as file:
        file.write(bytes(max(free(place) - leaving, 0)))


@pytest.mark.parametrize("leaving", [0, 60_000, 250_000, 500_000, 800_000, 1_200_000])
def test_a_full_disk_stops_the_run_and_with_room_it_goes_on(storage, expected, disk, leaving):
    place, _ = disk
    run = Run(place / "run")
    with pytest.raises(TrainingError) as raised, begin(storage.data, run.path, **LARGE) as trainer:  # noqa: PT012
        for event in trainer.events():
            if event.step == 2:
                fill(place, leaving)
    told = str(raised.value)
    assert told.startswith(f"Cannot write {run.path}/"), told
    assert "No space left on device. Free some space" in told
    kept = run.checkpoints()
    assert f"the last good checkpoint is that of step {max(kept)}" in told
    for step in kept:
        run.load_checkpoint(step)
    subprocess.run(["sha256sum", "--check", "--status", "SHA256SUMS"], cwd=run.checkpoint_folder.path, check=True)
    assert unfinished(run.path) == []
    (place / "ballast").unlink()
    train(storage.data, run.path, **LARGE)
    assert differences(snapshot(run.path), expected) == []


def test_a_disk_that_becomes_read_only_stops_the_run_and_written_again_it_goes_on(storage, expected, disk):
    place, mount = disk
    run = Run(place / "run")
    train(storage.data, run.path, training__steps=3, **LARGE)
    assert mount("remount,ro").returncode == 0
    with pytest.raises(TrainingError, match=r"Cannot write .*/run: Read-only file system\. Choose another folder"):
        begin(storage.data, run.path, **LARGE)
    assert run.sample(2).isfinite().all(), "reading needs no writing"
    assert mount("remount,rw").returncode == 0
    train(storage.data, run.path, **LARGE)
    assert differences(snapshot(run.path), expected) == []


def test_a_disk_without_any_room_is_told_before_training(storage, disk):
    place, _ = disk
    fill(place, 0)
    with pytest.raises(TrainingError, match=r"Cannot write .*No space left on device.*nothing was saved yet"):
        begin(storage.data, place / "run")
    (place / "ballast").unlink()
    train(storage.data, place / "run")
    assert differences(snapshot(place / "run"), storage.unbroken) == []
