"""The verdict: one word for a run, and a sentence."""

from collections.abc import Sequence

from wgan.diagnosis.finding import Diagnosis, Finding, Severity, Verdict
from wgan.diagnosis.history import History, Log
from wgan.diagnosis.rules import BEFORE, REFUSED, WHILE
from wgan.diagnosis.setup import Setup

IMPLIES = {
    "non-finite": Verdict.diverged,
    "exploding-gradients": Verdict.diverged,
    "updates-too-large": Verdict.diverged,
    "learning-rate-too-high": Verdict.unstable,
    "mode-collapse": Verdict.collapsing,
}
"""The verdict that an error implies; any other error means broken."""

EFFECTS = ("mode-collapse", "samples-off-data", "past-its-best", "oscillation")
"""What samples look like, whatever made them so."""


def verdict(setup: Setup, findings: Sequence[Finding], history: History) -> tuple[Verdict, str]:
    """The verdict and why, from all findings, in the order in which they are shown."""
    errors = [finding for finding in findings if finding.severity is Severity.error]
    if history.failure is not None:
        return Verdict.diverged, "Numbers grew without bound or were not finite, and the run ended."
    if errors:
        implied = [IMPLIES.get(finding.code, Verdict.broken) for finding in errors]
        word = Verdict.diverged if Verdict.diverged in implied and implied[0] != Verdict.broken else implied[0]
        if word is Verdict.broken and errors[0].step is None:
            return word, f"The set-up is wrong ({errors[0].code})."
        return word, f"Training does not work; {errors[0].code} explains it best."
    for finding in findings:
        if finding.severity is Severity.warning and finding.code in ("oscillation", "past-its-best"):
            return Verdict.unstable, finding.evidence
    copied = any(finding.code == "data-repeated" for finding in findings)
    return _progress(history, ended=history.step >= setup.steps, copied=copied)


def _progress(history: History, *, ended: bool, copied: bool) -> tuple[Verdict, str]:
    """The verdict from the comparisons with held-out reals, which are none if they are `copied` training samples."""
    progress = history.progress
    if progress.newest is None:
        return Verdict.warming_up, "Samples have not been compared with held-out data; `wgan evaluate` does that."
    now = progress.describe()
    if len(progress) < 2 and not progress.near:
        return Verdict.learning, f"Far from the data: {now}. One comparison does not say whether it comes nearer."
    if progress.near and (copied or not progress.judged):
        return (
            Verdict.learning,
            f"It is like its training samples; whether it learnt more than those is unknown: {now}.",
        )
    if progress.near:
        if progress.gains:
            return Verdict.healthy, f"It keeps improving, and is near the data: {now}."
        if not progress.settled:
            return Verdict.healthy, f"It is near the data; whether more steps help, a longer run shows: {now}."
        return Verdict.converged, f"It works, and nothing measured has improved over the last half of the steps: {now}."
    if progress.gains:
        return Verdict.learning, f"It comes nearer to the data, and is not there: {now}."
    if history.young and not ended:
        return Verdict.warming_up, f"Too early to tell: runs that end well often look like this ({now})."
    if len(progress) < 3:
        return Verdict.warming_up, f"Too short to tell whether it comes nearer to the data ({now})."
    return Verdict.stalled, f"It has come no nearer over the last half of the steps, and is far from the data: {now}."


def before_training(setup: Setup) -> list[Finding]:
    """The findings on settings and wiring, in the order of the rules."""
    return [_applicable(setup, finding) for rule in BEFORE for finding in rule(setup)]


def _applicable(setup: Setup, finding: Finding) -> Finding:
    return finding._replace(settings=setup.applicable(finding.settings))


def _harmless(finding: Finding) -> Finding:
    """What was feared before the first step, once the samples are near the data all the same."""
    return finding if finding.code in REFUSED else finding._replace(severity=Severity.note)


def _ordered(before: Sequence[Finding], during: Sequence[Finding]) -> tuple[Finding, ...]:
    """The gravest first, and those before the first step before others; but causes before their effects.

    A warning before the first step is the likely cause where training fails and nothing was certain to make it fail.
    """
    ranks = list(Severity)

    def place(finding: Finding) -> tuple[bool, bool, int]:
        note = finding.severity is Severity.note
        return note, finding.code in EFFECTS and not note, ranks.index(finding.severity)

    ordered = sorted([*before, *during], key=place)
    certain = [finding for finding in before if finding.severity is Severity.error]
    likely = [finding for finding in before if finding.severity is Severity.warning][:1]
    fails = any(finding.severity is Severity.error for finding in during)
    if fails and likely and not certain:
        ordered.remove(likely[0])
        ordered.insert(0, likely[0])
    return tuple(ordered)


def examine(setup: Setup, log: Log) -> Diagnosis:
    """The diagnosis of a run from its log. Findings are sorted as `_ordered` says."""
    history = History(log)
    before = before_training(setup)
    during = [_applicable(setup, finding) for rule in (WHILE if log else ()) for finding in rule(setup, history)]
    if history.progress.near:
        before = [_harmless(finding) for finding in before]
    findings = _ordered(before, during)
    word, why = verdict(setup, findings, history)
    if times := len(log.rollbacks):
        often = "once" if times == 1 else f"{times} times"
        why += f" It went back to a checkpoint {often}, each time with lower learning rates."
    step = max(history.step, history.progress.step, log.failure["step"] if log.failure else 0)
    return Diagnosis(word, why, findings, step)
