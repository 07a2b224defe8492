"""What a diagnosis says: findings, each with its evidence and what to do, and one verdict."""

from enum import StrEnum
from typing import Any, NamedTuple


class Severity(StrEnum):
    """How much a finding matters, the worst first."""

    error = "error"
    """Training does not work, or cannot."""
    warning = "warning"
    """It may work, and this stands in its way."""
    note = "note"
    """Good to know when reading the numbers."""


class Verdict(StrEnum):
    """One word for a run."""

    warming_up = "warming-up"
    """Too early to tell."""
    healthy = "healthy"
    """It works, and goes on getting better."""
    converged = "converged"
    """It worked, and more steps change little."""
    stalled = "stalled"
    """The generator no longer gets anywhere, and has not got far."""
    unstable = "unstable"
    """It swings, or gets worse again and again."""
    collapsing = "collapsing"
    """The samples are fewer and fewer different ones."""
    diverged = "diverged"
    """The numbers left every bound."""
    broken = "broken"
    """Something is wrong with the set-up: no length of training mends it."""


class Finding(NamedTuple):
    """One thing that was found."""

    code: str
    """A short name: lower case, dashes; docs/diagnosis.md has a paragraph on each."""
    severity: Severity
    evidence: str
    """What was seen, with numbers and the step."""
    advice: str
    """What to do, in a sentence."""
    settings: tuple[str, ...] = ()
    """The same, as settings that can be typed: `networks.critic_norm=layer`."""
    step: int | None = None
    """Since when; None if it was so before the first step."""
    reference: str = ""
    """Where one can read about it."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return self._asdict() | {"severity": self.severity.value, "settings": list(self.settings)}


class Diagnosis(NamedTuple):
    """The verdict on a run at its newest line of numbers, and the findings, the gravest first."""

    verdict: Verdict
    summary: str
    """The verdict in a sentence."""
    findings: tuple[Finding, ...]
    step: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "verdict": self.verdict.value,
            "summary": self.summary,
            "step": self.step,
            "findings": [finding.to_dict() for finding in self.findings],
        }
