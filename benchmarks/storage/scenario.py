"""A run that uses every feature of a run, in a fraction of a second."""

import json
import math
import os
import re
import shutil
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from PIL import Image
from rich.console import Console

from storage.faults import Writes, failing, killing, until_killed
from storage.snapshot import differences, snapshot, torn_lines, unfinished
from wgan.errors import WganError
from wgan.experiment.plan import plan
from wgan.experiment.train import start, watch
from wgan.runs.run import Run
from wgan.views.terminal import Terminal

SETTINGS = {
    "training.steps": 5,
    "training.batch_size": 4,
    "training.critic_steps": 1,
    "networks.name": "mlp",
    "networks.latent_size": 2,
    "networks.generator_widths": (4,),
    "networks.critic_widths": (4,),
    "output.log_every": 2,
    "output.sample_every": 2,
    "output.checkpoint_every": 2,
    "output.evaluate_every": 2,
    "output.metrics": ("diversity",),
    "output.rows": 1,
    "output.columns": 2,
}


def prepare(folder):
    """Write pictures to train on into a folder."""
    torch.set_num_threads(1)
    data = Path(folder) / "pictures.npy"
    np.save(data, np.random.default_rng(0).integers(0, 256, (40, 4, 4), dtype=np.uint8))
    return data


QUIET = Terminal(Console(quiet=True))


def begin(data, out, *, fresh=False, **changes):
    """The trainer of a new or resumed run; `changes` are settings, with `__` for the dot in their names."""
    settings = SETTINGS | {key.replace("__", "."): value for key, value in changes.items()}
    planned = plan(str(data), recipe="wgan-gp-digits", out=out, settings=settings)
    return start(planned, fresh=fresh, terminal=QUIET)


def command(data, out, **changes):
    """The same run as a command line."""
    settings = SETTINGS | {key.replace("__", "."): value for key, value in changes.items()}
    values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in settings.items()}
    words = ["train", str(data), "--recipe", "wgan-gp-digits", "--out", str(out)]
    return [sys.executable, "-m", "wgan", *words, *(f"--set={key}={value}" for key, value in values.items())]


def train(data, out, **how):
    """Train to the end, as `wgan train` does, but without plotting the curves, which takes most of the time."""
    token = Image.new("L", (8, 8))
    with (
        mock.patch("wgan.runs.writer.curves", return_value=token),
        mock.patch("wgan.data.unfinished_pack.LONGEST", math.inf),  # the number of writes depends on no clock
        begin(data, out, **how) as trainer,
    ):
        watch(trainer, QUIET)
    return trainer


class Storage:
    """A folder with data, an undisturbed run, and disturbed runs beside it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.data = prepare(self.folder)
        with self._in(self.folder / "unbroken") as place, Writes(place).counted() as writes:
            train(self.data, place / "run")
        self.writes = writes.seen
        """Every write of the undisturbed run, in order: (operation, file)."""
        self.unbroken = snapshot(self.folder / "unbroken" / "run")

    def kinds(self):
        """The number of the first write of each kind: an operation and a file name, ignoring the numbers in it."""
        first = {}
        for number, (operation, name) in enumerate(self.writes, 1):
            first.setdefault((operation, re.sub(r"[0-9a-f]{16,}|\d+", "#", name)), number)
        return sorted(first.values())

    def after_failure(self, number):
        """Make a write fail, then train again; return the error message, and a list of what is wrong."""
        told, wrong = "", []
        with self._in(self.folder / f"failed-{number}") as place:
            # On a full disk, all later writes fail too. A single error is rarer, and tests other paths.
            with Writes(place, failing(number, lasting=number % 2 == 0)).counted():
                try:
                    train(self.data, place / "run")
                except WganError as error:
                    told = str(error)
                except Exception as error:
                    wrong.append(f"{type(error).__name__} is not a WganError: {error}")
            return told, [*wrong, *self._gone_on_with(place)]

    def after_kill(self, number):
        """Kill the process at a write, then train again; return a list of what is wrong."""
        with self._in(self.folder / f"killed-{number}") as place:

            def work():
                with Writes(place, killing(number)).counted():
                    train(self.data, place / "run")

            wrong = [] if until_killed(work) == signal.SIGKILL else ["it was not killed"]
            return [*wrong, *self._gone_on_with(place)]

    @contextmanager
    def _in(self, place):
        """Create a folder with its own cache."""
        place.mkdir()
        with mock.patch.dict(os.environ, WGAN_CACHE=str(place / "cache")):
            yield place

    def _gone_on_with(self, place):
        run, wrong = Run(place / "run"), []
        for step in run.checkpoints():
            try:
                run.load_checkpoint(step)
            except WganError as error:
                wrong.append(str(error))
        try:
            train(self.data, place / "run")
        except WganError as error:
            return [*wrong, f"the same command fails: {error}"]
        wrong += [f"{name} differs" for name in differences(snapshot(place / "run"), self.unbroken)]
        wrong += [f"{name} is left" for name in unfinished(place / "run")]
        wrong += ["lines are torn"] * (torn_lines(place / "run") > 0)
        shutil.rmtree(place)
        return wrong
