"""Whether the diagnosis names mistakes that nobody wrote a rule for: an exam with questions drawn at random.

    python benchmarks/exam.py --seed N [--count 60] [--healthy 20] [--out DIR] [--jobs 2] [--only NAME ...]
    python benchmarks/exam.py --fixed [--only NAME ...]
    python benchmarks/exam.py --pool FILE ...

A seed draws mistakes on data sets, with seeds of their own, from all that are in `exam_parts`, and healthy runs with
harmless changes. Whether a mistake does harm, metrics say, against held-out reals and a healthy sibling on the same
data with the same seed; the doctor never sees them. A run is harmed if it broke down or was refused, if its recall or
coverage is below 0.6 of the sibling's, or if its Fréchet distance is above twice the sibling's plus that of reals.

Marks. Harmed: `right`, a true cause is among the first two findings, or it was refused for a true reason; `half`, a
true cause is further down, or only effects are named and the verdict is no good word; `wrong`, the first finding or an
error names another cause; `missed`, nothing does, or only effects of a run that is called well. Not harmed: `quiet`, no
error; `named`, an error that is true; `alarm`, another error. Healthy: `clean`, or `alarm` for an error after any line
of the log. Praised wrongly is any run whose samples are said to have arrived while recall or coverage is below half of
that of reals, or before the Fréchet distance halves.

The numbers in the table are Fréchet distance (F), recall (R) and coverage (C). `--fixed` asks a fixed table of
questions instead. Trained runs stay in DIR and are judged again without training, so that rules can be changed; one
whose definition has changed is trained anew. What a run writes down, and what is tried before its first step, are as
they were when it was trained: after a change of those, take another DIR. The rows go to DIR/exam-N.json, and `--pool`
adds up several such files.
"""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from exam_parts import DATA, DEFECTS, HARMLESS
from exam_parts.answer import Ending, diagnose, train
from exam_parts.fixed import fixed
from exam_parts.marks import Row, marked
from exam_parts.question import Change, Kind, Question, sibling
from exam_parts.sheet import HEAD, line, totals

SEEDS = 2
"""Run seeds of an exam: with more, each question would need a healthy sibling of its own."""


def drawn(changes: Sequence[Change], count: int, kind: Kind, seed: int) -> Iterator[Question]:
    """Questions drawn at random: no change twice before each was asked once, and each data set about equally often."""
    chance, used = random.Random(f"{kind} {seed}"), Counter[str]()
    available = [data for data in DATA if data.available]
    asked: list[Change] = []
    while len(asked) < count:
        asked += chance.sample(changes, len(changes))
    for change in asked[:count]:
        fitting = [data for data in available if change.suits(data)]
        if fitting:
            data = min(fitting, key=lambda data: (used[data.name], chance.random()))
            used[data.name] += 1
            yield Question.of(change, data, SEEDS * seed + chance.randrange(SEEDS), kind)


def row(question: Question, out: Path) -> Row:
    """Train, diagnose and mark one question. Its sibling has been trained before."""
    ending = train(question, out)
    return marked(question, ending, train(sibling(question), out), diagnose(question, out))


def taken(questions: Sequence[Question], out: Path, jobs: int) -> Iterator[Row]:
    """The rows of an exam, in order."""
    siblings = list({one.name: one for one in map(sibling, questions)}.values())
    questions = list({one.name: one for one in questions}.values())  # two processes may not write one folder
    with ProcessPoolExecutor(jobs) as pool:
        for number, (one, ending) in enumerate(
            zip(siblings, pool.map(train, siblings, [out] * len(siblings)), strict=True)
        ):
            _say(f"sibling {number + 1} of {len(siblings)}", one, ending)
        for number, (one, found) in enumerate(
            zip(questions, pool.map(row, questions, [out] * len(questions)), strict=True)
        ):
            _say(f"question {number + 1} of {len(questions)}", one, found.mark)
            yield found


def _say(where: str, question: Question, what: Ending | str) -> None:
    text = what if isinstance(what, str) else f"{what.how} in {what.seconds:.0f} s {what.text[:200]}"
    print(f"{where}: {question.name}: {text}", file=sys.stderr, flush=True)


def show(rows: Sequence[Row]) -> None:
    print()
    for text in totals(rows):
        print(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="which questions are drawn")
    parser.add_argument("--count", type=int, default=60, help="how many mistakes")
    parser.add_argument("--healthy", type=int, default=20, help="how many healthy runs")
    parser.add_argument("--fixed", action="store_true", help="the fixed table instead")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these mistakes only, of all or of the fixed table")
    parser.add_argument("--out", type=Path, default=Path("runs/exam"), help="where the runs go and stay")
    parser.add_argument("--jobs", type=int, default=2, help="how many runs at once")
    parser.add_argument("--pool", nargs="+", type=Path, metavar="FILE", help="totals of several exams, and no new one")
    given = parser.parse_args()
    if given.pool:
        show([Row(**values) for file in given.pool for values in json.loads(file.read_text())])
        return 0
    unknown = set(given.only or ()) - {defect.name for defect in DEFECTS}
    if unknown:
        parser.error(f"no such mistakes: {', '.join(sorted(unknown))}")
    chosen = [defect for defect in DEFECTS if given.only is None or defect.name in given.only]
    if given.fixed:
        questions = list(fixed(chosen))
    else:
        questions = [*drawn(chosen, given.count, "defect", given.seed)]
        questions += drawn(HARMLESS, given.healthy, "healthy", given.seed)
    given.out.mkdir(parents=True, exist_ok=True)
    print(HEAD)
    rows = []
    for found in taken(questions, given.out, given.jobs):
        rows.append(found)
        print(line(found), flush=True)
    summary = given.out / f"exam-{'fixed' if given.fixed else given.seed}.json"
    summary.write_text(json.dumps([found.to_dict() for found in rows], indent=1) + "\n")
    show(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
