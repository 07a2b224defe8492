"""Signals: which are handled, when, and with which exit code and message the program ends."""

import os
import signal
import subprocess
import time

import pytest
from typer.testing import CliRunner

from storage.scenario import begin, command
from storage.snapshot import torn_lines, unfinished
from wgan.cli import app
from wgan.runs.run import Run
from wgan.system.interruption import SIGNALS, Interrupted, listening, raising

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGUSR1: 138}


pytestmark = pytest.mark.usefixtures("foreground")


def test_these_are_heard():
    assert set(CODES) == set(SIGNALS)


@pytest.mark.parametrize("number", SIGNALS)
def test_outside_training_a_signal_ends_the_command_with_one_line_and_its_code(number, monkeypatch):
    monkeypatch.setattr("wgan.recipes.catalogue.catalogue_facts", lambda: signal.raise_signal(number))
    result = CliRunner().invoke(app, ["recipes"])
    assert result.exit_code == CODES[number]
    assert result.output == ("Interrupted.\n" if number == signal.SIGINT else f"Interrupted by {number.name}.\n")
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.parametrize("arguments", [["sample", "-n", "2", "--out", "new.png"], ["evaluate", "-n", "3"]])
def test_sampling_and_evaluating_leave_nothing_half_done(storage, arguments, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    run = storage.folder / "unbroken" / "run"
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    real = os.replace  # the last moment: all is written, under a temporary name
    monkeypatch.setattr("os.replace", lambda *paths: (signal.raise_signal(signal.SIGTERM), real(*paths)))
    monkeypatch.setattr(Run, "append_evaluation", lambda *_: signal.raise_signal(signal.SIGTERM))
    result = CliRunner().invoke(app, [arguments[0], str(run), *arguments[1:]])
    assert result.exit_code == 143
    assert result.stderr.endswith("Interrupted by SIGTERM.\n")
    assert not list(tmp_path.iterdir())
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


def test_packing_that_was_interrupted_goes_on(faces, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WGAN_CACHE", str(tmp_path / "cache"))
    from wgan.data.unfinished_pack import Rows

    real = Rows.append

    def append(self, sample, content):
        real(self, sample, content)
        if self.next_item == 7:
            signal.raise_signal(signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr(Rows, "append", append)
        result = CliRunner().invoke(app, ["data", str(faces)])
    assert result.exit_code == 143
    assert result.stderr == "Interrupted by SIGTERM.\n"
    result = CliRunner().invoke(app, ["data", str(faces)])
    assert "packing faces, continuing at sample 8 (5)" in result.output


def test_a_second_signal_of_a_scheduler_does_not_stop_the_saving(storage, tmp_path):
    running = begin(storage.data, tmp_path / "run")
    with pytest.raises(Interrupted, match="Saved at step 3") as interrupted:  # noqa: PT012
        for event in running.events():
            if event.step == 3:
                for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGTERM):
                    signal.raise_signal(number)
    assert interrupted.value.signal == signal.SIGUSR1
    assert max(running.run.checkpoints()) == 3


def test_ctrl_c_again_acts_at_once():
    with listening() as interruption:
        signal.raise_signal(signal.SIGTERM)
        assert interruption.signal == signal.SIGTERM
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_a_lost_connection_that_is_to_be_ignored_is():
    """As under nohup."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with raising(), listening() as interruption:
        signal.raise_signal(signal.SIGHUP)
        assert interruption.signal is None
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


PLAIN = {"precision": "fp32", "compile": "off", "threads": 1}
"""Avoids the search for the fastest engine, which takes a quarter of a minute."""


def test_the_command_line_saves_and_says_so(storage, tmp_path):
    """The program in a subprocess, stopped by a signal once it trains."""
    endless = command(storage.data, "run", training__steps=1_000_000, output__metrics=[], **PLAIN)
    metrics = tmp_path / "run" / "metrics.jsonl"
    with subprocess.Popen(endless, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        try:
            for _ in range(600):
                if process.poll() is not None or (metrics.exists() and metrics.stat().st_size):
                    break
                time.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 143, said
    assert said.startswith("Interrupted by SIGTERM. Saved at step ")
    assert said.count("\n") == 1
    run = Run.open(tmp_path / "run")
    assert f"Saved at step {max(run.checkpoints())};" in said
    assert torn_lines(run.path) == 0
    assert unfinished(run.path) == []
