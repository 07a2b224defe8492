"""The truth about a GPU, from one command: is training right there, how fast is it, how good are its pictures.

    python benchmarks/gpu.py --out DIR [--seconds 480] [--data FOLDER ...]
        [--only PART ...] [--recipes NAME ...] [--works WORDS ...]

On one H100 with 16 cores, eight minutes are enough for all of it. `--data` names folders to train on: pictures, and
MNIST's idx files, which are stacked. `DIR` gets gpu.json, gpu.md and a grid of each run, written anew with every
result, so that a stop at any moment leaves what was found; tables that lie there from an earlier run are kept as
gpu-1.json and so on. What fails is named, the rest goes on, and the exit code is 1. On a CPU everything is rehearsed in
small sizes:

    python benchmarks/gpu.py --device cpu --seconds 120 --out DIR

Where there is less than a quarter of an hour, fewer engines and fewer recipes are timed, and fewer runs trained.
Beside torch it needs what `gpu-wheels.txt` lists; where nothing can be installed, see there.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))  # it runs where nothing was installed

import torch

from gpu_parts import cases, tables
from gpu_parts.promises import ON_CUDA, PROMISES
from gpu_parts.works import CUT_OFF, NOT_BEGUN, Row, Work, carry_out
from rivals.turns import plain
from wgan.system.files import write_text

MOST_COMPILERS = 4
"""Processes that one process compiles with: half a dozen compile side by side."""
GROUP_SECONDS = 130.0
"""What a group of recipes needs at least: its engines begin side by side, and some compile."""
ENOUGH_SECONDS = 900
KEYS = {"fast": ("recipe", "batch_size", "who", "growth")}
"""Rows of which a later one takes the place of an earlier one."""


class Findings:
    """All rows by table, on disk as soon as they are known."""

    def __init__(self, out: Path) -> None:
        self._out, self.tables = out, dict[str, list[Row]]()
        self._written, self._changed = 0.0, False
        out.mkdir(parents=True, exist_ok=True)
        _keep_earlier(out)

    def hear(self, row: Mapping[str, Any]) -> None:
        """One more row."""
        row = plain(dict(row))
        name = row.pop("table")
        table = self.tables.setdefault(name, [])
        if keys := KEYS.get(name):
            table[:] = [old for old in table if any(old.get(key) != row.get(key) for key in keys)]
        table.append(row)
        self._changed = True

    @property
    def failed(self) -> bool:
        """Whether something failed, or is wrong."""
        failures = [row for row in self.tables.get("problems", []) if row["what"] not in (NOT_BEGUN, CUT_OFF)]
        wrong = [row for row in self.tables.get("right", []) if row.get("right") is False]
        broken = [row for row in self.tables.get("promises", []) if not row["holds"]]
        return bool(failures or wrong or broken)

    def settle(self) -> None:
        """Put on disk what is new, at most once a second."""
        if self._changed and time.monotonic() - self._written > 1:
            self.write()

    def write(self) -> None:
        """Put it on disk: whole, or as it was before. A row that cannot be told costs no other."""
        self._changed, self._written = False, time.monotonic()
        write_text(self._out / "gpu.json", json.dumps(self.tables, indent=1) + "\n")
        try:
            text = tables.document(self.tables)
        except (KeyError, TypeError, ValueError) as error:
            text = f"These findings cannot be told ({type(error).__name__}: {error}): see gpu.json.\n"
        write_text(self._out / "gpu.md", text)


def _keep_earlier(out: Path) -> None:
    number = 1
    while any((out / f"gpu-{number}.{kind}").exists() for kind in ("json", "md")):
        number += 1
    for kind in ("json", "md"):
        if (out / f"gpu.{kind}").exists():
            (out / f"gpu.{kind}").rename(out / f"gpu-{number}.{kind}")


class Session(NamedTuple):
    """What every part is given."""

    device: str
    small: bool
    seconds: float
    data: tuple[str, ...]
    out: Path
    caches: str
    findings: Findings
    recipes: tuple[str, ...] = cases.TIMED
    works: tuple[str, ...] = ("",)
    """Words of which the name of a work has to contain one."""

    @property
    def cores(self) -> int:
        """How many there are."""
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    def given(self, **more: Any) -> dict[str, Any]:
        """For a work."""
        return {"device": self.device, "small": self.small, **more}

    def carry_out(self, works: Sequence[Work], *, at_once: int, deadline: float) -> None:
        """With caches that all share: what one compiled, another need not."""
        works = [work for work in works if any(words in work.name for words in self.works)]
        at_once = min(at_once, max(1, len(works)))
        threads = max(1, self.cores // at_once)
        environment = {
            "OMP_NUM_THREADS": str(threads),
            "TORCHINDUCTOR_COMPILE_THREADS": str(min(threads, MOST_COMPILERS)),
            "TORCHINDUCTOR_CACHE_DIR": str(Path(self.caches) / "compiled"),
            "WGAN_CACHE": str(Path(self.caches) / "packs"),
            "TMPDIR": self.caches,  # what is cut off does not clear up
            "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # deterministic algorithms ask for it
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",  # JAX would take three quarters of the device's memory
        }
        carry_out(works, at_once=at_once, deadline=deadline, findings=self.findings, environment=environment)


def eager(session: Session, deadline: float) -> None:
    """Every engine that compiles nothing, of every family under every objective."""
    _right(session, deadline, compiled=False)


def compiled(session: Session, deadline: float) -> None:
    """Every engine that compiles."""
    _right(session, deadline, compiled=True)


def _right(session: Session, deadline: float, *, compiled: bool) -> None:
    works = [
        Work(
            f"right: {family}, {objective}, {'compiled' if compiled else 'eager'}",
            "right",
            session.given(family=family, recipe=recipe, objective=objective, compiled=compiled),
        )
        for objective in cases.OBJECTIVES
        for family, recipe in cases.FAMILIES.items()
    ]
    session.carry_out(works, at_once=_side_by_side(session), deadline=deadline)


def promises(session: Session, deadline: float) -> None:
    """What is promised of runs."""
    works = [
        Work(f"promise: {name}, {recipe}", "promises", session.given(promise=name, recipe=recipe, objective="wgan-gp"))
        for recipe in ("wgan-gp-mnist", "wgan-gp-celeba")
        for name in PROMISES
    ]
    if session.device == "cuda":
        graphs = {"precision": "bf16", "graphs": "on"}
        for recipe in ("wgan-gp-mnist", "wgan-gp-celeba"):
            told = {"recipe": recipe, "objective": "wgan-gp", "engine": graphs}
            works += [
                Work(f"promise: {name}, {recipe}, graphs", "promises", session.given(promise=name, **told, **words))
                for name, words in (
                    ("resume", {"engine_name": "bf16, graphs"}),
                    *((name, {"engine_name": "fp32, graphs"}) for name in ON_CUDA),
                )
            ]
    session.carry_out(works, at_once=_side_by_side(session), deadline=deadline)


def _side_by_side(session: Session) -> int:
    return max(2, min(8, session.cores // 2))


def fast(session: Session, deadline: float) -> None:
    """Recipes by groups, then batch sizes of one: nothing else runs on the machine meanwhile."""
    ceilings = session.findings.tables.get("ceilings", [{}])[-1]
    timed = session.recipes
    groups = [timed[:1], ()] if session.small else [*(timed[i : i + 2] for i in range(0, len(timed), 2)), ()]
    whole = session.seconds >= ENOUGH_SECONDS
    for i, recipes in enumerate(groups):
        left = deadline - time.monotonic()
        name = ", ".join(recipes) or "sizes"
        most = len(groups) - i if session.small else int(left / GROUP_SECONDS)
        if most < 1:
            session.findings.hear({"table": "problems", "work": f"fast: {name}", "what": NOT_BEGUN})
            continue
        seconds = left / min(len(groups) - i, most)
        engines = {"few": not whole, "threads": session.cores, "ceilings": ceilings, "seconds": 0.85 * seconds}
        if recipes:
            work = Work(f"fast: {name}", "fast", session.given(recipes=recipes, **engines))
        else:
            work = Work("fast: sizes", "sizes", session.given(recipe="wgan-gp-celeba", **engines))
        session.carry_out([work], at_once=1, deadline=min(deadline, time.monotonic() + 1.15 * seconds))


def good(session: Session, deadline: float) -> None:
    """Runs on real pictures, with the fastest engine that is right and compiles nothing."""
    given = session.given(
        data=list(session.data),
        out=str(session.out),
        seconds=deadline - time.monotonic() - 3,
        engines={recipe: fastest(session.findings.tables, recipe, session.device) for recipe in cases.TRAINED}
        | {"default": plain_engine(session.device)},
    )
    session.carry_out([Work("good", "good", given)], at_once=1, deadline=deadline)


def plain_engine(device: str) -> dict[str, Any]:
    """What is used where nothing was measured: what should be fast, and compiles nothing."""
    cuda = device == "cuda"
    return {"precision": "bf16" if cuda else "fp32", "compile": "off", "graphs": "on" if cuda else "off"}


def fastest(found: Mapping[str, list[Row]], recipe: str, device: str) -> dict[str, Any]:
    """The settings of the fastest engine that no family or objective found wrong.

    None that compiles: these runs last half a minute each, and compiling takes as long.
    """
    wrong = {row["engine"] for row in found.get("right", []) if row.get("right") is False}
    timed = [row for row in found.get("fast", []) if row["recipe"] == recipe and "step_seconds" in row]
    ours = [row for row in timed if row["who"].startswith("eager ") and row["who"] not in wrong]
    if not ours:
        return plain_engine(device)
    words = min(ours, key=lambda row: row["step_seconds"])["who"].replace(",", "").split()
    return {"precision": words[1], "compile": "off", "graphs": "on" if "graphs" in words else "off"}


Part = Callable[[Session, float], None]
PARTS: dict[str, tuple[Part, float]] = {
    "eager": (eager, 0.08),
    "promises": (promises, 0.08),
    "compiled": (compiled, 0.18),
    "fast": (fast, 0.36),
    "good": (good, 0.30),
}
"""What is done, in this order, and its share of the time; what one leaves goes to the others."""
RESERVE = 0.015
"""Of all seconds, what is left at the end: processes take a moment to end."""


def measure(session: Session, parts: Sequence[str]) -> None:
    """The machine, then each part. One that fails is told of, and the next begins."""
    started, findings = time.monotonic(), session.findings
    findings.hear(
        {
            "table": "about",
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
            "cores": session.cores,
            "sizes": "small" if session.small else "full",
            "seconds": session.seconds,
        }
    )
    machine = Work("ceilings", "ceilings", session.given())
    session.carry_out([machine], at_once=1, deadline=started + 0.1 * session.seconds)
    end = started + (1 - RESERVE) * session.seconds
    for place, name in enumerate(parts):
        part, share = PARTS[name]
        began = time.monotonic()
        try:
            part(session, began + (end - began) * share / sum(PARTS[other][1] for other in parts[place:]))
        except Exception as error:  # of whatever kind: the other parts can still be done
            findings.hear({"table": "problems", "work": name, "what": f"{type(error).__name__}: {error}"})
        findings.hear({"table": "parts", "part": name, "seconds": time.monotonic() - began})
        findings.write()


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if nothing failed and nothing was found wrong; what there was no time for is no failure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="the folder for tables and grids")
    parser.add_argument("--seconds", type=float, default=480.0, help="for all of it (default: 480)")
    parser.add_argument(
        "--data", nargs="*", default=[], type=Path, metavar="FOLDER", help="pictures to train on; MNIST"
    )
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cpu: a rehearsal, in small sizes")
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), default=list(PARTS), help="parts (default: all)")
    parser.add_argument(
        "--recipes", nargs="+", choices=cases.TIMED, default=cases.TIMED, help="what is timed, the first first"
    )
    parser.add_argument(
        "--works", nargs="+", default=[""], metavar="WORDS", help="only works whose names contain one of these"
    )
    given = parser.parse_args(arguments)
    if given.device == "cuda" and not torch.cuda.is_available():
        parser.error("torch sees no NVIDIA GPU here; --device cpu rehearses in small sizes")
    if not given.seconds > 0:
        parser.error("--seconds has to be more than 0")
    for folder in given.data:
        if not folder.is_dir():
            parser.error(f"there is no folder {folder}")
    if given.only == ["good"] and not given.data:
        parser.error("good needs pictures to train on: --data FOLDER ...")
    if given.out.exists() and not given.out.is_dir():
        parser.error(f"{given.out} is no folder")
    parts = [name for name in PARTS if name in given.only and (name != "good" or given.data)]
    with tempfile.TemporaryDirectory(prefix="wgan-gpu-", ignore_cleanup_errors=True) as caches:
        small, out, data = given.device == "cpu", given.out.resolve(), tuple(str(path) for path in given.data)
        session = Session(
            given.device,
            small,
            given.seconds,
            data,
            out,
            caches,
            Findings(out),
            tuple(given.recipes),
            tuple(given.works),
        )
        measure(session, parts)
    print((given.out / "gpu.md").read_text())
    return int(session.findings.failed)


if __name__ == "__main__":
    raise SystemExit(main())
