"""The examination: all rules applied to what is known of a run, and one verdict."""

from collections.abc import Mapping, Sequence
from typing import Any

from wgan.diagnosis.finding import Diagnosis, Finding, Severity
from wgan.diagnosis.history import History
from wgan.diagnosis.rules import BEFORE, WHILE
from wgan.diagnosis.setup import Setup
from wgan.diagnosis.verdict import verdict

GRAVITY = list(Severity)


def before_training(setup: Setup) -> list[Finding]:
    """What can be told before the first step, in the order of the rules."""
    return [finding for rule in BEFORE if (finding := rule(setup))]


def examine(
    setup: Setup,
    rows: Sequence[Mapping[str, Any]],
    failure: Mapping[str, Any] | None = None,
    rollbacks: Sequence[Mapping[str, Any]] = (),
) -> Diagnosis:
    """The diagnosis of a run from the lines of its log; `failure` is what ended it, if something did.

    `rollbacks` are the times it went back to a checkpoint.

    Findings come by severity, then causes (what was so before the first step) before what they lead to.
    """
    history = History(rows, failure, rollbacks)
    while_training = (rule(setup, history) for rule in WHILE) if rows or failure or rollbacks else ()
    findings = [*before_training(setup), *(finding for finding in while_training if finding)]
    findings.sort(key=lambda finding: GRAVITY.index(finding.severity))
    word, why = verdict(findings, history)
    if rollbacks:
        times = "once" if len(rollbacks) == 1 else f"{len(rollbacks)} times"
        why += f" It went back to a checkpoint {times}, each time with lower learning rates."
    return Diagnosis(word, why, tuple(findings), max(history.step, failure["step"] if failure else 0))
