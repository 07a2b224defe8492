"""What augmentation does where pictures are few: the same runs with and without, judged by pictures kept apart.

    python benchmarks/few_pictures.py train FOLDER --out DIR [--count 300] [--size 32] [--seeds 0 1 2]
        [--augmentations none ada diffaugment] [--steps N] [--recipe NAME] [--set KEY=VALUE ...]
    python benchmarks/few_pictures.py show DIR [--figure FILE.png]

`train` takes `count` pictures of a folder to train on, drawn by the seed, and keeps the others apart. A tenth of the
few is held out by the run itself, as always. At eight steps of the run its averaged generator is compared with half of
the others (recall, precision, Fréchet distance); the floors are those of the other half. Results are lines of
DIR/few.jsonl, and what is there already is not trained again.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any

import numpy as np

import wgan
from wgan.config import parse_settings
from wgan.data import Pack, open_pack, open_source
from wgan.evaluation import Evaluator
from wgan.runs.run import Run
from wgan.training import Stream, random_numbers

METRICS = ("frechet", "precision", "recall")
LOOKS = 8
"""Steps of a run that are evaluated."""
MOST = 1800
"""Fakes and reals that are compared."""
RECENT = 5


def split(folder: Path, size: int, count: int, seed: int) -> tuple[np.ndarray, Pack]:
    """So many pictures to train on, and the others as a pack."""
    pack = open_pack(open_source(folder), (size, size), 3)
    order = random_numbers(seed, Stream.PROBE, 7).permutation(len(pack))
    pictures = np.asarray(pack.samples)
    return pictures[order[:count]], open_pack(open_source(pictures[order[count:]]), (size, size), 3)


def train(given: argparse.Namespace) -> None:
    out = given.out
    out.mkdir(parents=True, exist_ok=True)
    file = out / "few.jsonl"
    done = {tuple(row["key"]) for row in rows_of(file)}
    for seed in given.seeds:
        few, others = split(given.folder, given.size, given.count, seed)
        reference = Evaluator(others, 0.5, METRICS, min(MOST, len(others) // 2))
        for name in given.augmentations:
            key = (given.folder.name, given.count, given.size, given.label, name, seed)
            if key in done:
                continue
            settings = {
                "data.size": [given.size, given.size],
                "data.flip": True,
                "output.checkpoint_every": given.steps // LOOKS,
                "output.keep_checkpoints": LOOKS + 1,
                "output.sample_every": given.steps // LOOKS,
                **parse_settings(given.set or ()),
                "training.seed": seed,
                "augmentation": name,
            }
            place = out / "-".join(map(str, key))
            run = wgan.train(few, recipe=given.recipe, steps=given.steps, out=place, settings=settings, progress=False)
            row = {"key": key, **facts(run, reference)}
            with file.open("a") as lines:
                lines.write(json.dumps(row) + "\n")
            print(shown(row), flush=True)


def facts(run: Run, reference: Evaluator) -> dict[str, Any]:
    """The course of a run by the pictures that were kept apart, and what its own log says at the end."""
    z = run.latents(reference.n)
    course = {}
    for step in run.checkpoints():
        if step:
            course[step] = reference(run.generator(step), z, step=step).values
    log, diagnosis = run.metrics(), wgan.diagnose(run)
    late = log[-RECENT:]
    gap = [(row["train_distance"] - row["held_out_distance"]) / row["train_distance"] for row in late]
    return {
        "course": course,
        "floors": reference.floors,
        "gap": median(gap),
        "memorised": median(row["memorised"] for row in late),
        "augmented": median(row.get("augmented", 0.0) for row in late),
        "seconds": log[-1]["seconds"],
        "verdict": diagnosis.verdict,
        "findings": [finding.code for finding in diagnosis.findings],
    }


def rows_of(file: Path) -> Iterator[dict[str, Any]]:
    """The results so far."""
    if file.exists():
        yield from map(json.loads, file.read_text().splitlines())


def shown(row: dict[str, Any]) -> str:
    series = {int(step): values for step, values in row["course"].items()}
    frechet = {step: values["frechet"] for step, values in series.items()}
    best = min(frechet, key=frechet.__getitem__)
    last = series[max(series)]
    return (
        f"{' '.join(map(str, row['key']))}: Fréchet best {frechet[best]:.3g} at {best}, last {last['frechet']:.3g} "
        f"(real {row['floors']['frechet']:.3g}), recall {last['recall']:.2f}, precision {last['precision']:.2f}, "
        f"memorised {row['memorised']:.0%}, gap {row['gap']:.0%}, augmented {row['augmented']:.2f}, "
        f"{row['seconds']:.0f} s, {row['verdict']} ({', '.join(row['findings'])})"
    )


def show(out: Path, figure: Path | None) -> None:
    """All results, means over seeds, and the course of the Fréchet distance as a figure."""
    rows = list(rows_of(out / "few.jsonl"))
    grouped: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        print(shown(row))
        grouped[tuple(row["key"][:-1])].append(row)
    for key, group in grouped.items():
        print(" ".join(map(str, key)), f"({len(group)} seeds):", _means(group))
    if figure:
        draw(grouped, figure)


def _means(group: Sequence[dict[str, Any]]) -> str:
    last = [row["course"][max(row["course"], key=int)] for row in group]
    best = [min(values["frechet"] for values in row["course"].values()) for row in group]
    columns = {
        "best Fréchet": best,
        **{f"last {name}": [values[name] for values in last] for name in METRICS},
        "gap": [row["gap"] for row in group],
        "memorised": [row["memorised"] for row in group],
    }
    spread = {name: stdev(values) if len(values) > 1 else 0.0 for name, values in columns.items()}
    return ", ".join(f"{name} {mean(values):.3g} ± {spread[name]:.2g}" for name, values in columns.items())


def draw(grouped: dict[tuple[Any, ...], list[dict[str, Any]]], figure: Path) -> None:
    """One panel for each data set: the distance over the steps, a line for each seed, a colour for each setting."""
    import matplotlib.pyplot as plt

    panels = list(dict.fromkeys(key[:3] for key in grouped))
    drawn, axes = plt.subplots(1, len(panels), figsize=(5.2 * len(panels), 3.6), squeeze=False)
    for (folder, count, size), axis in zip(panels, axes[0], strict=True):
        here = {key: group for key, group in grouped.items() if key[:3] == (folder, count, size)}
        for place, ((*_, label, name), group) in enumerate(here.items()):
            for i, row in enumerate(group):
                steps = sorted(map(int, row["course"]))
                values = [row["course"][str(step)]["frechet"] for step in steps]
                told = f"{name}: {label}" if i == 0 else None
                axis.plot(steps, values, color=f"C{place}", label=told, linewidth=1.4)
        axis.axhline(mean(row["floors"]["frechet"] for group in here.values() for row in group), color="grey", ls=":")
        axis.set(title=f"{count} of {folder}, {size}x{size}", xlabel="step", yscale="log")
        axis.grid(alpha=0.3, which="both")
        axis.legend(fontsize=8)
    axes[0][0].set_ylabel("Fréchet distance, pictures kept apart")
    drawn.tight_layout()
    drawn.savefig(figure, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train")
    training.add_argument("folder", type=Path)
    training.add_argument("--out", type=Path, required=True)
    training.add_argument("--count", type=int, default=300)
    training.add_argument("--size", type=int, default=32)
    training.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    training.add_argument("--augmentations", nargs="+", default=["none", "ada", "diffaugment"])
    training.add_argument("--steps", type=int, default=3000)
    training.add_argument("--recipe", default="wgan-gp-celeba")
    training.add_argument("--label", default="", help="names the settings, which are no part of a key")
    training.add_argument("--set", action="append", metavar="KEY=VALUE")
    showing = commands.add_parser("show")
    showing.add_argument("out", type=Path)
    showing.add_argument("--figure", type=Path)
    given = parser.parse_args()
    if given.command == "train":
        given.label = given.label or given.recipe
        train(given)
    else:
        show(given.out, given.figure)


if __name__ == "__main__":
    main()
