"""What the processes of a sweep may say, and what they may not."""

import sys

from helpers import QUIET
from wgan.sweeps import Sweep, carry_out, given_of, planned_sweep
from wgan.sweeps.progress import Board
from wgan.sweeps.runner import Runner

SETTINGS = {"training.steps": 4, "training.critic_steps": 1, "training.batch_size": 16, "output.rows": 2}
PRINTING = """
import os

def value(samples, reals):
    print(3.5)
    print("x" * 200_000)
    print("null", flush=True)
    os.write(1, b"[1]\\n" + b"y" * 200_000 + b"\\n")
    return 1.0
"""


def planned(folder, **settings):
    return planned_sweep(Sweep("digits", None, given_of({**SETTINGS, **settings}, [])), folder, QUIET)


def test_what_a_users_code_prints_goes_to_the_log(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "printing.py").write_text(PRINTING)
    made = planned(tmp_path / "s", **{"output.metrics": ["printing:value"], "output.evaluate_every": 2})
    (run,) = carry_out(made, QUIET).runs
    assert run.state == "done", run.failure
    log = (tmp_path / "s" / "logs" / f"{run.name}.txt").read_text()
    assert log.count("3.5\n") >= 2
    assert "y" * 1000 in log


def test_a_process_that_says_what_nobody_reads_ends_and_is_told(tmp_path, monkeypatch):
    made = planned(tmp_path / "s")
    child = tmp_path / "child"
    lines = ["null", "3.5", "no JSON", '{"step": "much"}']
    child.write_text(
        f"#!{sys.executable}\nprint(*{lines}, sep='\\n')\nwhile True:\n    print('{{}}' * 1000, flush=True)\n"
    )
    child.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(child))
    runner = Runner(made.sweep, made.folder, 1, Board(QUIET, lambda run: ""))
    (told,) = runner.train(made.runs).values()
    assert told.startswith("what its process said cannot be read (ValueError")
