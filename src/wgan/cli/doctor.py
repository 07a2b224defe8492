"""`wgan doctor`: whether training works, the evidence, and what to do."""

import textwrap
from collections.abc import Iterator

from wgan.cli.options import AsJson, RunPath
from wgan.cli.output import Facts, print_facts
from wgan.system.text import typed

WIDTH = 100


def doctor(run: RunPath, as_json: AsJson = False) -> None:
    """Say whether training works: a verdict, the evidence, and what to do."""
    from wgan.runs.doctor import diagnose

    print_facts({"run": str(run), **diagnose(run).to_dict()}, diagnosis_lines, as_json=as_json)


def diagnosis_lines(facts: Facts) -> Iterator[str]:
    """The same for people."""
    yield f"{facts['run']}: {facts['verdict']} at step {facts['step']:,}"
    yield from _wrapped(facts["summary"], "")
    for finding in facts["findings"]:
        since = "" if finding["step"] is None else f", since step {finding['step']:,}"
        yield ""
        yield f"{finding['severity']}: {finding['code']}{since}"
        yield from _wrapped(finding["evidence"])
        yield from _wrapped(finding["advice"])
        if finding["settings"]:
            yield f"  Try: the same command with {' '.join(typed(finding['settings']))} --out ANOTHER-FOLDER"
        yield from _wrapped(f"See: {finding['reference']}")
    if sum(bool(finding["settings"]) for finding in facts["findings"]) > 1:
        yield ""
        yield "Try one thing at a time, the first one first: what comes later is often only its consequence."
    if not facts["findings"]:
        yield "Nothing was found that stands against it."


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
