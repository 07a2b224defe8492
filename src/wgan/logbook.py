"""The logbook: a run's lines, grids and evaluations, on disk and for TensorBoard."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from PIL import Image

from wgan import board
from wgan.config import dotted
from wgan.evaluation import Evaluation
from wgan.files import make_folder, replacing, sweep, sync, write_rows
from wgan.rundir import Run

GRIDS = "samples"
EVALUATIONS = "metrics/"


class Logbook:
    """Writes what it is given; when that is, its caller decides."""

    def __init__(self, run: Run, board: board.Board) -> None:
        self._run, self._board = run, board

    def line(self, row: Mapping[str, Any]) -> None:
        """A line of metrics.jsonl."""
        self._run.append_metrics(row)
        for name, value in dotted(row).items():
            if name != "step":
                self._board.scalar(name.replace(".", "/", 2), value, row["step"])

    def grid(self, image: Image.Image, step: int) -> None:
        """The grid of a step."""
        make_folder(self._run.samples_folder)
        with replacing(self._run.sample_file(step)) as temporary:
            image.save(temporary)
        self._board.image(GRIDS, image, step)

    def evaluation(self, evaluation: Evaluation) -> None:
        """An evaluation made while training: only these decide which checkpoint is kept as the best."""
        self._run.append_evaluation({**evaluation.to_dict(), "while_training": True})
        assert evaluation.step is not None, "made of a run"
        for name, value in evaluation.values.items():
            self._board.scalar(f"{EVALUATIONS}{name}", value, evaluation.step)

    def sync(self) -> None:
        """Have all of it on the disk: what is saved after this may go on from it."""
        for path in (self._run.metrics_file, self._run.evaluations_file):
            if path.exists():
                sync(path)
        self._board.sync()


def rewind(run: Run, step: int) -> None:
    """Drop what an unbroken run would not have written by `step`.

    That is what a killed run wrote after its last checkpoint, the extra line and grid of a run's end, and files
    that were not finished. Only who holds the run's lock may.
    """
    for folder in (run.path, run.samples_folder, run.shelf.folder):
        sweep(folder)
    run.failure_file.unlink(missing_ok=True)
    output = run.config.output
    kept = [row for row in run.metrics() if row["step"] <= step and row["step"] % output.log_every == 0]
    write_rows(run.metrics_file, kept)
    if run.evaluations_file.exists():
        asked = [row for row in run.evaluations() if row["step"] <= step]
        every = output.evaluate_every
        kept = [row for row in asked if not (row.get("while_training") and row["step"] % every)]
        write_rows(run.evaluations_file, kept)
    for at, path in run.samples().items():
        if at > step or at % output.sample_every:
            path.unlink()


@contextmanager
def logbook(run: Run, step: int) -> Iterator[Logbook]:
    """A logbook that goes on after `step`; what an unbroken run had not told TensorBoard by then is taken back."""
    output = run.config.output

    def wanted(tag: str, at: int) -> bool:
        every = output.sample_every if tag == GRIDS else output.log_every
        every = output.evaluate_every if tag.startswith(EVALUATIONS) else every
        return 0 < step >= at and at % every == 0  # at step 0, nothing was: its grid is drawn again

    board.rewind(run.tensorboard_folder, wanted)
    with closing(board.Board(run.tensorboard_folder, step)) as opened:
        yield Logbook(run, opened)
