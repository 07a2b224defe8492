"""The writer of a run: while the run trains, nothing else writes in its directory."""

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import tomli_w
from PIL import Image

from wgan.config import RunConfig
from wgan.data import Pack
from wgan.diagnosis import Wiring
from wgan.errors import TrainingError
from wgan.runs.checkpoints import save_state
from wgan.runs.generative import spec_values
from wgan.runs.ownership import owning
from wgan.runs.provenance import Provenance
from wgan.runs.run import Run
from wgan.runs.tracking import Tracking
from wgan.runs.weights import save_weights
from wgan.runs.weights_file import metadata_of
from wgan.system.files import append_row, make_folder, replacing, sweep, sync, write_rows, write_text
from wgan.trackers import TENSORBOARD, tensorboard
from wgan.trackers.tensorboard import EventWriter
from wgan.trackers.tracker import PICTURES
from wgan.trackers.values import COMPARISONS, EVALUATIONS, comparison_values, evaluation_values, line_values
from wgan.training import TrainState
from wgan.types import SampleSpec
from wgan.views import animate, curves, encoder, film, save_sheet


@contextmanager
def writing(run: Run, config: RunConfig, pack: Pack, *, fresh: bool = False) -> Iterator["RunWriter"]:
    """The writer of a run, which holds the run's lock in this context. Raises what `owning` raises."""
    with owning(run, config, pack, fresh=fresh) as aside:
        yield RunWriter(run, config.output.track, aside)


class RunWriter:
    """Writes what it is given, whole or not at all. Its caller decides when."""

    def __init__(self, run: Run, track: tuple[str, ...], aside: Path | None = None) -> None:
        self.run = run
        self.tracking = Tracking(run, track)
        self._board = TENSORBOARD in track
        self.notes = () if aside is None else (f"The run that was in {run.path} is now {aside}.",)
        """What the user should know about the directory."""
        self._events: EventWriter | None = None

    def config(self, config: RunConfig, spec: SampleSpec, provenance: Provenance, wiring: Wiring) -> None:
        """The resolved configuration, and what was found of the data and the parts before the first step."""
        known = {"sample": spec_values(spec), "provenance": asdict(provenance), "wiring": asdict(wiring)}
        values = {**config.to_dict(), **known}
        write_text(self.run.config_file, tomli_w.dumps(values))
        self.run.read_again()

    @contextmanager
    def logging(self, step: int) -> Iterator[None]:
        """In this context lines, grids and evaluations can be written, of steps after `step`."""
        self.tracking.begin()
        try:
            if not self._board:
                yield
                return
            with closing(EventWriter(self.run.tensorboard_folder, step)) as self._events:
                yield
        finally:
            self._events = None

    def line(self, row: Mapping[str, Any]) -> None:
        append_row(self.run.metrics_file, row)
        self._show(line_values(row), row["step"])
        self.tracking.line(row)

    def comparison(self, row: Mapping[str, Any]) -> None:
        append_row(self.run.comparisons_file, row)
        self._show(comparison_values(row), row["step"])
        self.tracking.comparison(row)

    def grid(self, image: Image.Image, step: int, alone: Image.Image | None = None) -> None:
        """A grid. Where it shows real samples too, trackers get the one without them: `alone`."""
        make_folder(self.run.samples_folder)
        with replacing(self.run.sample_file(step)) as temporary:
            save_sheet(image, temporary)
        if self._events is not None:
            self._events.image(PICTURES, image, step)
            self._events.flush()
        self.tracking.grid(step, alone)

    def evaluation(self, row: Mapping[str, Any]) -> None:
        """An evaluation made while training. Only these decide which checkpoint is the best."""
        self.run.append_evaluation({**row, "while_training": True})
        self._show(evaluation_values(row), row["step"])
        self.tracking.evaluation(row)

    def _show(self, values: Mapping[str, float], step: int) -> None:
        if self._events is not None:
            self._events.row(values, step)

    def rollback(self, row: Mapping[str, Any]) -> None:
        self.tracking.rewind(row["to"])
        append_row(self.run.rollbacks_file, row)
        sync(self.run.rollbacks_file)
        sync(self.run.path)

    def failure(self, row: Mapping[str, Any]) -> None:
        write_text(self.run.failure_file, json.dumps(row))

    def stopped(self, row: Mapping[str, Any]) -> None:
        """That the run ends at this step. Written before its checkpoint, without which it says nothing."""
        write_text(self.run.stopped_file, json.dumps(row))

    def divergence(self, record: Mapping[str, Any]) -> None:
        """What is needed to replay a step."""
        save_state(record, self.run.divergence_file)

    def checkpoint(self, state: TrainState, extra: Mapping[str, Any], *, keep: int, best: int | None = None) -> None:
        """Save both networks' weights, then all that resuming needs. Keeps the newest `keep` checkpoints and the best.

        In this order, so that the weights of the last checkpoint exist. Step 0 saves no weights: its generator has
        learnt nothing. The log is flushed to the disk first, so that a checkpoint never misses the lines before it.
        """
        if self._events is not None:
            self._events.sync()
        for path in (self.run.metrics_file, self.run.comparisons_file, self.run.evaluations_file):
            if path.exists():
                sync(path)
        if state.step:
            save_weights(state.ema, self.run.generator_file, metadata_of(self.run.config, self.run.spec))
            save_weights(state.critic, self.run.critic_file)
        self.run.checkpoint_folder.save({**state.state_dict(), **extra}, state.step, keep=keep, best=best)

    def newest_checkpoint(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        """What `CheckpointFolder.recover` returns and raises."""
        return self.run.checkpoint_folder.recover()

    def rewind(self, step: int) -> None:
        """Drop what an uninterrupted run would not have written by `step`. May be interrupted and repeated.

        That is what a killed run wrote after its last checkpoint, the extra line and grid of a run's end, and
        unfinished files.
        """
        run, regular = self.run, partial(self.run.config.due, last=False)
        self._tidy()
        run.failure_file.unlink(missing_ok=True)
        run.stopped_file.unlink(missing_ok=True)
        lines = [row for row in run.metrics() if row["step"] <= step and regular(row["step"]).line]
        write_rows(run.metrics_file, lines)
        if run.comparisons_file.exists():
            compared = [row for row in run.comparisons() if row["step"] <= step and regular(row["step"]).comparison]
            write_rows(run.comparisons_file, compared if step else [])  # of step 0 it is made again
        if run.evaluations_file.exists():
            evaluations = [row for row in run.evaluations() if row["step"] <= step]
            kept = [row for row in evaluations if not row.get("while_training") or regular(row["step"]).evaluation]
            write_rows(run.evaluations_file, kept)
        for at, path in run.samples().items():
            if at > step or not regular(at).grid:
                path.unlink()

        def wanted(tag: str, at: int) -> bool:
            due = regular(at)
            kinds = {PICTURES: due.grid, COMPARISONS: due.comparison, EVALUATIONS: due.evaluation}
            # Nothing of step 0 is kept: its grid is drawn again.
            return 0 < step >= at and kinds.get(tag.partition("/")[0], due.line)

        tensorboard.rewind(run.tensorboard_folder, wanted)

    def draw(self) -> None:
        """The grids as an animation and, where ffmpeg is installed, a film, and the metrics as curves.

        An encoder that fails only warns: a film is not worth a run.
        """
        run, milliseconds = self.run, self.run.config.output.frame_milliseconds
        grids = list(run.samples().values())
        with replacing(run.evolution_file) as temporary:
            animate(grids, temporary, milliseconds=milliseconds)
        if found := encoder():
            try:
                with replacing(run.film_file) as temporary:
                    film(grids, temporary, milliseconds=milliseconds, encoder=found)
            except TrainingError as error:
                warnings.warn(f"{error} {run.evolution_file} has the same pictures.", stacklevel=2)
        with replacing(run.curves_file) as temporary:
            curves(run.metrics()).save(temporary)

    def finish(self, *, keep: int, best: int | None) -> None:
        """Do what remains to be done after the last checkpoint, if it was not done."""
        self._tidy()
        newest = max(self.run.checkpoints().values()).stat().st_mtime_ns
        drawn = (self.run.evolution_file, self.run.curves_file)
        if not all(file.exists() and file.stat().st_mtime_ns >= newest for file in drawn):
            self.run.checkpoint_folder.prune(keep=keep, best=best)
            self.draw()
        self.tracking.begin()  # of a run that was complete before, which a tracker may not know yet
        self.tracking.finished()

    def _tidy(self) -> None:
        """Remove unfinished files of killed processes."""
        for folder in (self.run.path, self.run.samples_folder, self.run.checkpoint_folder.path):
            sweep(folder)
