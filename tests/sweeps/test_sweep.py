"""A sweep that was killed and interrupted ends in the table of one that was not."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import wgan
from helpers import QUIET
from wgan.cli import app
from wgan.sweeps import Sweep, carry_out, given_of, planned_sweep
from wgan.system.interruption import Interrupted
from wgan.views.terminal import Terminal

TEXTS = ["objective.penalty_weight=1,10"]
SETTINGS = {
    "training.steps": 16,
    "training.critic_steps": 1,
    "training.batch_size": 16,
    "output.checkpoint_every": 4,
    "output.log_every": 4,
    "output.rows": 2,
}


def planned(folder):
    return planned_sweep(Sweep("digits", None, given_of(SETTINGS, TEXTS), seeds=(0, 1)), folder, QUIET)


def command(folder):
    settings = [f"--set={key}={value}" for key, value in SETTINGS.items()]
    return ["sweep", "digits", *settings, f"--set={TEXTS[0]}", "--seeds", "2", "--jobs", "2", "--out", str(folder)]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """The table of runs that `train` made one by one, with the settings of the sweep."""
    folder = tmp_path_factory.mktemp("sweep") / "s"
    made = planned(folder)
    folder.mkdir()
    made.record()
    for run in made.runs:
        wgan.train("digits", settings=run.given, out=folder / run.name, progress=False)
    assert not made.unfinished
    carry_out(made, QUIET)
    return folder


class Interrupting(Terminal):
    """Presses Ctrl-C once a run has ended."""

    def say(self, text):
        if text.startswith("["):
            os.kill(os.getpid(), signal.SIGINT)


def test_killed_and_interrupted_it_ends_in_the_same_table(unbroken, tmp_path, foreground):
    folder = tmp_path / "s"
    arguments = [sys.executable, "-m", "wgan", *command(folder)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        for line in process.stdout:
            if line.startswith("[1/4]"):
                break
        os.killpg(process.pid, signal.SIGKILL)
    made = planned(folder)
    assert 0 < len(made.unfinished) < 4
    with pytest.raises(Interrupted, match="the same command goes on"):
        carry_out(made, Interrupting(QUIET.console), jobs=1)
    told = CliRunner().invoke(app, command(folder))
    assert told.exit_code == 0, told.output
    assert (folder / "sweep.csv").read_bytes() == (unbroken / "sweep.csv").read_bytes()
    assert (folder / "results.json").read_bytes() == (unbroken / "results.json").read_bytes()
    for run in made.runs:
        mine, theirs = (of / run.name / "generator.safetensors" for of in (folder, unbroken))
        assert mine.read_bytes() == theirs.read_bytes(), run.name
    assert re.search(r"^1 +(1|10) ", told.stdout, re.MULTILINE)


def test_what_is_done_is_only_ranked_and_the_page_loads_nothing(unbroken):
    before = (unbroken / "results.json").read_bytes()
    table = carry_out(planned(unbroken), QUIET)
    assert (unbroken / "results.json").read_bytes() == before
    assert [row.rank for row in table.rows] == [1, 2]
    page = (unbroken / "sweep.html").read_text(encoding="utf-8")
    links = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert [(unbroken / link).exists() for link in links if not link.startswith("data:")] == [True] * 5
    rows = json.loads(before)["rows"]
    assert rows[0]["mean"] < rows[1]["mean"]
    assert rows[0]["runs"][0]["others"]["energy"] > 0


def test_a_run_that_diverges_or_crashes_ends_only_itself(unbroken, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "crashing.py").write_text(
        f"import os\n\ndef value(samples, reals):\n    return 0.0 if os.getpid() == {os.getpid()} else os._exit(7)\n"
    )
    given = given_of({**SETTINGS, "output.metrics": ["crashing:value"]}, ["generator_optimizer.learning_rate=1e-4"])
    made = planned_sweep(Sweep("digits", None, given), tmp_path / "crash", QUIET)
    table = carry_out(made, QUIET)
    (run,) = table.runs
    assert (run.state, run.value) == ("failed", None)
    assert "ended with code 7" in run.failure
    diverging = Sweep("digits", None, given_of(SETTINGS, ["generator_optimizer.learning_rate=1e30"]))
    made = planned_sweep(diverging, tmp_path / "s", QUIET)
    (row,) = carry_out(made, QUIET).rows
    assert (row.rank, row.outcomes) == (None, {"diverged": 1})
    assert not made.unfinished, "what diverged would diverge again"
