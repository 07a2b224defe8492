"""What the program says: facts as plain values for --json, and the same facts as lines for people."""

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from wgan.api import Plan
from wgan.choosing import usual_shape
from wgan.config import DataSettings, RunConfig, dotted
from wgan.data import Pack, form, open_pack, open_source
from wgan.diagnosis import before_training
from wgan.doctor import diagnose
from wgan.evaluation import best_step
from wgan.experiment import Experiment
from wgan.networks import count_parameters
from wgan.recipes import RECIPES, recipe
from wgan.report import Network, networks
from wgan.rundir import Run
from wgan.views import cloud, duration, grid, replacing_picture
from wgan.views.terminal import Terminal

CONTACT_COLUMNS = 10
CONTACT_COUNT = 100
SKIPPED_SHOWN = 10
FINDINGS_SHOWN = 3

Facts = Mapping[str, Any]


def plan_lines(plan: Plan) -> Iterator[str]:
    """What is about to be trained."""
    config, pack = plan.config, plan.pack
    objective = plan.config.custom.get("objective") or type(config.objective).__name__
    train, held_out = pack.split(config.data.holdout)
    because = f" ({plan.why})" if plan.why else ""
    yield f"recipe  {config.recipe}{because}: {objective}, {_sizes(plan)}"
    yield f"data    {pack.contents.name}: {len(train):,} {form(pack.shape)} to train on, {len(held_out):,} held out"
    if pack.contents.skipped:
        yield f"        {len(pack.contents.skipped):,} files skipped; `wgan data {config.data.source}` says why"
    yield f"run     {plan.out}, {config.training.steps:,} steps"
    if config.schedule.steps:
        yield f"        {_changes(config)}"


def _changes(config: RunConfig) -> str:
    """What a schedule does, in words."""
    schedule, early = config.schedule, config.training.steps < config.schedule.steps
    ends = {"learning rate times": schedule.learning_rate, "penalty weight times": schedule.penalty_weight}
    parts = [f"{name} {factor:g}" for name, factor in ends.items() if factor != 1]
    parts += [] if schedule.beta2 is None else [f"Adam's second beta {schedule.beta2:g}"]
    over = f"after {schedule.steps:,} steps" + (", which are more than this run has" if early else "")
    return f"schedule: {', '.join(parts)} {over}"


def starting_lines(experiment: Experiment) -> Iterator[str]:
    """Where training starts and on what, and what could be told before the first step that stands against the run."""
    yield f"        {_start(experiment)}"
    for finding in before_training(experiment.setup):
        typed = " ".join(f"--set {setting}" for setting in finding.settings)
        yield f"{finding.severity.value}: {finding.code}. {finding.evidence} {finding.advice}"
        if typed:
            yield f"        {typed}"


def _start(experiment: Experiment) -> str:
    step, device = experiment.state.step, experiment.run.provenance.device
    if experiment.complete:
        return f"complete at step {step:,}: nothing left to train"
    where = f"on {device}" + (f", in {world.size} processes" if (world := experiment.world).size > 1 else "")
    threads = f", {experiment.config.threads} thread{'s' * (experiment.config.threads != 1)}" if device == "cpu" else ""
    where += f", {experiment.engine.mode}{threads}"
    if step:
        return f"resumed at step {step:,}, {where}"
    weights = [f"{name} {place}" for name, place in experiment.config.start if place is not None]
    return f"from {' and '.join(weights) if weights else 'the start'}, {where}"


def _sizes(plan: Plan) -> str:
    sizes = []
    for name in ("generator", "critic"):
        network = getattr(plan.parts, name) or getattr(plan.config.networks, name)(plan.pack.shape)
        sizes.append(f"{name} {count_parameters(network):,}")
    return f"{' + '.join(sizes)} parameters"


def ending_lines(run: Run) -> Iterator[str]:
    """What a finished run leaves to look at."""
    step, grid_file = max(run.checkpoints()), max(run.samples().values())
    last = {"images_seen": 0, "seconds": 0.0} | (run.metrics() or [{}])[-1]
    yield ""
    yield f"Done: {step:,} steps, {last['images_seen']:,} images seen in {duration(last['seconds'])}."
    diagnosis = diagnose(run)
    yield f"Verdict: {diagnosis.verdict.value}. {diagnosis.summary}"
    for finding in diagnosis.findings[:FINDINGS_SHOWN]:
        yield f"  {finding.severity.value}: {finding.code}. {finding.evidence}"
    if diagnosis.findings:
        yield f"  wgan doctor {run.path}   what to do about it"
    if (best := best_step(run, run.config.output.best_by)) in run.checkpoints():
        yield f"  wgan sample {run.path} --step {best}   the best by {run.config.output.best_by}"
    yield f"  {grid_file}   the newest pictures"
    yield f"  {run.film_file if run.film_file.exists() else run.evolution_file}   how they came about"
    yield f"  {run.report_file}   everything on one page"
    yield f"More: wgan sample {run.path} -n 100 · tensorboard --logdir {run.tensorboard_folder}"
    if run.config.schedule.stops and step >= run.config.schedule.steps:
        yield "The learning rate has come to 0. To train longer, start anew with more --steps and schedule.steps."
    else:
        yield f"To train on: the same command with --steps {2 * step}"


# -- data -------------------------------------------------------------------------------------------------------


def data_facts(data: str, size: int | None, out: Path | None, terminal: Terminal) -> dict[str, Any]:
    """What is in a source, after packing it and drawing the contact sheet."""
    source = open_source(data)
    survey = source.survey(terminal.counted)
    pack = open_pack(source, None if size is None else (size, size), None, terminal.counted)
    sheet = out or Path(f"contact-{source.name}.png")
    _draw_contact_sheet(pack, sheet)
    train, held_out = pack.split(DataSettings().holdout)
    return {
        "name": source.name,
        "count": survey.count,
        "sizes": {f"{h}x{w}": count for (h, w), count in survey.sizes.most_common()},
        "modes": dict(survey.modes.most_common()),
        "labels": dict(sorted(survey.labels.items())),
        "skipped": [entry._asdict() for entry in pack.contents.skipped],
        "packed": {"shape": list(pack.shape), "count": len(pack), "folder": str(pack.path)},
        "duplicates": len(pack) - len(np.unique(pack.hashes)),
        "split": {"train": len(train), "held_out": len(held_out)},
        "contact_sheet": str(sheet),
    }


def _draw_contact_sheet(pack: Pack, target: Path) -> None:
    """Samples evenly chosen from the whole pack."""
    chosen = np.linspace(0, len(pack) - 1, min(len(pack), CONTACT_COUNT if len(pack.shape) == 3 else 2000)).astype(int)
    samples = pack.samples[chosen]
    image = grid(torch.from_numpy(samples), CONTACT_COLUMNS) if len(pack.shape) == 3 else cloud(samples)
    with replacing_picture(target) as temporary:
        image.save(temporary)


def data_lines(facts: Facts) -> Iterator[str]:
    """The same for people."""
    shape = tuple(facts["packed"]["shape"])
    yield f"{facts['name']}: {facts['count']:,} {'points' if len(shape) == 1 else 'pictures'}"
    if facts["sizes"]:
        yield f"  sizes       {_counted(facts['sizes'])}, height x width"
        yield f"  modes       {_counted(facts['modes'])}"
    if facts["labels"]:
        yield f"  labels      {_counted(facts['labels'])}"
    yield f"  packed as   {facts['packed']['count']:,} {form(shape)} in {facts['packed']['folder']}"
    if shape[0] == 3 and {"RGBA", "LA", "PA"} & set(facts["modes"]):
        yield "  opacity     laid on white; --set data.channels=4 trains on it"
    yield f"  split       {facts['split']['train']:,} to train on, {facts['split']['held_out']:,} held out"
    if facts["duplicates"]:
        yield f"  duplicates  {facts['duplicates']:,} equal another one to the last pixel"
    if skipped := facts["skipped"]:
        yield f"  skipped     {len(skipped):,} files"
        for entry in skipped[:SKIPPED_SHOWN]:
            yield f"    {entry['name']}: {entry['reason']}"
        if len(skipped) > SKIPPED_SHOWN:
            yield f"    and {len(skipped) - SKIPPED_SHOWN:,} more (all with --json)"
    yield f"Contact sheet: {facts['contact_sheet']}"


def _counted(counts: Mapping[str, int], most: int = 10) -> str:
    shown = ", ".join(f"{name} ({count:,})" for name, count in list(counts.items())[:most])
    return shown + (f" and {len(counts) - most} more" if len(counts) > most else "")


# -- recipes ----------------------------------------------------------------------------------------------------


def catalogue_facts() -> dict[str, Any]:
    """All recipes."""
    entries = []
    for name, function in RECIPES.items():
        config = function()
        sizes = {n.title: {"parameters": n.parameters} for n in networks(config, usual_shape(config))}
        entries.append({"name": name, "summary": _summary(name), "steps": config.training.steps, **sizes})
    return {"recipes": entries}


def catalogue_lines(facts: Facts) -> Iterator[str]:
    """The same for people."""
    width = max(len(entry["name"]) for entry in facts["recipes"])
    for entry in facts["recipes"]:
        yield f"{entry['name']:{width}}  {entry['summary']}"
    yield ""
    yield "One of them in full: wgan recipes NAME. Train it: wgan train DATA --recipe NAME."


def recipe_facts(name: str) -> dict[str, Any]:
    """One recipe: its settings, and its networks for the data it was written for."""
    config: RunConfig = recipe(name)
    shape = usual_shape(config)
    return {
        "name": name,
        "description": inspect.getdoc(RECIPES[name]),
        "data_shape": list(shape),
        "settings": config.to_dict(),
        **{network.title: _network_facts(network) for network in networks(config, shape)},
    }


def _network_facts(network: Network) -> dict[str, Any]:
    return {"parameters": network.parameters, "layers": [layer._asdict() for layer in network.layers]}


def recipe_lines(facts: Facts) -> Iterator[str]:
    """The same for people."""
    yield facts["name"]
    yield ""
    yield from facts["description"].splitlines()
    yield ""
    yield "Settings (change them with --set KEY=VALUE):"
    settings = dotted(facts["settings"])
    width = max(map(len, settings))
    yield from (f"  {key:{width}}  {value}" for key, value in settings.items())
    for title in ("generator", "critic"):
        network = facts[title]
        yield ""
        yield f"{title.capitalize()}: {network['parameters']:,} parameters, for {form(tuple(facts['data_shape']))}"
        for layer in network["layers"]:
            shape = "x".join(map(str, layer["output"])) or "1"
            yield f"  {layer['name']:>4}  {layer['kind']:16} {shape:>12} {layer['parameters']:>12,}"


def _summary(name: str) -> str:
    return (inspect.getdoc(RECIPES[name]) or "").partition("\n")[0]
