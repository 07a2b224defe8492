"""The verdict: one word for a run, and a sentence."""

from collections.abc import Sequence

from wgan.diagnosis.finding import Diagnosis, Finding, Severity, Verdict
from wgan.diagnosis.history import BY_HEART, MINUTES, History, Log, Row
from wgan.diagnosis.rules import BEFORE, REFUSED, WHILE
from wgan.diagnosis.setup import Setup
from wgan.language import say

IMPLIES = {
    "non-finite": Verdict.diverged,
    "exploding-gradients": Verdict.diverged,
    "updates-too-large": Verdict.diverged,
    "learning-rate-too-high": Verdict.unstable,
    "mode-collapse": Verdict.collapsing,
    "classes-collapsed": Verdict.collapsing,
}
"""The verdict that an error implies; any other error means broken."""

COPIED = ("data-repeated", "condition-leaks")
"""Where held-out samples are no test."""

OVERFITTING = "critic-overfitting"

EFFECTS = ("mode-collapse", "samples-off-data", "past-its-best", "oscillation")
"""What samples look like, whatever made them so."""


def verdict(setup: Setup, findings: Sequence[Finding], history: History) -> tuple[Verdict, str]:
    """The verdict and why, from all findings, in the order in which they are shown."""
    errors = [finding for finding in findings if finding.severity is Severity.error]
    if history.failure is not None:
        return Verdict.diverged, say("Numbers grew without bound or were not finite, and the run ended.")
    if errors:
        implied = [IMPLIES.get(finding.code, Verdict.broken) for finding in errors]
        word = Verdict.diverged if Verdict.diverged in implied and implied[0] != Verdict.broken else implied[0]
        if word is Verdict.broken and errors[0].step is None:
            return word, say("The set-up is wrong ({code}).", code=errors[0].code)
        return word, say("Training does not work; {code} explains it best.", code=errors[0].code)
    for finding in findings:
        if finding.severity is Severity.warning and finding.code in ("oscillation", "past-its-best"):
            return Verdict.unstable, finding.evidence
    copied = any(finding.code in COPIED for finding in findings)
    by_heart = any(finding.code == OVERFITTING for finding in findings) and history.by_heart > BY_HEART
    ended = history.step >= setup.steps or history.stopped
    return _progress(history, ended=ended, copied=copied, by_heart=by_heart)


def _progress(history: History, *, ended: bool, copied: bool, by_heart: bool) -> tuple[Verdict, str]:
    """The verdict from the comparisons with held-out reals.

    They are none if they are `copied` training samples, and say too little if they are few and the critic knows the
    others `by_heart`.
    """
    progress = history.progress
    if progress.newest is None:
        return Verdict.warming_up, say("Samples have not been compared with held-out data; `wgan evaluate` does that.")
    now = progress.describe()
    if progress.apart:
        return Verdict.learning, say(
            "Training samples are not like the held-out ones themselves, so nothing says how near it is: {now}.",
            now=now,
        )
    if len(progress) < 2 and not progress.near:
        return Verdict.learning, say(
            "Far from the data: {now}. One comparison does not say whether it comes nearer.", now=now
        )
    if progress.near and (copied or not progress.judged):
        return (
            Verdict.learning,
            say("It is like its training samples; whether it learnt more than those is unknown: {now}.", now=now),
        )
    if progress.near and by_heart and progress.rough:
        return Verdict.learning, say(
            "It is near the data; but its critic knows the training samples by heart, and {count} held-out samples are "
            "too few to tell whether the generator learnt more than those: {now}.",
            count=progress.newest.reals,
            now=progress.numbers(),
        )
    if progress.near:
        if progress.gains:
            return Verdict.healthy, say("It keeps improving, and is near the data: {now}.", now=now)
        if not progress.settled:
            return Verdict.healthy, say(
                "It is near the data; whether more steps help, a longer run shows: {now}.", now=now
            )
        return Verdict.converged, say(
            "It works, and nothing measured has improved over the last half of the steps: {now}.", now=now
        )
    if progress.gains:
        return Verdict.learning, say("It comes nearer to the data, and is not there: {now}.", now=now)
    if history.young and not ended:
        return Verdict.warming_up, say("Too early to tell: runs that end well often look like this ({now}).", now=now)
    if len(progress) < 3:
        return Verdict.warming_up, say("Too short to tell whether it comes nearer to the data ({now}).", now=now)
    return Verdict.stalled, say(
        "It has come no nearer over the last half of the steps, and is far from the data: {now}.", now=now
    )


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


def stop_told(stopped: Row) -> str:
    """What ended a run before its last step, in a sentence after another."""
    if stopped["by"] == Verdict.converged.value:
        return say(
            " It was stopped at step {step:,}, since it had been converged from step {since:,} on.",
            step=stopped["step"],
            since=stopped["since"],
        )
    if stopped["by"] == MINUTES:
        return say(
            " It was stopped at step {step:,}, after {minutes:.3g} minutes of training where it was given {given:g}: "
            "its steps took longer than when they were timed.",
            step=stopped["step"],
            minutes=stopped["seconds"] / 60,
            given=stopped["minutes"],
        )
    return say(
        " It was stopped at step {step:,}: {metric} has not improved beyond its noise since step {since:,}.",
        step=stopped["step"],
        metric=stopped["by"],
        since=stopped["since"],
    )


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
        often = say("once") if times == 1 else say("{times} times", times=times)
        why += say(" It went back to a checkpoint {often}, each time with lower learning rates.", often=often)
    if log.stopped:
        why += stop_told(log.stopped)
    step = max(history.step, history.progress.step, log.failure["step"] if log.failure else 0)
    return Diagnosis(word, why, findings, step)
