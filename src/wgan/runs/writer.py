"""The writer of a run: while it is trained, the only thing that writes in its directory."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tomli_w
from PIL import Image

from wgan.config import RunConfig
from wgan.data import Pack
from wgan.diagnosis import Wiring
from wgan.runs.checkpoints import Damaged, save_state
from wgan.runs.evolution import draw_evolution, evolution_is_drawn
from wgan.runs.ownership import owning
from wgan.runs.provenance import Provenance
from wgan.runs.rewind import rewind, tidy
from wgan.runs.run import Run
from wgan.runs.tensorboard import EVALUATIONS, GRIDS, EventWriter
from wgan.runs.weights import save_weights
from wgan.system.files import append_row, make_folder, replacing, sync, write_text
from wgan.system.validation import dotted
from wgan.training import TrainState
from wgan.types import SampleSpec


@contextmanager
def writing(run: Run, config: RunConfig, pack: Pack, *, fresh: bool = False) -> Iterator["RunWriter"]:
    """The writer of a run, which holds the run's lock for as long as this context lasts; raises as `owning` does."""
    with owning(run, config, pack, fresh=fresh) as aside:
        yield RunWriter(run, aside)


class RunWriter:
    """Writes what it is given, whole or not at all; when that is, its caller decides."""

    def __init__(self, run: Run, aside: Path | None = None) -> None:
        self.run = run
        self.notes = () if aside is None else (f"The run that was in {run.path} is now {aside}.",)
        """What happened to the directory that a person would want to know."""
        self._events: EventWriter | None = None

    # -- what it is ---------------------------------------------------------------------------------------------

    def config(self, config: RunConfig, spec: SampleSpec, provenance: Provenance, wiring: Wiring) -> None:
        """The resolved configuration, and what was found of the data and the parts before the first step."""
        sample = {key: value for key, value in asdict(spec).items() if value is not None}
        values = {**config.to_dict(), "sample": sample, "provenance": asdict(provenance), "wiring": asdict(wiring)}
        write_text(self.run.config_file, tomli_w.dumps(values))
        self.run.read_again()

    # -- what it measured ---------------------------------------------------------------------------------------

    @contextmanager
    def logging(self, step: int) -> Iterator[None]:
        """Within it, lines, grids and evaluations can be written, of the steps after `step`."""
        with closing(EventWriter(self.run.tensorboard_folder, step)) as events:
            self._events = events
            try:
                yield
            finally:
                self._events = None

    @property
    def events(self) -> EventWriter:
        """TensorBoard's, within `logging`."""
        assert self._events is not None
        return self._events

    def line(self, row: Mapping[str, Any]) -> None:
        """A line of metrics.jsonl."""
        append_row(self.run.metrics_file, row)
        for name, value in dotted(row).items():
            if name != "step":
                self.events.scalar(name.replace(".", "/", 2), value, row["step"])
        self.events.flush()

    def grid(self, image: Image.Image, step: int) -> None:
        """The grid of a step."""
        make_folder(self.run.samples_folder)
        with replacing(self.run.sample_file(step)) as temporary:
            image.save(temporary)
        self.events.image(GRIDS, image, step)
        self.events.flush()

    def evaluation(self, row: Mapping[str, Any]) -> None:
        """An evaluation made while training: only these decide which checkpoint is kept as the best."""
        self.run.append_evaluation({**row, "while_training": True})
        for name, result in row["metrics"].items():
            if result["value"] is not None:
                self.events.scalar(f"{EVALUATIONS}/{name}", result["value"], row["step"])
        self.events.flush()

    def rollback(self, row: Mapping[str, Any]) -> None:
        """A line of rollbacks.jsonl."""
        append_row(self.run.rollbacks_file, row)
        sync(self.run.rollbacks_file)
        sync(self.run.path)

    def failure(self, row: Mapping[str, Any]) -> None:
        """What ended the run."""
        write_text(self.run.failure_file, json.dumps(row))

    def divergence(self, record: Mapping[str, Any]) -> None:
        """What is needed to do a step again."""
        save_state(record, self.run.divergence_file)

    # -- what it saves ------------------------------------------------------------------------------------------

    def checkpoint(self, state: TrainState, extra: Mapping[str, Any], *, keep: int, best: int | None = None) -> None:
        """Save both networks' weights, then all that resuming needs; remove all but the newest `keep` and the best.

        In this order, so that a run whose last checkpoint is there has the weights that belong to it. There are none of
        step 0: nobody wants samples of a generator that has learnt nothing. What was logged before is on the disk
        first: what a checkpoint goes on from is never missing.
        """
        if self._events is not None:
            for path in (self.run.metrics_file, self.run.evaluations_file):
                if path.exists():
                    sync(path)
            self._events.sync()
        if state.step:
            save_weights(state.ema, self.run.generator_file)
            save_weights(state.critic, self.run.critic_file)
        self.run.checkpoint_folder.save({**state.state_dict(), **extra}, state.step, keep=keep, best=best)

    def newest_checkpoint(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The newest checkpoint that is whole, and what to tell of newer ones: they are set aside.

        Raises:
            TrainingError: none is whole, or one cannot be read and may be whole all the same.
        """
        try:
            return self.run.load_checkpoint(), ()
        except Damaged:
            return self.run.checkpoint_folder.recover()

    def rewind(self, step: int) -> None:
        """Drop what a run that was never interrupted would not have written by `step`."""
        rewind(self.run, step)

    def draw(self) -> None:
        """The animation, the film and the curves."""
        draw_evolution(self.run)

    def finish(self, *, keep: int, best: int | None) -> None:
        """Do what is left to do after the last checkpoint, unless it was done."""
        tidy(self.run)
        if not evolution_is_drawn(self.run):
            self.run.checkpoint_folder.prune(keep=keep, best=best)
            self.draw()
