"""The doctor: reads a run, says how it is and why."""

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from wgan.config import RunConfig
from wgan.diagnosis import Diagnosis, Player, Setup, Wiring, examine
from wgan.objectives import axes
from wgan.rundir import Run
from wgan.training import OptimizerSettings
from wgan.types import DataShape

WIDTH = 100


def diagnose(run: str | Path | Run) -> Diagnosis:
    """The verdict on a run, from what it has written so far; nothing is trained, and the data are not needed.

    Raises:
        InputError: there is no run.
    """
    opened = run if isinstance(run, Run) else Run.open(run)
    setup = setup_of(opened.config, opened.wiring, opened.provenance.train_count, opened.shape)
    return examine(setup, opened.metrics(), failure=opened.failure())


def diagnosis_facts(run: Run) -> dict[str, Any]:
    """The diagnosis of a run as plain values."""
    return {"run": str(run.path), **diagnose(run).to_dict()}


def diagnosis_lines(facts: Mapping[str, Any]) -> Iterator[str]:
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


def setup_of(config: RunConfig, wiring: Wiring, train_count: int, shape: DataShape) -> Setup:
    """What the rules know of a run before its first step."""
    return Setup(
        game=None if "objective" in config.custom else axes(config.objective),
        generator=_player(config.generator_optimizer),
        critic=_player(config.critic_optimizer),
        batch_size=config.training.batch_size,
        critic_steps=config.training.critic_steps,
        steps=config.training.steps,
        train_count=train_count,
        pictures=len(shape) == 3,
        wiring=wiring,
        ema_decay=config.training.ema_decay,
        critic_norm=getattr(config.networks, "critic_norm", None),
        custom=frozenset(config.custom),
    )


def _player(optimizer: OptimizerSettings) -> Player:
    return Player(type(optimizer).__name__.lower(), optimizer.learning_rate, optimizer.inertia)
