"""What judging a run costs: the share of its time that goes into the lines of its log, and into comparisons.

    OMP_NUM_THREADS=1 python benchmarks/signals_cost.py [RECIPE ...]

Each recipe's networks are trained twice in one process, in turns of a few steps: one run never writes a line, the other
ends each turn with one; what it takes longer is a line. At the recipe's own `log_every` that is the share below.
Processor seconds, which other programs on the machine hardly change; medians of the repeats, and their quartiles. Data
that would have to be downloaded are random numbers of their shape, which cost the same. Of a line's time, `signals` are
measured by themselves; `verdict` is what the live display adds, late in the run, when it has the most lines to read.
A comparison with held-out reals is measured by itself, and its share is that of all of a run of the recipe's length.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from rich.console import Console

from wgan.diagnosis import Log, examine
from wgan.experiment.comparing import comparisons_of
from wgan.experiment.observer import observer_of
from wgan.experiment.plan import plan
from wgan.experiment.recorder import Event
from wgan.experiment.train import start
from wgan.experiment.trainer import Trainer
from wgan.recipes import recipe
from wgan.views.terminal import Terminal

NEVER = 10**9
WARM = 3
QUIET = Terminal(Console(quiet=True))


class Case(NamedTuple):
    """A recipe, the shape of the pictures made up for it (None: its own data), and how long to measure."""

    shape: tuple[int, ...] | None
    steps: int
    """Steps of each run in a repeat."""
    repeats: int


CASES = {
    "wgan-gp-digits": Case(None, 10, 60),
    "wgan-gp-toy": Case(None, 10, 60),
    "wgan-gp-mnist": Case((1, 28, 28), 2, 25),
    "wgan-gp-celeba": Case((3, 64, 64), 1, 12),
}


class Costs(NamedTuple):
    """Processor milliseconds: of each repeat's step, line, signals and comparison; and of a late verdict."""

    step: list[float]
    line: list[float]
    signals: list[float]
    comparison: list[float]
    verdict: float


def measured(name: str, case: Case, folder: Path) -> Costs:
    silent, talking = (_experiment(name, case.shape, folder / str(every), every) for every in (NEVER, case.steps))
    without, along = silent.events(), talking.events()
    observer = observer_of(talking.planned, talking.state)
    comparisons = comparisons_of(talking.planned)
    assert comparisons is not None
    costs = Costs([], [], [], [], _verdict(talking, along, case.steps))
    for repeat in range(WARM + case.repeats):
        plain = _cost(lambda: _advance(without, case.steps))
        whole = _cost(lambda: _advance(along, case.steps))
        signals = _cost(lambda: (observer.before_step(), observer.line()))
        comparison = _cost(lambda: comparisons.row(talking.state))
        if repeat >= WARM:
            costs.step.append(plain / case.steps)
            costs.line.append(whole - plain)
            costs.signals.append(signals)
            costs.comparison.append(comparison)
    without.close()
    along.close()
    return costs


def _experiment(name: str, shape: tuple[int, ...] | None, out: Path, log_every: int) -> Trainer:
    data = None if shape is None else np.random.default_rng(0).random((2000, *shape), np.float32) * 2 - 1
    output = {f"output.{kind}_every": NEVER for kind in ("sample", "checkpoint")}
    settings: dict[str, Any] = {**output, "output.log_every": log_every, "training.steps": NEVER, "device": "cpu"}
    settings |= {"precision": "fp32", "compile": "off", "threads": 1}  # so long a run would be tuned
    return start(plan(data, recipe=name, out=out, settings=settings), terminal=QUIET)


def _verdict(experiment: Trainer, events: Iterator[Event], steps: int) -> float:
    """What the diagnosis of as many lines as the recipe's run writes takes."""
    row = next(row for event in events if (row := event.row) is not None)
    settings = recipe(experiment.config.recipe)
    lines = settings.training.steps // settings.output.log_every
    rows = [{**row, "step": (i + 1) * steps} for i in range(lines)]
    return float(np.median([_cost(lambda: examine(experiment.setup, Log(rows))) for _ in range(5)]))


def _advance(events: Iterator[Event], steps: int) -> None:
    for _ in range(steps):
        next(events)


def _cost(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return 1000 * (time.process_time() - before)


def _row(name: str, case: Case, costs: Costs) -> str:
    log_every = recipe(name).output.log_every
    share = 100 * np.array(costs.line) / (log_every * np.median(costs.step))
    low, middle, high = np.percentile(share, [25, 50, 75])
    step, line, signals, comparison = (np.median(times) for times in costs[:4])
    config = recipe(name)
    count = sum(config.due(at).comparison for at in range(1, config.training.steps + 1))
    comparing = 100 * count * comparison / (config.training.steps * step)
    return (
        f"| {name} | {step:.2f} | {log_every} | {line:.1f} | {signals:.1f} | {costs.verdict:.1f} "
        f"| {middle:.2f}% ({low:.2f} to {high:.2f}) | {middle + 100 * costs.verdict / (log_every * step):.2f}% "
        f"| {comparison:.1f} | {count} | {comparing:.2f}% |"
    )


def main(names: list[str]) -> None:
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads; processor milliseconds\n")
    heads = ["recipe", "step", "log_every", "line", "of that, signals", "late verdict", "share (quartiles)"]
    heads += ["with the verdict", "comparison", "of them", "share of comparisons"]
    print(f"| {' | '.join(heads)} |")
    print(f"| {' | '.join(['---'] * len(heads))} |")
    for name in names or CASES:
        with tempfile.TemporaryDirectory() as folder:
            print(_row(name, CASES[name], measured(name, CASES[name], Path(folder))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
