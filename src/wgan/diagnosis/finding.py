"""What a diagnosis says: findings, each with evidence and advice, and one verdict."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from wgan.system.html import shown


class Severity(StrEnum):
    """How much a finding matters, the worst first."""

    error = "error"
    """Training does not work, or cannot."""
    warning = "warning"
    """Training may work, and this stands in its way."""
    note = "note"
    """Worth knowing when reading the numbers."""


class Verdict(StrEnum):
    """One word for a run."""

    warming_up = "warming-up"
    """Too early to tell."""
    learning = "learning"
    """It comes nearer to the data, and is not there; or is, and may have learnt its training samples and no more."""
    healthy = "healthy"
    """It works, and may still improve."""
    converged = "converged"
    """It worked, and more steps change little."""
    stalled = "stalled"
    """The generator no longer improves, far from the data."""
    unstable = "unstable"
    """It oscillates, or gets worse."""
    collapsing = "collapsing"
    """The samples lose their variety."""
    diverged = "diverged"
    """Numbers grew without bound, or were not finite."""
    broken = "broken"
    """The set-up is wrong: no length of training helps."""


class Finding(NamedTuple):
    """One thing that was found."""

    code: str
    """A short name, lower case with dashes; docs/diagnosis.md has a paragraph on each."""
    severity: Severity
    evidence: str
    """What was seen, with numbers and the step."""
    advice: str
    """What to do, in a sentence."""
    settings: tuple[str, ...] = ()
    """The advice as settings that can be typed: `networks.critic_norm=layer`."""
    step: int | None = None
    """Since when; None if since before the first step."""
    reference: str = ""
    """Where to read about it."""

    def to_dict(self) -> dict[str, Any]:
        return self._asdict() | {"severity": self.severity.value, "settings": list(self.settings)}


Findings = Iterator[Finding]
"""What a rule yields: one finding, or none."""


class Diagnosis(NamedTuple):
    """The verdict on a run at the newest line of its log, and the findings, likely causes and the gravest first."""

    verdict: Verdict
    summary: str
    """The verdict in a sentence."""
    findings: tuple[Finding, ...]
    step: int

    @property
    def tone(self) -> str:
        """How the verdict is shown: as its word, or as "warning" if a calm word stands beside a warning."""
        warned = any(finding.severity is Severity.warning for finding in self.findings)
        calm = self.verdict in (Verdict.learning, Verdict.healthy, Verdict.converged)
        return "warning" if calm and warned else self.verdict.value

    def to_dict(self) -> dict[str, Any]:
        findings = [finding.to_dict() for finding in self.findings]
        return {"verdict": self.verdict.value, "summary": self.summary, "step": self.step, "findings": findings}

    @shown
    def _repr_html_(self) -> str:
        from wgan.diagnosis.html import diagnosis_html  # whose words need what is defined here

        return diagnosis_html(self)
