"""The logbook: a run's lines, grids and evaluations, on disk and for TensorBoard."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from PIL import Image

from wgan.runs.run import Run
from wgan.runs.tensorboard import EVALUATIONS, GRIDS, Board
from wgan.system.files import make_folder, replacing, sync
from wgan.system.validation import dotted


class Logbook:
    """Writes what it is given; when that is, its caller decides."""

    def __init__(self, run: Run, board: Board) -> None:
        self._run, self._board = run, board

    def line(self, row: Mapping[str, Any]) -> None:
        """A line of metrics.jsonl."""
        self._run.append_metrics(row)
        for name, value in dotted(row).items():
            if name != "step":
                self._board.scalar(name.replace(".", "/", 2), value, row["step"])
        self._board.flush()

    def grid(self, image: Image.Image, step: int) -> None:
        """The grid of a step."""
        make_folder(self._run.samples_folder)
        with replacing(self._run.sample_file(step)) as temporary:
            image.save(temporary)
        self._board.image(GRIDS, image, step)
        self._board.flush()

    def evaluation(self, row: Mapping[str, Any]) -> None:
        """An evaluation made while training: only these decide which checkpoint is kept as the best."""
        self._run.append_evaluation({**row, "while_training": True})
        for name, result in row["metrics"].items():
            if result["value"] is not None:
                self._board.scalar(f"{EVALUATIONS}/{name}", result["value"], row["step"])
        self._board.flush()

    def sync(self) -> None:
        """Have all of it on the disk: what is saved after this may go on from it."""
        for path in (self._run.metrics_file, self._run.evaluations_file):
            if path.exists():
                sync(path)
        self._board.sync()


@contextmanager
def logbook(run: Run, step: int) -> Iterator[Logbook]:
    """A logbook that goes on after `step`."""
    with closing(Board(run.tensorboard_folder, step)) as board:
        yield Logbook(run, board)
