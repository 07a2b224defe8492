"""Whether the diagnosis names what is wrong: runs broken on purpose, and healthy ones, against their verdicts.

    python benchmarks/failure_zoo.py [--half development|report] [--seeds N ...] [--only NAME ...] [--out DIR]

Prints the confusion table as Markdown: a broken run counts as named when the finding that says its cause is among the
first two; a healthy one when it has no finding of severity error, after any line of its log. Exit code 1 if any run is
not as it should be.
Trained runs stay in DIR and are judged again without training, so that rules can be changed; a run whose definition has
changed since is trained anew. MNIST and anime faces are read from beside the checkout; their runs are left out where
they are not there.
"""

import argparse
import hashlib
import json
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import torch

import wgan
import wgan.diagnosis
from wgan.diagnosis import examine
from wgan.runs.doctor import setup_of
from zoo import ZOO, Case, cases

FIRST = 2
"""Among how many findings the cause has to be."""


class Row(NamedTuple):
    """A line of the confusion table."""

    case: Case
    seconds: float
    verdict: str
    findings: tuple[tuple[str, str], ...]
    """(code, severity), the gravest first."""

    @property
    def right(self) -> bool:
        """Whether it is named among the first, or is healthy and has no error."""
        cause = self.case.specimen.cause
        if cause is None:
            return all(severity != "error" for _, severity in self.findings)
        return cause in [code for code, _ in self.findings[:FIRST]]


def trained(case: Case, out: Path) -> float:
    """Train a run unless it is there; the processor seconds that it took when it was trained."""
    folder, note = out / case.name, out / f"{case.name}.json"
    text = re.sub(r" at 0x[0-9a-f]+", "", repr(case.setting))  # where functions lie in memory is no part of it
    definition = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    done = json.loads(note.read_text()) if note.exists() else {}
    if done.get("definition") == definition:
        return float(done["seconds"])
    torch.set_num_threads(1)  # the networks are too small to share, and one number of threads is one result
    started = time.process_time()
    try:
        case.setting.train(folder, case.seed)
        ended = ""
    except wgan.TrainingError as error:  # some are meant to break down: what they left behind is judged
        ended = str(error)
    seconds = round(time.process_time() - started, 1)
    note.write_text(json.dumps({"seconds": seconds, "error": ended, "definition": definition}) + "\n")
    return seconds


def judged(case: Case, out: Path) -> Row:
    seconds = trained(case, out)
    generator = case.setting.generator
    run = wgan.Run.open(out / case.name, generator and generator())
    diagnosis = wgan.diagnose(run)
    if case.specimen.cause is None:  # nor may it have had an error on the way
        setup = setup_of(run.config, run.wiring, run.provenance.train_count, run.spec)
        log = run.log()
        on_the_way = [examine(setup, log.until(row["step"])) for row in log.rows]
        diagnosis = next((one for one in on_the_way if _errors(one)), diagnosis)
    findings = tuple((finding.code, finding.severity.value) for finding in diagnosis.findings)
    return Row(case, seconds, diagnosis.verdict.value, findings)


def _errors(diagnosis: wgan.diagnosis.Diagnosis) -> bool:
    return any(finding.severity == "error" for finding in diagnosis.findings)


def line(row: Row) -> str:
    """A row of the Markdown table."""
    case = row.case
    findings = ", ".join(f"{code} ({severity})" for code, severity in row.findings[: FIRST + 1]) or "none"
    expected = case.specimen.cause or "no error"
    cells = (case.specimen.name, case.setting.name, str(case.seed), expected, row.verdict, findings)
    return f"| {' | '.join(cells)} | {'right' if row.right else '**wrong**'} | {row.seconds:.0f} s |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("development", "report"), default="report")
    parser.add_argument("--seeds", nargs="+", type=int, default=(), help="seeds that nobody has looked at yet")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these specimens only")
    parser.add_argument("--out", type=Path, default=Path("runs/zoo"), help="where the runs go and stay")
    parser.add_argument("--jobs", type=int, default=1, help="how many runs at once")
    given = parser.parse_args()
    unknown = set(given.only or ()) - {specimen.name for specimen in ZOO}
    if unknown:
        parser.error(f"no such specimens: {', '.join(sorted(unknown))}")
    chosen = [specimen for specimen in ZOO if given.only is None or specimen.name in given.only]
    todo = list(cases(chosen, given.half, given.seeds))
    given.out.mkdir(parents=True, exist_ok=True)
    print("| run | setting | seed | expected | verdict | first findings | | processor |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    rows = []
    with ProcessPoolExecutor(given.jobs) as pool:
        for row in pool.map(judged, todo, [given.out] * len(todo)):
            rows.append(row)
            print(line(row), flush=True)
    for what, some in (
        ("broken runs named", [row for row in rows if row.case.specimen.cause]),
        ("healthy runs without an error", [row for row in rows if not row.case.specimen.cause]),
    ):
        print(f"\n{sum(row.right for row in some)} of {len(some)} {what}.")
    return 0 if all(row.right for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
