"""What `wgan train` says: what will be trained, where it starts, and what became of it."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wgan.cli import options
from wgan.language import say
from wgan.system.text import counted, typed

if TYPE_CHECKING:
    from wgan.config import RunConfig
    from wgan.experiment.plan import Plan
    from wgan.experiment.trainer import Trainer
    from wgan.runs import Run
    from wgan.types import Condition

FINDINGS_SHOWN = 3
NAMED = 4
"""Columns of data that could be conditions."""
FEW = 4
"""Fewer steps than this share of what a recipe has on its own data are worth a word."""


def plan_lines(plan: "Plan") -> Iterator[str]:
    """What will be trained."""
    from wgan.networks import count_parameters
    from wgan.views import passes

    config, pack = plan.config, plan.pack
    objective = config.custom.get("objective") or type(config.objective).__name__
    train, held_out = pack.split(config.data.holdout)
    generator, critic = config.networks.generator(pack.spec), config.networks.critic(pack.spec)
    sizes = f"generator {count_parameters(generator):,} + critic {count_parameters(critic):,} parameters"
    yield f"recipe  {config.recipe}: {objective}, {sizes}"
    yield from (f"        {reason}" for reason in plan.why)
    yield f"data    {pack.contents.name}: {len(train):,} {pack.spec} to train on, {len(held_out):,} held out"
    if pack.contents.skipped:
        yield f"        {len(pack.contents.skipped):,} files skipped; `wgan data {config.data.source}` says why"
    yield from _asked(plan)
    yield from _augmented(config)
    epochs = passes(plan.epochs)
    if plan.is_open:
        yield f"run     {plan.out}, as many steps as fit into --minutes {config.training.minutes:g}: measured first"
    else:
        yield f"run     {plan.out}, {config.training.steps:,} steps: {epochs} epoch{'s' * (epochs != '1')}"
        yield from _few(plan)
    if not plan.is_open:
        yield from _changes(config)
    yield from _early(plan)
    yield from _tracked(plan)


def _early(plan: "Plan") -> Iterator[str]:
    """What ends the run before its last step."""
    from wgan.training import NEVER

    stop, every = plan.config.stop, plan.config.output.evaluate_every
    if stop.metric is not None:
        often = "" if plan.is_open else f" (one every {counted(every, 'step')})"
        yield f"stop    once the newest {counted(stop.span, 'evaluation')}{often} no longer improve in {stop.metric}"
    elif stop.by != NEVER:
        often = "a comparison" if stop.span == 1 else f"{stop.span} comparisons in a row"
        yield f"stop    once the verdict is {stop.by} at {often}"


def _tracked(plan: "Plan") -> Iterator[str]:
    """Where else the numbers go, and where they went when the run was begun."""
    from wgan.experiment.tracked import no_longer

    heads = ("track   ", *["        "] * len(plan.tracked))
    yield from (f"{head}{name}: {place}" for head, (name, place) in zip(heads, plan.tracked.items(), strict=False))
    for name in no_longer(plan.config.output.track, plan.run):
        yield f"        the run was sent to {name} before: --track {name} goes on"


def _augmented(config: "RunConfig") -> Iterator[str]:
    """How samples are changed before the critic sees them."""
    from wgan.augmentation import augmentation_name

    change = config.augmentation
    if change.changes:
        often = "more often the more it overfits" if change.adapts else "always"
        what = f"the critic sees samples changed at random, {often}; --augment none leaves them"
        yield f"augment {augmentation_name(change)}: {what}"


def _asked(plan: "Plan") -> Iterator[str]:
    """What the generator is asked for, or could be."""
    from wgan.types.condition import in_short

    pack = plan.pack
    if pack.spec.condition is not None:
        yield f"asked   {'; '.join(map(in_short, pack.spec.condition.parts))}"
        if left := len(pack) - len(pack.known):
            yield f"        {left:,} samples of which that is not known are left out"
    elif pack.columns:
        named = [*pack.columns][:NAMED]
        more = f" and {len(pack.columns) - NAMED} more" if len(pack.columns) > NAMED else ""
        yield f"        could be asked for {', '.join(named)}{more}: --condition {options.as_column(named[0])}"


def _few(plan: "Plan") -> Iterator[str]:
    """What to do about a recipe's epochs that little data make short."""
    from wgan.recipes import RECIPES

    training, of = plan.config.training, RECIPES.get(plan.config.recipe)
    usual = of().training if of else training
    if training.epochs is not None and training.epochs == usual.epochs and training.steps * FEW < usual.steps:
        yield f"        few, since the recipe names epochs, of more data; --steps {usual.steps} trains as long as there"


def _changes(config: "RunConfig") -> Iterator[str]:
    """A schedule in words, if it changes something."""
    schedule, early = config.schedule, config.training.steps < config.schedule.steps
    ends = {"learning rate times": schedule.learning_rate, "penalty weight times": schedule.penalty_weight}
    parts = [f"{name} {factor:g}" for name, factor in ends.items() if factor != 1]
    parts += [] if schedule.beta2 is None else [f"Adam's second beta {schedule.beta2:g}"]
    parts += ["an average over more and more steps"] if schedule.growing_average else []
    if schedule.steps and parts:
        over = f"after {schedule.steps:,} steps" + (", more than this run has" if early else "")
        yield f"        schedule: {', '.join(parts)} {over}"


def starting_lines(trainer: "Trainer") -> Iterator[str]:
    """Where and on what training starts, and what is already wrong with the run."""
    from wgan.diagnosis import before_training, severity_word

    yield f"        {_start(trainer)}"
    yield from trainer.expected
    for finding in before_training(trainer.setup):
        yield say(
            "{severity}: {code}. {evidence} {advice}",
            severity=severity_word(finding.severity),
            code=finding.code,
            evidence=finding.evidence,
            advice=finding.advice,
        )
        if finding.settings:
            yield f"        {' '.join(typed(finding.settings))}"


def _start(trainer: "Trainer") -> str:
    from wgan.diagnosis import MINUTES

    step, device = trainer.state.step, trainer.run.provenance.device
    if trainer.stopped is not None and trainer.stopped["by"] == MINUTES:
        took, of = trainer.stopped["seconds"] / 60, trainer.stopped["minutes"]
        return f"complete: stopped at step {step:,} after {took:.3g} minutes of {of:g}; to go on, add more --minutes"
    if trainer.stopped is not None:
        return f"complete: ended at step {step:,} by {trainer.stopped['by']}; to go on, add {_unstopped(trainer.run)}"
    if trainer.complete:
        return f"complete at step {step:,}: nothing left to train"
    where = f"on {device}" + (f", in {world.size} processes" if (world := trainer.world).size > 1 else "")
    threads = f", {trainer.config.threads} thread{'s' * (trainer.config.threads != 1)}" if device == "cpu" else ""
    where += f", {trainer.engine.mode}{threads}"
    if step:
        return f"resumed at step {step:,}, {where}"
    weights = [f"{name} {place}" for name, place in trainer.config.start if place is not None]
    return f"from {' and '.join(weights) if weights else 'the start'}, {where}"


def ending_lines(run: "Run") -> Iterator[str]:
    """The verdict on a finished run, and where to look."""
    from wgan.diagnosis import MINUTES, severity_word, verdict_word
    from wgan.runs.best import best_step
    from wgan.runs.doctor import diagnose
    from wgan.views import duration

    step, grid_file = max(run.checkpoints()), max(run.samples().values())
    last = {"images_seen": 0, "seconds": 0.0} | (run.metrics() or [{}])[-1]
    yield ""
    yield say(
        "Done: {steps:,} steps, {images:,} images seen in {time}.",
        steps=step,
        images=last["images_seen"],
        time=duration(last["seconds"]),
    )
    diagnosis = diagnose(run)
    yield say("Verdict: {verdict}. {summary}", verdict=verdict_word(diagnosis.verdict), summary=diagnosis.summary)
    for finding in diagnosis.findings[:FINDINGS_SHOWN]:
        yield say(
            "  {severity}: {code}. {evidence}",
            severity=severity_word(finding.severity),
            code=finding.code,
            evidence=finding.evidence,
        )
    if diagnosis.findings:
        yield say("  wgan doctor {run}   what to do about it", run=run.path)
    if (best := best_step(run, run.config.output.best_by)) in run.checkpoints():
        yield say(
            "  wgan sample {run} --step {step}   the best by {metric}",
            run=run.path,
            step=best,
            metric=run.config.output.best_by,
        )
    yield say("  {file}   the newest pictures", file=grid_file)
    film = run.film_file if run.film_file.exists() else run.evolution_file
    yield say("  {file}   how they came about", file=film)
    yield say("  {file}   everything on one page", file=run.report_file)
    if condition := run.spec.condition:
        yield say("  wgan sample {run} --condition {asked}   what you ask for", run=run.path, asked=_example(condition))
    yield say(
        "More: wgan explore {run} · wgan sample {run} -n 100 · tensorboard --logdir {folder}",
        run=run.path,
        folder=run.tensorboard_folder,
    )
    if run.config.schedule.stops and step >= run.config.schedule.steps:
        yield say("The learning rate has reached 0. To train longer, start anew with more --steps and schedule.steps.")
    elif (stopped := run.stopped()) and stopped["by"] != MINUTES:
        yield say("To train on: the same command with {option}", option=_unstopped(run))
    else:
        yield say("To train on: the same command with {option}", option=_twice(run, step))


def _example(condition: "Condition") -> str:
    """Something to ask for, as a shell takes it."""
    part = condition.parts[0]
    walk = f"{part.quantiles[1]:.3g}..{part.quantiles[-2]:.3g}" if part.kind == "number" else part.names[-1]
    return shlex.quote(f"{part.name}={walk}")


def _unstopped(run: "Run") -> str:
    """What to add to the command of a run that was ended early. Its metric is still measured.

    A metric of the user's own has to be named again: a run may not name code.
    """
    from wgan.metrics import METRICS

    best_by = run.config.output.best_by
    return "--stop never" + (f" --set output.best_by={best_by}" if best_by and best_by not in METRICS else "")


def _twice(run: "Run", step: int) -> str:
    """The option for a run of twice the length, in the words of its command."""
    training = run.config.training
    if training.minutes is not None:
        return f"--minutes {2 * training.minutes:g}"
    return f"--steps {2 * step}" if training.epochs is None else f"--epochs {2 * training.epochs:g}"
