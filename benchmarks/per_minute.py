"""What recipes make of the same minutes on the same pictures: the Fréchet distance of faces by time, not by step.

    python benchmarks/per_minute.py train FOLDER --out DIR --recipes r3gan-32 wgan-gp-celeba [--minutes 20]
        [--size 32] [--seeds 0 1] [--label NAME --set KEY=VALUE ...]
    python benchmarks/per_minute.py show DIR [--figure FILE.png]

A run gets so many minutes, to which its recipe fits schedules and average, and one thread: start as many at once as
there are idle cores, the recipes that are compared side by side. The averaged generators of its checkpoints, one for
each twelfth of the time, are compared afterwards with the held-out half of the pictures (`data.holdout=0.5`), which
chose no setting; the other half trains. Results are lines of DIR/minutes.jsonl; what is there is not trained anew.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import wgan
from few_pictures import METRICS, MOST, rows_of
from wgan.config import parse_settings
from wgan.data import open_pack, open_source
from wgan.evaluation import Evaluator
from wgan.runs.run import Run
from wgan.training import choose_device

LOOKS = 12
"""Parts of a run's time, at the end of each of which it is looked at."""
HELD_OUT = 0.5
FILE = "minutes.jsonl"


def train(given: argparse.Namespace) -> None:
    given.out.mkdir(parents=True, exist_ok=True)
    file = given.out / FILE
    pack = open_pack(open_source(given.folder), (given.size, given.size), 3)
    reference = Evaluator(pack, HELD_OUT, METRICS, min(MOST, len(pack) // 4))
    for seed in given.seeds:
        for recipe in given.recipes:
            key = [given.folder.name, given.size, given.minutes, given.label or recipe, seed]
            if key in [row["key"] for row in rows_of(file)]:
                continue
            settings = {
                "output.checkpoint_every": 100,
                "output.keep_checkpoints": 1000,
                "output.log_every": 20,
                "training.minutes": given.minutes,
                "threads": 1,
                **parse_settings(given.set or ()),
                "data.size": [given.size, given.size],
                "data.holdout": HELD_OUT,
                "training.seed": seed,
            }
            place = given.out / "-".join(map(str, key))
            run = wgan.train(str(given.folder), recipe=recipe, out=place, settings=settings, progress=False)
            row = {"key": key, "floors": reference.floors, "course": course(run, reference)}
            with file.open("a") as lines:
                lines.write(json.dumps(row) + "\n")
            print(shown(row), flush=True)


def course(run: Run, reference: Evaluator) -> list[dict[str, Any]]:
    """What the averaged generator was worth, by the seconds that training had taken, up to a dozen times."""
    log = run.metrics()
    seconds = {row["step"]: row["seconds"] for row in log}
    steps = [step for step in run.checkpoints() if step in seconds]
    whole = log[-1]["seconds"]
    looks = {min(steps, key=lambda step: abs(seconds[step] - whole * part / LOOKS)) for part in range(1, LOOKS + 1)}
    device, z = choose_device(run.config.device), run.latents(reference.n)

    def worth(step: int) -> dict[str, float]:
        network = run.generator(step).to(device)
        return reference(lambda z: network(z.to(device)).cpu(), z, step=step).values

    return [{"step": step, "seconds": seconds[step], **worth(step)} for step in sorted(looks)]


def shown(row: dict[str, Any]) -> str:
    points = ", ".join(f"{look['frechet']:.3g} at {look['seconds'] / 60:.1f}" for look in row["course"])
    last = row["course"][-1]
    return (
        f"{' '.join(map(str, row['key']))}: {last['step']:,} steps, Fréchet (minutes) {points}; "
        f"real {row['floors']['frechet']:.3g}; recall {last['recall']:.2f}, precision {last['precision']:.2f}"
    )


def show(out: Path, figure: Path | None) -> None:
    """All results, and the distance over the minutes as a figure: a line for each seed, a colour for each recipe."""
    rows = list(rows_of(out / FILE))
    for row in rows:
        print(shown(row))
    if not figure:
        return
    import matplotlib.pyplot as plt

    grouped: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[tuple(row["key"][:3])].append(row)
    drawn, axes = plt.subplots(1, len(grouped), figsize=(5.2 * len(grouped), 3.6), squeeze=False)
    for ((folder, size, minutes), group), axis in zip(grouped.items(), axes[0], strict=True):
        recipes = list(dict.fromkeys(row["key"][3] for row in group))
        for row in group:
            name = row["key"][3]
            minute = [look["seconds"] / 60 for look in row["course"]]
            distances = [look["frechet"] for look in row["course"]]
            label = name if row is next(one for one in group if one["key"][3] == name) else None
            axis.plot(minute, distances, color=f"C{recipes.index(name)}", marker=".", label=label)
        axis.axhline(group[0]["floors"]["frechet"], color="grey", linestyle=":", label="real ones")
        axis.set(xlabel="minutes of one core", ylabel="Fréchet distance", yscale="log")
        axis.set_title(f"{folder}, {size}x{size}, {minutes:g} minutes")
        axis.legend()
    drawn.tight_layout()
    drawn.savefig(figure, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    training = commands.add_parser("train")
    training.add_argument("folder", type=Path)
    training.add_argument("--out", type=Path, required=True)
    training.add_argument("--recipes", nargs="+", required=True)
    training.add_argument("--minutes", type=float, default=20.0)
    training.add_argument("--size", type=int, default=32)
    training.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    training.add_argument("--label", help="names a recipe with other settings")
    training.add_argument("--set", action="append", metavar="KEY=VALUE")
    training.set_defaults(do=train)
    showing = commands.add_parser("show")
    showing.add_argument("out", type=Path)
    showing.add_argument("--figure", type=Path)
    showing.set_defaults(do=lambda given: show(given.out, given.figure))
    given = parser.parse_args()
    given.do(given)


if __name__ == "__main__":
    main()
