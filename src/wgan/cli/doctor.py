"""`wgan doctor`: whether training works, the evidence, and what to do."""

from collections.abc import Iterator

from wgan.cli.options import AsJson, Lang, RunPath
from wgan.cli.output import Facts, print_facts
from wgan.language import say
from wgan.system.text import typed, wrapped

WIDTH = 100


def doctor(run: RunPath, as_json: AsJson = False, lang: Lang = None) -> None:
    """Say whether training works: a verdict, the evidence, and what to do."""
    from wgan.runs.doctor import diagnose

    print_facts({"run": str(run), **diagnose(run).to_dict()}, diagnosis_lines, as_json=as_json)


def diagnosis_lines(facts: Facts) -> Iterator[str]:
    """The same for people."""
    from wgan.diagnosis import Severity, Verdict, severity_word, verdict_word

    word = verdict_word(Verdict(facts["verdict"]))
    yield say("{run}: {verdict} at step {step:,}", run=facts["run"], verdict=word, step=facts["step"])
    yield from wrapped(facts["summary"], WIDTH)
    for finding in facts["findings"]:
        severity = severity_word(Severity(finding["severity"]))
        since = "" if finding["step"] is None else say(", since step {step:,}", step=finding["step"])
        yield ""
        yield say("{severity}: {code}{since}", severity=severity, code=finding["code"], since=since)
        yield from wrapped(finding["evidence"], WIDTH, "  ")
        yield from wrapped(finding["advice"], WIDTH, "  ")
        if finding["settings"]:
            settings = " ".join(typed(finding["settings"]))
            yield say("  Try: the same command with {settings} --out ANOTHER-FOLDER", settings=settings)
        yield from wrapped(say("See: {reference}", reference=finding["reference"]), WIDTH, "  ")
    if sum(bool(finding["settings"]) for finding in facts["findings"]) > 1:
        yield ""
        yield say("Try one thing at a time, the first one first: what comes later is often only its consequence.")
    if not facts["findings"]:
        yield say("Nothing was found that stands against it.")
