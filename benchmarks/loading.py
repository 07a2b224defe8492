"""An epoch of batches: every picture decoded anew by a DataLoader, or gathered from the pack. Nothing is trained.

    python benchmarks/loading.py [FOLDER] [--workers N ...] [--rounds N] [--json]

By turns in one process: the tutorial's data set (opened, resized, cut, normalised by Pillow and torch, 64x64) with each
number of worker processes, and our batches. Packing itself, with an empty cache, is timed once; after how many epochs
it has paid is told. Without a FOLDER, 2,000 JPEGs of 96x96 are made.
"""

import argparse
import json
import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader

from packing import make_pictures
from rivals.given import packed
from rivals.turns import plain, ratio
from rivals.tutorial import Normalize, to_tensor
from rivals.tutorial_faces import BATCH_SIZE, Faces, resized
from wgan.experiment.build import batches
from wgan.recipes import recipe


def decoding(folder: Path, workers: int) -> Callable[[], int]:
    """An epoch of the tutorial's loader; how many pictures it gave."""
    normalize = Normalize([0.5] * 3, [0.5] * 3)
    data = Faces(folder, lambda image: normalize(to_tensor(resized(image))))
    loader: DataLoader[Any] = DataLoader(data, batch_size=BATCH_SIZE, shuffle=True, num_workers=workers)
    return lambda: sum(len(real) for real, _ in loader)


def gathering(folder: Path, count: int) -> Callable[[], int]:
    """As many pictures of ours, in whole batches."""
    config = recipe("wgan-gp-celeba")
    real = batches(config, packed(config, str(folder)), torch.device("cpu"))
    numbers = range(-(-count // BATCH_SIZE))
    return lambda: sum(len(real(number)) for number in numbers)


def seconds(work: Callable[[], int]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measured(folder: Path, workers: Sequence[int], rounds: int) -> dict[str, Any]:
    """Seconds of packing; of an epoch, round by round; and how many times as long decoding takes."""
    count = len(Faces(folder, to_tensor))
    with tempfile.TemporaryDirectory() as cache:
        before = os.environ.get("WGAN_CACHE")
        os.environ["WGAN_CACHE"] = cache
        try:
            packing = seconds(lambda: len(packed(recipe("wgan-gp-celeba"), str(folder))))
            ways = {f"decoding, workers: {number}": decoding(folder, number) for number in workers}
            ours = gathering(folder, count)
            times: dict[str, list[float]] = {name: [] for name in (*ways, "ours")}
            for i in range(rounds):
                order = [*ways, "ours"] if i % 2 else ["ours", *ways]
                for name in order:
                    times[name].append(seconds(ways.get(name, ours)))
        finally:
            os.environ.pop("WGAN_CACHE")
            os.environ |= {} if before is None else {"WGAN_CACHE": before}
    gathered = statistics.median(times["ours"])
    gains = {name: statistics.median(times[name]) - gathered for name in ways}
    return {
        "pictures": count,
        "packing_seconds": packing,
        "epoch_seconds": times,
        "times": {name: ratio(times[name], times["ours"]) for name in ways},
        "paid_after_epochs": {name: packing / gain if gain > 0 else math.inf for name, gain in gains.items()},
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--workers", nargs="+", type=int, default=[0, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as made:
        if given.folder is None:
            make_pictures(Path(made), 2000)
        found = measured(given.folder or Path(made), given.workers, given.rounds)
    if given.json:
        print(json.dumps(plain(found)))
        return
    print(
        f"{found['pictures']:,} pictures, packed once in {found['packing_seconds']:.1f} s; "
        f"load {os.getloadavg()[0]:.1f}; ratios: median (least to most) of {given.rounds} rounds\n"
    )
    print("| an epoch | seconds | ours x | packing has paid after epochs |")
    print("| --- | --- | --- | --- |")
    for name, times in found["epoch_seconds"].items():
        paid = f"{found['paid_after_epochs'][name]:.1f}" if name in found["times"] else ""
        print(f"| {name} | {statistics.median(times):.3f} | {found['times'].get(name, '')} | {paid} |")


if __name__ == "__main__":
    main()
