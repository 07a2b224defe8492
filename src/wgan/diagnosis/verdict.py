"""The verdict: one word for a run, and a sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wgan.diagnosis.finding import Diagnosis, Finding, Severity, Verdict
from wgan.diagnosis.history import RECENT, History, smoothed
from wgan.diagnosis.rules import BEFORE, WHILE
from wgan.diagnosis.rules.numbers import FAR
from wgan.diagnosis.rules.samples import NOISE
from wgan.diagnosis.setup import Setup

IMPLIES = {
    "non-finite": Verdict.diverged,
    "exploding-gradients": Verdict.diverged,
    "updates-too-large": Verdict.diverged,
    "learning-rate-too-high": Verdict.unstable,
    "mode-collapse": Verdict.collapsing,
}
"""The verdict that an error implies; any other error means broken."""


def verdict(findings: Sequence[Finding], history: History) -> tuple[Verdict, str]:
    """The verdict and why, from all findings, the gravest first."""
    errors = [finding for finding in findings if finding.severity is Severity.error]
    if history.failure is not None:
        return Verdict.diverged, "Numbers grew without bound or were not finite, and the run ended."
    if errors:
        implied = [IMPLIES.get(finding.code, Verdict.broken) for finding in errors]
        word = Verdict.diverged if Verdict.diverged in implied and implied[0] != Verdict.broken else implied[0]
        if word is Verdict.broken and errors[0].step is None:
            return word, f"The set-up is wrong ({errors[0].code}), whatever the samples look like."
        return word, f"Training does not work; {errors[0].code} explains it best."
    if len(history) < 2 * RECENT:
        lines = "1 line of numbers says" if len(history) == 1 else f"{len(history)} lines of numbers say"
        short = f"{lines} too little; {2 * RECENT} are needed"
        return Verdict.warming_up, f"{short}: train longer, or write more of them (--set output.log_every=10)."
    for finding in findings:
        if finding.severity is Severity.warning and finding.code in ("oscillation", "past-its-best"):
            return Verdict.unstable, finding.evidence
    return _progress(history)


def _progress(history: History) -> tuple[Verdict, str]:
    """The verdict from the samples' distance from the data over time."""
    energy = history.column("energy_distance")
    energy = smoothed(energy[~np.isnan(energy)])  # lines of older versions have none
    if len(energy) <= RECENT:
        return Verdict.warming_up, "Too few lines have a distance between samples and data."
    first, now = energy[0], energy[-1]
    quarter = max(RECENT, len(energy) // 4)
    gain = float(np.median(energy[: max(len(energy) - quarter, 1)][-quarter:]) - np.median(energy[-quarter:]))
    course = f"samples' energy distance from the data: {first:.3f} at first, now {now:.3f}"
    if gain > max(NOISE / 2, 0.1 * now):
        return Verdict.healthy, f"It works and keeps improving ({course})."
    if -gain > max(2 * NOISE, 0.1 * now):
        return Verdict.unstable, f"It gets worse ({course})."
    if now > FAR and history.young:
        return Verdict.warming_up, f"Too early to tell: runs that end well often look bad now ({course})."
    if now > FAR:
        return Verdict.stalled, f"It no longer improves, far from the data ({course})."
    if len(history) < 6 * RECENT:
        return Verdict.healthy, f"It works ({course})."
    return Verdict.converged, f"It works, and more steps change nothing measurable ({course})."


def before_training(setup: Setup) -> list[Finding]:
    """The findings on settings and wiring, in the order of the rules."""
    return [finding for rule in BEFORE for finding in rule(setup)]


def examine(
    setup: Setup,
    rows: Sequence[Mapping[str, Any]],
    failure: Mapping[str, Any] | None = None,
    rollbacks: Sequence[Mapping[str, Any]] = (),
) -> Diagnosis:
    """The diagnosis of a run from the lines of its log.

    `failure` is what ended it, if something did; `rollbacks` are the times it went back to a checkpoint. Findings are
    sorted by severity, then causes (those before the first step) come before effects.
    """
    history = History(rows, failure, rollbacks)
    while_training = WHILE if rows or failure or rollbacks else ()
    findings = [*before_training(setup), *(finding for rule in while_training for finding in rule(setup, history))]
    findings.sort(key=lambda finding: list(Severity).index(finding.severity))
    word, why = verdict(findings, history)
    if rollbacks:
        times = "once" if len(rollbacks) == 1 else f"{len(rollbacks)} times"
        why += f" It went back to a checkpoint {times}, each time with lower learning rates."
    return Diagnosis(word, why, tuple(findings), max(history.step, failure["step"] if failure else 0))
