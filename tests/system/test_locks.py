"""Locks: they end with their process, and name the process that holds them."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage.faults import until_killed
from storage.scenario import begin, train
from wgan.errors import InputError
from wgan.runs.ownership import LOCK, holding
from wgan.system.locks import UNSUPPORTED, Owner, locked, owner_of, this_process
from wgan.system.processes import alive


def refuse(turn):
    raise BlockingIOError


def sign(path, **changes):
    """Name another owner of a lock."""
    path.with_name(f"{path.name}.owner").write_text(json.dumps(vars(replace(this_process(), **changes))))


def test_one_holds_it_at_a_time_and_lets_go(tmp_path):
    path = tmp_path / "lock"
    for _ in range(2):
        with locked(path, refuse):
            assert owner_of(path).process == os.getpid()
            with pytest.raises(BlockingIOError), locked(path, refuse):
                pytest.fail("held twice")
            assert owner_of(path).process == os.getpid(), "who was refused does not change the owner"
        assert owner_of(path) is None


def test_a_lock_waits_for_its_turn(tmp_path):
    """Eight processes add to a number, which each reads before it writes."""
    path, number = tmp_path / "lock", tmp_path / "number"
    number.write_text("0")
    processes = []
    for _ in range(8):
        if not (process := os.fork()):
            try:
                for _ in range(5):
                    with locked(path, lambda turn: turn):
                        number.write_text(str(int(number.read_text()) + 1))
                os._exit(0)
            finally:
                os._exit(1)
        processes.append(process)
    assert [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in processes] == [0] * 8
    assert number.read_text() == "40"


def test_what_a_killed_process_held_is_taken_over(tmp_path):
    path = tmp_path / "lock"

    def hold_and_die():
        with locked(path, refuse):
            os.kill(os.getpid(), signal.SIGKILL)

    assert until_killed(hold_and_die) == signal.SIGKILL
    assert not alive(owner_of(path).process), "it is still named"
    with locked(path, refuse):
        assert owner_of(path).process == os.getpid()


def test_the_refusal_says_who_holds_the_folder(storage, tmp_path):
    events = begin(storage.data, tmp_path / "run").events()
    next(events)
    with pytest.raises(InputError) as refused:
        begin(storage.data, tmp_path / "run")
    told = str(refused.value)
    assert f"(process {os.getpid()} on {socket.gethostname()}, since {datetime.now():%H:}" in told
    assert os.path.basename(sys.argv[0]) in told
    assert "Wait for it, stop it, or use --out" in told
    assert "delete" not in told
    events.close()
    train(storage.data, tmp_path / "run")


def test_a_process_of_another_machine_may_be_gone(tmp_path):
    with locked(tmp_path / LOCK, refuse):
        sign(tmp_path / LOCK, host="elsewhere", process=1)
        told = r"process 1 on elsewhere.*If elsewhere no longer runs it, delete .*\.lock"
        with pytest.raises(InputError, match=told), holding(tmp_path):
            pytest.fail("taken")


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"process": "x"}', "\0" * 40, "[" * 10**5])
def test_an_owner_file_that_names_nobody(tmp_path, content):
    with locked(tmp_path / LOCK, refuse):
        (tmp_path / f"{LOCK}.owner").write_text(content)
        with pytest.raises(InputError, match=r"Another process is training in \S+\. "), holding(tmp_path):
            pytest.fail("taken")


@pytest.mark.parametrize("content", ["", json.dumps(vars(this_process()) | {"begun": "another boot 1"})])
def test_the_lock_file_of_an_older_version_is_free(tmp_path, content):
    """It held the owner, who may have been killed."""
    (tmp_path / LOCK).write_text(content)
    with holding(tmp_path):
        assert owner_of(tmp_path / LOCK).process == os.getpid()


@pytest.mark.parametrize("number", sorted(UNSUPPORTED))
def test_a_file_system_without_locks_is_refused(tmp_path, monkeypatch, number):
    def fail(file, operation):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", fail)
    with pytest.raises(InputError, match=r"does not support file locks.*--out"), locked(tmp_path / "lock", refuse):
        pytest.fail("taken")


def test_an_error_of_the_disk_is_not_a_missing_lock(tmp_path, monkeypatch):
    def fail(file, operation):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("fcntl.flock", fail)
    with pytest.raises(OSError, match="Input/output error"), locked(tmp_path / "lock", refuse):
        pytest.fail("taken")


def test_the_day_is_told_where_it_is_another():
    yesterday = datetime.now().astimezone() - timedelta(days=1, hours=1)
    assert f"since {yesterday:%Y-%m-%d %H:%M}: wgan" in str(Owner(1, "x", yesterday.isoformat(), "wgan train"))
    assert str(Owner(1, "x", "once", "wgan train")) == "process 1 on x: wgan train"


def test_processes_that_run_and_that_do_not():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert alive(process.pid)
        process.communicate(b"\n")
    assert not alive(process.pid)
    assert alive(os.getpid())


def test_a_lock_whose_folder_was_renamed_is_not_the_lock_of_that_path(tmp_path):
    """As `--fresh` renames a run while another process waits for its lock."""
    (tmp_path / "run").mkdir()
    with locked(tmp_path / "run" / ".lock", refuse):
        opened, renamed = threading.Event(), threading.Event()

        def second():
            def wait(turn):
                opened.set()
                assert renamed.wait(10)  # a waiting lock makes its folder again, which would race with ours
                return turn

            with locked(tmp_path / "run" / ".lock", wait):
                held.append(owner_of(tmp_path / "run" / ".lock"))

        held = []
        waiting = threading.Thread(target=second)
        waiting.start()
        assert opened.wait(10)
        (tmp_path / "run").rename(tmp_path / "run.old-1")
        (tmp_path / "run").mkdir()
        with locked(tmp_path / "run" / ".lock", refuse):
            renamed.set()
            assert held == []
    waiting.join(10)
    assert held == [this_process()] or held[0].process == os.getpid()
    assert not (tmp_path / "run" / ".lock.owner").exists()
