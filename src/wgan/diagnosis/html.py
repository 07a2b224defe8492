"""A diagnosis as HTML, for a notebook."""

from typing import TYPE_CHECKING

from wgan.diagnosis.words import severity_word, verdict_word
from wgan.language import say
from wgan.system.html import BAD, CARE, GOOD, SOFT, WAIT, Markup, badge, block
from wgan.system.text import typed

if TYPE_CHECKING:
    from wgan.diagnosis.finding import Diagnosis, Finding

GROUNDS = {
    "healthy": GOOD,
    "converged": GOOD,
    "warming-up": WAIT,
    "learning": WAIT,
    "note": WAIT,
    "stalled": CARE,
    "unstable": CARE,
    "warning": CARE,
    "collapsing": BAD,
    "diverged": BAD,
    "broken": BAD,
    "error": BAD,
}
"""The ground of a badge, by `Diagnosis.tone` or a severity."""


def verdict_html(diagnosis: "Diagnosis") -> Markup:
    """The verdict and its summary."""
    word = badge(verdict_word(diagnosis.verdict), GROUNDS[diagnosis.tone])
    at = Markup('<div style="margin: 6px 0">{} &nbsp;{} <span style="{}">{}</span></div>')
    return at.format(word, diagnosis.summary, SOFT, say("At step {step:,}.", step=diagnosis.step))


def diagnosis_html(diagnosis: "Diagnosis") -> Markup:
    """The verdict, and below it each finding with its evidence and advice."""
    return block(verdict_html(diagnosis), *map(_finding, diagnosis.findings))


def _finding(finding: "Finding") -> Markup:
    """One finding: folded, unless it is an error."""
    since = "" if finding.step is None else " " + say("since step {step:,}", step=finding.step)
    lines = [finding.evidence, finding.advice]
    parts = [Markup("<div>{}</div>").format(text) for text in lines if text]
    if finding.settings:
        code = Markup("<code>{}</code>").format(" ".join(typed(finding.settings)))
        parts.append(Markup("<div>{}</div>").format(code))
    if finding.reference:
        parts.append(Markup('<div style="{}">{}</div>').format(SOFT, finding.reference))
    summary = Markup("{} <b>{}</b>{}").format(
        badge(severity_word(finding.severity), GROUNDS[finding.severity.value]), finding.code, since
    )
    opened = Markup(" open") if finding.severity.value == "error" else ""
    return Markup(
        '<details{} style="margin: 6px 0"><summary style="cursor: pointer">{}</summary>'
        '<div style="margin: 4px 0 8px 18px; max-width: 80ch">{}</div></details>'
    ).format(opened, summary, Markup("").join(parts))
