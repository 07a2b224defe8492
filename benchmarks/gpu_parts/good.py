"""How good is it? `wgan train` for a while on real pictures, then `wgan evaluate`, `wgan doctor` and its last grid.

Runs share the time that is left. One is evaluated while the next trains.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from gpu_parts.cases import TRAINED, settings
from gpu_parts.works import NOT_BEGUN, speaking

STACKED_SAMPLES = 26_000
"""The number of samples among which modes are counted (Lin et al. 2018)."""
SAMPLES = 2_000
START_SECONDS = 25.0
"""Seconds that a run needs before and after training: at 12, no run on an H200 had come to its first pictures."""
EVALUATION_SECONDS = 40.0
END_SECONDS = 60.0
ENDLESS = 10_000_000


class Case(NamedTuple):
    """A run to make: its name, data, recipe and settings, and how it is measured."""

    name: str
    data: str
    recipe: str
    settings: dict[str, Any]
    metrics: str | None
    samples: int


def cases(folders: list[str], *, small: bool) -> list[Case]:
    """The runs that these folders allow: a folder is recognised by its content, or by its name.

    MNIST's files are stacked; faces train the recipes of faces.
    """
    found: list[Case] = []
    for folder in folders:
        if any(Path(folder).rglob("*-idx3-ubyte*")):
            found += [_stacked(folder, objective, small=small) for objective in ("wgan-gp", "r3gan")]
            continue
        for recipe in TRAINED:
            if ("celeba" in recipe) == ("celeba" in Path(folder).name.lower()):
                changed = settings(recipe, small=small)
                name = f"{recipe} {Path(folder).name}"
                found.append(Case(name, folder, recipe, changed, None, 64 if small else SAMPLES))
    found.sort(key=lambda case: (case.data.startswith("stacked:"), TRAINED.index(case.recipe)))
    return [*found[:1], *found[-1:]][: len(found)] if small else found  # a rehearsal has time for no more


def _stacked(folder: str, objective: str, *, small: bool) -> Case:
    """DCGAN networks of width 64 at 28x28, as the published numbers have it; R3GAN's critic without normalisation."""
    changed: dict[str, Any] = {
        "data.size": (28, 28),
        "networks.generator_width": 8 if small else 64,
        "networks.critic_width": 8 if small else 64,
        "objective.name": objective,
        "training.critic_steps": 5 if objective == "wgan-gp" else 1,
        "networks.critic_norm": "instance" if objective == "wgan-gp" else "none",
        "training.batch_size": 8 if small else 64,
    }
    # The classifier that counts modes takes half a minute of a processor: too long for a rehearsal.
    metrics, samples = ("frechet", 64) if small else ("stacked_modes,stacked_kl", STACKED_SAMPLES)
    return Case(f"stacked-mnist {objective}", f"stacked:{folder}", "wgan-gp-celeba", changed, metrics, samples)


INTERRUPTED = 128 + signal.SIGINT


def train(case: Case, given: dict[str, Any], run: Path, until: float) -> None:
    """Train until the time `until`, then interrupt it, as Ctrl-C does.

    Raises:
        RuntimeError: it ended by itself, or not as it should; with what it said last.
    """
    engine = {"device": given["device"], **given["engines"].get(case.recipe, given["engines"]["default"])}
    changed = {**case.settings, **engine, "training.steps": ENDLESS, "output.checkpoint_every": ENDLESS}
    arguments = [f"--set={key}={json.dumps(value)}" for key, value in changed.items()]
    command = [sys.executable, "-m", "wgan", "train", case.data, "--recipe", case.recipe, "--out", str(run), *arguments]
    said = run.with_suffix(".log")
    with said.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(until - time.monotonic(), 1.0))
                raise RuntimeError(_last(said.read_text(errors="replace")))
            process.send_signal(signal.SIGINT)
            if process.wait(END_SECONDS) != INTERRUPTED:
                raise RuntimeError(_last(said.read_text(errors="replace")))
        finally:
            process.kill()


def judged(case: Case, run: Path, until: float) -> dict[str, Any]:
    """The results of `wgan doctor` and `wgan evaluate`."""
    metrics = [] if case.metrics is None else ["--metrics", case.metrics]
    questions = ["doctor", str(run)], ["evaluate", str(run), "-n", str(case.samples), *metrics]
    with ThreadPoolExecutor(len(questions)) as both:
        verdict, evaluation = both.map(lambda question: _asked(question, until), questions)
    lines = (run / "metrics.jsonl").read_text().splitlines()
    last = json.loads(lines[-1]) if lines else {}
    return {
        "steps": evaluation["step"],
        "images": last.get("images_seen"),
        "training_seconds": last.get("seconds", 0.0),
        "verdict": verdict.get("verdict"),
        "metrics": evaluation.get("metrics", evaluation),
        "samples": case.samples,
    }


def _asked(arguments: list[str], until: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "wgan", *arguments, "--json"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=max(until - time.monotonic(), 5.0), check=False
    )
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise RuntimeError(_last(done.stderr or done.stdout)) from None
    return answer


def _last(said: str) -> str:
    lines = said.strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def main() -> None:
    with speaking() as (given, say), tempfile.TemporaryDirectory() as place:
        until, out = time.monotonic() + given["seconds"], Path(given["out"])
        known = cases(given["data"], small=given["small"])
        reserve, least = EVALUATION_SECONDS, 2 * START_SECONDS
        if given["small"]:
            reserve, least = 0.3 * reserve, 0.2 * least
        asked = known[: max(1, int((given["seconds"] - reserve) / least))]  # few that train for a while
        for case in known[len(asked) :]:
            say("problems", work=f"good {case.name}", what=NOT_BEGUN)
        with ThreadPoolExecutor(1) as aside:
            waiting = []
            for i, case in enumerate(asked):
                share = (until - reserve - time.monotonic()) / (len(asked) - i)
                if share < least / 2:
                    say("problems", work=f"good {case.name}", what=NOT_BEGUN)
                    continue
                run = Path(place) / re.sub("[^a-z0-9]+", "-", case.name)
                about = {"run": case.name, "recipe": case.recipe, "data": Path(case.data).name}
                try:
                    train(case, given, run, time.monotonic() + share - 0.1 * least)
                except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
                    say("problems", work=f"good {case.name}", what=f"training failed: {error}")
                    continue
                waiting.append(aside.submit(told, case, run, out, about, say, until))
            for one in waiting:
                one.result()


def told(case: Case, run: Path, out: Path, about: dict[str, Any], say: Callable[..., None], until: float) -> None:
    """Report a run, and keep its newest grid."""
    try:
        grids = sorted((run / "samples").glob("*.png"))
        if not grids:
            raise RuntimeError("it was ended before its first grid")
        shutil.copy(grids[-1], out / f"{run.name}.png")
        found = judged(case, run, until)
        say("good", **about, **found, grid=f"{run.name}.png", engine=_engine(run))
    except (RuntimeError, OSError, ValueError, subprocess.TimeoutExpired) as error:
        say("problems", work=f"good {case.name}", what=f"could not be judged: {error}")


def _engine(run: Path) -> str:
    import tomllib

    config = tomllib.loads((run / "config.toml").read_text())
    return ", ".join(f"{name} {config.get(name)}" for name in ("precision", "compile", "graphs"))


if __name__ == "__main__":
    main()
