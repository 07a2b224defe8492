"""Locks: they end with their process, and say who holds them; also where the system has none."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage.faults import until_killed
from storage.scenario import begin, train
from wgan.errors import InputError
from wgan.runs.ownership import LOCK, holding
from wgan.system.locks import JUDGING_SECONDS, Owner, locked, owner_of, this_process
from wgan.system.processes import alive, begun


def refuse(turn):
    raise BlockingIOError


def unsupported(file, operation):
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


@pytest.fixture(params=["flock", "no flock", "no fcntl"])
def system(request, monkeypatch):
    """What the system offers: locks, locks that this file system has not, or none."""
    if request.param == "no flock":
        monkeypatch.setattr("wgan.system.locks.fcntl.flock", unsupported)
    if request.param == "no fcntl":
        monkeypatch.setattr("wgan.system.locks.fcntl", None)
    return request.param


@pytest.fixture
def by_name(monkeypatch):
    monkeypatch.setattr("wgan.system.locks.fcntl", None)


def sign(path, **changes):
    path.write_text(json.dumps(vars(replace(this_process(), **changes))))


def test_one_holds_it_at_a_time_and_lets_go(tmp_path, system):
    path = tmp_path / "lock"
    for _ in range(2):
        with locked(path, refuse), pytest.raises(BlockingIOError), locked(path, refuse):
            pytest.fail("held twice")
        assert path.read_text() == ""


def test_a_lock_waits_for_its_turn(tmp_path, system, monkeypatch):
    """Eight processes add to a number, which each reads before it writes."""
    monkeypatch.setattr("wgan.system.locks.LOOK_SECONDS", 0.002)
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


def test_what_a_killed_process_held_is_taken_over(tmp_path, system):
    path = tmp_path / "lock"

    def hold_and_die():
        with locked(path, refuse):
            os.kill(os.getpid(), signal.SIGKILL)

    assert until_killed(hold_and_die) == signal.SIGKILL
    assert not owner_of(path).runs
    with locked(path, refuse):
        assert owner_of(path).process == os.getpid()


def test_the_refusal_says_who_holds_the_folder(storage, tmp_path, system):
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


def test_a_process_of_another_machine_is_taken_to_run(tmp_path, by_name):
    sign(tmp_path / LOCK, host="elsewhere", process=1)
    with pytest.raises(InputError, match=r"process 1 on elsewhere.*If elsewhere no longer runs it, delete .*\.lock"):  # noqa: SIM117
        with holding(tmp_path):
            pytest.fail("taken")


@pytest.mark.parametrize("changes", [{"begun": "another boot 1"}, {"process": 2**22 + 1}])
def test_a_number_that_is_used_again_is_another_process(tmp_path, by_name, changes):
    if begun(os.getpid()) is None:
        changes = {"process": 2**22 + 1}
    sign(tmp_path / "lock", **changes)
    with locked(tmp_path / "lock", refuse):
        assert owner_of(tmp_path / "lock") == this_process() or owner_of(tmp_path / "lock").process == os.getpid()


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"process": "x"}', "\0" * 40])
def test_a_file_that_names_nobody_is_free(tmp_path, by_name, content):
    (tmp_path / "lock").write_text(content)
    with locked(tmp_path / "lock", refuse):
        pass


def test_who_was_killed_while_judging_does_not_stop_others_for_long(tmp_path, by_name):
    judging = tmp_path / "lock.judging"
    judging.touch()
    with pytest.raises(BlockingIOError), locked(tmp_path / "lock", refuse):
        pytest.fail("taken")
    old = judging.stat().st_mtime - JUDGING_SECONDS - 1
    os.utime(judging, (old, old))
    for _ in range(2):  # the first removes it, the second finds it gone
        try:
            with locked(tmp_path / "lock", refuse):
                return
        except BlockingIOError:
            continue
    pytest.fail("never free")


def test_an_error_of_the_disk_is_not_a_missing_lock(tmp_path, monkeypatch):
    def fail(file, operation):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("wgan.system.locks.fcntl.flock", fail)
    with pytest.raises(OSError, match="Input/output error"), locked(tmp_path / "lock", refuse):
        pytest.fail("taken")


def test_the_day_is_told_where_it_is_another():
    yesterday = datetime.now().astimezone() - timedelta(days=1, hours=1)
    assert f"since {yesterday:%Y-%m-%d %H:%M}: wgan" in str(Owner(1, "x", yesterday.isoformat(), "wgan train"))
    assert str(Owner(1, "x", "once", "wgan train")) == "process 1 on x: wgan train"


def test_processes_that_run_and_that_do_not():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert alive(process.pid)
        assert begun(process.pid) != begun(os.getpid())
        process.communicate(b"\n")
    assert not alive(process.pid)
    assert begun(process.pid) is None
    assert alive(os.getpid())
