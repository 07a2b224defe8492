"""Whole processes by turns: `wgan train` against a tutorial-style script, start-up included.

    python benchmarks/against_tutorial.py [mnist|faces] [FOLDER] [--epochs N] [--rounds N] [-- FLAG ...]

Same networks, batch, updates of both players and grids of 25; what else each writes, it writes. Ours runs with a cold
cache (it packs the data) and with a warm one. Flags after -- go to `wgan train`: -- --precision bf16 --compile on.
The ratios are the script's time by ours, round by round: above 1, ours is the faster. The script detaches the fakes
of the critic's step; --as-published has it leave the generator in that graph, as those found on the web do. Without a
FOLDER, the data are those beside the checkout.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch

from rivals.turns import BENCHMARKS, Turn, plain, ratio
from rivals.tutorial import CRITIC_STEPS, SAMPLE_EVERY, to_tensor


class Work(NamedTuple):
    """What both do."""

    recipe: str
    script: str
    folder: str
    batch_size: int = 64


WORKS = {
    "mnist": Work("wgan-gp-mnist", "tutorial_mnist", "mnist"),
    "faces": Work("wgan-gp-celeba", "tutorial_faces", "celeba_faces"),
}
SHARED = BENCHMARKS.parents[1] / "shared" / "data"
OURS = {"ours, cold cache": False, "ours, warm cache": True}
THEIRS = "tutorial"


def ours(work: Work, data: Path, steps: int, out: Path, flags: Sequence[str]) -> list[str]:
    """The command for as many updates and as many pictures as theirs."""
    settings = [f"output.sample_every={SAMPLE_EVERY // CRITIC_STEPS}", "output.rows=5", "output.columns=5"]
    return [
        *(sys.executable, "-m", "wgan", "train", str(data), "--recipe", work.recipe, "--steps", str(steps)),
        *("--fresh", "--out", str(out)),
        *(part for setting in settings for part in ("--set", setting)),
        *flags,
    ]


def theirs(work: Work, data: Path, epochs: int, out: Path, as_published: bool) -> list[str]:
    command = [sys.executable, "-m", f"rivals.{work.script}", str(data), "--epochs", str(epochs), "--out", str(out)]
    return [*command, "--as-published"] if as_published else command


def updates(work: Work, data: Path, epochs: int) -> int:
    """How many generator updates theirs does: one for each fifth batch of an epoch, the first included."""
    from rivals.tutorial_faces import Faces
    from rivals.tutorial_mnist import MNIST

    pictures = len((MNIST if work.script == "tutorial_mnist" else Faces)(data, to_tensor))
    batches = -(-pictures // work.batch_size)
    return epochs * -(-batches // CRITIC_STEPS)


def timed(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Turn:
    """Seconds from its start to its end, and those of the processor in it and in the processes it had.

    Raises:
        SystemExit: it failed; with what it said.
    """
    environment = {**os.environ, **environment}
    environment.pop("GOMP_SPINCOUNT", None)  # which `import wgan` sets here; ours does again, and no script on the web
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # set in some images, where each start compiles a checkout anew
    with open(folder / "output.txt", "w+") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        _, status, usage = os.wait4(process.pid, 0)  # rusage of this child alone
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise SystemExit(f"{' '.join(command)}\n{output.read()[-2000:]}")
    return Turn(wall, usage.ru_utime + usage.ru_stime)


def measured(given: argparse.Namespace, work: Work) -> dict[str, list[Turn]]:
    """The times of each, round by round; who begins changes."""
    steps = updates(work, given.folder, given.epochs)
    found: dict[str, list[Turn]] = {name: [] for name in (THEIRS, *OURS)}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        warm = folder / "warm"
        train = ours(work, given.folder, 1, folder / "first", given.flags)
        timed(train, {"WGAN_CACHE": str(warm)}, folder)  # packs; and reads all files once, for everybody
        names = list(found)
        for i in range(given.rounds):
            for name in names[i % 3 :] + names[: i % 3]:
                out = folder / f"{name}-{i}"
                if name == THEIRS:
                    command = theirs(work, given.folder, given.epochs, out, given.as_published)
                    found[name].append(timed(command, {"PYTHONPATH": places(BENCHMARKS)}, folder))
                else:
                    cache = warm if OURS[name] else folder / f"cold-{i}"
                    command = ours(work, given.folder, steps, out, given.flags)
                    found[name].append(timed(command, {"WGAN_CACHE": str(cache)}, folder))
                print(f"round {i}: {name}: {found[name][-1].wall:.1f} s", file=sys.stderr, flush=True)
    return found


def places(first: Path) -> str:
    return os.pathsep.join(part for part in (str(first), os.environ.get("PYTHONPATH")) if part)


def rows(found: dict[str, list[Turn]]) -> list[dict[str, Any]]:
    """One for each: seconds of every round, and how many times as long the tutorial's script took."""

    def against(name: str, kind: int) -> Any:
        return ratio([turn[kind] for turn in found[THEIRS]], [turn[kind] for turn in found[name]])

    return [
        {
            "name": name,
            "seconds": [turn.wall for turn in turns],
            "cpu_seconds": [turn.cpu for turn in turns],
            "faster": against(name, 0) if name in OURS else None,
            "faster_by_cpu": against(name, 1) if name in OURS else None,
        }
        for name, turns in found.items()
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    at = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=WORKS, default="mnist")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--as-published", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments[:at])
    given.flags = arguments[at + 1 :]
    work = WORKS[given.what]
    given.folder = given.folder or SHARED / work.folder
    if not given.folder.is_dir():
        print(f"Left out: there is no {work.folder} beside this checkout.", file=sys.stderr)
        return
    table = rows(measured(given, work))
    if given.json:
        print(json.dumps(plain(table)))
        return
    print(
        f"{work.recipe}, epochs: {given.epochs}, wgan train {' '.join(given.flags)}; torch {torch.__version__}, "
        f"{os.cpu_count()} cores, OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', '')}, "
        f"load {os.getloadavg()[0]:.1f}, {platform.machine()}; median (least to most) of {given.rounds} rounds\n"
    )
    print("| process | seconds | CPU seconds | the tutorial takes x | by CPU time |")
    print("| --- | --- | --- | --- | --- |")
    for row in table:
        spans = [
            f"{statistics.median(row[key]):.1f} ({min(row[key]):.1f} to {max(row[key]):.1f})"
            for key in ("seconds", "cpu_seconds")
        ]
        print(f"| {row['name']} | {' | '.join(spans)} | {row['faster'] or ''} | {row['faster_by_cpu'] or ''} |")


if __name__ == "__main__":
    main()
