"""Marks: an answer against what is true of the run, in one word."""

import math
import re
from dataclasses import asdict, dataclass
from typing import Any, Literal

from exam_parts.answer import Answer, Ending
from exam_parts.question import Defect, Question

FIRST = 2
"""Among how many findings the cause has to be."""
GOOD = ("healthy", "converged")
SHARE, TIMES, SEEN = 0.6, 2.0, 0.1
Mark = Literal["right", "half", "wrong", "missed", "quiet", "named", "alarm", "clean", "failed"]


@dataclass(frozen=True)
class Row:
    """A marked question, as plain data."""

    kind: str
    name: str
    data: str
    seed: int
    harm: str
    """Why the run counts as harmed; empty if it does not."""
    numbers: str
    """Its metrics, and those of its sibling."""
    verdict: str
    findings: tuple[str, ...]
    mark: Mark
    praised: str
    """Where it was praised wrongly; empty if nowhere."""
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)


def harm(ending: Ending, sibling: Ending) -> str:
    """Why a run counts as harmed: it ended early, or its samples are much worse than its healthy sibling's.

    Recall or coverage below 0.6 of the sibling's, where that has some; or a Fréchet distance above twice the
    sibling's plus that of real samples, which is the noise of the measure.
    """
    if ending.how != "complete":
        return ending.how
    if not ending.values:
        return "not finite"
    good = sibling.values
    low = [name for name in ("recall", "coverage") if good and ending.values[name] < SHARE * good[name] >= SHARE * SEEN]
    far = good and ending.values["frechet"] > TIMES * good["frechet"] + sibling.floors["frechet"]
    return ", ".join([*low, *(["frechet"] if far else [])])


def numbers(ending: Ending, sibling: Ending) -> str:
    """Fréchet distance, recall and coverage of a run, of its sibling and of real samples."""

    def column(name: str) -> str:
        places = (ending.values, sibling.values, sibling.floors)
        return " / ".join(f"{values[name]:.2g}" if name in values else "-" for values in places)

    return "; ".join(
        f"{letter} {column(name)}" for letter, name in zip("FRC", ("frechet", "recall", "coverage"), strict=True)
    )


def refused_codes(text: str) -> tuple[str, ...]:
    """The codes in a refusal: it says which to ignore."""
    return tuple(dict.fromkeys(re.findall(r'ignore"?\s*[:=]\s*\[\s*["\']([a-z-]+)', text)))


def mark_defect(defect: Defect, ending: Ending, answer: Answer | None, harmed: bool) -> Mark:
    """How well the doctor did on a defect."""
    if answer is None:
        named = set(refused_codes(ending.text)) & set(defect.true)
        stated = ending.how == "refused" and defect.words and re.search(defect.words, ending.text)
        return "right" if named or stated else "wrong"
    codes = [code for code, _ in answer.findings]
    true = [code in defect.true for code in codes]
    if not harmed:
        errors = [code for code, severity in answer.findings if severity == "error"]
        return "quiet" if not errors else "named" if set(errors) & set(defect.true) else "alarm"
    if any(true):
        return "right" if any(true[:FIRST]) else "half"
    said = [(code, severity) for code, severity in answer.findings if severity != "note"]
    if {code for code, severity in said if severity == "error" or code == said[0][0]} - set(defect.effects):
        return "wrong"
    return "half" if said and answer.verdict not in GOOD else "missed"


def mark_healthy(ending: Ending, answer: Answer | None) -> Mark:
    """Whether a healthy run had an error after any line. One that broke down was not healthy, and is counted apart."""
    if ending.how == "failed":
        return "failed"
    return "clean" if answer is not None and not answer.errors else "alarm"


def praised(ending: Ending, answer: Answer | None) -> str:
    """Where the doctor praised poor samples: at the end by our metrics, on the way by its own."""
    if answer is None:
        return ""
    final = answer.verdict == "converged" or "It works" in answer.summary
    values, floors = ending.values, ending.floors
    poor = not values or any(values[name] < floors[name] / 2 for name in ("recall", "coverage"))
    return "at the end" if final and poor else answer.praised_early


def marked(question: Question, ending: Ending, sibling: Ending, answer: Answer | None) -> Row:
    """The row of a question."""
    reason = harm(ending, sibling)
    change = question.change
    mark = (
        mark_defect(change, ending, answer, bool(reason))
        if isinstance(change, Defect)
        else mark_healthy(ending, answer)
    )
    said = answer.findings if answer else [(code, "refused") for code in refused_codes(ending.text)]
    early = [(code, "earlier") for code in (answer.errors if answer else ()) if code not in dict(said)]
    return Row(
        kind=question.kind,
        name=change.name,
        data=question.data.name,
        seed=question.seed,
        harm=reason,
        numbers=numbers(ending, sibling),
        verdict=answer.verdict if answer else f"{ending.how}: {ending.text[:90]}",
        findings=tuple(f"{code} ({severity})" for code, severity in [*said, *early]),
        mark=mark,
        praised=praised(ending, answer),
        seconds=ending.seconds,
    )


def wilson(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927)."""
    if not count:
        return 0.0, 1.0
    share, spread = right / count, z * z / count
    middle = share + spread / 2
    half = z * math.sqrt(share * (1 - share) / count + spread / (4 * count))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))
