"""The examination: all rules applied to what is known of a run, and one verdict."""

from collections.abc import Mapping, Sequence
from typing import Any

from wgan.diagnosis.finding import Diagnosis, Finding, Severity, Verdict
from wgan.diagnosis.rules import BEFORE
from wgan.diagnosis.setup import Setup


def before_training(setup: Setup) -> list[Finding]:
    """What can be told before the first step, in the order of the rules."""
    return [finding for rule in BEFORE if (finding := rule(setup))]


def examine(setup: Setup, rows: Sequence[Mapping[str, Any]], failure: Mapping[str, Any] | None = None) -> Diagnosis:
    """The diagnosis of a run from the lines of its log; `failure` is what ended it, if something did."""
    findings = tuple(before_training(setup))
    step = rows[-1]["step"] if rows else 0
    verdict = Verdict.broken if any(f.severity is Severity.error for f in findings) else Verdict.warming_up
    return Diagnosis(verdict, "", findings, step)
