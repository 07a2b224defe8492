"""Checkpoints: what their sums say, and what becomes of a damaged one."""

import errno
import hashlib
import os
import shutil
import subprocess
from io import FileIO, StringIO

import pytest
import torch
from rich.console import Console
from typer.testing import CliRunner

from storage.scenario import begin, train
from storage.snapshot import differences, snapshot
from wgan.cli import app
from wgan.errors import InputError, TrainingError
from wgan.experiment.train import watch
from wgan.runs.checkpoints import CheckpointFolder, save_state
from wgan.runs.run import Run
from wgan.views.terminal import Terminal


@pytest.fixture
def run(storage, tmp_path):
    """A copy that may be damaged; its checkpoints are those of steps 4 and 5."""
    return Run.open(shutil.copytree(storage.folder / "unbroken" / "run", tmp_path / "run"))


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


def flip(path):
    """One bit, in the middle of what is a weight or a sum."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty(path):
    os.truncate(path, 0)


def swap(path):
    """Another whole checkpoint, in the place of this one."""
    shutil.copy(min(path.parent.glob("*.pt")), path)


def test_sums_are_those_of_sha256sum(storage, run):
    files = run.checkpoints()
    expected = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files.values())
    assert run.checkpoint_folder.sums_file.read_text() == expected
    assert list(files) == [4, 5]
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=run.checkpoint_folder.path, check=True)


@pytest.mark.parametrize("damage", [cut, flip, empty, swap])
def test_a_damaged_checkpoint_is_named_and_set_aside_and_the_run_ends_the_same(storage, run, damage):
    damage(run.checkpoints()[5])
    left = run.checkpoints()[5].read_bytes()
    experiment = begin(storage.data, run.path)
    assert experiment.state.step == 4
    (note, where) = experiment.notes
    assert "000000005.pt is damaged" in note
    assert "set aside as 000000005.pt.damaged" in note
    assert where == "Training continues from the checkpoint of step 4."
    experiment.close()
    train(storage.data, run.path)
    assert (run.checkpoint_folder.path / "000000005.pt.damaged").read_bytes() == left
    assert differences(snapshot(run.path), storage.unbroken) == []
    assert begin(storage.data, run.path).notes == ()


def test_without_sums_what_torch_cannot_read_is_damaged_and_what_it_can_is_whole(storage, run):
    run.checkpoint_folder.sums_file.unlink()  # as older runs have it
    assert begin(storage.data, run.path).complete
    cut(run.checkpoints()[5])
    assert begin(storage.data, run.path).state.step == 4
    assert (run.checkpoint_folder.path / "000000005.pt.damaged").exists()


def test_lines_that_are_no_sums_are_left_out(storage, run):
    run.checkpoint_folder.sums_file.write_bytes(
        b"\xff\xfe\n" + run.checkpoint_folder.sums_file.read_bytes() + b"abc  000000004.pt\n\n"
    )
    flip(run.checkpoints()[5])
    assert begin(storage.data, run.path).state.step == 4


def test_a_second_damaged_checkpoint_of_a_step_has_a_name_of_its_own(storage, run):
    for name in ("000000005.pt.damaged", "000000005.pt.damaged-2"):
        flip(run.checkpoints()[5])
        train(storage.data, run.path)
        assert (run.checkpoint_folder.path / name).exists()


def test_if_none_is_whole_that_is_told(storage, run):
    for path in run.checkpoints().values():
        flip(path)
    with pytest.raises(TrainingError, match=r"5\.pt is damaged.*4\.pt is damaged.*restore one.*or start anew"):
        begin(storage.data, run.path)
    assert not run.checkpoints()
    with pytest.raises(InputError, match="Restore the checkpoints"):  # nothing is trained over
        begin(storage.data, run.path)
    os.rename(run.checkpoint_folder.path / "000000004.pt.damaged", run.checkpoint_folder.path / "000000004.pt")
    flip(run.checkpoints()[4])
    assert begin(storage.data, run.path).state.step == 4


@pytest.mark.parametrize("arguments", [["sample", "--step", "5"], ["evaluate", "-n", "3"], ["evaluate", "--step", "5"]])
def test_reading_a_damaged_checkpoint_is_refused_and_renames_nothing(storage, run, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flip(run.checkpoints()[5])
    before = sorted(run.path.rglob("*"))
    result = CliRunner().invoke(app, [arguments[0], str(run.path), *arguments[1:]])
    assert result.exit_code == 1
    assert "000000005.pt is damaged: it is not what was written" in result.stderr
    assert "sets it aside and continues. Or use another step: 4." in result.stderr
    assert sorted(run.path.rglob("*")) == before


def test_fresh_says_where_the_run_went(storage, run):
    experiment = begin(storage.data, run.path, fresh=True)
    assert experiment.notes == (f"The run that was in {run.path} is now {run.path}.old-1.",)
    assert Run.open(f"{run.path}.old-1").checkpoints()


def test_what_happened_is_printed(storage, run):
    cut(run.checkpoints()[5])
    experiment = begin(storage.data, run.path)
    printed = StringIO()
    watch(experiment, Terminal(Console(file=printed)))
    assert [line.partition(":")[0] for line in printed.getvalue().splitlines()[:2]] == ["note", "note"]
    assert "set aside as 000000005.pt.damaged." in printed.getvalue()


def test_only_who_holds_the_lock_sets_aside(storage, run):
    events = begin(storage.data, run.path, training__steps=9).events()
    next(events)
    before = run.checkpoints()
    flip(max(before.values()))
    with pytest.raises(InputError, match="Another process is training"):
        begin(storage.data, run.path, training__steps=9)
    assert run.checkpoints() == before
    events.close()


def test_a_checkpoint_that_may_not_be_read_is_left_where_it_is(storage, run, monkeypatch):
    def refuse(*arguments, **named):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("wgan.runs.checkpoints.hashlib.file_digest", refuse)
    with pytest.raises(TrainingError, match=r"5\.pt cannot be read: Permission denied"):
        begin(storage.data, run.path)
    assert list(run.checkpoints()) == [4, 5]


def test_a_whole_checkpoint_that_torch_cannot_read_is_left_where_it_is(storage, run, monkeypatch):
    def refuse(*arguments, **named):
        raise RuntimeError("not enough memory")

    monkeypatch.setattr("torch.load", refuse)
    with pytest.raises(TrainingError, match=r"5\.pt is what was written, by its SHA-256, but torch"):
        begin(storage.data, run.path)
    assert list(run.checkpoints()) == [4, 5]


def test_a_sum_of_an_earlier_file_of_a_step_does_not_condemn_the_new_one(tmp_path, monkeypatch):
    """Killed between the checkpoint and its sum, when a file of that step had been there before."""
    shelf = CheckpointFolder(tmp_path)
    for value in (1, 2):
        shelf.save({"value": torch.full((4,), value)}, 5, keep=2)
    with monkeypatch.context() as patch:
        patch.setattr(shelf, "prune", lambda *arguments, **how: pytest.fail("killed"))
        with pytest.raises(pytest.fail.Exception):
            shelf.save({"value": torch.full((4,), 3)}, 5, keep=2)
    assert shelf.load(5)["value"].tolist() == [3, 3, 3, 3]


def test_the_best_is_kept_beside_the_newest_and_has_a_sum(tmp_path):
    shelf = CheckpointFolder(tmp_path)
    for step in range(1, 6):
        shelf.save({"step": step}, step, keep=2, best=2 if step > 1 else None)
    assert list(shelf.files()) == [2, 4, 5]
    assert [line.split()[1] for line in shelf.sums_file.read_text().splitlines()] == [
        f"{step:09}.pt" for step in (2, 4, 5)
    ]


def test_what_a_kill_at_the_end_left_to_remove_is_removed(storage, run):
    shutil.copy(run.checkpoints()[4], run.checkpoint_folder.path / "000000002.pt")
    run.evolution_file.unlink()
    train(storage.data, run.path)
    assert list(run.checkpoints()) == [4, 5]


def test_what_torch_raises_on_a_full_disk_says_so(tmp_path, monkeypatch):
    """It speaks of positions in an archive; /dev/full is a disk that is always full."""
    monkeypatch.setattr("pathlib.Path.open", lambda path, *arguments, **named: FileIO("/dev/full", "w"))
    with pytest.raises(OSError, match="No space left on device") as raised:
        save_state({"value": torch.ones(1000)}, tmp_path / "state.pt")
    assert raised.value.filename == str(tmp_path / "state.pt")
    assert not list(tmp_path.iterdir())
