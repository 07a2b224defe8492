"""The verdict: one word for a run, and a sentence."""

from collections.abc import Sequence

import numpy as np

from wgan.diagnosis.finding import Finding, Severity, Verdict
from wgan.diagnosis.history import RECENT, History, smoothed
from wgan.diagnosis.rules.numbers import FAR
from wgan.diagnosis.rules.samples import NOISE

IMPLIES = {
    "non-finite": Verdict.diverged,
    "exploding-gradients": Verdict.diverged,
    "updates-too-large": Verdict.diverged,
    "learning-rate-too-high": Verdict.unstable,
    "mode-collapse": Verdict.collapsing,
}
"""What errors say of the whole run; any other one means that it is broken."""
UNSTEADY = ("oscillation", "past-its-best")
"""Warnings that decide the verdict, too."""


def verdict(findings: Sequence[Finding], history: History) -> tuple[Verdict, str]:
    """The verdict and why, from all findings, the gravest first."""
    errors = [finding for finding in findings if finding.severity is Severity.error]
    if history.failure is not None:
        return Verdict.diverged, "The numbers left every bound, and the run ended."
    if errors:
        implied = [IMPLIES.get(finding.code, Verdict.broken) for finding in errors]
        word = Verdict.diverged if Verdict.diverged in implied and implied[0] != Verdict.broken else implied[0]
        if word is Verdict.broken and errors[0].step is None:
            return word, f"The set-up is wrong ({errors[0].code}), whatever the samples look like so far."
        return word, f"Training does not work: {errors[0].code} explains it best."
    if len(history) < 2 * RECENT:
        lines = "1 line of numbers says" if len(history) == 1 else f"{len(history)} lines of numbers say"
        short = f"{lines} too little; {2 * RECENT} are needed"
        return Verdict.warming_up, f"{short}: train longer, or write more of them (--set output.log_every=10)."
    for finding in findings:
        if finding.severity is Severity.warning and finding.code in UNSTEADY:
            return Verdict.unstable, finding.evidence
    return _progress(history)


def _progress(history: History) -> tuple[Verdict, str]:
    """How the samples' distance from the data goes."""
    energy = history.column("energy_distance")
    energy = smoothed(energy[~np.isnan(energy)])  # lines of older versions have none
    if len(energy) <= RECENT:
        return Verdict.warming_up, "Too few lines say how far the samples are from the data."
    first, now = energy[0], energy[-1]
    quarter = max(RECENT, len(energy) // 4)
    gain = float(np.median(energy[: max(len(energy) - quarter, 1)][-quarter:]) - np.median(energy[-quarter:]))
    course = f"samples' energy distance from the data: {first:.3f} at first, now {now:.3f}"
    if gain > max(NOISE / 2, 0.1 * now):
        return Verdict.healthy, f"It works and goes on getting better ({course})."
    if -gain > max(2 * NOISE, 0.1 * now):
        return Verdict.unstable, f"It gets worse ({course})."
    if now > FAR and history.young:
        return Verdict.warming_up, f"Runs that end well often look bad so early ({course})."
    if now > FAR:
        return Verdict.stalled, f"It no longer gets better, and is far from the data ({course})."
    if len(history) < 6 * RECENT:
        return Verdict.healthy, f"It works ({course})."
    return Verdict.converged, f"It works, and more steps change little that can be measured here ({course})."
