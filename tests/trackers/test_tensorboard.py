"""TensorBoard's files: as if the run had never been interrupted, by TensorBoard's own reader."""

import errno
import os

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.tensorboard import SummaryWriter

from storage.scenario import train
from storage.snapshot import events
from wgan.trackers.tensorboard import EventWriter, rewind


@pytest.fixture
def told(tmp_path):
    """Steps 1 to 6, a number and a picture each, in two files."""
    for first in (1, 4):
        board = EventWriter(tmp_path, first - 1)
        for step in range(first, first + 3):
            board.scalar("loss", step / 2, step)
            board.image("grid", Image.new("L", (4, 4), step), step)
        board.close()
    return tmp_path


def files(folder):
    return sorted(folder.iterdir())


def up_to(step):
    return lambda tag, at: at <= step


def test_what_is_written_is_what_torch_would_write(told, tmp_path_factory):
    folder = tmp_path_factory.mktemp("torch")
    with SummaryWriter(str(folder)) as writer:
        for step in range(1, 7):
            writer.add_scalar("loss", step / 2, step)
            writer.add_image("grid", np.full((4, 4), step, np.uint8), step, dataformats="HW")
    assert events(told) == events(folder)
    assert [step for step, _ in events(told)["loss"]] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("step", [0, 2, 3, 5, 6])
def test_a_run_that_goes_back_takes_back(told, step):
    whole = events(told)
    untouched = files(told)[0].read_bytes()
    rewind(told, up_to(step))
    assert events(told) == {tag: values[:step] for tag, values in whole.items() if step}
    assert len(files(told)) == (step + 2) // 3, "files that have nothing left are gone"
    if step >= 3:
        assert files(told)[0].read_bytes() == untouched


@pytest.mark.parametrize("cut", [1, 5, 20, 200])
def test_a_record_that_was_cut_short_goes_and_what_comes_after_is_read(told, cut):
    for path in files(told):
        os.truncate(path, path.stat().st_size - cut)
    rewind(told, up_to(6))
    left = events(told)["loss"]
    board = EventWriter(told, 6)
    board.scalar("loss", 3.5, 7)
    board.close()
    assert events(told)["loss"] == [*left, (7, 3.5)]
    assert [step for step, _ in left] in ([1, 2, 3, 4, 5, 6], [1, 2, 4, 5])


def test_bytes_that_are_no_record_end_a_file(told):
    with files(told)[0].open("ab") as file:
        file.write(bytes(range(200)))
    whole = files(told)[0].stat().st_size
    rewind(told, up_to(6))
    assert files(told)[0].stat().st_size == whole - 200
    assert [step for step, _ in events(told)["loss"]] == [1, 2, 3, 4, 5, 6]


def test_what_is_told_twice_is_kept_once(tmp_path):
    """As older versions left it, which only hid from TensorBoard what a killed run had told it."""
    for first, last in ((1, 3), (2, 4)):
        with SummaryWriter(str(tmp_path), purge_step=first, filename_suffix=str(first)) as writer:
            for step in range(first, last + 1):
                writer.add_scalar("loss", step / 2, step)
    size = files(tmp_path)[0].stat().st_size
    rewind(tmp_path, up_to(4))
    assert events(tmp_path)["loss"] == [(1, 0.5), (2, 1.0), (3, 1.5), (4, 2.0)]
    assert files(tmp_path)[0].stat().st_size < size
    rewind(tmp_path, up_to(1))
    assert len(files(tmp_path)) == 1


def test_files_are_read_in_their_order_when_the_clock_was_set_back(tmp_path, monkeypatch):
    for step, clock in ((1, 2_000_000_000), (2, 1_000_000_000), (3, 1_000_000_000)):
        monkeypatch.setattr("time.time", lambda clock=clock: float(clock))
        board = EventWriter(tmp_path, step - 1)
        board.scalar("loss", step / 2, step)
        board.close()
    monkeypatch.undo()
    assert events(tmp_path)["loss"] == [(1, 0.5), (2, 1.0), (3, 1.5)]


def test_the_extra_line_of_an_end_is_taken_back_from_a_longer_run(storage, tmp_path):
    train(storage.data, tmp_path / "run", training__steps=3)
    assert [step for step, _ in events(tmp_path / "run" / "tensorboard")["distance"]] == [2, 3]
    train(storage.data, tmp_path / "run")
    assert events(tmp_path / "run" / "tensorboard") == storage.unbroken["tensorboard"]


def test_an_error_of_the_disk_names_the_file_and_the_moment(told, monkeypatch):
    board = EventWriter(told, 6)
    monkeypatch.setattr("os.fsync", lambda descriptor: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left")))
    with pytest.raises(OSError, match="No space left") as raised:
        board.sync()
    assert raised.value.filename == str(files(told)[-1])
    board.close()
    torch.testing.assert_close(len(files(told)), 3)
