"""The logbook: a run's lines, grids and evaluations, on disk and for TensorBoard."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from PIL import Image
from torch.utils.tensorboard import SummaryWriter

from wgan.config import dotted
from wgan.evaluation import Evaluation
from wgan.files import make_folder, replacing
from wgan.rundir import Run


class Logbook:
    """Writes what it is given; when that is, its caller decides."""

    def __init__(self, run: Run, board: SummaryWriter) -> None:
        self._run, self._board = run, board

    def line(self, row: Mapping[str, Any]) -> None:
        """A line of metrics.jsonl."""
        self._run.append_metrics(row)
        for name, value in dotted(row).items():
            if name != "step":
                self._board.add_scalar(name.replace(".", "/", 2), value, row["step"])

    def grid(self, image: Image.Image, step: int) -> None:
        """The grid of a step."""
        make_folder(self._run.samples_folder)
        with replacing(self._run.sample_file(step)) as temporary:
            image.save(temporary)
        pixels = np.asarray(image)
        self._board.add_image("samples", pixels, step, dataformats="HW" if pixels.ndim == 2 else "HWC")

    def evaluation(self, evaluation: Evaluation) -> None:
        """An evaluation made while training: only these decide which checkpoint is kept as the best."""
        self._run.append_evaluation({**evaluation.to_dict(), "while_training": True})
        for name, value in evaluation.values.items():
            self._board.add_scalar(f"metrics/{name}", value, evaluation.step)


@contextmanager
def logbook(run: Run, step: int) -> Iterator[Logbook]:
    """A logbook that goes on after `step`, and hides what a killed run told TensorBoard beyond it."""
    with SummaryWriter(str(run.tensorboard_folder), purge_step=step + 1 if step else 0) as board:
        yield Logbook(run, board)
