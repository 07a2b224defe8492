"""The answer to a question: what the doctor said, and after that, how good the samples are."""

import json
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

import wgan
from exam_parts.question import Question
from wgan.data import open_pack, open_source
from wgan.diagnosis import Diagnosis, examine
from wgan.evaluation import Evaluator
from wgan.runs.doctor import setup_of

METRICS = ("frechet", "recall", "coverage")
HOLDOUT = 0.1
Values = dict[str, float]


@dataclass(frozen=True)
class Ending:
    """How a run ended and what its samples are worth: all of it independent of the doctor."""

    how: str
    """complete, failed (training broke down), refused (before the first step) or crashed (an error not ours)."""
    text: str = ""
    """Of the error."""
    seconds: float = 0.0
    values: Values = field(default_factory=dict)
    """The metrics of the final average generator; empty where it has none that is finite."""
    floors: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What the doctor says of a run."""

    verdict: str
    summary: str
    findings: tuple[tuple[str, str], ...]
    """(code, severity), the gravest first."""
    errors: tuple[str, ...]
    """Codes that were errors after any line of the log."""
    praised_early: str
    """The first comparison whose samples it praised though they were poor; empty if there is none."""


def train(question: Question, out: Path) -> Ending:
    """Train a run unless it is there, and measure it; the doctor does not see the measures, which stay outside.

    One that was refused is tried again, since what refuses it may have changed.
    """
    folder, note = out / question.name, out / f"{question.name}.json"
    known = json.loads(note.read_text()) if note.exists() else {}
    if known.get("definition") == question.definition and known["ending"]["how"] not in ("refused", "crashed"):
        return Ending(**known["ending"])
    torch.set_num_threads(1)  # the networks are too small to share, and one number of threads is one result
    started = time.process_time()
    how, text = "complete", ""
    if folder.exists():
        shutil.rmtree(folder)
    try:
        question.train(folder)
    except wgan.TrainingError as error:
        how, text = "failed", str(error)
    except wgan.WganError as error:
        how, text = "refused", str(error)
    except Exception as error:  # a mistake that the program does not foresee is an answer too, and a poor one
        how, text = "crashed", f"{type(error).__name__}: {error}"
    seconds = round(time.process_time() - started, 1)
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)  # large, and no doctor reads them
    measured = _measured(question, folder) if how == "complete" else ({}, {})
    ending = Ending(how, text, seconds, *measured)
    note.write_text(json.dumps({"definition": question.definition, "ending": asdict(ending)}) + "\n")
    return ending


def _measured(question: Question, folder: Path) -> tuple[Values, Values]:
    """Metrics of the final average generator against held-out reals, of the data as they were meant; and floors."""
    run = wgan.Run.open(folder, question.generator())
    pack = open_pack(open_source(question.data.values()), None, None)
    evaluator = Evaluator(pack, HOLDOUT, METRICS)
    samples = run.sample(evaluator.n, seed=question.seed)
    back = question.change.undo
    samples = back(samples) if back else samples
    floors = {name: round(floor, 5) for name, floor in evaluator.floors.items()}
    if not samples.isfinite().all():
        return {}, floors
    values = evaluator.evaluate(samples.split(256), len(samples)).values
    return {name: round(value, 5) for name, value in values.items()}, floors


def diagnose(question: Question, out: Path) -> Answer | None:
    """The doctor's final word, and what it said on the way; None if the run left nothing to diagnose."""
    folder = out / question.name
    if not (folder / "config.toml").exists():
        return None
    run = wgan.Run.open(folder, question.generator())
    final, log = wgan.diagnose(run), run.log()
    setup = setup_of(run.config, run.wiring, run.provenance.train_count, run.spec)
    steps = [row["step"] for row in log.rows] if question.kind != "defect" else []
    errors = [code for step in steps for code in _errors(examine(setup, log.until(step)))]
    comparisons = run.comparisons()
    early = [
        row for row in comparisons if praises(examine(setup, log.until(row["step"]))) and _poor(row, comparisons[-1])
    ]
    return Answer(
        verdict=final.verdict.value,
        summary=final.summary,
        findings=tuple((finding.code, finding.severity.value) for finding in final.findings),
        errors=tuple(dict.fromkeys([*errors, *_errors(final)])),
        praised_early=f"at step {early[0]['step']}" if early else "",
    )


def praises(diagnosis: Diagnosis) -> bool:
    """Whether it says that the run has arrived."""
    return diagnosis.verdict.value == "converged" or "It works" in diagnosis.summary


def _errors(diagnosis: Diagnosis) -> list[str]:
    return [finding.code for finding in diagnosis.findings if finding.severity.value == "error"]


def _poor(row: dict[str, Any], last: dict[str, Any]) -> bool:
    """Whether samples miss half of the data, or the Fréchet distance, above its noise, halves afterwards."""
    here, then = row["metrics"], last["metrics"]
    missed = any(here[name]["value"] < here[name]["floor"] / 2 for name in ("recall", "coverage") if name in here)
    if "frechet" not in here or "frechet" not in then:
        return missed
    now, floor = here["frechet"]["value"], here["frechet"]["floor"]
    return missed or (now > 2 * floor and then["frechet"]["value"] < now / 2)
