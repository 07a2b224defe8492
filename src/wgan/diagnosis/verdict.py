"""The verdict: one word for a run, and a sentence."""

from collections.abc import Sequence

import numpy as np

from wgan.diagnosis.finding import Finding, Severity, Verdict
from wgan.diagnosis.history import RECENT, History, smoothed
from wgan.diagnosis.rules.samples import FAR, NOISE

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
        worst = errors[0]
        return IMPLIES.get(worst.code, Verdict.broken), f"Training does not work: {worst.code} explains it best."
    if len(history) < 2 * RECENT:
        return Verdict.warming_up, f"{len(history)} lines of numbers say too little; {2 * RECENT} are needed."
    for finding in findings:
        if finding.severity is Severity.warning and finding.code in UNSTEADY:
            return Verdict.unstable, finding.evidence
    return _progress(history)


def _progress(history: History) -> tuple[Verdict, str]:
    """How the samples' distance from the data goes."""
    energy = smoothed(history.column("energy_distance"))
    if np.isnan(energy).any():
        return Verdict.healthy, "Nothing stands against it; this run has written no distance of its samples."
    first, now = energy[0], energy[-1]
    before = energy[max(0, len(energy) - 1 - max(RECENT, len(energy) // 4))]
    course = f"samples' energy distance from the data: {first:.3f} at first, now {now:.3f}"
    if before - now > max(2 * NOISE, 0.1 * before):
        return Verdict.healthy, f"It works and goes on getting better ({course})."
    if now > FAR:
        return Verdict.stalled, f"It no longer gets better, and is far from the data ({course})."
    if len(history) < 6 * RECENT:
        return Verdict.healthy, f"It works ({course})."
    return Verdict.converged, f"It works, and more steps change little that can be measured here ({course})."
