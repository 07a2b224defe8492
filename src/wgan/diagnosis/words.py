"""The words of a diagnosis as people read them; what is stored, or typed, is English."""

from wgan.diagnosis.finding import Severity, Verdict
from wgan.language import say


def player_word(name: str) -> str:
    """The generator or the critic."""
    return {"generator": say("generator"), "critic": say("critic")}.get(name, name)


def severity_word(severity: Severity) -> str:
    """How much a finding matters."""
    return {
        Severity.error: say("error"),
        Severity.warning: say("warning"),
        Severity.note: say("note"),
    }[severity]


def verdict_word(verdict: Verdict) -> str:
    """The one word for a run."""
    return {
        Verdict.warming_up: say("warming-up"),
        Verdict.learning: say("learning"),
        Verdict.healthy: say("healthy"),
        Verdict.converged: say("converged"),
        Verdict.stalled: say("stalled"),
        Verdict.unstable: say("unstable"),
        Verdict.collapsing: say("collapsing"),
        Verdict.diverged: say("diverged"),
        Verdict.broken: say("broken"),
    }[verdict]
