"""What the verdict says of good runs at a tenth, at half and at the end of their length.

    python benchmarks/words.py [--only RECIPE ...] [--share S] [--at-most STEPS] [--out DIR]

Trains every recipe of the documents on its data, and prints a Markdown table: the word and the numbers that it rests on
at 10%, 50% and 100% of the steps. Whole recipes take days on two cores: S is the share of their steps to train, and
STEPS a bound on it. MNIST and faces are read from beside the checkout; their recipes are left out where they are not.
"""

import argparse
import sys
from pathlib import Path

import wgan
from wgan.diagnosis import examine
from wgan.recipes import RECIPES
from wgan.runs.doctor import setup_of

SHARED = Path(__file__).parents[2] / "shared" / "data"
MNIST, FACES, ANIME = (SHARED / name for name in ("mnist", "celeba_faces", "anime_faces"))
DATA: dict[str, str | Path] = {
    "wgan-gp-digits": "digits",
    "wgan-gp-toy": "toy:ring8",
    "gan-mnist": MNIST,
    "wgan-mnist": MNIST,
    "wgan-gp-mnist": MNIST,
    "wgan-dcgan32": FACES,
    "wgan-gp-celeba": FACES,
    "dcgan-anime": ANIME,
    "wgan-gp-anime": ANIME,
}
MOMENTS = (0.1, 0.5, 1.0)
METRICS = ("frechet", "recall", "precision")


def words(recipe: str, steps: int, out: Path) -> list[str]:
    """Train it, and judge its log at each moment."""
    run = wgan.train(DATA[recipe], recipe=recipe, steps=steps, out=out / recipe, fresh=True, progress=False)
    setup = setup_of(run.config, run.wiring, run.provenance.train_count, run.spec)
    cells = []
    for moment in MOMENTS:
        log = run.log().until(round(moment * steps))
        diagnosis = examine(setup, log)
        newest = log.comparisons[-1]["metrics"] if log.comparisons else {}
        numbers = ", ".join(
            f"{name} {newest[name]['value']:.3g} of {newest[name]['floor']:.3g}" for name in METRICS if name in newest
        )
        found = ", ".join(f"{finding.code} ({finding.severity})" for finding in diagnosis.findings)
        cells.append(f"**{diagnosis.verdict}**: {numbers}" + (f"; {found}" if found else ""))
    return cells


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="RECIPE", choices=DATA, default=list(DATA))
    parser.add_argument("--share", type=float, default=1.0, help="of the recipe's steps")
    parser.add_argument("--at-most", type=int, default=1_000_000, help="steps, whatever the share")
    parser.add_argument("--out", type=Path, default=Path("runs/words"), help="where the runs go")
    given = parser.parse_args()
    print("| recipe | steps | 10% | 50% | 100% |\n| --- | --- | --- | --- | --- |")
    for recipe in given.only:
        data = DATA[recipe]
        if isinstance(data, Path) and not data.exists():
            continue
        whole = RECIPES[recipe]().training.steps
        steps = min(round(given.share * whole), given.at_most)
        cells = " | ".join(words(recipe, steps, given.out))
        print(f"| {recipe} | {steps:,} of {whole:,} | {cells} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
