"""How the time of a step and the memory of a run grow: with the batch, the width, the pictures' size, their number.

    python benchmarks/growth.py [batch] [width] [size] [number] [--engine NAME] [--json]

Every point is a process of its own; all points of a series are there at once and take turns, so that each round meets
the same machine. Told are medians over the rounds, and what the largest point costs beside the smallest, per unit: 1
is linear growth, less is better; under `number`, nothing should grow at all. Memory is what a process has of its own
(`RssAnon`, its largest while it trains, read from outside): pages of the pack belong to the system's cache, which takes
them back when it needs them. That file is Linux'; memory is left out elsewhere.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from rivals.given import packed, pictures
from rivals.our_step import ENGINES
from rivals.turns import Contender, begun, by_turns, plain
from wgan.recipes import recipe

POLL_SECONDS = 0.005


class Series(NamedTuple):
    """What grows, in which recipe, and how a point is set."""

    recipe: str
    unit: str
    points: tuple[int, ...]
    steps: int
    """In a round."""

    def settings(self, name: str, point: int) -> dict[str, Any]:
        """The recipe's, changed."""
        match name:
            case "batch":
                return {"training.batch_size": point}
            case "width":
                return {"networks.generator_widths": [point] * 3, "networks.critic_widths": [point] * 3}
            case "size":
                return {"data.size": [point, point]}
        return {}

    def amount(self, name: str, point: int) -> int:
        """How many units: a hidden layer between two of its width has the width's square of weights."""
        return point**2 if name in ("width", "size") else point


SERIES = {
    "batch": Series("wgan-gp-mnist", "sample of a batch", (32, 64, 128, 256, 512), 3),
    "width": Series("wgan-gp-digits", "weight of a hidden layer", (256, 512, 768, 1024), 4),
    "size": Series("wgan-gp-celeba", "pixel", (64, 80, 96, 112), 1),
    "number": Series("wgan-gp-mnist", "picture", (1000, 4000, 16_000, 64_000), 5),
}
"""Sizes of one plan: the same layers, on more pixels. Widths from where products, and not calls, take the time."""


class Point(NamedTuple):
    """One process: what it was given, its milliseconds and those of the processor, its megabytes."""

    point: int
    amount: int
    milliseconds: float
    cpu_milliseconds: float
    megabytes: float | None


class Line(NamedTuple):
    """`base` + `slope` times the amount."""

    base: float
    slope: float
    explained: float
    """R squared: which share of the points' spread it is."""
    times: float
    """What the last point costs, by what the first does."""
    per_unit: float
    """The same for one unit of each."""


class Growth(NamedTuple):
    """A series: its points, and the lines through their costs."""

    points: list[Point]
    fits: dict[str, Line]


def line(amounts: Sequence[float], costs: Sequence[float]) -> Line:
    """The least squares fit of costs to amounts."""
    slope, base = np.polyfit(amounts, costs, 1)
    rest = np.square(np.array(costs) - base - slope * np.array(amounts)).sum()
    spread = np.square(np.array(costs) - np.mean(costs)).sum()
    explained = 1 - rest / spread if spread else 1.0
    times = costs[-1] / costs[0]
    return Line(float(base), float(slope), float(explained), times, times / (amounts[-1] / amounts[0]))


class Memory:
    """The largest private memory of each process, in bytes, looked at every few milliseconds."""

    def __init__(self, pids: Sequence[int]) -> None:
        self.largest = dict.fromkeys(pids, 0)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._done.wait(POLL_SECONDS):
            for pid in self.largest:
                self.largest[pid] = max(self.largest[pid], private(pid))

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def private(pid: int) -> int:
    """The bytes that no file stands behind; 0 where the system does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(row.split()[1]) << 10 for row in status.splitlines() if row.startswith("RssAnon:")), 0)


@contextmanager
def contenders(name: str, series: Series, given: argparse.Namespace) -> Iterator[dict[str, Contender]]:
    """The processes of a series, ready and warm."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        os.environ["WGAN_CACHE"] = str(folder / "cache")
        found = {}
        for point in given.points or series.points:
            settings = series.settings(name, point)
            config = recipe(series.recipe).with_settings(settings)
            data = pictures(config, point if name == "number" else 1000, folder / f"{point}.npy")
            packed(config, data)  # here: packing leaves memory behind in a process
            ours = {
                "threads": given.threads,
                "device": given.device,
                "recipe": series.recipe,
                "settings": settings,
                "data": data,
                "engine": given.engine,
            }
            found[str(point)] = begun("our_step", ours)
            stack.callback(found[str(point)].end)
            found[str(point)].ready()
            found[str(point)].steps(given.count or series.steps)
        yield found


def measured(name: str, given: argparse.Namespace) -> Growth:
    """One series."""
    series = SERIES[name]
    before = os.environ.get("WGAN_CACHE")
    try:
        with contenders(name, series, given) as found, Memory([one.process.pid for one in found.values()]) as memory:
            turns = by_turns(found, dict.fromkeys(found, given.count or series.steps), range(given.rounds))
            sizes = {point: memory.largest[one.process.pid] for point, one in found.items()}
    finally:
        os.environ.pop("WGAN_CACHE", None)
        os.environ |= {} if before is None else {"WGAN_CACHE": before}
    points = [
        Point(
            point=int(point),
            amount=series.amount(name, int(point)),
            milliseconds=1e3 * statistics.median(turn.wall for turn in rounds),
            cpu_milliseconds=1e3 * statistics.median(turn.cpu for turn in rounds),
            megabytes=sizes[point] / 1e6 or None,
        )
        for point, rounds in turns.items()
    ]
    columns = {key: [getattr(point, key) for point in points] for key in ("cpu_milliseconds", "megabytes")}
    amounts = [point.amount for point in points]
    return Growth(points, {key: line(amounts, costs) for key, costs in columns.items() if all(costs)})


def told(name: str, growth: Growth) -> Iterator[str]:
    """The points of a series, and its lines."""
    series = SERIES[name]
    yield f"\n{name} ({series.recipe}), per {series.unit}\n"
    yield "| point | ms a step | CPU ms | MB |"
    yield "| --- | --- | --- | --- |"
    for point in growth.points:
        memory = "" if point.megabytes is None else f"{point.megabytes:.0f}"
        yield f"| {point.point:,} | {point.milliseconds:.1f} | {point.cpu_milliseconds:.1f} | {memory} |"
    yield ""
    more = growth.points[-1].amount / growth.points[0].amount
    for what, fit in growth.fits.items():
        yield (
            f"{what}: {fit.base:.1f} + {fit.slope:.3g} a unit, R squared {fit.explained:.3f}; "
            f"{more:.0f} times as much costs {fit.times:.2f} times as much, {fit.per_unit:.2f} per unit"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("series", nargs="*", choices=[*SERIES, []], default=list(SERIES))
    parser.add_argument("--points", nargs="+", type=int, help="instead of the series' own")
    parser.add_argument("--engine", default=ENGINES[0])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--count", type=int, help="steps in a round")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    print(
        f"torch {torch.__version__}, {given.device}, {given.engine}, threads: {given.threads}, "
        f"load {os.getloadavg()[0]:.1f}; medians of {given.rounds} rounds",
        file=sys.stderr if given.json else sys.stdout,
    )
    results = {name: measured(name, given) for name in given.series}
    if given.json:
        print(json.dumps(plain(results)))
        return
    for name, growth in results.items():
        print("\n".join(told(name, growth)))


if __name__ == "__main__":
    main()
