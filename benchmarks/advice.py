"""Whether the doctor's advice helps: runs broken on purpose, and the same command with what the doctor says to add.

    python benchmarks/advice.py [--half development|report] [--only NAME ...] [--out DIR] [--jobs N]

Prints a Markdown table: what was added to the command, and the verdict with Fréchet distance, precision and recall
against held-out reals before and after. A cause that only code can mend is advised in words and has no command.
Trained runs stay in DIR.
"""

import argparse
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import wgan
from failure_zoo import trained
from wgan.config import parse_settings
from wgan.diagnosis import Diagnosis
from wgan.system.text import typed
from zoo import BROKEN, SEEDS, Case, cases

METRICS = ("frechet", "precision", "recall")


class Row(NamedTuple):
    """A line of the table."""

    case: Case
    advice: tuple[str, ...]
    before: str
    after: str


def state(case: Case, out: Path) -> tuple[Diagnosis, str]:
    """The diagnosis of a trained run, and its verdict with the newest comparison."""
    run = wgan.Run.open(out / case.name, case.setting.generator and case.setting.generator())
    diagnosis = wgan.diagnose(run)
    newest = run.comparisons()[-1:]
    numbers = [f"{name} {row['metrics'][name]['value']:.3g}" for row in newest for name in METRICS]
    return diagnosis, ", ".join([f"**{diagnosis.verdict}**", *numbers])


def judged(case: Case, out: Path) -> Row:
    """Train a run, ask the doctor, and train it again with the settings of the finding that names the cause."""
    trained(case, out)
    diagnosis, before = state(case, out)
    cause = [finding for finding in diagnosis.findings if finding.code == case.specimen.cause]
    advice = cause[0].settings if cause else ()
    if not advice:
        return Row(case, advice, before, "in words" if cause else "not named")
    new = parse_settings(advice)
    old = {key: value for key, value in case.setting.settings.items() if key not in new}
    mended = replace(case.setting, name=f"{case.setting.name}-advised", settings=old | new)
    again = Case(case.specimen, mended, case.seed)
    trained(again, out)
    return Row(case, advice, before, state(again, out)[1])


def table(rows: Iterable[Row]) -> None:
    """Print the table, a line at a time."""
    print("| cause | setting | added | before | after |\n| --- | --- | --- | --- | --- |")
    for case, advice, before, after in rows:
        added = f"`{' '.join(typed(advice))}`" if advice else ""
        print(f"| {case.specimen.cause} | {case.setting.name} | {added} | {before} | {after} |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("development", "report"), default="report")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these specimens only")
    parser.add_argument("--out", type=Path, default=Path("runs/advice"), help="where the runs go and stay")
    parser.add_argument("--jobs", type=int, default=1, help="how many runs at once")
    given = parser.parse_args()
    chosen = [specimen for specimen in BROKEN if given.only is None or specimen.name in given.only]
    todo = list(cases(chosen, given.half, SEEDS[given.half][:1]))
    given.out.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(given.jobs) as pool:
        table(pool.map(judged, todo, [given.out] * len(todo)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
