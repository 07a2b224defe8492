"""What it costs that threads wait for each other where other programs keep the processor busy.

    python benchmarks/busy.py [--steps N] [--others N] [--rounds N]

The same run of the recipe on digits, on all threads, in plain steps: with OpenMP's own waiting, which spins for
milliseconds, and with the shorter one that `import wgan` asks for. By turns, on the machine as it is, and beside
processes that only count. Seconds are those of the steps; a ratio above 1 says that ours is the faster.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

WAYS = {"OpenMP's own": "300000", "ours": "10000"}
"""GOMP_SPINCOUNT: how often a waiting thread looks before it sleeps. The first is libgomp's default."""
COUNTING = "while True: pass"


def seconds(steps: int, spins: str) -> float:
    """Of the steps of one run, from its log."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        command = [sys.executable, "-m", "wgan", "train", "digits", "--steps", str(steps), "--out", str(out)]
        settings = ["--set", f"threads={torch.get_num_threads()}", "--set", f"output.log_every={steps}"]
        plain = ["--compile", "off", "--precision", "fp32"]
        environment = os.environ | {"GOMP_SPINCOUNT": spins, "WGAN_CACHE": f"{folder}/cache"}
        subprocess.run([*command, *settings, *plain], env=environment, stdout=subprocess.DEVNULL, check=True)
        return float(json.loads((out / "metrics.jsonl").read_text().splitlines()[-1])["seconds"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--others", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(f"digits, {given.steps} steps, {torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f}\n")
    print("| beside | " + " | ".join(WAYS) + " | OpenMP's own takes x |\n| --- | --- | --- | --- |")
    for count in (0, given.others):
        others = [subprocess.Popen([sys.executable, "-c", COUNTING]) for _ in range(count)]
        try:
            rounds = [[seconds(given.steps, spins) for spins in WAYS.values()] for _ in range(given.rounds)]
        finally:
            for other in others:
                other.kill()
        cells = " | ".join(f"{statistics.median(column):.1f} s" for column in zip(*rounds, strict=True))
        ratios = sorted(theirs / ours for theirs, ours in rounds)
        told = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(f"| {count} counting processes | {cells} | {told} |", flush=True)


if __name__ == "__main__":
    main()
