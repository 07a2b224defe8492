"""Who may write in a run directory: a new run in an empty one, or the same run again."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from wgan.config import ENGINE, LENGTHS, RunConfig, differences
from wgan.data import Pack
from wgan.errors import InputError
from wgan.runs.run import Run
from wgan.system.files import TEMPORARY, make_folder
from wgan.system.locks import locked, owner_of

LOCK = ".lock"
MAY_CHANGE = {
    *LENGTHS,
    "chosen",
    "stop.by",
    "stop.window",
    "device",
    "data.source",
    "on_divergence",
    "output.track",
    "rank_timeout",
    *ENGINE,
}
"""Settings that may differ when a command resumes a run. The data are compared by content, not by name."""
FOLLOW = {"output.best_by", "output.evaluate_every"}
"""Settings that may differ where nobody gave them: they follow from the metric that ends the run from now on."""


def refuse_place(run: Run, config: RunConfig, pack: Pack, *, fresh: bool) -> None:
    """Raise the most frequent of what `owning` raises, before long work. A lock that is there is held for a moment.

    Raises:
        InputError: another process is training there, or the directory holds another run or other files.
    """
    _refuse_other_files(run)
    with suppress(OSError):  # a folder that cannot be written has words of its own, in `owning`
        if (run.path / LOCK).exists():
            with holding(run.path.resolve()):
                pass
    if run.config_file.exists() and not fresh:
        _refuse_another(run, config, pack)


@contextmanager
def owning(run: Run, config: RunConfig, pack: Pack, *, fresh: bool) -> Iterator[Path | None]:
    """Own the directory of a run: a new one, or that of the run that `config` and `pack` describe.

    With `fresh`, a run that is there is renamed first; nothing is deleted. Yields its new path.

    Raises:
        InputError: another process is training there, the directory holds another run or other files, or it cannot
            be written.
    """
    path, aside = run.path.resolve(), None
    if fresh and run.config_file.exists():
        with holding(path):
            if run.config_file.exists():  # nobody else has set it aside meanwhile
                places = (path.with_name(f"{path.name}.old-{number}") for number in count(1))
                aside = path.rename(next(place for place in places if not place.exists()))
    _refuse_other_files(run)
    make_folder(run.path)
    with holding(path):
        if run.config_file.exists():
            run.read_again()  # another process may have been here since it was asked
            _refuse_another(run, config, pack)
            if run.generator_file.exists() and not run.checkpoints():
                raise InputError(
                    f"{run.path} has a trained generator and no checkpoint to go on from: training would start over "
                    "and replace it. Restore the checkpoints, or set the run aside with --fresh."
                )
        yield aside


def _refuse_other_files(run: Run) -> None:
    path = run.path
    if not run.config_file.exists() and path.is_dir() and not all(_is_left_over(at.name) for at in path.iterdir()):
        raise InputError(f"{path} holds other files and no run. Choose another folder with --out.")


def _is_left_over(name: str) -> bool:
    """Whether a process that was killed before it wrote a configuration may have left this file."""
    return name.startswith(LOCK) or TEMPORARY.fullmatch(name) is not None


@contextmanager
def holding(path: Path) -> Iterator[None]:
    """Hold the lock of a run directory. The lock of a process that is gone is free, however that ended.

    Raises:
        InputError: another process is training there.
    """

    def refuse(turn: Iterable[None]) -> Iterable[None]:
        owner = owner_of(path / LOCK)
        who = f" ({owner})" if owner else ""
        away = f" If {owner.host} no longer runs it, delete {path / LOCK}." if owner and not owner.here else ""
        raise InputError(
            f"Another process is training in {path}{who}. Wait for it, stop it, or use --out with another folder.{away}"
        )

    with locked(path / LOCK, refuse):
        yield


def _telling(differing: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """Without the settings of a part that has another name: they follow from it."""
    renamed = {key.removesuffix("name") for key in differing if key.endswith(".name")}
    return {key: both for key, both in differing.items() if key.endswith(".name") or not key.startswith((*renamed,))}


def _refuse_another(run: Run, config: RunConfig, pack: Pack) -> None:
    """Raise unless `config` and `pack` describe the run in the directory."""
    may_change = MAY_CHANGE | (FOLLOW & {*config.chosen})
    differing = _telling({k: v for k, v in differences(run.config, config).items() if k not in may_change})
    there, here = run.provenance, pack.contents
    same_name = here.name == there.data_name
    if {"data.size", "data.channels"} & {*differing} and same_name and here.count == there.data_count:
        pass  # packed otherwise, so that their digests say nothing
    elif there.data_digest != here.digest:
        differing["data"] = (
            f"{there.data_name} ({there.data_count:,} samples)",
            f"{here.name} ({here.count:,} samples{', other contents' if same_name else ''})",
        )
    theirs, ours = run.spec.condition, pack.spec.condition
    if theirs and ours and theirs.names == ours.names and theirs.digest != ours.digest:
        differing["data.condition"] = f"{', '.join(theirs.names)}", "the same with other values"
    if differing:
        lines = "; ".join(f"{key} is {old} there and {new} here" for key, (old, new) in differing.items())
        raise InputError(
            f"{run.path} holds another run: {lines}. Choose another folder with --out, use the settings of that "
            "run to continue it, or set it aside and start anew with --fresh."
        )
