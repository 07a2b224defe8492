"""Going back with a run: what an unbroken one would not have written by a step is dropped.

That is what a killed run wrote after its last checkpoint, the extra line and grid of a run's end, and files that were
not finished.
"""

from wgan.runs import tensorboard
from wgan.runs.run import Run
from wgan.system.files import sweep, write_rows


def rewind(run: Run, step: int) -> None:
    """Make a run's files those of `step`. Only who holds the run's lock may. Interrupted, it may be done again."""
    tidy(run)
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
    every_of = {tensorboard.GRIDS: output.sample_every, tensorboard.EVALUATIONS: output.evaluate_every}

    def wanted(tag: str, at: int) -> bool:
        # At step 0, nothing was told: its grid is drawn again.
        return 0 < step >= at and at % every_of.get(tensorboard.kind(tag), output.log_every) == 0

    tensorboard.rewind(run.tensorboard_folder, wanted)


def tidy(run: Run) -> None:
    """Remove files that killed processes left unfinished."""
    for folder in (run.path, run.samples_folder, run.shelf.folder):
        sweep(folder)
