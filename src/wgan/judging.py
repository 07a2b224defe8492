"""What the program says of how good a run is, a diagnosis or an evaluation: facts for --json, the same as lines."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from wgan.doctor import diagnose
from wgan.evaluation import evaluate
from wgan.rundir import Run
from wgan.views.terminal import Terminal

Facts = Mapping[str, Any]
WIDTH = 100


def metric_names(text: str | None) -> tuple[str, ...] | None:
    """The names in a list with commas; None stays None."""
    return None if text is None else tuple(name.strip() for name in text.split(",") if name.strip())


def evaluation_facts(
    run: Run, metrics: str | None, data: str | None, n: int | None, step: int | None, seed: int, terminal: Terminal
) -> dict[str, Any]:
    """Evaluate a run, and say what came of it."""
    evaluation = evaluate(
        run, metrics=metric_names(metrics), data=data, n=n, step=step, seed=seed, progress=terminal.counted
    )
    return {"run": str(run.path), **evaluation.to_dict()}


def evaluation_lines(facts: Facts) -> Iterator[str]:
    """The same for people: a line for each metric."""
    yield (
        f"{facts['run']} at step {facts['step']:,}: {facts['n']:,} fakes against {facts['reference']:,} held-out reals "
        f"of {facts['data']}"
    )
    width = max(map(len, facts["metrics"]), default=0)
    yield f"  {'':{width}}  {'value':>9}  {'95% interval':^21}  {'floor':>9}  better"
    for name, result in facts["metrics"].items():
        told = result["low"] is not None and result["high"] is not None
        interval = f"{_number(result['low'])} to {_number(result['high'])}" if told else "-"
        fewer = f" (of {result['n']:,})" if result["n"] < facts["n"] else ""
        yield (
            f"  {name:{width}}  {_number(result['value']):>9}  {interval:^21}  {_number(result['floor']):>9}  "
            f"{result['better']}{fewer}"
        )
    sets = f", the mean of {facts['floor_sets']} such sets" if facts["floor_sets"] > 1 else ""
    yield f"floor: {facts['floor']:,} real training samples in place of the fakes, the best to be expected{sets}"
    if any(result["low"] is not None for result in facts["metrics"].values()):
        yield (
            "95% interval: over other draws of fakes, the reals staying the same; from random halves of the fakes "
            "(a jackknife, not a bootstrap)"
        )
    for seen in dict.fromkeys(facts["seen_by"].values()):
        names = [name for name, other in facts["seen_by"].items() if other == seen]
        yield f"seen by {', '.join(names)}: {seen}"
    for note in facts["notes"]:
        yield f"note: {note}"


def _number(value: float | None) -> str:
    """Four digits that count, without an exponent where it can be read without; a dash for none."""
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 10_000 else f"{value:.4g}" if abs(value) >= 1e-4 else f"{value:.1g}"


def diagnosis_facts(run: Run) -> dict[str, Any]:
    """The diagnosis of a run as plain values."""
    return {"run": str(run.path), **diagnose(run).to_dict()}


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
            typed = " ".join(f"--set {setting}" for setting in finding["settings"])
            yield f"  Try: the same command with {typed} --out ANOTHER-FOLDER"
        yield from _wrapped(f"See: {finding['reference']}")
    if sum(bool(finding["settings"]) for finding in facts["findings"]) > 1:
        yield ""
        yield "Try one thing at a time, the first one first: what comes later is often only its consequence."
    if not facts["findings"]:
        yield "Nothing was found that stands against it."


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
